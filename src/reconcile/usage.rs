//! Is a target in use: does a deployment or a runbook run hold it, or may one still choose it.
//!
//! | task | holds the target when |
//! |---|---|
//! | the run's own, a health check, one whose queue time has not come | never |
//! | a deployment | it names the target; or it is queued or began less than two minutes ago, in one of the target's environments, and is neither limited to other machines nor leaves it out |
//! | a deployment that waits for an approval | it names the target |
//! | a deployment that could not be read | it names the target; or it is queued or began less than two minutes ago, and is not known to be in other environments alone |
//! | a runbook run | it names the target; beside a run that is a runbook run itself, only if it was queued earlier |
//!
//! Two schedules of the same minute would otherwise defer each other for ever.

use super::snapshot::{Target, TargetId};
use super::verdict::{Deferral, Unanswered};
use std::time::{Duration, SystemTime};

/// A deployment that began less than this ago may not have chosen its targets yet.
const CHOOSING: Duration = Duration::from_secs(2 * 60);

/// A deployment or runbook run that is queued (its time has come), executing or cancelling.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id, such as `ServerTasks-7`.
    pub id: String,
    /// What people know it by.
    pub title: String,
    /// A deployment or a runbook run.
    pub kind: TaskKind,
    /// When it was queued.
    pub queued: Option<SystemTime>,
    /// When it began; `None` if it has not.
    pub started: Option<SystemTime>,
    /// Queued still.
    pub waiting: bool,
    /// It waits for somebody to approve it.
    pub unapproved: bool,
    /// Which machines it reaches, or what is known where that could not be learned.
    pub reach: Result<Reach, Unread>,
}

/// A task of which it could not be learned what it reaches.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Why.
    pub why: Unanswered,
    /// Of the environments that count, those in which the server lists it; `None` if that is not known.
    pub environments: Option<Vec<String>>,
}

/// The kinds of tasks that use targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// A deployment.
    Deployment,
    /// A runbook run.
    RunbookRun,
}

/// Which machines a deployment or runbook run reaches.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Its environment.
    pub environment: String,
    /// It is limited to these, unless empty.
    pub only: Vec<TargetId>,
    /// It leaves these out.
    pub without: Vec<TargetId>,
}

/// What is going on in the space.
#[derive(Debug, Clone)]
pub struct Activity {
    /// The other tasks that could use a target.
    pub tasks: Vec<Task>,
    /// The run's own task, if it is a runbook run: when it was queued, if that is known.
    pub own_runbook_run: Option<Option<SystemTime>>,
    /// The server's clock.
    pub now: SystemTime,
}

/// An active task in a target's own history: it names the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// Its id.
    pub id: String,
    /// A deployment or a runbook run.
    pub kind: TaskKind,
    /// When it was queued.
    pub queued: Option<SystemTime>,
}

/// Whether a task holds the target. `history` are the active tasks, but the run's own, in the target's own history; it may
/// know some that began after the space was asked.
#[must_use]
pub fn in_use(activity: &Activity, target: &Target, history: &[Naming]) -> Option<Deferral> {
    let names = |id: &str| {
        history
            .iter()
            .any(|naming| naming.id.eq_ignore_ascii_case(id))
    };
    let mut in_space = activity
        .tasks
        .iter()
        .filter_map(|task| held_by(activity, target, task, names(&task.id)));
    let mut in_history = history.iter().filter(|naming| match naming.kind {
        TaskKind::Deployment => true,
        TaskKind::RunbookRun => is_ahead(activity, naming.queued),
    });
    in_space.next().or_else(|| {
        in_history
            .next()
            .map(|naming| Deferral::InUse(naming.id.clone()))
    })
}

fn held_by(
    activity: &Activity,
    target: &Target,
    task: &Task,
    in_history: bool,
) -> Option<Deferral> {
    let named = in_history
        || task
            .reach
            .as_ref()
            .is_ok_and(|reach| reach.only.contains(&target.id));
    let counts = match (task.kind, named, &task.reach) {
        (TaskKind::RunbookRun, true, _) | (TaskKind::RunbookRun, false, Err(_)) => {
            is_ahead(activity, task.queued)
        }
        (TaskKind::RunbookRun, false, Ok(_)) => false,
        (TaskKind::Deployment, true, _) => true,
        (TaskKind::Deployment, false, Err(unread)) => {
            !task.unapproved && is_choosing(activity, task) && may_be_in(unread, target)
        }
        (TaskKind::Deployment, false, Ok(reach)) => {
            !task.unapproved && is_choosing(activity, task) && may_choose(reach, target)
        }
    };
    let deferral = || match &task.reach {
        Err(unread) if !named => Deferral::InUseUnknown(unread.why.clone()),
        _ => Deferral::InUse(format!("{} ({})", task.title, task.id)),
    };
    counts.then(deferral)
}

/// Of two runbook runs only the earlier queued counts for the other.
fn is_ahead(activity: &Activity, queued: Option<SystemTime>) -> bool {
    match (activity.own_runbook_run, queued) {
        (Some(Some(own)), Some(other)) => other < own,
        // Not known which is ahead, or no runbook run on this side: in doubt it counts.
        (Some(_) | None, _) => true,
    }
}

/// Whether a deployment may not have chosen its targets yet.
fn is_choosing(activity: &Activity, task: &Task) -> bool {
    let young = task
        .started
        .is_none_or(|start| activity.now.duration_since(start).unwrap_or_default() < CHOOSING);
    task.waiting || young
}

fn may_choose(reach: &Reach, target: &Target) -> bool {
    is_in(target, &reach.environment)
        && reach.only.is_empty()
        && !reach.without.contains(&target.id)
}

fn may_be_in(unread: &Unread, target: &Target) -> bool {
    let known = unread.environments.as_ref();
    known.is_none_or(|environments| environments.iter().any(|it| is_in(target, it)))
}

fn is_in(target: &Target, environment: &str) -> bool {
    let mut environments = target.environments.iter();
    environments.any(|id| id.eq_ignore_ascii_case(environment))
}
