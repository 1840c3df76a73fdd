//! Is it safe? What a scale-in would do, whose names are whose, and what else of the space has a hand in it.

use super::machine_policies;
use crate::check::binding::{Spot, guided_failure_override};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::own_steps::{RunsAt, left_out};
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::{SetUp, StepSeen};
use crate::octopus::is_same_tag;
use crate::octopus::set_up::{GuidedFailure, Process, Trigger};
use crate::reconcile::plan::{Limit, OwnedOnly};
use crate::reconcile::snapshot::Target;
use crate::settings::{BusyTargets, Draft, HealthyTargets, ReferencedTargets};
use std::sync::Arc;

const SWITCH_ON: &str = "Switch it on: Infrastructure > Environments > the environment > Edit > Default Guided Failure Mode; or the project's Settings > Default failure mode";

/// The options that can take away evidence.
const OPTIONS: [&str; 5] = [
    "VMSS.Removal.OwnedOnly",
    "VMSS.Removal.Limit",
    "VMSS.Healthy.Handle",
    "VMSS.BusyTargets.Handle",
    "VMSS.ReferencedTargets.Handle",
];

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = machine_policies::judge(set_up);
    findings.extend(set_up.triggers.judged(
        Id::HealthTriggers,
        "triggers of the space",
        "TriggerView for all projects",
        |triggers| vec![health_triggers(triggers, set_up)],
    ));
    let failure = guided_failure(set_up).into_iter();
    findings.extend(failure.flat_map(|it| set_up.unless_a_variable_is_hidden(it)));
    let project = set_up.project.project.known();
    let project = project.map_or("the project", |it| it.name.as_str());
    let deployments = &set_up.project.deployments;
    findings.extend(
        deployments.judged(Id::RequiredSteps, project, "ProcessView", |process| {
            vec![required_steps(project, process, set_up.environment_id())]
        }),
    );
    findings.extend(options(set_up));
    findings
}

/// The options of each step; by hand, where nobody asks about a runbook. Why there is no step was said.
fn options(set_up: &SetUp) -> Vec<Finding> {
    let (id, usual) = (Id::Options, "options of a run");
    match set_up.project.known_steps() {
        [] if set_up.asks_about_a_runbook() => Vec::new(),
        [] => vec![evidence(set_up.run(), usual)],
        steps => {
            let subject = |step: &StepSeen| match steps.len() {
                1 => usual.to_owned(),
                _ => format!("options of {}", step.action.name),
            };
            let finding = |step: &StepSeen| match step.first_unseen(&OPTIONS) {
                Some(unseen) => unseen.finding(id, &subject(step)),
                None => evidence(set_up.run_of(step), &subject(step)),
            };
            steps.iter().map(finding).collect()
        }
    }
}

fn health_triggers(triggers: &[Trigger], set_up: &SetUp) -> Finding {
    let id = Id::HealthTriggers;
    let subject = "triggers of the space";
    let listening = triggers
        .iter()
        .filter(|it| !it.disabled && !it.health_events.is_empty() && hears(it, set_up));
    let listening: Vec<String> = listening
        .map(|it| {
            format!(
                "{} in {} ({})",
                it.name,
                it.project,
                it.health_events.join(", ")
            )
        })
        .collect();
    match (&listening[..], set_up.tests_connections()) {
        (_, false) => Finding::pass(id, subject, "no run has a connection tested"),
        ([], true) => {
            let none = Finding::pass(id, subject, "none listens to a target's health");
            set_up.unless_hidden(none, "TriggerView", Extent::AllOfEnvironment)
        }
        (_, true) => Finding::warn(
            id,
            subject,
            format!(
                "a run's test of a connection may start {}",
                listening.join("; ")
            ),
            "Let these triggers listen to 'Machine created' only, or set VMSS.Healthy.Handle to Defer",
        ),
    }
}

/// Whether it listens to one of the targets in scope; where these are not known, perhaps.
fn hears(trigger: &Trigger, set_up: &SetUp) -> bool {
    let is_of = |listed: &[String], own: &[String], is_same: fn(&str, &str) -> bool| {
        let has = |it: &String| listed.iter().any(|one| is_same(it, one));
        listed.is_empty() || own.iter().any(has)
    };
    set_up.targets.known().is_none_or(|targets| {
        let all = &targets.in_scope;
        let is_heard = |it: &Arc<Target>| {
            let (places, roles) = (&trigger.health_environments, &trigger.health_roles);
            is_of(places, &it.environments, str::eq_ignore_ascii_case)
                && is_of(roles, &it.roles, is_same_tag)
        };
        all.is_empty() || all.iter().any(is_heard)
    })
}

