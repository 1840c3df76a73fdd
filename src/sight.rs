//! Reads Octopus, then Azure. In that order, always: a machine that registers between the two must not look stale.

use crate::azure::{Azure, Mode, NotFound, ScaleSetId, not_found};
use crate::console::{Console, Level};
use crate::error::{Error, ServiceError};
use crate::http::{Deadline, Http};
use crate::octopus::{EnvironmentRoles, Octopus, OwnTask, Server, Writer};
use crate::reconcile::identity::Seat;
use crate::reconcile::outputs::{self, Deployable};
use crate::reconcile::plan::{Plan, Verdict};
use crate::reconcile::{Instance, Look, Target};
use crate::settings::{CallerKind, ProblemHandling, Settings};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// Both services, what the run is told, and where it reports to.
#[derive(Debug)]
pub struct Services<'a> {
    /// What the run is told.
    pub settings: &'a Settings,
    /// Where it reports to.
    pub log: &'a Console,
    /// The space of the run.
    pub octopus: Octopus,
    /// What changes something there.
    pub writer: Writer,
    /// Azure.
    pub azure: Azure,
    /// The environment of the run.
    pub environment: String,
    /// When the phase ends.
    pub phase_end: Mutex<Deadline>,
}

/// What was read at one time.
#[derive(Debug)]
pub struct Sight {
    /// For the policy.
    pub look: Look,
    /// How each scale set of the run manages its machines, in the order of the settings.
    pub modes: Vec<Mode>,
    /// When the last answer was in.
    pub taken: Instant,
}

impl<'a> Services<'a> {
    /// Prepares both clients; by hand, looks up the names of space and environment.
    ///
    /// # Errors
    /// Settings that only the clients can judge, or a lookup that failed.
    pub fn connect(settings: &'a Settings, log: &'a Console) -> Result<Self, Error> {
        let http = Arc::new(Http::new(settings.tuning.requests)?);
        http.warning.iter().for_each(|warning| log.warn(warning));
        let server = Arc::new(Server::new(
            &http,
            settings.octopus_url.clone(),
            settings.octopus_key.clone(),
        ));
        let azure = Azure::connect(&settings.account, &http)
            .map_err(|problem| Error::Settings(vec![problem]))?;
        let deadline = Deadline::within(settings.tuning.phase);
        let (space, environment) = (&settings.space, &settings.environment);
        let by_hand = settings.caller.task.is_none();
        let space = if by_hand {
            server.space_id(space, deadline)?
        } else {
            space.clone()
        };
        let octopus = Octopus::new(&server, space);
        let environment = if by_hand {
            octopus.environment_id(environment, deadline)?
        } else {
            environment.clone()
        };
        Ok(Self {
            settings,
            log,
            writer: Writer::new(&octopus, settings.dry_run),
            octopus,
            azure,
            environment,
            phase_end: Mutex::new(deadline),
        })
    }

    /// Starts a phase that must end within its time.
    pub fn begin_phase(&self) {
        self.set_phase_end(Deadline::within(self.settings.tuning.phase));
    }

    /// Sets when the phase ends.
    pub fn set_phase_end(&self, deadline: Deadline) {
        let mut end = self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *end = deadline;
    }

    /// When the phase ends.
    pub fn deadline(&self) -> Deadline {
        *self
            .phase_end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The run's own task, which never counts.
    pub fn own_task(&self) -> OwnTask<'_> {
        let run = &self.settings.caller;
        OwnTask {
            id: run.task.as_deref(),
            is_runbook_run: run.kind == CallerKind::RunbookRun,
        }
    }

    /// Reads the targets, then the scale sets.
    ///
    /// # Errors
    /// Anything but complete listings.
    pub fn look(&self) -> Result<(Sight, EnvironmentRoles), Error> {
        self.begin_phase();
        let Settings { roles, tenant, .. } = self.settings;
        let (targets, census) =
            self.octopus
                .targets(&self.environment, roles, tenant.as_ref(), self.deadline())?;
        Ok((self.look_at_machines(targets)?, census))
    }

