//! What there is before anybody sets the guide up: machines and their targets, a project, an account, a worker, two users.

use crate::octopus::{Grant, SERVICE_ACCOUNT};
use crate::world::{ENVIRONMENT, World};

/// The key of the person who sets things up.
const ADMINISTRATOR_KEY: &str = "API-SANDBOX0ADMIN0NOT0REAL0";

/// Where everything is that the guide begins with, by its ids.
#[derive(Clone, Debug)]
pub struct BeforeSetup {
    /// The project `Todo`.
    pub project: String,
    /// Its variables, of which there are none.
    pub variables: String,
    /// The environment `Production`.
    pub environment: String,
    /// The Azure account.
    pub account: String,
    /// The worker pool, which is the default.
    pub pool: String,
    /// Its only worker.
    pub worker: String,
    /// The service account, which the key of the schedule belongs to.
    pub service_account: String,
    /// The person who sets things up.
    pub administrator: String,
    /// The key of that person; the other one is [`crate::Octopus::api_key`].
    pub administrator_key: String,
}

impl World {
    /// What the guide begins with, made if it is not there yet: scale set and targets on the default policy, project, account,
    /// worker, the service account with its four roles, and an administrator. No policy of its own, no variables, no step
    /// template, no runbook, no schedule.
    pub fn before_setup(&mut self) -> BeforeSetup {
        if let Some(before) = &self.before_setup {
            return before.clone();
        }
        self.make_machines();
        let account = self.add_azure_account("Azure subscription");
        let octopus = &mut self.octopus;
        let project = octopus.add_project("Todo");
        let pool = octopus.add_worker_pool("Default Worker Pool");
        let worker = octopus.add_worker(&pool, "worker-1");
        let before = BeforeSetup {
            variables: format!("variableset-{project}"),
            project,
            environment: ENVIRONMENT.to_owned(),
            account,
            pool,
            worker,
            service_account: SERVICE_ACCOUNT.to_owned(),
            administrator: self.make_people(),
            administrator_key: ADMINISTRATOR_KEY.to_owned(),
        };
        self.before_setup = Some(before.clone());
        before
    }

    /// What the guide begins with, where [`World::before_setup`] or [`World::guide`] has made it.
    pub fn made_before_setup(&self) -> Option<&BeforeSetup> {
        self.before_setup.as_ref()
    }

    /// Three machines that are registered, where there are none.
    fn make_machines(&mut self) {
        let name = self.scale_set_name.clone();
        if self.scale_set(&name).list().is_empty() {
            self.scale_set(&name).instances(3);
        }
        if self.octopus.targets.is_empty() {
            let machines = self.scale_set(&name).list();
            self.register_all(&machines);
        }
    }

    fn make_people(&mut self) -> String {
        let mut account = self.service_account().without_roles();
        for role in [
            "Environment Manager",
            "Project Viewer",
            "Deployment Creator",
            "Space Viewer",
        ] {
            account = account.role(role);
        }
        drop(account);
        let administrator = self.user("administrator");
        let administrator = administrator
            .role_in("System Administrator", Grant::everywhere())
            .add_key(ADMINISTRATOR_KEY, "setting up");
        administrator.id()
    }
}
