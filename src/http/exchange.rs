//! What is asked and what is answered: a request, its deadline, a reply.

use crate::clock::http_date;
use crate::error::{Cause, RetryAfter};
use std::fmt;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::HeaderMap;

/// A request. Sending one twice does no more than sending it once, but for [`Method::Create`], which is never sent twice.
#[derive(Debug)]
pub struct Call<'a> {
    /// What it does.
    pub method: Method,
    /// Where to.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: &'a [u8],
    /// Through no proxy: the server is local by nature.
    pub direct: bool,
}

/// Until when an answer is of use. A value: whoever asks passes one on, and nobody sets one for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// It takes as long as it takes.
    pub const NONE: Self = Self(None);

    /// So much time from now on.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// This one, or an earlier moment.
    #[must_use]
    pub fn or_sooner(self, moment: Option<Instant>) -> Self {
        match (self.0, moment) {
            (Some(end), Some(moment)) => Self(Some(end.min(moment))),
            (end, moment) => Self(end.or(moment)),
        }
    }

    /// Whether no time is left.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    /// What is left of it; `None`: as long as it takes.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        let end = self.0?;
        Some(end.saturating_duration_since(Instant::now()))
    }
}

/// What a request does. Azure is only read, and signed in to by POST; whatever is not GET for Octopus is its writer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// It reads.
    Get,
    /// It replaces.
    Put,
    /// It asks for something to be done.
    Post,
    /// It makes something, and a second time would make a second one.
    Create,
    /// It deletes.
    Delete,
}

impl Method {
    /// As HTTP spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post | Self::Create => "POST",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An answer, of whatever status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// The wait that it asks for and that there was no time for.
    pub wait: Option<RetryAfter>,
    /// How often it was asked.
    pub tries: u32,
}

impl Reply {
    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's own clock, if it told.
    #[must_use]
    pub fn date(&self) -> Option<SystemTime> {
        self.header("date").and_then(http_date)
    }

    /// How long the server asks to wait: seconds, however many, or a date. What is neither, or lies in the past, asks
    /// for nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        // Some servers write fractions. Not `parse` alone, which also reads `inf` and `1e9`.
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && let Ok(seconds) = text.parse()
        {
            return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        }
        let now = self.date().unwrap_or_else(SystemTime::now);
        http_date(text)?.duration_since(now).ok()
    }

    /// Where a redirect leads. It is never followed: the credentials were not meant for that place.
    #[must_use]
    pub fn redirect(&self) -> Option<Cause> {
        let to = || {
            self.header("location")
                .unwrap_or("an unnamed place")
                .to_owned()
        };
        (300..400)
            .contains(&self.status)
            .then(|| Cause::Redirected {
                status: self.status,
                to: to(),
            })
    }
}

/// Writes the spaces of a query as `%20`. The `+` of forms is read as a plus sign by some servers.
pub fn spell_spaces_out(url: &mut azure_core::http::Url) {
    if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
        url.set_query(Some(&query));
    }
}

/// Host and port of an address, the port where it is none of the usual ones.
#[must_use]
pub fn place_of(url: &azure_core::http::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
