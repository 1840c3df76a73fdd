//! Reads one deployment, and the logs of the tasks that ran it.
//!
//! Sources: Octopus REST API reference, "Deployments" and "Tasks" (`tasks/{id}/details`); `ActivityElement` in
//! github.com/OctopusDeploy/OctopusClients.

use super::activity_rows::{ActivityRow, DeploymentRow, TaskDetailsRow};
use super::client::Octopus;
use super::rows::TaskRow;
use super::task_state::TaskState;
use crate::clock::rfc3339;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::TargetId;
use crate::reconcile::history::PastDeployment;
use crate::reconcile::usage::TaskKind;
use std::time::SystemTime;

/// What a deployment says of itself.
#[derive(Debug, Default)]
pub struct Deployment {
    /// The task that ran it last.
    pub task: Option<String>,
    /// The targets that it is limited to: those that its trigger named.
    pub named: Vec<TargetId>,
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
pub struct TaskDetails {
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
    /// Reads a deployment.
    ///
    /// # Errors
    /// It could not be read.
    pub fn deployment(&self, id: &str, deadline: Deadline) -> Result<Deployment, ServiceError> {
        let attempted = format!("read deployment {id}");
        let row = self.get::<DeploymentRow>(&["deployments", id], &[], &attempted, deadline);
        let (row, _) = row.map_err(|error| error.needing("DeploymentView"))?;
        let named = row.specific_machine_ids.unwrap_or_default();
        Ok(Deployment {
            task: row.task_id,
            named: named.into_iter().map(TargetId).collect(),
        })
    }

    /// Reads a task and the elements of its logs, with these lines.
    ///
    /// # Errors
    /// They could not be read.
    pub fn task_details(
        &self,
        task: &str,
        lines: LogLines,
        deadline: Deadline,
    ) -> Result<TaskDetails, ServiceError> {
        let verbose = match lines {
            LogLines::All => "true",
            LogLines::None => "false",
        };
        let (path, query) = (["tasks", task, "details"], [("verbose", verbose)]);
        let attempted = format!("read the log of {task}");
        let row = self.get::<TaskDetailsRow>(&path, &query, &attempted, deadline);
        let (row, _) = row.map_err(|error| error.needing("TaskView"))?;
        Ok(TaskDetails {
            state: row.task.state(),
            state_text: row.task.state,
            logs: row.activity_logs.unwrap_or_default(),
        })
    }

    /// The deployments in a target's own history that are over.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn past_deployments(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<Vec<PastDeployment>, ServiceError> {
        let attempted = format!("list the past deployments to {target}");
        let path = ["machines", &target.0, "tasks"];
        let listed = self.list((&path, &[]), &attempted, TaskRow::key, |row| row, deadline);
        let listed = listed.map_err(|error| error.needing("TaskView"))?;
        let past = |row: TaskRow| {
            (row.kind() == Some(TaskKind::Deployment)).then(|| PastDeployment {
                began: row.started_at(),
                project: row.project_id.clone(),
                succeeded: row.state() == TaskState::Success,
                task: row.id,
            })
        };
        Ok(listed.rows.into_iter().filter_map(past).collect())
    }
}

impl TaskDetails {
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
