//! Everything that knows Octopus's REST API: a client bound to its space, and one file for each kind of thing.

mod activity_rows;
mod audit;
mod base_url;
mod client;
mod deployments;
mod interruptions;
mod lookups;
mod rows;
mod server;
mod targets;
mod task_state;
mod tasks;
mod tenant;
mod variables;
mod writer;

pub use base_url::BaseUrl;
pub use client::Octopus;
pub use deployments::{Deployment, LogLines, TaskDetails};
pub use server::Server;
pub use targets::EnvironmentRoles;
pub use task_state::TaskState;
pub use tasks::{ActiveTask, ActiveTasks, OwnTask, TaskStatus};
pub use tenant::Tenant;
pub use writer::{DryRun, OWN_ACCOUNT, Removal, Writer, Written};
