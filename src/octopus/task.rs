//! A task: what it is up to, and its log, a tree of elements with their lines.
//!
//! Sources: Octopus REST API reference, "Tasks" (`tasks/{id}/details`); `ActivityElement` in
//! github.com/OctopusDeploy/OctopusClients.

use super::client::Octopus;
use crate::clock::rfc3339;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::usage::TaskKind;
use serde::Deserialize;
use std::time::SystemTime;

/// What a task is up to. Servers spell some of these in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// It has not begun.
    Queued,
    /// It runs.
    Executing,
    /// Somebody cancelled it, and it has not ended yet.
    Cancelling,
    /// It ended well.
    Success,
    /// It failed.
    Failed,
    /// It was cancelled.
    Canceled,
    /// It took too long.
    TimedOut,
    /// A state that this program does not know, as the server wrote it.
    Other(String),
}

impl TaskState {
    /// Reads a state, in whatever letters.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "queued" | "new" => Self::Queued,
            "executing" => Self::Executing,
            "cancelling" => Self::Cancelling,
            "success" => Self::Success,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            "timedout" => Self::TimedOut,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Whether it has ended. A state that is not known has not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Success | Self::Failed | Self::Canceled | Self::TimedOut => true,
            Self::Queued | Self::Executing | Self::Cancelling | Self::Other(_) => false,
        }
    }

    /// Whether it has not begun.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        *self == Self::Queued
    }

    /// Whether somebody cancelled it, or Octopus ended it, so that it must not go on.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Cancelling | Self::Canceled | Self::TimedOut | Self::Failed => true,
            Self::Queued | Self::Executing | Self::Success | Self::Other(_) => false,
        }
    }
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaskRow {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) state: String,
    #[serde(default)]
    queue_time: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    /// It waits for somebody to approve it.
    #[serde(default)]
    pub(crate) has_pending_preconditions: Option<bool>,
    #[serde(default)]
    pub(crate) project_id: Option<String>,
    #[serde(default)]
    space_id: Option<String>,
    #[serde(default)]
    pub(crate) arguments: Option<TaskArguments>,
}

/// What a task is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaskArguments {
    #[serde(default)]
    pub(crate) deployment_id: Option<String>,
    #[serde(default)]
    pub(crate) runbook_run_id: Option<String>,
}

impl TaskRow {
    pub(crate) fn state(&self) -> TaskState {
        TaskState::read(&self.state)
    }

    /// What tells it from other rows.
    pub(crate) fn key(&self) -> &str {
        &self.id
    }

    /// Whether it belongs to this space, as far as it says.
    pub(super) fn is_in(&self, space: &str) -> bool {
        let own = self.space_id.as_deref().filter(|own| !own.is_empty());
        own.is_none_or(|own| own.eq_ignore_ascii_case(space))
    }

    /// What kind of run it is the task of; `None` for other tasks.
    pub(crate) fn kind(&self) -> Option<TaskKind> {
        let name = self.name.as_deref().unwrap_or_default();
        let is = |kind: &str| name.eq_ignore_ascii_case(kind);
        if is("Deploy") {
            Some(TaskKind::Deployment)
        } else if is("RunbookRun") {
            Some(TaskKind::RunbookRun)
        } else {
            None
        }
    }

    pub(crate) fn queued_at(&self) -> Option<SystemTime> {
        time(self.queue_time.as_deref())
    }

    pub(crate) fn started_at(&self) -> Option<SystemTime> {
        time(self.start_time.as_deref())
    }
}

fn time(text: Option<&str>) -> Option<SystemTime> {
    text.and_then(rfc3339)
}

/// Which lines of a task's log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLines {
    /// All of them, verbose ones included.
    All,
    /// As few as the server gives: only the elements matter.
    None,
}

/// A task with its logs.
#[derive(Debug)]
pub struct TaskLog {
    /// What the task is up to.
    pub state: TaskState,
    /// The same, as the server wrote it.
    pub state_text: String,
    logs: Vec<ActivityRow>,
}

/// A line of a task's log.
#[derive(Debug)]
pub struct LogLine<'a> {
    /// What it says.
    pub text: &'a str,
    /// When it was written.
    pub written: Option<SystemTime>,
}

impl Octopus {
    /// Reads a task and the elements of its logs, with these lines.
    ///
    /// # Errors
    /// They could not be read.
    pub fn task_log(
        &self,
        task: &str,
        lines: LogLines,
        deadline: Deadline,
    ) -> Result<TaskLog, ServiceError> {
        let verbose = match lines {
            LogLines::All => "true",
            LogLines::None => "false",
        };
        let (path, query) = (["tasks", task, "details"], [("verbose", verbose)]);
        let attempted = format!("read the log of {task}");
        let row = self.get::<TaskDetailsRow>(&path, &query, &attempted, deadline);
        let (row, _) = row.map_err(|error| error.needing("TaskView"))?;
        Ok(TaskLog {
            state: row.task.state(),
            state_text: row.task.state,
            logs: row.activity_logs.unwrap_or_default(),
        })
    }
}

impl TaskLog {
    /// Every line in the order of the logs, but for those that other steps wrote.
    #[must_use]
    pub fn lines_of(&self, step: &str) -> Vec<LogLine<'_>> {
        let mut lines = Vec::new();
        let wanted = |element: &ActivityRow| !element.is_other_step(step);
        for log in &self.logs {
            log.walk(&wanted, &mut |element| {
                lines.extend(element.lines().iter().map(|line| LogLine {
                    text: line.message_text.as_deref().unwrap_or_default(),
                    written: line.occurred_at.as_deref().and_then(rfc3339),
                }));
            });
        }
        lines
    }

    /// The name of the one element of this id: a step, an action, a machine.
    #[must_use]
    pub fn element(&self, id: &str) -> Option<&str> {
        let mut found = Vec::new();
        for log in &self.logs {
            log.walk(&|_| true, &mut |element| {
                if !id.is_empty() && element.id.as_deref() == Some(id) {
                    found.push(element.name.as_deref());
                }
            });
        }
        match found[..] {
            [name] => name,
            _ => None,
        }
    }
}

/// A task with its logs: one for each time that it ran.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskDetailsRow {
    task: TaskRow,
    #[serde(default)]
    activity_logs: Option<Vec<ActivityRow>>,
}

/// An element of a task's log: the whole, a step, an action, a machine.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActivityRow {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    children: Option<Vec<Self>>,
    #[serde(default)]
    log_elements: Option<Vec<LogElementRow>>,
}

/// A line of a task's log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogElementRow {
    #[serde(default)]
    occurred_at: Option<String>,
    #[serde(default)]
    message_text: Option<String>,
}

impl ActivityRow {
    /// Visits this element and all below it, in order; one that is not wanted is passed over with what is below it.
    fn walk<'a>(&'a self, is_wanted: &impl Fn(&Self) -> bool, visit: &mut impl FnMut(&'a Self)) {
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
    fn is_other_step(&self, step: &str) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        let numbered = name.trim().strip_prefix("Step ");
        let parts = numbered.and_then(|rest| rest.split_once(": "));
        let is_number = |number: &str| number.bytes().all(|b| b.is_ascii_digit());
        let other = parts.filter(|(number, title)| is_number(number) && title.trim() != step);
        other.is_some() && !step.is_empty()
    }

    fn lines(&self) -> &[LogElementRow] {
        self.log_elements.as_deref().unwrap_or_default()
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
