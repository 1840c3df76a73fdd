//! Who is waited for, for whoever sits at a terminal and sees nothing happen.

use super::exchange::Deadline;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is asked at this moment.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<Mutex<InFlight>>);

#[derive(Debug, Default)]
struct InFlight {
    next: u64,
    ended: usize,
    on_their_way: Vec<OnItsWay>,
}

#[derive(Debug)]
struct OnItsWay {
    number: u64,
    whom: String,
    since: Instant,
    until: Option<Instant>,
    said: Option<String>,
    /// It is not asked now: its rate limit is kept.
    is_held: bool,
}

/// Who has been waited for the longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// A server's name, with its port where it is not the usual one; or a program.
    pub whom: String,
    /// What came of the last try.
    pub said: Option<String>,
    /// How long it has been asked already, all tries together.
    pub so_far: Duration,
    /// How long it is asked at most, where that has an end.
    pub at_most: Option<Duration>,
    /// How many requests have ended, whatever came of them.
    pub ended: usize,
}

/// Something that is asked, until it has ended.
#[derive(Debug)]
pub struct Watched {
    watch: Watch,
    number: u64,
}

impl Watch {
    /// Somebody is asked.
    #[must_use]
    pub fn begin(&self, whom: String) -> Watched {
        let mut asked = self.asked();
        let number = asked.next;
        asked.next += 1;
        asked.on_their_way.push(OnItsWay {
            number,
            whom,
            since: Instant::now(),
            until: None,
            said: None,
            is_held: false,
        });
        drop(asked);
        Watched {
            watch: self.clone(),
            number,
        }
    }

    /// Who has been waited for the longest, if anybody is waited for.
    #[must_use]
    pub fn longest(&self) -> Option<Waited> {
        let asked = self.asked();
        let longest = asked.on_their_way.iter().min_by_key(|it| it.since)?;
        Some(Waited {
            whom: longest.whom.clone(),
            said: match longest.is_held {
                true => Some("its rate limit is kept".into()),
                false => longest.said.clone(),
            },
            so_far: longest.since.elapsed(),
            at_most: longest.until.map(|until| until - longest.since),
            ended: asked.ended,
        })
    }

    fn asked(&self) -> MutexGuard<'_, InFlight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// It is tried until then.
    pub fn ends(&self, deadline: Deadline) {
        self.change(|it| {
            it.until = deadline
                .left()
                .and_then(|left| Instant::now().checked_add(left))
        });
    }

    /// It is not asked for now, to keep its rate limit; or that is over.
    pub fn is_held(&self, held: bool) {
        self.change(|it| it.is_held = held);
    }

    /// What came of a try, before it is tried again.
    pub fn says(&self, what: impl Into<String>) {
        self.change(|it| it.said = Some(what.into()));
    }

    fn change(&self, change: impl FnOnce(&mut OnItsWay)) {
        let mut asked = self.watch.asked();
        let mut all = asked.on_their_way.iter_mut();
        if let Some(it) = all.find(|it| it.number == self.number) {
            change(it);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut asked = self.watch.asked();
        asked.ended += 1;
        asked.on_their_way.retain(|it| it.number != self.number);
    }
}
