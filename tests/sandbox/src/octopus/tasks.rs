//! Tasks over HTTP. Source: octopus.com/docs/api, "Tasks" and "Deployment Targets".

mod details;

pub(crate) use details::{details, log};

use super::envelope::page;
use super::people::{Caller, Place, Sight};
use super::query::Query;
use super::routes::Address;
use super::{HealthCheck, Octopus, Task, TaskKind, errors};
use crate::clock;
use crate::http::{Answer, Call};
use serde_json::{Map, Value, json};

const FILTERS: [&str; 19] = [
    "active",
    "description",
    "environment",
    "hasPendingInterruptions",
    "hasPendingPreconditions",
    "hasWarningsOrErrors",
    "ids",
    "includeSystem",
    "name",
    "node",
    "partialName",
    "project",
    "runbook",
    "running",
    "skip",
    "spaces",
    "states",
    "take",
    "tenant",
];

/// What the caller may not see is left out without a word. Source: github.com/OctopusDeploy/Issues, 4834.
pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &FILTERS)?;
    let active = query.boolean("active")?;
    let running = query.boolean("running")?;
    let unapproved = query.boolean("hasPendingPreconditions")?;
    let interrupted = query.boolean("hasPendingInterruptions")?;
    let mut found: Vec<&Task> = octopus.tasks.values().collect();
    let view = View::of(octopus, caller);
    found.retain(|task| {
        address
            .space
            .as_ref()
            .is_none_or(|space| *space == task.space)
            && active.is_none_or(|wanted| wanted == task.is_active())
            && running.is_none_or(|wanted| wanted == task.is_running())
            && interrupted.is_none_or(|wanted| wanted == is_interrupted(octopus, task))
            && unapproved.is_none_or(|wanted| wanted == task.unapproved)
            && chosen(&query, task)
            && view.sees(octopus, task)
    });
    newest_first(&mut found);
    page(octopus, call, &query, "Task", &found, |task| {
        to_json(octopus, task)
    })
    .map(Answer::ok)
}

fn chosen(query: &Query, task: &Task) -> bool {
    query.any("ids", [task.id.as_str()].into_iter())
        && query.any("name", [task.kind.name()].into_iter())
        && query.any("states", [task.state.as_str()].into_iter())
        && query.any("environment", [task.environment.as_str()].into_iter())
        && query.any("tenant", task.tenant.iter().map(String::as_str))
        && query.any("project", [task.project.as_str()].into_iter())
        && query.any("runbook", [task.runbook.as_str()].into_iter())
        && query.any("spaces", [task.space.as_str()].into_iter())
        && query.part("partialName", task.kind.name())
        && query.part("description", &description(task))
}

/// Which tasks a caller sees.
struct View {
    tasks: Sight,
    deployments: Sight,
    runs: Sight,
}

impl View {
    fn of(octopus: &Octopus, caller: &Caller) -> Self {
        Self {
            tasks: caller.sight(octopus, "TaskView"),
            deployments: caller.sight(octopus, "DeploymentView"),
            runs: caller.sight(octopus, "RunbookRunView"),
        }
    }

    fn sees(&self, octopus: &Octopus, task: &Task) -> bool {
        let place = place(task);
        let run = match task.kind {
            TaskKind::Deploy => Some(&self.deployments),
            TaskKind::RunbookRun => Some(&self.runs),
            TaskKind::Health => None,
        };
        let run = run.filter(|_| octopus.readings.tasks_need_the_view_of_their_run);
        reaches(octopus, &self.tasks, task) && run.is_none_or(|run| run.reaches(octopus, &place))
    }
}

/// Whether a permission reaches a task. One that belongs nowhere is everybody's, unless that is read otherwise.
fn reaches(octopus: &Octopus, sight: &Sight, task: &Task) -> bool {
    let nowhere = task.project.is_empty() && task.environment.is_empty();
    match nowhere && !octopus.readings.health_checks_need_a_free_grant {
        true => sight.reaches_into(&task.space),
        false => sight.reaches(octopus, &place(task)),
    }
}

/// Where a task is, as far as permissions can be restricted by that.
pub(crate) fn place(task: &Task) -> Place<'_> {
    let environment = std::slice::from_ref(&task.environment);
    Place {
        space: &task.space,
        project: Some(task.project.as_str()).filter(|id| !id.is_empty()),
        environments: if task.environment.is_empty() {
            &[]
        } else {
            environment
        },
        tenants: task.tenant.as_slice(),
    }
}

fn newest_first(tasks: &mut [&Task]) {
    tasks.sort_by_key(|task| std::cmp::Reverse(task.queued));
}

/// The history of one target.
pub(crate) fn of_machine(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    if !octopus.targets.contains_key(&address.id) {
        return Err(errors::not_found(&address.id));
    }
    let query = Query::read(call, &["skip", "take", "type"])?;
    let kind = match query.text("type") {
        None => None,
        Some("Deployment") => Some(TaskKind::Deploy),
        Some("RunbookRun") => Some(TaskKind::RunbookRun),
        Some(other) => {
            return Err(errors::bad_request(&format!(
                "The value '{other}' is not valid for type."
            )));
        }
    };
    let mut found: Vec<&Task> = octopus.tasks.values().collect();
    let view = View::of(octopus, caller);
    found.retain(|task| {
        task.named.contains(&address.id)
            && kind.is_none_or(|kind| kind == task.kind)
            && view.sees(octopus, task)
    });
    newest_first(&mut found);
    let listing = page(octopus, call, &query, "Task", &found, |task| {
        to_json(octopus, task)
    })?;
    let wrapped = octopus.wraps_answers || address.versioned;
    Ok(Answer::ok(if wrapped {
        json!({ "ResourceCollection": listing })
    } else {
        listing
    }))
}

