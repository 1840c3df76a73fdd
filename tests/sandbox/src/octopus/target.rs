//! Deployment targets, and how a test arranges them.

use super::Octopus;
use super::audit::Event;
use super::{Reach, policies};
use crate::clock::{self, Time};
use crate::world::{ENVIRONMENT, SPACE};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A registration.
#[derive(Clone, Debug)]
pub struct Target {
    /// `Machines-1`, ...
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its space.
    pub space: String,
    /// The ids of its environments.
    pub environments: Vec<String>,
    /// Its roles (target tags).
    pub roles: Vec<String>,
    /// The ids of the tenants that it is connected to.
    pub tenants: Vec<String>,
    /// The tenant tags that it is connected to: `Region/West`.
    pub tenant_tags: Vec<String>,
    /// `Untenanted`, `TenantedOrUntenanted` or `Tenanted`.
    pub participation: String,
    /// `Healthy`, `HasWarnings`, `Unhealthy`, `Unavailable` or `Unknown`.
    pub health: String,
    /// When it was checked last, by this machine's clock, which the server shows by its own.
    pub last_checked: Option<Time>,
    /// Since when it is unavailable, where a health check of the sandbox has found that.
    pub unavailable_since: Option<Time>,
    /// What lists of targets show until then instead of its health; `None` for ever.
    pub listed: Option<(String, Option<Time>)>,
    /// What a health check meets there.
    pub reach: Reach,
    /// The id of its machine policy.
    pub policy: String,
    /// Whether it is disabled.
    pub disabled: bool,
    /// The thumbprint of its certificate.
    pub thumbprint: Option<String>,
    /// Its address.
    pub uri: Option<String>,
    /// `TentaclePassive`, `TentacleActive`, `Ssh`, `None` (a cloud region), `AzureWebApp`, ...
    pub style: String,
    /// When it was registered.
    pub registered: Time,
    /// Variables that are scoped to it alone: variable set or project, then the variables, with a number each.
    pub scoped_variables: BTreeMap<String, BTreeMap<String, u64>>,
    /// Whether there are library variable sets that the key may not look into.
    pub hidden_library_variables: bool,
    /// Whether there are projects that the key may not look into.
    pub hidden_project_variables: bool,
    /// Fields that the sandbox knows nothing about; a `PUT` that leaves them out loses them.
    pub extra: Map<String, Value>,
}

/// One target in the hands of a test.
pub struct TargetHandle<'a> {
    pub(super) octopus: &'a mut Octopus,
    id: String,
}

impl<'a> TargetHandle<'a> {
    pub(crate) fn register(octopus: &'a mut Octopus, name: &str, roles: Vec<String>) -> Self {
        let id = octopus.next_id("Machines");
        let registered = clock::minutes_ago(60);
        let target = Target {
            id: id.clone(),
            name: name.to_owned(),
            space: SPACE.to_owned(),
            environments: vec![ENVIRONMENT.to_owned()],
            roles,
            tenants: Vec::new(),
            tenant_tags: Vec::new(),
            participation: "Untenanted".to_owned(),
            health: "Healthy".to_owned(),
            last_checked: Some(clock::minutes_ago(30)),
            unavailable_since: None,
            listed: None,
            reach: Reach::default(),
            policy: policies::DEFAULT.to_owned(),
            disabled: false,
            thumbprint: Some(thumbprint(&id, 0)),
            uri: Some(format!("https://{}:10933/", name.to_lowercase())),
            style: "TentaclePassive".to_owned(),
            registered,
            scoped_variables: BTreeMap::new(),
            hidden_library_variables: false,
            hidden_project_variables: false,
            extra: Map::from_iter([("SandboxExtra".to_owned(), Value::from("keep me"))]),
        };
        octopus.events.push(Event::machine_created(&target));
        octopus.targets.insert(id.clone(), target);
        Self { octopus, id }
    }

    pub(crate) fn find(octopus: &'a mut Octopus, name: &str) -> Self {
        let found = octopus.targets.values().find(|target| target.name == name);
        let id = found
            .unwrap_or_else(|| panic!("there is no target named {name}"))
            .id
            .clone();
        Self { octopus, id }
    }

