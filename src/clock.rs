//! Times as servers write them. A time that no clock of this machine can hold counts as not told.

use azure_core::time::{OffsetDateTime, parse_rfc3339, parse_rfc7231};
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
