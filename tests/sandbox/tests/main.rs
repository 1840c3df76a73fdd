//! What tests of the program may rely on: one file for each part of the two services.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod azure;
mod azure_access;
#[cfg(unix)]
mod azure_cli;
mod client;
mod faults;
mod guide;
mod health_checks;
mod managed_identity;
mod octopus;
mod octopus_activity;
mod setup;
mod sign_in;
mod toy;
