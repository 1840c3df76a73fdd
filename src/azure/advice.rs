//! What went wrong on the way through the Azure SDK, what to check or do next, and the one rule for Azure's "not found".
//!
//! Source: Azure Resource Manager documentation, "Troubleshoot common errors".

use crate::clock::Difference;
use crate::error::{Cause, Service, ServiceError, to_be_trusted};
use azure_core::error::{Error, ErrorKind};
use std::io;

const LATER: &str = "Run again later, or raise VMSS_RETRY_SECONDS";

/// What to check, by what came back.
pub(super) fn next_step(error: &TransportError) -> String {
    let cause = &error.cause;
    let text = match error.service {
        Service::AzureCli => of_azure_cli(cause),
        Service::WorkloadIdentity => "Check that workload identity is set up for the worker's pod",
        Service::ManagedIdentity => of_managed_identity(cause),
        Service::EntraId => of_entra_id(cause),
        Service::Azure | Service::Octopus => in_azure(cause),
    };
    match error.clock {
        Some(clock) => {
            format!("This worker's clock is {clock} of that service's: set it right. {text}")
        }
        None => text.into(),
    }
}

fn of_azure_cli(cause: &Cause) -> &'static str {
    match cause {
        Cause::Failed(why) if why.starts_with("no answer") => {
            "Run az account get-access-token on this worker to see what it waits for; VMSS_REQUEST_SECONDS gives it more time"
        }
        _ => {
            "Log in on this worker (az login), or choose an Azure account and VMSS.Azure.Credential = Account"
        }
    }
}

fn of_managed_identity(cause: &Cause) -> &'static str {
    match cause {
        Cause::Refused { wait: Some(_), .. } | Cause::Silent(_) => LATER,
        Cause::Refused {
            status: 408 | 410 | 429 | 500..,
            ..
        } => {
            "It is busy, or being updated: run again; if it stays, look at the health of the machine that this worker runs on"
        }
        Cause::Refused { .. } => {
            "Assign a managed identity to the machine that this worker runs on; of several user-assigned ones, name one by its client id in VMSS.Azure.Account.Client"
        }
        _ => {
            "Only machines and apps in Azure have that endpoint: if this worker runs elsewhere, choose an Azure account and VMSS.Azure.Credential = Account"
        }
    }
}

fn of_entra_id(cause: &Cause) -> &'static str {
    match cause {
        Cause::Refused { wait: Some(_), .. } | Cause::Silent(_) => LATER,
        Cause::Refused {
            status: 408 | 429 | 500..,
            ..
        } => "Run again; if it stays, look at the service health of Entra ID",
        Cause::Refused { code, message, .. } if code.is_none() && !message.contains("AADSTS") => {
            "That is no answer of Entra ID's own: look for a proxy between this worker and Entra ID, and check the cloud and the tenant of the Azure account"
        }
        Cause::Refused { message, .. } => by_code(message),
        Cause::Untrusted(what, _) => to_be_trusted(*what),
        Cause::Unreachable(_) | Cause::OutOfTime | Cause::Aged => {
            "Check the worker's network and proxy, and run again"
        }
        Cause::Redirected { .. }
        | Cause::Unreadable(_)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_) => "Look for a proxy between this worker and Entra ID",
    }
}

/// What to check when Entra ID refuses, by its own code. Source: "Microsoft Entra authentication and authorization error
/// codes" at learn.microsoft.com.
fn by_code(message: &str) -> &'static str {
    const TENANT: &str = "Check the tenant id of the Azure account in Octopus, and its cloud";
    const FEDERATION: &str = "Check the federated credential of the application in Entra ID: its issuer, subject and audience must be those of the token, which is Octopus's for this account and space, or the cluster's for the pod of this worker";
    // Whole codes: 70021 begins like 700211, which means something else.
    let mut codes = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix("AADSTS"));
    match codes.next().unwrap_or_default() {
        "7000215" => {
            "Check the Azure account in Octopus: it takes the secret's value, not the secret's id"
        }
        "7000222" => {
            "The client secret has expired: make a new one and put it into the Azure account in Octopus"
        }
        "700016" => {
            "Check the application (client) id and the tenant of the Azure account in Octopus"
        }
        "7000112" => {
            "The application is disabled: enable it in Entra ID, or choose another Azure account"
        }
        "7000229" => {
            "The application has no service principal in this tenant: check the tenant, or grant the application consent there"
        }
        "90002" | "900021" | "900023" => TENANT,
        "700024" => {
            "The token of the account has expired, or is not valid yet: compare the clocks of this worker and of Octopus Server with the time in Entra ID's answer. A run that waits long outlives its token: lower VMSS.Timeout.Value, or use an account with a client secret"
        }
        "700027" | "70021" | "700211" | "700212" | "700213" | "70025" => FEDERATION,
        "50027" => {
            "The token of the account is none that Entra ID can read: choose an Azure account with OpenID Connect for VMSS.Azure.Account"
        }
        "500011" => {
            "Check the cloud of the Azure account in Octopus (VMSS.Azure.Account.AzureEnvironment): this tenant does not know that cloud's Resource Manager"
        }
        "900382" => {
            "The tenant belongs to another cloud: check VMSS.Azure.Account.AzureEnvironment"
        }
        "53003" => {
            "A conditional access policy blocks the application: let this worker's address in, or exclude the application"
        }
        _ => "Check the Azure account in Octopus: tenant, client id and secret",
    }
}

