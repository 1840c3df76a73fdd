//! Everything that knows Octopus's REST API.

mod base_url;
mod client;
mod lookups;
mod machines;
pub(crate) mod pacer;
mod removal;
mod rows;
mod tasks;
mod variables;

pub use base_url::BaseUrl;
pub use client::Octopus;
pub use lookups::Scope;
pub use machines::Inventory;
pub use removal::Removal;
pub use tasks::{Asker, TaskState};
