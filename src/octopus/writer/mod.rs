//! The only requests to Octopus that change anything. Each begins with the dry run: what is dry sends nothing.

mod permit;
mod requests;

pub(super) use permit::WritePermit;
pub use permit::{DryRun, Written};
pub use requests::{OWN_ACCOUNT, Removal, Writer};
