//! Deployments and runbook runs over HTTP. Source: octopus.com/docs/api, "Deployments" and "Runbook Runs".

use super::envelope::link;
use super::routes::Address;
use super::{Octopus, Task, TaskKind, errors};
use crate::clock;
use crate::http::Answer;
use serde_json::{Value, json};

pub(crate) fn deployment(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let task = find(octopus, address, TaskKind::Deploy)?;
    let mut document = common(octopus, task, "deployments");
    document["ReleaseId"] = "Releases-1".into();
    document["ChannelId"] = "Channels-1".into();
    Ok(Answer::ok(document))
}

pub(crate) fn runbook_run(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let task = find(octopus, address, TaskKind::RunbookRun)?;
    let mut document = common(octopus, task, "runbookRuns");
    document["RunbookId"] = "Runbooks-1".into();
    document["RunbookSnapshotId"] = "RunbookSnapshots-1".into();
    Ok(Answer::ok(document))
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
        "Name": "Deploy to the environment",
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
