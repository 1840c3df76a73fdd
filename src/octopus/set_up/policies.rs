//! Machine policies, with all that a scale set's machines depend on.
//!
//! Source: Octopus REST API reference, "Machine policies"; octopus.com/docs, "Machine policies".

use super::super::client::Octopus;
use super::super::spans;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use std::time::Duration;

/// A machine policy.
#[derive(Debug, Clone)]
pub struct MachinePolicy {
    /// `MachinePolicies-1`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is the one of targets that name none.
    pub is_default: bool,
    /// How often it checks its targets; `None` where a cron line says so, or nothing does.
    pub interval: Option<Duration>,
    /// What it says of that where it cannot be read.
    pub unread_interval: Option<String>,
    /// The cron line that says when.
    pub cron: Option<String>,
    /// Whether it only tests connections.
    pub only_connections: bool,
    /// Whether a target that is away fails the health check.
    pub away_fails: bool,
    /// Whether it deletes targets that are away for long.
    pub deletes: bool,
    /// What it updates on its targets after a health check.
    pub updates: Vec<&'static str>,
}

impl Octopus {
    /// The machine policies of the space, in full.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn policies(&self, deadline: Deadline) -> Result<Vec<MachinePolicy>, ServiceError> {
        let listing = (&["machinepolicies"][..], &[][..]);
        let attempted = "list the machine policies";
        let keep = FullPolicyRow::into_policy;
        let listed = self.list(listing, attempted, FullPolicyRow::key, keep, deadline);
        listed.map(|listed| listed.rows)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FullPolicyRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    is_default: Option<bool>,
    #[serde(default)]
    machine_health_check_policy: Option<HealthCheckRow>,
    #[serde(default)]
    machine_connectivity_policy: Option<ConnectivityRow>,
    #[serde(default)]
    machine_cleanup_policy: Option<DeletionRow>,
    #[serde(default)]
    machine_update_policy: Option<UpdateRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HealthCheckRow {
    #[serde(default)]
    health_check_interval: Option<String>,
    #[serde(default)]
    health_check_cron: Option<String>,
    #[serde(default)]
    health_check_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConnectivityRow {
    #[serde(default)]
    machine_connectivity_behavior: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeletionRow {
    #[serde(default)]
    delete_machines_behavior: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRow {
    #[serde(default)]
    calamari_update_behavior: Option<String>,
    #[serde(default)]
    tentacle_update_behavior: Option<String>,
}

impl FullPolicyRow {
    fn key(&self) -> &str {
        &self.id
    }

    fn into_policy(self) -> MachinePolicy {
        let is = |word: &Option<String>, name: &str| {
            word.as_deref()
                .is_some_and(|word| word.eq_ignore_ascii_case(name))
        };
        let check = self.machine_health_check_policy.unwrap_or_default();
        let connectivity = self.machine_connectivity_policy.unwrap_or_default();
        let deletion = self.machine_cleanup_policy.unwrap_or_default();
        let update = self.machine_update_policy.unwrap_or_default();
        let calamari = is(&update.calamari_update_behavior, "UpdateAlways");
        let tentacle = is(&update.tentacle_update_behavior, "Update");
        let updates = [(calamari, "Calamari"), (tentacle, "Tentacle")].into_iter();
        let told = check.health_check_interval;
        let interval = told.as_deref().and_then(spans::read);
        MachinePolicy {
            name: self.name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            is_default: self.is_default.unwrap_or_default(),
            interval,
            unread_interval: told.filter(|_| interval.is_none()),
            cron: check
                .health_check_cron
                .filter(|cron| !cron.trim().is_empty()),
            only_connections: is(&check.health_check_type, "OnlyConnectivity"),
            away_fails: !is(
                &connectivity.machine_connectivity_behavior,
                "MayBeOfflineAndCanBeSkipped",
            ),
            deletes: is(
                &deletion.delete_machines_behavior,
                "DeleteUnavailableMachines",
            ),
            updates: updates
                .filter(|(does, _)| *does)
                .map(|(_, what)| what)
                .collect(),
        }
    }
}
