//! Everything that knows Octopus's REST API: a client bound to its space, and one file for each kind of thing. What only an
//! optional feature reads stands in that feature's folder.

mod activity;
mod advice;
mod base_url;
mod client;
mod gaps;
mod health_check;
mod lookups;
mod older;
pub mod permissions;
pub mod set_up;
pub mod spans;
mod targets;
mod task;
mod variables;
mod writer;

pub use activity::{OwnTask, TaskStatus};
pub use base_url::BaseUrl;
pub use client::{Octopus, Server};
pub use gaps::Gap;
pub use health_check::{HealthCheckOrder, LastCheck};
pub use older::CannotTell;
pub use targets::{EnvironmentRoles, Tenant, is_same_tag};
pub(crate) use task::TaskRow;
pub use task::{LogLines, TaskLog, TaskState};
pub use variables::OwnVariables;
pub use writer::{DryRun, Removal, Writer, Written};
