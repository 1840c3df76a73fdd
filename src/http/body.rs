//! What comes back, and whether it is what was asked for: an object, a complete listing (nothing counts as gone on one that
//! is not), or the page of a proxy or a login, in words for a log.

use super::objects::Objects;
use crate::error::{Cause, Service, ServiceError, tidy};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// More than this nobody wrote to be read.
const LARGEST: usize = 1 << 20;

/// What is said of JSON that is not what was asked for. The parser's own words are for programmers.
pub const OTHER_FORM: &str = "it is JSON of another form than was asked for";

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

/// Reads a body as the JSON object that every service answers with, and what should be an object in it as one: a list is none.
///
/// # Errors
/// Why it is none, for people.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    secret_object(body).inspect_err(|_| log_start(body))
}

/// The same of a body that may hold a secret: nothing of it is shown.
///
/// # Errors
/// Why it is none, for people.
pub fn secret_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err("it is a list instead of an object".into());
    }
    let mut parser = serde_json::Deserializer::from_slice(body);
    let read = T::deserialize(Objects(&mut parser)).and_then(|it| parser.end().map(|()| it));
    read.map_err(|error| not_json(body, &error))
}

/// Reads a body as JSON of any kind.
///
/// # Errors
/// Why it is none, for people.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let read = serde_json::from_slice(body).map_err(|error| not_json(body, &error));
    read.inspect_err(|_| log_start(body))
}

/// For whoever looks into it: the words for people do not quote what they are about.
fn log_start(body: &[u8]) {
    let start = String::from_utf8_lossy(&body[..body.len().min(LARGEST)]);
    log::debug!("what cannot be understood begins: {}", tidy(&start));
}

/// What is wrong with it, without the parser's own words, which may quote what was read.
fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(LARGEST)]);
    if is_page(&start) {
        return format!("it is a web page, saying: {}", words(body));
    }
    if body.trim_ascii().is_empty() {
        return "it is empty".into();
    }
    match error.classify() {
        Category::Eof => format!("it breaks off after {} bytes", body.len()),
        Category::Syntax | Category::Io => "it is no JSON".into(),
        Category::Data => OTHER_FORM.into(),
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

/// How often a listing is read from the start before it counts as one that cannot be read.
const READINGS: usize = 3;

/// No listing of either service is nearly as long; one that is does not end, or is not theirs.
const MOST_PAGES: usize = 10_000;
const MOST_ROWS: usize = 500_000;

/// One reading of a listing, from its first page to its last.
#[derive(Debug)]
pub enum Reading<T> {
    /// Every page was read, and none came twice.
    Complete(T),
    /// It changed while it was read; this is how that showed.
    Changed(String),
    /// It is longer than any that is true; reading it again would not end either.
    Endless(String),
}

/// How much of a listing was read.
#[derive(Debug, Default)]
pub struct ListingLength {
    pages: usize,
}

impl ListingLength {
    /// Counts one page; `rows` is what the listing holds with it, or says that it holds. What is too long is told.
    pub fn page(&mut self, rows: usize) -> Option<String> {
        self.pages += 1;
        if self.pages > MOST_PAGES {
            return Some(format!("it has more than {MOST_PAGES} pages"));
        }
        (rows > MOST_ROWS).then(|| format!("it has {rows} rows, more than {MOST_ROWS}"))
    }
}

/// Reads a listing until a reading of it is complete.
///
/// # Errors
/// A page could not be read, or no reading was complete.
pub fn complete<T>(
    service: Service,
    (attempted, host): (&str, &str),
    mut read: impl FnMut() -> Result<Reading<T>, ServiceError>,
) -> Result<T, ServiceError> {
    let mut why = String::new();
    for _ in 0..READINGS {
        match read()? {
            Reading::Complete(rows) => return Ok(rows),
            Reading::Changed(how) => why = how,
            Reading::Endless(how) => {
                why = how;
                break;
            }
        }
    }
    Err(ServiceError {
        service,
        attempted: attempted.to_owned(),
        host: host.into(),
        cause: Cause::Incomplete(why),
        next: "Run again, when fewer things change; nothing is removed on such a listing".into(),
    })
}

/// Tells rows, or pages, that come twice. Keeps hashes only, since the ids of 100,000 machines are many megabytes.
#[derive(Debug, Default)]
pub struct Distinct {
    hasher: RandomState,
    seen: HashSet<u64>,
}

impl Distinct {
    /// Whether this is the first time that it is asked for this key, in whatever case.
    pub fn is_new(&mut self, key: &str) -> bool {
        self.is_new_exactly(&key.to_ascii_lowercase())
    }

    /// Whether this is the first time that it is asked for exactly this key.
    pub fn is_new_exactly(&mut self, key: &str) -> bool {
        self.seen.insert(self.hasher.hash_one(key))
    }
}

#[cfg(test)]
mod tests {
    use super::{OTHER_FORM, object, words};
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Sku {
        capacity: Option<u64>,
        inner: Option<Box<Sku>>,
        list: Vec<Sku>,
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        let read = |body: &str| object::<Sku>(body.as_bytes());

        let full = r#"{"capacity":1,"inner":{"capacity":2,"list":[{"inner":null}]},"other":[[]]}"#;
        let list = vec![Sku::default()];
        let inner = Sku {
            capacity: Some(2),
            list,
            ..Sku::default()
        };
        let expected = Sku {
            capacity: Some(1),
            inner: Some(Box::new(inner)),
            ..Sku::default()
        };
        assert_eq!(read(full), Ok(expected));
        for body in [
            r#"{"inner":[]}"#,
            r#"{"inner":[1,null,[]]}"#,
            r#"{"inner":{"inner":[]}}"#,
            r#"{"list":[[]]}"#,
            r#"{"list":[{"inner":[]}]}"#,
            r#"{} {}"#,
        ] {
            assert!(read(body).is_err(), "{body} was read");
        }
    }

    #[test]
    fn what_is_no_object_is_said_in_words() {
        for (body, said) in [
            ("[]", "it is a list instead of an object"),
            (" \n[{}]", "it is a list instead of an object"),
            ("", "it is empty"),
            (" \r\n", "it is empty"),
            ("<p>Log in", "it is a web page, saying: Log in"),
            ("nothing", "it is no JSON"),
            ("{\"capacity\":", "it breaks off after 12 bytes"),
            ("null", OTHER_FORM),
            ("{\"capacity\":\"secret\"}", OTHER_FORM),
        ] {
            let read = object::<Sku>(body.as_bytes());
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
