//! Machine policies. Source: octopus.com/docs/api, "Machine Policies"; octopus.com/docs, "Machine policies".

use super::documents::{Kind, shown};
use super::envelope::{link, page, page_or_all};
use super::layers::lay;
use super::query::Query;
use super::routes::Address;
use super::timespan;
use super::{Octopus, errors};
use crate::http::{Answer, Call};
use crate::world::{SPACE, World};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The policy that is there from the start.
pub(crate) const DEFAULT: &str = "MachinePolicies-1";

/// A machine policy.
#[derive(Clone, Debug)]
pub struct MachinePolicy {
    /// `MachinePolicies-1`, ...
    pub id: String,
    /// The id of its space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// Whether it is the one of targets that name none.
    pub is_default: bool,
    /// How often it tests its targets by itself, which the sandbox only says; `None` for never.
    pub interval: Option<Duration>,
    /// Whether it only tests connections.
    pub only_connectivity: bool,
    /// A health check deletes targets that are unavailable for so long.
    pub deletes_unavailable_after: Option<Duration>,
    /// Its targets may be away: that does not fail a health check.
    pub may_be_offline: bool,
    /// How long a request to a polling target waits for it to come by.
    pub polling_queue_timeout: Duration,
    /// What it updates on its targets after a health check: `UpdateOnDeployment`, `UpdateAlways`.
    pub calamari_updates: String,
    /// Whether it updates Tentacle after a health check: `NeverUpdate`, `Update`.
    pub tentacle_updates: String,
    /// A schedule for its tests instead of the interval, for example `0 0 6 * * *`.
    pub cron: Option<String>,
    /// Anything else that it should say, or say otherwise: laid over the rest, at every depth.
    pub fields: Map<String, Value>,
}

impl MachinePolicy {
    pub(crate) fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            space: SPACE.to_owned(),
            name: name.to_owned(),
            is_default: id == DEFAULT,
            interval: Some(Duration::from_secs(24 * 3600)),
            only_connectivity: false,
            deletes_unavailable_after: None,
            may_be_offline: false,
            polling_queue_timeout: Duration::from_secs(120),
            calamari_updates: "UpdateOnDeployment".to_owned(),
            tentacle_updates: "NeverUpdate".to_owned(),
            cron: None,
            fields: Map::new(),
        }
    }
}

impl Octopus {
    pub(crate) fn policy_named(&self, name: &str) -> Option<&MachinePolicy> {
        let mut policies = self.machine_policies.values();
        policies.find(|policy| policy.name == name)
    }
}

impl World {
    /// The machine policy of this name, made if it is not there yet. Targets have "Default Machine Policy" at first.
    pub fn machine_policy(&mut self, name: &str) -> &mut MachinePolicy {
        let octopus = &mut self.octopus;
        let found = octopus.policy_named(name).map(|policy| policy.id.clone());
        let id = found.unwrap_or_else(|| octopus.next_id("MachinePolicies"));
        let policies = octopus.machine_policies.entry(id.clone());
        policies.or_insert_with(|| MachinePolicy::new(&id, name))
    }
}

pub(crate) fn list(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "partialName", "skip", "take"])?;
    let mut found: Vec<&MachinePolicy> = octopus.machine_policies.values().collect();
    found.retain(|policy| {
        policy.space == address.space()
            && query.any("ids", [policy.id.as_str()].into_iter())
            && query.part("partialName", &policy.name)
    });
    found.sort_by_key(|policy| policy.name.to_lowercase());
    let render = |policy: &&MachinePolicy| to_json(octopus, policy);
    page_or_all(
        octopus,
        call,
        address,
        &query,
        "MachinePolicy",
        &found,
        render,
    )
    .map(Answer::ok)
}

pub(crate) fn get(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let found = find(octopus, address)?;
    Ok(Answer::ok(to_json(octopus, found)))
}

/// The policy that the path names.
pub(crate) fn find<'a>(
    octopus: &'a Octopus,
    address: &Address,
) -> Result<&'a MachinePolicy, Answer> {
    let found = octopus.machine_policies.get(&address.id);
    let found = found.filter(|policy| policy.space == address.space());
    found.ok_or_else(|| errors::not_found(&address.id))
}

/// The id of the policy of targets that name none.
pub(crate) fn default(octopus: &Octopus, space: &str) -> String {
    let mut policies = octopus.machine_policies.values();
    let found = policies.find(|policy| policy.space == space && policy.is_default);
    found
        .map_or(DEFAULT, |policy| policy.id.as_str())
        .to_owned()
}

