//! What somebody set up for the run: users and what they may, environments, projects, runbooks, policies, worker pools. Read for
//! `check` alone; a reconciliation asks none of it.
//!
//! Sources: Octopus REST API reference (octopus.com/docs/api), and the models of github.com/OctopusDeploy/go-octopusdeploy and
//! github.com/OctopusDeploy/OctopusClients where the reference says less. What is not named here is never held in memory.

mod access;
mod greeting;
mod kept;
mod places;
mod policies;
mod process;
mod runbooks;
mod triggers;
mod variables;
mod workers;

pub use access::{AccessLevel, ApiKey, Grant, KeyEnd, Rights, User, keys_in_use};
pub use greeting::{Freeze, Greeting};
pub use kept::Kept;
pub use places::{DeploymentSettings, EnvironmentPlace, GuidedFailure, Project};
pub use policies::MachinePolicy;
pub use process::{Action, Process, RunCondition, StepTemplate};
pub use runbooks::{EnvironmentScope, Published, Retention, Runbook, RunbookRun, SnapshotChanges};
pub use triggers::{Schedule, Trigger};
pub use variables::{AzureAccount, LibrarySet, Prompted, Variable};
pub use workers::{Worker, WorkerPool};
