//! What Octopus says of each candidate: is it in use, and would anything be lost with it.

use crate::error::{Cause, Error, Service, ServiceError};
use crate::guided_failures::GuidedFailures;
use crate::http::Deadline;
use crate::octopus::{Octopus, OwnTask, OwnVariables, permissions};
use crate::reconcile::evidence::Answers;
use crate::reconcile::plan::{Plan, RemovalAction};
use crate::reconcile::snapshot::{Target, TargetId};
use crate::reconcile::usage::{self, Activity};
use crate::reconcile::verdict::{Deferral, Reference, Unanswered};
use crate::report::Asked;
use crate::settings::{BusyTargets, CallerKind, ReferencedTargets, Settings};
use crate::workers;
use std::collections::{HashMap, HashSet};

/// Answers about some targets, in their order.
type Each<'t, A> = Vec<(&'t Target, Result<A, ServiceError>)>;

/// What is asked about each candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Questions {
    /// Is it in use, and would anything be lost with it?
    All,
    /// Is it in use? That may change within minutes.
    InUse,
}

impl Questions {
    /// What is asked, where the settings want it to be known.
    pub fn asked(self, settings: &Settings) -> Vec<Asked> {
        let uses = settings.busy_targets == BusyTargets::Defer;
        let variables = self == Self::All && would_lose_variables(settings);
        let uses = uses.then_some(Asked::Use);
        uses.into_iter()
            .chain(variables.then_some(Asked::Variables))
            .collect()
    }
}

/// Whether a removal could take variables with it that somebody wants to keep.
fn would_lose_variables(settings: &Settings) -> bool {
    settings.rules.action == RemovalAction::Delete
        && settings.referenced_targets == ReferencedTargets::Hold
}

/// What Octopus says of each candidate. No answer counts as in use, or referenced. A target that a guided failure is about
/// stays a candidate for now: whether its machine is gone is asked to the end, and then it waits.
///
/// # Errors
/// The time for all of the questions is over.
pub fn ask_octopus(
    octopus: &Octopus,
    settings: &Settings,
    plan: &Plan,
    guided: &GuidedFailures,
    questions: Questions,
) -> Result<Answers, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let targets = plan.candidates().map(|row| &*row.target);
    let targets: Vec<&Target> = targets.filter(|it| !guided.ask_about(&it.id)).collect();
    let mut answers = Answers::default();
    let mut failures = Vec::new();
    if settings.busy_targets == BusyTargets::Defer || guided.unknown {
        answers.in_use = in_use(octopus, settings, &targets, deadline, &mut failures);
    }
    if would_lose_variables(settings) && questions == Questions::All {
        answers.referenced = referenced(octopus, &targets, deadline, &mut failures);
    }
    let attempted = "ask about every candidate";
    in_time(deadline, Service::Octopus, attempted, failures.iter())?;
    Ok(answers)
}

/// The other tasks of the space that could use a target.
///
/// # Errors
/// They could not be listed.
pub fn active_now(
    octopus: &Octopus,
    settings: &Settings,
    environments: &[String],
    deadline: Deadline,
) -> Result<Activity, Unanswered> {
    let active = octopus.activity(own_task(settings), environments, deadline);
    let refused = |error: ServiceError| permissions::unanswered(&error, permissions::TASKS);
    Ok(active.map_err(refused)?.into_activity())
}

/// The environments of these targets, each once.
pub fn environments_of<'t>(targets: impl Iterator<Item = &'t Target>) -> Vec<String> {
    let ids = targets.flat_map(|target| target.environments.iter().cloned());
    let ids: HashSet<String> = ids.collect();
    ids.into_iter().collect()
}

/// Whether one of these tasks uses the target.
///
/// # Errors
/// Its own tasks could not be listed; see [`unknown`].
pub fn used_by(
    octopus: &Octopus,
    settings: &Settings,
    activity: &Activity,
    target: &Target,
    deadline: Deadline,
) -> Result<Option<Deferral>, ServiceError> {
    if activity.tasks.is_empty() {
        return Ok(None);
    }
    let history = octopus.tasks_of(&target.id, own_task(settings), activity.now, deadline)?;
    Ok(usage::in_use(activity, target, &history))
}

