//! Who is asked, and what they say: Octopus first, then Azure. In that order, always: a machine that registers between the
//! two must not look stale.

use super::missing;
use crate::azure::{Azure, NotFound, not_found};
use crate::console::Console;
use crate::error::{Error, ServiceError};
use crate::http::{Deadline, Http};
use crate::octopus::{EnvironmentRoles, Octopus, Server, Writer};
use crate::reconcile::snapshot::{Instance, MissingGroup, ScalingGroup, Snapshot, Target};
use crate::report::{self, NotFoundHere};
use crate::settings::Settings;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Who is asked, and who is told to change something.
#[derive(Debug)]
pub struct Clients {
    /// Octopus Server, bound to the run's space.
    pub octopus: Octopus,
    /// What changes something there.
    pub writer: Writer,
    /// Azure.
    pub azure: Azure,
    /// The id of the environment whose targets are read.
    pub environment: String,
}

/// Prepares both clients; by hand, looks up the names of space and environment.
///
/// # Errors
/// Settings that only the clients can judge, or a lookup that failed.
pub fn connect(settings: &Settings, console: &Console) -> Result<Clients, Error> {
    let http = Arc::new(Http::new(settings.tuning.requests)?);
    console.watch(&http.watch);
    http.warning
        .iter()
        .for_each(|warning| console.warn(warning));
    let azure = Azure::connect(&settings.account, &http)
        .map_err(|problem| Error::Settings(vec![problem]))?;
    let (url, key) = (settings.octopus_url.clone(), settings.octopus_key.clone());
    let server = Arc::new(Server::new(&http, url, key));
    let (space, environment) = (&settings.space, &settings.environment);
    let (octopus, environment) = match settings.caller.task {
        Some(_) => (Octopus::new(&server, space.clone()), environment.clone()),
        None => {
            let deadline = Deadline::within(settings.tuning.phase);
            let octopus = Octopus::new(&server, server.space_id(space, deadline)?);
            let environment = octopus.environment_id(environment, deadline)?;
            (octopus, environment)
        }
    };
    Ok(Clients {
        writer: Writer::new(&octopus, settings.dry_run),
        octopus,
        azure,
        environment,
    })
}

/// A snapshot, and what was learned beside it.
#[derive(Debug)]
pub struct Taken {
    /// For the policy.
    pub snapshot: Snapshot,
    /// Which roles the targets of the environment carry.
    pub roles: EnvironmentRoles,
    /// When the first question was asked.
    pub asked: SystemTime,
    /// When the last answer was in.
    pub at: Instant,
}

/// What a snapshot is for.
#[derive(Debug, Clone, Copy)]
pub enum Look<'a> {
    /// A plan is to be made of it; where it cannot be, the console gets the report.
    First(&'a Console),
    /// A plan stands on this one, whose scale sets must still be there.
    Again(&'a Snapshot),
}

/// Reads the targets, then the instances.
///
/// # Errors
/// Anything but complete listings.
pub fn take(clients: &Clients, settings: &Settings, look: Look<'_>) -> Result<Taken, Error> {
    let Settings { roles, tenant, .. } = settings;
    let asked = SystemTime::now();
    let deadline = Deadline::within(settings.tuning.phase);
    let (targets, roles) =
        clients
            .octopus
            .targets(&clients.environment, roles, tenant.as_ref(), deadline)?;
    let targets = targets.into_iter().map(Arc::new).collect();
    let snapshot = take_instances(clients, settings, targets, look)?;
    let at = Instant::now();
    Ok(Taken {
        snapshot,
        roles,
        asked,
        at,
    })
}

/// Reads the instances only, for targets that were read before.
///
/// # Errors
/// A scale set that cannot be read, also where another one could be; one that is not found, unless it is sure that it does
/// not exist, and another one could be read.
pub fn take_instances(
    clients: &Clients,
    settings: &Settings,
    targets: Vec<Arc<Target>>,
    look: Look<'_>,
) -> Result<Snapshot, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let of_run = &settings.scale_sets;
    let (mut found, mut groups, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    let mut unreadable = None;
    for id in of_run {
        match clients.azure.scaling_group(id, of_run, deadline) {
            Ok(group) => {
                found.push(id.clone());
                groups.push(group);
            }
            Err(error) if is_gone(&error) => gone.push(NotFoundHere { id, error }),
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    // Where one cannot be read, another that is gone must not have anybody delete its targets.
    if let Some(error) = unreadable {
        return Err(error.into());
    }
    let mut snapshot = Snapshot {
        targets,
        groups,
        missing: Vec::new(),
    };
    if !gone.is_empty() {
        snapshot.missing = accept(clients, settings, &snapshot, &gone, look)?;
        // A machine that still names a missing one as its own stands beside those that are there.
        let again = found
            .iter()
            .map(|id| clients.azure.scaling_group(id, &found, deadline));
        snapshot.groups = again.collect::<Result<_, _>>()?;
    }
    Ok(snapshot)
}

/// Those that are missing. One that was there when the plan was made is none of them.
fn accept(
    clients: &Clients,
    settings: &Settings,
    snapshot: &Snapshot,
    gone: &[NotFoundHere<'_>],
    look: Look<'_>,
) -> Result<Vec<MissingGroup>, ServiceError> {
    if let Look::Again(before) = look {
        let was_there = |it: &&NotFoundHere<'_>| before.group(&it.id.group_id()).is_some();
        if let Some(vanished) = gone.iter().find(was_there) {
            return Err(report::vanished(vanished));
        }
    }
    let held = match missing::accept(&clients.azure, settings, snapshot, gone) {
        Ok(missing) => return Ok(missing),
        Err(held) => held,
    };
    match look {
        Look::First(console) => {
            report::attach_unmatched(settings, console, &held.error, &held.unmatched);
        }
        // The plan that stands has its own report.
        Look::Again(_) => {}
    }
    Err(held.error)
}

/// Azure says that the scale set does not exist, or its resource group.
fn is_gone(error: &ServiceError) -> bool {
    match not_found(error) {
        Some(NotFound::ResourceGroup | NotFound::Parent | NotFound::Itself | NotFound::Unsaid) => {
            true
        }
        Some(NotFound::Subscription | NotFound::Kind) | None => false,
    }
}

/// The instances that are known to be off.
#[derive(Debug, Default)]
pub struct Off(pub Vec<Arc<Instance>>);

impl Off {
    /// Whether one of them is known by this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.0.iter().any(|instance| instance.name() == name)
    }
}

/// The instances that are known to be off. Where that cannot be read nobody is, and `then` says what follows.
pub fn machines_off(
    azure: &Azure,
    settings: &Settings,
    console: &Console,
    groups: &[ScalingGroup],
    then: &str,
) -> Off {
    let deadline = Deadline::within(settings.tuning.phase);
    let mut off = Off::default();
    for group in groups {
        match azure.machines_off(group, deadline) {
            Ok(names) => {
                let instances = group.instances.iter();
                let is_off = |i: &&Arc<Instance>| names.contains(&i.resource_name.to_lowercase());
                off.0.extend(instances.filter(is_off).cloned());
            }
            Err(error) => console.warn(format_args!("{error} {then}")),
        }
    }
    off
}
