//! Answers guided failures on targets whose machines are gone. Off unless asked for.
//!
//! What waits is read before the snapshot that is the evidence, and once more before it is answered. Which may be answered is
//! decided in [`policy`].

mod answer;
mod interruptions;
mod policy;

pub use answer::{answer, examine, read_waiting};
pub use policy::GuidedFailures;
