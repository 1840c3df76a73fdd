//! Asks both servers for all that is judged, and changes nothing: no writer is made here, so that the client sends nothing but GET.
//! What does not depend on each other is asked at the same time.

mod access;
mod asking;
mod azure;
mod compare;
mod in_ids;
mod project;
mod refers;
mod step;

use self::asking::{Asking, with};
use super::seen::{NotAsked, Seen};
use super::set_up::{AzureSide, SetUp, TargetsSeen};
use crate::console::Console;
use crate::error::Error;
use crate::http::{Deadline, Http};
use crate::octopus::set_up::{EnvironmentPlace, Freeze, MachinePolicy, Rights, Trigger};
use crate::octopus::{Octopus, Server};
use crate::reconcile::snapshot::Target;
use crate::settings::{CheckSettings, Draft, Environment, Flags};
use crate::workers::{self, WORKERS, both};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

/// Reads everything.
///
/// # Errors
/// Settings that only the client can judge.
pub fn read(
    settings: &CheckSettings,
    told: (&Environment, &Flags),
    console: &Console,
) -> Result<SetUp, Error> {
    let http = Arc::new(Http::new(settings.tuning.requests)?);
    console.watch(&http.watch);
    http.warning
        .iter()
        .for_each(|warning| console.warn(warning));
    let (url, key) = (settings.octopus_url.clone(), settings.checker.clone());
    let server = Arc::new(Server::new(&http, url, key));
    let asking = Asking {
        settings,
        http,
        server,
        deadline: Deadline::within(settings.tuning.phase),
        tenanted: Draft::read(told.0, told.1).tenant.is_some(),
    };
    Ok(asking.everything(told))
}

/// What is read of the space, beside the project.
struct OfSpace {
    environment: Seen<EnvironmentPlace>,
    policies: Seen<Vec<MachinePolicy>>,
    triggers: Seen<Vec<Trigger>>,
    tenants: Seen<Vec<String>>,
}

impl Asking<'_> {
    fn everything(&self, told: (&Environment, &Flags)) -> SetUp {
        let settings = self.settings;
        let (server, until) = (&self.server, self.deadline);
        let now = SystemTime::now();
        let octopus = Seen::from(server.greeting(until));
        let checker = octopus.then(|_| server.me(until).into());
        let space = checker.then(|_| server.space_id(&settings.space, until).into());
        let client = space.then(|id| Seen::Known(Octopus::new(server, id.clone())));
        let (checkers_rights, checkers_key) = both(
            || {
                checker.then(|user| {
                    let rights = |octopus: &Octopus| octopus.rights_of(user, until).into();
                    client.then(rights)
                })
            },
            || checker.then(|user| self.checkers_key(user)),
        );
        let of_space = self.of_space(&client, &checkers_rights);
        let ((schedule, freezes), mut project) = both(
            || {
                both(
                    || self.schedule(&octopus, &checker, &space),
                    || of_space.environment.then(|it| self.freezes(it)),
                )
            },
            || project::read(self, &client, &of_space.environment, &checkers_rights),
        );
        let draft = step::draft_of(told, &mut project);
        let (targets, azure) = both(
            || self.targets(&client, &of_space.environment, &checkers_rights, &draft),
            || self.azure(&draft),
        );
        SetUp {
            now,
            address: settings.octopus_url.to_string(),
            space_told: settings.space.clone(),
            environment_told: settings.environment.clone(),
            runbook_told: settings.runbook.clone(),
            draft,
            octopus,
            checker,
            checkers_name: settings.checkers_name,
            checkers_rights,
            checkers_key,
            schedule,
            space,
            environment: of_space.environment,
            policies: of_space.policies,
            triggers: of_space.triggers,
            tenants: of_space.tenants,
            freezes,
            targets,
            azure,
            project,
        }
    }

    fn of_space(&self, client: &Seen<Octopus>, rights: &Seen<Rights>) -> OfSpace {
        let until = self.deadline;
        let environment = |octopus: &Octopus| {
            let id = octopus.environment_id(&self.settings.environment, until);
            id.and_then(|id| octopus.environment(&id, until)).into()
        };
        let ((environment, policies), (triggers, tenants)) = both(
            || {
                both(
                    || client.then(environment),
                    || {
                        client.then(|octopus| {
                            with(rights, "MachinePolicyView", || octopus.policies(until))
                        })
                    },
                )
            },
            || {
                both(
                    || {
                        client.then(|octopus| {
                            with(rights, "TriggerView", || octopus.all_triggers(until))
                        })
                    },
                    || {
                        client.then(|octopus| {
                            with(rights, "TenantView", || octopus.tenant_ids(until))
                        })
                    },
                )
            },
        );
        OfSpace {
            environment,
            policies,
            triggers,
            tenants,
        }
    }

    /// A server that knows no freezes has none.
    fn freezes(&self, environment: &EnvironmentPlace) -> Seen<Vec<Freeze>> {
        let answer = self.server.freezes(&environment.id, self.deadline);
        Seen::from(answer.map(Option::unwrap_or_default))
    }

    fn targets(
        &self,
        client: &Seen<Octopus>,
        environment: &Seen<EnvironmentPlace>,
        rights: &Seen<Rights>,
        draft: &Draft,
    ) -> Seen<TargetsSeen> {
        let tags = draft.roles.as_deref();
        let (Some(octopus), Some(environment), Some(tags)) =
            (client.known(), environment.known(), tags)
        else {
            return Seen::NotAsked(NotAsked::AlreadySaid);
        };
        let (id, tenant) = (environment.id.as_str(), draft.tenant.as_ref());
        with(rights, "MachineView", || {
            let (targets, tags) = octopus.targets(id, tags, tenant, self.deadline)?;
            let in_scope: Vec<Arc<Target>> = targets.into_iter().map(Arc::new).collect();
            Ok(TargetsSeen {
                policies: self.policies_of(octopus, &in_scope),
                in_scope,
                tags,
            })
        })
    }

    /// The machine policies that the targets name. Where a list has none at all, a few targets are asked one by one, since
    /// lists may lack what a target by itself has.
    fn policies_of(
        &self,
        octopus: &Octopus,
        targets: &[Arc<Target>],
    ) -> Seen<BTreeSet<Option<String>>> {
        let machines = targets.iter().filter(|it| it.connection().is_some());
        let machines: Vec<&Arc<Target>> = machines.collect();
        let listed = machines.iter().map(|it| it.machine_policy.clone());
        let listed: BTreeSet<Option<String>> = listed.collect();
        if listed.iter().any(Option::is_some) {
            return Seen::Known(listed);
        }
        let few = &machines[..machines.len().min(WORKERS)];
        let ask = |it: &&Arc<Target>| octopus.target(&it.id, self.deadline);
        let asked = workers::map(few, ask).into_iter();
        let policy = |target: Target| target.machine_policy;
        let answers = asked.filter_map(|(_, answer)| answer.transpose());
        let policies: Result<_, _> = answers.map(|it| it.map(policy)).collect();
        policies.into()
    }

    fn azure(&self, draft: &Draft) -> AzureSide {
        match (&draft.account, &draft.scale_sets) {
            (Some(account), Some(scale_sets)) => {
                azure::read(&self.http, account, scale_sets, self.deadline)
            }
            (Some(_), None) | (None, _) => AzureSide::default(),
        }
    }
}
