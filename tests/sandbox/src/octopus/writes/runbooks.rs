//! Runbooks: made, changed, and published by naming one of their snapshots. Source: octopus.com/docs/api, "Runbooks"; the old
//! way to publish is from github.com/OctopusDeploy/OctopusDeploy-Api and the command line client.

use super::{Write, created, one_of, over, required};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, need, shown, text};
use crate::octopus::places::slug;
use crate::octopus::{Octopus, errors, git, runbooks};
use serde_json::{Value, json};

const MODES: [&str; 3] = ["EnvironmentDefault", "Off", "On"];
const SCOPES: [&str; 3] = ["All", "Specified", "FromProjectLifecycles"];
const TENANCY: [&str; 3] = ["Untenanted", "TenantedOrUntenanted", "Tenanted"];

pub(super) fn create(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let body = write.body()?;
    let project = write.project(&body)?.to_owned();
    let place = json!({ "SpaceId": write.address.space(), "ProjectId": project });
    may_edit(write, &place)?;
    let mut json = saved(write, &body, &place)?;
    json["PublishedRunbookSnapshotId"] = Value::Null;
    let id = write.octopus.keep_new_runbook(json);
    let json = find(write.octopus, Kind::Runbook, &id, write.address.space())?;
    Ok(created(shown(write.octopus, Kind::Runbook, json)))
}

pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = write.found(Kind::Runbook)?;
    may_edit(write, &was)?;
    let body = write.body()?;
    required(&body, &["ProjectId"])?;
    if body["ProjectId"] != was["ProjectId"] {
        return Err(errors::bad_request(
            "A runbook cannot move to another project.",
        ));
    }
    let json = saved(write, &body, &was)?;
    known_snapshot(write.octopus, &json)?;
    write.octopus.documents.insert(Kind::Runbook, json.clone());
    Ok(Answer::ok(shown(write.octopus, Kind::Runbook, &json)))
}

fn may_edit(write: &Write<'_>, json: &Value) -> Result<(), Answer> {
    let (octopus, caller) = (&*write.octopus, write.caller);
    need(octopus, caller, "RunbookEdit", Kind::Runbook, json)?;
    git::refuse_plain(octopus, text(json, "ProjectId"), Kind::Runbook)
}

/// The runbook as it is kept; what the server says by itself is as it was.
fn saved(write: &Write<'_>, body: &Value, was: &Value) -> Result<Value, Answer> {
    required(body, &["Name"])?;
    let octopus = &*write.octopus;
    let mut blank = runbooks::blank(text(body, "Name"));
    blank["DefaultGuidedFailureMode"] = match octopus.readings.runbooks_leave_it_to_the_environment
    {
        true => "EnvironmentDefault".into(),
        false => "Off".into(),
    };
    let mut json = over(blank, body);
    for name in ["Id", "SpaceId", "ProjectId", "RunbookProcessId"] {
        json[name] = was[name].clone();
    }
    if text(&json, "Slug").is_empty() {
        json["Slug"] = slug(text(&json, "Name")).into();
    }
    one_of(&json, "EnvironmentScope", &SCOPES)?;
    one_of(&json, "MultiTenancyMode", &TENANCY)?;
    one_of(&json, "DefaultGuidedFailureMode", &MODES)?;
    write.known_environments(&json["Environments"])?;
    retention(octopus, &mut json["RunRetentionPolicy"])?;
    write.free_name(Kind::Runbook, &json)?;
    write.stamp(&mut json);
    Ok(json)
}

/// Older servers do not know the strategy, and lose it.
fn retention(octopus: &Octopus, policy: &mut Value) -> Result<(), Answer> {
    let Some(fields) = policy.as_object_mut() else {
        return Err(errors::bad_request(
            "The RunRetentionPolicy field is required.",
        ));
    };
    if !octopus.newer.retention_strategy {
        fields.remove("Strategy");
        return Ok(());
    }
    if fields.get("Strategy").is_none_or(Value::is_null) {
        let forever = fields.get("ShouldKeepForever") == Some(&Value::Bool(true));
        let strategy = if forever { "Forever" } else { "Count" };
        fields.insert("Strategy".to_owned(), strategy.into());
    }
    one_of(policy, "Strategy", &["Default", "Forever", "Count"])
}

/// What is published has to be a snapshot of this runbook.
fn known_snapshot(octopus: &Octopus, runbook: &Value) -> Result<(), Answer> {
    let Some(id) = runbook["PublishedRunbookSnapshotId"].as_str() else {
        return Ok(());
    };
    let snapshot = octopus.documents.get_as(Kind::RunbookSnapshot, id);
    match snapshot.is_some_and(|snapshot| snapshot["RunbookId"] == runbook["Id"]) {
        true => Ok(()),
        false => Err(super::unknown_ids("Runbook Snapshot", &[id])),
    }
}
