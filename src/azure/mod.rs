//! Everything that knows Azure: cloud endpoints, credential, scale sets, how they name machines.
//!
//! What leaves this folder is data that [`crate::reconcile`] understands: groups, name patterns, answers of witnesses.

mod account;
mod advice;
mod client;
mod naming;
mod rows;
mod scale_sets;
mod sign_in;
mod token;
mod transport;
mod witnesses;

pub use account::{Account, Application, Cloud, CloudEndpoints, Credential};
pub use advice::{NotFound, not_found};
pub use client::{Azure, Clock};
pub use naming::ScaleSetId;
pub use witnesses::{OtherScaleSet, OtherScaleSets, READ, SEE_ALL, Unlisted};
