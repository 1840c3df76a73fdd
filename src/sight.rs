//! Reads Octopus, then Azure. In that order, always: a machine that registers between the two must not look stale.

use crate::azure::{Azure, Mode, ScaleSetId};
use crate::error::{Error, ServiceError};
use crate::http::Http;
use crate::octopus::{Asker, Inventory, Octopus, Scope};
use crate::reconcile::plan::{Plan, Verdict};
use crate::reconcile::{Group, Look};
use crate::settings::{RunKind, Settings};
use crate::task_log::TaskLog;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Both services, what the run is told, and where it reports to.
#[derive(Debug)]
pub struct Services<'a> {
    /// What the run is told.
    pub settings: &'a Settings,
    /// Where it reports to.
    pub log: &'a TaskLog,
    /// The one HTTP stack.
    pub http: Arc<Http>,
    /// Octopus Server.
    pub octopus: Octopus,
    /// Azure.
    pub azure: Azure,
    /// Where the targets are.
    pub scope: Scope,
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
    pub fn connect(settings: &'a Settings, log: &'a TaskLog) -> Result<Self, Error> {
        let http = Arc::new(Http::new(settings.tuning)?);
        let octopus = Octopus::new(
            &http,
            settings.octopus_url.clone(),
            settings.octopus_key.clone(),
        );
        let azure = Azure::connect(&settings.account, &http)
            .map_err(|problem| Error::Settings(vec![problem]))?;
        http.begin_phase();
        let (space, environment) = (settings.space.clone(), settings.environment.clone());
        let scope = match settings.run.task {
            Some(_) => Scope { space, environment },
            None => octopus.scope_by_hand(&space, &environment)?,
        };
        Ok(Self {
            settings,
            log,
            http,
            octopus,
            azure,
            scope,
        })
    }

    /// The run's own task, which never counts.
    pub fn asker(&self) -> Asker<'_> {
        let run = &self.settings.run;
        Asker {
            task: run.task.as_deref(),
            is_runbook_run: run.kind == RunKind::Runbook,
        }
    }

    /// Reads the targets, then the scale sets.
    ///
    /// # Errors
    /// Anything but complete listings.
    pub fn look(&self) -> Result<(Sight, Inventory), Error> {
        let mut inventory = self.inventory()?;
        let targets = std::mem::take(&mut inventory.targets);
        Ok((self.look_at_machines(targets)?, inventory))
    }

    fn inventory(&self) -> Result<Inventory, Error> {
        self.http.begin_phase();
        let Settings { roles, tenant, .. } = self.settings;
        Ok(self
            .octopus
            .inventory(&self.scope, roles, tenant.as_ref())?)
    }

    /// Reads the scale sets only, for targets that were read before.
    ///
    /// # Errors
    /// A scale set that cannot be read, also where another one could be.
    pub fn look_at_machines(&self, targets: Vec<crate::reconcile::Target>) -> Result<Sight, Error> {
        self.http.begin_phase();
        let run = &self.settings.scale_sets;
        let (mut groups, mut modes) = (Vec::new(), Vec::new());
        let mut failed: Option<(&ScaleSetId, ServiceError)> = None;
        for id in run {
            match self.azure.read_group(id, run) {
                Ok((group, mode)) => {
                    groups.push(group);
                    modes.push(mode);
                }
                Err(error) if failed.is_none() => failed = Some((id, error)),
                Err(_) => {}
            }
        }
        let look = Look { targets, groups };
        match failed {
            None => Ok(Sight {
                look,
                modes,
                taken: Instant::now(),
            }),
            Some((id, error)) if error.status() == Some(404) => {
                Err(self.scale_set_gone(id, error, &look).into())
            }
            Some((_, error)) => Err(error.into()),
        }
    }

    /// Reads the scale sets only, for waiting.
    ///
    /// # Errors
    /// A scale set that cannot be read.
    pub fn groups(&self) -> Result<Vec<Group>, Error> {
        Ok(self.look_at_machines(Vec::new())?.look.groups)
    }

    /// A scale set that is not there says nothing about its machines; but people must learn what is left of it.
    fn scale_set_gone(&self, id: &ScaleSetId, error: ServiceError, look: &Look) -> ServiceError {
        let plan = Plan::make(look, self.settings.rules, SystemTime::now());
        let unmatched = |verdict: &Verdict| {
            matches!(
                verdict,
                Verdict::Stale(_)
                    | Verdict::Deferred(_)
                    | Verdict::Referenced(_)
                    | Verdict::Foreign(_)
            )
        };
        let left: Vec<&str> = look
            .targets
            .iter()
            .zip(&plan.verdicts)
            .filter(|(_, v)| unmatched(v))
            .map(|(t, _)| t.name.as_str())
            .collect();
        let mut next = format!("{}. If {id} was deleted: ", error.next);
        next.push_str("before deleting a scale set, scale it to 0 and let a run finish. ");
        next.push_str(&if left.is_empty() {
            "No target that carries the roles is without a machine".to_owned()
        } else {
            format!("Nothing was removed; these targets carry the roles and match nothing, delete them by hand: {}", left.join(", "))
        });
        ServiceError { next, ..error }
    }
}
