//! Reads what is going on in the space.
//!
//! Source: Octopus REST API reference, "Tasks", "Deployments", "Runbook runs", "Deployment targets" (`machines/{id}/tasks`).

use super::client::{Listed, Octopus};
use super::rows::{RunRow, TaskRow};
use crate::error::ServiceError;
use crate::reconcile::TargetId;
use crate::reconcile::usage::{Activity, Naming, Reach, Task, TaskKind};
use crate::workers;
use std::time::{Duration, SystemTime};

/// The server's clock comes in whole seconds, its queue times do not; what is this little ahead has come.
const CLOCK_TICK: Duration = Duration::from_secs(2);

/// Who asks, and so does not count.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The run's own task.
    pub task: Option<&'a str>,
    /// It is a runbook run.
    pub is_runbook_run: bool,
}

/// What a task is up to, as far as this program cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// It goes on.
    Active,
    /// Somebody cancelled it, or Octopus ended it.
    Ended,
}

impl Octopus {
    /// The deployments and runbook runs of the space that are queued (their time has come), executing or cancelling, but
    /// the run's own; with what each reaches, and the first refusal to tell that.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn activity(
        &self,
        space: &str,
        asker: Asker<'_>,
    ) -> Result<(Activity, Option<ServiceError>), ServiceError> {
        let Listed { rows, answered } = self.active(space)?;
        let now = answered.unwrap_or_else(SystemTime::now);
        let own_queued = rows
            .iter()
            .find(|row| asker.is(row))
            .and_then(TaskRow::queued_at);
        let others = rows.iter().filter(|row| !asker.is(row));
        let others: Vec<(&TaskRow, TaskKind)> = others
            .filter_map(|row| Some((row, in_play(row, now)?)))
            .collect();
        let reaches = workers::map(&others, |(row, kind)| self.reach(space, row, *kind));
        let refusal = reaches
            .iter()
            .filter_map(|reach| reach.as_ref().err())
            .find(|error| error.is_refusal())
            .cloned();
        let tasks = others
            .into_iter()
            .zip(reaches)
            .map(|((row, kind), reach)| task(row, kind, reach))
            .collect();
        let own_runbook_run = asker.is_runbook_run.then_some(own_queued);
        Ok((
            Activity {
                tasks,
                own_runbook_run,
                now,
            },
            refusal,
        ))
    }

    fn active(&self, space: &str) -> Result<Listed<TaskRow>, ServiceError> {
        let attempted = "list the active tasks of the space";
        let query = [("active", "true")];
        self.list(&[space, "tasks"], &query, attempted, TaskRow::key, |row| {
            row
        })
    }

    /// The ids of the tasks of deployments and runbook runs of the space that are queued or run.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn active_runs(&self, space: &str) -> Result<Vec<String>, ServiceError> {
        let Listed { rows, answered } = self.active(space)?;
        let now = answered.unwrap_or_else(SystemTime::now);
        let active = rows.into_iter().filter(|row| in_play(row, now).is_some());
        Ok(active.map(|row| row.id).collect())
    }

    fn reach(&self, space: &str, row: &TaskRow, kind: TaskKind) -> Result<Reach, ServiceError> {
        let arguments = row.arguments.as_ref();
        let (folder, id) = match kind {
            TaskKind::Deployment => (
                "deployments",
                arguments.and_then(|a| a.deployment_id.as_deref()),
            ),
            TaskKind::RunbookRun => (
                "runbookRuns",
                arguments.and_then(|a| a.runbook_run_id.as_deref()),
            ),
        };
        let attempted = format!("read what {} deploys or runs", row.id);
        let id = id.ok_or_else(|| {
            self.unreadable(
                &attempted,
                &"the task does not say which deployment or runbook run it is",
            )
        })?;
        Ok(self
            .get::<RunRow>(&self.resource(&[space, folder, id], &[]), &attempted)?
            .0
            .into_reach())
    }

    /// The deployments and runbook runs in a target's own history that are in play at `now`, but the run's own.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub fn tasks_of(
        &self,
        space: &str,
        target: &TargetId,
        asker: Asker<'_>,
        now: SystemTime,
    ) -> Result<Vec<Naming>, ServiceError> {
        let attempted = format!("list the tasks of {target}");
        let segments = [space, "machines", &target.0, "tasks"];
        let Listed { rows, answered } =
            self.list(&segments, &[], &attempted, TaskRow::key, |row| row)?;
        // Under a rate limit this is asked long after the space was: what was in the future then may have come.
        let now = answered.map_or(now, |answered| answered.max(now));
        let naming = |row: TaskRow| {
            let kind = in_play(&row, now).filter(|_| !asker.is(&row))?;
            Some(Naming {
                kind,
                queued: row.queued_at(),
                id: row.id,
            })
        };
        Ok(rows.into_iter().filter_map(naming).collect())
    }

    /// Whether the run's own task still goes on.
    ///
    /// # Errors
    /// The task could not be read.
    pub fn own_task(&self, space: &str, task: &str) -> Result<TaskState, ServiceError> {
        let url = self.resource(&[space, "tasks", task], &[]);
        let (row, _) = self.get::<TaskRow>(&url, &format!("read the run's own task {task}"))?;
        let ended = ["Cancelling", "Canceled", "Cancelled", "TimedOut", "Failed"];
        let ended = ended
            .iter()
            .any(|state| state.eq_ignore_ascii_case(&row.state));
        Ok(if ended {
            TaskState::Ended
        } else {
            TaskState::Active
        })
    }
}

impl Asker<'_> {
    fn is(&self, row: &TaskRow) -> bool {
        self.task
            .is_some_and(|own| own.eq_ignore_ascii_case(&row.id))
    }
}

fn task(row: &TaskRow, kind: TaskKind, reach: Result<Reach, ServiceError>) -> Task {
    Task {
        id: row.id.clone(),
        title: row
            .description
            .clone()
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "a task".into()),
        kind,
        queued: row.queued_at(),
        started: row.started_at(),
        waiting: is_waiting(row),
        reach: reach.map_err(|error| error.to_string()),
    }
}

fn is_waiting(row: &TaskRow) -> bool {
    ["Queued", "New"]
        .iter()
        .any(|state| state.eq_ignore_ascii_case(&row.state))
}

/// What kind of task this is, if it is one that uses targets, and is not over and not in the future.
fn in_play(row: &TaskRow, now: SystemTime) -> Option<TaskKind> {
    let kind = row.kind()?;
    let scheduled = is_waiting(row) && row.queued_at().is_some_and(|time| time > now + CLOCK_TICK);
    (!is_over(&row.state) && !scheduled).then_some(kind)
}

/// Whether a task in this state has ended. One in a state that this program does not know has not.
#[must_use]
pub fn is_over(state: &str) -> bool {
    let over = ["Success", "Failed", "Canceled", "Cancelled", "TimedOut"];
    over.iter().any(|over| over.eq_ignore_ascii_case(state))
}