/// On for either, a deployment waits for somebody where a machine vanishes under it.
fn guided_failure(set_up: &SetUp) -> Vec<Finding> {
    let id = Id::GuidedFailure;
    let side = &set_up.project;
    let Some(environment) = set_up.environment.known() else {
        return Vec::new();
    };
    if let Some(finding) = by_variable(set_up, &environment.name) {
        return vec![finding];
    }
    match (&side.project, environment.guided_failure) {
        (Seen::NotAsked(NotAsked::NoProject), true) => vec![Finding::pass(
            id,
            &environment.name,
            "on for the environment; a project may switch it off",
        )],
        (Seen::NotAsked(NotAsked::NoProject), false) => vec![Finding::warn(
            id,
            &environment.name,
            "not on for the environment; whether it is for the project is not known",
            SWITCH_ON,
        )],
        (_, on) => {
            let permission = "ProjectView and ProcessView";
            let settings = &side.settings;
            settings.judged(id, &environment.name, permission, |it| {
                vec![of_deployments(it.guided_failure, on, &environment.name)]
            })
        }
    }
}

/// A variable of the project overrides both for its deployments.
fn by_variable(set_up: &SetUp, subject: &str) -> Option<Finding> {
    let id = Id::GuidedFailure;
    let at = Spot {
        environment: set_up.environment_id()?,
        owner: &set_up.project.project.known()?.id,
    };
    let variables = set_up.project.variables.known()?;
    let (variable, on) = guided_failure_override(variables, at)?;
    let name = variable.title();
    Some(match on {
        Some(true) => Finding::pass(id, subject, format!("the variable {name} switches it on")),
        Some(false) => Finding::warn(
            id,
            subject,
            format!(
                "the variable {name} switches it off, whatever environment and project say: a machine that vanishes under a deployment fails it"
            ),
            "Scope the variable to runbooks, or delete it: the project's Variables",
        ),
        None => Finding::warn(
            id,
            subject,
            format!("could not be seen: what a deployment makes of the variable {name}"),
            "Look what it holds in this environment: the project's Variables",
        ),
    })
}

/// Guided failure of deployments, by what the project says and whether it is on for the environment.
fn of_deployments(project: GuidedFailure, environment: bool, subject: &str) -> Finding {
    let id = Id::GuidedFailure;
    match (project, environment) {
        (GuidedFailure::On, _) => Finding::pass(id, subject, "on for the project"),
        (GuidedFailure::Off, true) => Finding::warn(
            id,
            subject,
            "on for the environment, and the project switches it off: a machine that vanishes under a deployment fails it",
            SWITCH_ON,
        ),
        (GuidedFailure::OfEnvironment | GuidedFailure::Unsaid, true) => {
            Finding::pass(id, subject, "on for the environment")
        }
        (GuidedFailure::Off | GuidedFailure::OfEnvironment | GuidedFailure::Unsaid, false) => {
            Finding::warn(
                id,
                subject,
                "on for neither environment nor project: a machine that vanishes under a deployment fails it",
                SWITCH_ON,
            )
        }
    }
}

/// Those that a deployment to the environment runs; one may be for a tenant.
fn required_steps(project: &str, process: &Process, environment: Option<&str>) -> Finding {
    let id = Id::RequiredSteps;
    let at = RunsAt {
        environment,
        tenanted: true,
    };
    let required = process
        .actions
        .iter()
        .filter(|it| it.required && !it.disabled && left_out(it, at).is_none());
    let required: Vec<&str> = required.map(|it| it.name.as_str()).collect();
    match required[..] {
        [] => Finding::pass(id, project, "none is"),
        _ => Finding::warn(
            id,
            project,
            format!(
                "a guided failure in {} offers no 'Exclude machine from deployment'",
                required.join(", ")
            ),
            "Let these steps be skipped where a machine may vanish: the project's Process > the step > Required",
        ),
    }
}

/// What each option that differs from its default in this direction takes away.
fn evidence(run: &Draft, subject: &str) -> Finding {
    let id = Id::Options;
    let chosen = [
        (
            run.rules.owned_only == OwnedOnly::No,
            "Removal.OwnedOnly = No removes whatever matches no machine, whatever its name",
        ),
        (
            run.healthy_targets == HealthyTargets::Remove,
            "Healthy.Handle = Remove asks no machine whether it answers",
        ),
        (
            run.busy_targets == BusyTargets::Remove,
            "BusyTargets.Handle = Remove takes targets away from under a deployment",
        ),
        (
            run.referenced_targets == ReferencedTargets::Remove,
            "ReferencedTargets.Handle = Remove loses variables that are scoped to one target",
        ),
        (
            run.limit == Limit::Percent(100),
            "Removal.Limit = 100% is no limit",
        ),
    ];
    let chosen = chosen.iter().filter(|(is, _)| *is).map(|(_, what)| *what);
    let chosen: Vec<&str> = chosen.collect();
    match chosen[..] {
        [] => Finding::pass(id, subject, "all evidence counts"),
        _ => Finding::warn(
            id,
            subject,
            chosen.join("; "),
            "Take the option away, unless it is meant: docs/parameters.md says what each is for",
        ),
    }
}
