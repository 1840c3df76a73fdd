//! How names and numbers are written, and how bad something is.

use crate::console::Level;
use crate::settings::ProblemHandling;

pub(super) use crate::spelling::SHOWN;
pub use crate::spelling::names_of;

pub fn count_of(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// How bad it is that something was held back or not removed.
pub(super) fn level(problems: ProblemHandling) -> Level {
    match problems {
        ProblemHandling::Fail => Level::Error,
        ProblemHandling::Warn => Level::Warning,
    }
}
