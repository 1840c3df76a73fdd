//! What happened before this run, and what that says of the list of targets to deploy to.

use super::history::{self, Earlier, Execution, Record};
use super::reading::{
    Deployment, deployment, events_of, past_deployments, read_records, registrations,
};
use crate::console::Console;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::{LogLines, Octopus, Writer, Written};
use crate::reconcile::deploy_list::{DeployList, LeftOut};
use crate::reconcile::snapshot::{Target, TargetId};
use crate::settings::{CallerKind, DuplicateHandling, ExcludeOldServers, Settings};
use crate::workers::{self, WORKERS};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

/// What is known of the executions before this run.
#[derive(Debug, Default)]
pub struct Past {
    /// The executions of this deployment, this run's included.
    executions: Vec<Execution>,
    /// This run's, as the audit log tells it.
    own: Execution,
    /// When this run was queued, whoever tells.
    queued: Option<SystemTime>,
    /// Something could not be read, which was said.
    unreadable: bool,
    /// What the deployment says; `None` if it could not be read, or this is no deployment.
    deployment: Option<Deployment>,
    /// The tasks whose logs may hold a record.
    tasks: Vec<String>,
}

/// Reads what the audit log and the deployment say. A run that nobody asked to tell duplicates or old servers asks nothing.
pub fn read_past(octopus: &Octopus, settings: &Settings, console: &Console) -> Past {
    let mut past = Past::default();
    let leaves_out = settings.redeployments.old_servers == ExcludeOldServers::Yes;
    if !tells_duplicates(settings) && !leaves_out {
        return past;
    }
    let Some(document) = &settings.caller.document else {
        past.queued = Some(SystemTime::now());
        return past;
    };
    let deadline = Deadline::within(settings.tuning.phase);
    if let Err(error) = read(octopus, settings, document, &mut past, deadline) {
        console.warn(format_args!(
            "{error} What cannot be read makes this run no duplicate, and no server old."
        ));
        return Past {
            unreadable: true,
            ..Past::default()
        };
    }
    past
}

/// Whether a run of this kind can be a duplicate.
fn tells_duplicates(settings: &Settings) -> bool {
    let caller = &settings.caller;
    caller.trigger.is_some()
        && caller.kind == CallerKind::Deployment
        && !settings.redeployments.window.is_zero()
}

fn read(
    octopus: &Octopus,
    settings: &Settings,
    document: &str,
    past: &mut Past,
    deadline: Deadline,
) -> Result<(), ServiceError> {
    let caller = &settings.caller;
    let events = events_of(octopus, document, deadline)?;
    let of_events = events.iter().filter_map(|event| event.task.clone());
    past.tasks = caller.task.iter().cloned().chain(of_events).collect();
    past.executions = history::executions(events);
    past.own = history::own_execution(&past.executions, caller.task.as_deref())
        .cloned()
        .unwrap_or_default();
    if caller.kind == CallerKind::Deployment {
        let deployment = deployment(octopus, document, deadline)?;
        past.tasks.extend(deployment.task.clone());
        past.deployment = Some(deployment);
    }
    past.queued = match (
        past.own.queued,
        &caller.task,
        settings.redeployments.old_servers,
    ) {
        (None, Some(task), ExcludeOldServers::Yes) => {
            let attempted = format!("read when {task} was queued");
            octopus.task(task, &attempted, deadline)?.queued
        }
        (queued, _, _) => queued,
    };
    let mut seen = HashSet::new();
    past.tasks
        .retain(|task| seen.insert(task.to_ascii_lowercase()));
    Ok(())
}

/// Leaves the old servers out of what is handed out, where that is asked for; and tells whether this run is a duplicate of
/// an earlier one, which hands out nothing.
pub fn review(
    octopus: &Octopus,
    settings: &Settings,
    console: &Console,
    past: &Past,
    list: &mut DeployList,
) -> Option<Earlier> {
    if settings.redeployments.old_servers == ExcludeOldServers::Yes {
        leave_out_old(octopus, settings, console, past, list);
    }
    // Where there is nothing to hand out, nothing is handed out twice.
    if !tells_duplicates(settings) || list.targets.is_empty() {
        return None;
    }
    repeats(octopus, settings, past, &list.targets).unwrap_or_else(|error| {
        console.warn(format_args!(
            "{error} Whether this run is a duplicate could not be learned, so it counts as none."
        ));
        None
    })
}

