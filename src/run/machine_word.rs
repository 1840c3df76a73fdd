//! Asks whether the machines of the candidates answer: what Octopus knows already, and for the others one test of their
//! connections. What it means is decided in [`crate::reconcile::machine_word`].

use super::case::Case;
use super::in_use::in_time;
use super::snapshot::Clients;
use crate::console::Console;
use crate::error::{Error, Service, ServiceError};
use crate::http::Deadline;
use crate::octopus::{HealthCheckOrder, LastCheck, TaskState, TaskStatus, Written, permissions};
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::machine_word::{self, Ages, Policies, Test, TestRun, UnhealthySsh, Word};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Connection, Health, Target, TargetId};
use crate::reconcile::verdict::{Unanswered, Untested};
use crate::report::{count_of, names_of, telling_changes};
use crate::settings::{CallerKind, DryRun, HealthyTargets, Settings};
use crate::workers;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How much longer than its timeout a test is waited for: the server needs a moment to end it.
const GRACE: Duration = Duration::from_secs(30);

/// A server that is busy with other tasks leaves a test in the queue; one that has not begun after this is left there.
const PATIENCE_IN_QUEUE: Duration = Duration::from_secs(60);

/// So many targets are tested at once by a server as it is installed.
const TESTED_AT_ONCE: usize = 20;

/// Fourth piece of evidence: the machine itself does not answer. Gives every candidate its word, or leaves it untested.
pub fn ask_machines(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    case: &mut Case,
) -> Result<Vec<Brake>, Error> {
    if settings.healthy_targets == HealthyTargets::Remove {
        return Ok(Vec::new());
    }
    let ages = ages(clients, settings, console, &mut case.plan)?;
    telling_changes(console, &mut case.plan, |plan| {
        machine_word::judge_last_words(plan, &ages);
    });
    leave_what_is_not_tested(clients, settings, console, &mut case.plan);
    if !machine_word::has_open(&case.plan) {
        return Ok(brake::nobody_answers(&case.plan).into_iter().collect());
    }
    let policies = policies(clients, settings, console, &mut case.plan);
    let test = Test::choose(&case.plan, &ages, settings.limit, &policies);
    let words = match test.candidates.is_empty() {
        true => HashMap::new(),
        false => words(clients, settings, console, &mut case.plan, &test),
    };
    let mut brakes = telling_changes(console, &mut case.plan, |plan| {
        machine_word::weigh_test(plan, &test, &words)
    });
    let answered = |control: &Arc<Target>| words.get(&control.id) == Some(&Word::Reached);
    if brakes.is_empty() && !test.controls.iter().any(answered) {
        brakes.extend(brake::nobody_answers(&case.plan));
    }
    Ok(brakes)
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
            Ok(LastCheck::Gone) => leave_out(console, plan, target),
            Ok(LastCheck::Unknown) | Err(_) => {}
        }
    }
    Ok(ages)
}

/// Somebody else ended it already.
fn leave_out(console: &Console, plan: &mut Plan, target: &Target) {
    console.info(format_args!(
        "{} ({}) is not registered any more; nothing is left to do",
        target.name, target.id
    ));
    plan.rows.retain(|row| row.target.id != target.id);
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
        (_, CallerKind::Deployment) => Untested::InDeployment,
        (HealthyTargets::Defer, CallerKind::RunbookRun | CallerKind::Terminal) => Untested::Left,
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

fn leave_untested(console: &Console, plan: &mut Plan, why: impl Fn(&Target) -> Option<Untested>) {
    telling_changes(console, plan, |plan| {
        machine_word::leave_untested(plan, why)
    });
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
            let why = Unanswered::of(&error, error.is_refusal(), needs);
            leave_untested(console, plan, |_| Some(Untested::NoTest(why.clone())));
            Policies::default()
        }
    }
}

/// Has the connections tested, and says what came of it for each target. Where that cannot be had, the candidates are left
/// untested.
fn words(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
    test: &Test,
) -> HashMap<TargetId, Word> {
    say_what_is_tested(console, test);
    let begun = Instant::now();
    let check = match begin(clients, settings, console, test) {
        Ok(Some(check)) => check,
        Ok(None) => {
            leave_untested(console, plan, |_| Some(Untested::DryRun));
            return HashMap::new();
        }
        Err(error) => {
            let why = Unanswered::of(&error, error.is_refusal(), permissions::HEALTH_CHECK);
            leave_untested(console, plan, |_| Some(Untested::NoTest(why.clone())));
            return HashMap::new();
        }
    };
    let run = wait_for(clients, settings, console, &check, begun);
    read_words(clients, settings, console, plan, test, run)
}

fn say_what_is_tested(console: &Console, test: &Test) {
    let names = names_of(test.candidates.iter().map(|target| target.name.as_str()));
    let many = count_of(test.candidates.len(), "target");
    console.info(format_args!(
        "Octopus tests the connection of {many} without a machine: {names}"
    ));
    if test.controls.is_empty() {
        console.info(
            "No kept target can be tested beside them, to see whether Octopus reaches anything there",
        );
    } else {
        let names = names_of(test.controls.iter().map(|target| target.name.as_str()));
        console.info(format_args!(
            "Tested beside them, to see whether Octopus reaches anything there: {names}"
        ));
    }
}

