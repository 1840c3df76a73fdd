//! Why carrying a plan out stopped.

use crate::error::ServiceError;
use std::fmt;

/// Why it stopped.
#[derive(Debug)]
pub enum Stop {
    /// Octopus refused, or could not be asked.
    Service(Box<ServiceError>),
    /// It was sent, and whether it was done nobody could say.
    Unknown {
        /// What came of it.
        error: Box<ServiceError>,
        /// Where it was sent.
        place: String,
    },
    /// Something is no longer as the plan saw it.
    Changed(String),
    /// It was written, and yet it is not there.
    NotTaken(String),
    /// Something that it rests on is not there.
    Waits(String),
    /// Somebody interrupted it.
    Interrupted,
}

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Self {
        match error.is_halted() {
            true => Self::Interrupted,
            false => Self::Service(Box::new(error)),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => write!(f, "{error}"),
            Self::Unknown { error, place } => write!(
                f,
                "{error} Whether it was done all the same could not be looked up: see {place} in Octopus."
            ),
            Self::Changed(what) => write!(
                f,
                "Somebody changed {what} since the plan was made; nothing of it was overwritten. Look at it, and plan again."
            ),
            Self::NotTaken(what) => write!(
                f,
                "Octopus took the change of {what}, and yet it is not as planned. Look at it in Octopus."
            ),
            Self::Waits(what) => write!(
                f,
                "What {what} rests on is not there. Set that up first, or somebody has removed it since the plan was made."
            ),
            Self::Interrupted => f.write_str("Interrupted."),
        }
    }
}
