//! The environment, as typed settings, or every problem with it at once.
//!
//! One rule gives the environment variable of any Octopus variable, see [`variable_name`].

mod account;
mod check_settings;
mod decided;
mod draft;
mod flags;
mod known;
mod parameters;
mod read;
mod reader;
mod server;
mod setup_settings;
mod table;
mod values;
mod words;

pub use crate::octopus::DryRun;
pub use check_settings::CheckSettings;
pub use draft::Draft;
pub use flags::Flags;
pub use parameters::{Flag, Parameter, Takes};
pub use read::{hold_keys, hold_secrets};
pub use reader::{Environment, Place, variable_name};
pub use setup_settings::{
    Consent, EVERY, GuidedFailurePlace, RUNBOOK, SetupFlags, SetupMode, SetupSettings,
};
pub use table::PARAMETERS;
pub use values::{
    BusyTargets, Caller, CallerKind, DryRunExit, DuplicateHandling, ExcludeOldServers,
    GuidedFailureHandling, HealthyTargets, ProblemHandling, Question, Redeployments,
    ReferencedTargets, Settings, TimeoutHandling, Tuning,
};
pub use words::Words;
