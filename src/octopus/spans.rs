//! Lengths of time as Octopus writes them: .NET's `[d.]hh:mm:ss[.fffffff]`.

use std::time::Duration;

/// Reads one; `None` for what is none, or not above zero.
pub fn read(text: &str) -> Option<Duration> {
    let (clock, fraction) = match text.trim().split(':').collect::<Vec<&str>>()[..] {
        [hours, minutes, seconds] => ((hours, minutes), seconds),
        _ => return None,
    };
    let (days, hours) = match clock.0.split_once('.') {
        Some((days, hours)) => (days.parse::<u64>().ok()?, hours.parse::<u64>().ok()?),
        None => (0, clock.0.parse::<u64>().ok()?),
    };
    let minutes = clock.1.parse::<u64>().ok()?;
    let seconds = fraction.parse::<f64>().ok().filter(|it| *it >= 0.0)?;
    let whole = Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60);
    let span = whole + Duration::try_from_secs_f64(seconds).ok()?;
    (!span.is_zero()).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::read;
    use std::time::Duration;

    #[test]
    fn spans_are_read_with_days_and_fractions_and_nothing_else_is_one() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, span) in [
            ("00:15:00", seconds(900)),
            ("1.00:00:00", seconds(86_400)),
            ("01.00:00:30", seconds(86_430)),
            ("00:00:01.5000000", Some(Duration::from_millis(1500))),
            ("00:00:00", None),
            ("15", None),
            ("a:b:c", None),
            ("00:00:-1", None),
            ("", None),
        ] {
            assert_eq!(read(text), span, "{text}");
        }
    }
}