/// What could not be learned counts as in use.
pub fn unknown(error: &ServiceError) -> Deferral {
    Deferral::InUseUnknown(permissions::unanswered(error, permissions::TASKS))
}

fn in_use(
    octopus: &Octopus,
    settings: &Settings,
    targets: &[&Target],
    deadline: Deadline,
    failures: &mut Vec<ServiceError>,
) -> HashMap<TargetId, Deferral> {
    let environments = environments_of(targets.iter().copied());
    let active = match octopus.activity(own_task(settings), &environments, deadline) {
        Ok(answer) => answer,
        Err(error) => {
            let ids = targets.iter().map(|target| target.id.clone());
            let all = ids.map(|id| (id, unknown(&error))).collect();
            failures.push(error);
            return all;
        }
    };
    let unreached: Vec<ServiceError> = active.errors().cloned().collect();
    let activity = active.into_activity();
    if activity.tasks.is_empty() {
        return HashMap::new();
    }
    let question = |target: &Target| used_by(octopus, settings, &activity, target, deadline);
    let mut deferrals = HashMap::new();
    for (target, answer) in ask_of_each(targets, question) {
        let deferral = answer.unwrap_or_else(|error| {
            let unknown = unknown(&error);
            failures.push(error);
            Some(unknown)
        });
        deferrals.extend(deferral.map(|deferral| (target.id.clone(), deferral)));
    }
    failures.extend(unreached);
    deferrals
}

/// The run's own task, which never counts.
fn own_task(settings: &Settings) -> OwnTask<'_> {
    OwnTask {
        id: settings.caller.task.as_deref(),
        is_runbook_run: settings.caller.kind == CallerKind::RunbookRun,
    }
}

fn referenced(
    octopus: &Octopus,
    targets: &[&Target],
    deadline: Deadline,
    failures: &mut Vec<ServiceError>,
) -> HashMap<TargetId, Reference> {
    let question = |target: &Target| octopus.variables_of(&target.id, deadline);
    let answers = ask_of_each(targets, question);
    let is_told = |(_, answer): &(_, Result<OwnVariables, _>)| {
        matches!(answer, Ok(OwnVariables::None | OwnVariables::Some(_)))
    };
    let knows = answers.iter().any(is_told);
    let mut references = HashMap::new();
    for (target, answer) in answers {
        let reference = match answer {
            Ok(OwnVariables::None) => continue,
            Ok(OwnVariables::Some(reference)) => reference,
            Ok(OwnVariables::NotTold(_)) if !knows => continue,
            Ok(OwnVariables::NotTold(error)) | Err(error) => {
                let why = permissions::unanswered(&error, permissions::VARIABLES);
                failures.push(error);
                Reference::Unknown(why)
            }
        };
        references.insert(target.id.clone(), reference);
    }
    references
}

/// Asks Octopus about each target.
fn ask_of_each<'t, A: Send>(
    targets: &[&'t Target],
    question: impl Fn(&Target) -> Result<A, ServiceError> + Sync,
) -> Each<'t, A> {
    let answers = workers::map(targets, |target| question(target)).into_iter();
    answers.map(|(target, answer)| (*target, answer)).collect()
}

/// What was not answered because the phase was over is no answer about one candidate alone.
///
/// # Errors
/// The deadline is over, or one of these errors is that.
pub fn in_time<'e>(
    deadline: Deadline,
    service: Service,
    attempted: &str,
    mut errors: impl Iterator<Item = &'e ServiceError>,
) -> Result<(), Error> {
    if !deadline.is_over() && !errors.any(ServiceError::is_out_of_time) {
        return Ok(());
    }
    let next = "Run again; if it stays, let fewer targets wait for a single run".into();
    Err(ServiceError {
        service,
        attempted: attempted.into(),
        host: Box::default(),
        cause: Cause::OutOfTime,
        next,
    }
    .into())
}
