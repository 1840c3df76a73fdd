//! Triggers of a project. Source: octopus.com/docs/api, "Project Triggers"; octopus.com/docs, "Scheduled runbook triggers" (six
//! or seven fields of cron; "only published snapshots can be used").

use super::{Write, created, over, required, unknown_ids};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, need, shown, text, texts};
use crate::octopus::{TaskHandle, TaskKind, errors, git};
use serde_json::{Value, json};

pub(super) fn create(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let body = write.body()?;
    let project = write.project(&body)?;
    let place = json!({ "SpaceId": write.address.space(), "ProjectId": project });
    need(
        write.octopus,
        write.caller,
        "TriggerCreate",
        Kind::Trigger,
        &place,
    )?;
    let mut json = saved(write, &body, &place)?;
    if write.octopus.readings.schedules_need_a_published_snapshot {
        published(write, &json)?;
    }
    json["Id"] = write.octopus.next_id("ProjectTriggers").into();
    run_at_once(write, &json, false);
    Ok(created(keep(write, json)))
}

pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = write.found(Kind::Trigger)?;
    need(
        write.octopus,
        write.caller,
        "TriggerEdit",
        Kind::Trigger,
        &was,
    )?;
    let body = write.body()?;
    required(&body, &["ProjectId"])?;
    if body["ProjectId"] != was["ProjectId"] {
        return Err(errors::bad_request(
            "A trigger cannot move to another project.",
        ));
    }
    let json = saved(write, &body, &was)?;
    run_at_once(write, &json, was["IsDisabled"] == false);
    Ok(Answer::ok(keep(write, json)))
}

pub(super) fn delete(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let was = write.found(Kind::Trigger)?;
    need(
        write.octopus,
        write.caller,
        "TriggerDelete",
        Kind::Trigger,
        &was,
    )?;
    write.octopus.documents.remove(text(&was, "Id"));
    Ok(Answer::ok(json!({})))
}

/// An enabled trigger may run at once. Source: github.com/OctopusDeploy/Issues 9265 and 9813.
fn run_at_once(write: &mut Write<'_>, trigger: &Value, was_enabled: bool) {
    let due = write.octopus.readings.enabled_triggers_run_at_once;
    if !due || was_enabled || trigger["IsDisabled"] == true {
        return;
    }
    let action = &trigger["Action"];
    let (runbook, environments) = (text(action, "RunbookId"), texts(&action["EnvironmentIds"]));
    let snapshot = write
        .octopus
        .documents
        .text(runbook, "PublishedRunbookSnapshotId");
    let Some(snapshot) = snapshot.map(str::to_owned) else {
        return;
    };
    for environment in environments {
        let run = TaskHandle::begin(write.octopus, TaskKind::RunbookRun);
        let run = run.runbook(runbook, &snapshot).environment(&environment);
        drop(run.project(text(trigger, "ProjectId")));
    }
}

fn keep(write: &mut Write<'_>, json: Value) -> Value {
    let shown = shown(write.octopus, Kind::Trigger, &json);
    write.octopus.documents.insert(Kind::Trigger, json);
    shown
}

fn saved(write: &Write<'_>, body: &Value, was: &Value) -> Result<Value, Answer> {
    required(body, &["Name", "Filter", "Action"])?;
    let mut json = over(json!({ "Description": "", "IsDisabled": false }), body);
    for name in ["Id", "SpaceId", "ProjectId"] {
        json[name] = was[name].clone();
    }
    filter(&mut json["Filter"])?;
    action(write, &json["Action"], text(&json, "ProjectId"))?;
    write.free_name(Kind::Trigger, &json)?;
    write.stamp(&mut json);
    Ok(json)
}

fn filter(filter: &mut Value) -> Result<(), Answer> {
    required(filter, &["FilterType"])?;
    if filter["FilterType"] != "CronExpressionSchedule" {
        return Ok(());
    }
    if filter["Timezone"].is_null() {
        filter["Timezone"] = "UTC".into();
    }
    let cron = text(filter, "CronExpression");
    match cron_is_valid(cron) {
        true => Ok(()),
        false => Err(errors::bad_request(&format!(
            "The cron expression '{cron}' is not valid."
        ))),
    }
}

/// Seconds, minutes, hours, days, months, days of the week, and perhaps years.
fn cron_is_valid(cron: &str) -> bool {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let clock = fields.iter().zip([60, 60, 24]);
    let known = |c: char| c.is_ascii_alphanumeric() || "*,-/?#".contains(c);
    matches!(fields.len(), 6 | 7)
        && clock
            .into_iter()
            .all(|(field, limit)| is_below(field, limit))
        && fields.iter().all(|field| field.chars().all(known))
}

/// Whether a field has numbers below a limit, and stars.
fn is_below(field: &str, limit: u32) -> bool {
    let parts = field.split([',', '-', '/']);
    let number = |part: &str| part.parse::<u32>().is_ok_and(|number| number < limit);
    parts.into_iter().all(|part| part == "*" || number(part))
}

/// What it does: only runs of runbooks are looked at.
fn action(write: &Write<'_>, action: &Value, project: &str) -> Result<(), Answer> {
    required(action, &["ActionType"])?;
    if action["ActionType"] != "RunRunbook" {
        return Ok(());
    }
    let id = text(action, "RunbookId");
    let named = !texts(&action["RunbookTags"]).is_empty();
    if !named || !id.is_empty() {
        let runbook = find(write.octopus, Kind::Runbook, id, write.address.space());
        let in_git = git::has(write.octopus, project, Kind::Runbook);
        let by_slug = in_git && write.octopus.readings.git_triggers_name_slugs;
        let name = if by_slug { "Slug" } else { "Id" };
        let fits = |it: &Value| text(it, "ProjectId") == project && text(it, name) == id;
        if !runbook.is_ok_and(fits) {
            return Err(unknown_ids("Runbook", &[id]));
        }
    }
    if texts(&action["EnvironmentIds"]).is_empty() {
        return Err(errors::bad_request(
            "A run of a runbook needs an environment.",
        ));
    }
    write.known_environments(&action["EnvironmentIds"])?;
    let tenants = texts(&action["TenantIds"]);
    let known = &write.octopus.tenants;
    match tenants.iter().find(|id| !known.contains_key(*id)) {
        Some(unknown) => Err(unknown_ids("Tenant", &[unknown])),
        None => Ok(()),
    }
}

/// Nothing is published of what is in Git.
fn published(write: &Write<'_>, trigger: &Value) -> Result<(), Answer> {
    if git::is_in_git(write.octopus, Kind::Runbook, trigger) {
        return Ok(());
    }
    let id = text(&trigger["Action"], "RunbookId");
    let runbook = find(write.octopus, Kind::Runbook, id, write.address.space());
    match runbook.is_ok_and(|it| it["PublishedRunbookSnapshotId"].is_null()) {
        true => Err(errors::bad_request("Runbook has no published snapshot.")),
        false => Ok(()),
    }
}
