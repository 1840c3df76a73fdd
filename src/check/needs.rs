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
    /// The runbook's own project, whatever the environment: a variable that is scoped to none is hidden from whoever may see those
    /// of some alone (octopus.com/docs, "Security and un-scoped variables").
    OfProject,
    /// Every project and every environment, for the same reason.
    Everywhere,
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

/// What runs with these options need, each permission once.
#[must_use]
pub fn needs_of(runs: &[&Draft]) -> Vec<Need> {
    let parts = [of_removals, of_evidence, of_deployments];
    let all = parts
        .iter()
        .flat_map(|part| runs.iter().flat_map(|run| part(run)));
    let mut needs: Vec<Need> = Vec::new();
    for need in all {
        if !needs.iter().any(|it| it.permission == need.permission) {
            needs.push(need);
        }
    }
    needs
}

/// Reading targets, testing them, and taking them away.
fn of_removals(run: &Draft) -> Vec<Need> {
    use Extent::Here;
    let deletes = run.rules.action == RemovalAction::Delete;
    let tests = run.healthy_targets == HealthyTargets::Check;
    let edits = match tests {
        true => "to have connections tested",
        false => "to disable targets",
    };
    let policies = "to test nothing whose policy deletes what is unavailable";
    chosen([
        (true, "MachineView", Here, "to read the targets"),
        (deletes, "MachineDelete", Here, "to remove targets"),
        (tests || !deletes, "MachineEdit", Here, edits),
        (tests, "TaskCreate", Here, "to have connections tested"),
        (tests, "MachinePolicyView", Here, policies),
    ])
}

/// Seeing what a target is used for.
fn of_evidence(run: &Draft) -> Vec<Need> {
    use Extent::{AllOfEnvironment, Everywhere};
    let uses = run.busy_targets == BusyTargets::Defer;
    let tests = run.healthy_targets == HealthyTargets::Check;
    let answers = run.guided_failures == GuidedFailureHandling::Exclude;
    let deletes = run.rules.action == RemovalAction::Delete;
    let refers = deletes && run.referenced_targets == ReferencedTargets::Hold;
    let in_use = "to see which targets are in use";
    let variables = "to lose no variables that are scoped to one target";
    chosen([
        (
            uses || tests || answers,
            "TaskView",
            AllOfEnvironment,
            in_use,
        ),
        (uses, "DeploymentView", AllOfEnvironment, in_use),
        (uses, "RunbookRunView", AllOfEnvironment, in_use),
        (refers, "VariableView", Everywhere, variables),
        (refers, "LibraryVariableSetView", Everywhere, variables),
    ])
}

/// What only some options ask for.
fn of_deployments(run: &Draft) -> Vec<Need> {
    use Extent::{AllOfEnvironment, Here};
    let old = run.redeployments.old_servers == ExcludeOldServers::Yes;
    let cancels = run.redeployments.duplicates == DuplicateHandling::Cancel;
    let answers = run.guided_failures == GuidedFailureHandling::Exclude;
    let past = "to tell old servers and duplicate runs";
    let guided = "to answer guided failures";
    chosen([
        (old || cancels, "EventView", AllOfEnvironment, past),
        (cancels, "TaskCancel", Here, "to cancel duplicate runs"),
        (answers, "InterruptionView", AllOfEnvironment, guided),
        (answers, "InterruptionSubmit", AllOfEnvironment, guided),
    ])
}

/// Those that are needed.
fn chosen<const N: usize>(all: [(bool, &'static str, Extent, &'static str); N]) -> Vec<Need> {
    let needed = all.into_iter().filter(|(is_needed, ..)| *is_needed);
    let need = |(_, permission, reach, what_for)| Need {
        permission,
        reach,
        what_for,
    };
    needed.map(need).collect()
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
        has(rights, self.permission, self.reach, site)
    }
}

/// What lets a key change who may what.
const POWERS: [&str; 6] = [
    "AdministerSystem",
    "UserEdit",
    "UserRoleEdit",
    "TeamEdit",
    "SpaceEdit",
    "SpaceCreate",
];

/// What these rights have of that.
#[must_use]
pub fn powers_of(rights: &Rights) -> Vec<&'static str> {
    let granted = |power: &&str| {
        rights.of_system.iter().any(|it| it == power)
            || rights
                .grants
                .get(*power)
                .is_some_and(|grants| !grants.is_empty())
    };
    POWERS.into_iter().filter(granted).collect()
}

/// Whether these rights have a permission, as far as it must reach.
#[must_use]
pub fn has(rights: &Rights, permission: &str, reach: Extent, site: Site<'_>) -> Has {
    let grants = rights.grants.get(permission).map(Vec::as_slice);
    let grants = grants.unwrap_or_default();
    if grants.iter().any(|grant| is_met_by(grant, reach, site)) {
        return Has::Whole;
    }
    match grants.first() {
        Some(grant) => Has::Restricted(restrictions(grant)),
        None => Has::Nothing,
    }
}