fn find<'a>(octopus: &'a Octopus, address: &Address) -> Result<&'a Task, Answer> {
    let found = octopus.tasks.get(&address.id);
    let found = found.filter(|task| {
        address
            .space
            .as_ref()
            .is_none_or(|space| *space == task.space)
    });
    found.ok_or_else(|| errors::not_found(&address.id))
}

pub(crate) fn get(octopus: &Octopus, address: &Address, caller: &Caller) -> Result<Answer, Answer> {
    visible(octopus, address, caller).map(|task| Answer::ok(to_json(octopus, task)))
}

/// The task, if the caller may see it.
fn visible<'a>(
    octopus: &'a Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<&'a Task, Answer> {
    let task = find(octopus, address)?;
    if reaches(octopus, &caller.sight(octopus, "TaskView"), task) {
        return Ok(task);
    }
    caller.need_at(octopus, "TaskView", &place(task), &task.id)?;
    Ok(task)
}

/// A task in the queue ends at once; a running one needs a moment, which a test gives it.
pub(crate) fn cancel(
    octopus: &mut Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let mut task = find(octopus, address)?.clone();
    caller.need_at(octopus, "TaskCancel", &place(&task), &task.id)?;
    match task.state.as_str() {
        "Queued" | "New" => {
            task.state = "Canceled".to_owned();
            task.completed = Some(octopus.now());
        }
        "Executing" => task.state = "Cancelling".to_owned(),
        _ => {}
    }
    let answer = to_json(octopus, &task);
    octopus.tasks.insert(task.id.clone(), task);
    Ok(Answer::ok(answer))
}

/// The types of the interruptions that it waits for.
fn interruptions(octopus: &Octopus, task: &Task) -> Vec<String> {
    let all = octopus.interruptions.values();
    let waiting = all.filter(|interruption| interruption.pending && interruption.task == task.id);
    waiting.flat_map(|found| found.kind.clone()).collect()
}

fn is_interrupted(octopus: &Octopus, task: &Task) -> bool {
    !interruptions(octopus, task).is_empty()
}

fn description(task: &Task) -> String {
    if let Some(description) = &task.description {
        return description.clone();
    }
    match task.kind {
        TaskKind::Deploy => format!("Deploy {} to {}", task.project, task.environment),
        TaskKind::RunbookRun => {
            format!("Run a runbook of {} on {}", task.project, task.environment)
        }
        TaskKind::Health => "Check deployment target health".to_owned(),
    }
}

pub(crate) fn to_json(octopus: &Octopus, task: &Task) -> Value {
    let own = format!("{}/api/tasks/{}", octopus.virtual_directory, task.id);
    let waiting = interruptions(octopus, task);
    let mut arguments = Map::new();
    match task.kind {
        TaskKind::Deploy => {
            arguments.insert("DeploymentId".to_owned(), task.document.clone().into())
        }
        TaskKind::RunbookRun => {
            arguments.insert("RunbookRunId".to_owned(), task.document.clone().into())
        }
        TaskKind::Health => arguments.insert("Timeout".to_owned(), "00:05:00".into()),
    };
    let check = task.health_check.as_ref();
    if let Some(check) = check {
        arguments.clone_from(&check.arguments);
    }
    let some = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    json!({
        "Id": task.id,
        "SpaceId": task.space,
        "Name": task.kind.name(),
        "Description": description(task),
        "Arguments": arguments,
        "State": task.state,
        "QueueTime": clock::octopus(task.queued),
        "QueueTimeExpiry": check.and_then(|check| check.expires).map(clock::octopus),
        "StartTime": task.started.map(clock::octopus),
        "LastUpdatedTime": clock::octopus(task.completed.or(task.started).unwrap_or(task.queued)),
        "CompletedTime": task.completed.map(clock::octopus),
        "Completed": if task.is_active() { "" } else { "a moment ago" },
        "Duration": "1 minute",
        "ErrorMessage": task.error,
        "HasBeenPickedUpByProcessor": task.started.is_some(),
        "IsCompleted": !task.is_active(),
        "FinishedSuccessfully": task.state == "Success",
        "HasPendingInterruptions": !waiting.is_empty(),
        "PendingInterruptionTypes": waiting,
        "HasPendingPreconditions": task.unapproved,
        "PendingPreconditionTypes": [],
        "HasWarningsOrErrors": !task.error.is_empty() || check.is_some_and(HealthCheck::has_warnings),
        "CanRerun": !task.is_active(),
        "ProjectId": some(&task.project),
        "EnvironmentId": some(&task.environment),
        "TenantId": task.tenant,
        "ServerNode": "OctopusServerNodes-sandbox",
        "EstimatedRemainingQueueDurationSeconds": 0,
        "LastModifiedBy": Value::Null,
        "LastModifiedOn": Value::Null,
        "Links": {
            "Self": own,
            "Cancel": format!("{own}/cancel"),
            "Details": format!("{own}/details{{?verbose,tail,ranges}}"),
            "Raw": format!("{own}/raw"),
        },
    })
}
