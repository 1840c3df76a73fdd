//! Ctrl-C, and the signals by which systems ask programs to end.

use crate::http::Halt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far the run is, and whether somebody asked it to end.
#[derive(Debug, Default)]
pub(super) struct Interrupt {
    state: Mutex<State>,
    /// Called where no further removal may begin.
    pub halt: Halt,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nothing was removed yet.
    #[default]
    Before,
    /// Removals have begun.
    Removing,
    /// Somebody asked to end while they went on.
    Ending,
}

/// What an interrupt does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The run ends at once, and nothing was removed.
    AtOnce,
    /// No further removal begins.
    NoFurtherRemoval,
    /// The run ends at once, since it was asked before.
    WhereverItIs,
}

impl Interrupt {
    /// From now on the run does not end in the middle.
    pub(super) fn removals_begin(&self) {
        let mut state = self.state();
        if *state == State::Before {
            *state = State::Removing;
        }
    }

    /// Somebody asks the run to end. Whoever holds the answer holds back the first removal.
    pub(super) fn happened(&self) -> (Effect, impl Sized + '_) {
        let mut state = self.state();
        let effect = match *state {
            State::Before => Effect::AtOnce,
            State::Removing => Effect::NoFurtherRemoval,
            State::Ending => Effect::WhereverItIs,
        };
        if *state == State::Removing {
            *state = State::Ending;
            self.halt.call();
        }
        (effect, state)
    }

    /// Whether no further removal may begin.
    pub(super) fn is_ending(&self) -> bool {
        *self.state() == State::Ending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
