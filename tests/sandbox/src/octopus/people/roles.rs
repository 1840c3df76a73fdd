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

const PROJECT_VIEWER: &[&str] = &[
    "AccountView",
    "ActionTemplateView",
    "DeploymentView",
    "EnvironmentView",
    "EventView",
    "InterruptionView",
    "LibraryVariableSetView",
    "LifecycleView",
    "MachinePolicyView",
    "ProcessView",
    "ProjectGroupView",
    "ProjectView",
    "RunbookRunView",
    "RunbookView",
    "TaskView",
    "TenantView",
    "TriggerView",
];

const DEPLOYMENT_CREATOR: &[&str] = &[
    "DeploymentCreate",
    "DeploymentView",
    "EnvironmentView",
    "LibraryVariableSetView",
    "LifecycleView",
    "ProcessView",
    "ProjectGroupView",
    "ProjectView",
    "RunbookRunCreate",
    "RunbookRunView",
    "RunbookView",
    "TaskCreate",
    "TaskView",
    "TenantView",
];

/// What Runbook Producer has beyond Project Viewer.
const RUNBOOK_PRODUCER: &[&str] = &[
    "ActionTemplateCreate",
    "ActionTemplateEdit",
    "InterruptionSubmit",
    "MachineView",
    "ProjectEdit",
    "RunbookEdit",
    "RunbookRunCreate",
    "RunbookSnapshotCreate",
    "TaskCancel",
    "TaskCreate",
    "TriggerCreate",
    "TriggerEdit",
    "VariableEdit",
    "VariableView",
    "WorkerView",
];

/// What Project Lead has beyond Project Viewer.
const PROJECT_LEAD: &[&str] = &[
    "ActionTemplateCreate",
    "ActionTemplateEdit",
    "DeploymentCreate",
    "MachineView",
    "ProcessEdit",
    "ProjectEdit",
    "RunbookEdit",
    "RunbookRunCreate",
    "RunbookSnapshotCreate",
    "TriggerCreate",
    "TriggerEdit",
    "VariableEdit",
    "VariableView",
    "WorkerView",
];

const RUNBOOK_CONSUMER: &[&str] = &["RunbookRunCreate", "TaskCreate", "VariableView"];

/// What Space Viewer has beyond Project Viewer.
const SPACE_VIEWER: &[&str] = &[
    "MachineView",
    "VariableView",
    "VariableViewUnscoped",
    "WorkerView",
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
        role("Project Viewer", &[PROJECT_VIEWER]),
        role("Deployment Creator", &[DEPLOYMENT_CREATOR]),
        role("Runbook Producer", &[PROJECT_VIEWER, RUNBOOK_PRODUCER]),
        role("Runbook Consumer", &[PROJECT_VIEWER, RUNBOOK_CONSUMER]),
        role("Project Lead", &[PROJECT_VIEWER, PROJECT_LEAD]),
        role("Space Viewer", &[PROJECT_VIEWER, SPACE_VIEWER]),
        role("Space Manager", &[&PERMISSIONS]),
        administrator,
    ]
}