fn in_azure(cause: &Cause) -> &'static str {
    let (status, code) = match cause {
        Cause::Refused { wait: Some(_), .. } | Cause::Silent(_) => {
            return "Run less often, let fewer runs read the same scale set, or raise VMSS_RETRY_SECONDS";
        }
        Cause::Refused { status, code, .. } => (*status, code.as_deref().unwrap_or_default()),
        Cause::Untrusted(what, _) => return to_be_trusted(*what),
        Cause::Unreachable(_) | Cause::OutOfTime | Cause::Aged => {
            return "Check the worker's network and proxy, and run again";
        }
        Cause::Redirected { .. }
        | Cause::Unreadable(_)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_) => return "Look for a proxy between this worker and Azure",
    };
    let is = |known: &str| code.eq_ignore_ascii_case(known);
    let what = NotFound::of_code(code);
    match status {
        400 | 403..=407 if code.is_empty() => {
            "That is no answer of Azure's own: look for a proxy between this worker and Azure, and check VMSS.Azure.Account.ResourceManagementEndpointBaseUri"
        }
        403 => {
            "Give the account the Reader role on the resource group, or better on the subscription (https://github.com/octopus-scale-in/octopus-scale-in/blob/main/docs/permissions.md)"
        }
        401 if is("ExpiredAuthenticationToken") => {
            "Run again; if it stays, compare this worker's clock with the time in Azure's answer"
        }
        401 => {
            "Check that the account's tenant is the one of the subscription, and that the cloud is the right one"
        }
        404 if what == NotFound::Subscription => {
            "Check VMSS.Azure.Account.SubscriptionNumber, and that the account may see that subscription"
        }
        400 if what == NotFound::Subscription => "Check VMSS.Azure.Account.SubscriptionNumber",
        404 if what == NotFound::ResourceGroup => "Check VMSS.ResourceGroup.Name",
        400 | 404 if what == NotFound::Kind => {
            "Check VMSS.Azure.Account.AzureEnvironment: this cloud does not know what every cloud of Azure knows"
        }
        409 if is("MissingSubscriptionRegistration") => {
            "Check VMSS.Azure.Account.SubscriptionNumber: that subscription never had a scale set"
        }
        404 => "Check VMSS.ScaleSet.Name and VMSS.ResourceGroup.Name",
        429 => "Run less often, or let fewer runs read the same scale set",
        400..=499 => {
            "Check the names of the scale set and its resource group, and the Azure account"
        }
        _ => "Run again; if it stays, look at Azure's service health",
    }
}

/// What came back, on its way through the SDK's errors.
#[derive(Debug, thiserror::Error)]
#[error("{service} {cause}")]
pub(super) struct TransportError {
    pub(super) service: Service,
    pub(super) cause: Cause,
    /// How far this machine's clock is from the service's, where that may be why it refused.
    pub(super) clock: Option<Difference>,
}

impl TransportError {
    pub(super) fn new(service: Service, cause: Cause) -> Self {
        Self {
            service,
            cause,
            clock: None,
        }
    }

    /// As an error of the SDK, which does not try again.
    pub(super) fn into_sdk(self) -> Error {
        let text = self.to_string();
        Error::with_error(ErrorKind::Other, self, text)
    }
}

/// What came back, if our side of the SDK said so somewhere below this error.
pub(super) fn find_in(error: &Error) -> Option<&TransportError> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        // An I/O error is no source of what it holds.
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let held = held.and_then(|held| held.downcast_ref::<TransportError>());
        if let Some(found) = held.or_else(|| error.downcast_ref::<TransportError>()) {
            return Some(found);
        }
        source = error.source();
    }
    None
}

/// What lies at the bottom of an SDK's error; above it stand names that only the SDK's authors know.
pub(super) fn innermost(error: &Error) -> String {
    let mut innermost: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

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

impl NotFound {
    /// What a code of Azure's says was not found.
    fn of_code(code: &str) -> Self {
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
            .find(|(known, _)| known.eq_ignore_ascii_case(code.trim()));
        known.map_or(Self::Itself, |(_, what)| *what)
    }
}

/// What was not found, if that is what Azure itself says. What issues its tokens cannot say so, and a 404 without a code
/// is none of Azure's own.
#[must_use]
pub fn not_found(error: &ServiceError) -> Option<NotFound> {
    match &error.cause {
        Cause::Refused {
            status: 404,
            code: Some(code),
            ..
        } if error.service == Service::Azure => Some(NotFound::of_code(code)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{NotFound, not_found};
    use crate::error::{Cause, Service, ServiceError, Speaker};

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
                speaker: Speaker::Service,
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
