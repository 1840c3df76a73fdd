//! The one rule for Azure's "not found": what it is that was not found.
//!
//! Source: Azure Resource Manager documentation, "Troubleshoot common errors".

use crate::error::{Cause, Service, ServiceError};

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    /// The subscription.
    Subscription,
    /// The kind of resource: this cloud, or its version, does not know it.
    Kind,
    /// The resource group.
    ResourceGroup,
    /// What the resource is a part of: the scale set of an instance.
    Parent,
    /// What was asked for. A code that this program does not know counts as this one.
    Itself,
    /// Azure does not say: its code is empty.
    Unsaid,
}

/// What was not found, if that is what Azure itself says. What issues its tokens cannot say so, and a 404 without a code
/// is none of Azure's own.
#[must_use]
pub fn not_found(error: &ServiceError) -> Option<NotFound> {
    let code = match &error.cause {
        Cause::Refused {
            status: 404,
            code: Some(code),
            ..
        } if error.service == Service::Azure => code.trim(),
        _ => return None,
    };
    const CODES: [(&str, NotFound); 7] = [
        ("", NotFound::Unsaid),
        ("SubscriptionNotFound", NotFound::Subscription),
        ("InvalidSubscriptionId", NotFound::Subscription),
        ("InvalidResourceType", NotFound::Kind),
        ("NoRegisteredProviderFound", NotFound::Kind),
        ("ResourceGroupNotFound", NotFound::ResourceGroup),
        ("ParentResourceNotFound", NotFound::Parent),
    ];
    let known = CODES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(code));
    Some(known.map_or(NotFound::Itself, |(_, what)| *what))
}

#[cfg(test)]
mod tests {
    use super::{NotFound, not_found};
    use crate::error::{Cause, Service, ServiceError};

    fn refused(service: Service, status: u16, code: Option<&str>) -> ServiceError {
        ServiceError {
            service,
            attempted: String::new(),
            cause: Cause::Refused {
                status,
                code: code.map(str::to_owned),
                message: String::new(),
                wait: None,
                tries: 1,
            },
            next: String::new(),
        }
    }

    #[test]
    fn only_azures_own_404_with_a_code_says_what_was_not_found() {
        for (code, what) in [
            ("ResourceNotFound", NotFound::Itself),
            ("NotFound", NotFound::Itself),
            ("resourcegroupnotfound", NotFound::ResourceGroup),
            ("ParentResourceNotFound", NotFound::Parent),
            ("SubscriptionNotFound", NotFound::Subscription),
            ("InvalidResourceType", NotFound::Kind),
            (" ", NotFound::Unsaid),
        ] {
            let error = refused(Service::Azure, 404, Some(code));
            assert_eq!(not_found(&error), Some(what), "{code}");
        }
        for error in [
            refused(Service::Azure, 404, None),
            refused(Service::Azure, 403, Some("ResourceNotFound")),
            refused(Service::EntraId, 404, Some("ResourceNotFound")),
        ] {
            assert_eq!(not_found(&error), None, "{error}");
        }
    }
}
