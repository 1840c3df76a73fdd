//! A health check as it goes on: out of the queue, target by target, to its end.
//!
//! Nobody runs in the background: whoever looks at the world first brings its health checks up to the present, each
//! moment at its own time.

use super::health::BusyTargets;
use super::log::{self, LogNode};
use super::outcome::{Outcome, Tests};
use super::{HealthChecks, Octopus, Task};
use crate::clock::{self, Time};
use crate::world::World;
use serde_json::{Map, Value};
use std::time::Duration;

/// A health check that somebody asked for.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// The ids of the targets that it is about.
    pub targets: Vec<String>,
    /// How long it may take in all.
    pub timeout: Option<Duration>,
    /// How long the test of one target may take.
    pub machine_timeout: Option<Duration>,
    /// Whether the server only tests connections.
    pub only_test_connection: bool,
    /// The arguments as they were sent.
    pub arguments: Map<String, Value>,
    /// It ends as `TimedOut` where it has not begun by then, by the server's clock.
    pub expires: Option<Time>,
    /// When it may leave the queue, by this machine's clock; `None` for never.
    pub(crate) ready: Option<Time>,
    pub(crate) progress: Progress,
}

/// How far it has come, by this machine's clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    began: Option<Time>,
    /// The last moment that was brought about.
    seen: Option<Time>,
    waiting: Vec<String>,
    running: Vec<Test>,
    done: Vec<(String, Outcome)>,
}

/// The test of one target.
#[derive(Clone, Debug)]
struct Test {
    target: String,
    began: Time,
}

/// Brings all health checks up to the present.
pub(crate) fn advance(world: &mut World) {
    if world.octopus.checking.is_empty() {
        return;
    }
    let to = clock::now();
    let mut checking = std::mem::take(&mut world.octopus.checking);
    checking.retain(|id| {
        let Some(mut task) = world.octopus.tasks.remove(id) else {
            return false;
        };
        if let Some(mut check) = task.health_check.take() {
            step(world, &mut task, &mut check, to);
            task.health_check = Some(check);
        }
        let goes_on = task.is_active();
        world.octopus.tasks.insert(id.clone(), task);
        goes_on
    });
    world.octopus.checking = checking;
}

fn step(world: &mut World, task: &mut Task, check: &mut HealthCheck, to: Time) {
    if matches!(task.state.as_str(), "New" | "Queued") {
        leave_queue(&world.octopus, task, check, to);
    }
    match task.state.as_str() {
        "Executing" => go_on(world, task, check, to),
        "Cancelling" => give_up(world, task, check, to),
        _ => {}
    }
}

fn leave_queue(octopus: &Octopus, task: &mut Task, check: &mut HealthCheck, to: Time) {
    let shown = |at: Time| at + octopus.clock_ahead;
    let in_time = |at: Time| check.expires.is_none_or(|expires| shown(at) < expires);
    let running = octopus.tasks.values().filter(|task| task.is_running());
    let is_full = octopus.task_cap.is_some_and(|cap| running.count() >= cap);
    let turn = check.ready.filter(|ready| *ready <= to);
    if let Some(at) = turn.filter(|at| !is_full && in_time(*at)) {
        task.state = "Executing".to_owned();
        task.started = Some(shown(at));
        check.begin(at);
    } else if !in_time(to) {
        task.state = "TimedOut".to_owned();
        task.completed = check.expires;
    } else if turn.is_some() {
        check.ready = Some(to);
    }
}

