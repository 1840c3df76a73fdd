//! Until when an answer is of use.

use std::time::{Duration, Instant};

/// Until when an answer is of use. A value: whoever asks passes one on, and nobody sets one for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// It takes as long as it takes.
    pub const NONE: Self = Self(None);

    /// So much time from now on.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// Whether no time is left.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    /// What is left of it; `None`: as long as it takes.
    #[must_use]
    pub fn left(self) -> Option<Duration> {
        let end = self.0?;
        Some(end.saturating_duration_since(Instant::now()))
    }
}
