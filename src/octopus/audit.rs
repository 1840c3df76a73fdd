//! Reads the audit log: what happened to a deployment, and when targets were registered.
//!
//! Source: Octopus REST API reference, "Events" (`GET /api/{space}/events`); the categories are those that the Library
//! template "Check VMSS Provision Status" asks for.

use super::activity_rows::EventRow;
use super::client::Octopus;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::TargetId;
use crate::reconcile::history::{Event, EventKind};
use std::collections::HashMap;
use std::time::SystemTime;

/// Ids in one question, so that its address stays short enough for every proxy.
const IDS_AT_ONCE: usize = 200;

impl Octopus {
    /// What happened to a deployment or a runbook run: queued, started, ended.
    ///
    /// # Errors
    /// Anything but a complete listing of events with their times.
    pub fn events_of(
        &self,
        document: &str,
        deadline: Deadline,
    ) -> Result<Vec<Event>, ServiceError> {
        let attempted = format!("read the audit log about {document}");
        let rows = self.events(&[("regardingAny", document)], &attempted, deadline)?;
        let mut events = Vec::new();
        for row in rows.iter().filter(|row| row.is_about(document)) {
            let Some(kind) = kind(&row.category) else {
                continue;
            };
            let at = row.occurred();
            let at = at.ok_or_else(|| self.unreadable(&attempted, &"an event has no time"))?;
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
    pub fn registrations(
        &self,
        targets: &[&TargetId],
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
            let rows = self.events(&query, attempted, deadline)?;
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
        &self,
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Vec<EventRow>, ServiceError> {
        let listed = self.list(
            (&["events"], query),
            attempted,
            |row: &EventRow| &row.id,
            |row| row,
            deadline,
        );
        Ok(listed.map_err(|error| error.needing("EventView"))?.rows)
    }
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
