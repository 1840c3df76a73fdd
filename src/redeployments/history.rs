//! Does this run repeat an earlier execution of its deployment, and which targets are old.
//!
//! A deployment target trigger queues the same deployment again for machines that came up late. Such a run is a duplicate
//! of an earlier execution of the same deployment when all of this holds; what is not known is no duplicate, since deploying
//! twice is safe and not deploying is not:
//!
//! 1. the earlier execution succeeded ([`Execution::success`]);
//! 2. this run was queued no later than the window after that, also while the earlier one still went on ([`near_successes`]);
//! 3. every target to be handed out is in what the earlier one recorded, with the same thumbprint ([`Earlier::has`]);
//! 4. one project has had a successful deployment to all of them since the earlier one handed them out, or that one itself
//!    deployed to them ([`Earlier::reached_by`]): others deploy to some of them for reasons of their own.

use crate::reconcile::snapshot::{Target, TargetId};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

/// Something that happened to a deployment, from the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, by the server's clock.
    pub at: SystemTime,
    /// The task that it happened to, where the audit log tells.
    pub task: Option<String>,
}

/// What happens to a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// It was queued, for the first time or again.
    Queued,
    /// An execution of it began.
    Started,
    /// An execution of it succeeded.
    Succeeded,
    /// An execution of it ended in any other way.
    Ended,
}

/// One execution of a deployment by its task, as far as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Execution {
    /// When it was queued.
    pub queued: Option<SystemTime>,
    /// When it began.
    pub began: Option<SystemTime>,
    /// When it ended, and whether it succeeded.
    pub ended: Option<(SystemTime, bool)>,
    /// Its task.
    pub task: Option<String>,
}

impl Execution {
    /// When it succeeded, if it did.
    #[must_use]
    pub fn success(&self) -> Option<SystemTime> {
        self.ended
            .and_then(|(at, succeeded)| succeeded.then_some(at))
    }

    /// Whether it may be one of this task. Where either is not known it may.
    #[must_use]
    pub fn is_of(&self, task: Option<&str>) -> bool {
        let both = self.task.as_deref().zip(task);
        both.is_none_or(|(own, other)| own.eq_ignore_ascii_case(other))
    }
}

/// The executions of one deployment in the order in which they were queued. One at a time goes on, and they begin in that order.
#[must_use]
pub fn executions(mut events: Vec<Event>) -> Vec<Execution> {
    events.sort_by_key(|event| (event.at, order(event.kind)));
    let mut executions: Vec<Execution> = Vec::new();
    for Event { kind, at, task } in events {
        let open =
            |execution: &Execution| execution.ended.is_none() && execution.is_of(task.as_deref());
        let goes_on = |execution: &Execution| open(execution) && execution.began.is_some();
        let known = match kind {
            EventKind::Queued => None,
            EventKind::Started => executions
                .iter()
                .position(|execution| open(execution) && execution.began.is_none()),
            // One whose end was never told does not go on any more where a later one has begun.
            EventKind::Succeeded | EventKind::Ended => executions
                .iter()
                .rposition(goes_on)
                .or_else(|| executions.iter().position(open)),
        };
        // What the audit log no longer knows from its beginning is one all the same.
        let index = known.unwrap_or_else(|| {
            executions.push(Execution::default());
            executions.len() - 1
        });
        let execution = &mut executions[index];
        match kind {
            EventKind::Queued => execution.queued = Some(at),
            EventKind::Started => execution.began = Some(at),
            EventKind::Succeeded => execution.ended = Some((at, true)),
            EventKind::Ended => execution.ended = Some((at, false)),
        }
        execution.task = execution.task.take().or(task);
    }
    executions
}

/// Of events of one time: what is queued may begin at once, and the next one begins when one ends.
fn order(kind: EventKind) -> u8 {
    match kind {
        EventKind::Queued => 0,
        EventKind::Succeeded | EventKind::Ended => 1,
        EventKind::Started => 2,
    }
}

/// The execution that is going on, which is this run's: the last that began and has not ended, or the first that is queued where
/// nobody tells when they begin. Nothing of it ends while this program is a part of it.
#[must_use]
pub fn own_execution<'a>(
    executions: &'a [Execution],
    own_task: Option<&str>,
) -> Option<&'a Execution> {
    let open = |execution: &&Execution| execution.ended.is_none() && execution.is_of(own_task);
    let began = executions
        .iter()
        .filter(open)
        .filter(|execution| execution.began.is_some());
    began
        .max_by_key(|execution| execution.began)
        .or_else(|| executions.iter().find(open))
}

