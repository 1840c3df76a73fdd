//! Removes the Octopus Deploy deployment targets whose machines an Azure scale set has scaled in, and nothing else.
//!
//! An error is never absence; when in doubt it removes nothing and says why. [`run`] is one run from its first to its last
//! step; what is decided stands in [`reconcile`], apart from everything that talks to a network.

mod azure;
mod cause;
pub mod check;
pub mod cli;
mod clock;
pub mod console;
pub mod error;
mod guided_failures;
mod http;
mod octopus;
pub mod reconcile;
pub mod redeployments;
mod report;
pub mod run;
pub mod secret;
pub mod settings;
pub mod setup;
mod spelling;
mod workers;

pub use report::{AskedFor, json_error};
