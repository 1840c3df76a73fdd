//! What a server was asked in vain, because it does not know the question.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Something that a server was asked and did not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Which tasks are active, in any form.
    Tasks,
    /// The tasks of one space.
    SpaceTasks,
    /// The tasks that use one target.
    TargetTasks,
    /// What a runbook run is limited to.
    RunbookRuns,
    /// The variables that are scoped to one target alone.
    ScopedVariables,
    /// When a target was checked last.
    LastCheck,
}

/// The gaps that were met so far, by all threads.
#[derive(Debug, Default)]
pub(super) struct Gaps(Mutex<BTreeSet<Gap>>);

impl Gaps {
    pub(super) fn has(&self, gap: Gap) -> bool {
        self.met().contains(&gap)
    }

    pub(super) fn note(&self, gap: Gap) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(gap);
    }

    pub(super) fn met(&self) -> BTreeSet<Gap> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.clone()
    }
}
