//! A value that cannot be printed, by this program or by a server that echoes it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Every secret that this process has held. A log that consults it cannot be told too late.
static HELD: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What is shorter is no secret, and hiding it would make words unreadable.
const SHORTEST: usize = 4;

/// A key, password or token. It has no `Display`, and its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value that must never be shown. From now on [`hide_secrets`] knows it.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if value.trim().len() >= SHORTEST && !held.contains(&value) {
            held.push(value.clone());
            // A secret that holds another one is hidden whole.
            held.sort_by_key(|held| std::cmp::Reverse(held.len()));
        }
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

/// The text with every secret replaced that this process has held.
#[must_use]
pub fn hide_secrets(text: &str) -> String {
    let mut text = text.to_owned();
    for secret in HELD.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        for shape in [secret.as_str(), secret.trim()] {
            if text.contains(shape) {
                text = text.replace(shape, "***");
            }
        }
    }
    text
}
