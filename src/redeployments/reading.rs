//! What Octopus tells of earlier deployments: the audit log (what happened to one, when targets were registered), the
//! deployment itself, what a target has had, and the record that every run leaves in its task's log.
//!
//! Source: Octopus REST API reference, "Events" (`GET /api/{space}/events`; the categories are those that the Library template
//! "Check VMSS Provision Status" asks for), "Deployments", "Deployment targets" (`machines/{id}/tasks`).

use super::history::{Event, EventKind, PastDeployment, Record};
use crate::clock::rfc3339;
use crate::console::safe;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::{Octopus, TaskLog, TaskRow, TaskState};
use crate::reconcile::snapshot::{Target, TargetId};
use crate::reconcile::usage::TaskKind;
use serde::Deserialize;
use std::collections::HashMap;
use std::time::SystemTime;

/// Ids in one question, so that its address stays short enough for every proxy.
const IDS_AT_ONCE: usize = 200;

/// An entry of the audit log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventRow {
    id: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    occurred: Option<String>,
    #[serde(default)]
    related_document_ids: Option<Vec<String>>,
}

impl EventRow {
    fn is(&self, category: &str) -> bool {
        self.category.eq_ignore_ascii_case(category)
    }

    fn occurred(&self) -> Option<SystemTime> {
        self.occurred.as_deref().and_then(rfc3339)
    }

    /// The documents of this kind that it is about.
    fn related<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let ids = self.related_document_ids.iter().flatten();
        let of_kind = move |id: &&String| {
            let head = id.get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        ids.filter(of_kind).map(String::as_str)
    }

    fn is_about(&self, document: &str) -> bool {
        self.related(document)
            .any(|id| id.eq_ignore_ascii_case(document))
    }
}

/// What happened to a deployment or a runbook run: queued, started, ended.
///
/// # Errors
/// Anything but a complete listing of events with their times.
pub(super) fn events_of(
    octopus: &Octopus,
    document: &str,
    deadline: Deadline,
) -> Result<Vec<Event>, ServiceError> {
    let attempted = format!("read the audit log about {document}");
    let rows = events(octopus, &[("regardingAny", document)], &attempted, deadline)?;
    let mut events = Vec::new();
    for row in rows.iter().filter(|row| row.is_about(document)) {
        let Some(kind) = kind(&row.category) else {
            continue;
        };
        let at = row.occurred();
        let at = at.ok_or_else(|| octopus.unreadable(&attempted, &"an event has no time"))?;
        let task = row.related("ServerTasks-").next().map(str::to_owned);
        events.push(Event { kind, at, task });
    }
    Ok(events)
}

/// When these targets were registered. One whose registration the audit log no longer has, or does not show, is not in
/// the answer.
///
/// # Errors
/// Anything but complete listings.
pub(super) fn registrations(
    octopus: &Octopus,
    targets: &[TargetId],
    deadline: Deadline,
) -> Result<HashMap<TargetId, SystemTime>, ServiceError> {
    let mut registered: HashMap<TargetId, SystemTime> = HashMap::new();
    for some in targets.chunks(IDS_AT_ONCE) {
        let ids: Vec<&str> = some.iter().map(|id| id.0.as_str()).collect();
        let query = [
            ("regardingAny", ids.join(",")),
            ("eventCategories", "Created".to_owned()),
            ("documentTypes", "Machines".to_owned()),
        ];
        let query = query
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let attempted = "read when the targets were registered";
        let rows = events(octopus, &query, attempted, deadline)?;
        for row in rows.iter().filter(|row| row.is("Created")) {
            let Some(at) = row.occurred() else { continue };
            for id in row.related("Machines-") {
                let known = registered.entry(TargetId(id.to_owned())).or_insert(at);
                // The later one counts: fewer targets are old then.
                *known = at.max(*known);
            }
        }
    }
    Ok(registered)
}

fn events(
    octopus: &Octopus,
    query: &[(&str, &str)],
    attempted: &str,
    deadline: Deadline,
) -> Result<Vec<EventRow>, ServiceError> {
    let listed = octopus.list(
        (&["events"], query),
        attempted,
        |row: &EventRow| &row.id,
        |row| row,
        deadline,
    );
    Ok(listed.map_err(|error| error.needing("EventView"))?.rows)
}

/// `DeploymentQueued`, `RunbookRunSucceeded`, `TaskCanceled`, ...; others say nothing about when a run began or ended.
fn kind(category: &str) -> Option<EventKind> {
    let category = category.to_ascii_lowercase();
    let of_run = ["deployment", "runbookrun", "task"]
        .iter()
        .find_map(|prefix| category.strip_prefix(prefix))?;
    match of_run {
        "queued" => Some(EventKind::Queued),
        "started" => Some(EventKind::Started),
        "succeeded" => Some(EventKind::Succeeded),
        "failed" | "canceled" | "cancelled" | "timedout" => Some(EventKind::Ended),
        _ => None,
    }
}

