//! Text that is safe to print, and the grammar of service messages.

use super::shown::is_shown;
use crate::secret::hide_secrets;
use azure_core::base64;
use std::fmt::Write;

/// In a window that is narrower, lines break anywhere.
const NARROWEST: usize = 20;

/// What starts a service message, wherever in a line it stands.
const MARK: &str = "##octopus";

/// A line without secrets that starts no service message.
#[must_use]
pub fn safe(line: &str) -> String {
    harmless(&hide_secrets(line))
}

/// One line that starts no service message. Letters stay what they are; what has no shape of its own, breaks the line, or
/// turns it around is escaped.
fn harmless(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if is_shown(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    break_marks(&shown)
}

/// Keeps two hashes apart before an o, or before what is not ASCII and could be taken for one: Octopus may read a hash, a
/// letter or nothing in what only looks so.
fn break_marks(line: &str) -> String {
    let is_hash = |c: char| matches!(c, '#' | '\u{fe5f}' | '\u{ff03}');
    let mut broken = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        broken.push(c);
        if !is_hash(c) {
            continue;
        }
        let rest = &line[at + c.len_utf8()..];
        let mut rest = rest.chars().skip_while(|c| !c.is_ascii() && !is_hash(*c));
        let second = rest.next().is_some_and(is_hash);
        let start = rest
            .next()
            .is_some_and(|c| matches!(c, 'o' | 'O') || !c.is_ascii());
        if second && start {
            broken.push(' ');
        }
    }
    broken
}

/// A document in JSON, in which text is escaped in JSON's own way where a line of the log would have it escaped.
#[must_use]
pub fn harmless_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || is_shown(c) {
            shown.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
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

/// Its words in lines of at most this width, those but the first indented further. What is longer is left to the terminal, so
/// that a name or an address can be copied.
fn fitting(line: String, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| *width >= NARROWEST) else {
        return line;
    };
    let indent = line.len() - line.trim_start_matches(' ').len();
    let indent = " ".repeat(indent + 4);
    let options = textwrap::Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&line, options).join("\n")
}

/// Lines for people, each after a word, in the colour of an ANSI code where there is one. Those that are indented belong to
/// the one before them, and have the colour alone. In a window that has a width they end where words do.
pub(super) fn terminal_lines(
    word: &str,
    code: Option<&str>,
    width: Option<usize>,
    lines: impl Iterator<Item = String>,
) -> String {
    let print = |line: String| {
        let word = if line.starts_with("  ") { "" } else { word };
        let line = fitting(format!("{word}{line}"), width);
        match code {
            None => format!("{line}\n"),
            Some(code) => format!("\x1b[{code}m{line}\x1b[0m\n"),
        }
    };
    lines.map(print).collect()
}

#[cfg(test)]
mod tests {
    use super::{harmless, harmless_json};

    #[test]
    fn no_text_starts_a_service_message_or_forges_a_line() {
        for (text, shown) in [
            (
                "##octopus[setVariable name='x']",
                "# #octopus[setVariable name='x']",
            ),
            ("#####OCTOPUS[x]", "#### #OCTOPUS[x]"),
            ("##oct##octopus[opus", "# #oct# #octopus[opus"),
            (
                "web\r\n##octopus[stdout-error]",
                "web\\r\\n# #octopus[stdout-error]",
            ),
            ("#\u{2028}#octopus[x]", "#\\u{2028}#octopus[x]"),
            ("## heading, #7", "## heading, #7"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn what_could_be_read_as_the_mark_is_broken_up_like_it() {
        for lookalike in [
            "\u{ff03}\u{ff03}octopus[x]",
            "\u{fe5f}#octopus[x]",
            "##\u{ff4f}ctopus[x]",
            "##\u{1d428}ctopus[x]",
            "##o\u{301}ctopus[x]",
            "##\u{301}octopus[x]",
            "#\u{338}#octopus[x]",
        ] {
            let shown = harmless(lookalike);
            assert!(shown.contains(' '), "{shown}");
        }
    }

    #[test]
    fn names_keep_their_letters_and_nothing_hides_among_them() {
        for letters in [
            "gr\u{fc}n",
            "gru\u{308}n",
            "\u{6771}\u{4eac}",
            "\u{20ac}-kasse",
            "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
            "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}",
            "it's \"one\" \\ two",
        ] {
            assert_eq!(harmless(letters), letters);
        }
        for hidden in [
            "\u{1b}[31m",
            "\u{7f}",
            "\u{85}",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{200f}",
            "\u{ad}",
            "\u{feff}",
            "\u{2028}",
            "\u{a0}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{e000}",
            "\u{e0041}",
            "\u{fff9}",
        ] {
            let shown = harmless(&format!("a{hidden}b"));
            assert!(shown.starts_with("a\\u{"), "{shown}");
        }
    }

    #[test]
    fn a_document_stays_json() {
        let json = serde_json::json!({ "name": "\u{202e}gr\u{fc}n\u{7f}\u{e0041}" });
        let shown = harmless_json(&json.to_string());
        assert_eq!(
            shown,
            r#"{"name":"\u202egr\u{fc}n\u007f\udb40\udc41"}"#.replace("\\u{fc}", "\u{fc}")
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).ok(),
            Some(json)
        );
    }
}
