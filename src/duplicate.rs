//! Is this run a duplicate, and which targets are old. Who is asked, and when; what the answers mean is decided in
//! [`crate::reconcile::history`].
//!
//! What cannot be read is no duplicate and makes nobody old: deploying twice is safe, not deploying is not.

mod record;

use crate::error::ServiceError;
use crate::octopus::{Deployment, LogLines};
use crate::reconcile::history::{self, Earlier, Record, Run};
use crate::reconcile::outputs::{Deployable, LeftOut};
use crate::reconcile::{Look, Target, TargetId};
use crate::settings::{CallerKind, DryRun, DuplicateHandling, ExcludeOldServers};
use crate::sight::Services;
use crate::workers::{self, WORKERS};
use std::collections::HashSet;
use std::time::SystemTime;

pub use record::record;

/// What is known of the runs before this one.
#[derive(Debug, Default)]
pub struct Past {
    /// The runs of this deployment, this one included.
    runs: Vec<Run>,
    /// This one, as the audit log tells it.
    own: Run,
    /// When this run was queued, whoever tells.
    queued: Option<SystemTime>,
    /// Something could not be read, which was said.
    unreadable: bool,
    /// What the deployment says; `None` if it could not be read, or this is no deployment.
    deployment: Option<Deployment>,
    /// The tasks whose logs may hold a record.
    tasks: Vec<String>,
}

/// Why this run is a duplicate.
#[derive(Debug)]
pub struct Duplicate(Earlier);

impl Duplicate {
    /// The task of the run that it repeats, and when that succeeded.
    #[must_use]
    pub fn of(&self) -> (&str, SystemTime) {
        (&self.0.record.task, self.0.succeeded)
    }
}

