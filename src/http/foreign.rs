//! Answers that are not what was asked for: pages of proxies and logins, in words for a log.

use serde::de::DeserializeOwned;

/// More than this nobody wrote to be read.
const LARGEST: usize = 1 << 20;

/// What a body says that has not the shape of the service's errors; of a web page its words alone.
#[must_use]
pub fn words(body: &[u8]) -> String {
    if body.len() > LARGEST {
        return format!("{} MiB that are no error message", body.len() >> 20);
    }
    let text = String::from_utf8_lossy(body);
    if is_page(&text) {
        without_tags(&text)
    } else {
        text.into_owned()
    }
}

/// Reads a body as the JSON object that every service answers with. `explain` puts the parser's error into words.
///
/// # Errors
/// Why it is none, for people.
pub fn object<T: DeserializeOwned>(
    body: &[u8],
    explain: impl FnOnce(&serde_json::Error) -> String,
) -> Result<T, String> {
    // A list would be taken for an object whose fields come in order: `[[]]` for a listing of nothing.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err("a list instead of an object".into());
    }
    serde_json::from_slice(body).map_err(|error| not_json(body, || explain(&error)))
}

fn not_json(body: &[u8], why: impl FnOnce() -> String) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(LARGEST)]);
    if is_page(&start) {
        format!("a web page instead of JSON, saying: {}", words(body))
    } else if body.trim_ascii().is_empty() {
        "it is empty".into()
    } else {
        why()
    }
}

fn is_page(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .starts_with('<')
}

fn without_tags(page: &str) -> String {
    // Lower-casing ASCII moves nothing, so positions are the same in both.
    let lower = page.to_ascii_lowercase();
    let mut words = String::new();
    let mut at = 0;
    while let Some(open) = page[at..].find('<').map(|found| at + found) {
        words.push_str(&page[at..open]);
        words.push(' ');
        let tag = &lower[open + 1..];
        let unread = ["script", "style"]
            .into_iter()
            .find(|name| tag.starts_with(name));
        let end = unread.and_then(|name| tag.find(&format!("</{name}")));
        let from = end.map_or(open, |end| open + 1 + end);
        at = page[from..]
            .find('>')
            .map_or(page.len(), |close| from + close + 1);
    }
    words.push_str(&page[at..]);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{object, words};

    #[test]
    fn what_is_no_object_is_said_in_words() {
        for (body, said) in [
            ("[]", "a list instead of an object"),
            (" \n[{}]", "a list instead of an object"),
            ("", "it is empty"),
            (" \r\n", "it is empty"),
            ("<p>Log in", "a web page instead of JSON, saying: Log in"),
            ("nothing", "the parser's words"),
        ] {
            let read =
                object::<serde::de::IgnoredAny>(body.as_bytes(), |_| "the parser's words".into());
            assert_eq!(read.map(drop), Err(said.to_owned()), "{body:?}");
        }
    }

    #[test]
    fn of_a_page_only_what_people_would_read_is_left() {
        for (page, said) in [
            ("plain text < 5", "plain text < 5"),
            (
                "<!DOCTYPE html><html><head><title>Sign in</title><style>p{a:b}</style></head><body><p>Please\n<b>log in</b></body>",
                "Sign in Please log in",
            ),
            ("\u{feff}<SCRIPT>if (a<b) {}</SCRIPT>Denied", "Denied"),
            ("<html><script>never closed", "never closed"),
            ("<Error><Code>Busy</Code></Error>", "Busy"),
            ("<", ""),
            ("<p>\u{e9}<", "\u{e9}"),
        ] {
            let said = said.replace('\u{feff}', "");
            assert_eq!(
                words(page.as_bytes()).replace('\u{feff}', "").trim(),
                said,
                "{page}"
            );
        }
    }
}