/// What a deployment says of itself.
#[derive(Debug, Default)]
pub struct Deployment {
    /// The task that ran it last.
    pub task: Option<String>,
    /// The targets that it is limited to: those that its trigger named.
    pub named: Vec<TargetId>,
}

/// A deployment as Octopus tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeploymentRow {
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    specific_machine_ids: Option<Vec<String>>,
}

/// Reads a deployment.
///
/// # Errors
/// It could not be read.
pub(super) fn deployment(
    octopus: &Octopus,
    id: &str,
    deadline: Deadline,
) -> Result<Deployment, ServiceError> {
    let attempted = format!("read deployment {id}");
    let row = octopus.get::<DeploymentRow>(&["deployments", id], &[], &attempted, deadline);
    let (row, _) = row.map_err(|error| error.needing("DeploymentView"))?;
    let named = row.specific_machine_ids.unwrap_or_default();
    Ok(Deployment {
        task: row.task_id,
        named: named.into_iter().map(TargetId).collect(),
    })
}

/// The deployments in a target's own history that are over.
///
/// # Errors
/// Anything but a complete listing.
pub(super) fn past_deployments(
    octopus: &Octopus,
    target: &TargetId,
    deadline: Deadline,
) -> Result<Vec<PastDeployment>, ServiceError> {
    let attempted = format!("list the past deployments to {target}");
    let tasks = octopus.tasks_with(target, &attempted, deadline);
    let tasks = tasks.map_err(|error| error.needing("TaskView"))?.rows;
    let deployments = tasks.into_iter();
    let deployments = deployments.filter(|task| task.kind() == Some(TaskKind::Deployment));
    let past = |task: TaskRow| PastDeployment {
        began: task.started_at(),
        succeeded: task.state() == TaskState::Success,
        project: task.project_id,
        task: task.id,
    };
    Ok(deployments.map(past).collect())
}

/// What stands in place of targets where there are none.
const NOTHING: &str = "nothing";

/// The line, as a run writes it: the ids in order, each with its thumbprint.
#[must_use]
pub fn record(step: &str, handed_out: &[&Target]) -> String {
    let targets: Vec<String> = handed_out.iter().map(|target| entry(target)).collect();
    let targets = if targets.is_empty() {
        NOTHING.to_owned()
    } else {
        targets.join(",")
    };
    format!("{}{targets}", head(step))
}

fn head(step: &str) -> String {
    match step {
        // By hand there is no step, and nobody reads it back.
        "" => "Handed out: ".to_owned(),
        step => format!("Handed out by step '{step}': "),
    }
}

fn entry(target: &Target) -> String {
    let thumbprint = target.thumbprint.as_deref().unwrap_or_default();
    format!("{}/{thumbprint}", target.id)
}

/// The records of this step in a task's logs. A line of another step, or one that is cut off, is none.
pub(super) fn read_records(log: &TaskLog, task: &str, step: &str) -> Vec<Record> {
    // As the log shows it: characters that are not ASCII are escaped there.
    let head = safe(&head(step));
    let lines = log.lines_of(step);
    let records = lines.iter().filter_map(|line| {
        Some(Record {
            handed_out: targets(line.text.trim().strip_prefix(&head)?)?,
            written: line.written,
            task: task.to_owned(),
        })
    });
    records.collect()
}

fn targets(list: &str) -> Option<HashMap<TargetId, String>> {
    if list == NOTHING {
        return Some(HashMap::new());
    }
    let entry = |entry: &str| {
        let (id, thumbprint) = entry.split_once('/')?;
        // Neither has white space, so a sentence that happens to begin like a record is none.
        let is_entry = !id.is_empty() && !entry.contains(char::is_whitespace);
        is_entry.then(|| (TargetId(id.to_owned()), thumbprint.to_owned()))
    };
    list.split(',').map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::targets;
    use crate::reconcile::snapshot::TargetId;

    #[test]
    fn a_list_is_read_back_and_a_broken_one_is_none() {
        let read = targets("Machines-1/AB,Machines-2/").expect("a list");
        assert_eq!(read[&TargetId("machines-1".into())], "AB");
        assert_eq!(read[&TargetId("Machines-2".into())], "");
        assert_eq!(targets("nothing").map(|none| none.len()), Some(0));
        for none in [
            "Machines-1/AB,Machi",
            "",
            "Machines-1/AB,",
            "/AB",
            "Machines-1/AB (Machines-9) was not removed",
            "Machines-1/AB,x/ (Machines-9) was not removed",
        ] {
            assert_eq!(targets(none), None, "{none}");
        }
    }
}
