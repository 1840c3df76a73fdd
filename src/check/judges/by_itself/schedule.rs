//! The schedules of the runbook in the environment: whether one starts it, and how often they do so together.

use crate::check::cron::{self, Rhythm};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::set_up::SetUp;
use crate::clock::shown;
use crate::octopus::set_up::{EnvironmentPlace, Schedule, Trigger};
use std::time::SystemTime;

/// A schedule that is slower leaves registrations for longer than people expect; in minutes.
const SLOWEST: u64 = 60;

const TRIGGERS: &str = "the project's Operations > Triggers";
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
    together(&own.enabled, set_up.now)
}

/// How often they would, if those that are disabled were not.
pub(super) fn rhythm_if_enabled(set_up: &SetUp, started: Started<'_>) -> Option<Rhythm> {
    let triggers = set_up.project.triggers.known()?;
    let own = Own::of(triggers, started, set_up.environment_id()?);
    together(&own.disabled, set_up.now)
}

fn enabled(all: &[&Trigger], now: SystemTime) -> Vec<Finding> {
    let odd = all.iter().filter_map(|it| odd(it, now));
    let mut findings: Vec<Finding> = odd.collect();
    findings.extend(together(all, now).map(|rhythm| due(&rhythm, all)));
    findings
}

/// A rhythm of those days on which the most regular ones are due.
fn together(all: &[&Trigger], now: SystemTime) -> Option<Rhythm> {
    let rhythms = all.iter().filter_map(|it| rhythm_of(it));
    let (daily, others): (Vec<Rhythm>, Vec<Rhythm>) = rhythms
        .filter(|it| !is_over(it, now))
        .partition(|it| it.every_day);
    let joined = |all: Vec<Rhythm>| all.into_iter().reduce(|one, other| one.and(&other));
    joined(daily).or_else(|| joined(others))
}

fn is_over(rhythm: &Rhythm, now: SystemTime) -> bool {
    let year = shown(now);
    let year = year.split('-').next().and_then(|year| year.parse().ok());
    rhythm
        .last_year
        .zip(year)
        .is_some_and(|(last, year): (u64, u64)| last < year)
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
    match (rhythm_of(trigger), trigger.schedule.as_ref()?) {
        (Some(rhythm), _) if is_over(&rhythm, now) => Some(Finding::fail(
            id,
            name,
            "its last year is over: it is never due again",
            CRON,
        )),
        (Some(rhythm), _) if rhythm.times_a_minute > 1 => Some(Finding::warn(
            id,
            name,
            format!(
                "due {} times in one minute, by the first field of its cron line, which is for seconds",
                rhythm.times_a_minute
            ),
            CRON,
        )),
        (Some(_), _) => None,
        (None, Schedule::Cron(line)) => Some(Finding::fail(
            id,
            name,
            format!("its cron line {line} is none of six fields, seconds first"),
            CRON,
        )),
        (None, Schedule::Other(kind)) => Some(Finding::warn(
            id,
            name,
            format!("a {kind}, of which it is not known how often it is due"),
            CRON,
        )),
        (None, Schedule::Every { .. }) => Some(Finding::warn(
            id,
            name,
            "how often it is due is not known",
            CRON,
        )),
    }
}

fn due(rhythm: &Rhythm, all: &[&Trigger]) -> Finding {
    let id = Id::Schedule;
    let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
    let names = names.join(", ");
    let minutes = rhythm.longest();
    match (minutes > SLOWEST, rhythm.every_day) {
        (true, _) => Finding::warn(
            id,
            names,
            format!("up to {minutes} minutes pass between two runs"),
            CRON,
        ),
        (false, false) => Finding::warn(id, names, "it is not due on every day", CRON),
        (false, true) => Finding::pass(id, names, format!("due every {minutes} minutes")),
    }
}

fn rhythm_of(trigger: &Trigger) -> Option<Rhythm> {
    match trigger.schedule.as_ref()? {
        Schedule::Cron(line) => cron::rhythm(line),
        Schedule::Every {
            minutes,
            between,
            every_day,
        } => Rhythm::every(*minutes, *between, *every_day),
        Schedule::Other(_) => None,
    }
}
