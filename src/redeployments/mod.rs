//! Scale events during deployments: is this run a duplicate (asked only of deployments that a trigger started), and which
//! targets are old (asked only where these are to be left out).
//!
//! What cannot be read is no duplicate and makes nobody old: deploying twice is safe, not deploying is not. The policy
//! stands in [`history`].

pub mod history;
mod reading;
mod review;

pub(crate) use reading::record;
pub(crate) use review::{cancel, read_past, review};

/// The earlier execution of the same deployment that this run repeats.
pub(crate) use history::Earlier as Duplicate;
