//! Text that is safe to print, and the grammar of service messages.

use crate::secret::hide_secrets;
use azure_core::base64;
use std::fmt::Write;

/// Back to the start of the line, and nothing on it.
pub(super) const CLEAR_LINE: &str = "\r\x1b[2K";

/// What starts a service message, wherever in a line it stands.
const MARK: &str = "##octopus";

/// A line without secrets, in ASCII, that starts no service message.
#[must_use]
pub fn safe(line: &str) -> String {
    harmless(&hide_secrets(line))
}

/// One line of ASCII that starts no service message: other characters are escaped, the mark is broken up.
fn harmless(line: &str) -> String {
    let mut ascii = String::with_capacity(line.len());
    for c in line.chars() {
        if matches!(c, ' '..='~') {
            ascii.push(c);
        } else {
            ascii.extend(c.escape_default());
        }
    }
    // Lower-casing ASCII moves nothing, so positions are the same in both.
    let mut lower = ascii.to_ascii_lowercase();
    while let Some(at) = lower.find(MARK) {
        ascii.insert(at + 1, ' ');
        lower.insert(at + 1, ' ');
    }
    ascii
}

/// `##octopus[name attribute='BASE64(UTF-8)' ...]`, on a line of its own.
pub(super) fn service_message(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut message = format!("{MARK}[{name}");
    for (attribute, value) in attributes {
        let _ = write!(message, " {attribute}='{}'", base64::encode(value));
    }
    message.push_str("]\n");
    message
}

/// Lines between the messages that set and reset how Octopus shows them.
pub(super) fn octopus_lines(mode: Option<&str>, lines: impl Iterator<Item = String>) -> String {
    let message = |name: &str| service_message(name, &[]);
    let mut text = mode.map(message).unwrap_or_default();
    text.extend(lines.map(|line| line + "\n"));
    text.push_str(&mode.map(|_| message("stdout-default")).unwrap_or_default());
    text
}

/// Lines for people, each after a word, in the colour of an ANSI code where there is one.
pub(super) fn terminal_lines(
    word: &str,
    code: Option<&str>,
    lines: impl Iterator<Item = String>,
) -> String {
    let print = |line: String| match code {
        None => format!("{word}{line}\n"),
        Some(code) => format!("\x1b[{code}m{word}{line}\x1b[0m\n"),
    };
    lines.map(print).collect()
}

/// A progress bar that stays on its line.
pub(super) fn bar(percentage: usize, message: &str) -> String {
    const WIDTH: usize = 24;
    let done = percentage * WIDTH / 100;
    format!(
        "{CLEAR_LINE}[{}{}] {percentage:3}% {message}",
        "#".repeat(done),
        ".".repeat(WIDTH - done)
    )
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_text_starts_a_service_message_or_forges_a_line() {
        for (text, shown) in [
            (
                "##octopus[setVariable name='x']",
                "# #octopus[setVariable name='x']",
            ),
            ("#####OCTOPUS[x]", "#### #OCTOPUS[x]"),
            ("##oct##octopus[opus", "##oct# #octopus[opus"),
            (
                "web\r\n##octopus[stdout-error]",
                "web\\r\\n# #octopus[stdout-error]",
            ),
            ("gr\u{fc}n \u{1b}[31m", "gr\\u{fc}n \\u{1b}[31m"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
