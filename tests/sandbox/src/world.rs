//! Everything that exists in the sandbox, and the words to arrange it with.

use crate::azure::{Azure, ScaleSetHandle, SubscriptionHandle, Vm};
use crate::guide::{BeforeSetup, Guide};
use crate::octopus::{
    HealthChecks, InterruptionHandle, Octopus, TargetHandle, TaskHandle, TaskKind,
};

/// The space that is there from the start.
pub const SPACE: &str = "Spaces-1";
/// The environment that is there from the start.
pub const ENVIRONMENT: &str = "Environments-1";
/// The subscription that is there from the start.
pub const SUBSCRIPTION: &str = "00000000-5a4d-4b0c-8000-000000000001";
/// The resource group that is there from the start.
pub const GROUP: &str = "web-rg";

/// The state of both services. All of it may be read and changed at any time.
#[derive(Clone, Debug)]
pub struct World {
    /// Octopus Server.
    pub octopus: Octopus,
    /// Azure.
    pub azure: Azure,
    /// The roles that registered targets carry, and that the program under test is told.
    pub roles: Vec<String>,
    /// The scale set that the program under test is told.
    pub scale_set_name: String,
    /// The set-up of the guide, where [`World::guide`] made it.
    pub(crate) guide: Option<Guide>,
    /// What the guide begins with, where [`World::before_setup`] made it.
    pub(crate) before_setup: Option<BeforeSetup>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            octopus: Octopus::default(),
            azure: Azure::default(),
            roles: vec!["web-server".to_owned(), "vmss-web".to_owned()],
            scale_set_name: "web".to_owned(),
            guide: None,
            before_setup: None,
        }
    }
}

impl World {
    /// A scale set of the first resource group, or of another one as `group/name`.
    /// One that is not there yet is made: Uniform, empty, its name as prefix.
    pub fn scale_set(&mut self, name: &str) -> ScaleSetHandle<'_> {
        let (group, name) = name.split_once('/').unwrap_or((GROUP, name));
        ScaleSetHandle::of(&mut self.azure, SUBSCRIPTION, group, name)
    }

    /// Another subscription, made if it is not there yet.
    pub fn subscription(&mut self, id: &str) -> SubscriptionHandle<'_> {
        SubscriptionHandle::of(&mut self.azure, id)
    }

    /// A virtual machine of the first resource group (or `group/name`) that belongs to no scale set.
    pub fn lone_vm(&mut self, name: &str) -> Vm {
        let (group, name) = name.split_once('/').unwrap_or((GROUP, name));
        self.azure.add_lone_vm(SUBSCRIPTION, group, name)
    }

    /// Registers a machine as its bootstrap script does: a healthy listening Tentacle with the machine's
    /// computer name (its resource name where it has none), the roles and the first environment.
    pub fn register(&mut self, machine: &Vm) -> TargetHandle<'_> {
        let name = machine
            .computer_name
            .as_ref()
            .unwrap_or(&machine.name)
            .clone();
        self.target(&name)
    }

    /// Registers all of these; returns the ids of the targets in the same order.
    pub fn register_all(&mut self, machines: &[Vm]) -> Vec<String> {
        machines
            .iter()
            .map(|machine| self.register(machine).id())
            .collect()
    }

    /// A new target of this name: a healthy listening Tentacle with the roles, in the first environment.
    pub fn target(&mut self, name: &str) -> TargetHandle<'_> {
        let roles = self.roles.clone();
        TargetHandle::register(&mut self.octopus, name, roles)
    }

    /// The target of this name, which must exist. Reads through all targets.
    pub fn existing_target(&mut self, name: &str) -> TargetHandle<'_> {
        TargetHandle::find(&mut self.octopus, name)
    }

    /// The names of all targets, in the order in which Octopus lists them.
    pub fn target_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .octopus
            .targets
            .values()
            .map(|target| target.name.clone())
            .collect();
        names.sort_by_key(|name| name.to_ascii_lowercase());
        names
    }

    /// A new deployment in the first environment, executing since a minute.
    pub fn deployment(&mut self) -> TaskHandle<'_> {
        TaskHandle::begin(&mut self.octopus, TaskKind::Deploy)
    }

    /// The task of this id, which must exist.
    pub fn task(&mut self, id: &str) -> TaskHandle<'_> {
        TaskHandle::find(&mut self.octopus, id)
    }

    /// The interruption of this id, which must exist.
    pub fn interruption(&mut self, id: &str) -> InterruptionHandle<'_> {
        InterruptionHandle::find(&mut self.octopus, id)
    }

    /// A new runbook run in the first environment, executing since a minute.
    pub fn runbook_run(&mut self) -> TaskHandle<'_> {
        TaskHandle::begin(&mut self.octopus, TaskKind::RunbookRun)
    }

    /// How Octopus tests targets when it is asked to.
    pub fn health_checks(&mut self) -> &mut HealthChecks {
        &mut self.octopus.health_checks
    }

    /// A new health check, executing since a minute. Nothing comes of it: see [`World::health_checks`] for those that test.
    pub fn health_check(&mut self) -> TaskHandle<'_> {
        TaskHandle::begin(&mut self.octopus, TaskKind::Health)
    }
}
