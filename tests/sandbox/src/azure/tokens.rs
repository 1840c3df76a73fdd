//! Access tokens: what was issued, to whom, and whether Resource Manager accepts it.

use super::{Azure, errors, vm};
use crate::http::{Answer, Call};
use std::time::{Duration, Instant};

/// An application or a managed identity, as refusals name it.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub client_id: String,
    pub object_id: String,
}

/// What was issued.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub holder: Principal,
    audience: String,
    expires: Instant,
    expired: bool,
}

impl Token {
    pub fn expire(&mut self) {
        self.expired = true;
    }
}

impl Azure {
    /// The application of the tenant.
    pub(crate) fn application(&self) -> Principal {
        Principal {
            client_id: self.client_id.clone(),
            object_id: self.object_id.clone(),
        }
    }

    /// The audiences whose tokens Resource Manager accepts.
    pub(crate) fn accepted_audiences(&self) -> impl Iterator<Item = &str> {
        self.audiences
            .iter()
            .chain([&self.origin])
            .map(String::as_str)
    }

    /// A token for an audience; a slash at its end makes no difference.
    pub(crate) fn issue(&mut self, audience: &str, holder: Principal) -> String {
        let token = format!("sandbox-token-{}", vm::guid(self.next_serial()));
        let expires = Instant::now() + self.token_lifetime;
        self.tokens.insert(
            token.clone(),
            Token {
                holder,
                audience: audience.trim_end_matches('/').to_owned(),
                expires,
                expired: false,
            },
        );
        token
    }
}

/// The token that the request shows, if Resource Manager accepts it.
pub(crate) fn check<'a>(azure: &'a Azure, call: &Call) -> Result<&'a Token, Answer> {
    let Some(header) = call.header("authorization") else {
        let text = "Authentication failed. The 'Authorization' header is missing.";
        return Err(errors::unauthorized("AuthenticationFailed", text));
    };
    let token = header
        .strip_prefix("Bearer ")
        .and_then(|token| azure.tokens.get(token));
    let Some(token) = token else {
        return Err(errors::unauthorized(
            "InvalidAuthenticationToken",
            "The access token is invalid.",
        ));
    };
    let left = token.expires.saturating_duration_since(Instant::now());
    if token.expired || left == Duration::ZERO {
        let text = "The access token expiry UTC time is earlier than current UTC time.";
        return Err(errors::unauthorized("ExpiredAuthenticationToken", text));
    }
    if !azure
        .accepted_audiences()
        .any(|accepted| accepted.eq_ignore_ascii_case(&token.audience))
    {
        let text = format!(
            "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with one \
             of the allowed audiences '{}'.",
            token.audience,
            azure.accepted_audiences().collect::<Vec<_>>().join("','")
        );
        return Err(errors::unauthorized(
            "InvalidAuthenticationTokenAudience",
            &text,
        ));
    }
    Ok(token)
}
