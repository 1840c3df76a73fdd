//! What went wrong on the way through the Azure SDK, what to check or do next, and the one rule for Azure's "not found".
//!
//! Source: Azure Resource Manager documentation, "Troubleshoot common errors".

use crate::clock::Difference;
use crate::error::{Cause, PERMISSIONS_IN_AZURE, Service, ServiceError, Unreached, to_be_trusted};
use azure_core::error::{Error, ErrorKind};
use std::io;

const LATER: &str = "Run again later, or raise VMSS_RETRY_SECONDS";

/// What to check, by what came back.
pub(super) fn next_step(error: &TransportError) -> String {
    let (cause, host) = (&error.cause, error.host.as_str());
    let text = match error.service {
        Service::AzureCli => of_azure_cli(cause).into(),
        Service::WorkloadIdentity => {
            "Check that workload identity is set up for the worker's pod".into()
        }
        Service::ManagedIdentity => of_managed_identity(cause).into(),
        Service::EntraId => of_entra_id(cause, host),
        Service::Azure | Service::Octopus => in_azure(cause, host),
    };
    match error.clock {
        Some(clock) => {
            format!("Set this worker's clock right: it is {clock} of that service's. {text}")
        }
        None => text,
    }
}

fn of_azure_cli(cause: &Cause) -> &'static str {
    match cause {
        Cause::Failed(why) if why.starts_with("no answer") => {
            "Run az account get-access-token on this worker to see what it waits for; VMSS_REQUEST_SECONDS gives it more time"
        }
        Cause::Failed(why) if why.starts_with("there is no az") => {
            "Install the Azure CLI on this worker, or choose an Azure account and VMSS.Azure.Credential = Account"
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
            "Run again: it is busy, or being updated; if it stays, look at the health of the machine that this worker runs on"
        }
        Cause::Refused { .. } => {
            "Assign a managed identity to the machine that this worker runs on; of several user-assigned ones, name one by its client id in VMSS.Azure.Account.Client"
        }
        _ => {
            "Choose an Azure account and VMSS.Azure.Credential = Account, if this worker runs elsewhere: only machines and apps in Azure have that endpoint"
        }
    }
}

fn of_entra_id(cause: &Cause, host: &str) -> String {
    let text = match cause {
        Cause::Refused { wait: Some(_), .. } | Cause::Silent(_) => LATER,
        Cause::Refused {
            status: 408 | 429 | 500..,
            ..
        } => {
            "Run again; if it stays, look at the service health of Entra ID (https://azure.status.microsoft)"
        }
        Cause::Refused { code, message, .. } if code.is_none() && !message.contains("AADSTS") => {
            return format!(
                "Look for a proxy between this worker and {host}, for that is no answer of Entra ID's own; and check the cloud and the tenant of the Azure account"
            );
        }
        Cause::Refused { message, .. } => by_code(message),
        Cause::Untrusted(what, _) => to_be_trusted(*what),
        Cause::Unreachable(how, _) => {
            return reach(
                *how,
                host,
                "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
            );
        }
        Cause::OutOfTime | Cause::Aged | Cause::Halted => {
            return reach(Unreached::Server, host, "");
        }
        Cause::Redirected { .. }
        | Cause::Unreadable(_)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_)
        | Cause::Partial(_) => {
            return format!(
                "Look for a proxy between this worker and {host} (HTTPS_PROXY, NO_PROXY), or a login page"
            );
        }
    };
    text.to_owned()
}

/// What to do where nothing came back from a host that this parameter may have named.
fn reach(how: Unreached, host: &str, parameter: &str) -> String {
    match how {
        Unreached::Server => {
            format!("Check that this worker reaches {host} (firewall, HTTPS_PROXY), and run again")
        }
        Unreached::Proxy => format!(
            "Check HTTPS_PROXY, and that the proxy lets this worker reach {host}; NO_PROXY names what is reached without it"
        ),
        Unreached::Name => format!(
            "Check that this worker can resolve {host} (DNS, or HTTPS_PROXY where only a proxy can), and {parameter} and VMSS.Azure.Account.AzureEnvironment where they are set"
        ),
        Unreached::SpeaksNoTls | Unreached::SpeaksNoPlainHttp => {
            format!("Check {parameter}: it takes an address that speaks https, and {host} does not")
        }
    }
}