/// The earlier executions that this run may repeat: they succeeded, and this run was queued no later than `window`
/// after that.
#[must_use]
pub fn near_successes<'a>(
    executions: &'a [Execution],
    own: &Execution,
    window: Duration,
) -> Vec<&'a Execution> {
    let Some(queued) = own.queued else {
        return Vec::new();
    };
    let near = |execution: &&Execution| {
        let success = execution.success();
        success.is_some_and(|at| queued.duration_since(at).unwrap_or_default() <= window)
    };
    executions.iter().filter(near).collect()
}

/// What this step recorded in its task's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was written, if the log tells.
    pub written: Option<SystemTime>,
    /// The task whose log holds it.
    pub task: String,
    /// The targets that it handed out, each with its thumbprint.
    pub handed_out: HashMap<TargetId, String>,
}

/// An earlier execution with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// When it succeeded.
    pub succeeded: SystemTime,
    /// When it handed out its targets. A deployment of before may have met a machine that was made anew since.
    pub handed_out_at: SystemTime,
    /// Its record.
    pub record: Record,
}

/// Gives an earlier execution its record: the last one that was written in it. `None` where there is none.
#[must_use]
pub fn with_record(
    executions: &[Execution],
    execution: &Execution,
    records: &[Record],
) -> Option<Earlier> {
    let succeeded = execution.success()?;
    let in_it = records
        .iter()
        .filter_map(|record| Some((written_in(executions, execution, record)?, record)));
    let (handed_out_at, record) = in_it.max_by_key(|(at, _)| *at)?;
    Some(Earlier {
        succeeded,
        handed_out_at,
        record: record.clone(),
    })
}

/// When the record was written in this execution; `None` if it was in another one. Where the log's own times tell nothing, the
/// only execution of its task wrote it, after it began.
fn written_in(
    executions: &[Execution],
    execution: &Execution,
    record: &Record,
) -> Option<SystemTime> {
    if !execution.is_of(Some(&record.task)) {
        return None;
    }
    let end = execution.success()?;
    let ends = executions.iter().filter_map(|other| other.ended);
    let before = ends.map(|(at, _)| at).filter(|at| *at < end).max();
    let begin = execution.began.max(before);
    let in_it = |at: &SystemTime| *at <= end && begin.is_none_or(|begin| *at >= begin);
    let of_task = executions
        .iter()
        .filter(|other| other.is_of(Some(&record.task)));
    let only = execution.task.is_some() && of_task.count() == 1;
    let told = record.written.filter(in_it);
    told.or(execution.began.filter(|_| only))
}

/// A deployment in a target's own history that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDeployment {
    /// Its task.
    pub task: String,
    /// Its project.
    pub project: Option<String>,
    /// When it began.
    pub began: Option<SystemTime>,
    /// Whether it succeeded.
    pub succeeded: bool,
}

impl Earlier {
    /// Whether it handed out this target, and that stands for the same machine still: one that was made anew has another
    /// certificate.
    #[must_use]
    pub fn has(&self, target: &Target) -> bool {
        let recorded = self.record.handed_out.get(&target.id);
        let both = recorded.zip(target.thumbprint.as_ref());
        both.is_some_and(|(then, now)| then == now && !now.is_empty())
    }

    /// The projects that really deployed to a target with this history: by the earlier execution itself, or since it handed out
    /// its targets. One that is not told is a project like any other.
    #[must_use]
    pub fn reached_by(&self, history: &[PastDeployment]) -> HashSet<Option<String>> {
        let counts = |deployment: &&PastDeployment| {
            let own = deployment.task.eq_ignore_ascii_case(&self.record.task);
            let began = deployment.began;
            let since = began.is_some_and(|began| began >= self.handed_out_at);
            deployment.succeeded && (own || since)
        };
        let projects = history.iter().filter(counts);
        projects.map(|it| it.project.clone()).collect()
    }
}

/// Whether a target was there before the scale event that this run is about: registered more than `window` before the run
/// was queued. One whose registration is not known is not old.
#[must_use]
pub fn is_old(registered: Option<SystemTime>, queued: SystemTime, window: Duration) -> bool {
    let age = registered.and_then(|registered| queued.duration_since(registered).ok());
    age.is_some_and(|age| age > window)
}
