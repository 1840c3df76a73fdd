//! What is left of the plan is carried out, in parallel, within Octopus's rate limit; and what the steps that follow deploy to.

use super::last_look::{LastLook, SecondLook};
use super::snapshot::{Clients, Off, machines_off};
use crate::azure::Azure;
use crate::console::Console;
use crate::error::{Error, ServiceError};
use crate::http::{Deadline, Sending};
use crate::octopus::{Octopus, Removal, Writer, Written};
use crate::reconcile::deploy_list::DeployList;
use crate::reconcile::plan::Row;
use crate::reconcile::snapshot::{Instance, Target, TargetId};
use crate::reconcile::verdict::Verdict;
use crate::report::{Decision, Ended, EndedBy, Hold, Removals, telling_changes};
use crate::settings::{CallerKind, Settings};
use crate::workers;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The run reads its own task before the first removal and before every further one of this many.
const BETWEEN_CHECKS: usize = 25;

/// So many removals in a row that are refused to the end, because of the rate limit, say that the others will be too.
const REFUSED_IN_A_ROW: usize = 5;

/// Why no further removal begins.
#[derive(Clone, Copy)]
enum End {
    Cancelled,
    /// Nobody would have the log of a further one.
    LogLost,
    Interrupted,
    Refused,
}

impl End {
    /// Whether the run ends with it, and not only the removals.
    fn cuts_short(self) -> bool {
        match self {
            Self::Cancelled | Self::LogLost | Self::Interrupted => true,
            Self::Refused => false,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "This run was cancelled",
            Self::LogLost => "Standard output (or, by hand, standard error) was closed",
            Self::Interrupted => "This run was interrupted",
            Self::Refused => {
                "Octopus refused several removals in a row to the end, because of its rate limit"
            }
        })
    }
}

/// How far the removals are.
#[derive(Default)]
struct Progress {
    finished: usize,
    refused_in_a_row: usize,
    end: Option<End>,
}

impl Progress {
    fn count<T>(&mut self, removal: &Result<T, ServiceError>) {
        self.finished += 1;
        self.refused_in_a_row = match removal {
            Err(error) if error.is_too_often() => self.refused_in_a_row + 1,
            Ok(_) | Err(_) => 0,
        };
        if self.refused_in_a_row >= REFUSED_IN_A_ROW {
            self.end = self.end.or(Some(End::Refused));
        }
    }
}

/// What came of a removal, and when.
type Attempt = (Result<Written<Removal>, ServiceError>, SystemTime);

/// Removes every candidate, unless something holds the removals back, or nobody would have the log. One that fails does not
/// stop the others; a cancelled task does.
pub fn remove(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    decision: &mut Decision,
) -> Removals {
    let last_look = LastLook::after(clients, settings, decision);
    let targets: Vec<Row> = decision.plan.candidates().cloned().collect();
    let mut removals = Removals::default();
    if targets.is_empty() || decision.hold.is_some() || clients.writer.is_dry() {
        return removals;
    }
    let doing = settings.rules.action.doing();
    // By hand the plan was written to one stream, and this is to the other: whose reader is gone will not read of removals.
    console.info(format_args!("{doing} targets: {}", targets.len()));
    if console.is_lost() {
        decision.hold = Some(Hold::Failure(Error::LogLost));
        return removals;
    }
    console.removals_begin();
    let halt = console.halt();
    let progress = Mutex::new(Progress::default());
    let lock = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    let may_start = |started: usize| {
        let check = started.is_multiple_of(BETWEEN_CHECKS);
        let cancelled = check && is_cancelled(&clients.octopus, settings, console);
        let mut progress = lock();
        let lost = console.is_lost().then_some(End::LogLost);
        let cancelled = cancelled.then_some(End::Cancelled);
        let interrupted = console.is_interrupted().then_some(End::Interrupted);
        progress.end = progress.end.or(cancelled).or(lost).or(interrupted);
        if progress.end.is_some_and(End::cuts_short) {
            // What waits for its next try is not tried again either.
            halt.call();
        }
        progress.end.is_none()
    };
    let one_at_a_time = Mutex::new(());
    let results = workers::map_while(&targets, may_start, |row| {
        let target = &row.target;
        // The removals take as long as the rate limit makes them.
        let sending = Sending::from(Deadline::NONE).unless(&halt);
        let removal = remove_one(
            &clients.writer,
            settings,
            &last_look,
            row,
            sending,
            &one_at_a_time,
        );
        let at = SystemTime::now();
        // One after the other, so that the progress counts upwards.
        let mut progress = lock();
        tell(settings, console, target, &removal);
        progress.count(&removal);
        let (finished, of) = (progress.finished, targets.len());
        console.progress(finished, of);
        (removal, at)
    });
    let mut spared = sort_out(results, &mut removals);
    let (of, end) = (targets.len(), lock().end);
    let left = of - removals.removed.len() - removals.failed.len() - spared.len();
    // An interrupt that came when all had begun is one all the same.
    let interrupted = console.is_interrupted().then_some(End::Interrupted);
    let end = end.or(interrupted);
    removals.cut_short = interrupted.is_some() || left > 0 && end.is_some_and(End::cuts_short);
    if let (1.., Some(why)) = (left, end) {
        let why_left = format!(
            "{why}: {left} of {of} targets were left as they are; the next run removes them."
        );
        console.warn(&why_left);
        removals.why_left = Some(why_left);
    }
    telling_changes(console, &mut decision.plan, |plan| {
        for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
            if let Some(verdict) = spared.remove(&row.target.id) {
                row.verdict = verdict;
            }
        }
    });
    removals
}

