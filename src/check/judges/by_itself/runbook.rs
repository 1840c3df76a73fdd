//! The project and the runbook: whether anything of them runs at all, and what a run would wait for.

use super::takes_part;
use crate::check::binding::{Spot, guided_failure_override, holds};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::seen::Seen;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{
    EnvironmentPlace, EnvironmentScope, GuidedFailure, Project, Prompted, Runbook, Variable,
};

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let side = &set_up.project;
    let mut findings = match &side.project {
        Seen::Refused(error) => vec![Finding::missing(
            Id::Project,
            "--project",
            error,
            "ProjectView",
        )],
        seen => seen.judged(Id::Project, "--project", "ProjectView", |it| {
            vec![project(it)]
        }),
    };
    findings.extend(match &side.runbook {
        Seen::Refused(error) => vec![Finding::missing(
            Id::Runbook,
            "--runbook",
            error,
            "RunbookView",
        )],
        seen => seen.judged(Id::Runbook, "--runbook", "RunbookView", |it| {
            vec![runbook(it, set_up)]
        }),
    });
    if let (Some(project), Some(_)) = (side.project.known(), side.runbook.known()) {
        findings.extend(
            set_up
                .environment
                .known()
                .map(|it| change_control(project, it, set_up)),
        );
    }
    if let Some(runbook) = side.runbook.known() {
        let failure = guided_failure(runbook, set_up);
        findings.extend(set_up.unless_a_variable_is_hidden(failure));
        let name = set_up.runbook_name();
        findings.extend(
            side.variables
                .judged(Id::PromptedVariables, name, "VariableView", |it| {
                    let asked = prompted(it, name, here(runbook, set_up));
                    set_up.unless_a_variable_is_hidden(asked)
                }),
        );
    }
    findings
}

fn project(project: &Project) -> Finding {
    match project.disabled {
        false => Finding::pass(Id::Project, &project.name, format!("it is {}", project.id)),
        true => Finding::fail(
            Id::Project,
            &project.name,
            "disabled: none of its schedules starts anything",
            "Enable it: the project's Settings > General",
        ),
    }
}

fn runbook(runbook: &Runbook, set_up: &SetUp) -> Finding {
    let (id, name) = (Id::Runbook, &runbook.name);
    let Some(environment) = set_up.environment.known() else {
        return Finding::pass(id, name, format!("it is {}", runbook.id));
    };
    let told = &environment.name;
    if let Some(finding) = kept_out(runbook, environment, set_up) {
        return finding;
    }
    match runbook.untenanted || set_up.draft.tenant.is_some() {
        true => Finding::pass(id, name, format!("it may run in {told}")),
        false => Finding::fail(
            id,
            name,
            "it may only run for a tenant",
            "Allow runs without one: the runbook's Settings > Multi-Tenancy; one untenanted run sees the targets of all tenants",
        ),
    }
}

/// That it may not run in the environment, or that nobody says so.
fn kept_out(runbook: &Runbook, environment: &EnvironmentPlace, set_up: &SetUp) -> Option<Finding> {
    let (id, name, told) = (Id::Runbook, &runbook.name, &environment.name);
    let is_here = |ids: &[String]| {
        let mut ids = ids.iter();
        ids.any(|it| it.eq_ignore_ascii_case(&environment.id))
    };
    let add = format!("Add {told} to its environments: the runbook's Settings > Environments");
    let changes = set_up.project.changes.known();
    let of_lifecycles = changes.and_then(|it| it.promote_to.as_deref());
    match (&runbook.scope, of_lifecycles) {
        (EnvironmentScope::Specified(ids), _) if !is_here(ids) => Some(Finding::fail(
            id,
            name,
            format!("it may not run in {told}"),
            add,
        )),
        (EnvironmentScope::OfLifecycles, Some(ids)) if !is_here(ids) => {
            let found = format!("it may not run in {told}, which no lifecycle of the project has");
            let missing = Finding::fail(id, name, found, add);
            Some(set_up.unless_hidden(missing, "RunbookRunCreate", Extent::Here))
        }
        (EnvironmentScope::OfLifecycles, None) => {
            let found = format!(
                "cannot be told: it may run where the project's lifecycles go, and the server does not say whether that is {told}"
            );
            Some(Finding::warn(id, name, found, add))
        }
        (
            EnvironmentScope::Specified(_) | EnvironmentScope::OfLifecycles | EnvironmentScope::All,
            _,
        ) => None,
    }
}

