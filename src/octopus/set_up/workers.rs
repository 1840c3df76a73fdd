//! Worker pools, and who is in them.
//!
//! Sources: Octopus REST API reference, "Worker pools", "Workers".

use super::super::client::Octopus;
use super::super::targets::read_health;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::snapshot::Health;
use serde::Deserialize;

/// A worker pool.
#[derive(Debug, Clone, Default)]
pub struct WorkerPool {
    /// `WorkerPools-1`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is the one of steps that name none.
    pub is_default: bool,
    /// Whether Octopus leases its workers: they are nobody's machines, and have nobody's identity.
    pub dynamic: bool,
}

impl WorkerPool {
    /// What a step names, and is not there.
    #[must_use]
    pub fn missing(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Whether the space has it.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.id.is_empty()
    }
}

/// A worker.
#[derive(Debug, Clone)]
pub struct Worker {
    /// What the last health check said.
    pub health: Health,
    /// It takes part in nothing.
    pub disabled: bool,
}

impl Octopus {
    /// The worker pools of the space.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn worker_pools(&self, deadline: Deadline) -> Result<Vec<WorkerPool>, ServiceError> {
        let listing = (&["workerpools"][..], &[][..]);
        let attempted = "list the worker pools";
        let listed = self.list(
            listing,
            attempted,
            PoolRow::key,
            PoolRow::into_pool,
            deadline,
        );
        listed.map(|listed| listed.rows)
    }

    /// The workers of a pool.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn workers_of(
        &self,
        pool: &WorkerPool,
        deadline: Deadline,
    ) -> Result<Vec<Worker>, ServiceError> {
        let attempted = format!("list the workers of worker pool {}", pool.name);
        let path = ["workerpools", pool.id.as_str(), "workers"];
        let listing = (&path[..], &[][..]);
        let keep = WorkerRow::into_worker;
        let listed = self.list(listing, &attempted, WorkerRow::key, keep, deadline);
        listed.map(|listed| listed.rows)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PoolRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    is_default: Option<bool>,
    #[serde(default)]
    worker_pool_type: Option<String>,
}

impl PoolRow {
    fn key(&self) -> &str {
        &self.id
    }

    fn into_pool(self) -> WorkerPool {
        let kind = self.worker_pool_type.unwrap_or_default().to_lowercase();
        WorkerPool {
            name: self.name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            is_default: self.is_default.unwrap_or_default(),
            dynamic: kind.starts_with("dynamic"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WorkerRow {
    id: String,
    #[serde(default)]
    health_status: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
}

impl WorkerRow {
    fn key(&self) -> &str {
        &self.id
    }

    fn into_worker(self) -> Worker {
        Worker {
            health: read_health(&self.health_status.unwrap_or_default()),
            disabled: self.is_disabled.unwrap_or_default(),
        }
    }
}