/// Whether a grant of it that reaches so far, tenants aside, names this tenant.
#[must_use]
pub fn names(need: &Need, rights: &Rights, site: Site<'_>, tenant: &str) -> bool {
    let mut grants = rights.grants.get(need.permission).into_iter().flatten();
    grants.any(|grant| {
        let mut named = grant.tenants().iter();
        named.any(|id| id.eq_ignore_ascii_case(tenant))
            && is_met_without_tenants(grant, need.reach, site)
    })
}

fn is_met_by(grant: &Grant, reach: Extent, site: Site<'_>) -> bool {
    // Without a tenant a run is about the targets of all of them.
    let tenant = site.tenant.filter(|_| reach == Extent::Here);
    reaches(grant.tenants(), tenant) && is_met_without_tenants(grant, reach, site)
}

/// A list that is empty restricts nothing.
fn reaches(restriction: &[String], to: Option<&str>) -> bool {
    let mut ids = restriction.iter();
    restriction.is_empty() || to.is_some_and(|to| ids.any(|id| id.eq_ignore_ascii_case(to)))
}

fn is_met_without_tenants(grant: &Grant, reach: Extent, site: Site<'_>) -> bool {
    let (project, group) = match (reach, site.project) {
        (Extent::Here | Extent::OfProject, Some((project, group))) => (Some(project), group),
        (Extent::Here | Extent::OfProject, None)
        | (Extent::AllOfEnvironment | Extent::Everywhere, _) => (None, None),
    };
    let environment = match reach {
        Extent::Here | Extent::AllOfEnvironment => Some(site.environment),
        Extent::OfProject | Extent::Everywhere => None,
    };
    reaches(grant.environments(), environment)
        && reaches(grant.projects(), project)
        && reaches(grant.project_groups(), group)
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

#[cfg(test)]
mod tests {
    use super::{Extent, Has, Need, Site};
    use crate::octopus::set_up::{Grant, Rights};
    use serde_json::{Value, json};

    const SITE: Site<'_> = Site {
        environment: "Environments-1",
        project: Some(("Projects-1", Some("ProjectGroups-1"))),
        tenant: None,
    };

    /// Whether a need that reaches so far is met by these grants.
    fn met(reach: Extent, site: Site<'_>, grants: &Value) -> Has {
        let grants: Vec<Grant> = serde_json::from_value(grants.clone()).expect("grants");
        let rights = Rights {
            grants: [("TaskView".to_owned(), grants)].into(),
            ..Rights::default()
        };
        let need = Need {
            permission: "TaskView",
            reach,
            what_for: "",
        };
        need.in_rights(&rights, site)
    }

    fn restricted(kind: &str, ids: &[&str]) -> Value {
        json!({ format!("RestrictedTo{kind}Ids"): ids })
    }

    #[test]
    fn any_grant_will_do_and_inside_one_every_restriction_counts() {
        let here = restricted("Environment", &["environments-1"]);
        let there = restricted("Environment", &["Environments-2"]);
        let mixed = json!({
            "RestrictedToEnvironmentIds": ["Environments-1"],
            "RestrictedToTenantIds": ["Tenants-1"],
        });
        for (grants, whole) in [
            (json!([{}]), true),
            (json!([here]), true),
            (json!([there]), false),
            (json!([there, here]), true),
            (json!([mixed]), false),
            (json!([mixed, {}]), true),
        ] {
            for reach in [Extent::Here, Extent::AllOfEnvironment] {
                let has = met(reach, SITE, &grants);
                assert_eq!(has == Has::Whole, whole, "{grants}: {has:?}");
            }
        }
        assert_eq!(met(Extent::Here, SITE, &json!([])), Has::Nothing);
    }

    #[test]
    fn what_lists_leave_out_is_no_matter_where_only_the_runbooks_own_project_counts() {
        for own in [
            restricted("Project", &["Projects-1"]),
            restricted("ProjectGroup", &["ProjectGroups-1"]),
        ] {
            let grants = json!([own]);
            assert_eq!(met(Extent::Here, SITE, &grants), Has::Whole);
            let has = met(Extent::AllOfEnvironment, SITE, &grants);
            assert!(matches!(has, Has::Restricted(_)), "{has:?}");
        }
    }

    #[test]
    fn a_tenants_run_is_about_its_tenant_and_any_other_about_all() {
        let grants = json!([restricted("Tenant", &["Tenants-1"])]);
        let of_tenant = Site {
            tenant: Some("Tenants-1"),
            ..SITE
        };
        assert_eq!(met(Extent::Here, of_tenant, &grants), Has::Whole);
        let told = Has::Restricted("tenants Tenants-1".into());
        assert_eq!(met(Extent::Here, SITE, &grants), told);
        assert_eq!(met(Extent::AllOfEnvironment, of_tenant, &grants), told);
    }
}
