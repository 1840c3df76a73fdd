//! When schedules are due: cron lines of Octopus, which have six fields, seconds first, perhaps with a year (octopus.com/docs,
//! "Scheduled project triggers"), and every so many minutes of some hours.

use crate::clock::shown;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// The minutes of a day, and of a week.
const DAY: u64 = 24 * 60;
const WEEK: u64 = 7 * DAY;
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
/// How many days each has at most.
const LENGTHS: [u64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rhythm {
    /// In these minutes of a week, Sunday first; there is one at least.
    due: BTreeSet<u64>,
    /// How often within such a minute.
    pub times_a_minute: usize,
    /// Only on some days of a month, or in some months.
    pub by_date: bool,
    /// Another is due besides, by another clock.
    pub beside_other_clocks: bool,
    /// In these years only.
    years: Option<BTreeSet<u64>>,
}

/// Why a cron line has no rhythm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRhythm {
    /// It has not the fields of one of Octopus.
    NoCronLine,
    /// This does not understand it; Octopus may.
    Unread,
    /// It names days that no month has.
    Never,
}

impl Rhythm {
    /// Every so many minutes from one minute of the day to another, on these days of the week; `None` where that is never.
    #[must_use]
    pub fn every(minutes: u64, (from, to): (u64, u64), days: &BTreeSet<u64>) -> Option<Self> {
        let step = usize::try_from(minutes).ok().filter(|step| *step > 0)?;
        let of_day: BTreeSet<u64> = (from..=to.min(DAY - 1)).step_by(step).collect();
        let due = of_week(days, &of_day);
        (!due.is_empty()).then_some(Self {
            due,
            times_a_minute: 1,
            by_date: false,
            beside_other_clocks: false,
            years: None,
        })
    }

    /// Two schedules of one clock as one, in a year in which both are due.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.due.extend(&other.due);
        self.times_a_minute = self.times_a_minute.max(other.times_a_minute);
        self.by_date |= other.by_date;
        self
    }

    /// Whether it is due on each day.
    #[must_use]
    pub fn every_day(&self) -> bool {
        let has = |day: u64| self.due.range(day * DAY..(day + 1) * DAY).next().is_some();
        !self.by_date && (0..7).all(has)
    }

    /// Why it is not due in this year, where it is not.
    #[must_use]
    pub fn rests(&self, year: u64) -> Option<String> {
        let next = self.years.as_ref()?.range(year..).next();
        match next {
            None => Some("its last year is over: it is never due again".to_owned()),
            Some(next) => (*next > year).then(|| format!("it is not due before {next}")),
        }
    }

    /// The shortest time between two runs, in minutes; `None` where clocks differ.
    #[must_use]
    pub fn shortest(&self) -> Option<u64> {
        match self.times_a_minute {
            _ if self.beside_other_clocks => None,
            0 | 1 => self.gaps().min(),
            _ => Some(0),
        }
    }

    /// The longest, in minutes.
    #[must_use]
    pub fn longest(&self) -> u64 {
        self.gaps().max().unwrap_or(WEEK)
    }

    /// So many runs are of so many minutes.
    #[must_use]
    pub fn minutes_of(&self, runs: u64) -> u64 {
        let a_week = u64::try_from(self.due.len()).unwrap_or(WEEK).max(1);
        runs * WEEK / a_week
    }

    /// Between two runs, the last of a week and the first of the next among them.
    fn gaps(&self) -> impl Iterator<Item = u64> {
        let next_week = self.due.first().map(|first| first + WEEK);
        let next = self.due.iter().skip(1).copied().chain(next_week);
        self.due.iter().zip(next).map(|(one, next)| next - one)
    }
}

/// The year of a time.
#[must_use]
pub fn year(time: SystemTime) -> u64 {
    let shown = shown(time);
    let year = shown.split('-').next().and_then(|year| year.parse().ok());
    year.unwrap_or_default()
}

/// These minutes of each of these days.
fn of_week(days: &BTreeSet<u64>, minutes: &BTreeSet<u64>) -> BTreeSet<u64> {
    let of_day = |day: &u64| {
        let start = day * DAY;
        minutes.iter().map(move |minute| start + minute)
    };
    days.iter().flat_map(of_day).collect()
}

