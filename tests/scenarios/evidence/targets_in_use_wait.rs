//! A stale target that a deployment holds, or may still choose, waits for a later run.

use crate::support::candidate::{
    CANDIDATE, CANDIDATE_ID, KEPT_ID, OTHER, OTHER_ID, candidate, target,
};
use crate::support::{Run, settled};
use sandbox::{ENVIRONMENT, Route, SPACE, World, hours, minutes_ago, now, seconds_ago};

/// In a runbook run, the candidate waits, and nothing else does.
#[track_caller]
fn expect_deferred(change: impl FnOnce(&mut World)) {
    let sandbox = candidate(change);
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
}

/// In a runbook run, both candidates wait.
#[track_caller]
fn expect_both_deferred(change: impl FnOnce(&mut World)) {
    let sandbox = candidate(change);
    Run::in_runbook(&sandbox).expect_both_spared(&sandbox, "deferred", "in use by");
}

/// In a runbook run, nothing holds the candidates.
#[track_caller]
fn expect_removed(change: impl FnOnce(&mut World)) {
    let sandbox = candidate(change);
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
}

#[test]
fn a_deployment_that_has_named_the_target_holds_it_however_long_it_takes() {
    for (state, minutes) in [("Executing", 3), ("Executing", 300), ("Cancelling", 300)] {
        expect_deferred(|world| {
            let deployment = world.deployment().executing_since(minutes_ago(minutes));
            deployment.state(state).naming(&[CANDIDATE_ID]);
        });
    }
}

#[test]
fn a_deployment_that_is_limited_to_the_target_holds_it_before_it_has_named_it() {
    expect_deferred(|world| {
        let deployment = world.deployment().executing_since(minutes_ago(300));
        deployment.only_to(&[KEPT_ID, CANDIDATE_ID]);
    });
    expect_deferred(|world| {
        let deployment = world.deployment().queued(minutes_ago(5));
        deployment.only_to(&[CANDIDATE_ID]);
    });
}

#[test]
fn a_deployment_is_named_where_the_target_waits_for_it() {
    let sandbox = candidate(|world| {
        let deployment = world.deployment().executing_since(minutes_ago(5));
        deployment.naming(&[CANDIDATE_ID]);
    });
    let run = Run::in_runbook(&sandbox);
    run.expect_spared(
        &sandbox,
        "deferred",
        "Deploy Projects-1 to Environments-1 (ServerTasks-1)",
    );
}

#[test]
fn a_deployment_that_is_over_holds_nothing() {
    for state in ["Success", "Failed", "Canceled", "TimedOut"] {
        expect_removed(|world| {
            let deployment = world.deployment();
            let deployment = deployment.completed(state, minutes_ago(2), seconds_ago(1));
            deployment.naming(&[CANDIDATE_ID]).only_to(&[CANDIDATE_ID]);
        });
    }
}

#[test]
fn a_deployment_that_ends_while_the_run_asks_holds_nothing() {
    let sandbox = candidate(|world| {
        let deployment = world.deployment().executing_since(minutes_ago(30));
        deployment.naming(&[CANDIDATE_ID]);
    });
    sandbox.on(Route::MachineTasks, 1, |world| {
        for task in world.octopus.tasks.values_mut() {
            task.state = "Success".to_owned();
        }
    });
    Run::by_hand(&sandbox)
        .argument("-v")
        .reconcile(&sandbox)
        .code(0)
        .removed(&[CANDIDATE, OTHER]);
}

#[test]
fn a_deployment_in_the_queue_may_still_choose_any_target() {
    expect_both_deferred(|world| {
        world.deployment().queued(minutes_ago(90));
    });
}

#[test]
fn a_deployment_that_is_scheduled_for_later_holds_nothing() {
    expect_removed(|world| {
        world.deployment().queued(now() + hours(3));
        let limited = world.deployment().queued(now() + hours(3));
        limited.only_to(&[CANDIDATE_ID]).naming(&[CANDIDATE_ID]);
    });
}

#[test]
fn a_deployment_that_began_a_moment_ago_may_still_choose_any_target() {
    expect_both_deferred(|world| {
        world.deployment().executing_since(seconds_ago(90));
    });
    // However long it had waited in the queue.
    expect_both_deferred(|world| {
        let deployment = world.deployment().executing_since(seconds_ago(90));
        deployment.edit(|task| task.queued = minutes_ago(90));
    });
}

#[test]
fn a_deployment_that_has_run_for_a_while_has_chosen_its_targets() {
    expect_removed(|world| {
        let deployment = world.deployment().executing_since(seconds_ago(150));
        deployment.naming(&[KEPT_ID]);
    });
}

#[test]
fn a_deployment_that_is_limited_to_others_holds_nothing() {
    expect_deferred(|world| {
        world
            .deployment()
            .queued(seconds_ago(5))
            .only_to(&[KEPT_ID]);
        let deployment = world.deployment().executing_since(seconds_ago(5));
        deployment.only_to(&[CANDIDATE_ID]);
    });
}

#[test]
fn a_deployment_that_leaves_the_target_out_does_not_hold_it() {
    expect_deferred(|world| {
        world
            .deployment()
            .queued(seconds_ago(5))
            .excluding(&[OTHER_ID, KEPT_ID]);
    });
}

#[test]
fn a_deployment_to_another_environment_holds_nothing() {
    expect_removed(|world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        world.deployment().queued(seconds_ago(5)).environment(&test);
        world
            .deployment()
            .executing_since(seconds_ago(5))
            .environment(&test);
    });
}

#[test]
fn a_deployment_to_any_environment_of_the_target_may_choose_it() {
    expect_deferred(|world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        target(world).environments(&[ENVIRONMENT, &test]);
        world.deployment().queued(seconds_ago(5)).environment(&test);
    });
}

