//! The environment, as typed settings, or every problem with it at once.
//!
//! One rule gives the environment variable of any Octopus variable, see [`variable_name`].

mod account;
mod choices;
mod cloud;
mod read;
mod reader;
mod server;
mod values;

pub use crate::octopus::DryRun;
pub use choices::{
    BusyTargets, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling, OwnedOnly,
    ProblemHandling, TimeoutHandling,
};
pub use reader::{Environment, variable_name};
pub use values::{Caller, CallerKind, Redeployments, Settings, Tuning};
