//! The schedules of the runbook in the environment: whether one starts it, and how often they do so together.

use crate::check::cron::{self, NoRhythm, Rhythm};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{EnvironmentPlace, Schedule, Trigger};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// A schedule that is slower leaves registrations for longer than people expect; in minutes.
const SLOWEST: u64 = 60;

pub(super) const TRIGGERS: &str = "the project's Operations > Triggers";
const CRON: &str =
    "Set its cron line to 0 0/15 * * * * (seconds first): the project's Operations > Triggers";

/// What a schedule starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started<'a> {
    /// What triggers call the runbook: its id; in Git, its slug.
    pub(super) id: &'a str,
    /// Whether they call it so for sure: a slug may be another than its name tells, and be younger than a trigger.
    pub(super) is_certain: bool,
    /// What people call it.
    pub(super) name: &'a str,
}

/// What of the triggers starts the runbook in the environment.
struct Own<'t> {
    enabled: Vec<&'t Trigger>,
    disabled: Vec<&'t Trigger>,
    /// They start what has a tag, whatever that is.
    by_tag: Vec<&'t Trigger>,
}

impl<'t> Own<'t> {
    fn of(triggers: &'t [Trigger], started: Started<'_>, environment: &str) -> Self {
        let is_here = |it: &&Trigger| {
            let mut places = it.action.environments.iter();
            it.schedule.is_some() && places.any(|id| id.eq_ignore_ascii_case(environment))
        };
        let here = || triggers.iter().filter(is_here);
        let starts = |it: &&Trigger| {
            let own = it.action.runbook.as_deref();
            own.is_some_and(|own| own.eq_ignore_ascii_case(started.id))
        };
        let (disabled, enabled) = here().filter(starts).partition(|it| it.disabled);
        let is_by_tag = |it: &&Trigger| !it.disabled && !it.action.runbook_tags.is_empty();
        Self {
            enabled,
            disabled,
            by_tag: here().filter(is_by_tag).collect(),
        }
    }
}

pub(super) fn judge(
    triggers: &[Trigger],
    started: Started<'_>,
    environment: &EnvironmentPlace,
    set_up: &SetUp,
) -> Vec<Finding> {
    let id = Id::Schedule;
    let own = Own::of(triggers, started, &environment.id);
    if !own.enabled.is_empty() {
        return enabled(&own.enabled, set_up.now);
    }
    if let Some(trigger) = own.by_tag.first() {
        let tags = trigger.action.runbook_tags.join(", ");
        let found = format!(
            "cannot be told: it starts the runbooks that have {tags}, perhaps {} among them",
            started.name
        );
        let action = format!("Look at the runbook's tags, or name the runbook in it: {TRIGGERS}");
        return vec![Finding::warn(id, &trigger.name, found, action)];
    }
    if let Some(first) = own.disabled.first() {
        let action = format!("Enable it: {TRIGGERS}. It may start a run at once");
        let found = "disabled: it starts nothing";
        return vec![Finding::fail(id, &first.name, found, action)];
    }
    if !started.is_certain {
        let found = format!(
            "cannot be told: no schedule in {} starts {}, as the runbook may be called in Git",
            environment.name, started.id
        );
        let action = format!("Look which runbook the schedules start: {TRIGGERS}");
        return vec![Finding::warn(id, started.name, found, action)];
    }
    let found = format!("no schedule starts it in {}", environment.name);
    let action = format!("Add a scheduled trigger with the cron line 0 0/15 * * * *: {TRIGGERS}");
    let none = Finding::fail(id, started.name, found, action);
    vec![set_up.unless_hidden(none, "TriggerView", Extent::Here)]
}

/// How often they start it together.
pub(super) fn rhythm(set_up: &SetUp, started: Started<'_>) -> Option<Rhythm> {
    let triggers = set_up.project.triggers.known()?;
    let own = Own::of(triggers, started, set_up.environment_id()?);
    together(&own.enabled, set_up.now).map(|it| it.rhythm)
}

/// How often they would, if those that are disabled were not.
pub(super) fn rhythm_if_enabled(set_up: &SetUp, started: Started<'_>) -> Option<Rhythm> {
    let triggers = set_up.project.triggers.known()?;
    let own = Own::of(triggers, started, set_up.environment_id()?);
    together(&own.disabled, set_up.now).map(|it| it.rhythm)
}

fn enabled(all: &[&Trigger], now: SystemTime) -> Vec<Finding> {
    let odd = all.iter().filter_map(|it| odd(it, now));
    let mut findings: Vec<Finding> = odd.collect();
    let plain = all.iter().filter(|it| it.action.tenants.is_empty());
    let plain: Vec<&Trigger> = plain.copied().collect();
    findings.extend(together(&plain, now).and_then(|it| due(&it)));
    findings
}

/// Schedules of one clock, and when they are due together.
struct Together<'t> {
    by: Vec<&'t Trigger>,
    rhythm: Rhythm,
}

