//! What starts it: the schedule, whether runs end in time, and how the last ones went.

use super::published;
use crate::check::cron::{self, Rhythm};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::set_up::SetUp;
use crate::octopus::TaskState;
use crate::octopus::set_up::{
    EnvironmentPlace, Freeze, Retention, Runbook, RunbookRun, Schedule, Trigger,
};
use crate::settings::HealthyTargets;

/// A schedule that is slower leaves registrations for longer than people expect; in minutes.
const SLOWEST: u64 = 60;
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

const TRIGGERS: &str = "the project's Operations > Triggers";

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let side = &set_up.project;
    let Some(runbook) = side.runbook.known() else {
        return Vec::new();
    };
    let name = set_up.runbook_name();
    let mut findings = published::judge(set_up, name);
    let rhythm = rhythm(set_up, runbook);
    findings.extend(
        side.triggers
            .judged(Id::Schedule, name, "TriggerView", |triggers| {
                let environment = set_up.environment.known();
                environment
                    .map(|it| schedule(triggers, runbook, it, set_up))
                    .into_iter()
                    .collect()
            }),
    );
    findings.extend(rhythm.and_then(|rhythm| timeout(set_up, rhythm)));
    findings.extend(set_up.freezes.judged(
        Id::Freeze,
        &set_up.environment_told,
        "EnvironmentView",
        |it| vec![freeze(it, set_up)],
    ));
    findings.extend(side.runs.judged(Id::LastRuns, name, "TaskView", |runs| {
        vec![last_runs(runs, name, set_up)]
    }));
    findings.push(retention(runbook, rhythm));
    findings
}

/// The schedules of the runbook in the environment.
fn own<'t>(triggers: &'t [Trigger], runbook: &Runbook, environment: &str) -> Vec<&'t Trigger> {
    let starts = |it: &&Trigger| {
        let own = it.action.runbook.as_deref();
        let mut places = it.action.environments.iter();
        it.schedule.is_some()
            && own.is_some_and(|own| own.eq_ignore_ascii_case(&runbook.id))
            && places.any(|id| id.eq_ignore_ascii_case(environment))
    };
    triggers.iter().filter(starts).collect()
}

fn schedule(
    triggers: &[Trigger],
    runbook: &Runbook,
    environment: &EnvironmentPlace,
    set_up: &SetUp,
) -> Finding {
    let id = Id::Schedule;
    let all = own(triggers, runbook, &environment.id);
    let Some(first) = all.first() else {
        let none = Finding::fail(
            id,
            &runbook.name,
            format!("no schedule starts it in {}", environment.name),
            format!("Add a scheduled trigger with the cron line 0 0/15 * * * *: {TRIGGERS}"),
        );
        return set_up.unless_hidden(none, "TriggerView", Extent::Here);
    };
    let Some(enabled) = all.iter().find(|it| !it.disabled) else {
        return Finding::fail(
            id,
            &first.name,
            "disabled: it starts nothing",
            format!("Enable it: {TRIGGERS}. It may start a run at once"),
        );
    };
    if !enabled.action.tenants.is_empty() {
        return Finding::warn(
            id,
            &enabled.name,
            format!(
                "it starts one run for each of {}",
                enabled.action.tenants.join(", ")
            ),
            format!(
                "Take the tenants out of it ({TRIGGERS}): one run without a tenant sees the targets of all of them"
            ),
        );
    }
    due(enabled)
}

fn due(trigger: &Trigger) -> Finding {
    let (id, name) = (Id::Schedule, &trigger.name);
    let cron = format!("Set its cron line to 0 0/15 * * * * (seconds first): {TRIGGERS}");
    match (rhythm_of(trigger), &trigger.schedule) {
        (Some(rhythm), _) if rhythm.longest > SLOWEST => Finding::warn(
            id,
            name,
            format!("up to {} minutes pass between two runs", rhythm.longest),
            cron,
        ),
        (Some(rhythm), _) if !rhythm.every_day => {
            Finding::warn(id, name, "it is not due on every day", cron)
        }
        (Some(rhythm), _) => {
            Finding::pass(id, name, format!("due every {} minutes", rhythm.longest))
        }
        (None, Some(Schedule::Cron(line))) => Finding::fail(
            id,
            name,
            format!("its cron line {line} is none of six fields, seconds first"),
            cron,
        ),
        (None, Some(Schedule::Other(kind))) => Finding::warn(
            id,
            name,
            format!("a {kind}, of which it is not known how often it is due"),
            cron,
        ),
        (None, Some(Schedule::EveryMinutes(_)) | None) => {
            Finding::warn(id, name, "how often it is due is not known", cron)
        }
    }
}

