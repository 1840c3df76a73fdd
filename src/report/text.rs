//! Text of a report: without secrets wherever it came from.

use crate::console::is_shown;
use crate::secret::hide_secrets;
use serde::Serialize;
use std::fmt;
use std::fmt::Write;

/// Text that holds no secret. Only what was told apart from them can be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text(String);

impl Text {
    /// The text, with secrets hidden.
    pub fn of(text: impl fmt::Display) -> Self {
        Self(hide_secrets(&text.to_string()))
    }

    /// As people can read it: in its own letters, and whatever is no letter and cannot be seen is spelt out.
    pub fn visible(&self) -> String {
        let mut visible = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            if is_shown(c) {
                visible.push(c);
            } else {
                let _ = write!(visible, "{}", c.escape_unicode());
            }
        }
        visible
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn letters_stay_and_what_nobody_sees_is_spelt_out() {
        for (text, shown) in [
            (
                "gr\u{fc}n-\u{6771}\u{4eac}-\u{20ac}",
                "gr\u{fc}n-\u{6771}\u{4eac}-\u{20ac}",
            ),
            ("web\u{202e}100000", "web\\u{202e}100000"),
            ("a\nb\u{1b}[31m\u{85}", "a\\u{a}b\\u{1b}[31m\\u{85}"),
            ("\u{645}\u{6cc}", "\u{645}\u{6cc}"),
            ("web\u{200d}1", "web\\u{200d}1"),
        ] {
            assert_eq!(Text::of(text).visible(), shown);
        }
    }
}
