//! Runbook runs: one that has named the target holds it, but two of them never wait for each other.

use crate::support::candidate::{CANDIDATE_ID, OTHER_ID, candidate};
use crate::support::{Outcome, Run, registered, scaled_in};
use sandbox::{Fault, Route, Sandbox, When, World, minutes_ago, now, seconds_ago};
use std::time::Duration;

/// Earlier than the run's own task was queued.
fn earlier() -> sandbox::Time {
    minutes_ago(5)
}

/// Later than the run's own task was queued.
fn later() -> sandbox::Time {
    now()
}

#[test]
fn a_runbook_run_that_was_queued_earlier_and_has_named_the_target_holds_it() {
    for state in ["Queued", "Executing", "Cancelling"] {
        let sandbox = candidate(|world| {
            let run = world.runbook_run().executing_since(earlier());
            run.state(state).naming(&[CANDIDATE_ID]);
        });
        Run::in_runbook(&sandbox).expect_spared(
            &sandbox,
            "deferred",
            "Run a runbook of Projects-1 on Environments-1 (ServerTasks-1)",
        );
    }
}

#[test]
fn a_runbook_run_that_was_queued_earlier_and_is_limited_to_the_target_holds_it() {
    let sandbox = candidate(|world| {
        let run = world.runbook_run().queued(earlier());
        run.only_to(&[CANDIDATE_ID]);
    });
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
}

#[test]
fn a_runbook_run_that_was_queued_later_holds_nothing_that_a_runbook_run_removes() {
    let sandbox = candidate(|_| ());
    let run = Run::in_runbook(&sandbox);
    sandbox.world(|world| {
        let later_one = world.runbook_run().executing_since(later());
        later_one.naming(&[CANDIDATE_ID]).only_to(&[CANDIDATE_ID]);
    });
    run.expect_removed(&sandbox);
}

#[test]
fn a_runbook_run_that_has_named_the_target_holds_it_from_a_deployment_whenever_it_was_queued() {
    for queued in [earlier(), later()] {
        let sandbox = candidate(|_| ());
        let run = Run::in_deployment(&sandbox);
        sandbox.world(|world| {
            let other = world.runbook_run().executing_since(queued);
            other.naming(&[CANDIDATE_ID]);
        });
        run.expect_spared(&sandbox, "deferred", "in use by");
    }
}

#[test]
fn a_runbook_run_that_has_not_named_the_target_holds_nothing() {
    let moments: [fn(&mut World); 3] = [
        |world| drop(world.runbook_run().queued(earlier())),
        |world| drop(world.runbook_run().executing_since(earlier())),
        |world| drop(world.runbook_run().executing_since(seconds_ago(10))),
    ];
    for begin in moments {
        for run in [Run::in_runbook, Run::in_deployment] {
            let sandbox = candidate(begin);
            run(&sandbox).expect_removed(&sandbox);
        }
    }
}

#[test]
fn a_runbook_run_that_is_scheduled_for_later_holds_nothing() {
    let sandbox = candidate(|world| {
        let run = world.runbook_run().queued(now() + sandbox::hours(1));
        run.naming(&[CANDIDATE_ID]).only_to(&[CANDIDATE_ID]);
    });
    Run::in_deployment(&sandbox).expect_removed(&sandbox);
}

#[test]
fn a_runbook_run_that_is_over_holds_nothing() {
    let sandbox = candidate(|world| {
        let run = world
            .runbook_run()
            .completed("Success", earlier(), minutes_ago(1));
        run.naming(&[CANDIDATE_ID]);
    });
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
}

#[test]
fn a_deployment_holds_a_target_of_a_runbook_run_whenever_it_was_queued() {
    let sandbox = candidate(|_| ());
    let run = Run::in_runbook(&sandbox);
    sandbox.world(|world| {
        let deployment = world.deployment().executing_since(later());
        deployment.only_to(&[CANDIDATE_ID]);
    });
    run.expect_spared(&sandbox, "deferred", "in use by");
}

#[test]
fn of_two_runbook_runs_that_name_each_others_targets_the_earlier_removes_them() {
    let sandbox = candidate(|_| ());
    let first = Run::in_runbook(&sandbox);
    let second = Run::in_runbook(&sandbox);
    sandbox.world(|world| {
        for (task, queued) in [(first.task(), minutes_ago(2)), (second.task(), later())] {
            let tasks = &mut world.octopus.tasks;
            let task = tasks.get_mut(&task).expect("the run's own task");
            task.queued = queued;
            task.named = vec![CANDIDATE_ID.to_owned(), OTHER_ID.to_owned()];
        }
    });

    second.expect_both_spared(&sandbox, "deferred", "in use by");
    first.expect_removed(&sandbox);
}

/// Starts all of them at the same time, and waits for the last.
fn at_the_same_time(runs: &[Run]) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let started: Vec<_> = runs.iter().map(|run| scope.spawn(|| run.run())).collect();
        started
            .into_iter()
            .map(|run| run.join().expect("the run ends"))
            .collect()
    })
}

/// Runbook runs of so many projects, queued in the same minute.
fn schedules_of_the_same_minute(sandbox: &Sandbox, count: usize) -> Vec<Run> {
    let schedule = |number: usize| {
        let run = Run::in_runbook(sandbox);
        sandbox.world(|world| {
            let own = world.octopus.tasks.get_mut(&run.task());
            own.expect("the run's own task").project = format!("Projects-{number}");
        });
        run
    };
    (1..=count).map(schedule).collect()
}

#[test]
fn five_schedules_of_the_same_minute_remove_everything_and_none_fails() {
    let gone: Vec<String> = (3..9).map(|number| format!("web00000{number}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let sandbox = scaled_in(9, &gone);

    let outcomes = at_the_same_time(&schedules_of_the_same_minute(&sandbox, 5));

    assert_eq!(
        registered(&sandbox),
        ["web000000", "web000001", "web000002"]
    );
    for outcome in outcomes {
        let outcome = outcome.expect_code(0);
        assert_eq!(outcome.said("warning"), "");
        assert_eq!(outcome.said("error"), "");
        assert_eq!(
            outcome.held(),
            [""; 0],
            "no run waits for another; the log was:\n{}",
            outcome.stdout
        );
        assert_eq!(outcome.deployed(), ["web000000", "web000001", "web000002"]);
    }
}

#[test]
fn five_schedules_that_meet_at_the_removal_all_succeed() {
    let sandbox = candidate(|_| ());
    let runs = schedules_of_the_same_minute(&sandbox, 5);
    // Slow enough that all of them have seen the same plan before the first target goes.
    let slow = Fault::latency(Duration::from_millis(400));
    sandbox.fault(Route::DeleteMachine, When::Always, slow);

    for outcome in at_the_same_time(&runs) {
        outcome.expect_code(0);
    }
    assert_eq!(registered(&sandbox), ["web000000", "web000001"]);
}
