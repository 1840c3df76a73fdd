//! Entra ID: which application gets a token.
//!
//! Sources: "Microsoft identity platform and the OAuth 2.0 client credentials flow" and "Microsoft Entra
//! authentication and authorization error codes" at learn.microsoft.com.

use super::routes::Address;
use super::tokens::Principal;
use super::{Azure, vm};
use crate::clock;
use crate::http::{Answer, Call, form};
use serde_json::json;

pub(crate) fn token(azure: &mut Azure, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let fields = form(&body);
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    if !address.tenant.eq_ignore_ascii_case(&azure.tenant) {
        return Err(refusal(
            azure,
            400,
            "invalid_request",
            90002,
            &no_tenant(&address.tenant),
        ));
    }
    if field("grant_type") != "client_credentials" {
        let text = "The app requested an unsupported grant type.";
        return Err(refusal(azure, 400, "unsupported_grant_type", 70003, text));
    }
    if field("client_id") != azure.client_id {
        let text = format!(
            "Application with identifier '{}' was not found in the directory.",
            field("client_id")
        );
        return Err(refusal(azure, 400, "unauthorized_client", 700016, &text));
    }
    check_credential(azure, &field)?;
    let Some(audience) = field("scope").strip_suffix("/.default") else {
        let text = format!(
            "The provided value for the input parameter 'scope' is not valid: {}",
            field("scope")
        );
        return Err(refusal(azure, 400, "invalid_scope", 70011, &text));
    };
    let lifetime = azure.token_lifetime.as_secs();
    let application = Principal {
        client_id: azure.client_id.clone(),
        object_id: azure.object_id.clone(),
    };
    let token = azure.issue(audience, application);
    Ok(Answer::ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": token,
    })))
}

fn check_credential<'f>(azure: &mut Azure, field: &impl Fn(&str) -> &'f str) -> Result<(), Answer> {
    let assertion = field("client_assertion");
    if assertion.is_empty() {
        if field("client_secret") == azure.client_secret {
            return Ok(());
        }
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{}'.",
            azure.client_id
        );
        return Err(refusal(azure, 401, "invalid_client", 7000215, &text));
    }
    if azure.federated_token.as_deref() == Some(assertion) {
        return Ok(());
    }
    let text = "Client assertion failed signature validation or names no federated identity of the application.";
    Err(refusal(azure, 401, "invalid_client", 700027, text))
}

fn no_tenant(tenant: &str) -> String {
    format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
         correct cloud."
    )
}

/// The description ends in lines of their own, parted by CR LF, as Entra ID's do.
fn refusal(azure: &mut Azure, status: u16, error: &str, code: u32, text: &str) -> Answer {
    let trace = vm::guid(azure.next_serial());
    let correlation = vm::guid(azure.next_serial());
    let at = clock::octopus(clock::now()).replace('T', " ");
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

pub(crate) fn configuration(azure: &Azure, call: &Call, address: &Address) -> Answer {
    let base = format!("{}/{}", call.origin, address.tenant);
    Answer::ok(json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "issuer": format!("{base}/v2.0"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": azure.origin,
    }))
}
