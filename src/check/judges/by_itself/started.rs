//! What starts it: the schedule, whether runs end in time, and how the last ones went.

use super::last_runs;
use super::published;
use super::schedule::{self, Started};
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
    let mut waits = Duration::ZERO;
    for step in &steps {
        if let Some(unseen) = step.first_unseen(&TIMES) {
            return Some(unseen.finding(id, &name));
        }
        let run = &step.draft;
        waits += run.settle_timeout + run.registration_timeout;
        if run.healthy_targets == HealthyTargets::Check {
            waits += run.test_timeout;
        }
    }
    steps.first()?;
    let minutes = waits.as_secs_f64() / 60.0;
    let together = if steps.len() > 1 {
        " in its steps together"
    } else {
        ""
    };
    let found = format!(
        "a run may wait for {minutes} minutes{together}, and the next is due after {}",
        rhythm.shortest()
    );
    let is_less = waits.as_secs() < rhythm.shortest() * 60;
    Some(match is_less {
        true => Finding::pass(id, name, found),
        false => Finding::warn(
            id,
            name,
            format!("{found}: runs pile up behind each other"),
            "Set VMSS.Timeout.Value (Timeout in minutes) to 5: the runbook's Process > the step; then publish the runbook",
        ),
    })
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
    let interval = rhythm.map_or(15, Rhythm::longest);
    let (found, days) = match runbook.retention {
        Retention::Forever => return Finding::pass(id, name, "all runs are kept"),
        Retention::Days(days) => (format!("the runs of {days} days are kept"), days),
        Retention::Runs(runs) => {
            let hours = runs * interval / 60;
            (
                format!("{runs} runs are kept, which are {hours} hours"),
                runs * interval / DAY,
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
