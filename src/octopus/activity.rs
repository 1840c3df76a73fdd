//! Reads what is going on in the space.
//!
//! Source: Octopus REST API reference, "Tasks", "Deployments", "Runbook runs", "Deployment targets" (`machines/{id}/tasks`).

use super::client::{Listed, Octopus};
use super::gaps::Gap;
use super::permissions;
use super::task::{TaskRow, TaskState};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::snapshot::TargetId;
use crate::reconcile::usage::{Activity, History, Naming, Reach, Task, TaskKind, Unread};
use crate::workers;
use serde::Deserialize;
use std::time::{Duration, SystemTime};

/// The server's clock comes in whole seconds, its queue times do not; what is this little ahead has come.
pub(super) const CLOCK_TICK: Duration = Duration::from_secs(2);

const LIST_ACTIVE: &str = "list the active tasks of the space";

/// The run's own task, which never counts.
#[derive(Debug, Clone, Copy)]
pub struct OwnTask<'a> {
    /// Its id; `None` in a terminal.
    pub id: Option<&'a str>,
    /// It is a runbook run.
    pub is_runbook_run: bool,
}

/// What a task says of itself.
#[derive(Debug, Clone)]
pub struct TaskStatus {
    /// What it is up to.
    pub state: TaskState,
    /// The same, as the server wrote it.
    pub state_text: String,
    /// When it was queued, if it says so.
    pub queued: Option<SystemTime>,
    /// When it began, if it has.
    pub started: Option<SystemTime>,
}

/// The other tasks of the space that could use a target.
#[derive(Debug)]
pub struct ActiveTasks {
    /// Each with what it reaches.
    pub tasks: Vec<ActiveTask>,
    /// The run's own task, if it is a runbook run: when it was queued, if that is known.
    pub own_runbook_run: Option<Option<SystemTime>>,
    /// The server's clock.
    pub now: SystemTime,
}

/// A deployment or runbook run that is queued (its time has come), executing or cancelling.
#[derive(Debug)]
pub struct ActiveTask {
    /// Its id, such as `ServerTasks-7`.
    pub id: String,
    /// What people know it by.
    pub title: String,
    /// A deployment or a runbook run.
    pub kind: TaskKind,
    /// When it was queued.
    pub queued: Option<SystemTime>,
    /// When it began; `None` if it has not.
    pub started: Option<SystemTime>,
    /// What it is up to.
    pub state: TaskState,
    /// It waits for somebody to approve it.
    pub unapproved: bool,
    /// Which machines it reaches, if that could be learned.
    pub reach: Result<Reach, ServiceError>,
    /// Where that could not be learned: those of the environments that count in which the server lists it, if that is known.
    pub environments: Option<Vec<String>>,
}

impl ActiveTasks {
    /// Why it could not be learned what some of them reach.
    pub fn errors(&self) -> impl Iterator<Item = &ServiceError> {
        self.tasks
            .iter()
            .filter_map(|task| task.reach.as_ref().err())
    }

    /// For the policy.
    #[must_use]
    pub fn into_activity(self) -> Activity {
        let task = |task: ActiveTask| Task {
            waiting: task.state.is_waiting(),
            id: task.id,
            title: task.title,
            kind: task.kind,
            queued: task.queued,
            started: task.started,
            unapproved: task.unapproved,
            reach: task.reach.map_err(|error| Unread {
                why: permissions::unanswered(&error, permissions::WHAT_TASKS_USE),
                environments: task.environments,
            }),
        };
        Activity {
            tasks: self.tasks.into_iter().map(task).collect(),
            own_runbook_run: self.own_runbook_run,
            now: self.now,
        }
    }
}

