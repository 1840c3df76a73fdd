//! Snapshots of runbooks, published at once or not. Source: octopus.com/docs/api, "Runbook Snapshots"; the command line client
//! and github.com/OctopusDeploy/go-octopusdeploy (`?publish=true`); github.com/OctopusDeploy/Library 1607 and 1680.

use super::{Write, body, created, required, unknown_ids};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, need, shown, text};
use crate::octopus::query::Query;
use crate::octopus::readings::PublishedBy;
use crate::octopus::{errors, git, snapshots};
use serde_json::{Value, json};

pub(super) fn create(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let query = Query::read(write.call, &["publish"])?;
    let body = body(write.octopus, write.call, write.address)?;
    let project = write.project(&body)?;
    required(&body, &["RunbookId", "Name"])?;
    let space = write.address.space();
    let runbook = text(&body, "RunbookId");
    let runbook = find(write.octopus, Kind::Runbook, runbook, space)
        .map_err(|_| unknown_ids("Runbook", &[runbook]))?
        .clone();
    if text(&runbook, "ProjectId") != project {
        return Err(unknown_ids("Runbook", &[text(&runbook, "Id")]));
    }
    let publish = publishes(write, &query, &body)?;
    may_create(write, &runbook, publish)?;
    let wanted = json!({
        "SpaceId": space,
        "ProjectId": project,
        "RunbookId": runbook["Id"],
        "Name": body["Name"],
    });
    write.free_name(Kind::RunbookSnapshot, &wanted)?;
    let packages = selected(write, &runbook, &body)?;
    let octopus = &mut *write.octopus;
    let id = octopus.take_snapshot(text(&runbook, "Id"), text(&body, "Name"));
    octopus.documents.edit(&id, |snapshot| {
        snapshot["Notes"] = body["Notes"].clone();
        snapshot["SelectedPackages"] = packages;
    });
    if publish {
        octopus.documents.edit(text(&runbook, "Id"), |runbook| {
            runbook["PublishedRunbookSnapshotId"] = id.as_str().into();
        });
    }
    let json = find(octopus, Kind::RunbookSnapshot, &id, space)?;
    Ok(created(shown(octopus, Kind::RunbookSnapshot, json)))
}

/// Whether it is asked to be published in a way that this server takes notice of.
fn publishes(write: &Write<'_>, query: &Query, body: &Value) -> Result<bool, Answer> {
    let by_query = query.boolean("publish")?.unwrap_or(false);
    let by_body = !text(body, "Publish").trim().is_empty();
    Ok(match write.octopus.readings.published_by {
        PublishedBy::Either => by_query || by_body,
        PublishedBy::Query => by_query,
        PublishedBy::Body => by_body,
        PublishedBy::Runbook => false,
    })
}

/// From 2026.3 making and publishing are two permissions. Source: octopus.com/docs, "Runbook permissions".
fn may_create(write: &Write<'_>, runbook: &Value, publish: bool) -> Result<(), Answer> {
    let octopus = &*write.octopus;
    let needed = |permission| need(octopus, write.caller, permission, Kind::Runbook, runbook);
    let has_its_own = octopus.newer.snapshot_permission;
    if has_its_own {
        needed("RunbookSnapshotCreate")?;
    }
    if publish || !has_its_own {
        needed("RunbookEdit")?;
    }
    git::refuse_plain(octopus, text(runbook, "ProjectId"), Kind::RunbookSnapshot)
}

/// The packages with the versions that were chosen: each that has none of its own, and no other. Octopus's own TypeScript
/// client names none.
fn selected(write: &Write<'_>, runbook: &Value, body: &Value) -> Result<Value, Answer> {
    let sent = match &body["SelectedPackages"] {
        Value::Array(sent) => sent.as_slice(),
        Value::Null => &[],
        _ => {
            return Err(errors::error(
                500,
                "Object reference not set to an instance of an object.",
            ));
        }
    };
    let process = text(runbook, "RunbookProcessId");
    let process = write.octopus.documents.get(process);
    let open = snapshots::open_packages(process.unwrap_or(&Value::Null));
    let same = |one: &Value, other: &Value| {
        ["ActionName", "PackageReferenceName"]
            .iter()
            .all(|field| text(one, field) == text(other, field))
    };
    let too_many = sent
        .iter()
        .find(|sent| !open.iter().any(|own| same(own, sent)));
    let missing = open
        .iter()
        .find(|own| !sent.iter().any(|sent| same(own, sent)));
    match too_many.or(missing) {
        None => Ok(sent.into()),
        Some(package) => Err(errors::bad_request(&format!(
            "The package '{}' of the action '{}' needs exactly one version: its own, or one that is selected.",
            text(package, "PackageReferenceName"),
            text(package, "ActionName"),
        ))),
    }
}

/// Takes the variables anew, which is allowed while the process is what it was.
pub(super) fn update_variables(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let body = write.body()?;
    let (id, space) = (write.address.id.as_str(), write.address.space());
    let snapshot = find(write.octopus, Kind::RunbookSnapshot, id, space)?.clone();
    let (octopus, caller) = (&*write.octopus, write.caller);
    need(
        octopus,
        caller,
        "RunbookEdit",
        Kind::RunbookSnapshot,
        &snapshot,
    )?;
    let token = &snapshot["VariableSnapshotConcurrencyToken"];
    if !body["VariableSnapshotConcurrencyToken"].is_null()
        && body["VariableSnapshotConcurrencyToken"] != *token
    {
        return Err(errors::bad_request(
            "The variables of the snapshot have been updated since you read it.",
        ));
    }
    if octopus.process_has_changed(&snapshot) {
        return Err(errors::bad_request(
            "The variables of the snapshot cannot be updated, because the process has changed since.",
        ));
    }
    write.octopus.take_variables_again(id);
    let json = find(write.octopus, Kind::RunbookSnapshot, id, space)?;
    Ok(Answer::ok(shown(
        write.octopus,
        Kind::RunbookSnapshot,
        json,
    )))
}
