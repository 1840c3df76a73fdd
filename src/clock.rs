//! Times as servers write them. A time that no clock of this machine can hold counts as not told.

use azure_core::time::{OffsetDateTime, parse_rfc3339, parse_rfc7231, to_rfc3339};
use std::fmt;
use std::time::{Duration, SystemTime};

/// A time such as `2026-01-01T00:00:00.123+00:00`.
#[must_use]
pub fn rfc3339(text: &str) -> Option<SystemTime> {
    parse_rfc3339(text).ok().and_then(system_time)
}

/// A time such as `Thu, 01 Jan 2026 00:00:00 GMT`.
#[must_use]
pub fn http_date(text: &str) -> Option<SystemTime> {
    parse_rfc7231(text).ok().and_then(system_time)
}

/// A time as people read it, such as `2026-01-01T00:00:00Z`. One that no calendar holds is the beginning of Unix.
#[must_use]
pub fn shown(time: SystemTime) -> String {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(seconds);
    to_rfc3339(&time.unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// This machine's time, such as `2026-01-01T00:00:00Z`, for people.
#[must_use]
pub fn now() -> String {
    let seconds = OffsetDateTime::now_utc().replace_nanosecond(0);
    to_rfc3339(&seconds.unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// A length of time for people: `30 seconds`, `0.5 seconds`.
#[must_use]
pub fn in_seconds(time: Duration) -> String {
    let number = format!("{:.2}", time.as_secs_f64());
    let number = number.trim_end_matches('0').trim_end_matches('.');
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} second{plural}")
}

/// How long something goes on already, for people: `45 s`, `3 min 10 s`, `1 h 5 min`.
#[must_use]
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Not `From`, which panics where the operating system's clock begins later than the calendar.
fn system_time(time: OffsetDateTime) -> Option<SystemTime> {
    let nanoseconds = time.unix_timestamp_nanos();
    let distance = Duration::from_nanos(u64::try_from(nanoseconds.unsigned_abs()).ok()?);
    if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// How far this machine's clock is from a server's, where that is so far that tokens are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    by: Duration,
    ahead: bool,
}

impl Difference {
    /// What the clocks of services may differ by. Source: the five minutes that Entra ID grants.
    const HARMLESS: Duration = Duration::from_secs(5 * 60);

    /// The difference to what a server says that the time is now, unless it is harmless.
    #[must_use]
    pub fn to(theirs: SystemTime) -> Option<Self> {
        Self::between(SystemTime::now(), theirs)
    }

    /// The difference between two clocks at the same moment, unless it is harmless.
    #[must_use]
    pub fn between(ours: SystemTime, theirs: SystemTime) -> Option<Self> {
        let difference = match ours.duration_since(theirs) {
            Ok(by) => Self { by, ahead: true },
            Err(behind) => Self {
                by: behind.duration(),
                ahead: false,
            },
        };
        Some(difference).filter(|difference| difference.by > Self::HARMLESS)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.by.as_secs() / 60;
        let direction = if self.ahead { "ahead" } else { "behind" };
        match (minutes / 60, minutes % 60) {
            (0, minutes) => write!(f, "{minutes} minutes {direction}"),
            (hours, minutes) => write!(f, "{hours} h {minutes} min {direction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, elapsed, in_seconds};
    use std::time::{Duration, SystemTime};

    #[test]
    fn seconds_have_no_more_digits_than_people_read() {
        for (milliseconds, said) in [
            (30_000, "30 seconds"),
            (1000, "1 second"),
            (300, "0.3 seconds"),
            (552_307, "552.31 seconds"),
            (1, "0 seconds"),
        ] {
            assert_eq!(in_seconds(Duration::from_millis(milliseconds)), said);
        }
    }

    #[test]
    fn how_long_something_goes_on_is_told_in_the_units_that_people_count_in() {
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (190, "3 min 10 s"),
            (3600, "1 h"),
            (3900, "1 h 5 min"),
        ] {
            assert_eq!(elapsed(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn a_clock_that_is_off_is_told_in_which_direction_and_by_how_much() {
        let now = SystemTime::now();
        for (ours, theirs, told) in [
            (0, 0, None),
            (299, 0, None),
            (0, 300, None),
            (301, 0, Some("5 minutes ahead")),
            (0, 3599, Some("59 minutes behind")),
            (7500, 0, Some("2 h 5 min ahead")),
        ] {
            let at = |seconds| now + Duration::from_secs(seconds);
            let difference = Difference::between(at(ours), at(theirs));
            assert_eq!(difference.map(|d| d.to_string()).as_deref(), told);
        }
    }
}
