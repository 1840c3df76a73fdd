//! The built-in roles, with those of their permissions that the sandbox knows. Source: octopus.com/docs, "Default
//! permissions", as of 2026-10.

use super::permissions::PERMISSIONS;
use std::collections::BTreeSet;

/// A role.
#[derive(Clone, Debug)]
pub struct UserRole {
    /// `userroles-environmentmanager`, ...
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it grants in a space.
    pub of_spaces: BTreeSet<String>,
    /// What it grants on the whole server.
    pub of_the_system: BTreeSet<String>,
}

const ENVIRONMENT_MANAGER: &[&str] = &[
    "AccountView",
    "EnvironmentEdit",
    "EnvironmentView",
    "MachineDelete",
    "MachineEdit",
    "MachinePolicyCreate",
    "MachinePolicyEdit",
    "MachinePolicyView",
    "MachineView",
    "TaskCancel",
    "TaskCreate",
    "TaskView",
    "WorkerEdit",
    "WorkerView",
];

/// What everybody has who sees projects.
const PROJECTS: &[&str] = &[
    "EnvironmentView",
    "LibraryVariableSetView",
    "LifecycleView",
    "ProcessView",
    "ProjectGroupView",
    "ProjectView",
    "RunbookRunView",
    "RunbookView",
    "TaskView",
    "TenantView",
];

/// What is seen of what happens, by all who see projects but Deployment Creator.
const ACTIVITY: &[&str] = &[
    "ActionTemplateView",
    "EventView",
    "InterruptionView",
    "MachinePolicyView",
    "TriggerView",
];

const DEPLOYMENT_CREATOR: &[&str] = &[
    "DeploymentCreate",
    "DeploymentView",
    "RunbookRunCreate",
    "TaskCreate",
];

/// What is edited by Runbook Producer, Project Lead, Project Contributor and Project Deployer.
const EDITORS: &[&str] = &[
    "ActionTemplateCreate",
    "ActionTemplateEdit",
    "MachineView",
    "ProjectEdit",
    "RunbookEdit",
    "TriggerCreate",
    "TriggerDelete",
    "TriggerEdit",
    "VariableEdit",
    "VariableView",
    "WorkerView",
];

const RUNBOOK_PRODUCER: &[&str] = &[
    "InterruptionSubmit",
    "RunbookRunCreate",
    "RunbookSnapshotCreate",
    "TaskCancel",
    "TaskCreate",
];

const PROJECT_LEAD: &[&str] = &[
    "AccountView",
    "DeploymentCreate",
    "DeploymentView",
    "ProcessEdit",
    "RunbookRunCreate",
    "RunbookSnapshotCreate",
];

const PROJECT_DEPLOYER: &[&str] = &[
    "DeploymentCreate",
    "DeploymentView",
    "InterruptionSubmit",
    "ProcessEdit",
    "TaskCancel",
    "TaskCreate",
];

const PROJECT_VIEWER: &[&str] = &["AccountView", "DeploymentView"];

const SPACE_VIEWER: &[&str] = &[
    "AccountView",
    "DeploymentView",
    "MachineView",
    "VariableView",
    "VariableViewUnscoped",
    "WorkerView",
];

/// What newer servers gave to a role that has always been there.
const SINCE_2026: [(&str, &str); 2] = [
    ("Project Viewer", "AccountView"),
    ("Runbook Consumer", "VariableView"),
];

const SYSTEM: &[&str] = &[
    "AdministerSystem",
    "SpaceView",
    "TaskView",
    "TeamEdit",
    "TeamView",
    "UserEdit",
    "UserRoleView",
    "UserView",
];

/// All of them.
pub(crate) fn built_in() -> Vec<UserRole> {
    let role = |name: &str, parts: &[&[&str]]| UserRole {
        id: format!("userroles-{}", name.to_lowercase().replace(' ', "")),
        name: name.to_owned(),
        of_spaces: parts.concat().into_iter().map(str::to_owned).collect(),
        of_the_system: BTreeSet::new(),
    };
    let mut administrator = role("System Administrator", &[&PERMISSIONS]);
    administrator.of_the_system = SYSTEM.iter().map(|name| (*name).to_owned()).collect();
    vec![
        role("Environment Manager", &[ENVIRONMENT_MANAGER]),
        role("Project Viewer", &[PROJECTS, ACTIVITY, PROJECT_VIEWER]),
        role("Deployment Creator", &[PROJECTS, DEPLOYMENT_CREATOR]),
        role(
            "Runbook Producer",
            &[PROJECTS, ACTIVITY, EDITORS, RUNBOOK_PRODUCER],
        ),
        role(
            "Runbook Consumer",
            &[
                PROJECTS,
                ACTIVITY,
                &["RunbookRunCreate", "TaskCreate", "VariableView"],
            ],
        ),
        role(
            "Project Contributor",
            &[PROJECTS, ACTIVITY, EDITORS, &["ProcessEdit"]],
        ),
        role(
            "Project Deployer",
            &[PROJECTS, ACTIVITY, EDITORS, PROJECT_DEPLOYER],
        ),
        role("Project Lead", &[PROJECTS, ACTIVITY, EDITORS, PROJECT_LEAD]),
        role("Space Viewer", &[PROJECTS, ACTIVITY, SPACE_VIEWER]),
        role("Space Manager", &[&PERMISSIONS]),
        administrator,
    ]
}

impl UserRole {
    /// Takes away what older servers did not give it.
    pub(crate) fn grow_old(&mut self) {
        for (role, permission) in SINCE_2026 {
            if self.name == role {
                self.of_spaces.remove(permission);
            }
        }
    }
}