impl Octopus {
    /// The deployments and runbook runs of the space that are queued (their time has come), executing or cancelling, but
    /// the run's own; with what each reaches. Of one of which that cannot be learned, in which of these environments it is.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn activity(
        &self,
        own: OwnTask<'_>,
        environments: &[String],
        deadline: Deadline,
    ) -> Result<ActiveTasks, ServiceError> {
        let Listed { rows, answered } = self.active(deadline)?;
        if let Some(id) = own.id
            && self.gaps().has(Gap::SpaceTasks)
            && !rows.iter().any(|row| own.is(row))
        {
            // It may be of another space: what it does not list is not known to be absent.
            let why = format!("it lacks {id}, this run's own task, which is active");
            return Err(self.unreadable(LIST_ACTIVE, &why));
        }
        let now = answered.unwrap_or_else(SystemTime::now);
        let own_queued = rows
            .iter()
            .find(|row| own.is(row))
            .and_then(TaskRow::queued_at);
        let others = rows.into_iter().filter(|row| !own.is(row));
        let others: Vec<(TaskRow, TaskKind)> = others
            .filter_map(|row| in_play(&row, now).map(|kind| (row, kind)))
            .collect();
        let reaches = workers::map(&others, |(row, kind)| self.reach(row, *kind, deadline));
        let tasks = reaches.into_iter();
        let tasks = tasks.map(|((row, kind), reach)| active_task(row, *kind, reach));
        let mut tasks: Vec<ActiveTask> = tasks.collect();
        if tasks.iter().any(|task| task.reach.is_err()) {
            self.place(&mut tasks, environments, deadline);
        }
        Ok(ActiveTasks {
            tasks,
            own_runbook_run: own.is_runbook_run.then_some(own_queued),
            now,
        })
    }

    fn active(&self, deadline: Deadline) -> Result<Listed<TaskRow>, ServiceError> {
        self.list_tasks(&[("active", "true")], LIST_ACTIVE, deadline)
    }

    /// Says of the tasks of which it could not be learned what they reach, in which of these environments they are listed;
    /// nothing where that cannot be asked.
    fn place(&self, tasks: &mut [ActiveTask], environments: &[String], deadline: Deadline) {
        let listed = workers::map(environments, |environment| {
            let attempted = format!("list the active tasks of {environment}");
            let query = [("active", "true"), ("environment", environment.as_str())];
            self.list_tasks(&query, &attempted, deadline)
        });
        let mut places = Vec::new();
        for (environment, listing) in listed {
            match listing {
                Ok(listing) => places.push((environment, listing.rows)),
                Err(_) => return,
            }
        }
        // That these lists have runbook runs, too, is nowhere promised: only where the server tells nothing else do they count.
        let listed = |task: &&mut ActiveTask| match task.kind {
            TaskKind::Deployment => task.reach.is_err(),
            TaskKind::RunbookRun => task.reach.is_err() && self.gaps().has(Gap::RunbookRuns),
        };
        for task in tasks.iter_mut().filter(listed) {
            let is_it = |row: &TaskRow| row.id == task.id;
            let has_it = |(_, rows): &&(&String, Vec<TaskRow>)| rows.iter().any(is_it);
            let here = places.iter().filter(has_it);
            task.environments = Some(
                here.map(|(environment, _)| (*environment).clone())
                    .collect(),
            );
        }
    }

    /// The ids of the tasks of deployments and runbook runs of the space that are queued or run.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn active_tasks(&self, deadline: Deadline) -> Result<Vec<String>, ServiceError> {
        let Listed { rows, answered } = self.active(deadline)?;
        let now = answered.unwrap_or_else(SystemTime::now);
        let active = rows.into_iter().filter(|row| in_play(row, now).is_some());
        Ok(active.map(|row| row.id).collect())
    }

    fn reach(
        &self,
        row: &TaskRow,
        kind: TaskKind,
        deadline: Deadline,
    ) -> Result<Reach, ServiceError> {
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
        match self.get::<ReachRow>(&[folder, id], &[], &attempted, deadline) {
            Ok((reach, _)) => Ok(reach.into_reach()),
            Err(error) if kind == TaskKind::RunbookRun && error.is_unknown_question() => {
                self.gaps().note(Gap::RunbookRuns);
                Err(ServiceError {
                    next: "Upgrade Octopus Server, which does not tell what a runbook run is limited to, or set VMSS.BusyTargets.Handle to Remove".into(),
                    ..error
                })
            }
            Err(error) => Err(error),
        }
    }

    /// The deployments and runbook runs in a target's own history that are in play at `now`, but the run's own.
    ///
    /// # Errors
    /// Anything but a complete listing; where the server does not know the question, it is not told.
    pub fn tasks_of(
        &self,
        target: &TargetId,
        own: OwnTask<'_>,
        now: SystemTime,
        deadline: Deadline,
    ) -> Result<History, ServiceError> {
        if self.gaps().has(Gap::TargetTasks) {
            return Ok(History::NotTold);
        }
        let attempted = format!("list the tasks of {target}");
        let Listed { rows, answered } = match self.tasks_with(target, &attempted, deadline) {
            // Either the server does not know the question, or the target.
            Err(error) if error.is_unknown_question() && self.has(target, deadline) => {
                self.gaps().note(Gap::TargetTasks);
                return Ok(History::NotTold);
            }
            answer => answer?,
        };
        // Under a rate limit this is asked long after the space was: what was in the future then may have come.
        let now = answered.map_or(now, |answered| answered.max(now));
        let naming = |row: TaskRow| {
            let kind = in_play(&row, now).filter(|_| !own.is(&row))?;
            Some(Naming {
                kind,
                queued: row.queued_at(),
                id: row.id,
            })
        };
        let namings = rows.into_iter().filter_map(naming).collect();
        Ok(History::Told(namings))
    }

    /// Every task in a target's own history.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub(crate) fn tasks_with(
        &self,
        target: &TargetId,
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Listed<TaskRow>, ServiceError> {
        let path = ["machines", &target.0, "tasks"];
        self.list((&path, &[]), attempted, TaskRow::key, |row| row, deadline)
    }

    /// Reads one task; `attempted` says what for.
    ///
    /// # Errors
    /// It could not be read.
    pub fn task(
        &self,
        id: &str,
        attempted: &str,
        deadline: Deadline,
    ) -> Result<TaskStatus, ServiceError> {
        let row = self.get::<TaskRow>(&["tasks", id], &[], attempted, deadline);
        let (row, _) = row.map_err(|error| error.needing("TaskView"))?;
        Ok(TaskStatus {
            state: row.state(),
            queued: row.queued_at(),
            started: row.started_at(),
            state_text: row.state,
        })
    }
}

