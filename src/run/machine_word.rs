//! Asks whether the machines of the candidates answer: what Octopus knows already, and for the others one test of their
//! connections. What it means is decided in [`crate::reconcile::machine_word`].

use super::case::{Case, leave_out, leave_untested};
use super::connection_test::words;
use super::in_use::in_time;
use super::snapshot::Clients;
use crate::console::Console;
use crate::error::{Error, Service};
use crate::http::Deadline;
use crate::octopus::{LastCheck, permissions};
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::machine_word::{self, Ages, Policies, Test, Word};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Health, Target};
use crate::reconcile::verdict::Untested;
use crate::report::{Asked, telling_changes};
use crate::settings::{CallerKind, DryRun, HealthyTargets, Settings};
use crate::workers;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Fourth piece of evidence: the machine itself does not answer. Gives every candidate its word, or leaves it untested. With it
/// comes how long a test took, where one was made.
pub fn ask_machines(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
) -> Result<(Vec<Brake>, Option<Duration>), Error> {
    if settings.healthy_targets == HealthyTargets::Remove {
        return Ok((Vec::new(), None));
    }
    let asked = SystemTime::now();
    let ages = ages(clients, settings, console, &mut case.plan)?;
    case.note(asked, Asked::LastChecks);
    telling_changes(console, &mut case.plan, |plan| {
        machine_word::judge_last_words(plan, &ages);
    });
    leave_what_is_not_tested(clients, settings, console, &mut case.plan);
    if !machine_word::has_open(&case.plan) {
        return Ok((
            brake::nobody_answers(&case.plan).into_iter().collect(),
            None,
        ));
    }
    let begun = Instant::now();
    let policies = policies(clients, settings, console, &mut case.plan);
    let test = Test::choose(&case.plan, &ages, settings.limit, &policies);
    let asked = SystemTime::now();
    let words = match test.candidates.is_empty() {
        true => HashMap::new(),
        false => {
            let told = words(clients, settings, console, &mut case.plan, &test);
            case.note(asked, Asked::Test(told.check));
            told.words
        }
    };
    let mut brakes = telling_changes(console, &mut case.plan, |plan| {
        machine_word::weigh_test(plan, &test, &words)
    });
    let answered = |control: &Arc<Target>| words.get(&control.id) == Some(&Word::Reached);
    if brakes.is_empty() && !test.controls.iter().any(answered) {
        brakes.extend(brake::nobody_answers(&case.plan));
    }
    Ok((brakes, Some(begun.elapsed())))
}

/// How long ago the candidates were checked. Of one that cannot be asked about that is not known; what is not registered any
/// more is left out.
fn ages(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
) -> Result<Ages, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let targets = machine_word::to_be_dated(plan);
    let answers = workers::map(&targets, |it| clients.octopus.last_check(&it.id, deadline));
    let errors = answers
        .iter()
        .filter_map(|(_, answer)| answer.as_ref().err());
    let attempted = "ask when every candidate was checked last";
    in_time(deadline, Service::Octopus, attempted, errors)?;
    let mut ages = Ages::new();
    for (target, answer) in answers {
        match answer {
            Ok(LastCheck::Ago(age)) => drop(ages.insert(target.id.clone(), age)),
            // A list that calls it unavailable is late.
            Ok(LastCheck::AgoOnline(_)) if target.health == Health::Unavailable => {}
            Ok(LastCheck::AgoOnline(age)) => drop(ages.insert(target.id.clone(), age)),
            Ok(LastCheck::Gone) => leave_out(console, plan, target),
            Ok(LastCheck::Unknown) | Err(_) => {}
        }
    }
    Ok(ages)
}

/// Where nothing is tested: as the settings say, in a deployment, and in a dry run.
fn leave_what_is_not_tested(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
) {
    let why = match (settings.healthy_targets, settings.caller.kind) {
        (HealthyTargets::Remove, _) => return,
        (HealthyTargets::Defer, _) => Untested::Left,
        (HealthyTargets::Check, CallerKind::Deployment) => Untested::InDeployment,
        (HealthyTargets::Check, CallerKind::RunbookRun | CallerKind::Terminal) => {
            match (settings.test_timeout.is_zero(), settings.dry_run) {
                (true, _) => Untested::Left,
                (false, DryRun::No) => return,
                (false, DryRun::Yes) => {
                    // What a test would not decide is no more than that in a dry run.
                    policies(clients, settings, console, plan);
                    Untested::DryRun
                }
            }
        }
    };
    leave_untested(console, plan, |_| Some(why.clone()));
}

/// The machine policies, where something would be tested; leaves the candidates whose policy, as far as is known, could have
/// the test delete them.
fn policies(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
) -> Policies {
    if !machine_word::has_open(plan) {
        return Policies::default();
    }
    let deadline = Deadline::within(settings.tuning.phase);
    match clients.octopus.machine_policies(deadline) {
        Ok(policies) => {
            leave_untested(console, plan, |target| {
                (!policies.spare(target)).then_some(Untested::PolicyDeletes)
            });
            policies
        }
        Err(error) => {
            let needs = permissions::MACHINE_POLICIES;
            let why = permissions::unanswered(&error, needs);
            leave_untested(console, plan, |_| Some(Untested::NoTest(why.clone())));
            Policies::default()
        }
    }
}

/// What the last look at the targets says of those whose evidence rests on Octopus calling them unavailable.
pub fn hold_to_last_words(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
) {
    let deadline = Deadline::within(settings.tuning.phase);
    let own_state = |target: &Target| {
        let state = clients.octopus.own_state(&target.id, deadline);
        state.ok().flatten().map(|state| state.health)
    };
    telling_changes(console, &mut case.plan, |plan| {
        machine_word::hold_to_last_words(plan, own_state);
    });
}
