//! What starts it: the schedule, whether runs end in time, and how the last ones went.

use super::last_runs;
use super::published;
use super::schedule::{self, Started, TRIGGERS};
use crate::check::cron::Rhythm;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::set_up::{SetUp, StepSeen};
use crate::octopus::set_up::{Freeze, Retention, Runbook};
use crate::settings::HealthyTargets;
use std::time::Duration;

/// Whoever asks on Monday wants to know of last week; in days.
const WEEK: u64 = 7;
const DAY: u64 = 24 * 60;

/// A run need not wait longer for any one thing.
const SHORT: Duration = Duration::from_secs(5 * 60);

/// What says how long a run may wait.
const TIMES: [&str; 4] = [
    "VMSS.Timeout.Value",
    "VMSS.Registration.TimeoutInMinutes",
    "VMSS.Healthy.TimeoutInMinutes",
    "VMSS.Healthy.Handle",
];

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let side = &set_up.project;
    let Some(runbook) = side.runbook.known() else {
        return Vec::new();
    };
    let name = set_up.runbook_name();
    let mut findings = published::judge(set_up, name);
    let started = Started {
        id: &runbook.id,
        is_certain: !set_up.project.runs_latest_commit(),
        name,
    };
    findings.extend(schedules(set_up, started));
    let enabled = schedule::rhythm(set_up, started);
    findings.extend(last_runs::judge(set_up, name, enabled.as_ref()));
    let rhythm = enabled.or_else(|| schedule::rhythm_if_enabled(set_up, started));
    findings.extend(rhythm.as_ref().and_then(|rhythm| timeout(set_up, rhythm)));
    findings.extend(freezes(set_up));
    findings.push(retention(runbook, rhythm.as_ref()));
    findings
}

/// What a run waits for, in all of its steps, is less than the time to the next.
fn timeout(set_up: &SetUp, rhythm: &Rhythm) -> Option<Finding> {
    let steps: Vec<&StepSeen> = set_up.project.enabled_steps().collect();
    let names: Vec<&str> = steps.iter().map(|it| it.action.name.as_str()).collect();
    let (id, name) = (Id::Timeout, names.join(", "));
    let unseen = steps.iter().find_map(|step| step.first_unseen(&TIMES));
    if let Some(unseen) = unseen {
        return Some(unseen.finding(id, &name));
    }
    steps.first()?;
    let waits = waits(&steps);
    let sum: Duration = waits.iter().map(|(_, wait)| *wait).sum();
    let minutes = sum.as_secs_f64() / 60.0;
    let together = if steps.len() > 1 {
        " in its steps together"
    } else {
        ""
    };
    let found = format!("a run may wait for {minutes} minutes{together}, and the next is due");
    let Some(shortest) = rhythm.shortest() else {
        let found = format!(
            "{found} nobody knows when: its schedules are of different time zones, which are not compared"
        );
        let action = format!("Give all of them one time zone: {TRIGGERS}");
        return Some(Finding::warn(id, name, found, action));
    };
    let found = format!("{found} after {shortest}");
    let interval = Duration::from_secs(shortest * 60);
    Some(match sum < interval {
        true => Finding::pass(id, name, found),
        false => Finding::warn(
            id,
            name,
            format!("{found}: runs pile up behind each other"),
            shorter(&waits, interval),
        ),
    })
}

/// What runs may wait for, step by step, by the parameter that says how long; what is given up most easily first.
fn waits(steps: &[&StepSeen]) -> Vec<(&'static str, Duration)> {
    let drafts = || steps.iter().map(|step| &step.draft);
    let tests = drafts().filter(|it| it.healthy_targets == HealthyTargets::Check);
    let settling = drafts().map(|it| ("VMSS.Timeout.Value", it.settle_timeout));
    let tests = tests.map(|it| ("VMSS.Healthy.TimeoutInMinutes", it.test_timeout));
    let registration = "VMSS.Registration.TimeoutInMinutes";
    let registration = drafts().map(|it| (registration, it.registration_timeout));
    settling.chain(tests).chain(registration).collect()
}

/// What to make shorter until a run ends in time; where that is not enough, the schedule.
fn shorter(waits: &[(&'static str, Duration)], interval: Duration) -> String {
    let mut sum: Duration = waits.iter().map(|(_, wait)| *wait).sum();
    let mut long: Vec<&str> = Vec::new();
    for (name, wait) in waits {
        let saved = wait.saturating_sub(SHORT);
        if sum < interval || saved.is_zero() {
            continue;
        }
        sum -= saved;
        if !long.contains(name) {
            long.push(name);
        }
    }
    let mut actions: Vec<String> = Vec::new();
    if !long.is_empty() {
        let long = long.join(" and ");
        actions.push(format!(
            "Set {long} to {} (minutes): the runbook's Process > the step; then publish the runbook",
            SHORT.as_secs() / 60
        ));
    }
    if sum >= interval {
        actions.push(format!(
            "Let schedules be more than {} minutes apart: {TRIGGERS}",
            sum.as_secs().div_ceil(60)
        ));
    }
    actions.join(". ")
}

/// Those of the runbook in the environment.
pub(super) fn schedules(set_up: &SetUp, started: Started<'_>) -> Vec<Finding> {
    let Some(environment) = set_up.environment.known() else {
        return Vec::new();
    };
    let triggers = &set_up.project.triggers;
    triggers.judged(Id::Schedule, started.name, "TriggerView", |triggers| {
        schedule::judge(triggers, started, environment, set_up)
    })
}

pub(super) fn freezes(set_up: &SetUp) -> Vec<Finding> {
    let subject = &set_up.environment_told;
    let freezes = &set_up.freezes;
    freezes.judged(Id::Freeze, subject, "EnvironmentView", |it| {
        vec![freeze(it, set_up)]
    })
}

/// It stops deployments alone; whoever relies on it should know.
fn freeze(freezes: &[Freeze], set_up: &SetUp) -> Finding {
    let (id, subject) = (Id::Freeze, &set_up.environment_told);
    let is_on = |it: &&Freeze| {
        it.start.is_none_or(|start| start <= set_up.now)
            && it.end.is_none_or(|end| set_up.now < end)
    };
    match freezes.iter().find(is_on) {
        None => Finding::pass(id, subject, "no deployment freeze is on"),
        Some(it) => Finding::pass(
            id,
            subject,
            format!(
                "the deployment freeze {} is on, and stops no runbook: the schedule goes on",
                it.name
            ),
        ),
    }
}

/// How many days of runs are kept, in this environment.
fn retention(runbook: &Runbook, rhythm: Option<&Rhythm>) -> Finding {
    let (id, name) = (Id::Retention, &runbook.name);
    let minutes_of = |runs| rhythm.map_or(runs * 15, |it| it.minutes_of(runs));
    let (found, days) = match runbook.retention {
        Retention::Forever => return Finding::pass(id, name, "all runs are kept"),
        Retention::Days(days) => (format!("the runs of {days} days are kept"), days),
        Retention::Runs(runs) => {
            let minutes = minutes_of(runs);
            let hours = minutes / 60;
            (
                format!("{runs} runs are kept, which are {hours} hours"),
                minutes / DAY,
            )
        }
    };
    match days < WEEK {
        false => Finding::pass(id, name, found),
        true => Finding::warn(
            id,
            name,
            format!("{found}: whoever asks on Monday finds nothing of Friday"),
            "Keep the runs of 30 days: the runbook's Settings > Retention Policy",
        ),
    }
}
