//! Processes of runbooks. Source: octopus.com/docs/api, "Runbook Processes"; github.com/OctopusDeploy/Issues 4459 (names of steps
//! differ by more than their case).

use super::{Write, over, required, unknown_ids};
use crate::http::Answer;
use crate::octopus::documents::{Kind, need, text};
use crate::octopus::places::slug;
use crate::octopus::{errors, git, properties, runbooks};
use serde_json::{Value, json};

pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = write.found(Kind::RunbookProcess)?;
    may_edit(write, &was)?;
    let body = write.body()?;
    write.current(&body, &was, "this process")?;
    let Some(sent) = body["Steps"].as_array() else {
        return Err(errors::bad_request("The Steps field is required."));
    };
    names_differ(sent, "Step")?;
    let mut steps = Vec::new();
    for sent in sent {
        steps.push(step(write, sent, &was["Steps"])?);
    }
    let mut json = over(json!({}), &body);
    for name in ["Id", "SpaceId", "ProjectId", "RunbookId", "LastSnapshotId"] {
        json[name] = was[name].clone();
    }
    json["Steps"] = steps.into();
    json["Version"] = (was["Version"].as_u64().unwrap_or(0) + 1).into();
    let shown = runbooks::process_shown(write.octopus, &json);
    write.octopus.documents.insert(Kind::RunbookProcess, json);
    Ok(Answer::ok(shown))
}

/// `RunbookEdit` opens it, as the built-in roles have it; octopus.com/docs, "Runbook permissions", asks for `ProcessEdit`.
fn may_edit(write: &Write<'_>, process: &Value) -> Result<(), Answer> {
    let (octopus, caller) = (&*write.octopus, write.caller);
    let kind = Kind::RunbookProcess;
    need(octopus, caller, "RunbookEdit", kind, process)?;
    if octopus.readings.runbook_processes_need_process_edit {
        need(octopus, caller, "ProcessEdit", kind, process)?;
    }
    if process["IsFrozen"] == true {
        return Err(errors::bad_request(
            "The process is frozen, and cannot be changed.",
        ));
    }
    git::refuse_plain(octopus, text(process, "ProjectId"), kind)
}

fn names_differ(items: &[Value], what: &str) -> Result<(), Answer> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        required(item, &["Name"])?;
        let name = text(item, "Name").to_lowercase();
        if names.contains(&name) {
            return Err(errors::bad_request(&format!(
                "{what} names must be unique: there is more than one '{name}'."
            )));
        }
        names.push(name);
    }
    Ok(())
}

fn step(write: &mut Write<'_>, sent: &Value, kept: &Value) -> Result<Value, Answer> {
    let blank = json!({
        "Condition": "Success",
        "StartTrigger": "StartAfterPrevious",
        "PackageRequirement": "LetOctopusDecide",
        "Properties": {},
    });
    let (mut step, kept) = named(write, over(blank, sent), kept);
    step["Properties"] = properties::take(&step["Properties"], &kept["Properties"])?;
    let actions = sent["Actions"].as_array().filter(|all| !all.is_empty());
    let actions = actions.ok_or_else(|| errors::bad_request("A step needs an action."))?;
    names_differ(actions, "Action")?;
    let mut taken = Vec::new();
    for sent in actions {
        taken.push(action(write, sent, &kept["Actions"])?);
    }
    step["Actions"] = taken.into();
    Ok(step)
}

/// What an action has that nobody has told anything of.
pub(crate) fn blank_action() -> Value {
    json!({
        "IsDisabled": false,
        "IsRequired": false,
        "WorkerPoolId": "",
        "WorkerPoolVariable": "",
        "Container": { "Image": Value::Null, "FeedId": Value::Null },
        "Environments": [],
        "ExcludedEnvironments": [],
        "Channels": [],
        "TenantTags": [],
        "Packages": [],
        "CanBeUsedForProjectVersioning": false,
        "Condition": "Success",
        "Properties": {},
    })
}

fn action(write: &mut Write<'_>, sent: &Value, kept: &Value) -> Result<Value, Answer> {
    required(sent, &["ActionType"])?;
    let (mut action, kept) = named(write, over(blank_action(), sent), kept);
    write.known_environments(&action["Environments"])?;
    write.known_environments(&action["ExcludedEnvironments"])?;
    let pool = text(&action, "WorkerPoolId");
    if !pool.is_empty() && !write.is_known(Kind::WorkerPool, pool) {
        return Err(unknown_ids("Worker Pool", &[pool]));
    }
    action["Properties"] = properties::take(&action["Properties"], &kept["Properties"])?;
    if write.octopus.readings.processes_get_properties {
        let properties = action["Properties"].as_object_mut().into_iter();
        properties.for_each(|all| {
            all.entry("OctopusUseBundledTooling")
                .or_insert("False".into());
        });
    }
    Ok(action)
}

/// Ids and slugs are the server's: what it knows keeps them, and anything else gets new ones.
fn named(write: &mut Write<'_>, mut sent: Value, kept: &Value) -> (Value, Value) {
    let mut all = kept.as_array().into_iter().flatten();
    let own = all.find(|own| own["Id"].is_string() && own["Id"] == sent["Id"]);
    match own {
        Some(_) => {}
        None => sent["Id"] = write.octopus.next_guid().into(),
    }
    if own.is_none() || text(&sent, "Slug").is_empty() {
        sent["Slug"] = slug(text(&sent, "Name")).into();
    }
    (sent, own.cloned().unwrap_or_default())
}
