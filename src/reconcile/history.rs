//! Is this run a duplicate of an earlier one, and which targets are old.
//!
//! A deployment target trigger queues the same deployment again for machines that came up late. Such a run is a duplicate
//! of an earlier run of the same deployment when all of this holds; what is not known is no duplicate, since deploying
//! twice is safe and not deploying is not:
//!
//! 1. the earlier run succeeded ([`Run::success`]);
//! 2. this run was queued no later than the window after that, also while the earlier run still went on ([`near_successes`]);
//! 3. every target to be handed out is in what the earlier run recorded, with the same thumbprint ([`Earlier::has`]);
//! 4. each of them has had a successful deployment since the earlier run began ([`Earlier::reached`]).

use super::{Target, TargetId};
use std::collections::HashMap;
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
    /// A run of it began.
    Started,
    /// A run of it succeeded.
    Succeeded,
    /// A run of it ended in any other way.
    Ended,
}

/// One run of a deployment, as far as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// When it was queued.
    pub queued: Option<SystemTime>,
    /// When it began.
    pub began: Option<SystemTime>,
    /// When it ended, and whether it succeeded.
    pub ended: Option<(SystemTime, bool)>,
    /// Its task.
    pub task: Option<String>,
}

impl Run {
    /// When it succeeded, if it did.
    #[must_use]
    pub fn success(&self) -> Option<SystemTime> {
        self.ended
            .and_then(|(at, succeeded)| succeeded.then_some(at))
    }

    fn is_of(&self, task: Option<&str>) -> bool {
        let both = self.task.as_deref().zip(task);
        both.is_none_or(|(own, other)| own.eq_ignore_ascii_case(other))
    }
}

/// The runs of one deployment in the order in which they were queued. One at a time runs, and they begin in that order.
#[must_use]
pub fn runs(mut events: Vec<Event>) -> Vec<Run> {
    events.sort_by_key(|event| event.at);
    let mut runs: Vec<Run> = Vec::new();
    for Event { kind, at, task } in events {
        let open = |run: &Run| run.ended.is_none() && run.is_of(task.as_deref());
        let known = match kind {
            EventKind::Queued => None,
            EventKind::Started => runs.iter().position(|run| open(run) && run.began.is_none()),
            EventKind::Succeeded | EventKind::Ended => runs.iter().position(open),
        };
        // What the audit log no longer knows from its beginning is a run all the same.
        let index = known.unwrap_or_else(|| {
            runs.push(Run::default());
            runs.len() - 1
        });
        let run = &mut runs[index];
        match kind {
            EventKind::Queued => run.queued = Some(at),
            EventKind::Started => run.began = Some(at),
            EventKind::Succeeded => run.ended = Some((at, true)),
            EventKind::Ended => run.ended = Some((at, false)),
        }
        run.task = run.task.take().or(task);
    }
    runs
}

/// The run that is going on, which is this one: the first that has not ended. Nothing of it ends while this program is a
/// part of it.
#[must_use]
pub fn own_run<'a>(runs: &'a [Run], own_task: Option<&str>) -> Option<&'a Run> {
    let open = |run: &&Run| run.ended.is_none() && run.is_of(own_task);
    let began = runs.iter().filter(open).find(|run| run.began.is_some());
    began.or_else(|| runs.iter().find(open))
}

/// The earlier runs that this one may be a duplicate of: they succeeded, and this one was queued no later than `window`
/// after that.
#[must_use]
pub fn near_successes<'a>(runs: &'a [Run], own: &Run, window: Duration) -> Vec<&'a Run> {
    let Some(queued) = own.queued else {
        return Vec::new();
    };
    let near = |run: &&Run| {
        let success = run.success();
        success.is_some_and(|at| queued.duration_since(at).unwrap_or_default() <= window)
    };
    runs.iter().filter(near).collect()
}

/// What a run of this step recorded in its task's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was written.
    pub written: SystemTime,
    /// When the log that holds it began; a task that ran several times has several logs.
    pub log_began: Option<SystemTime>,
    /// The task whose log holds it.
    pub task: String,
    /// The targets that it handed out, each with its thumbprint.
    pub handed_out: HashMap<TargetId, String>,
}

/// An earlier run with its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// When it began.
    pub began: SystemTime,
    /// When it succeeded.
    pub succeeded: SystemTime,
    /// Its record.
    pub record: Record,
}

/// Gives an earlier run its record: the last one that was written in it. `None` where there is none, or where nobody can say
/// when the run began.
#[must_use]
pub fn with_record(runs: &[Run], run: &Run, records: &[Record]) -> Option<Earlier> {
    let succeeded = run.success()?;
    let ends = runs
        .iter()
        .filter_map(|other| other.ended.map(|(at, _)| at));
    let before = ends.filter(|end| *end < succeeded).max();
    let in_it = |record: &&Record| {
        record.written <= succeeded
            && before.is_none_or(|end| record.written > end)
            && run.began.is_none_or(|began| record.written >= began)
            && run.is_of(Some(&record.task))
    };
    let record = records
        .iter()
        .filter(in_it)
        .max_by_key(|record| record.written)?;
    Some(Earlier {
        // Where two sources tell, the later counts: fewer deployments then come after it.
        began: run.began.max(record.log_began)?,
        succeeded,
        record: record.clone(),
    })
}

/// A deployment in a target's own history that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDeployment {
    /// Its task.
    pub task: String,
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

    /// Whether a target with this history was really deployed to: by the earlier run itself, or since it began.
    #[must_use]
    pub fn reached(&self, history: &[PastDeployment]) -> bool {
        history.iter().any(|deployment| {
            let own = deployment.task.eq_ignore_ascii_case(&self.record.task);
            let since = deployment.began.is_some_and(|began| began >= self.began);
            deployment.succeeded && (own || since)
        })
    }
}

/// Whether a target was there before the scale event that this run is about: registered more than `window` before the run
/// was queued. One whose registration is not known is not old.
#[must_use]
pub fn is_old(registered: Option<SystemTime>, queued: SystemTime, window: Duration) -> bool {
    let age = registered.and_then(|registered| queued.duration_since(registered).ok());
    age.is_some_and(|age| age > window)
}
