//! A value that cannot be printed, by this program or by a server that echoes it.

use azure_core::base64;
use azure_core::http::Url;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The environment variables whose values are secret, also where they hold something wrong or are not used.
pub const SECRET_VARIABLES: [&str; 7] = [
    "VMSS_OCTOPUS_APIKEY",
    "OCTOPUS_API_KEY",
    "OCTOPUS_ACCESS_TOKEN",
    "VMSS_AZURE_ACCOUNT_PASSWORD",
    "VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT",
    "AZURE_CLIENT_SECRET",
    // What a managed identity's endpoint wants to see.
    "IDENTITY_HEADER",
];

/// Every secret that this process has held, in every shape. A log that consults it cannot be told too late.
static HELD: Mutex<Vec<Shape>> = Mutex::new(Vec::new());
/// What is shorter is no secret, and hiding it would make words unreadable.
const SHORTEST: usize = 4;
/// What is shorter could stand in a name by chance.
const SHORTEST_KEY: usize = 16;

/// What a secret looks like when somebody repeats it.
#[derive(PartialEq, Eq)]
struct Shape {
    text: String,
    of_key: bool,
}

impl Shape {
    fn new(text: String, of_key: bool) -> Self {
        // What is long enough to be a key is one in whatever letters: servers and proxies change them.
        let text = if of_key {
            text.to_ascii_lowercase()
        } else {
            text
        };
        Self { text, of_key }
    }
}

/// A key, password or token. It has no `Display`, and its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value that must never be shown. From now on [`hide_secrets`] knows it.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        hold(value.trim());
        Self(value)
    }

    /// The value itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it has the shape of a JSON Web Token: three parts of base64url text.
    #[must_use]
    pub fn is_jwt(&self) -> bool {
        let parts: Vec<&str> = self.0.trim().split('.').collect();
        let base64url = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='))
        };
        parts.len() == 3 && parts.iter().all(base64url)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

fn hold(secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    let of_key = secret.len() >= SHORTEST_KEY;
    let shapes = shapes(secret).into_iter();
    let shapes = shapes.filter(|text| text.len() >= SHORTEST);
    let mut shapes = shapes.map(|text| Shape::new(text, of_key)).peekable();
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    // The first shape is the secret itself.
    if shapes.peek().is_some_and(|first| held.contains(first)) {
        return;
    }
    held.extend(shapes);
    // A shape that holds another one is hidden whole.
    held.sort_by_key(|shape| std::cmp::Reverse(shape.text.len()));
    held.dedup();
}

/// The secret as it is, in JSON, in a form, in hexadecimal, and in base64 wherever in a longer text it stood.
fn shapes(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut shapes = vec![
        secret.to_owned(),
        serde_json::Value::from(secret)
            .to_string()
            .trim_matches('"')
            .to_owned(),
        hex.to_uppercase(),
        hex,
    ];
    if let Ok(mut url) = Url::parse("form:") {
        url.query_pairs_mut().append_key_only(secret);
        let form = url.query().unwrap_or_default();
        let spelt_out = form.replace('+', "%20");
        shapes.extend([form.to_owned(), lower_case_escapes(&spelt_out), spelt_out]);
    }
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        // The first and the last character may also hold bits of what stands beside the secret.
        let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        shapes.push(base64::encode(&bytes)[own.clone()].to_owned());
        shapes.push(base64::encode_url_safe(&bytes)[own].to_owned());
    }
    shapes
}

/// `%2F` as some servers write it: `%2f`.
fn lower_case_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |lower, part| {
        let (escape, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{lower}%{}{rest}", escape.to_ascii_lowercase())
    })
}

/// The text with every secret replaced that this process has held.
#[must_use]
pub fn hide_secrets(text: &str) -> String {
    hide(text, |_| true)
}

/// The same for what programs read: a short password that is also a part of a name must not change that name.
#[must_use]
pub fn hide_keys(text: &str) -> String {
    hide(text, |shape| shape.of_key)
}

fn hide(text: &str, which: impl Fn(&Shape) -> bool) -> String {
    const HIDDEN: &str = "***";
    let mut text = text.to_owned();
    // Lower-casing ASCII moves nothing, so positions are the same in both.
    let mut lower = text.to_ascii_lowercase();
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    for shape in held.iter().filter(|shape| which(shape)) {
        let searched = if shape.of_key { &lower } else { &text };
        let mut shown = String::new();
        let mut end = 0;
        for (at, found) in searched.match_indices(&shape.text) {
            shown.push_str(&text[end..at]);
            shown.push_str(HIDDEN);
            end = at + found.len();
        }
        if end > 0 {
            shown.push_str(&text[end..]);
            lower = shown.to_ascii_lowercase();
            text = shown;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Secret, hide_keys, hide_secrets};
    use azure_core::base64;

    #[test]
    fn a_secret_is_hidden_in_every_shape_that_it_may_come_back_in() {
        const SECRET: &str = "Pw8~pass\"word+that nobody/may.see";
        drop(Secret::new(SECRET));
        let hex: String = SECRET.bytes().map(|b| format!("{b:02x}")).collect();
        for repeated in [
            SECRET.to_owned(),
            format!("you sent '{SECRET}'"),
            r#"{"sent":"Pw8~pass\"word+that nobody/may.see"}"#.to_owned(),
            "client_secret=Pw8%7Epass%22word%2Bthat+nobody%2Fmay.see&scope=x".to_owned(),
            "client_secret=Pw8%7epass%22word%2bthat%20nobody%2fmay.see&scope=x".to_owned(),
            SECRET.to_uppercase(),
            hex.to_uppercase(),
            hex,
        ] {
            let shown = hide_secrets(&repeated);
            assert!(shown.contains("***"), "{shown}");
            assert!(!shown.to_lowercase().contains("nobody"), "{shown}");
        }
        for around in ["", "u:", "user:", "another user:"] {
            let whole = base64::encode(format!("{around}{SECRET} and more"));
            let shown = hide_secrets(&whole);
            assert!(shown.len() < whole.len() / 2, "{shown}");
        }
    }

    #[test]
    fn a_short_password_changes_no_name_that_programs_read() {
        drop(Secret::new("web0"));
        assert_eq!(hide_secrets("web000001"), "***00001");
        assert_eq!(hide_secrets("WEB000001"), "WEB000001");
        assert_eq!(hide_keys("web000001"), "web000001");
    }
}
