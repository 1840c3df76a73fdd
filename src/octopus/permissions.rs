//! Which permissions a question takes, and which built-in role has them.
//!
//! Source: octopus.com/docs, "Default permissions" of the built-in user roles.

use crate::reconcile::verdict::Needs;

/// Tasks of the space, and those of a target.
pub const TASKS: Needs = Needs {
    permission: "TaskView",
    role: "Environment Manager",
};

/// What a deployment or a runbook run is limited to.
pub const WHAT_TASKS_USE: Needs = Needs {
    permission: "DeploymentView and RunbookRunView",
    role: "Project Viewer, for all projects",
};

/// Which variables are scoped to a target alone.
pub const VARIABLES: Needs = Needs {
    permission: "VariableView and LibraryVariableSetView",
    role: "Space Viewer",
};

/// Asking for a health check.
pub const HEALTH_CHECK: Needs = Needs {
    permission: "TaskCreate and MachineEdit",
    role: "Environment Manager",
};

/// What machine policies do with unavailable targets.
pub const MACHINE_POLICIES: Needs = Needs {
    permission: "MachinePolicyView",
    role: "Environment Manager",
};
