//! Is a target in use: does a deployment or a runbook run hold it, or may one still choose it.
//!
//! | task | holds the target when |
//! |---|---|
//! | the run's own, a health check, one whose queue time has not come | never |
//! | a deployment | it names the target; or it is queued or began less than two minutes ago, in one of the target's environments, and is neither limited to other machines nor leaves it out |
//! | a deployment that waits for an approval | it names the target |
//! | a deployment that could not be read | it names the target; or it is queued or began less than two minutes ago, and is not known to be in other environments alone |
//! | a runbook run | it names the target; beside a run that is a runbook run itself, only if it was queued earlier |
//! | a runbook run that could not be read | the same; and as if it named the target, unless the server tells of no runbook run what it names, and lists this one in other environments alone |
//!
//! Two schedules of the same minute would otherwise defer each other for ever.
//!
//! Where a target's own history is not told, whom a task names is known only of those it is limited to. One that is neither
//! limited to other machines, nor leaves the target out, nor is in other environments alone may name it, however long ago it
//! began, and whether the target is in use is not known.

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

/// A target's own history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// The active tasks in it, but the run's own. It may know some that began after the space was asked.
    Told(Vec<Naming>),
    /// The server has no such list.
    NotTold,
}

/// Whether a task names the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Yes,
    No,
    /// The target's history, which would say so, is not told.
    Perhaps,
}

impl History {
    fn told(&self) -> &[Naming] {
        match self {
            Self::Told(namings) => namings,
            Self::NotTold => &[],
        }
    }

    /// Whether this task names this target.
    fn named_by(&self, task: &Task, target: &Target) -> Names {
        let is_it = |naming: &Naming| naming.id.eq_ignore_ascii_case(&task.id);
        let limited_to = |reach: &Reach| reach.only.contains(&target.id);
        if self.told().iter().any(is_it) || task.reach.as_ref().is_ok_and(limited_to) {
            return Names::Yes;
        }
        match self {
            Self::Told(_) => Names::No,
            Self::NotTold => Names::Perhaps,
        }
    }
}

/// Whether a task holds the target.
#[must_use]
pub fn in_use(activity: &Activity, target: &Target, history: &History) -> Option<Deferral> {
    let mut in_space = activity.tasks.iter().filter_map(|task| {
        let names = history.named_by(task, target);
        held_by(activity, target, task, names)
    });
    let mut in_history = history.told().iter().filter(|naming| match naming.kind {
        TaskKind::Deployment => true,
        TaskKind::RunbookRun => is_ahead(activity, naming.queued),
    });
    in_space.next().or_else(|| {
        in_history
            .next()
            .map(|naming| Deferral::InUse(naming.id.clone()))
    })
}

fn held_by(activity: &Activity, target: &Target, task: &Task, names: Names) -> Option<Deferral> {
    let in_use = || Deferral::InUse(format!("{} ({})", task.title, task.id));
    let may_use = match &task.reach {
        Ok(reach) => may_choose(reach, target),
        Err(unread) => may_be_in(unread, target),
    };
    // What is not read, or not told, is all that is known where this task may use the target.
    let unknown = || Deferral::InUseUnknown(why_unknown(task));
    match (task.kind, names) {
        (TaskKind::Deployment, Names::Yes) => Some(in_use()),
        (TaskKind::Deployment, Names::No | Names::Perhaps) if task.unapproved || !may_use => None,
        (TaskKind::Deployment, Names::No | Names::Perhaps) if is_choosing(activity, task) => {
            Some(match task.reach {
                Ok(_) => in_use(),
                Err(_) => unknown(),
            })
        }
        (TaskKind::Deployment, Names::No) => None,
        (TaskKind::Deployment, Names::Perhaps) => Some(unknown()),
        (TaskKind::RunbookRun, _) if !is_ahead(activity, task.queued) => None,
        (TaskKind::RunbookRun, Names::Yes) => Some(in_use()),
        (TaskKind::RunbookRun, Names::No) if task.reach.is_ok() => None,
        (TaskKind::RunbookRun, Names::No | Names::Perhaps) => may_use.then(unknown),
    }
}

/// Why it is not known whether a task that may use the target does.
fn why_unknown(task: &Task) -> Unanswered {
    match &task.reach {
        Err(unread) => unread.why.clone(),
        Ok(_) => Unanswered::from(format!(
            "{} ({}) goes on in this environment, and this server does not tell which targets it uses. Let it end, or upgrade the server.",
            task.title, task.id
        )),
    }
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
