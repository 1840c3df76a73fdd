//! The one retry rule, for both services and for what issues the tokens.
//!
//! 408, 429, 5xx and no answer are tried again: with a pause that doubles and varies, at most five times (429 as often as
//! fits), and within `VMSS_RETRY_SECONDS`. A wait that the server asks for is kept if it ends within that; one that does
//! not ends the request at once.
//!
//! What makes something ([`Method::Create`]), and what its sender wants to look up first ([`super::Sending::once`]), is tried again
//! only where the rate limit turned it away.

use super::exchange::{Method, Reply};
use super::no_answer::NoAnswer;
use crate::error::RetryAfter;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// Retries of a request that answered 408 or 5xx, or got no answer.
const RETRIES: u32 = 5;
/// The first pause before a retry; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// What another try needs at least.
const SHORTEST_TRY: Duration = Duration::from_millis(100);

/// What comes after a try.
pub(super) enum Next {
    Pause(Duration),
    /// Nothing; the server may have asked for a wait that there is no time for.
    End(Option<RetryAfter>),
}

/// The tries of one request, and the time that they may take together.
#[derive(Debug, Default)]
pub(super) struct Tries {
    pub(super) made: u32,
    /// Those that were not answered, or with another status than 429, which may be tried as often as fits.
    pub(super) failed: u32,
    give_up: Option<Instant>,
    /// The last answer was a refusal because of the rate limit: whatever is waited for then is trying.
    refused: bool,
    /// A try that failed is the last.
    pub(super) only_one: bool,
}

impl Tries {
    /// Begins a try. What was waited for the rate limit takes nothing from the time for tries, but after a refusal.
    pub(super) fn begin(&mut self, now: Instant, waited: Duration, time: Duration) {
        self.give_up = match self.give_up {
            None => now.checked_add(time),
            Some(give_up) if self.refused => Some(give_up),
            Some(give_up) => give_up.checked_add(waited),
        };
    }

    /// Until when it is of use to wait for the rate limit: after a refusal, as long as trying is.
    pub(super) fn patience(&self) -> Option<Instant> {
        self.give_up.filter(|_| self.refused)
    }

    pub(super) fn count(&mut self, answer: &Result<Reply, NoAnswer>) {
        self.made += 1;
        self.refused = answer.as_ref().is_ok_and(|reply| reply.status == 429);
        self.failed += u32::from(!self.refused);
    }

    /// Lets the time for tries begin, if it has not.
    pub(super) fn begin_time(&mut self, now: Instant, time: Duration) {
        self.give_up = self.give_up.or_else(|| now.checked_add(time));
    }

    /// When that time is over; `None` if it has not begun.
    pub(super) fn give_up(&self) -> Option<Instant> {
        self.give_up
    }

    /// An answer, after so many tries.
    pub(super) fn of(&self, reply: Reply) -> Reply {
        let tries = self.made;
        Reply { tries, ..reply }
    }

    pub(super) fn left(&self, now: Instant) -> Duration {
        self.give_up
            .map_or(Duration::MAX, |end| end.saturating_duration_since(now))
    }

    /// What comes after an answer, or none.
    pub(super) fn next(
        &self,
        method: Method,
        answer: &Result<Reply, NoAnswer>,
        now: Instant,
    ) -> Next {
        let left = self.left(now);
        // Only of what the rate limit turned away is it known that nothing was made.
        if (method == Method::Create || self.only_one) && !self.refused {
            return Next::End(None);
        }
        let (status, asked) = match answer {
            Ok(reply) if asks_for_another_try(reply) => (reply.status, reply.retry_after()),
            Ok(_) => return Next::End(None),
            Err(none) if none.is_lasting() => return Next::End(None),
            Err(_) => (0, None),
        };
        if let Some(asked) = asked.filter(|asked| *asked >= left) {
            return Next::End(Some(RetryAfter { asked, left }));
        }
        if self.failed > RETRIES && status != 429 {
            return Next::End(None);
        }
        let backoff = FIRST_PAUSE.saturating_mul(1 << (self.made - 1).min(6));
        // Runs that were turned away together must not come back together.
        let pause = match asked {
            Some(asked) => asked + FIRST_PAUSE.mul_f64(random() / 2.0),
            None => backoff.mul_f64(0.5 + random() / 2.0),
        };
        // A try without any time would only hide why the one before it failed.
        if pause + SHORTEST_TRY < left {
            Next::Pause(pause)
        } else {
            Next::End(None)
        }
    }
}

fn asks_for_another_try(reply: &Reply) -> bool {
    matches!(reply.status, 408 | 429 | 500..=599)
}

/// A number from 0 to 1, different for every thread, run and call.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(Instant::now());
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
