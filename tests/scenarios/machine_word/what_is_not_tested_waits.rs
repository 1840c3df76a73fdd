//! Where a test cannot be had, or says nothing of a target, that target waits, and the log says for what.

use crate::support::aftermath::{Aftermath, reconcile};
use crate::support::strangers::arranged;
use crate::support::{Run, registered, scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, When, World, seconds_ago};
use std::time::Duration;

/// Three machines, and a registration without a machine that was found healthy half an hour ago.
fn one_to_test(change: impl FnOnce(&mut World)) -> Sandbox {
    arranged(settled(3), |world| {
        drop(world.target("web000009"));
        change(world);
    })
}

#[track_caller]
fn waits(end: Aftermath, reason: &str) {
    end.code(0)
        .nothing_removed()
        .held(&["web000009"])
        .verdict("web000009", "untested", reason);
}

/// A test that may take seconds.
fn short(sandbox: &Sandbox, minutes: &str) -> Run {
    Run::in_runbook(sandbox).set("VMSS_HEALTHY_TIMEOUTINMINUTES", minutes)
}

#[test]
fn in_a_deployment_nobody_waits_for_a_dead_machine() {
    let sandbox = one_to_test(|_| {});
    waits(
        Run::in_deployment(&sandbox).reconcile(&sandbox),
        "a deployment does not test it",
    );
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn a_dry_run_tests_nothing() {
    let sandbox = one_to_test(|_| {});
    let run = Run::in_runbook(&sandbox).argument("--dry-run");
    waits(run.reconcile(&sandbox), "a dry run tests nothing");
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn a_disabled_target_is_tested_by_nobody() {
    let sandbox = one_to_test(|world| drop(world.existing_target("web000009").disabled()));
    waits(reconcile(&sandbox), "Octopus tests no disabled targets");
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn a_disabled_target_that_was_last_unavailable_goes() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        let target = world.existing_target("web000002").disabled();
        drop(target.last_checked(sandbox::minutes_ago(10_000)));
    });
    reconcile(&sandbox).code(0).removed(&["web000002"]);
}

#[test]
fn where_a_policy_deletes_unavailable_targets_the_test_would() {
    let sandbox = one_to_test(|world| {
        let policy = world.machine_policy("Autoscaling");
        policy.deletes_unavailable_after = Some(Duration::ZERO);
        drop(
            world
                .existing_target("web000009")
                .machine_policy("Autoscaling"),
        );
    });
    waits(reconcile(&sandbox), "a test would itself delete it");
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn a_busy_target_has_no_word() {
    let sandbox = one_to_test(|world| drop(world.existing_target("web000009").answers().busy()));
    let run = short(&sandbox, "0.02");
    waits(run.reconcile(&sandbox), "came to no result");
}

#[test]
fn beside_a_control_that_is_busy_nobody_has_a_word() {
    let sandbox = one_to_test(|world| {
        for name in ["web000000", "web000001", "web000002"] {
            drop(world.existing_target(name).busy());
        }
    });
    let run = short(&sandbox, "0.02");
    waits(run.reconcile(&sandbox), "could not be tested");
}

#[test]
fn what_is_still_tested_when_the_time_is_up_has_no_word() {
    let sandbox = one_to_test(|world| {
        // Fifty machines are tested before it, one after the other, and each takes its time.
        world.health_checks().at_once = 1;
        for number in 100..150 {
            let name = format!("web000{number}");
            let dead = world.target(&name).dead_after(Duration::from_secs(60));
            drop(dead.never_checked());
        }
    });
    let end = short(&sandbox, "0.03").reconcile(&sandbox);
    assert!(
        registered(&sandbox).contains(&"web000009".to_owned()),
        "what was never tested was removed"
    );
    end.verdict("web000009", "untested", "came to no result");
}

#[test]
fn a_refused_test_leaves_it_waiting() {
    for lacking in ["TaskCreate", "MachineEdit"] {
        let sandbox = one_to_test(|world| {
            world.octopus.permissions.remove(lacking);
        });
        let end = reconcile(&sandbox).nothing_removed().held(&["web000009"]);
        end.verdict("web000009", "untested", "could not be tested");
    }
}

#[test]
fn machine_policies_that_cannot_be_read_leave_it_waiting() {
    let sandbox = one_to_test(|_| {});
    sandbox.fault(Route::MachinePolicies, When::Always, Fault::status(500));
    waits(
        Run::in_runbook(&sandbox)
            .without_retries()
            .reconcile(&sandbox),
        "could not be tested",
    );
}

#[test]
fn a_lost_answer_is_looked_up_and_no_second_test_is_asked_for() {
    let sandbox = one_to_test(|_| {});
    sandbox.fault(Route::CreateTask, When::Always, Fault::lost_answer());
    reconcile(&sandbox).code(0).removed(&["web000009"]);
    assert_eq!(sandbox.count(Route::CreateTask), 1);
}

#[test]
fn a_server_error_makes_no_second_test() {
    let sandbox = one_to_test(|_| {});
    sandbox.fault(Route::CreateTask, When::Always, Fault::status(503));
    waits(reconcile(&sandbox), "could not be tested");
    assert_eq!(sandbox.count(Route::CreateTask), 1);
}

#[test]
fn what_was_checked_before_the_test_began_is_no_word_of_it() {
    // The server skips it without a word: its old state stays.
    let sandbox = one_to_test(|world| {
        let target = world.existing_target("web000009").health("Unavailable");
        drop(
            target
                .answers()
                .busy()
                .last_checked(sandbox::minutes_ago(90)),
        );
    });
    let run = short(&sandbox, "0.02");
    waits(run.reconcile(&sandbox), "came to no result");
}

#[test]
fn lists_that_are_late_hold_nothing_back() {
    let sandbox = one_to_test(|world| {
        world.health_checks().lists_are_late = Duration::MAX;
    });
    reconcile(&sandbox).code(0).removed(&["web000009"]);
}

#[test]
fn a_server_that_does_not_say_when_it_checked_is_believed_once_its_test_has_ended() {
    for knows in [true, false] {
        let sandbox = one_to_test(|world| {
            world.health_checks().says_last_checked = false;
            world.health_checks().knows_connection = knows;
            let target = world.target("web000008").health("Unavailable");
            drop(target.answers().last_checked(seconds_ago(30)));
        });
        reconcile(&sandbox).code(0).removed(&["web000009"]).verdict(
            "web000008",
            "answers",
            "answers",
        );
    }
}