fn rhythm_of(trigger: &Trigger) -> Option<Rhythm> {
    match trigger.schedule.as_ref()? {
        Schedule::Cron(line) => cron::rhythm(line),
        Schedule::EveryMinutes(minutes) if *minutes > 0 => Some(Rhythm::every(*minutes)),
        Schedule::EveryMinutes(_) | Schedule::Other(_) => None,
    }
}

/// That of the enabled schedule, or of the first one.
fn rhythm(set_up: &SetUp, runbook: &Runbook) -> Option<Rhythm> {
    let triggers = set_up.project.triggers.known()?;
    let mut all = own(triggers, runbook, set_up.environment_id()?);
    all.sort_by_key(|it| it.disabled);
    rhythm_of(all.first()?)
}

/// What a run waits for is less than the time to the next.
fn timeout(set_up: &SetUp, rhythm: Rhythm) -> Option<Finding> {
    let step = set_up
        .project
        .step
        .known()
        .filter(|step| !step.action.disabled)?;
    let (id, name) = (Id::Timeout, &step.action.name);
    if let Some(unseen) = step.first_unseen(&TIMES) {
        return Some(unseen.finding(id, name));
    }
    let run = &step.draft;
    let mut waits = run.settle_timeout + run.registration_timeout;
    if run.healthy_targets == HealthyTargets::Check {
        waits += run.test_timeout;
    }
    let minutes = waits.as_secs_f64() / 60.0;
    let found = format!(
        "a run may wait for {minutes} minutes, and the next is due after {}",
        rhythm.shortest
    );
    let is_less = waits.as_secs() < rhythm.shortest * 60;
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

fn never_ran(set_up: &SetUp, name: &str) -> Finding {
    let never = Finding::warn(
        Id::LastRuns,
        name,
        "it has never run in this environment",
        "Run it once with Dry run set to Yes, and read its log: Run... in the runbook's menu",
    );
    let never = set_up.unless_hidden(never, "RunbookRunView", Extent::Here);
    set_up.unless_hidden(never, "TaskView", Extent::Here)
}

fn last_runs(runs: &[RunbookRun], name: &str, set_up: &SetUp) -> Finding {
    let id = Id::LastRuns;
    let Some(newest) = runs.first() else {
        return never_ran(set_up, name);
    };
    let read = |it: &RunbookRun| format!("Read its log: {}", it.task);
    let is_red = |it: &&RunbookRun| it.state.is_stopped();
    if let Some(waiting) = runs.iter().find(|it| it.waits) {
        return Finding::fail(
            id,
            name,
            format!(
                "{} waits for a person, and later runs queue up behind it",
                waiting.task
            ),
            format!("Answer or cancel it. {}", read(waiting)),
        );
    }
    let red = runs.iter().filter(is_red).count();
    match (newest.state.is_stopped(), red) {
        (true, _) => Finding::fail(
            id,
            name,
            format!(
                "the newest is {}; {red} of the last {} are red",
                state(&newest.state),
                runs.len()
            ),
            read(newest),
        ),
        (false, 0) => Finding::pass(id, name, format!("none of the last {} is red", runs.len())),
        (false, _) => Finding::warn(
            id,
            name,
            format!(
                "{red} of the last {} are red, the newest is not",
                runs.len()
            ),
            runs.iter().find(is_red).map(read).unwrap_or_default(),
        ),
    }
}

fn state(state: &TaskState) -> &'static str {
    match state {
        TaskState::Queued => "queued",
        TaskState::Executing => "executing",
        TaskState::Cancelling => "being cancelled",
        TaskState::Success => "a success",
        TaskState::Canceled => "cancelled",
        TaskState::TimedOut => "timed out",
        TaskState::Failed => "failed",
        TaskState::Other(_) => "in a state that is not known",
    }
}

/// How many days of runs are kept, in this environment.
fn retention(runbook: &Runbook, rhythm: Option<Rhythm>) -> Finding {
    let (id, name) = (Id::Retention, &runbook.name);
    let interval = rhythm.map_or(15, |it| it.longest.max(1));
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
