//! Everything that knows Octopus's REST API.

mod activity_rows;
mod audit;
mod base_url;
mod client;
mod deployments;
mod interruptions;
mod lookups;
mod machines;
mod removal;
mod rows;
mod tasks;
mod tenant;
mod variables;

pub use base_url::BaseUrl;
pub use client::Octopus;
pub use deployments::{Deployment, TaskDetails};
pub use interruptions::OWN_ACCOUNT;
pub use lookups::Scope;
pub use machines::Census;
pub use removal::Removal;
pub use tasks::{Asker, TaskState, is_over};
pub use tenant::Tenant;
