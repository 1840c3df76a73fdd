//! When a cron line of Octopus is due: six fields, seconds first, perhaps with a year (octopus.com/docs, "Scheduled project triggers").

use std::collections::BTreeSet;

const DAY: u64 = 24 * 60;

/// How often a schedule is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// The shortest time between two runs, in minutes.
    pub shortest: u64,
    /// The longest, in minutes.
    pub longest: u64,
    /// Whether it is so on each day.
    pub every_day: bool,
}

impl Rhythm {
    /// Every so many minutes, always.
    #[must_use]
    pub fn every(minutes: u64) -> Self {
        Self {
            shortest: minutes,
            longest: minutes,
            every_day: true,
        }
    }
}

/// Reads a cron line; `None` where it is none, or more than this understands.
#[must_use]
pub fn rhythm(line: &str) -> Option<Rhythm> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (minutes, hours, days) = match fields[..] {
        [_, minute, hour, day, month, weekday] => (minute, hour, [day, month, weekday]),
        [_, minute, hour, day, month, weekday, _] => (minute, hour, [day, month, weekday]),
        _ => return None,
    };
    numbers(fields[0], 60)?;
    let (minutes, hours) = (numbers(minutes, 60)?, numbers(hours, 24)?);
    let due = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute));
    let due: Vec<u64> = due.collect();
    let (first, last) = (*due.first()?, *due.last()?);
    let over_night = first + DAY - last;
    let gaps = due
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .chain([over_night]);
    Some(Rhythm {
        shortest: gaps.clone().min()?,
        longest: gaps.max()?,
        every_day: days.iter().all(|field| matches!(*field, "*" | "?")),
    })
}

/// The numbers below `end` that a field names.
fn numbers(field: &str, end: u64) -> Option<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u64>().ok().filter(|it| *it > 0)?)),
            None => (part, None),
        };
        let number = |text: &str| text.parse::<u64>().ok().filter(|it| *it < end);
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (0, end - 1),
            Some((from, to)) => (number(from)?, number(to)?),
            None if step.is_some() => (number(range)?, end - 1),
            None => (number(range)?, number(range)?),
        };
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        all.extend((from..=to).step_by(step));
    }
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::{Rhythm, rhythm};

    #[test]
    fn a_cron_line_tells_the_shortest_and_the_longest_wait() {
        let daily = |shortest, longest| {
            Some(Rhythm {
                shortest,
                longest,
                every_day: true,
            })
        };
        for (line, told) in [
            ("0 0/15 * * * *", daily(15, 15)),
            ("0 */15 * * * *", daily(15, 15)),
            ("0 7-59/15 * * * * 2027", daily(15, 15)),
            ("0 0,10 * * * *", daily(10, 50)),
            ("0 0 8-18 * * *", daily(60, 840)),
            ("0 30 3 * * *", daily(1440, 1440)),
            ("0 0/15 * * * MON", None),
        ] {
            match told {
                Some(told) => assert_eq!(rhythm(line), Some(told), "{line}"),
                None => assert!(!rhythm(line).expect(line).every_day, "{line}"),
            }
        }
    }

    #[test]
    fn what_is_no_cron_line_of_octopus_has_no_rhythm() {
        for line in [
            "*/15 * * * *",
            "",
            "0 60 * * * *",
            "0 a * * * *",
            "0 0/0 * * * *",
            "0 0 24 * * *",
        ] {
            assert_eq!(rhythm(line), None, "{line}");
        }
    }
}