/// What to check when Entra ID refuses, by its own code. Source: "Microsoft Entra authentication and authorization error
/// codes" at learn.microsoft.com.
fn by_code(message: &str) -> &'static str {
    const TENANT: &str =
        "Check the tenant id of the Azure account (VMSS.Azure.Account), and its cloud";
    const FEDERATION: &str = "Check the federated credential of the application in Entra ID: its issuer, subject and audience must be those of the token, which is Octopus's for this account and space, or the cluster's for the pod of this worker";
    // Whole codes: 70021 begins like 700211, which means something else.
    let mut codes = message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.strip_prefix("AADSTS"));
    match codes.next().unwrap_or_default() {
        "7000215" => {
            "Check the secret of the Azure account (VMSS.Azure.Account): it takes the secret's value, not the secret's id"
        }
        "7000222" => {
            "Make a new client secret in Entra ID (App registrations > the application > Certificates & secrets) and put it into the Azure account (VMSS.Azure.Account): the old one has expired"
        }
        "700016" => {
            "Check the application (client) id and the tenant of the Azure account (VMSS.Azure.Account)"
        }
        "7000112" => {
            "Enable the application in Entra ID, where it is disabled, or choose another Azure account"
        }
        "7000229" => {
            "Check the tenant of the Azure account, or grant the application consent there: it has no service principal in this tenant"
        }
        "90002" | "900021" | "900023" => TENANT,
        "700024" => {
            "Compare the clocks of this worker and of Octopus Server with the time in Entra ID's answer: the token of the account has expired, or is not valid yet. A run that waits long outlives its token: lower VMSS.Timeout.Value, or use an account with a client secret"
        }
        "700027" | "70021" | "700211" | "700212" | "700213" | "70025" => FEDERATION,
        "50027" => {
            "Choose an Azure account with OpenID Connect for VMSS.Azure.Account: the token of this one is none that Entra ID can read"
        }
        "500011" => {
            "Check the cloud of the Azure account (VMSS.Azure.Account.AzureEnvironment): this tenant does not know that cloud's Resource Manager"
        }
        "900382" => {
            "Check VMSS.Azure.Account.AzureEnvironment: the tenant belongs to another cloud"
        }
        "53003" => {
            "Let this worker's address in, or exclude the application: a conditional access policy of the tenant blocks it"
        }
        _ => {
            "Check the Azure account (VMSS.Azure.Account; in Octopus Deploy > Manage > Accounts): tenant, client id and secret"
        }
    }
}

fn in_azure(cause: &Cause, host: &str) -> String {
    const MANAGER: &str = "VMSS.Azure.Account.ResourceManagementEndpointBaseUri";
    match cause {
        Cause::Refused { wait: Some(_), .. } | Cause::Silent(_) => {
            "Run less often, let fewer runs read the same scale set, or raise VMSS_RETRY_SECONDS"
                .into()
        }
        Cause::Refused { status, code, .. } => match (*status, code.as_deref()) {
            (400 | 403..=407, None | Some("")) => format!(
                "Look for a proxy between this worker and {host}, and check {MANAGER}: that is no answer of Azure's own"
            ),
            (status, code) => by_status(status, code.unwrap_or_default()),
        },
        Cause::Untrusted(what, _) => to_be_trusted(*what).into(),
        Cause::Unreachable(how, _) => reach(*how, host, MANAGER),
        Cause::OutOfTime | Cause::Aged | Cause::Halted => reach(Unreached::Server, host, MANAGER),
        Cause::Redirected { .. }
        | Cause::Unreadable(_)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_)
        | Cause::Partial(_) => format!(
            "Look for a proxy between this worker and {host} (HTTPS_PROXY, NO_PROXY), or a login page"
        ),
    }
}

/// What to check when Azure itself refuses.
fn by_status(status: u16, code: &str) -> String {
    let is = |known: &str| code.eq_ignore_ascii_case(known);
    let what = NotFound::of_code(code);
    let text = match status {
        403 => {
            return format!(
                "Give the account the Reader role on the subscription, or on the resource group; see {PERMISSIONS_IN_AZURE}"
            );
        }
        401 if is("ExpiredAuthenticationToken") => {
            "Run again; if it stays, compare this worker's clock with the time in Azure's answer"
        }
        401 => {
            "Check that the account's tenant is the one of the subscription (VMSS.Azure.Account.TenantId, VMSS.Azure.Account.SubscriptionNumber), and that the cloud is the right one"
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
            "Check VMSS.ScaleSet.Name, VMSS.ResourceGroup.Name and the Azure account (VMSS.Azure.Account)"
        }
        _ => {
            "Run again; if it stays, look at Azure's service health (https://azure.status.microsoft)"
        }
    };
    text.into()
}

/// What came back, on its way through the SDK's errors.
#[derive(Debug, thiserror::Error)]
#[error("{service} {cause}")]
pub(super) struct TransportError {
    pub(super) service: Service,
    pub(super) cause: Cause,
    /// Which host was asked; empty where none was.
    pub(super) host: String,
    /// How far this machine's clock is from the service's, where that may be why it refused.
    pub(super) clock: Option<Difference>,
}

impl TransportError {
    pub(super) fn new(service: Service, host: impl Into<String>, cause: Cause) -> Self {
        Self {
            service,
            cause,
            host: host.into(),
            clock: None,
        }
    }

    /// What was attempted, where the question was this. Whoever only signs in has not asked it yet.
    pub(super) fn attempted(&self, question: &str) -> String {
        let to = format!("to {question}");
        match self.service {
            Service::Azure | Service::Octopus => question.to_owned(),
            Service::EntraId => format!("sign in to Azure at {}, {to}", self.host),
            Service::ManagedIdentity => {
                format!("sign in to Azure by managed identity, {to}")
            }
            Service::WorkloadIdentity => {
                format!("sign in to Azure by workload identity, {to}")
            }
            Service::AzureCli => format!("sign in to Azure by the Azure CLI, {to}"),
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
            host: Box::default(),
            cause: Cause::Refused {
                status,
                code: code.map(Into::into),
                message: Box::default(),
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
