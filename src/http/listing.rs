//! When a listing is complete. Nothing counts as gone on one that is not.

use crate::error::{Cause, Service, ServiceError};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

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
pub struct Length {
    pages: usize,
}

impl Length {
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
    attempted: &str,
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
        cause: Cause::Incomplete(why),
        next: "Nothing is removed on such a listing; the next run tries again".into(),
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
