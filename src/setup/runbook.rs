//! The runbook, without its step: in the environment, for no tenant, with guided failure off, and with the runs of some weeks.
//!
//! Source: Octopus REST API reference, "Runbooks". A runbook that takes the environment's mode of guided failure would wait for a
//! person after its first failure, and all later runs behind it.

use super::document::{Edit, MARK, is_own, lists, rows, text};
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::site::SetupSite;
use crate::error::ServiceError;
use serde_json::{Value, json};

/// Fewer days than these of runs tell nobody on Monday what happened on Friday.
const A_WEEK: u64 = 7;
/// What people call the environments that it may run in.
pub const ENVIRONMENTS: &str = "environments";
const SCOPE: [&str; 1] = ["EnvironmentScope"];

/// Whether what belongs to the runbook may be changed.
pub fn may(site: &SetupSite<'_>, runbook: &Value) -> May {
    match is_own(runbook) || site.adopts_runbook() {
        true => May::Yes,
        false => May::NotWithout(format!("--adopt \"{}\"", text(runbook, "Name"))),
    }
}

/// What people call it.
pub fn subject(site: &SetupSite<'_>) -> String {
    format!("runbook \"{}\"", site.settings.runbook)
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let subject = subject(site);
    let Some(runbook) = site.runbook()? else {
        let note = format!(
            "in {}, guided failure off, runs kept for 30 days",
            site.environment.name
        );
        let row = PlanLine::new(SetupPart::Runbook, Sign::Create, subject, note);
        return Ok(Proposal::create(row, &["runbooks"], new(site)));
    };
    let (id, may) = (text(&runbook, "Id").to_owned(), may(site, &runbook));
    let mut edit = Edit::of(runbook);
    wanted(site, &mut edit);
    Ok(Proposal::correct(
        SetupPart::Runbook,
        &subject,
        &["runbooks", &id],
        edit,
        may,
    ))
}

fn new(site: &SetupSite<'_>) -> Value {
    json!({
        "Name": site.settings.runbook,
        "Description": format!("Removes deployment targets whose machines a scale set has scaled in. {MARK}."),
        "ProjectId": site.project.id,
        "SpaceId": site.octopus.space(),
        "EnvironmentScope": "Specified",
        "Environments": [site.environment.id],
        "MultiTenancyMode": "Untenanted",
        "DefaultGuidedFailureMode": "Off",
        "ConnectivityPolicy": {
            "AllowDeploymentsToNoTargets": true,
            "SkipMachineBehavior": "None",
            "TargetRoles": [],
            "ExcludeUnhealthyTargets": false,
        },
        "RunRetentionPolicy": retention(),
    })
}

/// In the words of old servers and of new ones.
fn retention() -> Value {
    json!({"Strategy": "Count", "QuantityToKeep": 30, "Unit": "Days", "ShouldKeepForever": false})
}

/// What a runbook of ours has to be.
pub fn wanted(site: &SetupSite<'_>, edit: &mut Edit) {
    let environment = site.environment.id.as_str();
    match text(&edit.now, "EnvironmentScope") {
        "Specified" if !lists(&edit.now, "Environments", environment) => {
            let there = rows(&edit.now, "Environments").cloned();
            let with_it: Vec<Value> = there.chain([Value::from(environment)]).collect();
            edit.set(ENVIRONMENTS, &["Environments"], with_it.into());
        }
        "Specified" | "All" => {}
        _ => {
            edit.set("environment scope", &SCOPE, "Specified".into());
            edit.set(ENVIRONMENTS, &["Environments"], json!([environment]));
        }
    }
    if text(&edit.now, "MultiTenancyMode").eq_ignore_ascii_case("Tenanted") {
        edit.set("tenants", &["MultiTenancyMode"], "Untenanted".into());
    }
    edit.set(
        "guided failure",
        &["DefaultGuidedFailureMode"],
        "Off".into(),
    );
    if !keeps_a_week(&edit.now["RunRetentionPolicy"]) {
        let mut policy = edit.now["RunRetentionPolicy"].clone();
        if !policy.is_object() {
            policy = json!({});
        }
        let is_known = |name: &str| name != "Strategy" || policy.get(name).is_some();
        let wanted = retention();
        let fields: Vec<(String, Value)> = wanted
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| is_known(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (name, value) in fields {
            policy[name.as_str()] = value;
        }
        edit.set("kept runs", &["RunRetentionPolicy"], policy);
    }
}

fn keeps_a_week(policy: &Value) -> bool {
    match text(policy, "Strategy") {
        "Default" => return false,
        "Forever" => return true,
        _ => {}
    }
    policy["ShouldKeepForever"] == true
        || (text(policy, "Unit").eq_ignore_ascii_case("Days")
            && policy["QuantityToKeep"]
                .as_u64()
                .is_some_and(|days| days >= A_WEEK))
}
