//! Which permissions a run needs, by its options, and whether what the server says of a user has them.

use crate::octopus::permissions::built_in_role;
use crate::octopus::set_up::{Grant, Rights};
use crate::reconcile::plan::RemovalAction;
use crate::settings::{
    BusyTargets, Draft, DuplicateHandling, ExcludeOldServers, GuidedFailureHandling,
    HealthyTargets, ReferencedTargets,
};

/// A permission that a run needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Its name.
    pub permission: &'static str,
    /// How far it must reach.
    pub reach: Extent,
    /// What a run does with it.
    pub what_for: &'static str,
}

/// How far a permission must reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The environment, and the runbook's own project.
    Here,
    /// The environment, whatever the project and the tenant: lists leave out silently what a key may not see.
    AllOfEnvironment,
}

/// Where it must reach to.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The id of the environment.
    pub environment: &'a str,
    /// The ids of the project and of its group, where they are known.
    pub project: Option<(&'a str, Option<&'a str>)>,
    /// The id of the tenant of a tenanted run.
    pub tenant: Option<&'a str>,
}

/// Whether a user has a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Has {
    /// As far as it must reach.
    Whole,
    /// Not as far: it is restricted so.
    Restricted(String),
    /// Not at all.
    Nothing,
}

/// What a run with these options needs, each permission once.
#[must_use]
pub fn needs_of(run: &Draft) -> Vec<Need> {
    use Extent::{AllOfEnvironment, Here};
    let mut needs = vec![need("MachineView", Here, "to read the targets")];
    let mut add = |when: bool, permission, reach, what_for| {
        if when {
            needs.push(need(permission, reach, what_for));
        }
    };
    let deletes = run.rules.action == RemovalAction::Delete;
    let tests = run.healthy_targets == HealthyTargets::Check;
    let asks_for_tasks = run.busy_targets == BusyTargets::Defer;
    let asks_for_variables = deletes && run.referenced_targets == ReferencedTargets::Hold;
    let answers = run.guided_failures == GuidedFailureHandling::Exclude;
    let looks_back = run.redeployments.old_servers == ExcludeOldServers::Yes;
    let cancels = run.redeployments.duplicates == DuplicateHandling::Cancel;
    add(deletes, "MachineDelete", Here, "to remove targets");
    add(
        tests || !deletes,
        "MachineEdit",
        Here,
        if tests {
            "to have connections tested"
        } else {
            "to disable targets"
        },
    );
    add(tests, "TaskCreate", Here, "to have connections tested");
    add(
        tests,
        "MachinePolicyView",
        Here,
        "to test nothing whose policy deletes what is unavailable",
    );
    add(
        asks_for_tasks || tests || answers,
        "TaskView",
        AllOfEnvironment,
        "to see which targets are in use",
    );
    add(
        asks_for_tasks,
        "DeploymentView",
        AllOfEnvironment,
        "to see which targets a deployment uses",
    );
    add(
        asks_for_tasks,
        "RunbookRunView",
        AllOfEnvironment,
        "to see which targets a runbook run uses",
    );
    add(
        asks_for_variables,
        "VariableView",
        AllOfEnvironment,
        "to lose no variables that are scoped to one target",
    );
    add(
        asks_for_variables,
        "LibraryVariableSetView",
        AllOfEnvironment,
        "to lose no variables that are scoped to one target",
    );
    add(
        looks_back || cancels,
        "EventView",
        AllOfEnvironment,
        "to tell old servers and duplicate runs",
    );
    add(cancels, "TaskCancel", Here, "to cancel duplicate runs");
    add(
        answers,
        "InterruptionView",
        AllOfEnvironment,
        "to see guided failures",
    );
    add(
        answers,
        "InterruptionSubmit",
        AllOfEnvironment,
        "to answer guided failures",
    );
    needs
}

fn need(permission: &'static str, reach: Extent, what_for: &'static str) -> Need {
    Need {
        permission,
        reach,
        what_for,
    }
}

impl Need {
    /// The built-in role that has it.
    #[must_use]
    pub fn role(&self) -> &'static str {
        built_in_role(self.permission)
    }

    /// Whether these rights have it. Any grant will do; inside one every restriction counts.
    #[must_use]
    pub fn in_rights(&self, rights: &Rights, site: Site<'_>) -> Has {
        let grants = rights.grants.get(self.permission).map(Vec::as_slice);
        let grants = grants.unwrap_or_default();
        if grants.iter().any(|grant| self.is_met_by(grant, site)) {
            return Has::Whole;
        }
        match grants.first() {
            Some(grant) => Has::Restricted(restrictions(grant)),
            None => Has::Nothing,
        }
    }

    fn is_met_by(&self, grant: &Grant, site: Site<'_>) -> bool {
        let reaches = |restriction: &[String], to: Option<&str>| {
            let mut ids = restriction.iter();
            restriction.is_empty() || to.is_some_and(|to| ids.any(|id| id.eq_ignore_ascii_case(to)))
        };
        let (project, group) = match (self.reach, site.project) {
            (Extent::Here, Some((project, group))) => (Some(project), group),
            (Extent::Here, None) | (Extent::AllOfEnvironment, _) => (None, None),
        };
        // Without a tenant a run is about the targets of all of them.
        let tenant = site.tenant.filter(|_| self.reach == Extent::Here);
        reaches(grant.environments(), Some(site.environment))
            && reaches(grant.projects(), project)
            && reaches(grant.project_groups(), group)
            && reaches(grant.tenants(), tenant)
    }
}

fn restrictions(grant: &Grant) -> String {
    let lists = [
        ("projects", grant.projects()),
        ("project groups", grant.project_groups()),
        ("environments", grant.environments()),
        ("tenants", grant.tenants()),
    ];
    let lists = lists.iter().filter(|(_, ids)| !ids.is_empty());
    let lists: Vec<String> = lists
        .map(|(of, ids)| format!("{of} {}", ids.join(", ")))
        .collect();
    lists.join(" and ")
}
