//! Why Entra ID gives no token, in its own codes and nearly its own words.
//!
//! Sources: "Microsoft Entra authentication and authorization error codes" at learn.microsoft.com; the words, statuses
//! and shapes as public issues quote them, for example Azure/login 180, 482 and 517, Azure/azure-workload-identity 616,
//! Azure/sap-automation 418, microsoft/AzureTRE 1475, dotnet/sign 849 and Worklytics/psoxy 74.

use super::{Azure, vm};
use crate::clock::{self, Time};
use crate::http::Answer;
use crate::jwt::Claims;
use serde_json::json;

/// One refusal of a token.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

fn refusal(status: u16, error: &'static str, code: u32, text: impl Into<String>) -> Refusal {
    let text = text.into();
    Refusal {
        status,
        error,
        code,
        text,
    }
}

pub(crate) fn unknown_tenant(tenant: &str) -> Refusal {
    let text = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
         correct cloud. Check with your subscription administrator, this may happen if there are no active \
         subscriptions for the tenant."
    );
    refusal(400, "invalid_request", 90002, text)
}

pub(crate) fn grant_type() -> Refusal {
    let text = "The app requested an unsupported grant type.";
    refusal(400, "unsupported_grant_type", 70003, text)
}

pub(crate) fn unknown_application(id: &str, tenant: &str) -> Refusal {
    let text = format!(
        "Application with identifier '{id}' was not found in the directory '{tenant}'. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You may have sent your authentication request to the wrong tenant."
    );
    refusal(400, "unauthorized_client", 700016, text)
}

pub(crate) fn disabled_application(id: &str) -> Refusal {
    let text = format!("Application '{id}'(sandbox) is disabled.");
    refusal(400, "unauthorized_client", 7000112, text)
}

pub(crate) fn scope(scope: &str) -> Refusal {
    let text = format!("The provided value for the input parameter 'scope' is not valid: {scope}");
    refusal(400, "invalid_scope", 70011, text)
}

pub(crate) fn no_credential() -> Refusal {
    let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    refusal(401, "invalid_client", 7000218, text)
}

pub(crate) fn wrong_secret(id: &str) -> Refusal {
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not \
         the client secret ID, for a secret added to app '{id}'."
    );
    refusal(401, "invalid_client", 7000215, text)
}

pub(crate) fn expired_secret(id: &str) -> Refusal {
    let text = format!(
        "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to create new keys for \
         your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: \
         https://aka.ms/certCreds."
    );
    refusal(401, "invalid_client", 7000222, text)
}

pub(crate) fn assertion_type() -> Refusal {
    let text = "Invalid request. Request is malformed or invalid.";
    refusal(400, "invalid_request", 9002313, text)
}

pub(crate) fn no_jwt() -> Refusal {
    let text = "JWT token is invalid or malformed.";
    refusal(401, "invalid_client", 50027, text)
}

pub(crate) fn outside_its_time(now: Time, claims: &Claims) -> Refusal {
    let or_epoch = |at: Option<Time>| clock::entra(at.unwrap_or(Time::UNIX_EPOCH));
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time \
         of assertion {}. Review the documentation at \
         https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        clock::entra(now),
        or_epoch(claims.not_before),
        or_epoch(claims.expires)
    );
    refusal(401, "invalid_client", 700024, text)
}

const FEDERATION: &str =
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

/// The application trusts no issuer at all.
pub(crate) fn no_federation(claims: &Claims) -> Refusal {
    let text = format!(
        "No matching federated identity record found for presented assertion. Assertion Issuer: '{}'. Assertion \
         Subject: '{}'. Assertion Audience: '{}'. {FEDERATION}",
        claims.issuer,
        claims.subject,
        claims.audience.as_deref().unwrap_or_default()
    );
    refusal(400, "invalid_request", 70021, text)
}

pub(crate) fn federated_issuer(issuer: &str) -> Refusal {
    no_match(700211, "issuer", issuer)
}

pub(crate) fn federated_audience(audience: &str) -> Refusal {
    no_match(700212, "audience", audience)
}

pub(crate) fn federated_subject(subject: &str) -> Refusal {
    no_match(700213, "subject", subject)
}

fn no_match(code: u32, part: &str, value: &str) -> Refusal {
    let text = format!(
        "No matching federated identity record found for presented assertion {part} '{value}'. Check your federated \
         identity credential Subject, Audience and Issuer against the presented assertion. {FEDERATION}"
    );
    refusal(401, "invalid_client", code, text)
}

impl Refusal {
    /// The description ends in lines of their own, parted by CR LF, as Entra ID's do.
    pub fn answer(self, azure: &mut Azure) -> Answer {
        let Self {
            status,
            error,
            code,
            text,
        } = self;
        let trace = vm::guid(azure.next_serial());
        let correlation = vm::guid(azure.next_serial());
        let at = clock::octopus(azure.now()).replace('T', " ");
        let at = format!("{}Z", &at[..19]);
        Answer::json(
            status,
            json!({
                "error": error,
                "error_description": format!(
                    "AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {at}"
                ),
                "error_codes": [code],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
            }),
        )
    }
}
