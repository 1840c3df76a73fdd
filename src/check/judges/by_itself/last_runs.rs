//! How the last runs went, and whether they are as old as a schedule leaves them.

use crate::check::cron::Rhythm;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::set_up::SetUp;
use crate::clock::shown;
use crate::octopus::TaskState;
use crate::octopus::set_up::RunbookRun;
use std::time::{Duration, SystemTime};

/// So many intervals without a run are no accident.
const MISSED: u64 = 3;

/// A schedule that is not known, or that leaves days out, tells of no run that is missing.
pub(super) fn judge(set_up: &SetUp, name: &str, rhythm: Option<&Rhythm>) -> Vec<Finding> {
    let rhythm = rhythm.filter(|it| it.every_day());
    let runs = &set_up.project.runs;
    runs.judged(Id::LastRuns, name, "TaskView", |runs| {
        vec![last_runs(runs, name, rhythm, set_up)]
    })
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

fn last_runs(runs: &[RunbookRun], name: &str, rhythm: Option<&Rhythm>, set_up: &SetUp) -> Finding {
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
        (false, 0) => overdue(runs, name, rhythm, set_up.now).unwrap_or_else(|| {
            Finding::pass(id, name, format!("none of the last {} is red", runs.len()))
        }),
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

/// Nothing is red, and yet nothing is done: no run began for long, or all of them wait in the queue.
fn overdue(
    runs: &[RunbookRun],
    name: &str,
    rhythm: Option<&Rhythm>,
    now: SystemTime,
) -> Option<Finding> {
    let id = Id::LastRuns;
    let minutes = rhythm?.longest();
    let long = Duration::from_secs(MISSED * minutes * 60);
    let is_old = |since: SystemTime| now.duration_since(since).is_ok_and(|age| age > long);
    let is_queued = |it: &&RunbookRun| it.state == TaskState::Queued;
    if runs.iter().all(|it| is_queued(&it)) {
        let oldest = runs.iter().rfind(|it| it.since.is_some_and(is_old))?;
        return Some(Finding::warn(
            id,
            name,
            format!("all of the last {} wait in the queue", runs.len()),
            format!(
                "Look what {} waits for: its task, and the server's task cap",
                oldest.task
            ),
        ));
    }
    let begun = runs.iter().filter(|it| !is_queued(it));
    let dated = begun.filter_map(|it| it.since.map(|since| (since, it)));
    let (newest, run) = dated.max_by_key(|(since, _)| *since)?;
    if !is_old(newest) {
        return None;
    }
    Some(match run.state {
        TaskState::Executing | TaskState::Cancelling => Finding::warn(
            id,
            name,
            format!(
                "the newest to begin, {}, began {} and is still {}: no later run begins before it ends",
                run.task,
                shown(newest),
                state(&run.state)
            ),
            format!("Read its log, and cancel it if it hangs: {}", run.task),
        ),
        _ => Finding::warn(
            id,
            name,
            format!(
                "the newest began {}, and the schedule is due every {minutes} minutes",
                shown(newest)
            ),
            "Look at the system task 'Process recurring scheduled triggers' (Tasks > Show system tasks), and whether the schedule is new",
        ),
    })
}