#[test]
fn a_deployment_in_another_space_holds_nothing() {
    expect_removed(|world| {
        let other = world.octopus.add_space("Other");
        let deployment = world.deployment().queued(seconds_ago(5));
        deployment.edit(|task| task.space = other);
    });
}

#[test]
fn a_health_check_never_holds_a_target() {
    expect_removed(|world| {
        world.health_check().naming(&[CANDIDATE_ID]);
        world.health_check().queued(seconds_ago(5));
    });
}

#[test]
fn the_servers_own_clock_decides_what_is_young() {
    for ahead in [hours(5), hours(-5)] {
        expect_both_deferred(|world| {
            world.octopus.clock_ahead = ahead;
            let since = world.octopus.now() - std::time::Duration::from_secs(60);
            world.deployment().executing_since(since);
        });
        expect_removed(|world| {
            world.octopus.clock_ahead = ahead;
            let since = world.octopus.now() - std::time::Duration::from_secs(180);
            world.deployment().executing_since(since);
        });
    }
}

#[test]
fn the_servers_own_clock_decides_what_is_scheduled_for_later() {
    for ahead in [hours(5), hours(-5)] {
        expect_both_deferred(|world| {
            world.octopus.clock_ahead = ahead;
            let since = world.octopus.now() - std::time::Duration::from_secs(60);
            world.deployment().queued(since);
        });
        expect_removed(|world| {
            world.octopus.clock_ahead = ahead;
            let later = world.octopus.now() + hours(1);
            world.deployment().queued(later);
        });
    }
}

#[test]
fn the_runs_own_deployment_never_holds_a_target() {
    let sandbox = candidate(|_| ());
    let run = Run::in_deployment(&sandbox);
    name_own_task(&sandbox, &run);
    run.expect_removed(&sandbox);
}

#[test]
fn the_runs_own_runbook_run_never_holds_a_target() {
    let sandbox = candidate(|_| ());
    let run = Run::in_runbook(&sandbox);
    name_own_task(&sandbox, &run);
    run.expect_removed(&sandbox);
}

/// The candidate's history names the run's own task, and the run is limited to it.
fn name_own_task(sandbox: &sandbox::Sandbox, run: &Run) {
    sandbox.world(|world| {
        let tasks = &mut world.octopus.tasks;
        let own = tasks.get_mut(&run.task()).expect("the run's own task");
        own.named = vec![CANDIDATE_ID.to_owned()];
        own.specific = vec![CANDIDATE_ID.to_owned()];
    });
}

#[test]
fn a_deployment_holds_a_target_of_a_deployment_and_of_a_run_by_hand_alike() {
    let by_hand = |sandbox: &sandbox::Sandbox| Run::by_hand(sandbox).argument("-v");
    for run in [Run::in_deployment, by_hand] {
        let sandbox = candidate(|world| {
            let deployment = world.deployment().executing_since(minutes_ago(5));
            deployment.naming(&[CANDIDATE_ID]);
        });
        run(&sandbox)
            .reconcile(&sandbox)
            .code(0)
            .removed(&[OTHER])
            .held(&[CANDIDATE]);
    }
}

#[test]
fn a_target_that_may_be_in_use_is_removed_where_that_is_asked_for() {
    let sandbox = candidate(|world| {
        world.deployment().naming(&[CANDIDATE_ID]);
        world.deployment().queued(seconds_ago(5));
        world.octopus.forbid("TaskView");
    });

    let run = Run::in_runbook(&sandbox).set("VMSS_BUSYTARGETS_HANDLE", "Remove");
    run.expect_removed(&sandbox);
    assert_eq!(sandbox.count(Route::Tasks), 0);
    assert_eq!(sandbox.count(Route::MachineTasks), 0);
}

#[test]
fn where_nothing_else_goes_on_one_request_answers_for_all_candidates() {
    let sandbox = candidate(|world| {
        world.health_check();
        world.deployment().queued(now() + hours(3));
    });

    Run::in_runbook(&sandbox).expect_removed(&sandbox);
    assert_eq!(sandbox.count(Route::Tasks), 1);
    for route in [Route::MachineTasks, Route::Deployment, Route::RunbookRun] {
        assert_eq!(sandbox.count(route), 0, "{route:?} was asked for nothing");
    }
}

#[test]
fn without_a_candidate_nobody_asks_what_goes_on() {
    let sandbox = settled(3);
    sandbox.world(|world| drop(world.deployment()));

    Run::in_runbook(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed();
    for route in [Route::Tasks, Route::MachineTasks, Route::ScopedVariables] {
        assert_eq!(sandbox.count(route), 0, "{route:?} was asked for nothing");
    }
}

#[test]
fn the_task_that_names_the_target_may_stand_on_any_page() {
    expect_deferred(|world| {
        world.octopus.max_page_size = Some(3);
        for _ in 0..10 {
            let old = world.deployment();
            let old = old.completed("Success", minutes_ago(50), minutes_ago(40));
            old.naming(&[CANDIDATE_ID]);
            world.deployment().executing_since(minutes_ago(60));
        }
        let holder = world.deployment().executing_since(minutes_ago(70));
        holder.naming(&[CANDIDATE_ID]);
    });
}

#[test]
fn a_deployment_that_waits_for_an_approval_holds_only_what_it_names() {
    expect_removed(|world| {
        let waiting = world.deployment().queued(minutes_ago(300));
        drop(waiting.waits_for_approval());
    });
    expect_deferred(|world| {
        let waiting = world.deployment().queued(minutes_ago(300));
        drop(waiting.waits_for_approval().only_to(&[CANDIDATE_ID]));
    });
}