    /// `Machines-1`, ...
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Changes any field.
    pub fn edit(self, change: impl FnOnce(&mut Target)) -> Self {
        change(
            self.octopus
                .targets
                .get_mut(&self.id)
                .expect("the target of a handle exists"),
        );
        self
    }

    /// Sets the roles.
    pub fn roles(self, roles: &[&str]) -> Self {
        self.edit(|target| target.roles = owned(roles))
    }

    /// Sets the environments.
    pub fn environments(self, ids: &[&str]) -> Self {
        self.edit(|target| target.environments = owned(ids))
    }

    /// Moves it to another space.
    pub fn space(self, id: &str) -> Self {
        self.edit(|target| target.space = id.to_owned())
    }

    /// Connects it to tenants, for tenanted deployments only.
    pub fn tenants(self, ids: &[&str]) -> Self {
        self.participation("Tenanted")
            .edit(|target| target.tenants = owned(ids))
    }

    /// Connects it to tenants by their tags, for tenanted deployments only.
    pub fn tenant_tags(self, tags: &[&str]) -> Self {
        self.participation("Tenanted")
            .edit(|target| target.tenant_tags = owned(tags))
    }

    /// Sets the kind of deployments that it takes part in.
    pub fn participation(self, participation: &str) -> Self {
        self.edit(|target| target.participation = participation.to_owned())
    }

    /// Sets what the last health check found.
    pub fn health(self, health: &str) -> Self {
        self.edit(|target| {
            target.health = health.to_owned();
            target.unavailable_since = None;
            target.listed = None;
        })
    }

    /// Disables it.
    pub fn disabled(self) -> Self {
        self.edit(|target| target.disabled = true)
    }

    /// Makes it a polling Tentacle.
    pub fn polling(self) -> Self {
        self.style("TentacleActive")
            .edit(|target| target.uri = Some(format!("poll://{}/", target.id.to_lowercase())))
    }

    /// Makes it an SSH connection.
    pub fn ssh(self) -> Self {
        self.style("Ssh")
            .edit(|target| target.uri = Some(format!("ssh://{}:22/", target.name.to_lowercase())))
    }

    /// Makes it a cloud region, which has no machine.
    pub fn cloud_region(self) -> Self {
        self.style("None").edit(|target| {
            target.uri = None;
            target.thumbprint = None;
        })
    }

    /// Makes it an Azure web app, which has no machine of its own.
    pub fn web_app(self) -> Self {
        self.style("AzureWebApp").edit(|target| {
            target.uri = None;
            target.thumbprint = None;
        })
    }

    /// Sets the communication style.
    pub fn style(self, style: &str) -> Self {
        self.edit(|target| target.style = style.to_owned())
    }

    /// Sets when it was registered, in the audit log too.
    pub fn registered(self, at: Time) -> Self {
        for event in self.octopus.events.iter_mut().rev() {
            if event.category == "Created" && event.related.contains(&self.id) {
                event.occurred = at;
                break;
            }
        }
        self.edit(|target| target.registered = at)
    }

    /// Scopes a variable of a project or a library variable set to it alone.
    pub fn scoped_variable(self, owner: &str, variable: &str) -> Self {
        self.edit(|target| {
            *target
                .scoped_variables
                .entry(owner.to_owned())
                .or_default()
                .entry(variable.to_owned())
                .or_default() += 1;
        })
    }

    /// A new machine took the registration over (`register-with --force`): the same id, a new certificate.
    pub fn reregister(self) -> Self {
        self.edit(|target| {
            let last = target.thumbprint.take().unwrap_or_default();
            target.thumbprint = Some(thumbprint(&format!("{} {last}", target.id), 1));
        })
    }

    /// Removes it behind the back of the program under test.
    pub fn delete(self) {
        self.octopus.targets.remove(&self.id);
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Forty hexadecimal digits that differ from target to target.
fn thumbprint(id: &str, generation: u64) -> String {
    let seed = id.bytes().fold(generation, |sum, byte| {
        crate::azure::scramble(sum ^ u64::from(byte))
    });
    let more = crate::azure::scramble(seed);
    format!(
        "{seed:016X}{more:016X}{:08X}",
        crate::azure::scramble(more) >> 32
    )
}
