//! Errors in Azure Resource Manager's shape: `error.code` and `error.message`.
//!
//! Source: learn.microsoft.com, "Common error codes" of Azure Resource Manager, and its troubleshooting pages.

use super::routes::Address;
use crate::http::Answer;
use serde_json::json;

pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        json!({ "error": { "code": code, "message": message } }),
    )
}

pub(crate) fn unauthorized(code: &str, message: &str) -> Answer {
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\", error_description=\"{message}\""
    );
    error(401, code, message).with_header("WWW-Authenticate", challenge)
}

pub(crate) fn forbidden(client: &str, object: &str, action: &str, scope: &str) -> Answer {
    error(
        403,
        "AuthorizationFailed",
        &format!(
            "The client '{client}' with object id '{object}' does not have authorization to perform action \
             '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please \
             refresh your credentials."
        ),
    )
}

pub(crate) fn no_subscription(id: &str) -> Answer {
    let shaped = id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if shaped {
        error(
            404,
            "SubscriptionNotFound",
            &format!("The subscription '{id}' could not be found."),
        )
    } else {
        let message =
            format!("The provided subscription identifier '{id}' is malformed or invalid.");
        error(400, "InvalidSubscriptionId", &message)
    }
}

pub(crate) fn no_group(name: &str) -> Answer {
    error(
        404,
        "ResourceGroupNotFound",
        &format!("Resource group '{name}' could not be found."),
    )
}

pub(crate) fn no_resource(kind: &str, name: &str, group: &str) -> Answer {
    error(
        404,
        "ResourceNotFound",
        &format!(
            "The Resource 'Microsoft.Compute/{kind}/{name}' under resource group '{group}' was not found. For more \
             details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
}

pub(crate) fn no_instance(code: &str, address: &Address) -> Answer {
    let message = format!(
        "The instance {} of the scale set {} was not found.",
        address.machine, address.set
    );
    error(404, code, &message)
}

pub(crate) fn no_version() -> Answer {
    let message = "The api-version query parameter (?api-version=) is required for all requests.";
    error(400, "MissingApiVersionParameter", message)
}

pub(crate) fn unknown_version(kind: &str, asked: &str, known: &[String]) -> Answer {
    error(
        400,
        "NoRegisteredProviderFound",
        &format!(
            "No registered resource provider found for location 'westeurope' and API version '{asked}' for type \
             '{kind}'. The supported api-versions are '{}'. The supported locations are 'westeurope'.",
            known.join(", ")
        ),
    )
}

pub(crate) fn bad_parameter(name: &str, problem: &str) -> Answer {
    error(
        400,
        "InvalidParameter",
        &format!("The value of parameter {name} is invalid: {problem}"),
    )
}