/// Reads a cron line.
///
/// # Errors
/// It is none, or more than this understands, or never due.
pub fn rhythm(line: &str) -> Result<Rhythm, NoRhythm> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (second, minute, hour, date, year) = match fields[..] {
        [second, minute, hour, day, month, weekday] => {
            (second, minute, hour, [day, month, weekday], "*")
        }
        [second, minute, hour, day, month, weekday, year] => {
            (second, minute, hour, [day, month, weekday], year)
        }
        _ => return Err(NoRhythm::NoCronLine),
    };
    let read = |field, last| numbers(field, 0, last).ok_or(NoRhythm::Unread);
    let (minutes, hours) = (read(minute, 59)?, read(hour, 23)?);
    let due = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute));
    let (days, by_date) = days(date)?;
    Ok(Rhythm {
        due: of_week(&days, &due.collect()),
        times_a_minute: read(second, 59)?.len(),
        by_date,
        beside_other_clocks: false,
        years: match year {
            "*" | "?" => None,
            year => Some(numbers(year, 1970, 2199).ok_or(NoRhythm::Unread)?),
        },
    })
}

/// The days of the week, and whether dates leave some of them out.
fn days([day, month, weekday]: [&str; 3]) -> Result<(BTreeSet<u64>, bool), NoRhythm> {
    let named = |field: &str, names: &[&str], first: usize| {
        let named = names.iter().zip(first..);
        named.fold(field.to_lowercase(), |field, (name, number)| {
            field.replace(name, &number.to_string())
        })
    };
    let weekday = named(weekday, &WEEKDAYS, 0);
    let months = numbers(&named(month, &MONTHS, 1), 1, 12).ok_or(NoRhythm::Unread)?;
    // Such as the last day of a month, or its second Monday.
    if [day, &weekday]
        .iter()
        .any(|it| it.contains(['L', 'l', 'W', 'w', '#']))
    {
        return Ok(((0..7).collect(), true));
    }
    let weekdays = weekdays(&weekday).ok_or(NoRhythm::Unread)?;
    let days = numbers(day, 1, 31).ok_or(NoRhythm::Unread)?;
    let lengths = (1..).zip(LENGTHS).filter(|(it, _)| months.contains(it));
    let longest = lengths.map(|(_, length)| length).max();
    if weekdays.len() == 7 && longest < days.first().copied() {
        return Err(NoRhythm::Never);
    }
    Ok((weekdays, days.len() < 31 || months.len() < 12))
}

/// Sunday is 0, and 7; a range may go on into the next week.
fn weekdays(field: &str) -> Option<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (from, to, step) = range(part, (0, 6), 7)?;
        let to = if from > to { to + 7 } else { to };
        all.extend((from..=to).step_by(step).map(|day| day % 7));
    }
    Some(all)
}

/// The numbers of these that a field names.
fn numbers(field: &str, first: u64, last: u64) -> Option<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (from, to, step) = range(part, (first, last), last)?;
        // What Octopus makes of a range that goes backwards is not documented.
        all.extend((from <= to).then(|| (from..=to).step_by(step))?);
    }
    Some(all)
}

