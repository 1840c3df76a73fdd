//! When schedules are due: cron lines of Octopus, which have six fields, seconds first, perhaps with a year (octopus.com/docs,
//! "Scheduled project triggers"), and every so many minutes of some hours.

use std::collections::BTreeSet;

/// The minutes of a day.
const DAY: u64 = 24 * 60;
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// When a schedule is due, on a day on which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// In these minutes of the day; there is one at least.
    due: BTreeSet<u64>,
    /// How often within such a minute.
    pub times_a_minute: usize,
    /// Whether it is so on each day.
    pub every_day: bool,
    /// The year after which it is never due again.
    pub last_year: Option<u64>,
}

impl Rhythm {
    /// Every so many minutes from one minute of the day to another; `None` where that is never.
    #[must_use]
    pub fn every(minutes: u64, (from, to): (u64, u64), every_day: bool) -> Option<Self> {
        let step = usize::try_from(minutes).ok().filter(|step| *step > 0)?;
        let due: BTreeSet<u64> = (from..=to.min(DAY - 1)).step_by(step).collect();
        (!due.is_empty()).then_some(Self {
            due,
            times_a_minute: 1,
            every_day,
            last_year: None,
        })
    }

    /// Two schedules as one: each day on which either is due is such a day.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.due.extend(&other.due);
        self.times_a_minute = self.times_a_minute.max(other.times_a_minute);
        self.every_day &= other.every_day;
        self
    }

    /// The shortest time between two runs, in minutes.
    #[must_use]
    pub fn shortest(&self) -> u64 {
        match self.times_a_minute {
            0 | 1 => self.gaps().min().unwrap_or(DAY),
            _ => 0,
        }
    }

    /// The longest, in minutes.
    #[must_use]
    pub fn longest(&self) -> u64 {
        self.gaps().max().unwrap_or(DAY)
    }

    /// Between two runs, the last of a day and the first of the next among them.
    fn gaps(&self) -> impl Iterator<Item = u64> {
        let next_day = self.due.first().map(|first| first + DAY);
        let next = self.due.iter().skip(1).copied().chain(next_day);
        self.due.iter().zip(next).map(|(one, next)| next - one)
    }
}

/// Reads a cron line; `None` where it is none, or more than this understands.
#[must_use]
pub fn rhythm(line: &str) -> Option<Rhythm> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (second, minute, hour, days, year) = match fields[..] {
        [second, minute, hour, day, month, weekday] => {
            (second, minute, hour, [day, month, weekday], "*")
        }
        [second, minute, hour, day, month, weekday, year] => {
            (second, minute, hour, [day, month, weekday], year)
        }
        _ => return None,
    };
    let (minutes, hours) = (numbers(minute, 0, 59)?, numbers(hour, 0, 23)?);
    let due = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute));
    Some(Rhythm {
        due: due.collect(),
        times_a_minute: numbers(second, 0, 59)?.len(),
        every_day: is_every_day(days),
        last_year: match year {
            "*" | "?" => None,
            year => numbers(year, 1970, 2199)?.last().copied(),
        },
    })
}

/// Fields that name each day, each month and each day of the week. What is not understood names some.
fn is_every_day([day, month, weekday]: [&str; 3]) -> bool {
    let names = |field: &str, names: &[&str], first: usize| {
        let named = names.iter().zip(first..);
        named.fold(field.to_lowercase(), |field, (name, number)| {
            field.replace(name, &number.to_string())
        })
    };
    let fields = [
        (day.to_owned(), 1, 31),
        (names(month, &MONTHS, 1), 1, 12),
        (names(weekday, &WEEKDAYS, 0), 0, 6),
    ];
    fields.iter().all(|(field, first, last)| {
        let all = (*first..=*last).count();
        numbers(field, *first, *last).is_some_and(|it| it.len() == all)
    })
}

/// The numbers of this range that a field names.
fn numbers(field: &str, first: u64, last: u64) -> Option<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u64>().ok().filter(|it| *it > 0)?)),
            None => (part, None),
        };
        let is_in = |it: &u64| (first..=last).contains(it);
        let number = |text: &str| text.parse::<u64>().ok().filter(is_in);
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (first, last),
            Some((from, to)) => (number(from)?, number(to)?),
            None if step.is_some() => (number(range)?, last),
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

    fn waits(line: &str) -> (u64, u64) {
        let rhythm = rhythm(line).expect(line);
        (rhythm.shortest(), rhythm.longest())
    }

    #[test]
    fn a_cron_line_tells_the_shortest_and_the_longest_wait() {
        for (line, told) in [
            ("0 0/15 * * * *", (15, 15)),
            ("0 */15 * * * *", (15, 15)),
            ("0 7-59/15 * * * * 2027", (15, 15)),
            ("0 0,10 * * * *", (10, 50)),
            ("0 0 8-18 * * *", (60, 840)),
            ("0 30 3 * * *", (1440, 1440)),
            ("* 0/15 * * * *", (0, 15)),
        ] {
            assert_eq!(waits(line), told, "{line}");
        }
    }

    #[test]
    fn fields_that_name_each_day_are_every_day_however_they_are_written() {
        for (days, every) in [
            ("* * *", true),
            ("? * *", true),
            ("1/1 * ?", true),
            ("*/1 * *", true),
            ("* 1-12 0-6", true),
            ("1-31 JAN-DEC SUN-SAT", true),
            ("* * MON", false),
            ("* * 1-5", false),
            ("31 2 *", false),
            ("L * *", false),
            ("*/2 * *", false),
        ] {
            let rhythm = rhythm(&format!("0 0 3 {days}")).expect(days);
            assert_eq!(rhythm.every_day, every, "{days}");
        }
    }

    #[test]
    fn a_year_ends_it() {
        let last = |line: &str| rhythm(line).expect(line).last_year;
        assert_eq!(last("0 0/15 * * * * 2020"), Some(2020));
        assert_eq!(last("0 0/15 * * * * 2020-2030"), Some(2030));
        assert_eq!(last("0 0/15 * * * * *"), None);
        assert_eq!(last("0 0/15 * * * *"), None);
    }

    #[test]
    fn hours_of_a_day_leave_the_night_and_two_schedules_are_one() {
        let day = Rhythm::every(15, (9 * 60, 10 * 60), true).expect("a rhythm");
        assert_eq!((day.shortest(), day.longest()), (15, 23 * 60));
        let all = Rhythm::every(30, (5, 24 * 60), true).expect("a rhythm");
        assert_eq!((all.shortest(), all.longest()), (30, 30));
        let both = all.and(&day);
        assert_eq!((both.shortest(), both.longest()), (5, 30));
        assert_eq!(Rhythm::every(0, (0, 60), true), None);
        assert_eq!(Rhythm::every(15, (60, 0), true), None);
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
            "0 0 3 * * * soon",
        ] {
            assert_eq!(rhythm(line), None, "{line}");
        }
    }
}
