//! Reads what waits for an answer, and answers it.
//!
//! Sources: Octopus REST API reference, "Interruptions"; the form of a guided failure as a public sample of it shows
//! (github.com/OctopusSolutionsEngineering/OctopusCopilot): the machine stands in the text of a paragraph, the answers are
//! buttons.

use super::policy::Interruption;
use crate::error::{ServiceError, tidy};
use crate::http::{Deadline, object};
use crate::octopus::{LogLines, Octopus, TaskLog, Writer, Written};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The answer that lets a deployment go on without the machine.
const EXCLUDE: &str = "Exclude";

/// Who has taken responsibility, where Octopus did not say.
pub(super) const OWN_ACCOUNT: &str = "this run's service account";

/// What it takes beyond the three roles of the guide.
const PERMISSIONS: &str = "Give the service account a role that has InterruptionView, InterruptionSubmit and TaskView in this space (Configuration > Teams), which VMSS.GuidedFailure.Handle takes";

/// What waits for an answer in the space.
///
/// # Errors
/// Anything but a complete listing.
pub(super) fn pending_interruptions(
    octopus: &Octopus,
    deadline: Deadline,
) -> Result<Vec<Interruption>, ServiceError> {
    interruptions(
        octopus,
        ("pendingOnly", "true"),
        "list the pending interruptions",
        deadline,
    )
}

/// What has waited, or waits, for an answer in a task.
///
/// # Errors
/// Anything but a complete listing.
pub(super) fn interruptions_of(
    octopus: &Octopus,
    task: &str,
    deadline: Deadline,
) -> Result<Vec<Interruption>, ServiceError> {
    let attempted = format!("list the interruptions of {task}");
    interruptions(octopus, ("regarding", task), &attempted, deadline)
}

fn interruptions(
    octopus: &Octopus,
    query: (&str, &str),
    attempted: &str,
    deadline: Deadline,
) -> Result<Vec<Interruption>, ServiceError> {
    let listed = octopus.list(
        (&["interruptions"], &[query]),
        attempted,
        |row: &InterruptionRow| &row.id,
        |row| row.is_in(octopus.space()).then(|| row.into_interruption()),
        deadline,
    );
    let rows = listed.map_err(needs_permission)?.rows;
    Ok(rows.into_iter().flatten().collect())
}

/// Reads one interruption anew.
///
/// # Errors
/// It could not be read.
pub(super) fn interruption(
    octopus: &Octopus,
    id: &str,
    deadline: Deadline,
) -> Result<Interruption, ServiceError> {
    let (path, attempted) = (["interruptions", id], format!("read {id} anew"));
    let row = octopus.get::<InterruptionRow>(&path, &[], &attempted, deadline);
    Ok(row.map_err(needs_permission)?.0.into_interruption())
}

/// Reads a task that waits for guidance, with the elements of its logs.
///
/// # Errors
/// It could not be read.
pub(super) fn paused_task(
    octopus: &Octopus,
    task: &str,
    deadline: Deadline,
) -> Result<TaskLog, ServiceError> {
    octopus
        .task_log(task, LogLines::None, deadline)
        .map_err(needs_permission)
}

/// Takes responsibility for an interruption; tells who has it now.
///
/// # Errors
/// The server refused: somebody else was faster, or the permission is missing.
pub(super) fn take_responsibility(
    writer: &Writer,
    id: &str,
    deadline: Deadline,
) -> Result<Written<String>, ServiceError> {
    let taken = writer.take_responsibility(id, deadline);
    let Written::Done(reply) = taken.map_err(needs_permission)? else {
        return Ok(Written::DryRun);
    };
    // Who it is only serves the log.
    let user = object::<UserRow>(&reply.body).ok();
    let title = user.map_or_else(|| OWN_ACCOUNT.into(), UserRow::into_title);
    Ok(Written::Done(title))
}

/// Answers an interruption: the task goes on without the machine.
///
/// # Errors
/// The server refused, or did not answer.
pub(super) fn exclude(
    octopus: &Octopus,
    writer: &Writer,
    interruption: &Interruption,
    note: &str,
    deadline: Deadline,
) -> Result<Written<()>, ServiceError> {
    let field = interruption.exclude_field.as_deref().unwrap_or("Guidance");
    let form = [(field, EXCLUDE), ("Notes", note)];
    let attempted = format!("answer {} with '{EXCLUDE}'", interruption.id);
    let answered = writer.answer(&interruption.id, &form, &attempted, deadline);
    let Written::Done(reply) = answered.map_err(needs_permission)? else {
        return Ok(Written::DryRun);
    };
    // A login page may answer in its place.
    let now = object::<InterruptionRow>(&reply.body);
    match now {
        Ok(now) if now.is_pending == Some(false) => Ok(Written::Done(())),
        Ok(_) => Err(octopus.unreadable(&attempted, &"it is pending still")),
        Err(error) => Err(octopus.unreadable(&attempted, &error)),
    }
}

fn needs_permission(error: ServiceError) -> ServiceError {
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

/// Something that waits, or has waited, for a person. What is left out counts as a reason to leave it alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InterruptionRow {
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default, rename = "Type")]
    kind: Option<String>,
    #[serde(default)]
    is_pending: Option<bool>,
    #[serde(default)]
    task_id: Option<String>,
    #[serde(default)]
    correlation_id: Option<String>,
    #[serde(default)]
    responsible_user_id: Option<String>,
    #[serde(default)]
    can_take_responsibility: Option<bool>,
    #[serde(default)]
    has_responsibility: Option<bool>,
    #[serde(default)]
    is_linked_to_other_interruption: Option<bool>,
    #[serde(default)]
    space_id: Option<String>,
    #[serde(default)]
    form: Option<FormRow>,
}

/// The form of an interruption.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FormRow {
    #[serde(default)]
    values: Option<Map<String, Value>>,
    #[serde(default)]
    elements: Option<Vec<FormElementRow>>,
}

/// A field of a form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FormElementRow {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    control: Option<ControlRow>,
}

/// How a field is shown: a text, or buttons.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ControlRow {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    buttons: Option<Vec<ButtonRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ButtonRow {
    #[serde(default)]
    value: Option<String>,
}

impl FormElementRow {
    fn text(&self) -> Option<&str> {
        self.control.as_ref()?.text.as_deref()
    }

    /// Whether one of its buttons gives this answer.
    fn offers(&self, answer: &str) -> bool {
        let buttons = self.control.iter().flat_map(|c| c.buttons.iter().flatten());
        buttons
            .into_iter()
            .any(|button| button.value.as_deref() == Some(answer))
    }
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UserRow {
    id: String,
    #[serde(default)]
    username: Option<String>,
}

impl UserRow {
    fn into_title(self) -> String {
        match self.username {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id,
        }
    }
}