    /// Reads the scale sets only, for targets that were read before.
    ///
    /// # Errors
    /// A scale set that cannot be read, also where another one could be.
    pub fn look_at_machines(&self, targets: Vec<Target>) -> Result<Sight, Error> {
        self.begin_phase();
        let run = &self.settings.scale_sets;
        let (mut groups, mut modes, mut failures) = (Vec::new(), Vec::new(), Vec::new());
        for id in run {
            match self.azure.read_group(id, run, self.deadline()) {
                Ok((group, mode)) => {
                    groups.push(group);
                    modes.push(mode);
                }
                Err(error) => failures.push((id, error)),
            }
        }
        let look = Look { targets, groups };
        // Where one cannot be read, another that is gone must not have anybody delete its targets.
        let unreadable = failures
            .iter()
            .position(|(_, error)| !is_gone(error))
            .unwrap_or_default();
        match failures.into_iter().nth(unreadable) {
            None => Ok(Sight {
                look,
                modes,
                taken: Instant::now(),
            }),
            Some((id, error)) if is_gone(&error) => {
                Err(self.scale_set_gone(id, error, &look).into())
            }
            Some((_, error)) => Err(error.into()),
        }
    }

    /// A scale set that is not there says nothing about its machines; but people must learn what is left of it.
    fn scale_set_gone(&self, id: &ScaleSetId, error: ServiceError, look: &Look) -> ServiceError {
        let plan = Plan::make(look, self.settings.rules, SystemTime::now());
        let unmatched = |verdict: &Verdict| match verdict {
            Verdict::Stale(_)
            | Verdict::Deferred(_)
            | Verdict::Referenced(_)
            | Verdict::Foreign(_) => true,
            Verdict::Ignored
            | Verdict::Kept(_)
            | Verdict::Leaving
            | Verdict::Detached(_)
            | Verdict::Done => false,
        };
        let verdicts = look.targets.iter().zip(&plan.verdicts);
        let left: Vec<&str> = verdicts
            .filter(|(_, v)| unmatched(v))
            .map(|(t, _)| t.name.as_str())
            .collect();
        let left = if left.is_empty() {
            "no target that carries the roles is without a machine".to_owned()
        } else {
            format!(
                "these targets carry the roles and match nothing, delete them by hand: {}",
                left.join(", ")
            )
        };
        let next = format!(
            "{}. A misspelt name looks the same, and then its machines are alive. If {id} was deleted: before deleting a scale set, scale it to 0 and let a run finish; {left}",
            error.next
        );
        ServiceError { next, ..error }
    }

    /// Which of the kept targets to deploy to. In a deployment, not those whose machine is known to be off.
    pub fn deployable(&self, sight: &Sight, plan: &Plan) -> Deployable {
        let any_kept = plan
            .verdicts
            .iter()
            .any(|verdict| matches!(verdict, Verdict::Kept(_)));
        let asked = any_kept && self.settings.caller.kind == CallerKind::Deployment;
        let off = if asked {
            self.machines_off(sight, "Nobody is left out of the deployment for being off")
        } else {
            HashSet::new()
        };
        outputs::deployable(&sight.look, plan, self.settings.tenant.is_some(), &off)
    }

    /// The machines of the scale sets that are known to be off. Where that cannot be read nobody is, and `then` says what
    /// follows.
    pub fn machines_off(&self, sight: &Sight, then: &str) -> HashSet<Seat> {
        self.begin_phase();
        let mut off = HashSet::new();
        for (group, (id, mode)) in self
            .settings
            .scale_sets
            .iter()
            .zip(&sight.modes)
            .enumerate()
        {
            let names = match self.azure.machines_off(id, *mode, self.deadline()) {
                Ok(names) => names,
                Err(error) => {
                    self.log.warn(format_args!("{error} {then}"));
                    continue;
                }
            };
            let instances = sight.look.groups[group].instances.iter().enumerate();
            let is_off =
                |instance: &Instance| names.contains(&instance.resource_name.to_lowercase());
            off.extend(instances.filter(|(_, i)| is_off(i)).map(|(index, _)| Seat {
                group,
                member: true,
                index,
            }));
        }
        off
    }

    /// How bad it is that something was held back or not removed.
    pub fn problem_level(&self) -> Level {
        match self.settings.problem_handling {
            ProblemHandling::Warn => Level::Warning,
            ProblemHandling::Fail => Level::Error,
        }
    }
}

/// Azure says that the scale set does not exist, or its resource group.
fn is_gone(error: &ServiceError) -> bool {
    match not_found(error) {
        None | Some(NotFound::Subscription | NotFound::Kind) => false,
        Some(NotFound::ResourceGroup | NotFound::Parent | NotFound::Itself | NotFound::Unsaid) => {
            true
        }
    }
}