/// Sorts what came of each removal; with it come the verdicts of those that were spared.
fn sort_out(
    results: Vec<(&Row, Option<Attempt>)>,
    removals: &mut Removals,
) -> HashMap<TargetId, Verdict> {
    let mut spared = HashMap::new();
    let attempts = results
        .into_iter()
        .filter_map(|(row, attempt)| Some((row, attempt?)));
    for (row, (removal, at)) in attempts {
        let id = row.target.id.clone();
        let by = match removal {
            Ok(Written::Done(Removal::Done)) => EndedBy::ThisRun,
            Ok(Written::Done(Removal::AlreadyGone)) => EndedBy::SomebodyElse,
            Ok(Written::Done(Removal::Spared(verdict))) => {
                spared.insert(id, verdict);
                continue;
            }
            // It did not begin.
            Err(error) if error.is_halted() => continue,
            Err(error) => {
                removals.failed.insert(id, error);
                continue;
            }
            Ok(Written::DryRun) => continue,
        };
        removals.removed.insert(id, Ended { at, by });
    }
    spared
}

/// Removes one candidate while its last look is fresh, and looks again where that has aged before it was its turn, as long as
/// there is time for trying. Those that are late go one at a time: all of them together would only keep each other waiting.
fn remove_one(
    writer: &Writer,
    settings: &Settings,
    last_look: &LastLook<'_>,
    row: &Row,
    mut sending: Sending,
    one_at_a_time: &Mutex<()>,
) -> Result<Written<Removal>, ServiceError> {
    let mut late = None;
    let mut look = last_look.if_long_ago(row);
    loop {
        let until = match look {
            SecondLook::GoesOn(until) => until,
            SecondLook::Gone => return Ok(Written::Done(Removal::AlreadyGone)),
            SecondLook::Spares(verdict) => return Ok(Written::Done(Removal::Spared(verdict))),
            SecondLook::Refused(error) => return Err(error),
        };
        sending.fresh_until(until);
        let removal = writer.remove(row, settings.rules.action, &mut sending);
        let Err(aged) = removal else { return removal };
        if !sending.has_aged() {
            return Err(aged);
        }
        late = late.or_else(|| Some(one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner)));
        if sending.ends().is_over() {
            return Err(aged);
        }
        look = match last_look.again(row, sending.ends()) {
            // There was no time to look again: what was refused stays refused.
            SecondLook::Refused(error) if error.is_out_of_time() => return Err(aged),
            look => look,
        };
    }
}

fn tell(
    settings: &Settings,
    console: &Console,
    target: &Target,
    removal: &Result<Written<Removal>, ServiceError>,
) {
    let done = settings.rules.action.done();
    let Target { name, id, .. } = target;
    match removal {
        Ok(Written::Done(Removal::Done)) => console.info(format_args!("  {done:<8} {name} ({id})")),
        Ok(Written::Done(Removal::AlreadyGone)) => console.info(format_args!(
            "  {done:<8} {name} ({id}), by somebody else already"
        )),
        // Its own line says why, once all are done.
        Ok(Written::Done(Removal::Spared(_)) | Written::DryRun) => {}
        // Said with all that failed for the same reason, once all are done.
        Err(error) => console.verbose(format_args!("{name} ({id}) was not {done}. {error}")),
    }
}

/// Whether somebody cancelled this run; where that cannot be read, it goes on.
pub fn is_cancelled(octopus: &Octopus, settings: &Settings, console: &Console) -> bool {
    let Some(task) = &settings.caller.task else {
        return false;
    };
    let deadline = Deadline::within(settings.tuning.phase);
    let attempted = format!("read the run's own task {task}");
    match octopus.task(task, &attempted, deadline) {
        Ok(task) => task.state.is_stopped(),
        Err(error) => {
            console.warn(format_args!(
                "{error} The run goes on; a cancellation would not be noticed."
            ));
            false
        }
    }
}

/// Which of the kept targets to deploy to. In a deployment, not those whose machine is known to be off.
pub fn deploy_list(
    azure: &Azure,
    settings: &Settings,
    console: &Console,
    decision: &Decision,
) -> DeployList {
    let plan = &decision.plan;
    let mut verdicts = plan.rows.iter().map(|row| &row.verdict);
    let asked = settings.caller.kind == CallerKind::Deployment
        && verdicts.any(|verdict| *verdict == Verdict::Kept);
    let off = if asked {
        let then = "Nobody is left out of the deployment for being off.";
        machines_off(azure, settings, console, &decision.snapshot.groups, then)
    } else {
        Off::default()
    };
    let off: HashSet<*const Instance> = off.0.iter().map(Arc::as_ptr).collect();
    DeployList::of(plan, settings.tenancy(), |instance| {
        off.contains(&std::ptr::from_ref(instance))
    })
}