/// One moment after the other: a test ends, the next one begins, until nothing more happens before now.
fn go_on(world: &mut World, task: &mut Task, check: &mut HealthCheck, to: Time) {
    if check.progress.began.is_none() {
        // Somebody has let it begin by hand.
        check.begin(to);
    }
    let began = check.progress.began.unwrap_or(to);
    let limit = check.timeout.and_then(|span| clock::later(began, span));
    let tests = check.tests(world);
    let mut seen = check.progress.seen.unwrap_or(began);
    loop {
        begin_tests(&world.octopus, &mut check.progress, seen);
        if check.progress.running.is_empty() {
            let (state, error) = verdict(&world.octopus, &check.progress);
            task.error = error;
            clean_up(&mut world.octopus, &check.progress, seen);
            return end(&world.octopus, task, check, seen, state);
        }
        let next = next_end(&world.octopus, &check.progress, &tests, seen);
        let is_over = |limit: &Time| next.is_none_or(|(_, ends)| ends >= *limit);
        if let Some(limit) = limit.filter(|limit| *limit <= to).filter(is_over) {
            let state = world.octopus.health_checks.state_at_timeout.clone();
            task.error = "The health check did not end within its timeout.".to_owned();
            return end(&world.octopus, task, check, limit, &state);
        }
        let Some((number, ends)) = next.filter(|(_, ends)| *ends <= to) else {
            break;
        };
        let test = check.progress.running.remove(number);
        let outcome = tests.outcome(&world.octopus, &test.target);
        record(&mut world.octopus, &test.target, &outcome, ends);
        check.progress.done.push((test.target, outcome));
        seen = ends;
    }
    check.progress.seen = Some(to);
}

/// Disabled targets are not tested (Issues 1658), and neither are those that are gone.
fn begin_tests(octopus: &Octopus, progress: &mut Progress, at: Time) {
    while progress.running.len() < octopus.health_checks.at_once
        && let Some(id) = progress.waiting.pop()
    {
        let target = octopus.targets.get(&id);
        if target.is_some_and(|target| !target.disabled) {
            progress.running.push(Test {
                target: id,
                began: at,
            });
        }
    }
}

/// The running test that ends first. What should have ended before the last look ends then.
fn next_end(
    octopus: &Octopus,
    progress: &Progress,
    tests: &Tests,
    seen: Time,
) -> Option<(usize, Time)> {
    let running = progress.running.iter().enumerate();
    let ends = running.filter_map(|(number, test)| {
        let span = tests.takes(octopus, &test.target);
        let ends = clock::later(test.began, span)?;
        Some((number, ends.max(seen)))
    });
    ends.min_by_key(|(_, ends)| *ends)
}

/// Writes down what was found, and what lists show meanwhile.
fn record(octopus: &mut Octopus, id: &str, outcome: &Outcome, at: Time) {
    let HealthChecks {
        busy_targets,
        lists_are_late,
        ..
    } = octopus.health_checks;
    let health = match outcome {
        Outcome::Found(health) => health.as_str(),
        Outcome::Busy if busy_targets == BusyTargets::Unhealthy => "Unhealthy",
        Outcome::Busy | Outcome::Gone => return,
    };
    let Some(target) = octopus.targets.get_mut(id) else {
        return;
    };
    target.listed = Some((
        target.listed_health().to_owned(),
        clock::later(at, lists_are_late),
    ));
    target.unavailable_since = match (health, target.health.as_str()) {
        ("Unavailable", "Unavailable") => Some(target.unavailable_since()),
        ("Unavailable", _) => Some(at),
        _ => None,
    };
    target.health = health.to_owned();
    target.last_checked = Some(at);
}

/// A policy that deletes unavailable targets does so as a part of a health check.
fn clean_up(octopus: &mut Octopus, progress: &Progress, at: Time) {
    for (id, _) in &progress.done {
        let Some(target) = octopus.targets.get(id) else {
            continue;
        };
        let policy = octopus.machine_policies.get(&target.policy);
        let patience = policy.and_then(|policy| policy.deletes_unavailable_after);
        let over = patience.and_then(|span| clock::later(target.unavailable_since(), span));
        if target.health == "Unavailable" && over.is_some_and(|over| over <= at) {
            octopus.targets.remove(id);
        }
    }
}

