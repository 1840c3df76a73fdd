//! A test of connections: asked for once, awaited, and read target by target.

use super::case::{leave_out, leave_untested};
use super::snapshot::Clients;
use crate::console::Console;
use crate::http::Deadline;
use crate::octopus::permissions::{self, unanswered};
use crate::octopus::{HealthCheckOrder, TaskState, TaskStatus, Written};
use crate::reconcile::machine_word::{self, OwnState, Test, TestRun, UnhealthySsh, Word};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Connection, Health, Target, TargetId};
use crate::reconcile::verdict::{Unanswered, Untested};
use crate::report::{count_of, names_of};
use crate::settings::Settings;
use crate::workers;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// How much longer than its timeout a test is waited for: the server needs a moment to end it.
const GRACE: Duration = Duration::from_secs(30);

/// A server that is busy with other tasks leaves a test in the queue; one that has not begun after this is left there.
const PATIENCE_IN_QUEUE: Duration = Duration::from_secs(60);

/// So many targets are tested at once by a server as it is installed.
const TESTED_AT_ONCE: usize = 20;

/// What a test said.
#[derive(Default)]
pub struct Told {
    /// Its task, where it could be had.
    pub check: Option<String>,
    /// What came of it for each target.
    pub words: HashMap<TargetId, Word>,
}

/// Has the connections tested, and says what came of it for each target. Where that cannot be had, the candidates are left
/// untested.
pub fn words(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    plan: &mut Plan,
    test: &Test,
) -> Told {
    let begun = Instant::now();
    let (check, asked) = match begin(clients, settings, console, test) {
        Ok(Some(check)) => check,
        Ok(None) => {
            leave_untested(console, plan, |_| Some(Untested::DryRun));
            return Told::default();
        }
        Err(why) => {
            leave_untested(console, plan, |_| Some(Untested::NoTest(why.clone())));
            return Told::default();
        }
    };
    let run = TestRun {
        asked,
        ..wait_for(clients, settings, console, &check, begun)
    };
    Told {
        words: read_words(clients, settings, console, plan, test, run),
        check: Some(check),
    }
}

fn say_what_is_tested(console: &Console, test: &Test) {
    let names = names_of(test.candidates.iter().map(|target| target.name.as_str()));
    let many = count_of(test.candidates.len(), "target");
    console.info(format_args!(
        "Octopus tests the connection of {many} without a machine: {names}"
    ));
    for kind in test.kinds_without_control() {
        console.info(format_args!(
            "No kept {kind} can be tested beside them, to see whether Octopus reaches anything there"
        ));
    }
    if !test.controls.is_empty() {
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

/// The id of a test, and the server's clock when it was asked for, where it tells it.
type Begun = (String, Option<SystemTime>);

/// The test: one of an earlier run that has not ended, or one of our own. A lost answer is looked up by its description, and
/// never asked for again.
fn begin(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    test: &Test,
) -> Result<Option<Begun>, Unanswered> {
    let deadline = Deadline::within(settings.tuning.phase);
    let (octopus, writer) = (&clients.octopus, &clients.writer);
    let (scope, description) = descriptions(settings, &clients.environment);
    let listed = octopus.unfinished_health_check(&scope, deadline);
    let (earlier, now) = listed.map_err(|error| unanswered(&error, permissions::TASKS))?;
    if let Some(earlier) = earlier {
        console.info(format_args!(
            "A test of an earlier run has not ended, and is waited for: {earlier}"
        ));
        return Ok(Some((earlier, now)));
    }
    say_what_is_tested(console, test);
    let timeout = settings.test_timeout;
    let targets: Vec<_> = test.targets().map(|target| &target.id).collect();
    let order = HealthCheckOrder {
        machine_timeout: machine_timeout(timeout, targets.len()),
        targets,
        description: &description,
        timeout,
        expires: now.map(|now| now + timeout + GRACE),
    };
    match writer.test_connections(&order, deadline) {
        Ok(Written::Done(check)) => Ok(Some((check, now))),
        Ok(Written::DryRun) => Ok(None),
        Err(error) if error.is_lost() => {
            match octopus.health_check_called(&description, deadline) {
                Ok(Some(check)) => Ok(Some((check, now))),
                Ok(None) => Err(unanswered(&error, permissions::HEALTH_CHECK)),
                Err(error) => Err(unanswered(&error, permissions::TASKS)),
            }
        }
        Err(error) => Err(unanswered(&error, permissions::HEALTH_CHECK)),
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
        let left = limit.saturating_sub(begun.elapsed());
        let deadline = Deadline::within(left.min(settings.tuning.phase));
        match clients.octopus.task(check, &attempted, deadline) {
            Ok(status) => last = Some(status),
            Err(error) if error.is_refusal() => {
                console.warn(&error);
                break;
            }
            Err(error) => console.verbose(&error),
        }
        let (waited, state) = (begun.elapsed(), last.as_ref().map(|status| &status.state));
        if state.is_some_and(TaskState::is_over) {
            break;
        }
        if waited >= limit {
            console.warn(format_args!(
                "{check} has not ended within {} seconds, and is not waited for any longer; a later run has what it finds. If it hangs, cancel it in Octopus.",
                limit.as_secs()
            ));
            break;
        }
        let queued = state.is_some_and(TaskState::is_waiting);
        if queued && waited >= PATIENCE_IN_QUEUE {
            console.warn(format_args!(
                "{check} has not begun within {} seconds: the server is busy with other tasks. It is left in its queue, and a later run has what it finds.",
                PATIENCE_IN_QUEUE.as_secs()
            ));
            break;
        }
        let doing = if queued {
            "is queued"
        } else {
            "tests connections"
        };
        console.waiting(&format!("{check} {doing}"), waited, limit);
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
        asked: None,
        ended_by_itself,
    }
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
    let told = |(_, state): &(_, Result<Option<OwnState>, _>)| {
        let state = state.as_ref().ok().copied().flatten();
        state.is_some_and(|state| state.last_checked.is_some())
    };
    let run = TestRun {
        // A server that says when it checked one says so of all that it has checked.
        ended_by_itself: run.ended_by_itself && !states.iter().any(told),
        ..run
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