fn leave_out_old(
    octopus: &Octopus,
    settings: &Settings,
    console: &Console,
    past: &Past,
    list: &mut DeployList,
) {
    let Some(queued) = past.queued else {
        if !past.unreadable {
            console.warn("When this run was queued is not known, so no server counts as old.");
        }
        return;
    };
    let named = past.deployment.iter().flat_map(|it| &it.named);
    let named: HashSet<&TargetId> = named.collect();
    let ids = list.targets.iter().map(|target| &target.id);
    let asked: Vec<TargetId> = ids.filter(|id| !named.contains(id)).cloned().collect();
    let deadline = Deadline::within(settings.tuning.phase);
    let registered = match registrations(octopus, &asked, deadline) {
        Ok(registered) => registered,
        Err(error) => {
            console.warn(format_args!("{error} No server counts as old."));
            return;
        }
    };
    let unknown = asked.iter().filter(|id| !registered.contains_key(id));
    let unknown = unknown.count();
    if unknown > 0 {
        console.warn(format_args!(
            "The audit log does not say when {unknown} of {} targets were registered, so these do not count as old (VMSS.OldServers.ExcludeFromOutput).",
            asked.len()
        ));
    }
    let asked: HashSet<&TargetId> = asked.iter().collect();
    let window = settings.redeployments.window;
    let is_old = |target: &Target| {
        let registered = registered.get(&target.id).copied();
        asked.contains(&target.id) && history::is_old(registered, queued, window)
    };
    list.leave_out(is_old, LeftOut::Old);
}

/// The earlier execution that this run repeats.
fn repeats(
    octopus: &Octopus,
    settings: &Settings,
    past: &Past,
    chosen: &[Arc<Target>],
) -> Result<Option<Earlier>, ServiceError> {
    let window = settings.redeployments.window;
    let near = history::near_successes(&past.executions, &past.own, window);
    if near.is_empty() {
        return Ok(None);
    }
    let deadline = Deadline::within(settings.tuning.phase);
    let may_be_of = |task: &&String| near.iter().any(|it| it.is_of(Some(task)));
    let tasks = past.tasks.iter().filter(may_be_of);
    let records = records(octopus, tasks, &settings.caller.step, deadline)?;
    for execution in near {
        let Some(earlier) = history::with_record(&past.executions, execution, &records) else {
            continue;
        };
        if chosen.iter().all(|target| earlier.has(target))
            && reached(octopus, &earlier, chosen, deadline)?
        {
            return Ok(Some(earlier));
        }
    }
    Ok(None)
}

/// What this step recorded in the logs of these tasks. A task that was deleted has none.
fn records<'t>(
    octopus: &Octopus,
    tasks: impl Iterator<Item = &'t String>,
    step: &str,
    deadline: Deadline,
) -> Result<Vec<Record>, ServiceError> {
    let mut records = Vec::new();
    for task in tasks {
        match octopus.task_log(task, LogLines::All, deadline) {
            Ok(log) => records.extend(read_records(&log, task, step)),
            Err(error) if error.status() == Some(404) => log::debug!("{error}"),
            Err(error) => return Err(error),
        }
    }
    Ok(records)
}

/// Whether one project really deployed to all of them since. Stops asking where none is left that did.
fn reached(
    octopus: &Octopus,
    earlier: &Earlier,
    chosen: &[Arc<Target>],
    deadline: Deadline,
) -> Result<bool, ServiceError> {
    let mut projects: Option<HashSet<Option<String>>> = None;
    for some in chosen.chunks(WORKERS) {
        let histories = workers::map(some, |it| past_deployments(octopus, &it.id, deadline));
        for (_, history) in histories {
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
pub fn cancel(
    writer: &Writer,
    settings: &Settings,
    console: &Console,
    duplicate: Option<&Earlier>,
) {
    let (Some(_), DuplicateHandling::Cancel, Some(task)) = (
        duplicate,
        settings.redeployments.duplicates,
        &settings.caller.task,
    ) else {
        return;
    };
    // Said before: the task may end with the request.
    if !writer.is_dry() {
        console.info(format_args!(
            "Cancelling {task}, this run's own task, because it is a duplicate (VMSS.Duplicate.Handle)"
        ));
    }
    match writer.cancel(task, Deadline::within(settings.tuning.phase)) {
        Ok(Written::Done(())) => {}
        Ok(Written::DryRun) => console.info(format_args!("Dry run: {task} would be cancelled")),
        Err(error) => console.warn(format_args!(
            "{error} The run goes on as a duplicate that hands out nothing."
        )),
    }
}
