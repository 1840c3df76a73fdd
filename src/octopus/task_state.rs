//! What a task is up to.

/// What a task is up to. Servers spell some of these in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// It has not begun.
    Queued,
    /// It runs.
    Executing,
    /// Somebody cancelled it, and it has not ended yet.
    Cancelling,
    /// It ended well.
    Success,
    /// It failed.
    Failed,
    /// It was cancelled.
    Canceled,
    /// It took too long.
    TimedOut,
    /// A state that this program does not know, as the server wrote it.
    Other(String),
}

impl TaskState {
    /// Reads a state, in whatever letters.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "queued" | "new" => Self::Queued,
            "executing" => Self::Executing,
            "cancelling" => Self::Cancelling,
            "success" => Self::Success,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            "timedout" => Self::TimedOut,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Whether it has ended. A state that is not known has not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Success | Self::Failed | Self::Canceled | Self::TimedOut => true,
            Self::Queued | Self::Executing | Self::Cancelling | Self::Other(_) => false,
        }
    }

    /// Whether it has not begun.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        *self == Self::Queued
    }

    /// Whether somebody cancelled it, or Octopus ended it, so that it must not go on.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Cancelling | Self::Canceled | Self::TimedOut | Self::Failed => true,
            Self::Queued | Self::Executing | Self::Success | Self::Other(_) => false,
        }
    }
}
