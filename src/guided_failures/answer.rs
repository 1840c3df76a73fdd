//! Finds the guided failures that may be answered, and answers them once all the evidence is there. Who is asked, and when;
//! what may be answered is decided in [`super::policy`].

use super::interruptions::{
    OWN_ACCOUNT, exclude, interruption, interruptions_of, paused_task, pending_interruptions,
    take_responsibility,
};
use super::policy::{
    GuidedFailures, Interruption, LeftAlone, Open, is_about, named_in, surely_gone,
};
use crate::console::{Console, Level};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::{Octopus, TaskLog, TaskState, Writer, Written};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Target, TargetId};
use crate::reconcile::verdict::Deferral;
use crate::report::{Decision, telling_changes};
use crate::settings::{BusyTargets, GuidedFailureHandling, Settings};
use std::collections::HashMap;
use std::sync::Arc;

/// What waits for an answer.
#[derive(Debug)]
pub struct Waiting {
    /// `None` if that could not be read.
    interruptions: Option<Vec<Interruption>>,
}

impl Waiting {
    /// Whether a snapshot is needed that was taken after this was read: only a machine that is gone *then* may be excluded.
    #[must_use]
    pub fn need_a_new_snapshot(&self) -> bool {
        let mut interruptions = self.interruptions.iter().flatten();
        interruptions.any(|it| it.obstacle().is_none())
    }
}

/// Reads what waits for an answer, where that is asked for.
pub fn read_waiting(octopus: &Octopus, settings: &Settings, console: &Console) -> Waiting {
    let interruptions = match settings.guided_failures {
        GuidedFailureHandling::None => Some(Vec::new()),
        GuidedFailureHandling::Exclude => {
            let deadline = Deadline::within(settings.tuning.phase);
            pending_interruptions(octopus, deadline)
                .inspect_err(|error| tell_unanswered(console, error))
                .ok()
        }
    };
    Waiting { interruptions }
}

/// A task that waits, as far as it was read.
struct Paused {
    log: Result<TaskLog, ServiceError>,
    /// What it has waited for before, and waits for.
    interruptions: Result<Vec<Interruption>, ServiceError>,
}

/// Finds the guided failures that may be answered, and names the others with the reason.
pub fn examine(
    octopus: &Octopus,
    settings: &Settings,
    console: &Console,
    waiting: Waiting,
    plan: &Plan,
) -> GuidedFailures {
    let mut found = GuidedFailures {
        unknown: waiting.interruptions.is_none(),
        ..GuidedFailures::default()
    };
    let deadline = Deadline::within(settings.tuning.phase);
    let rows = plan.rows.iter();
    let targets: Vec<Arc<Target>> = rows.map(|row| Arc::clone(&row.target)).collect();
    let mut paused = HashMap::new();
    for interruption in waiting.interruptions.unwrap_or_default() {
        let named = named_in(&interruption.text, &targets);
        found.involve(&interruption, &named);
        match may_answer(&interruption, &named, (&targets, plan), &found, |task| {
            let read = paused.entry(task.to_owned());
            read.or_insert_with(|| read_paused(octopus, task, deadline))
        }) {
            Ok(target) => found.open.push(Open {
                interruption,
                target,
            }),
            Err(why) => {
                if matches!(&why, LeftAlone::TaskState(state, _) if state.is_over()) {
                    found.forget(&interruption.task);
                }
                tell_left_alone(console, &interruption, &why);
            }
        }
    }
    if settings.guided_failures == GuidedFailureHandling::Exclude
        && settings.busy_targets == BusyTargets::Remove
    {
        find_answered(octopus, console, plan, &mut found, deadline);
    }
    found
}

