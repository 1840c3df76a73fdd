//! The permissions, and by what each may be restricted. Source: `Permission.cs` in github.com/OctopusDeploy/OctopusClients.

use serde_json::{Map, Value, json};

/// By what a permission may be restricted. A project group stands for its projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    Projects,
    Environments,
    Tenants,
}

use Dimension::{Environments, Projects, Tenants};

const NONE: &[Dimension] = &[];
const ENVIRONMENTS: &[Dimension] = &[Environments];
const PROJECTS: &[Dimension] = &[Projects];
const MACHINES: &[Dimension] = &[Environments, Tenants];
const VARIABLES: &[Dimension] = &[Projects, Environments];
const EVERYTHING: &[Dimension] = &[Projects, Environments, Tenants];

/// Those that hold below a space.
const OF_SPACES: [(&str, &[Dimension]); 46] = [
    ("AccountView", ENVIRONMENTS),
    ("ActionTemplateCreate", NONE),
    ("ActionTemplateEdit", NONE),
    ("ActionTemplateView", NONE),
    ("DeploymentCreate", EVERYTHING),
    ("DeploymentView", EVERYTHING),
    ("EnvironmentEdit", ENVIRONMENTS),
    ("EnvironmentView", ENVIRONMENTS),
    ("EventView", EVERYTHING),
    ("InterruptionSubmit", EVERYTHING),
    ("InterruptionView", EVERYTHING),
    ("LibraryVariableSetView", NONE),
    ("LifecycleView", NONE),
    ("MachineDelete", MACHINES),
    ("MachineEdit", MACHINES),
    ("MachinePolicyCreate", NONE),
    ("MachinePolicyEdit", NONE),
    ("MachinePolicyView", NONE),
    ("MachineView", MACHINES),
    ("ProcessEdit", PROJECTS),
    ("ProcessView", PROJECTS),
    ("ProjectEdit", PROJECTS),
    ("ProjectGroupView", PROJECTS),
    ("ProjectView", PROJECTS),
    ("RunbookEdit", PROJECTS),
    ("RunbookRunCreate", EVERYTHING),
    ("RunbookRunView", EVERYTHING),
    ("RunbookSnapshotCreate", PROJECTS),
    ("RunbookView", PROJECTS),
    ("TaskCancel", EVERYTHING),
    ("TaskCreate", EVERYTHING),
    ("TaskView", EVERYTHING),
    ("TeamView", NONE),
    ("TenantView", &[Tenants]),
    ("TriggerCreate", PROJECTS),
    ("TriggerDelete", PROJECTS),
    ("TriggerEdit", PROJECTS),
    ("TriggerView", PROJECTS),
    ("UserRoleView", NONE),
    ("UserView", NONE),
    ("VariableEdit", VARIABLES),
    ("VariableEditUnscoped", PROJECTS),
    ("VariableView", VARIABLES),
    ("VariableViewUnscoped", PROJECTS),
    ("WorkerEdit", NONE),
    ("WorkerView", NONE),
];

/// Those that hold for the whole server, and nowhere else.
const OF_THE_SYSTEM: [&str; 4] = ["AdministerSystem", "SpaceView", "TeamEdit", "UserEdit"];

/// All permissions that a route of the sandbox may ask for.
pub const PERMISSIONS: [&str; 46] = names();

const fn names() -> [&'static str; 46] {
    let mut names = [""; 46];
    let mut index = 0;
    while index < names.len() {
        names[index] = OF_SPACES[index].0;
        index += 1;
    }
    names
}

/// Those of which a grant without tenants may not reach what has a tenant.
const OF_TENANTS_ALONE: [&str; 5] = [
    "DeploymentView",
    "RunbookRunView",
    "EventView",
    "InterruptionView",
    "InterruptionSubmit",
];

/// Whether reaching a tenant needs a grant that names it.
pub(crate) fn wants_explicit_tenants(permission: &str) -> bool {
    OF_TENANTS_ALONE.contains(&permission)
}

/// A misspelt permission in a test would change nothing, so it is a mistake.
pub(crate) fn expect_known(permission: &str) {
    let known = PERMISSIONS.contains(&permission) || OF_THE_SYSTEM.contains(&permission);
    assert!(known, "no route asks for the permission {permission}");
}

pub(crate) fn supported(permission: &str) -> &'static [Dimension] {
    let found = OF_SPACES.iter().find(|(name, _)| *name == permission);
    found.map_or(NONE, |(_, dimensions)| dimensions)
}

/// Whether it may be granted for the whole server.
pub(crate) fn is_of_the_system(permission: &str) -> bool {
    let both = [
        "EventView",
        "TaskView",
        "TeamView",
        "UserRoleView",
        "UserView",
    ];
    OF_THE_SYSTEM.contains(&permission) || both.contains(&permission)
}

/// As `permissions/all` shows them.
pub(crate) fn all() -> Value {
    let spaces = OF_SPACES.iter().map(|(name, _)| *name);
    let all = spaces.chain(OF_THE_SYSTEM);
    let described = all.map(|name| (name.to_owned(), describe(name)));
    Value::Object(described.collect::<Map<_, _>>())
}

fn describe(name: &str) -> Value {
    let mut restrictions = Vec::new();
    for dimension in supported(name) {
        match dimension {
            Projects => restrictions.extend(["Projects", "ProjectGroups"]),
            Environments => restrictions.push("Environments"),
            Tenants => restrictions.push("Tenants"),
        }
    }
    json!({
        "Description": format!("The permission {name}"),
        "SupportedRestrictions": restrictions,
        "CanApplyAtSpaceLevel": PERMISSIONS.contains(&name),
        "CanApplyAtSystemLevel": is_of_the_system(name),
    })
}