/// One part of a field: from where, to where, in which steps.
fn range(part: &str, (first, last): (u64, u64), highest: u64) -> Option<(u64, u64, usize)> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step.parse().ok().filter(|it| *it > 0)?)),
        None => (part, None),
    };
    let is_in = |it: &u64| (first..=highest).contains(it);
    let number = |text: &str| text.parse::<u64>().ok().filter(is_in);
    let (from, to) = match range.split_once('-') {
        _ if matches!(range, "*" | "?") => (first, last),
        Some((from, to)) => (number(from)?, number(to)?),
        None if step.is_some() => (number(range)?, last),
        None => (number(range)?, number(range)?),
    };
    Some((from, to, step.unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::{NoRhythm, Rhythm, rhythm};
    use std::collections::BTreeSet;

    fn waits(line: &str) -> (Option<u64>, u64) {
        let rhythm = rhythm(line).expect(line);
        (rhythm.shortest(), rhythm.longest())
    }

    #[test]
    fn a_cron_line_tells_the_shortest_and_the_longest_wait() {
        for (line, told) in [
            ("0 0/15 * * * *", (Some(15), 15)),
            ("0 */15 * * * *", (Some(15), 15)),
            ("0 7-59/15 * * * * 2027", (Some(15), 15)),
            ("0 0,10 * * * *", (Some(10), 50)),
            ("0 0 8-18 * * *", (Some(60), 840)),
            ("0 30 3 * * *", (Some(1440), 1440)),
            ("* 0/15 * * * *", (Some(0), 15)),
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
            ("* * 0-7", true),
            ("* * MON-SUN", true),
            ("* * FRI-MON,2-4", true),
            ("* * FRI-MON", false),
            ("* * 7", false),
            ("* * 2#1", false),
            ("1-31 JAN-DEC SUN-SAT", true),
            ("* * MON", false),
            ("* * 1-5", false),
            ("31 1 *", false),
            ("L * *", false),
            ("*/2 * *", false),
        ] {
            let rhythm = rhythm(&format!("0 0 3 {days}")).expect(days);
            assert_eq!(rhythm.every_day(), every, "{days}");
        }
    }

    #[test]
    fn years_that_are_over_or_have_not_come_are_told() {
        let rests = |years: &str| {
            let line = format!("0 0/15 * * * * {years}");
            rhythm(&line).expect(&line).rests(2026)
        };
        let over = "its last year is over: it is never due again";
        for (years, why) in [
            ("2020", Some(over)),
            ("2020-2030", None),
            ("*", None),
            ("2027-2030", Some("it is not due before 2027")),
            ("2025,2028", Some("it is not due before 2028")),
        ] {
            assert_eq!(rests(years).as_deref(), why, "{years}");
        }
    }

    #[test]
    fn hours_of_a_day_leave_the_night_and_two_schedules_are_one() {
        let week: BTreeSet<u64> = (0..7).collect();
        let day = Rhythm::every(15, (9 * 60, 10 * 60), &week).expect("a rhythm");
        assert_eq!((day.shortest(), day.longest()), (Some(15), 23 * 60));
        let all = Rhythm::every(30, (5, 24 * 60), &week).expect("a rhythm");
        assert_eq!((all.shortest(), all.longest()), (Some(30), 30));
        let both = all.and(&day);
        assert_eq!((both.shortest(), both.longest()), (Some(5), 30));
        assert_eq!(Rhythm::every(0, (0, 60), &week), None);
        assert_eq!(Rhythm::every(15, (60, 0), &week), None);
        assert_eq!(Rhythm::every(15, (0, 60), &BTreeSet::new()), None);
    }

    #[test]
    fn schedules_of_some_days_are_due_on_all_of_them_together() {
        let [work, rest] = ["0 0/15 * * * MON-FRI", "0 0/15 * * * SAT,SUN"];
        let both = rhythm(work).expect(work);
        assert_eq!(
            (both.every_day(), both.minutes_of(480)),
            (false, 7 * 24 * 60)
        );
        let both = both.and(&rhythm(rest).expect(rest));
        assert!(both.every_day());
        assert_eq!(both.longest(), 15);
    }

    #[test]
    fn what_is_no_cron_line_of_octopus_has_no_rhythm() {
        for (line, why) in [
            ("*/15 * * * *", NoRhythm::NoCronLine),
            ("", NoRhythm::NoCronLine),
            ("0 60 * * * *", NoRhythm::Unread),
            ("0 a * * * *", NoRhythm::Unread),
            ("0 0/0 * * * *", NoRhythm::Unread),
            ("0 0 24 * * *", NoRhythm::Unread),
            ("0 0 3 * * * soon", NoRhythm::Unread),
            ("0 0/15 22-2 * * *", NoRhythm::Unread),
            ("0 0/15 22-2,5 * * *", NoRhythm::Unread),
            ("0 H/15 * * * *", NoRhythm::Unread),
            ("0 45-15/15 * * * *", NoRhythm::Unread),
            ("0 0/15 * * * 8", NoRhythm::Unread),
            ("0 0/15 * 31 2 *", NoRhythm::Never),
            ("0 0/15 * 31 4,6 ?", NoRhythm::Never),
        ] {
            assert_eq!(rhythm(line), Err(why), "{line}");
        }
    }
}