/// The target that it is about, or why it is left alone. `paused` reads the task that waits, once.
fn may_answer<'p>(
    interruption: &Interruption,
    named: &[&Arc<Target>],
    (targets, plan): (&[Arc<Target>], &Plan),
    found: &GuidedFailures,
    paused: impl FnOnce(&str) -> &'p mut Paused,
) -> Result<TargetId, LeftAlone> {
    if let Some(why) = interruption.obstacle() {
        return Err(why);
    }
    let target = match named {
        [] => return Err(LeftAlone::NamesNoTarget),
        [target] => *target,
        several => {
            let names = several.iter().map(|target| target.name.clone());
            return Err(LeftAlone::NamesSeveral(names.collect()));
        }
    };
    surely_gone(plan, &target.id)?;
    let task = &interruption.task;
    let about_it = |open: &&Open| open.target == target.id && open.interruption.task == *task;
    if let Some(twin) = found.open.iter().find(about_it) {
        return Err(LeftAlone::Twin(twin.interruption.id.clone()));
    }
    let paused = paused(task);
    let log = paused.log.as_ref().map_err(unreadable)?;
    if log.state != TaskState::Executing {
        let (state, text) = (log.state.clone(), log.state_text.clone());
        return Err(LeftAlone::TaskState(state, text));
    }
    let element = log.element(&interruption.element);
    if !element.is_some_and(|element| is_about(element, target)) {
        return Err(LeftAlone::Unclear(target.name.clone()));
    }
    let earlier = paused.interruptions.as_ref().map_err(unreadable)?;
    let excluded = |it: &&Interruption| it.task == *task && it.has_excluded(&target.id, targets);
    match earlier.iter().find(excluded) {
        Some(earlier) => Err(LeftAlone::ExcludedBefore(earlier.id.clone())),
        None => Ok(target.id.clone()),
    }
}

fn read_paused(octopus: &Octopus, task: &str, deadline: Deadline) -> Paused {
    Paused {
        log: paused_task(octopus, task, deadline),
        interruptions: interruptions_of(octopus, task, deadline),
    }
}

/// Where targets in use are removed: the candidates that a running task was told to exclude. It still knows them.
fn find_answered(
    octopus: &Octopus,
    console: &Console,
    plan: &Plan,
    found: &mut GuidedFailures,
    deadline: Deadline,
) {
    let candidates = plan.candidates();
    let candidates: Vec<Arc<Target>> = candidates.map(|row| Arc::clone(&row.target)).collect();
    if candidates.is_empty() {
        return;
    }
    let all = octopus.active_tasks(deadline).and_then(|tasks| {
        let of_task = tasks
            .iter()
            .map(|task| interruptions_of(octopus, task, deadline));
        of_task.collect::<Result<Vec<_>, _>>()
    });
    match all {
        Ok(all) => {
            for interruption in all.iter().flatten() {
                let named = named_in(&interruption.text, &candidates);
                found.involve(interruption, &named);
            }
        }
        Err(error) => {
            tell_unanswered(console, &error);
            found.unknown = true;
        }
    }
}

/// Who answers, and for whom.
struct Answering<'a> {
    /// Reads once more what is to be answered.
    octopus: &'a Octopus,
    /// Answers it.
    writer: &'a Writer,
    /// What the run is told.
    settings: &'a Settings,
    /// Where it reports to.
    console: &'a Console,
}

/// Answers what may be answered: guided failures about targets that are stale after all the evidence, unless something holds
/// the removals back. `is_cancelled` tells whether the run itself was. From then on a target that a running task waits about,
/// or was told to exclude, waits for a later run.
pub fn answer(
    octopus: &Octopus,
    writer: &Writer,
    settings: &Settings,
    console: &Console,
    found: &GuidedFailures,
    decision: &mut Decision,
    is_cancelled: impl Fn() -> bool,
) {
    let who = Answering {
        octopus,
        writer,
        settings,
        console,
    };
    let mut cancelled = None;
    let Decision { plan, hold, .. } = decision;
    for open in &found.open {
        let answered = surely_gone(plan, &open.target).and_then(|target| {
            if hold.is_some() {
                return Err(LeftAlone::Held);
            }
            if !writer.is_dry() && *cancelled.get_or_insert_with(&is_cancelled) {
                return Err(LeftAlone::Cancelled);
            }
            answer_one(&who, &open.interruption, target)
        });
        if let Err(why) = answered {
            tell_left_alone(console, &open.interruption, &why);
        }
    }
    if hold.is_none() {
        telling_changes(console, plan, |plan| defer_involved(found, plan));
    }
}

fn defer_involved(found: &GuidedFailures, plan: &mut Plan) {
    plan.defer_candidates(|row| {
        let task = found.task_of(&row.target.id);
        task.cloned().map(Deferral::GuidedFailure)
    });
}

