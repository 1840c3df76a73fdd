//! The machine policy of the scale set's targets: connections only, every 15 minutes, and a machine that is gone fails no health
//! check.
//!
//! Source: Octopus REST API reference, "Machine policies" (`machinepolicies/template` is the server's own beginning).

use super::document::{Edit, MARK, is_own, text};
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::site::SetupSite;
use crate::error::ServiceError;
use crate::octopus::spans;
use crate::settings::Consent;
use serde_json::{Value, json};
use std::time::Duration;

const CHECK: &str = "MachineHealthCheckPolicy";
const INTERVAL: [&str; 2] = [CHECK, "HealthCheckInterval"];
const CLEANUP: &str = "MachineCleanupPolicy";
const UPDATES: &str = "MachineUpdatePolicy";
/// The longest time between two checks.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Whether unavailable machines are deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cleanup {
    /// They are not.
    Off,
    /// They are, after the guide's 20 minutes.
    On,
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let name = &site.settings.machine_policy;
    let subject = format!("machine policy \"{name}\"");
    let cleanup = match site.allows(Consent::PolicyCleanup) {
        true => Cleanup::On,
        false => Cleanup::Off,
    };
    let path = ["machinepolicies"];
    Ok(match site.find(&path, name)? {
        None => {
            let template = site.ask(&["machinepolicies", "template"])?;
            made(site, &subject, template, cleanup)
        }
        Some(id) => {
            let policy = site.read(&["machinepolicies", &id])?;
            corrected(site, &subject, policy, cleanup)
        }
    })
}

fn made(site: &SetupSite<'_>, subject: &str, template: Value, cleanup: Cleanup) -> Proposal {
    let mut edit = Edit::of(template);
    edit.set(
        "name",
        &["Name"],
        site.settings.machine_policy.as_str().into(),
    );
    edit.set("space", &["SpaceId"], site.octopus.space().into());
    edit.set("description", &["Description"], MARK.into());
    edit.set("default", &["IsDefault"], false.into());
    wanted(&mut edit, cleanup);
    let note = match cleanup {
        Cleanup::Off => "connections only, every 15 minutes, deletes nothing",
        Cleanup::On => "connections only, every 15 minutes, deletes what is unavailable for 20",
    };
    let row = PlanLine::new(SetupPart::Policy, Sign::Create, subject, note);
    Proposal::create(row, &["machinepolicies"], edit.now)
}

fn corrected(site: &SetupSite<'_>, subject: &str, policy: Value, cleanup: Cleanup) -> Proposal {
    let may = match is_own(&policy) || site.allows(Consent::AdoptPolicy) {
        true => May::Yes,
        false => May::NotWithout("--adopt-policy".into()),
    };
    if policy["IsDefault"] == true {
        let note = "it is the space's default, which all other targets have. Name another one with --machine-policy";
        return Proposal::of(PlanLine::new(SetupPart::Policy, Sign::Open, subject, note));
    }
    let id = text(&policy, "Id").to_owned();
    let mut edit = Edit::of(policy);
    wanted(&mut edit, cleanup);
    Proposal::correct(
        SetupPart::Policy,
        subject,
        &["machinepolicies", &id],
        edit,
        may,
    )
}

/// What the guide asks for. A shorter interval is as good.
fn wanted(edit: &mut Edit, cleanup: Cleanup) {
    let interval = edit.now[CHECK]["HealthCheckInterval"]
        .as_str()
        .and_then(spans::read);
    if interval.is_none_or(|it| it > LONGEST || it.is_zero()) {
        edit.set("time between health checks", &INTERVAL, "00:15:00".into());
    }
    edit.set(
        "cron line of health checks",
        &[CHECK, "HealthCheckCron"],
        Value::Null,
    );
    edit.set(
        "health check type",
        &[CHECK, "HealthCheckType"],
        "OnlyConnectivity".into(),
    );
    edit.set(
        "unavailable machines",
        &["MachineConnectivityPolicy", "MachineConnectivityBehavior"],
        "MayBeOfflineAndCanBeSkipped".into(),
    );
    let behaviour = [CLEANUP, "DeleteMachinesBehavior"];
    match cleanup {
        Cleanup::Off => edit.set("deletion of machines", &behaviour, "DoNotDelete".into()),
        Cleanup::On => {
            edit.set(
                "deletion of machines",
                &behaviour,
                "DeleteUnavailableMachines".into(),
            );
            let after = [CLEANUP, "DeleteMachinesElapsedTimeSpan"];
            edit.set("deletion after", &after, "00:20:00".into());
        }
    }
    updates_wait(edit);
}

/// An update after a health check would be started by the test of connections.
fn updates_wait(edit: &mut Edit) {
    for (what, field, always, instead) in [
        (
            "updates of Calamari",
            "CalamariUpdateBehavior",
            "UpdateAlways",
            "UpdateOnDeployment",
        ),
        (
            "updates of Tentacle",
            "TentacleUpdateBehavior",
            "Update",
            "NeverUpdate",
        ),
    ] {
        if edit.now[UPDATES][field] == json!(always) {
            edit.set(what, &[UPDATES, field], instead.into());
        }
    }
}
