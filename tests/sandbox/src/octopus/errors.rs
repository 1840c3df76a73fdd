//! Errors in Octopus's shape: `ErrorMessage` and `Errors`.

use crate::http::{Answer, Call};
use crate::limiter::{Decision, RateLimit};
use serde_json::json;

pub(crate) fn error(status: u16, message: &str) -> Answer {
    Answer::json(
        status,
        json!({ "ErrorMessage": message, "Errors": [message] }),
    )
}

pub(crate) fn bad_request(problem: &str) -> Answer {
    Answer::json(
        400,
        json!({
            "ErrorMessage": "There was a problem with your request.",
            "Errors": [problem],
            "ParsedHelpLinks": [],
            "Details": {},
        }),
    )
}

pub(crate) fn not_signed_in() -> Answer {
    error(
        401,
        "You must be logged in to request this resource. Please provide a valid API key or log in again.",
    )
}

pub(crate) fn bad_key() -> Answer {
    error(
        401,
        "The API key you provided was not valid. Please double-check your API key and try again.",
    )
}

/// Source for the words: github.com/OctopusDeploy/Issues, for example 7181.
pub(crate) fn missing_permission(permission: &str) -> Answer {
    error(
        403,
        &format!(
            "You do not have permission to perform this action. Please contact your Octopus administrator. \
             Missing permission: {permission}"
        ),
    )
}

/// The second line stands below a refused health check. Source: github.com/OctopusDeploy/Issues, 6552.
pub(crate) fn missing_machine_edit() -> Answer {
    error(
        403,
        "You do not have permission to perform this action. Please contact your Octopus administrator. \
         Missing permission: MachineEdit\n\
         You must have permission to edit machines in at least one of the environments that this machine belongs to.",
    )
}

/// The words are made up.
pub(crate) fn read_only_key() -> Answer {
    error(
        403,
        "The API key that you used may only read. Please use a key with full access.",
    )
}

pub(crate) fn not_found(id: &str) -> Answer {
    error(404, &format!("The resource '{id}' was not found."))
}

/// What a server says that does not know what later ones do.
pub(crate) fn unknown_question() -> Answer {
    error(404, "The resource you requested was not found.")
}

pub(crate) fn no_such_address(call: &Call) -> Answer {
    error(
        404,
        &format!(
            "The sandbox's Octopus does not know {} {}.",
            call.method, call.path
        ),
    )
}

pub(crate) fn too_many_requests(limit: &RateLimit, decision: Decision) -> Answer {
    let answer = error(429, "Too many requests. Please try again later.");
    if limit.retry_after {
        answer.with_header("Retry-After", decision.seconds_to_next.to_string())
    } else {
        answer
    }
}
