//! Reads one deployment, and the logs of the tasks that ran it.
//!
//! Sources: Octopus REST API reference, "Deployments" and "Tasks" (`tasks/{id}/details`); `ActivityElement` in
//! github.com/OctopusDeploy/OctopusClients.

use super::activity_rows::{ActivityRow, DeploymentRow, TaskDetailsRow};
use super::client::Octopus;
use super::rows::TaskRow;
use crate::clock::rfc3339;
use crate::error::ServiceError;
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

/// A task with its logs.
#[derive(Debug)]
pub struct TaskDetails {
    /// `Executing`, `Success`, ...
    pub state: String,
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
    pub fn deployment(&self, space: &str, id: &str) -> Result<Deployment, ServiceError> {
        let url = self.resource(&[space, "deployments", id], &[]);
        let row = self.get::<DeploymentRow>(&url, &format!("read deployment {id}"));
        let (row, _) = row.map_err(|error| error.needing("DeploymentView"))?;
        let named = row.specific_machine_ids.unwrap_or_default();
        Ok(Deployment {
            task: row.task_id,
            named: named.into_iter().map(TargetId).collect(),
        })
    }

    /// Reads a task and its logs, all lines included if `verbose`.
    ///
    /// # Errors
    /// They could not be read.
    pub fn task_details(
        &self,
        space: &str,
        task: &str,
        verbose: bool,
    ) -> Result<TaskDetails, ServiceError> {
        let verbose = if verbose { "true" } else { "false" };
        let url = self.resource(&[space, "tasks", task, "details"], &[("verbose", verbose)]);
        let row = self.get::<TaskDetailsRow>(&url, &format!("read the log of {task}"));
        let (row, _) = row.map_err(|error| error.needing("TaskView"))?;
        Ok(TaskDetails {
            state: row.task.state,
            logs: row.activity_logs.unwrap_or_default(),
        })
    }

    /// The state of a task, as Octopus calls it.
    ///
    /// # Errors
    /// It could not be read.
    pub fn task_state(&self, space: &str, task: &str) -> Result<String, ServiceError> {
        let url = self.resource(&[space, "tasks", task], &[]);
        let attempted = format!("read the state of {task}");
        let row = self.get::<TaskRow>(&url, &attempted);
        Ok(row.map_err(|error| error.needing("TaskView"))?.0.state)
    }

    /// When a task was queued, if it says so.
    ///
    /// # Errors
    /// It could not be read.
    pub fn queue_time(&self, space: &str, task: &str) -> Result<Option<SystemTime>, ServiceError> {
        let url = self.resource(&[space, "tasks", task], &[]);
        let attempted = format!("read when {task} was queued");
        let row = self.get::<TaskRow>(&url, &attempted);
        Ok(row
            .map_err(|error| error.needing("TaskView"))?
            .0
            .queued_at())
    }

    /// The deployments in a target's own history that are over.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn past_deployments(
        &self,
        space: &str,
        target: &TargetId,
    ) -> Result<Vec<PastDeployment>, ServiceError> {
        let attempted = format!("list the past deployments to {target}");
        let segments = [space, "machines", &target.0, "tasks"];
        let listed = self.list(&segments, &[], &attempted, TaskRow::key, |row| row);
        let listed = listed.map_err(|error| error.needing("TaskView"))?;
        let past = |row: TaskRow| {
            (row.kind() == Some(TaskKind::Deployment)).then(|| PastDeployment {
                began: row.started_at(),
                project: row.project_id.clone(),
                succeeded: row.state.eq_ignore_ascii_case("Success"),
                task: row.id,
            })
        };
        Ok(listed.rows.into_iter().filter_map(past).collect())
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn cancel(&self, space: &str, task: &str) -> Result<(), ServiceError> {
        let url = self.resource(&[space, "tasks", task, "cancel"], &[]);
        let sent = self.send("POST", &url, b"{}", &format!("cancel {task}"));
        sent.map(drop).map_err(|error| error.needing("TaskCancel"))
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
