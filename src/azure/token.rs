//! Reads the answer to a sign-in before the SDK does: what it cannot read it drops, and an absurd lifetime ends it in a
//! panic.

use crate::http::secret_object;
use crate::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// No token is valid for longer; what says so is not believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Where the answer does not say: longer than the time before its end from which the SDK renews a token.
const UNSAID: Duration = Duration::from_secs(10 * 60);

/// Sources: "OAuth 2.0 client credentials flow", "How to use managed identities on an Azure VM to acquire an access token"
/// and "... for App Service" at learn.microsoft.com. Numbers are numbers in the first and text in the others, except where
/// they are not.
#[derive(Deserialize)]
struct Issued {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    expires_on: Option<Value>,
}

/// The same answer in the one form that all of the SDK's credentials read; `Err` says what is wrong with it.
pub(super) fn read(body: &[u8], now: SystemTime) -> Result<Vec<u8>, String> {
    let issued: Issued = secret_object(body)?;
    let token = Secret::new(issued.access_token.unwrap_or_default());
    if token.expose().is_empty() {
        return Err("it holds no access token".into());
    }
    if !token.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err("its access token holds characters that no token has".into());
    }
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let left = match (&issued.expires_in, &issued.expires_on) {
        (Some(left), _) => seconds("expires_in", left)?,
        (None, Some(end)) => seconds("expires_on", end)?.saturating_sub(now),
        (None, None) => UNSAID,
    };
    let left = left.min(LONGEST);
    let normal = json!({
        "token_type": "Bearer",
        "access_token": token.expose(),
        "resource": "",
        "expires_in": left.as_secs(),
        "ext_expires_in": left.as_secs(),
        "expires_on": (now + left).as_secs().to_string(),
    });
    Ok(normal.to_string().into_bytes())
}

/// A number of seconds, as a number or as text. What lies in the past is over.
fn seconds(name: &str, value: &Value) -> Result<Duration, String> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("how long its token is valid ({name}) is no number of seconds"))?;
    Ok(Duration::try_from_secs_f64(number.max(0.0)).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::read;
    use std::time::{Duration, SystemTime};

    fn lifetime(fields: &str) -> Result<u64, String> {
        let body = format!(r#"{{"access_token":"t"{fields}}}"#);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let read: serde_json::Value =
            serde_json::from_slice(&read(body.as_bytes(), now)?).expect("JSON");
        Ok(read["expires_in"].as_u64().expect("a number"))
    }

    #[test]
    fn a_lifetime_is_read_in_every_form_that_servers_write() {
        for (fields, seconds) in [
            (r#","expires_in":3599"#, 3599),
            (r#","expires_in":"3599""#, 3599),
            (r#","expires_in":3599.9"#, 3599),
            (r#","expires_on":"1003600""#, 3600),
            (r#","expires_on":1003600"#, 3600),
            (r#","expires_on":"5""#, 0),
            (r#","expires_in":-5"#, 0),
            (r#","expires_in":9223372036854775807"#, 24 * 3600),
            (r#","expires_in":null"#, 600),
            ("", 600),
        ] {
            assert_eq!(lifetime(fields), Ok(seconds), "{fields}");
        }
    }

    #[test]
    fn a_lifetime_that_is_no_number_is_not_guessed() {
        for fields in [
            r#","expires_in":"soon""#,
            r#","expires_in":[]"#,
            r#","expires_on":"NaN""#,
        ] {
            assert!(lifetime(fields).is_err(), "{fields}");
        }
    }

    #[test]
    fn what_is_no_token_is_not_sent() {
        for body in [
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\nb"}"#,
            "<html>",
            "null",
            r#"["t"]"#,
        ] {
            assert!(read(body.as_bytes(), SystemTime::now()).is_err(), "{body}");
        }
    }
}
