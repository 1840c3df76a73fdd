//! Octopus's rate limit: a token bucket for each user.
//!
//! Source: octopus.com/docs, "Rate limiting" (administration, managing infrastructure).

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How the bucket fills again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refill {
    /// A little all the time.
    Continuous,
    /// All that a window brings, in one lump at its end.
    Window(Duration),
}

/// The rate limit of the Octopus server. `None` in the world means that there is none.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// The most requests at once: `l` in the policy header.
    pub burst: u32,
    /// Requests that come back in a minute: `rpm` in the policy header.
    pub per_minute: u32,
    /// How they come back.
    pub refill: Refill,
    /// Whether a refusal says how long to wait; Octopus only says that it may.
    pub retry_after: bool,
    buckets: HashMap<String, Bucket>,
}

#[derive(Clone, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// What the bucket says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub allowed: bool,
    /// Whole requests left.
    pub remaining: u32,
    /// Seconds until the bucket is full.
    pub seconds_to_full: u64,
    /// Seconds until the next request is allowed, rounded up.
    pub seconds_to_next: u64,
}

impl RateLimit {
    /// A bucket of `burst` requests that fills continuously.
    pub fn new(burst: u32, per_minute: u32) -> Self {
        Self {
            burst,
            per_minute,
            refill: Refill::Continuous,
            retry_after: true,
            buckets: HashMap::new(),
        }
    }

    /// Fills the bucket in one lump at the end of each window.
    pub fn in_windows_of(mut self, window: Duration) -> Self {
        self.refill = Refill::Window(window);
        self
    }

    /// Refuses without saying how long to wait.
    pub fn without_retry_after(mut self) -> Self {
        self.retry_after = false;
        self
    }

    /// The policy header: `l=200;rpm=600`.
    pub(crate) fn policy(&self) -> String {
        format!("l={};rpm={}", self.burst, self.per_minute)
    }

    pub(crate) fn take(&mut self, user: &str, now: Instant) -> Decision {
        let burst = f64::from(self.burst);
        let full = Bucket {
            tokens: burst,
            filled: now,
        };
        let mut bucket = self.buckets.remove(user).unwrap_or(full);
        self.fill(&mut bucket, now);
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        let decision = Decision {
            allowed,
            remaining: bucket.tokens as u32,
            seconds_to_full: self.wait(&bucket, burst, now),
            seconds_to_next: self.wait(&bucket, 1.0, now).max(1),
        };
        self.buckets.insert(user.to_owned(), bucket);
        decision
    }

    fn per_second(&self) -> f64 {
        f64::from(self.per_minute) / 60.0
    }

    fn fill(&self, bucket: &mut Bucket, now: Instant) {
        let passed = now.saturating_duration_since(bucket.filled);
        let counted = match self.refill {
            Refill::Continuous => passed,
            Refill::Window(window) => {
                window * (passed.as_nanos() / window.as_nanos().max(1)) as u32
            }
        };
        bucket.tokens =
            (bucket.tokens + counted.as_secs_f64() * self.per_second()).min(f64::from(self.burst));
        bucket.filled += counted;
    }

    /// Whole seconds until the bucket holds that many tokens.
    fn wait(&self, bucket: &Bucket, wanted: f64, now: Instant) -> u64 {
        let missing = (wanted - bucket.tokens).max(0.0);
        let seconds = missing / self.per_second().max(f64::MIN_POSITIVE);
        let seconds = match self.refill {
            Refill::Continuous => seconds,
            Refill::Window(window) => {
                let windows = (seconds / window.as_secs_f64()).ceil();
                let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
                (windows * window.as_secs_f64() - passed).max(0.0)
            }
        };
        seconds.ceil() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_continuously() {
        let mut limit = RateLimit::new(2, 60);
        let start = Instant::now();
        assert!(limit.take("a", start).allowed);
        assert_eq!(limit.take("a", start).remaining, 0);
        let refused = limit.take("a", start);
        assert!(!refused.allowed);
        assert_eq!(refused.seconds_to_next, 1);
        assert_eq!(refused.seconds_to_full, 2);
        assert!(limit.take("a", start + Duration::from_secs(1)).allowed);
    }

    #[test]
    fn a_window_fills_in_one_lump() {
        let mut limit = RateLimit::new(1, 60).in_windows_of(Duration::from_secs(10));
        let start = Instant::now();
        assert!(limit.take("a", start).allowed);
        let refused = limit.take("a", start + Duration::from_secs(3));
        assert!(!refused.allowed);
        assert_eq!(refused.seconds_to_next, 7);
        assert!(limit.take("a", start + Duration::from_secs(10)).allowed);
    }

    #[test]
    fn users_have_buckets_of_their_own() {
        let mut limit = RateLimit::new(1, 1);
        let start = Instant::now();
        assert!(limit.take("a", start).allowed);
        assert!(!limit.take("a", start).allowed);
        assert!(limit.take("b", start).allowed);
    }
}