pub(crate) fn to_json(octopus: &Octopus, policy: &MachinePolicy) -> Value {
    let own = format!("machinepolicies/{}", policy.id);
    let own = link(octopus, &policy.space, &own);
    let mut shown = said(octopus, policy);
    lay(&mut shown, &policy.fields.clone().into());
    shown["Links"] = json!({ "Self": own });
    shown
}

/// What a policy says by what the sandbox goes by.
pub(crate) fn said(octopus: &Octopus, policy: &MachinePolicy) -> Value {
    let script = json!({ "RunType": "InheritFromDefault", "ScriptBody": Value::Null });
    let mut shown = json!({
        "Id": policy.id,
        "SpaceId": policy.space,
        "Name": policy.name,
        "Description": Value::Null,
        "IsDefault": policy.is_default,
        "MachineHealthCheckPolicy": {
            "HealthCheckType": if policy.only_connectivity { "OnlyConnectivity" } else { "RunScript" },
            "HealthCheckInterval": policy.interval.map(timespan::write),
            "HealthCheckCron": policy.cron,
            "HealthCheckCronTimezone": "UTC",
            "PowerShellHealthCheckPolicy": script,
            "BashHealthCheckPolicy": script,
        },
        "MachineConnectivityPolicy": {
            "MachineConnectivityBehavior": if policy.may_be_offline {
                "MayBeOfflineAndCanBeSkipped"
            } else {
                "ExpectedToBeOnline"
            },
        },
        "MachineCleanupPolicy": {
            "DeleteMachinesBehavior": match policy.deletes_unavailable_after {
                Some(_) => "DeleteUnavailableMachines",
                None => "DoNotDelete",
            },
            "DeleteMachinesElapsedTimeSpan": timespan::write(policy.deletes_unavailable_after.unwrap_or_default()),
        },
        "MachineUpdatePolicy": {
            "CalamariUpdateBehavior": policy.calamari_updates,
            "TentacleUpdateBehavior": policy.tentacle_updates,
            "KubernetesAgentUpdateBehavior": "NeverUpdate",
        },
        "ConnectionConnectTimeout": "00:01:00",
        "ConnectionRetryCountLimit": 5,
        "ConnectionRetrySleepInterval": "00:00:01",
        "ConnectionRetryTimeLimit": "00:05:00",
        "PollingRequestQueueTimeout": timespan::write(policy.polling_queue_timeout),
        "LastModifiedBy": Value::Null,
        "LastModifiedOn": Value::Null,
    });
    if let Some(fields) = shown
        .as_object_mut()
        .filter(|_| octopus.newer.policy_extras)
    {
        fields.extend(newer_parts());
    }
    shown
}

/// An older server takes no notice of what later ones have.
pub(crate) fn drop_what_is_newer(octopus: &Octopus, sent: &mut Value) {
    if let Some(fields) = sent
        .as_object_mut()
        .filter(|_| !octopus.newer.policy_extras)
    {
        let newer = newer_parts();
        fields.retain(|name, _| !newer.contains_key(name));
    }
}

fn newer_parts() -> Map<String, Value> {
    let retry = json!({ "Enabled": true, "RetryDuration": "00:02:30", "HealthCheckRetryDuration": "00:00:30" });
    let retention = json!({ "Strategy": "Default" });
    Map::from_iter([
        ("MachineRpcCallRetryPolicy".to_owned(), retry),
        ("MachinePackageCacheRetentionPolicy".to_owned(), retention),
    ])
}

/// What a new policy begins with: all of it but an id and a name.
pub(crate) fn template(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let mut policy = MachinePolicy::new("", "");
    policy.space = address.space().to_owned();
    let mut shown = to_json(octopus, &policy);
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !["Id", "Name", "Links"].contains(&name.as_str()));
    }
    Ok(Answer::ok(shown))
}

/// The workers that a policy has.
pub(crate) fn workers(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &["skip", "take"])?;
    get(octopus, address)?;
    let workers = octopus.documents.of(Kind::Worker);
    let own: Vec<&Value> = workers
        .filter(|worker| worker["MachinePolicyId"] == address.id.as_str())
        .collect();
    let render = |worker: &&Value| shown(octopus, Kind::Worker, worker);
    page(octopus, call, &query, "Worker", &own, render).map(Answer::ok)
}
