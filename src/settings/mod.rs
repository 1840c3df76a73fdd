//! The environment, as typed settings, or every problem with it at once.
//!
//! One rule gives the environment variable of any Octopus variable, see [`variable_name`].

mod account;
mod cloud;
mod read;
mod reader;
mod server;
mod values;

pub use reader::{Environment, variable_name};
pub use values::{HandOut, Run, RunKind, Settings, Tuning};
