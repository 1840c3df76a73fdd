//! Federated tokens, in the form of a JWT.

use crate::clock::{self, Time};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::fmt;

/// The audience that Entra ID wants in a federated token.
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";

/// A federated token as Octopus or a Kubernetes cluster issues it. Its signature is junk, and is not looked at.
///
/// ```
/// use sandbox::{Jwt, Sandbox};
///
/// let sandbox = Sandbox::start();
/// let token = Jwt::of("space:default:project:reconcile");
/// sandbox.world(|world| world.azure.trust(&token));
/// // What the program is given:
/// assert_eq!(token.to_string().split('.').count(), 3);
/// ```
#[derive(Clone, Debug)]
pub struct Jwt {
    /// Who issued it: `iss`.
    pub issuer: String,
    /// Whom it speaks for: `sub`.
    pub subject: String,
    /// Who should take it: `aud`.
    pub audience: String,
    /// From when on it is good: `nbf`.
    pub not_before: Time,
    /// Until when it is good: `exp`.
    pub expires: Time,
}

impl Jwt {
    /// For this subject, to be exchanged at Entra ID, from now on and for an hour.
    pub fn of(subject: &str) -> Self {
        Self {
            issuer: "https://issuer.sandbox.example".to_owned(),
            subject: subject.to_owned(),
            audience: AUDIENCE.to_owned(),
            not_before: clock::now(),
            expires: clock::now() + clock::hours(1),
        }
    }

    /// The same, good between these times.
    pub fn valid(mut self, not_before: Time, expires: Time) -> Self {
        self.not_before = not_before;
        self.expires = expires;
        self
    }

    /// The same for another audience.
    pub fn audience(mut self, audience: &str) -> Self {
        self.audience = audience.to_owned();
        self
    }

    /// The same from another issuer.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = issuer.to_owned();
        self
    }
}

impl fmt::Display for Jwt {
    /// The token itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "sandbox" });
        let claims = json!({
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "nbf": self.not_before.unix_timestamp(),
            "exp": self.expires.unix_timestamp(),
        });
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        write!(
            f,
            "{}.{}.{}",
            part(&header.to_string()),
            part(&claims.to_string()),
            part("a junk signature")
        )
    }
}

/// What a token says of itself; claims that it does not make are missing.
#[derive(Debug)]
pub(crate) struct Claims {
    pub issuer: String,
    pub subject: String,
    pub audience: Option<String>,
    pub not_before: Option<Time>,
    pub expires: Option<Time>,
}

/// `None` for what has not the form of a JWT.
pub(crate) fn read(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    let time = |name: &str| Time::from_unix_timestamp(claims[name].as_i64()?).ok();
    Some(Claims {
        issuer: text("iss").unwrap_or_default(),
        subject: text("sub").unwrap_or_default(),
        audience: text("aud"),
        not_before: time("nbf"),
        expires: time("exp"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let token = Jwt::of("me").valid(Time::UNIX_EPOCH, Time::UNIX_EPOCH + clock::hours(1));
        let claims = read(&token.to_string()).expect("it has the form of a JWT");
        assert_eq!(claims.subject, "me");
        assert_eq!(claims.audience.as_deref(), Some(AUDIENCE));
        assert_eq!(claims.expires, Some(Time::UNIX_EPOCH + clock::hours(1)));
        assert!(read("no.such.thing").is_none());
        assert!(read("opaque").is_none());
    }
}
