//! Machine policies. Source: octopus.com/docs/api, "Machine Policies".

use super::{Write, created, name_taken, one_of, required};
use crate::http::Answer;
use crate::octopus::documents::text;
use crate::octopus::{MachinePolicy, errors, layers, policies, timespan};
use serde_json::Value;
use std::time::Duration;

pub(super) fn create(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let body = write.body()?;
    let mut policy = MachinePolicy::new("", text(&body, "Name"));
    policy.space = write.address.space().to_owned();
    let mut policy = saved(write, policy, &body)?;
    policy.id = write.octopus.next_id("MachinePolicies");
    Ok(created(keep(write, policy)))
}

pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = policies::find(write.octopus, write.address)?;
    let (id, space, is_default) = (was.id.clone(), was.space.clone(), was.is_default);
    let body = write.body()?;
    let mut policy = MachinePolicy::new(&id, text(&body, "Name"));
    policy.space = space;
    policy.is_default = is_default;
    let policy = saved(write, policy, &body)?;
    Ok(Answer::ok(keep(write, policy)))
}

fn keep(write: &mut Write<'_>, policy: MachinePolicy) -> Value {
    let shown = policies::to_json(write.octopus, &policy);
    let all = &mut write.octopus.machine_policies;
    all.insert(policy.id.clone(), policy);
    shown
}

/// A new policy with everything that the body says; the rest is as in any new policy.
fn saved(
    write: &Write<'_>,
    mut policy: MachinePolicy,
    body: &Value,
) -> Result<MachinePolicy, Answer> {
    required(body, &["Name"])?;
    let mut others = write.octopus.machine_policies.values();
    if others.any(|it| {
        it.space == policy.space && it.id != policy.id && it.name.eq_ignore_ascii_case(&policy.name)
    }) {
        return Err(name_taken(&policy.name));
    }
    let mut wanted = policies::said(write.octopus, &policy);
    let own = wanted.clone();
    layers::lay(&mut wanted, body);
    for name in ["Id", "SpaceId", "IsDefault"] {
        wanted[name] = own[name].clone();
    }
    policies::drop_what_is_newer(write.octopus, &mut wanted);
    write.stamp(&mut wanted);
    read(&mut policy, &wanted)?;
    policy.fields = layers::difference(&wanted, &policies::said(write.octopus, &policy));
    Ok(policy)
}

/// What the sandbox goes by.
fn read(policy: &mut MachinePolicy, wanted: &Value) -> Result<(), Answer> {
    let health = &wanted["MachineHealthCheckPolicy"];
    one_of(
        health,
        "HealthCheckType",
        &["RunScript", "OnlyConnectivity"],
    )?;
    policy.only_connectivity = health["HealthCheckType"] == "OnlyConnectivity";
    policy.interval = span(&health["HealthCheckInterval"])?;
    policy.cron = health["HealthCheckCron"].as_str().map(str::to_owned);
    let connectivity = &wanted["MachineConnectivityPolicy"];
    one_of(
        connectivity,
        "MachineConnectivityBehavior",
        &["ExpectedToBeOnline", "MayBeOfflineAndCanBeSkipped"],
    )?;
    policy.may_be_offline =
        connectivity["MachineConnectivityBehavior"] == "MayBeOfflineAndCanBeSkipped";
    let cleanup = &wanted["MachineCleanupPolicy"];
    let behaviours = ["DoNotDelete", "DeleteUnavailableMachines"];
    one_of(cleanup, "DeleteMachinesBehavior", &behaviours)?;
    policy.deletes_unavailable_after = match text(cleanup, "DeleteMachinesBehavior") {
        "DoNotDelete" => None,
        _ => span(&cleanup["DeleteMachinesElapsedTimeSpan"])?.or(Some(Duration::ZERO)),
    };
    let updates = &wanted["MachineUpdatePolicy"];
    text(updates, "CalamariUpdateBehavior").clone_into(&mut policy.calamari_updates);
    text(updates, "TentacleUpdateBehavior").clone_into(&mut policy.tentacle_updates);
    let queue = span(&wanted["PollingRequestQueueTimeout"])?;
    policy.polling_queue_timeout = queue.unwrap_or(policy.polling_queue_timeout);
    Ok(())
}

fn span(value: &Value) -> Result<Option<Duration>, Answer> {
    if value.is_null() {
        return Ok(None);
    }
    let read = value.as_str().and_then(timespan::read);
    let invalid = || errors::bad_request(&format!("The value {value} is not a time span."));
    read.map(Some).ok_or_else(invalid)
}
