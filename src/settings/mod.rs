//! The environment, as typed settings, or every problem with it at once.
//!
//! One rule gives the environment variable of any Octopus variable, see [`variable_name`].

mod account;
mod decided;
mod known;
mod read;
mod reader;
mod server;
mod values;

pub use crate::octopus::DryRun;
pub use reader::{Environment, variable_name};
pub use values::{
    BusyTargets, Caller, CallerKind, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling,
    HealthyTargets, ProblemHandling, Redeployments, ReferencedTargets, Settings, TimeoutHandling,
    Tuning,
};
