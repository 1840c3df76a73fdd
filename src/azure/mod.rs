//! Everything that knows Azure: cloud endpoints, credential, scale sets, how they name machines.
//!
//! What leaves this folder is data that [`crate::reconcile`] understands: groups, name patterns, answers of witnesses.

mod account;
mod advice;
mod azure_cli;
mod client;
mod id;
mod naming;
mod not_found;
mod rows;
mod scale_sets;
mod sign_in;
mod token;
mod transport;
mod transport_error;
mod waiting;
mod witnesses;

pub use account::{Account, Application, Cloud, CloudEndpoints, Credential};
pub use client::Azure;
pub use id::{Missing, ScaleSetId};
pub use not_found::{NotFound, not_found};
pub use rows::Mode;
pub use witnesses::Seen;
