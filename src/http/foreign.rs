//! Answers that are not what was asked for: pages of proxies and logins, in words for a log.

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

/// Why a body could not be read as JSON of some shape.
#[must_use]
pub fn not_json(body: &[u8], why: String) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(LARGEST)]);
    if is_page(&start) {
        format!("a web page instead of JSON, saying: {}", words(body))
    } else {
        why
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
    use super::words;

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
