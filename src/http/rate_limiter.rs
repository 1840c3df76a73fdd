//! Stays inside Octopus's rate limit by reading its headers.
//!
//! The server has a bucket of tokens per user; every request takes one, and it tells with every answer how many are left
//! (`Octopus-RateLimit: r=7;t=18`) and how it refills (`Octopus-RateLimit-Policy: l=200;rpm=600`).
//! Source: Octopus documentation, Administration, Managing infrastructure, Rate limiting.

use super::exchange::{Deadline, Reply};
use crate::error::{Cause, RetryAfter};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest pause before asking again whether there is a token, however slow the refill is said to be: a refusal costs less
/// than a run that an absurd header sends to sleep.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Pause before asking again where the server does not say how it refills.
const USUAL_PAUSE: Duration = Duration::from_secs(1);

/// Silence after a refusal that does not say for how long; each further one is twice as long.
const FIRST_SILENCE: Duration = Duration::from_millis(200);

/// Hands out permission to send, to all threads of a run.
#[derive(Debug, Default)]
pub struct RateLimiter {
    bucket: Mutex<Bucket>,
    changed: Condvar,
}

/// What is known of the server's bucket.
#[derive(Debug, Default)]
struct Bucket {
    /// Tokens that the server had at its last answer, less what was sent since; `None`: it has not told.
    left: Option<f64>,
    /// When it last told.
    told: Option<Instant>,
    /// How many requests were sent.
    sent: u64,
    /// The last sent of those whose answers told.
    told_by: u64,
    /// How fast it refills.
    per_second: Option<f64>,
    /// Requests sent and not yet answered.
    in_flight: u32,
    /// It asked for silence until then.
    silent_until: Option<Instant>,
    /// Refusals since the last request that it took.
    refusals: u32,
}

/// Whether to send now, or what to wait for.
enum Turn {
    Send,
    /// The server asked for it.
    Silence(Duration),
    /// The bucket is empty.
    Refill(Duration),
    /// Another thread is finding out.
    Answers,
}

impl Bucket {
    fn next(&self, now: Instant) -> Turn {
        if let Some(silence) = self
            .silent_until
            .and_then(|until| until.checked_duration_since(now))
            .filter(|s| !s.is_zero())
        {
            return Turn::Silence(silence);
        }
        let Some(left) = self.left else {
            return Turn::Send;
        };
        if left >= 1.0 {
            return Turn::Send;
        }
        // From here on the refill is only a guess, and a wrong guess by all threads at once is many refusals: one asks.
        if self.in_flight > 0 {
            return Turn::Answers;
        }
        let since = self
            .told
            .map_or(Duration::ZERO, |told| now.saturating_duration_since(told));
        let pause = match self.per_second {
            Some(rate) => Duration::try_from_secs_f64((1.0 - left) / rate)
                .unwrap_or(LONGEST_PAUSE)
                .min(LONGEST_PAUSE),
            None => USUAL_PAUSE,
        };
        if since >= pause {
            Turn::Send
        } else {
            Turn::Refill(pause - since)
        }
    }
}

impl Bucket {
    /// The server refused a request: it is empty, and silent for as long as it asks. Without a word of it the silence grows,
    /// or every thread would collect a refusal of its own; but not past the time after which it says that it is full again.
    fn refused(&mut self, now: Instant, asked: Option<Duration>, full: Option<Duration>) {
        self.left = Some(self.left.unwrap_or(0.0).min(0.0));
        let guess = FIRST_SILENCE.saturating_mul(1 << self.refusals.min(6));
        let guess = guess.min(full.unwrap_or(guess).max(FIRST_SILENCE));
        self.silent_until = now
            .checked_add(asked.unwrap_or(guess))
            .max(self.silent_until);
        self.refusals += 1;
    }
}

impl RateLimiter {
    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a request may be sent, for the bucket as long as that takes until `deadline`, and for a silence that the
    /// server asked for no longer than `patience`.
    ///
    /// # Errors
    /// The deadline, or too long a silence.
    pub fn permit(&self, deadline: Deadline, patience: Duration) -> Result<Permit<'_>, Cause> {
        let mut bucket = self.lock();
        loop {
            let now = Instant::now();
            let pause = match bucket.next(now) {
                Turn::Send => break,
                Turn::Silence(asked) if asked > patience => {
                    return Err(Cause::Silent(RetryAfter {
                        asked,
                        left: patience,
                    }));
                }
                Turn::Silence(pause) | Turn::Refill(pause) => pause,
                Turn::Answers => LONGEST_PAUSE,
            };
            let left = deadline.left().unwrap_or(LONGEST_PAUSE);
            if left.is_zero() {
                return Err(Cause::OutOfTime);
            }
            let waited = self.changed.wait_timeout(bucket, pause.min(left));
            bucket = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        bucket.in_flight += 1;
        bucket.sent += 1;
        if let Some(left) = &mut bucket.left {
            *left -= 1.0;
        }
        Ok(Permit {
            limiter: self,
            number: bucket.sent,
        })
    }
}

/// Permission to send one request.
#[derive(Debug)]
pub struct Permit<'a> {
    limiter: &'a RateLimiter,
    /// The how manieth request it is for.
    number: u64,
}

impl Permit<'_> {
    /// Learns from the answer, if there was one.
    pub fn answered(self, reply: Option<&Reply>) {
        let Some(reply) = reply else { return };
        let mut bucket = self.limiter.lock();
        let now = Instant::now();
        let told = reply.header("octopus-ratelimit");
        let others = f64::from(bucket.in_flight.saturating_sub(1));
        // What the others in flight will take may or may not be counted yet; taking it as not counted is the safe guess.
        let left = told
            .and_then(|t| parameter(t, "r"))
            .map(|left| left - others);
        // An answer that was overtaken by a later one's tells of a fuller bucket than there is.
        bucket.left = match (left, bucket.left) {
            (Some(left), Some(known)) if self.number < bucket.told_by => Some(left.min(known)),
            (left, _) => left,
        };
        bucket.told_by = bucket.told_by.max(self.number);
        bucket.told = Some(now);
        let policy = reply.header("octopus-ratelimit-policy");
        bucket.per_second = policy
            .and_then(|p| parameter(p, "rpm"))
            .filter(|rpm| *rpm > 0.0)
            .map(|rpm| rpm / 60.0);
        if reply.status == 429 {
            let full = told
                .and_then(|t| parameter(t, "t"))
                .and_then(|t| Duration::try_from_secs_f64(t).ok());
            bucket.refused(now, reply.retry_after(), full);
        } else {
            bucket.refusals = 0;
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut bucket = self.limiter.lock();
        bucket.in_flight = bucket.in_flight.saturating_sub(1);
        drop(bucket);
        self.limiter.changed.notify_all();
    }
}

/// A number of a header such as `l=200;rpm=600`; what is no sensible number counts as not said.
fn parameter(header: &str, name: &str) -> Option<f64> {
    let mut pairs = header
        .split([';', ','])
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    value
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number >= 0.0)
}
