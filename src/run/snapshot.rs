//! Who is asked, and what they say: Octopus first, then Azure. In that order, always: a machine that registers between the
//! two must not look stale.

use crate::azure::{Azure, NotFound, ScaleSetId, not_found};
use crate::console::Console;
use crate::error::{Error, ServiceError};
use crate::http::{Deadline, Http};
use crate::octopus::{EnvironmentRoles, Octopus, Server, Writer};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Instance, ScalingGroup, Snapshot, Target};
use crate::reconcile::verdict::Verdict;
use crate::report::names_of;
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
    /// When the last answer was in.
    pub at: Instant,
}

/// Reads the targets, then the instances.
///
/// # Errors
/// Anything but complete listings.
pub fn take(clients: &Clients, settings: &Settings) -> Result<Taken, Error> {
    let Settings { roles, tenant, .. } = settings;
    let deadline = Deadline::within(settings.tuning.phase);
    let (targets, roles) =
        clients
            .octopus
            .targets(&clients.environment, roles, tenant.as_ref(), deadline)?;
    let targets = targets.into_iter().map(Arc::new).collect();
    let snapshot = take_instances(clients, settings, targets)?;
    let at = Instant::now();
    Ok(Taken {
        snapshot,
        roles,
        at,
    })
}

/// Reads the instances only, for targets that were read before.
///
/// # Errors
/// A scale set that cannot be read, also where another one could be.
pub fn take_instances(
    clients: &Clients,
    settings: &Settings,
    targets: Vec<Arc<Target>>,
) -> Result<Snapshot, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let of_run = &settings.scale_sets;
    let (mut groups, mut failures) = (Vec::new(), Vec::new());
    for id in of_run {
        match clients.azure.scaling_group(id, of_run, deadline) {
            Ok(group) => groups.push(group),
            Err(error) => failures.push((id, error)),
        }
    }
    let snapshot = Snapshot { targets, groups };
    match worst(failures) {
        None => Ok(snapshot),
        Some((id, error)) => Err(explain_gone(clients, settings, id, error, &snapshot).into()),
    }
}

/// Of several scale sets that could not be read the one to tell of: where one cannot be read, another that is gone must not
/// have anybody delete its targets.
fn worst(failures: Vec<(&ScaleSetId, ServiceError)>) -> Option<(&ScaleSetId, ServiceError)> {
    let unreadable = failures.iter().position(|(_, error)| !is_gone(error));
    failures.into_iter().nth(unreadable.unwrap_or_default())
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

/// The same error; of a scale set that is not found also what else there is. Never the names of targets: a misspelt name looks
/// the same, and somebody would delete what lives.
fn explain_gone(
    clients: &Clients,
    settings: &Settings,
    id: &ScaleSetId,
    error: ServiceError,
    snapshot: &Snapshot,
) -> ServiceError {
    if !is_gone(&error) {
        return error;
    }
    let plan = Plan::make(snapshot, settings.rules, SystemTime::now());
    let unmatched = plan.rows.iter().filter(|row| match row.verdict {
        Verdict::Stale
        | Verdict::Deferred(_)
        | Verdict::Answers(_)
        | Verdict::Untested(_)
        | Verdict::Referenced(_)
        | Verdict::Foreign(_) => true,
        Verdict::Ignored
        | Verdict::Kept
        | Verdict::Leaving
        | Verdict::Detached(_)
        | Verdict::Done => false,
    });
    let next = format!(
        "{}. {}. A misspelt name looks like one that was deleted, and then its machines are alive. Before deleting a scale set, scale it to 0 and let a run finish; targets that carry the roles and match no instance that was read: {}",
        error.next,
        what_is_there(clients, settings, id),
        unmatched.count()
    );
    ServiceError { next, ..error }
}

/// The scale sets of its resource group, and the one of them whose name is the nearest.
fn what_is_there(clients: &Clients, settings: &Settings, id: &ScaleSetId) -> String {
    let deadline = Deadline::within(settings.tuning.phase);
    let group = format!("Resource group {}", id.group);
    match clients.azure.scale_sets_beside(id, deadline) {
        Ok(names) if names.is_empty() => format!("{group} has no scale set that this account sees"),
        Ok(names) => {
            let wanted = id.name.to_lowercase();
            let distance = |name: &&String| strsim::levenshtein(&name.to_lowercase(), &wanted);
            let nearest = names.iter().min_by_key(distance).map_or("", String::as_str);
            let all = names_of(names.iter().map(String::as_str));
            format!("{group} has {all}; the nearest name is {nearest}")
        }
        Err(error) => format!("{group}: what it has could not be read ({error})"),
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
