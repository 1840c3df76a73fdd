//! What to check or do next, by what came back from Azure or from what issues its tokens.

use super::transport_error::TransportError;
use crate::error::{Cause, Service, to_be_trusted};

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
        Cause::Unreachable(_) | Cause::OutOfTime => {
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
        Cause::Unreachable(_) | Cause::OutOfTime => {
            return "Check the worker's network and proxy, and run again";
        }
        Cause::Redirected { .. }
        | Cause::Unreadable(_)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::NotKnown(_) => return "Look for a proxy between this worker and Azure",
    };
    let is = |known: &str| code.eq_ignore_ascii_case(known);
    match status {
        400 | 403..=407 if code.is_empty() => {
            "That is no answer of Azure's own: look for a proxy between this worker and Azure, and check VMSS.Azure.Account.ResourceManagementEndpointBaseUri"
        }
        403 => {
            "Give the account the Reader role on the resource group, or better on the subscription (README, Permissions in Azure)"
        }
        401 if is("ExpiredAuthenticationToken") => {
            "Run again; if it stays, compare this worker's clock with the time in Azure's answer"
        }
        401 => {
            "Check that the account's tenant is the one of the subscription, and that the cloud is the right one"
        }
        404 if is("SubscriptionNotFound") => {
            "Check VMSS.Azure.Account.SubscriptionNumber, and that the account may see that subscription"
        }
        400 if is("InvalidSubscriptionId") => "Check VMSS.Azure.Account.SubscriptionNumber",
        404 if is("ResourceGroupNotFound") => "Check VMSS.ResourceGroup.Name",
        400 | 404 if is("NoRegisteredProviderFound") || is("InvalidResourceType") => {
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