/// A change request is asked for where both say so.
fn change_control(project: &Project, environment: &EnvironmentPlace, set_up: &SetUp) -> Finding {
    let subject = &project.name;
    let process = set_up.project.process.known();
    if let Some(step) = process.and_then(|it| takes_part::approval(it, set_up)) {
        return Finding::fail(
            Id::ChangeControl,
            step,
            "an approval that each scheduled run would wait for, and all later ones behind it",
            "Take the step out of the runbook, or disable it; then publish the runbook",
        );
    }
    match project.change_control && environment.change_control {
        false => Finding::pass(Id::ChangeControl, subject, "no approval is asked for"),
        true => Finding::warn(
            Id::ChangeControl,
            subject,
            format!(
                "project and environment {} are under change control (Jira Service Management or ServiceNow): each scheduled run may wait for an approval",
                environment.name
            ),
            "Keep the runbook in a project without change control, or exclude runbook runs from it",
        ),
    }
}

/// A run that waits for a person holds up every later one of that runbook.
fn guided_failure(runbook: &Runbook, set_up: &SetUp) -> Finding {
    const AWAY: &str = "Scope the variable away from this runbook, or delete it";
    const OFF: &str = "Set it off: the runbook's Settings > Default Failure Mode";
    let (id, name) = (Id::RunbookFailure, &runbook.name);
    let environment = set_up.environment.known();
    let environment = environment.map(|it| it.guided_failure);
    let variables = set_up.project.variables.known().map(Vec::as_slice);
    let at = here(runbook, set_up);
    match guided_failure_override(variables.unwrap_or_default(), at) {
        None => {}
        Some((it, Some(true))) => {
            let found = format!(
                "the variable {} switches it on, whatever the runbook says",
                it.title()
            );
            return Finding::fail(id, name, found, AWAY);
        }
        Some((it, Some(false))) => {
            return Finding::pass(
                id,
                name,
                format!("the variable {} switches it off", it.title()),
            );
        }
        Some((it, None)) => {
            let found = format!(
                "could not be seen: what a run makes of the variable {}",
                it.title()
            );
            return Finding::warn(id, name, found, AWAY);
        }
    }
    let waits = "the first red run waits for a person, and all later ones queue up behind it";
    match (runbook.guided_failure, environment) {
        (GuidedFailure::Off, _) => Finding::pass(id, name, "off"),
        (GuidedFailure::On, _) => Finding::fail(id, name, format!("on: {waits}"), OFF),
        (GuidedFailure::OfEnvironment | GuidedFailure::Unsaid, Some(true)) => Finding::fail(
            id,
            name,
            format!("the environment's, where it is on: {waits}"),
            OFF,
        ),
        (GuidedFailure::OfEnvironment | GuidedFailure::Unsaid, Some(false) | None) => {
            Finding::warn(
                id,
                name,
                "the environment's, which is off today, and may be switched on for deployments",
                OFF,
            )
        }
    }
}

/// Where a variable must hold to be the runbook's.
fn here<'a>(runbook: &'a Runbook, set_up: &'a SetUp) -> Spot<'a> {
    Spot {
        environment: set_up.environment_id().unwrap_or_default(),
        owner: &runbook.id,
    }
}

/// A schedule has nobody who could give a value.
fn prompted(variables: &[Variable], name: &str, at: Spot<'_>) -> Finding {
    let required = variables
        .iter()
        .filter(|it| it.prompted == Prompted::Required && holds(it, at));
    let required: Vec<String> = required.map(Variable::title).collect();
    match required[..] {
        [] => Finding::pass(Id::PromptedVariables, name, "none is required"),
        _ => Finding::fail(
            Id::PromptedVariables,
            name,
            format!(
                "a run asks for {}: a scheduled one fails or is skipped",
                required.join(", ")
            ),
            "Make the prompt optional: the project's Variables (or the library variable set) > the variable > Prompt",
        ),
    }
}
