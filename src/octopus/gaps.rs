//! What a server was asked in vain, because it does not know the question.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
pub(super) struct Gaps(Mutex<Met>);

#[derive(Debug, Default)]
struct Met {
    gaps: BTreeSet<Gap>,
    /// Questions that were answered at least once: such a server knows them.
    known: BTreeSet<Gap>,
}

impl Gaps {
    pub(super) fn has(&self, gap: Gap) -> bool {
        self.met().contains(&gap)
    }

    pub(super) fn note(&self, gap: Gap) {
        self.lock().gaps.insert(gap);
    }

    /// It was answered.
    pub(super) fn note_known(&self, gap: Gap) {
        self.lock().known.insert(gap);
    }

    pub(super) fn met(&self) -> BTreeSet<Gap> {
        let met = self.lock();
        met.gaps.difference(&met.known).copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Met> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
