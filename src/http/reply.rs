//! An answer.

use crate::clock::http_date;
use crate::error::{Cause, Wait};
use std::time::{Duration, SystemTime};
use ureq::http::HeaderMap;

/// An answer, of whatever status.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// The wait that it asks for and that there was no time for.
    pub wait: Option<Wait>,
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