/// Those that are due this year. Of dates nobody knows how long they leave it alone: these count where there is nothing else.
fn together<'t>(all: &[&'t Trigger], now: SystemTime) -> Option<Together<'t>> {
    let year = cron::year(now);
    let due = all.iter().filter_map(|it| {
        let rhythm = rhythm_of(it).ok()?;
        rhythm.rests(year).is_none().then_some((*it, rhythm))
    });
    let (dated, weekly): (Vec<_>, Vec<_>) = due.partition(|(_, rhythm)| rhythm.by_date);
    of_one_clock(weekly).or_else(|| of_one_clock(dated))
}

/// Minutes of different clocks are not united: of several clocks that one counts which leaves it alone for the shortest time.
fn of_one_clock(all: Vec<(&Trigger, Rhythm)>) -> Option<Together<'_>> {
    let mut clocks: BTreeMap<String, Together<'_>> = BTreeMap::new();
    for (trigger, rhythm) in all {
        let clock = trigger.clock.to_lowercase();
        let joined = match clocks.remove(&clock) {
            None => Together {
                by: vec![trigger],
                rhythm,
            },
            Some(mut it) => {
                it.by.push(trigger);
                it.rhythm = it.rhythm.and(&rhythm);
                it
            }
        };
        clocks.insert(clock, joined);
    }
    let several = clocks.len() > 1;
    let all = clocks.into_values();
    let mut best = all.min_by_key(|it| (!it.rhythm.every_day(), it.rhythm.longest()))?;
    best.rhythm.beside_other_clocks = several;
    Some(best)
}

/// What is wrong with one by itself.
fn odd(trigger: &Trigger, now: SystemTime) -> Option<Finding> {
    let (id, name) = (Id::Schedule, &trigger.name);
    let tenants = &trigger.action.tenants;
    if !tenants.is_empty() {
        return Some(Finding::warn(
            id,
            name,
            format!("it starts one run for each of {}", tenants.join(", ")),
            format!(
                "Take the tenants out of it ({TRIGGERS}): one run without a tenant sees the targets of all of them"
            ),
        ));
    }
    let warn = |found: String| Some(Finding::warn(id, name, found, CRON));
    let fail = |found: String| Some(Finding::fail(id, name, found, CRON));
    match (rhythm_of(trigger), trigger.schedule.as_ref()?) {
        (Ok(rhythm), _) => match (rhythm.rests(cron::year(now)), rhythm.times_a_minute) {
            (Some(why), _) => fail(why),
            (None, 0 | 1) => None,
            (None, times) => warn(format!(
                "due {times} times in one minute, by the first field of its cron line, which is for seconds"
            )),
        },
        (Err(NoRhythm::NoCronLine), Schedule::Cron(line)) => fail(format!(
            "its cron line {line} is none of six fields, seconds first"
        )),
        (Err(NoRhythm::Never), Schedule::Cron(line)) => fail(format!(
            "never due: no month that its cron line {line} names has such a day"
        )),
        (Err(NoRhythm::Unread), Schedule::Cron(line)) => {
            warn(format!("its cron line {line} cannot be read"))
        }
        (Err(_), Schedule::Other(kind)) => warn(format!(
            "a {kind}, of which it is not known how often it is due"
        )),
        (Err(_), Schedule::Every { .. }) => warn("how often it is due is not known".to_owned()),
    }
}

/// What they come to; nothing where one is due several times in a minute, which was said.
fn due(together: &Together<'_>) -> Option<Finding> {
    let (id, rhythm) = (Id::Schedule, &together.rhythm);
    let names: Vec<&str> = together.by.iter().map(|it| it.name.as_str()).collect();
    let names = names.join(", ");
    let minutes = rhythm.longest();
    let is_right = rhythm.every_day() && minutes <= SLOWEST;
    let found = match is_right {
        true if rhythm.times_a_minute > 1 => return None,
        true => {
            return Some(Finding::pass(
                id,
                names,
                format!("due every {minutes} minutes"),
            ));
        }
        false if rhythm.beside_other_clocks => {
            "others are of another time zone, and how often they are due together is not known"
                .to_owned()
        }
        false if rhythm.every_day() => format!("up to {minutes} minutes pass between two runs"),
        false => "it is not due on every day".to_owned(),
    };
    Some(Finding::warn(id, names, found, CRON))
}

fn rhythm_of(trigger: &Trigger) -> Result<Rhythm, NoRhythm> {
    match &trigger.schedule {
        Some(Schedule::Cron(line)) => cron::rhythm(line),
        Some(Schedule::Every {
            minutes,
            between,
            days,
        }) => Rhythm::every(*minutes, *between, days).ok_or(NoRhythm::Unread),
        Some(Schedule::Other(_)) | None => Err(NoRhythm::Unread),
    }
}