/// A target that does not answer fails the task, unless its policy lets it be away.
fn verdict(octopus: &Octopus, progress: &Progress) -> (&'static str, String) {
    let skips = octopus.health_checks.busy_targets == BusyTargets::Skipped;
    let fails = |(id, outcome): &&(String, Outcome)| match outcome {
        Outcome::Gone => false,
        Outcome::Busy => !skips,
        Outcome::Found(health) => match health.as_str() {
            "Unavailable" => !may_be_offline(octopus, id),
            health => health == "Unhealthy",
        },
    };
    let failed: Vec<&(String, Outcome)> = progress.done.iter().filter(fails).collect();
    let busy = failed.iter().any(|(_, outcome)| *outcome == Outcome::Busy);
    match failed.len() {
        0 => ("Success", String::new()),
        _ if busy => ("Failed", "The task was cancelled".to_owned()),
        count => (
            "Failed",
            format!("The health check failed on {count} machines."),
        ),
    }
}

fn may_be_offline(octopus: &Octopus, id: &str) -> bool {
    let policy = octopus.targets.get(id).map(|target| &target.policy);
    let policy = policy.and_then(|policy| octopus.machine_policies.get(policy));
    policy.is_some_and(|policy| policy.may_be_offline)
}

/// Cancelling takes a moment, and with a polling target that is away as long as its policy lets requests wait. Issues 5822.
fn give_up(world: &mut World, task: &mut Task, check: &mut HealthCheck, to: Time) {
    let tests = check.tests(world);
    let octopus = &world.octopus;
    let waits = check.progress.running.iter().any(|test| {
        let target = octopus.targets.get(&test.target);
        target.is_some_and(|target| {
            let policy = octopus.machine_policies.get(&target.policy);
            let span = policy.map_or(Duration::ZERO, |policy| policy.polling_queue_timeout);
            let ends = clock::later(test.began, span);
            tests.waits_for(target) && ends.is_none_or(|ends| ends > to)
        })
    });
    if !waits {
        end(octopus, task, check, to, "Canceled");
    }
}

fn end(octopus: &Octopus, task: &mut Task, check: &mut HealthCheck, at: Time, state: &str) {
    task.state = state.to_owned();
    task.completed = Some(at + octopus.clock_ahead);
    check.progress.running.clear();
    check.progress.waiting.clear();
    for (id, outcome) in &check.progress.done {
        let element = log::child_id(&task.log_id(), id);
        task.log.push(log_node(&element, id, outcome));
    }
}

fn log_node(element: &str, id: &str, outcome: &Outcome) -> LogNode {
    let (status, category, line) = match outcome {
        Outcome::Found(health) if health == "Unavailable" || health == "Unhealthy" => {
            ("Failed", "Error", format!("The machine is {health}."))
        }
        Outcome::Found(health) => ("Success", "Info", format!("The machine is {health}.")),
        Outcome::Busy | Outcome::Gone => (
            "SuccessWithWarning",
            "Warning",
            "The machine could not be checked, and was skipped.".to_owned(),
        ),
    };
    let name = format!("Check deployment target: {id}");
    let mut node = LogNode::new(element, &name, status);
    node.lines.push((category.to_owned(), line));
    node
}

impl HealthCheck {
    fn begin(&mut self, at: Time) {
        self.progress = Progress {
            began: Some(at),
            seen: Some(at),
            waiting: self.targets.iter().rev().cloned().collect(),
            ..Progress::default()
        };
    }

    fn tests(&self, world: &World) -> Tests {
        let running = self.progress.running.iter().map(|test| &test.target);
        Tests::of(world, self, running.chain(&self.progress.waiting))
    }

    /// Whether a target was skipped.
    pub(crate) fn has_warnings(&self) -> bool {
        let mut outcomes = self.progress.done.iter();
        outcomes.any(|(_, outcome)| *outcome == Outcome::Busy)
    }
}
