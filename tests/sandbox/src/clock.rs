//! Points in time, and the ways in which the two services write them.

use std::time::Duration;
use time::OffsetDateTime;

/// A point in time, always in UTC.
pub type Time = OffsetDateTime;

/// The time by this machine's clock.
pub fn now() -> Time {
    OffsetDateTime::now_utc()
}

/// The time that many seconds ago.
pub fn seconds_ago(seconds: u64) -> Time {
    now() - Duration::from_secs(seconds)
}

/// The time that many minutes ago.
pub fn minutes_ago(minutes: u64) -> Time {
    seconds_ago(60 * minutes)
}

/// A span of so many seconds, negative ones included.
pub fn seconds(seconds: i64) -> time::Duration {
    time::Duration::seconds(seconds)
}

/// A span of so many hours, negative ones included, for [`crate::Octopus::clock_ahead`].
pub fn hours(hours: i64) -> time::Duration {
    time::Duration::hours(hours)
}

/// As Octopus writes times in tasks and events: milliseconds and an offset.
pub(crate) fn octopus(at: Time) -> String {
    format!("{}.{:03}+00:00", to_the_second(at), at.millisecond())
}

/// As Azure Resource Manager writes times: seven digits of a second and an offset.
pub(crate) fn azure(at: Time) -> String {
    format!("{}.{:07}+00:00", to_the_second(at), at.nanosecond() / 100)
}

/// As Entra ID writes times in its refusals: seven digits of a second, and a Z.
pub(crate) fn entra(at: Time) -> String {
    format!("{}.{:07}Z", to_the_second(at), at.nanosecond() / 100)
}

/// As the Azure CLI writes the end of a token, without saying in which time zone; here it is UTC.
pub(crate) fn azure_cli(at: Time) -> String {
    format!(
        "{}.{:06}",
        to_the_second(at).replace('T', " "),
        at.microsecond()
    )
}

/// As HTTP writes times, in `Date` and `Retry-After`.
pub fn http_date(at: Time) -> String {
    let weekday = at.weekday().to_string();
    let month = at.month().to_string();
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        &weekday[..3],
        at.day(),
        &month[..3],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The time so much later; `None` where there is none.
pub(crate) fn later(at: Time, span: Duration) -> Option<Time> {
    at.checked_add(time::Duration::try_from(span).ok()?)
}

/// Reads a time as JSON has it: `2016-09-01T06:00:08.321+00:00`, `2016-09-01T06:00:08Z`.
pub(crate) fn read(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i32>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = time::Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let zone = clock.find(['Z', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let nanos = format!("{fraction:0<9.9}").parse::<i64>().ok()?;
    let seconds = match zone {
        "Z" => span_of(clock)?,
        zone if zone.starts_with('+') => span_of(clock)? - span_of(&zone[1..])?,
        zone => span_of(clock)? + span_of(&zone[1..])?,
    };
    let span = time::Duration::seconds(seconds) + time::Duration::nanoseconds(nanos);
    Some(date.midnight().assume_utc() + span)
}

/// The seconds of `06:00:08` or `06:00`.
fn span_of(clock: &str) -> Option<i64> {
    let mut parts = clock.splitn(3, ':').map(str::parse::<u32>);
    let (hours, minutes) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let seconds = parts.next().unwrap_or(Ok(0)).ok()?;
    Some(i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds))
}

fn to_the_second(at: Time) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_any_zone() {
        let at = Time::from_unix_timestamp_nanos(1_472_709_608_321_000_000).ok();
        assert_eq!(read("2016-09-01T06:00:08.321+00:00"), at);
        assert_eq!(read("2016-09-01T06:00:08.321Z"), at);
        assert_eq!(read("2016-09-01T08:30:08.3210000+02:30"), at);
        assert_eq!(read("2016-09-01 06:00:08Z"), None);
        assert_eq!(read("tomorrow"), None);
    }

    #[test]
    fn each_service_has_its_own_spelling() {
        let at = Time::from_unix_timestamp_nanos(1_472_709_608_321_456_700).expect("in range");
        assert_eq!(octopus(at), "2016-09-01T06:00:08.321+00:00");
        assert_eq!(azure(at), "2016-09-01T06:00:08.3214567+00:00");
        assert_eq!(entra(at), "2016-09-01T06:00:08.3214567Z");
        assert_eq!(azure_cli(at), "2016-09-01 06:00:08.321456");
        assert_eq!(http_date(at), "Thu, 01 Sep 2016 06:00:08 GMT");
    }
}
