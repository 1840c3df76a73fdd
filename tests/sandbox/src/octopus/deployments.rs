//! Deployments and runbook runs over HTTP. Source: octopus.com/docs/api, "Deployments" and "Runbook Runs".

use super::envelope::{link, page};
use super::people::Caller;
use super::query::Query;
use super::routes::Address;
use super::{Octopus, Task, TaskKind, errors, tasks};
use crate::clock;
use crate::http::{Answer, Call};
use serde_json::{Value, json};

/// What each of them is called.
const NAME: &str = "Deploy to the environment";

/// One deployment or one runbook run.
pub(crate) fn one(
    octopus: &Octopus,
    address: &Address,
    caller: &Caller,
    kind: TaskKind,
) -> Result<Answer, Answer> {
    let task = find(octopus, address, kind)?;
    caller.need_at(octopus, view(kind), &tasks::place(task), &task.document)?;
    Ok(Answer::ok(document(octopus, task)))
}

/// The deployments or the runbook runs that the caller sees, the newest first. There is one for each document, whichever of
/// its tasks is the newest.
pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
    kind: TaskKind,
) -> Result<Answer, Answer> {
    let known = [
        "environments",
        "ids",
        "partialName",
        "projects",
        "runbooks",
        "skip",
        "take",
        "taskState",
        "tenants",
    ];
    let query = Query::read(call, &known)?;
    let sight = caller.sight(octopus, view(kind));
    let mut found: Vec<&Task> = octopus.tasks.values().collect();
    found.retain(|task| {
        let newer = |other: &Task| other.document == task.document && other.queued > task.queued;
        task.kind == kind
            && task.space == address.space()
            && query.any("ids", [task.document.as_str()].into_iter())
            && query.part("partialName", NAME)
            && query.any("projects", [task.project.as_str()].into_iter())
            && query.any("environments", [task.environment.as_str()].into_iter())
            && query.any("runbooks", [task.runbook.as_str()].into_iter())
            && query.any("tenants", task.tenant.iter().map(String::as_str))
            && query.any("taskState", [task.state.as_str()].into_iter())
            && sight.reaches(octopus, &tasks::place(task))
            && !octopus.tasks.values().any(newer)
    });
    found.sort_by_key(|task| std::cmp::Reverse(task.queued));
    let item = match kind {
        TaskKind::RunbookRun => "RunbookRun",
        _ => "Deployment",
    };
    let render = |task: &&Task| document(octopus, task);
    page(octopus, call, &query, item, &found, render).map(Answer::ok)
}

fn view(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::RunbookRun => "RunbookRunView",
        _ => "DeploymentView",
    }
}

fn document(octopus: &Octopus, task: &Task) -> Value {
    if task.kind == TaskKind::RunbookRun {
        let mut document = common(octopus, task, "runbookRuns");
        document["RunbookId"] = task.runbook.as_str().into();
        document["RunbookSnapshotId"] = task.snapshot.as_str().into();
        let process = octopus
            .documents
            .text(&task.snapshot, "FrozenRunbookProcessId");
        document["FrozenRunbookProcessId"] = process.into();
        return document;
    }
    let mut document = common(octopus, task, "deployments");
    document["ReleaseId"] = "Releases-1".into();
    document["ChannelId"] = "Channels-1".into();
    document
}

/// A deployment that was queued again belongs to several tasks; the newest one speaks for it.
fn find<'a>(octopus: &'a Octopus, address: &Address, kind: TaskKind) -> Result<&'a Task, Answer> {
    let mine = |task: &&Task| {
        task.kind == kind && task.document == address.id && task.space == address.space()
    };
    let newest = octopus
        .tasks
        .values()
        .filter(mine)
        .max_by_key(|task| task.queued);
    newest.ok_or_else(|| errors::not_found(&address.id))
}

fn common(octopus: &Octopus, task: &Task, kind: &str) -> Value {
    json!({
        "Id": task.document,
        "SpaceId": task.space,
        "Name": NAME,
        "ProjectId": task.project,
        "EnvironmentId": task.environment,
        "TenantId": task.tenant,
        "TaskId": task.id,
        "SpecificMachineIds": task.specific,
        "ExcludedMachineIds": task.excluded,
        "DeployedToMachineIds": task.deployed_to,
        "SkipActions": [],
        "UseGuidedFailure": false,
        "ForcePackageDownload": false,
        "QueueTime": Value::Null,
        "Created": clock::octopus(task.queued),
        "Comments": "",
        "FailureEncountered": task.state == "Failed",
        "Links": {
            "Self": link(octopus, &task.space, &format!("{kind}/{}", task.document)),
            "Task": format!("{}/api/tasks/{}", octopus.virtual_directory, task.id),
        },
    })
}
