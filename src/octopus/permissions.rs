//! Which permissions a question takes, and which built-in role has them.
//!
//! Source: octopus.com/docs, "Default permissions" of the built-in user roles.

use crate::error::ServiceError;
use crate::reconcile::verdict::{Needs, Unanswered};

/// Tasks of the space, and those of a target.
pub const TASKS: Needs = Needs {
    permission: "TaskView",
    role: "the built-in role Environment Manager has it",
};

/// What a deployment or a runbook run is limited to.
pub const WHAT_TASKS_USE: Needs = Needs {
    permission: "DeploymentView and RunbookRunView",
    role: "the built-in role Project Viewer has it, given for all projects",
};

/// Which variables are scoped to a target alone.
pub const VARIABLES: Needs = Needs {
    permission: "VariableView and LibraryVariableSetView",
    role: "the built-in role Space Viewer has it",
};

/// Asking for a health check.
pub const HEALTH_CHECK: Needs = Needs {
    permission: "TaskCreate and MachineEdit",
    role: "the built-in role Environment Manager has it",
};

/// What machine policies do with unavailable targets.
pub const MACHINE_POLICIES: Needs = Needs {
    permission: "MachinePolicyView",
    role: "the built-in role Environment Manager has it",
};

/// How a target is.
pub const TARGETS: Needs = Needs {
    permission: "MachineView",
    role: "the built-in role Environment Manager has it",
};

/// The built-in role that has a permission, of those that the guide names or the smallest beside them.
const BUILT_IN: [(&str, &[&str]); 4] = [
    (
        "Environment Manager",
        &[
            "MachineView",
            "MachineEdit",
            "MachineDelete",
            "MachinePolicyView",
            "TaskView",
            "TaskCreate",
            "TaskCancel",
            "EnvironmentView",
        ],
    ),
    (
        "Project Viewer",
        &["DeploymentView", "RunbookRunView", "EventView"],
    ),
    ("Space Viewer", &["VariableView", "LibraryVariableSetView"]),
    (
        "Project Deployer",
        &["InterruptionView", "InterruptionSubmit"],
    ),
];

/// The built-in role that has this permission; Space Manager has every one of a space.
#[must_use]
pub fn built_in_role(permission: &str) -> &'static str {
    let has = |(_, permissions): &&(&str, &[&str])| permissions.contains(&permission);
    BUILT_IN
        .iter()
        .find(has)
        .map_or("Space Manager", |(role, _)| role)
}

/// A question that was not answered; this is what it takes.
#[must_use]
pub fn unanswered(error: &ServiceError, needs: Needs) -> Unanswered {
    // Who lacks something is told what: the advice of the answer could only say it again.
    let why = match error.is_refusal() {
        true => error.answer(),
        false => error.came_back(),
    };
    Unanswered::of(error, why, error.status(), needs)
}

#[cfg(test)]
mod tests {
    use super::{
        HEALTH_CHECK, MACHINE_POLICIES, TARGETS, TASKS, VARIABLES, WHAT_TASKS_USE, built_in_role,
    };

    #[test]
    fn what_messages_say_of_roles_is_what_the_table_says() {
        for needs in [
            TASKS,
            WHAT_TASKS_USE,
            VARIABLES,
            HEALTH_CHECK,
            MACHINE_POLICIES,
            TARGETS,
        ] {
            for permission in needs.permission.split(" and ") {
                let role = built_in_role(permission);
                assert!(needs.role.contains(role), "{permission}: {role}");
            }
        }
    }
}