/// What our tests are called: those of this scope begin alike, and each has an end of its own.
fn descriptions(settings: &Settings, environment: &str) -> (String, String) {
    let sets: Vec<String> = settings
        .scale_sets
        .iter()
        .map(ToString::to_string)
        .collect();
    let tenant = settings
        .tenant
        .as_ref()
        .map(|tenant| format!(", {}", tenant.id));
    let scope = format!(
        "octopus-scale-in: do machines of {} answer? ({environment}{}; {}) For ",
        sets.join(", "),
        tenant.unwrap_or_default(),
        settings.roles.join(", ")
    );
    let by_hand = || format!("a run by hand at {}", crate::clock::now());
    let run = settings.caller.task.clone().unwrap_or_else(by_hand);
    (scope.clone(), scope + &run)
}

/// The test: one of an earlier run that has not ended, or one of our own. A lost answer is looked up by its description, and
/// never asked for again.
fn begin(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    test: &Test,
) -> Result<Option<String>, ServiceError> {
    let deadline = Deadline::within(settings.tuning.phase);
    let (octopus, writer) = (&clients.octopus, &clients.writer);
    let (scope, description) = descriptions(settings, &clients.environment);
    let (earlier, now) = octopus.unfinished_health_check(&scope, deadline)?;
    if let Some(earlier) = earlier {
        console.info(format_args!(
            "A test of an earlier run has not ended, and is waited for: {earlier}"
        ));
        return Ok(Some(earlier));
    }
    let timeout = settings.test_timeout;
    let targets: Vec<_> = test.targets().map(|target| &target.id).collect();
    let order = HealthCheckOrder {
        machine_timeout: machine_timeout(timeout, targets.len()),
        targets,
        description: &description,
        timeout,
        expires: now + timeout + GRACE,
    };
    match writer.test_connections(&order, deadline) {
        Ok(Written::Done(check)) => Ok(Some(check)),
        Ok(Written::DryRun) => Ok(None),
        Err(error) if error.is_lost() => {
            let found = octopus.health_check_called(&description, deadline);
            found?.ok_or(error).map(Some)
        }
        Err(error) => Err(error),
    }
}

/// Half of the time, where all targets are tested at once or in two goes; less where they are more, so that the last one has
/// its turn, too, when none before it answers.
fn machine_timeout(timeout: Duration, targets: usize) -> Duration {
    let goes = targets.div_ceil(TESTED_AT_ONCE) + 1;
    timeout / u32::try_from(goes.clamp(2, 10)).unwrap_or(2)
}

/// Waits until the test has ended, or is given up. It is never cancelled: what it finds serves the next run.
fn wait_for(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    check: &str,
    begun: Instant,
) -> TestRun {
    let limit = settings.test_timeout + GRACE;
    let attempted = format!("read how far {check} is");
    let mut last: Option<TaskStatus> = None;
    loop {
        let deadline = Deadline::within(settings.tuning.phase);
        match clients.octopus.task(check, &attempted, deadline) {
            Ok(status) => last = Some(status),
            Err(error) if error.is_refusal() => {
                console.warn(&error);
                break;
            }
            Err(error) => console.verbose(&error),
        }
        let (waited, state) = (begun.elapsed(), last.as_ref().map(|status| &status.state));
        if state.is_some_and(TaskState::is_over) || waited >= limit {
            break;
        }
        let queued = state.is_some_and(TaskState::is_waiting);
        if queued && waited >= PATIENCE_IN_QUEUE {
            console.warn(format_args!(
                "{check} has not begun within {} seconds: the server is busy with other tasks. It is left in its queue, and a later run has what it finds",
                PATIENCE_IN_QUEUE.as_secs()
            ));
            break;
        }
        show_progress(console, check, queued, waited, limit);
        sleep((waited / 4).clamp(Duration::from_millis(250), Duration::from_secs(5)));
    }
    let ended_by_itself = last.as_ref().is_some_and(|status| match status.state {
        TaskState::Success | TaskState::Failed => true,
        TaskState::Queued
        | TaskState::Executing
        | TaskState::Cancelling
        | TaskState::Canceled
        | TaskState::TimedOut
        | TaskState::Other(_) => false,
    });
    TestRun {
        started: last.and_then(|status| status.started),
        ended_by_itself,
    }
}

fn show_progress(console: &Console, check: &str, queued: bool, waited: Duration, limit: Duration) {
    let doing = if queued {
        "is queued"
    } else {
        "tests connections"
    };
    let percent = waited.as_secs() * 100 / limit.as_secs().max(1);
    let (seconds, most) = (waited.as_secs(), limit.as_secs());
    console.progress(
        usize::try_from(percent).unwrap_or_default(),
        &format!("{check} {doing}: {seconds} s, at most {most} s"),
    );
}

/// What came of it, for each target by its own state.
fn read_words(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
    test: &Test,
    run: TestRun,
) -> HashMap<TargetId, Word> {
    let deadline = Deadline::within(settings.tuning.phase);
    let targets: Vec<&Arc<Target>> = test.targets().collect();
    let states = workers::map(&targets, |it| clients.octopus.own_state(&it.id, deadline));
    let mut unhealthy = states.iter().filter(|(target, state)| {
        let health = state.as_ref().ok().and_then(|it| it.map(|it| it.health));
        target.connection() == Some(Connection::Ssh) && health == Some(Health::Unhealthy)
    });
    let ssh = match unhealthy.next() {
        Some(_) => clients.octopus.unhealthy_ssh(deadline),
        None => UnhealthySsh::Reached,
    };
    let mut words = HashMap::new();
    for (target, state) in states {
        let word = match state {
            Ok(Some(now)) => machine_word::word(target, now, run, ssh),
            Ok(None) => {
                leave_out(console, plan, target);
                continue;
            }
            Err(_) => Word::Nothing("how it is afterwards could not be read"),
        };
        words.insert(target.id.clone(), word);
    }
    words
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