impl Services<'_> {
    /// Reads what the audit log and the deployment say of this run and those before it. A run that nobody asked to tell
    /// duplicates or old servers asks nothing.
    pub fn past(&self) -> Past {
        let mut past = Past::default();
        if !self.tells_duplicates()
            && self.settings.redeployments.old_servers == ExcludeOldServers::No
        {
            return past;
        }
        self.begin_phase();
        let run = &self.settings.caller;
        let Some(document) = &run.document else {
            past.queued = Some(SystemTime::now());
            return past;
        };
        if let Err(error) = self.read_past(document, &mut past) {
            self.log.warn(format_args!(
                "{error} What cannot be read makes this run no duplicate, and no server old"
            ));
            return Past {
                unreadable: true,
                ..Past::default()
            };
        }
        past
    }

    fn tells_duplicates(&self) -> bool {
        let run = &self.settings.caller;
        run.triggered
            && run.kind == CallerKind::Deployment
            && !self.settings.redeployments.window.is_zero()
    }

    fn read_past(&self, document: &str, past: &mut Past) -> Result<(), ServiceError> {
        let run = &self.settings.caller;
        let events = self.octopus.events_of(document, self.deadline())?;
        let of_events = events.iter().filter_map(|event| event.task.clone());
        past.tasks = run.task.iter().cloned().chain(of_events).collect();
        past.runs = history::runs(events);
        past.own = history::own_run(&past.runs, run.task.as_deref())
            .cloned()
            .unwrap_or_default();
        if run.kind == CallerKind::Deployment {
            let deployment = self.octopus.deployment(document, self.deadline())?;
            past.tasks.extend(deployment.task.clone());
            past.deployment = Some(deployment);
        }
        past.queued = match (past.own.queued, &run.task) {
            (None, Some(task))
                if self.settings.redeployments.old_servers == ExcludeOldServers::Yes =>
            {
                let attempted = format!("read when {task} was queued");
                let own = self.octopus.task(task, &attempted, self.deadline())?;
                own.queued
            }
            (queued, _) => queued,
        };
        let mut seen = HashSet::new();
        past.tasks
            .retain(|task| seen.insert(task.to_ascii_lowercase()));
        Ok(())
    }

    /// Leaves the old servers out of what is handed out, where that is asked for; and tells whether this run is a duplicate
    /// of an earlier one, which hands out nothing.
    pub fn hand_out(
        &self,
        past: &Past,
        look: &Look,
        deployable: &mut Deployable,
    ) -> Option<Duplicate> {
        if self.settings.redeployments.old_servers == ExcludeOldServers::Yes {
            self.leave_out_old(past, look, deployable);
        }
        // Where there is nothing to hand out, nothing is handed out twice.
        if !self.tells_duplicates() || deployable.targets.is_empty() {
            return None;
        }
        let chosen: Vec<&Target> = deployable
            .targets
            .iter()
            .map(|index| &look.targets[*index])
            .collect();
        self.duplicate(past, &chosen).unwrap_or_else(|error| {
            self.log.warn(format_args!(
                "{error} Whether this run is a duplicate could not be learned, so it counts as none"
            ));
            None
        })
    }

    fn leave_out_old(&self, past: &Past, look: &Look, deployable: &mut Deployable) {
        let Some(queued) = past.queued else {
            if !past.unreadable {
                self.log
                    .warn("When this run was queued is not known, so no server counts as old");
            }
            return;
        };
        let named = past.deployment.iter().flat_map(|it| &it.named);
        let named: HashSet<&TargetId> = named.collect();
        let id = |index: usize| &look.targets[index].id;
        let asked: Vec<&TargetId> = deployable
            .targets
            .iter()
            .map(|index| id(*index))
            .filter(|id| !named.contains(id))
            .collect();
        self.begin_phase();
        let registered = match self.octopus.registrations(&asked, self.deadline()) {
            Ok(registered) => registered,
            Err(error) => {
                self.log
                    .warn(format_args!("{error} No server counts as old"));
                return;
            }
        };
        let unknown = asked.iter().filter(|id| !registered.contains_key(id));
        let unknown = unknown.count();
        if unknown > 0 {
            self.log.warn(format_args!(
                "The audit log does not say when {unknown} of {} targets were registered, so these do not count as old (VMSS.OldServers.ExcludeFromOutput)",
                asked.len()
            ));
        }
        let asked: HashSet<&TargetId> = asked.into_iter().collect();
        let window = self.settings.redeployments.window;
        let is_old = |index: usize| {
            let registered = registered.get(id(index)).copied();
            asked.contains(id(index)) && history::is_old(registered, queued, window)
        };
        deployable.leave_out(is_old, LeftOut::Old);
    }

    fn duplicate(
        &self,
        past: &Past,
        chosen: &[&Target],
    ) -> Result<Option<Duplicate>, ServiceError> {
        let near =
            history::near_successes(&past.runs, &past.own, self.settings.redeployments.window);
        if near.is_empty() {
            return Ok(None);
        }
        self.begin_phase();
        let may_have_run = |task: &&String| near.iter().any(|run| run.is_of(Some(task)));
        let records = self.records(past.tasks.iter().filter(may_have_run))?;
        for run in near {
            let Some(earlier) = history::with_record(&past.runs, run, &records) else {
                continue;
            };
            if chosen.iter().all(|target| earlier.has(target)) && self.reached(&earlier, chosen)? {
                return Ok(Some(Duplicate(earlier)));
            }
        }
        Ok(None)
    }

    /// What this step recorded in the logs of these tasks. A task that was deleted has none.
    fn records<'t>(
        &self,
        tasks: impl Iterator<Item = &'t String>,
    ) -> Result<Vec<Record>, ServiceError> {
        let step = &self.settings.caller.step;
        let mut records = Vec::new();
        for task in tasks {
            match self
                .octopus
                .task_details(task, LogLines::All, self.deadline())
            {
                Ok(details) => records.extend(record::read(&details, task, step)),
                Err(error) if error.status() == Some(404) => log::debug!("{error}"),
                Err(error) => return Err(error),
            }
        }
        Ok(records)
    }

    /// Whether one project really deployed to all of them since. Stops asking where none is left that did.
    fn reached(&self, earlier: &Earlier, chosen: &[&Target]) -> Result<bool, ServiceError> {
        let mut projects: Option<HashSet<Option<String>>> = None;
        for some in chosen.chunks(WORKERS) {
            let histories = workers::map(some, |target| {
                self.octopus.past_deployments(&target.id, self.deadline())
            });
            for history in histories {
                let mut by = earlier.reached_by(&history?);
                if let Some(before) = projects.take() {
                    by.retain(|project| before.contains(project));
                }
                if by.is_empty() {
                    return Ok(false);
                }
                projects = Some(by);
            }
        }
        Ok(true)
    }

    /// Cancels this run's own task, where it is a duplicate and that is asked for. The outputs are set by now.
    pub fn cancel_duplicate(&self, duplicate: Option<&Duplicate>) {
        let (Some(_), DuplicateHandling::Cancel, Some(task)) = (
            duplicate,
            self.settings.redeployments.duplicates,
            &self.settings.caller.task,
        ) else {
            return;
        };
        if self.settings.dry_run == DryRun::Yes {
            self.log
                .info(format_args!("Dry run: {task} would be cancelled"));
            return;
        }
        self.log.info(format_args!(
            "Cancelling {task}, this run's own task, because it is a duplicate (VMSS.Duplicate.Handle)"
        ));
        self.begin_phase();
        if let Err(error) = self.writer.cancel(task, self.deadline()) {
            self.log.warn(format_args!(
                "{error} The run goes on as a duplicate that hands out nothing"
            ));
        }
    }
}
