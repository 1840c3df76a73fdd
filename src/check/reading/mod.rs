//! Asks both servers for all that is judged, and changes nothing: no writer is made here, so that the client sends nothing but GET.
//! What does not depend on each other is asked at the same time.

mod access;
mod asking;
mod azure;
mod project;
mod step;

use self::asking::Asking;
use super::seen::{NotAsked, Seen};
use super::set_up::{AzureSide, SetUp, TargetsSeen};
use crate::console::Console;
use crate::error::Error;
use crate::http::{Deadline, Http};
use crate::octopus::set_up::{EnvironmentPlace, Freeze, MachinePolicy, Trigger};
use crate::octopus::{Octopus, Server};
use crate::settings::{CheckSettings, Draft, Environment, Flags};
use crate::workers::both;
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
    };
    Ok(asking.everything(told))
}

/// What is read of the space, beside the project.
struct OfSpace {
    environment: Seen<EnvironmentPlace>,
    policies: Seen<Vec<MachinePolicy>>,
    triggers: Seen<Vec<Trigger>>,
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
        let checkers_rights = checker.then(|user| {
            let rights = |octopus: &Octopus| octopus.rights_of(user, until).into();
            client.then(rights)
        });
        let of_space = self.of_space(&client);
        let (schedule, project) = both(
            || self.schedule(&octopus, &space),
            || project::read(self, &client, &of_space.environment),
        );
        let draft = step::draft_of(told, &project);
        let tags = draft.roles.as_deref();
        let (targets, azure) = both(
            || self.targets(&client, &of_space.environment, tags, &draft),
            || self.azure(&draft),
        );
        let freezes = of_space.environment.then(|it| self.freezes(it));
        SetUp {
            now,
            address: settings.octopus_url.to_string(),
            space_told: settings.space.clone(),
            environment_told: settings.environment.clone(),
            draft,
            octopus,
            checker,
            checkers_rights,
            schedule,
            space,
            environment: of_space.environment,
            policies: of_space.policies,
            triggers: of_space.triggers,
            freezes,
            targets,
            azure,
            project,
        }
    }

    fn of_space(&self, client: &Seen<Octopus>) -> OfSpace {
        let until = self.deadline;
        let environment = |octopus: &Octopus| {
            let id = octopus.environment_id(&self.settings.environment, until);
            id.and_then(|id| octopus.environment(&id, until)).into()
        };
        let ((environment, policies), triggers) = both(
            || {
                both(
                    || client.then(environment),
                    || client.then(|octopus| octopus.policies(until).into()),
                )
            },
            || client.then(|octopus| octopus.all_triggers(until).into()),
        );
        OfSpace {
            environment,
            policies,
            triggers,
        }
    }

    /// What only tells people something is not missed where it may not be seen.
    fn freezes(&self, environment: &EnvironmentPlace) -> Seen<Vec<Freeze>> {
        match self.server.freezes(&environment.id, self.deadline) {
            Ok(Some(freezes)) => Seen::Known(freezes),
            Ok(None) | Err(_) => Seen::NotAsked(NotAsked::AlreadySaid),
        }
    }

    fn targets(
        &self,
        client: &Seen<Octopus>,
        environment: &Seen<EnvironmentPlace>,
        tags: Option<&[String]>,
        draft: &Draft,
    ) -> Seen<TargetsSeen> {
        let (Some(octopus), Some(environment), Some(tags)) =
            (client.known(), environment.known(), tags)
        else {
            return Seen::NotAsked(NotAsked::AlreadySaid);
        };
        let tenant = draft.tenant.as_ref();
        let read = octopus.targets(&environment.id, tags, tenant, self.deadline);
        let targets = read.map(|(targets, tags)| TargetsSeen {
            in_scope: targets.into_iter().map(Arc::new).collect(),
            tags,
        });
        targets.into()
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
