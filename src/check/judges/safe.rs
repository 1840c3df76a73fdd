//! Is it safe? What a scale-in would do, whose names are whose, and what else of the space has a hand in it.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{GuidedFailure, MachinePolicy, Process, Trigger};
use crate::reconcile::plan::{Limit, OwnedOnly};
use crate::settings::{BusyTargets, Draft, HealthyTargets, ReferencedTargets};
use std::time::Duration;

/// What Octopus's guide recommends, and this program's, too.
const INTERVAL: Duration = Duration::from_secs(15 * 60);

const POLICY: &str = "Infrastructure > Machine Policies > the policy";

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
    let mut findings = policies(set_up);
    findings.extend(set_up.triggers.judged(
        Id::HealthTriggers,
        "triggers of the space",
        "TriggerView for all projects",
        |triggers| vec![health_triggers(triggers, set_up.run())],
    ));
    findings.extend(guided_failure(set_up));
    let project = set_up.project.project.known();
    let project = project.map_or("the project", |it| it.name.as_str());
    let deployments = &set_up.project.deployments;
    findings.extend(
        deployments.judged(Id::RequiredSteps, project, "ProcessView", |process| {
            vec![required_steps(project, process)]
        }),
    );
    findings.extend(options(set_up));
    findings
}

/// The options of the step; by hand, where nobody asks about a runbook. Why there is no step was said.
fn options(set_up: &SetUp) -> Option<Finding> {
    match (&set_up.project.step, set_up.asks_about_a_runbook()) {
        (Seen::Known(step), _) => match step.first_unseen(&OPTIONS) {
            Some(unseen) => Some(unseen.finding(Id::Options, "options of a run")),
            None => Some(evidence(set_up.run())),
        },
        (Seen::Refused(_) | Seen::NotAsked(_), true) => None,
        (Seen::Refused(_) | Seen::NotAsked(_), false) => Some(evidence(set_up.run())),
    }
}

/// The policies of the targets in scope; a target that names none has the default one.
fn policies(set_up: &SetUp) -> Vec<Finding> {
    let Some(targets) = set_up.targets.known() else {
        return Vec::new();
    };
    let named = &targets.policies;
    if named.is_empty() {
        return Vec::new();
    }
    let subject = "machine policies";
    set_up
        .policies
        .judged(Id::MachinePolicy, subject, "MachinePolicyView", |all| {
            let is_theirs = |policy: &&MachinePolicy| {
                let mut named = named.iter();
                named.any(|id| match id {
                    Some(id) => policy.id.eq_ignore_ascii_case(id),
                    None => policy.is_default,
                })
            };
            let tests = set_up.run().healthy_targets == HealthyTargets::Check;
            let theirs = all.iter().filter(is_theirs);
            theirs
                .flat_map(|policy| {
                    [
                        health_check(policy),
                        deletes(policy),
                        updates(policy, tests),
                        new_machines(policy),
                    ]
                })
                .collect()
        })
}

fn health_check(policy: &MachinePolicy) -> Finding {
    let (id, name) = (Id::MachinePolicy, &policy.name);
    let mut odd: Vec<String> = Vec::new();
    match (policy.interval, &policy.cron) {
        (Some(interval), _) if interval > INTERVAL => {
            odd.push(format!(
                "it checks every {} minutes",
                interval.as_secs() / 60
            ));
        }
        (None, None) => odd.push("it never checks".into()),
        (None, Some(line)) => match crate::check::cron::rhythm(line) {
            Some(rhythm) if rhythm.longest <= INTERVAL.as_secs() / 60 => {}
            Some(_) | None => odd.push(format!("it checks by the cron line {line}")),
        },
        (Some(_), _) => {}
    }
    if !policy.only_connections {
        odd.push("its health check runs scripts on the machines".into());
    }
    if policy.away_fails {
        odd.push("a machine that is gone makes each health check fail".into());
    }
    match odd[..] {
        [] => Finding::pass(id, name, "connection only, every 15 minutes or more often"),
        _ => Finding::warn(
            id,
            name,
            odd.join("; "),
            format!(
                "Set 15 minutes, 'Only perform connection test' and 'Unavailable machines will not cause health checks to fail': {POLICY}"
            ),
        ),
    }
}

fn deletes(policy: &MachinePolicy) -> Finding {
    let (id, name) = (Id::PolicyDeletes, &policy.name);
    match policy.deletes {
        false => Finding::pass(id, name, "it deletes nothing"),
        true => Finding::warn(
            id,
            name,
            "it deletes the registration of a machine that is only stopped, or whose Tentacle hangs; and no connection is tested there, since the test itself would delete",
            format!("Set 'Do not automatically delete unavailable machines': {POLICY}"),
        ),
    }
}

/// The test of a connection is a health check, after which the policy updates what it updates.
fn updates(policy: &MachinePolicy, tests: bool) -> Finding {
    let (id, name) = (Id::PolicyUpdates, &policy.name);
    match (&policy.updates[..], tests) {
        ([], _) => Finding::pass(id, name, "it updates nothing"),
        (_, false) => Finding::pass(id, name, "no run has a connection tested"),
        (what, true) => Finding::warn(
            id,
            name,
            format!(
                "it updates {} after a health check, so the test of a run starts that",
                what.join(" and ")
            ),
            format!("Let it update on deployments only: {POLICY} > Updates"),
        ),
    }
}

fn new_machines(policy: &MachinePolicy) -> Finding {
    let (id, name) = (Id::NewMachines, &policy.name);
    match policy.is_default {
        false => Finding::pass(
            id,
            name,
            format!(
                "those of today have it; those of tomorrow take it from the script that registers them: register-with --policy \"{name}\""
            ),
        ),
        true => Finding::warn(
            id,
            name,
            "targets have the default policy, and so will new machines whose registration names none",
            "Make a policy for the scale set's machines, give it to the targets, and add --policy \"NAME\" to register-with in the script that registers machines",
        ),
    }
}

fn health_triggers(triggers: &[Trigger], run: &Draft) -> Finding {
    let id = Id::HealthTriggers;
    let subject = "triggers of the space";
    let listening = triggers
        .iter()
        .filter(|it| !it.disabled && !it.health_events.is_empty());
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
    match (&listening[..], run.healthy_targets) {
        ([], _) => Finding::pass(id, subject, "none listens to a target's health"),
        (_, HealthyTargets::Defer | HealthyTargets::Remove) => {
            Finding::pass(id, subject, "no run has a connection tested")
        }
        (_, HealthyTargets::Check) => Finding::warn(
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

/// On for either, a deployment waits for somebody where a machine vanishes under it.
fn guided_failure(set_up: &SetUp) -> Vec<Finding> {
    let id = Id::GuidedFailure;
    let side = &set_up.project;
    let Some(environment) = set_up.environment.known() else {
        return Vec::new();
    };
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

fn required_steps(project: &str, process: &Process) -> Finding {
    let id = Id::RequiredSteps;
    let required = process
        .actions
        .iter()
        .filter(|it| it.required && !it.disabled);
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
fn evidence(run: &Draft) -> Finding {
    let (id, subject) = (Id::Options, "options of a run");
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
