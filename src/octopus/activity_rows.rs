//! What Octopus answers about runs that were and runs that wait, as narrow structs.
//!
//! Source: Octopus REST API reference, pages "Events", "Deployments", "Tasks", "Interruptions"; the tree of a task's log as
//! `ActivityElement` and the form as `Form` in github.com/OctopusDeploy/OctopusClients.

use super::rows::TaskRow;
use crate::clock::rfc3339;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::SystemTime;

/// An entry of the audit log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) category: String,
    #[serde(default)]
    occurred: Option<String>,
    #[serde(default)]
    related_document_ids: Option<Vec<String>>,
}

impl EventRow {
    pub(super) fn is(&self, category: &str) -> bool {
        self.category.eq_ignore_ascii_case(category)
    }

    pub(super) fn occurred(&self) -> Option<SystemTime> {
        self.occurred.as_deref().and_then(rfc3339)
    }

    /// The documents of this kind that it is about.
    pub(super) fn related<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let ids = self.related_document_ids.iter().flatten();
        let of_kind = move |id: &&String| {
            let head = id.get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        ids.filter(of_kind).map(String::as_str)
    }

    pub(super) fn is_about(&self, document: &str) -> bool {
        self.related(document)
            .any(|id| id.eq_ignore_ascii_case(document))
    }
}

/// A deployment: which task runs it, and what it is limited to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeploymentRow {
    #[serde(default)]
    pub(super) task_id: Option<String>,
    #[serde(default)]
    pub(super) specific_machine_ids: Option<Vec<String>>,
}

/// A task with its logs: one for each time that it ran.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaskDetailsRow {
    pub(super) task: TaskRow,
    #[serde(default)]
    pub(super) activity_logs: Option<Vec<ActivityRow>>,
}

/// An element of a task's log: the whole, a step, an action, a machine.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ActivityRow {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    children: Option<Vec<Self>>,
    #[serde(default)]
    log_elements: Option<Vec<LogElementRow>>,
}

/// A line of a task's log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LogElementRow {
    #[serde(default)]
    pub(super) occurred_at: Option<String>,
    #[serde(default)]
    pub(super) message_text: Option<String>,
}

impl ActivityRow {
    /// Visits this element and all below it, in order; one that is not wanted is passed over with what is below it.
    pub(super) fn walk<'a>(
        &'a self,
        is_wanted: &impl Fn(&Self) -> bool,
        visit: &mut impl FnMut(&'a Self),
    ) {
        if !is_wanted(self) {
            return;
        }
        visit(self);
        for child in self.children.iter().flatten() {
            child.walk(is_wanted, visit);
        }
    }

    /// Whether it stands for another step than this one: steps are called `Step 2: Deploy`, what belongs to one
    /// `Step 2.1: Copy`, or otherwise. No name means any step.
    pub(super) fn is_other_step(&self, step: &str) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        let numbered = name.trim().strip_prefix("Step ");
        let parts = numbered.and_then(|rest| rest.split_once(": "));
        let is_number = |number: &str| number.bytes().all(|b| b.is_ascii_digit());
        let other = parts.filter(|(number, title)| is_number(number) && title.trim() != step);
        other.is_some() && !step.is_empty()
    }

    pub(super) fn lines(&self) -> &[LogElementRow] {
        self.log_elements.as_deref().unwrap_or_default()
    }
}

/// Something that waits, or has waited, for a person. What is left out counts as a reason to leave it alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InterruptionRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default, rename = "Type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) is_pending: Option<bool>,
    #[serde(default)]
    pub(super) task_id: Option<String>,
    #[serde(default)]
    pub(super) correlation_id: Option<String>,
    #[serde(default)]
    pub(super) responsible_user_id: Option<String>,
    #[serde(default)]
    pub(super) can_take_responsibility: Option<bool>,
    #[serde(default)]
    pub(super) has_responsibility: Option<bool>,
    #[serde(default)]
    pub(super) is_linked_to_other_interruption: Option<bool>,
    #[serde(default)]
    pub(super) space_id: Option<String>,
    #[serde(default)]
    pub(super) form: Option<FormRow>,
}

/// The form of an interruption.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FormRow {
    #[serde(default)]
    pub(super) values: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) elements: Option<Vec<FormElementRow>>,
}

/// A field of a form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FormElementRow {
    #[serde(default)]
    pub(super) name: Option<String>,
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
    pub(super) fn text(&self) -> Option<&str> {
        self.control.as_ref()?.text.as_deref()
    }

    /// Whether one of its buttons gives this answer.
    pub(super) fn offers(&self, answer: &str) -> bool {
        let buttons = self.control.iter().flat_map(|c| c.buttons.iter().flatten());
        buttons
            .into_iter()
            .any(|button| button.value.as_deref() == Some(answer))
    }
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserRow {
    id: String,
    #[serde(default)]
    username: Option<String>,
}

impl UserRow {
    pub(super) fn into_title(self) -> String {
        match self.username {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ActivityRow;

    fn called(name: &str) -> ActivityRow {
        ActivityRow {
            id: None,
            name: Some(name.into()),
            children: None,
            log_elements: None,
        }
    }

    #[test]
    fn only_an_element_that_is_called_as_another_step_is_another_step() {
        for (name, other) in [
            ("Step 1: Check", false),
            ("Step 12: Deploy", true),
            ("Step 2: Check twice", true),
            ("Step 2: Deploy: Check", true),
            ("Step 2.1: Deploy", false),
            ("Deploy web release 1 to Prod", false),
            ("Worker on behalf of web1", false),
            ("", false),
        ] {
            assert_eq!(called(name).is_other_step("Check"), other, "{name}");
            assert!(
                !called(name).is_other_step(""),
                "{name}, of a step without a name"
            );
        }
    }
}
