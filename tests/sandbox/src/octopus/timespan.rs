//! Spans of time as .NET writes them: `[d.]hh:mm:ss[.fffffff]`.

use std::time::Duration;

pub(crate) fn write(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let days = if days > 0 {
        format!("{days}.")
    } else {
        String::new()
    };
    let rest = match span.subsec_nanos() / 100 {
        0 => String::new(),
        ticks => format!(".{ticks:07}"),
    };
    format!(
        "{days}{hours:02}:{:02}:{:02}{rest}",
        seconds / 60 % 60,
        seconds % 60
    )
}

pub(crate) fn read(text: &str) -> Option<Duration> {
    let (hours, rest) = text.split_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let (minutes, seconds) = rest.split_once(':')?;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let below = |text: &str, limit: u64| number(text).filter(|number| *number < limit);
    let days = number(days)?.checked_mul(86_400)?;
    let seconds = below(hours, 24)? * 3600 + below(minutes, 60)? * 60 + below(seconds, 60)?;
    let nanos = match fraction.len() {
        1..=7 => number(&format!("{fraction:0<9}"))?,
        _ => return None,
    };
    let whole = Duration::from_secs(days.checked_add(seconds)?);
    Some(whole + Duration::from_nanos(nanos))
}

fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use std::time::Duration;

    #[test]
    fn spans_are_read_as_they_are_written() {
        for (text, millis) in [
            ("00:05:00", 300_000),
            ("00:02:30.5000000", 150_500),
            ("1.02:00:00", 93_600_000),
        ] {
            let span = Duration::from_millis(millis);
            assert_eq!(write(span), text);
            assert_eq!(read(text), Some(span));
        }
        for text in [
            "",
            "5",
            "00:05",
            "00:61:00",
            "24:00:00",
            "PT5M",
            "00:05:00.",
            "-00:05:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
