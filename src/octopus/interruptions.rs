//! Reads what waits for an answer.
//!
//! Sources: Octopus REST API reference, "Interruptions"; the form of a guided failure as a public sample of it shows
//! (github.com/OctopusSolutionsEngineering/OctopusCopilot): the machine stands in the text of a paragraph, the answers are
//! buttons.

use super::activity_rows::InterruptionRow;
use super::client::Octopus;
use super::deployments::{LogLines, TaskDetails};
use crate::error::{ServiceError, tidy};
use crate::http::Deadline;
use crate::reconcile::guided_failure::Interruption;
use serde_json::Value;

/// The answer that lets a deployment go on without the machine.
pub(super) const EXCLUDE: &str = "Exclude";

/// What it takes beyond the three roles of the guide.
const PERMISSIONS: &str = "VMSS.GuidedFailure.Handle takes the permissions InterruptionView, InterruptionSubmit and TaskView in this space";

impl Octopus {
    /// What waits for an answer in the space.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn pending_interruptions(
        &self,
        deadline: Deadline,
    ) -> Result<Vec<Interruption>, ServiceError> {
        self.interruptions(
            ("pendingOnly", "true"),
            "list the pending interruptions",
            deadline,
        )
    }

    /// What has waited, or waits, for an answer in a task.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn interruptions_of(
        &self,
        task: &str,
        deadline: Deadline,
    ) -> Result<Vec<Interruption>, ServiceError> {
        let attempted = format!("list the interruptions of {task}");
        self.interruptions(("regarding", task), &attempted, deadline)
    }

    fn interruptions(
        &self,
        query: (&str, &str),
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Vec<Interruption>, ServiceError> {
        let listed = self.list(
            (&["interruptions"], &[query]),
            attempted,
            |row: &InterruptionRow| &row.id,
            |row| row.is_in(self.space()).then(|| row.into_interruption()),
            deadline,
        );
        let rows = listed.map_err(needs_permission)?.rows;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Reads one interruption anew.
    ///
    /// # Errors
    /// It could not be read.
    pub fn interruption(&self, id: &str, deadline: Deadline) -> Result<Interruption, ServiceError> {
        let (path, attempted) = (["interruptions", id], format!("read {id} anew"));
        let row = self.get::<InterruptionRow>(&path, &[], &attempted, deadline);
        Ok(row.map_err(needs_permission)?.0.into_interruption())
    }

    /// Reads a task that waits for guidance, with the elements of its logs.
    ///
    /// # Errors
    /// It could not be read.
    pub fn paused_task(&self, task: &str, deadline: Deadline) -> Result<TaskDetails, ServiceError> {
        self.task_details(task, LogLines::None, deadline)
            .map_err(needs_permission)
    }
}

pub(super) fn needs_permission(error: ServiceError) -> ServiceError {
    match error.status() {
        Some(403) => ServiceError {
            next: PERMISSIONS.into(),
            ..error
        },
        _ => error,
    }
}

impl InterruptionRow {
    fn is_in(&self, space: &str) -> bool {
        let own = self.space_id.as_ref();
        own.is_none_or(|own| own.eq_ignore_ascii_case(space))
    }

    fn into_interruption(self) -> Interruption {
        let form = self.form.unwrap_or_default();
        let elements = form.elements.unwrap_or_default();
        let exclude_field = elements.iter().find(|element| element.offers(EXCLUDE));
        let exclude_field = exclude_field.and_then(|element| element.name.clone());
        // Servers of before the types have them in the name of the field that is filled in.
        let guided_failure = match &self.kind {
            Some(kind) => kind.eq_ignore_ascii_case("GuidedFailure"),
            None => elements
                .iter()
                .any(|e| e.name.as_deref() == Some("Guidance")),
        };
        let values = form.values.unwrap_or_default();
        let instructions = values.get("Instructions").and_then(Value::as_str);
        let answer = values.get(exclude_field.as_deref().unwrap_or_default());
        let answer = answer.and_then(Value::as_str);
        let paragraphs = elements.iter().filter_map(|element| element.text());
        let text: Vec<&str> = paragraphs.chain(instructions).collect();
        Interruption {
            guided_failure,
            excludes: answer.is_some_and(|answer| answer.eq_ignore_ascii_case(EXCLUDE)),
            text: text.join("\n"),
            title: tidy(self.title.as_deref().unwrap_or_default()),
            // What is not said is taken for the reason to leave it alone.
            pending: self.is_pending == Some(true),
            task: self.task_id.unwrap_or_default(),
            element: self.correlation_id.unwrap_or_default(),
            held_by: self.responsible_user_id.filter(|user| !user.is_empty()),
            is_ours: self.has_responsibility == Some(true),
            linked: self.is_linked_to_other_interruption != Some(false),
            may_take: self.can_take_responsibility == Some(true),
            id: self.id,
            exclude_field,
        }
    }
}
