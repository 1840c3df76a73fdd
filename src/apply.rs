//! Removes what the plan says. The only module that changes anything.

use crate::error::ServiceError;
use crate::gather::Decision;
use crate::http::Deadline;
use crate::octopus::{Removal, Written};
use crate::reconcile::{Target, TargetId};
use crate::sight::Services;
use crate::workers::WORKERS;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// The run reads its own task before the first removal and before every further one of this many.
const BETWEEN_CHECKS: usize = 25;

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Removals {
    /// Ended by this run, those included that somebody else had ended meanwhile.
    pub removed: Vec<TargetId>,
    /// Not removed, each with its reason.
    pub failed: Vec<(TargetId, ServiceError)>,
    /// The run was cancelled: what is in neither list was left.
    pub cancelled: bool,
}

/// The candidates that nobody has taken yet, and what became of the others.
struct Queue<'a> {
    targets: std::slice::Iter<'a, &'a Target>,
    started: usize,
    results: Removals,
}

impl Services<'_> {
    /// Removes every candidate, in parallel, within Octopus's rate limit. One that fails does not stop the others; a
    /// cancelled task does.
    pub fn remove(&self, decision: &Decision) -> Removals {
        let look = &decision.sight.look;
        let targets: Vec<&Target> = decision
            .plan
            .candidates()
            .map(|(index, _)| &look.targets[index])
            .collect();
        if targets.is_empty() {
            return Removals::default();
        }
        // The removals take as long as the rate limit makes them.
        self.set_phase_end(Deadline::NONE);
        let queue = Mutex::new(Queue {
            targets: targets.iter(),
            started: 0,
            results: Removals::default(),
        });
        thread::scope(|scope| {
            for _ in 0..WORKERS.min(targets.len()) {
                scope.spawn(|| {
                    while let Some(target) = self.take(&queue) {
                        let action = self.settings.rules.action;
                        let removal = self.writer.remove(target, action, Deadline::NONE);
                        self.note(&mut lock(&queue), target, removal, targets.len());
                    }
                });
            }
        });
        let mut results = queue
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .results;
        self.say_if_cancelled(&results, targets.len());
        let places: HashMap<&TargetId, usize> = targets
            .iter()
            .enumerate()
            .map(|(place, target)| (&target.id, place))
            .collect();
        results.removed.sort_by_key(|id| places.get(id).copied());
        results
            .failed
            .sort_by_key(|(id, _)| places.get(id).copied());
        results
    }

    /// The next candidate. The other workers wait while the run's own task is read, so none starts after a cancellation.
    fn take<'q>(&self, queue: &Mutex<Queue<'q>>) -> Option<&'q Target> {
        let mut queue = lock(queue);
        if queue.results.cancelled || queue.targets.len() == 0 {
            return None;
        }
        if queue.started.is_multiple_of(BETWEEN_CHECKS) && self.is_cancelled() {
            queue.results.cancelled = true;
            return None;
        }
        queue.started += 1;
        queue.targets.next().copied()
    }

    /// Whether somebody cancelled this run; where that cannot be read, it goes on.
    pub fn is_cancelled(&self) -> bool {
        let Some(task) = &self.settings.caller.task else {
            return false;
        };
        let attempted = format!("read the run's own task {task}");
        match self.octopus.task(task, &attempted, self.deadline()) {
            Ok(task) => task.state.is_stopped(),
            Err(error) => {
                self.log.warn(format_args!(
                    "{error} The run goes on; a cancellation would not be noticed"
                ));
                false
            }
        }
    }

    fn note(
        &self,
        queue: &mut Queue<'_>,
        target: &Target,
        removal: Result<Written<Removal>, ServiceError>,
        of: usize,
    ) {
        let done = self.settings.rules.action.done();
        let results = &mut queue.results;
        match removal {
            Ok(Written::DryRun) => {}
            Ok(Written::Done(Removal::Done)) => {
                self.log
                    .info(format_args!("  {done:<8} {} ({})", target.name, target.id));
                results.removed.push(target.id.clone());
            }
            Ok(Written::Done(Removal::AlreadyGone)) => {
                self.log.info(format_args!(
                    "  {done:<8} {} ({}), by somebody else already",
                    target.name, target.id
                ));
                results.removed.push(target.id.clone());
            }
            Err(error) => {
                let level = self.problem_level();
                self.log.say(
                    level,
                    format_args!("{} ({}) was not {done}. {error}", target.name, target.id),
                );
                results.failed.push((target.id.clone(), error));
            }
        }
        let finished = results.removed.len() + results.failed.len();
        self.log
            .progress(finished * 100 / of, &format!("{finished} of {of}"));
    }

    fn say_if_cancelled(&self, results: &Removals, of: usize) {
        if results.cancelled {
            let left = of - results.removed.len() - results.failed.len();
            self.log.warn(format_args!("This run was cancelled: {left} of {of} targets were left as they are; the next run removes them"));
        }
    }
}

fn lock<'a, 'q>(queue: &'a Mutex<Queue<'q>>) -> MutexGuard<'a, Queue<'q>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