fn answer_one(
    who: &Answering<'_>,
    waiting: &Interruption,
    target: &Target,
) -> Result<(), LeftAlone> {
    let Answering {
        octopus,
        writer,
        settings,
        console,
    } = who;
    let Interruption {
        id, task, title, ..
    } = waiting;
    if writer.is_dry() {
        console.info(format_args!(
            "Dry run: {id} ({title}) would be answered with 'Exclude' for {} ({}) in {task}",
            target.name, target.id
        ));
        return Ok(());
    }
    let deadline = Deadline::within(settings.tuning.phase);
    let now = interruption(octopus, id, deadline).map_err(|error| unreadable(&error))?;
    if let Some(why) = now.obstacle() {
        return Err(why);
    }
    still_runs(octopus, task, deadline)?;
    let holder = match take_responsibility(writer, id, deadline) {
        Ok(Written::Done(holder)) => holder,
        Ok(Written::DryRun) => return Ok(()),
        Err(error) => holder_all_the_same(octopus, id, &error, deadline)?,
    };
    let note = why_excluded(settings, target);
    match exclude(octopus, writer, &now, &note, deadline) {
        Ok(Written::DryRun) => {}
        Ok(Written::Done(())) => console.say(
            Level::Highlight,
            format_args!(
                "Excluded {} ({}) from {task}: answered {id} ({title}), since its machine is gone",
                target.name, target.id
            ),
        ),
        Err(error) => say_who_takes_over(who, waiting, &holder, &error, deadline),
    }
    Ok(())
}

fn still_runs(octopus: &Octopus, task: &str, deadline: Deadline) -> Result<(), LeftAlone> {
    let attempted = format!("read the state of {task}");
    let read = octopus.task(task, &attempted, deadline);
    let status = read.map_err(|error| unreadable(&error))?;
    if status.state == TaskState::Executing {
        return Ok(());
    }
    Err(LeftAlone::TaskState(status.state, status.state_text))
}

/// A claim whose answer was lost is one all the same.
fn holder_all_the_same(
    octopus: &Octopus,
    id: &str,
    error: &ServiceError,
    deadline: Deadline,
) -> Result<String, LeftAlone> {
    let why = error.to_string();
    match interruption(octopus, id, deadline) {
        Ok(now) if now.is_ours && now.pending => Ok(OWN_ACCOUNT.to_owned()),
        Ok(now) if now.held_by.is_none() => Err(unreadable(error)),
        Ok(now) => Err(LeftAlone::ClaimUnclear(why, now.held_by)),
        Err(_) if error.is_refusal() => Err(unreadable(error)),
        Err(_) => Err(LeftAlone::ClaimUnclear(why, None)),
    }
}

/// What people read beside the answer in Octopus.
fn why_excluded(settings: &Settings, target: &Target) -> String {
    let sets = settings.scale_sets.iter().map(ToString::to_string);
    let sets: Vec<String> = sets.collect();
    let by = settings.caller.task.as_deref().unwrap_or("a run by hand");
    format!(
        "octopus-scale-in ({by}): the machine of {} ({}) is gone. It is in neither of two complete listings of {}, and nothing else says that it is there. The registration is removed once this task has ended.",
        target.name,
        target.id,
        sets.join(", ")
    )
}

/// An answer whose own answer was lost is one all the same.
fn say_who_takes_over(
    who: &Answering<'_>,
    waiting: &Interruption,
    holder: &str,
    error: &ServiceError,
    deadline: Deadline,
) {
    let Interruption {
        id, task, title, ..
    } = waiting;
    let perhaps = match interruption(who.octopus, id, deadline) {
        Ok(now) if !now.pending => {
            who.console.info(format_args!(
                "{id} ({title}) of {task} is answered, although: {error}"
            ));
            return;
        }
        Ok(_) => "",
        Err(_) => "perhaps ",
    };
    who.console.warn(format_args!(
        "{error} {id} ({title}) of {task} is held by {holder} now, and {perhaps}not answered: somebody must take it over from {holder} in Octopus."
    ));
}

/// Guided failures are left to people, all of them.
fn tell_unanswered(console: &Console, error: &ServiceError) {
    let level = if error.is_refusal() {
        Level::Highlight
    } else {
        Level::Warning
    };
    console.say(
        level,
        format_args!("Guided failures are left to people. {error}"),
    );
}

/// This one is left alone.
fn tell_left_alone(console: &Console, interruption: &Interruption, why: &LeftAlone) {
    let Interruption {
        id, task, title, ..
    } = interruption;
    let level = match why {
        LeftAlone::Refused(_) => Level::Highlight,
        LeftAlone::ClaimUnclear(..) => Level::Warning,
        _ => Level::Info,
    };
    console.say(
        level,
        format_args!("  left alone {id} ({title}) of {task}: {why}"),
    );
}

/// Something about it could not be learned.
fn unreadable(error: &ServiceError) -> LeftAlone {
    if error.is_refusal() {
        LeftAlone::Refused(error.to_string())
    } else {
        LeftAlone::Unreadable(error.to_string())
    }
}
