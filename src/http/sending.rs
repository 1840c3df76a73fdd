//! A request that is only sent while what speaks for it is fresh.

use super::exchange::{Deadline, Reply};
use super::retry::Tries;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Whether no further change is to be sent, also not once more: somebody interrupted or cancelled the run. Shared by all who
/// hold a clone.
#[derive(Debug, Clone, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
    /// From now on nothing is sent.
    pub fn call(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether that was said.
    #[must_use]
    pub fn is_called(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Between two looks at whether a pause goes on.
const BEAT: Duration = Duration::from_millis(100);

/// One request, however often it is begun anew because what speaks for it had aged: its tries, and their time, are counted
/// together.
#[derive(Debug)]
pub struct Sending {
    pub(super) deadline: Deadline,
    pub(super) tries: Tries,
    /// The last try's answer, where the rate limit turned it away.
    pub(super) refusal: Option<Reply>,
    freshness: Freshness,
    halt: Halt,
}

/// Whether what speaks for a request is fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// Nothing does that could age.
    Always,
    Until(Instant),
    /// It was not sent, or not again, for that.
    Aged,
}

impl From<Deadline> for Sending {
    fn from(deadline: Deadline) -> Self {
        Self {
            deadline,
            tries: Tries::default(),
            refusal: None,
            freshness: Freshness::Always,
            halt: Halt::default(),
        }
    }
}

impl Sending {
    /// It is not sent any more once that is called.
    #[must_use]
    pub fn unless(self, halt: &Halt) -> Self {
        Self {
            halt: halt.clone(),
            ..self
        }
    }

    /// Only what the rate limit turned away is sent again: whoever sends it looks first at what is there by then.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.tries.only_one = true;
        self
    }

    /// Whether it was sent before its last try, and not only turned away by the rate limit.
    #[must_use]
    pub fn had_a_try_before(&self) -> bool {
        self.tries.failed > 1
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halt.is_called()
    }

    /// A pause before it is sent again, which ends where it is not.
    pub fn pause(&self, pause: Duration) {
        let began = Instant::now();
        while !self.is_halted() && began.elapsed() < pause {
            sleep(pause.saturating_sub(began.elapsed()).min(BEAT));
        }
    }

    /// It may be sent, and sent again, until then.
    pub fn fresh_until(&mut self, moment: Instant) {
        self.freshness = Freshness::Until(moment);
    }

    /// Whether it was not sent, or not again, because what speaks for it had aged: it may be begun anew.
    #[must_use]
    pub fn has_aged(&self) -> bool {
        self.freshness == Freshness::Aged
    }

    /// The deadline, or the end of the time for its tries.
    #[must_use]
    pub fn ends(&self) -> Deadline {
        self.deadline.or_sooner(self.tries.give_up())
    }

    /// Until when to wait for the rate limit.
    pub(super) fn patience(&self) -> Deadline {
        let until = self.deadline.or_sooner(self.tries.patience());
        match self.freshness {
            Freshness::Until(moment) => until.or_sooner(Some(moment)),
            Freshness::Always | Freshness::Aged => until,
        }
    }

    /// Whether it must not be sent any more as it is.
    pub(super) fn ages(&mut self, now: Instant) -> bool {
        match self.freshness {
            Freshness::Until(moment) if moment <= now => self.freshness = Freshness::Aged,
            Freshness::Until(_) | Freshness::Always | Freshness::Aged => {}
        }
        self.has_aged()
    }
}