impl OwnTask<'_> {
    fn is(&self, row: &TaskRow) -> bool {
        self.id.is_some_and(|own| own.eq_ignore_ascii_case(&row.id))
    }
}

fn active_task(row: &TaskRow, kind: TaskKind, reach: Result<Reach, ServiceError>) -> ActiveTask {
    ActiveTask {
        kind,
        queued: row.queued_at(),
        started: row.started_at(),
        state: row.state(),
        unapproved: row.has_pending_preconditions.unwrap_or_default(),
        reach,
        environments: None,
        id: row.id.clone(),
        title: row
            .description
            .clone()
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "a task".into()),
    }
}

/// What kind of task this is, if it is one that uses targets, and is not over and not in the future.
fn in_play(row: &TaskRow, now: SystemTime) -> Option<TaskKind> {
    let (kind, state) = (row.kind()?, row.state());
    let in_future = row.queued_at().is_some_and(|time| time > now + CLOCK_TICK);
    let scheduled = state.is_waiting() && in_future;
    (!state.is_over() && !scheduled).then_some(kind)
}

/// A deployment or a runbook run: which machines it is limited to, and which it leaves out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReachRow {
    environment_id: String,
    #[serde(default)]
    specific_machine_ids: Option<Vec<String>>,
    #[serde(default)]
    excluded_machine_ids: Option<Vec<String>>,
}

impl ReachRow {
    fn into_reach(self) -> Reach {
        let ids =
            |ids: Option<Vec<String>>| ids.unwrap_or_default().into_iter().map(TargetId).collect();
        Reach {
            environment: self.environment_id,
            only: ids(self.specific_machine_ids),
            without: ids(self.excluded_machine_ids),
        }
    }
}
