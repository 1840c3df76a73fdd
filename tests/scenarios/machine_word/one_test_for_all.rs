//! One health check task tests the connections of all candidates that need it, and of a control beside them: for them alone,
//! within its time, asked for once.

use crate::support::aftermath::reconcile;
use crate::support::strangers::arranged;
use crate::support::{Run, registered, scaled_in, settled};
use sandbox::{Route, Sandbox, World};
use std::time::Duration;

/// Three machines, and so many registrations without a machine, which nobody has checked.
fn unchecked(gone: usize, change: impl FnOnce(&mut World)) -> Sandbox {
    arranged(settled(3), |world| {
        for number in 0..gone {
            drop(
                world
                    .target(&format!("web000{:03}", number + 100))
                    .never_checked(),
            );
        }
        change(world);
    })
}

/// What the server was told of its one test.
fn arguments(sandbox: &Sandbox) -> serde_json::Map<String, serde_json::Value> {
    sandbox.world(|world| {
        let tasks = world.octopus.health_check_tasks();
        assert_eq!(tasks.len(), 1, "one test is asked for");
        let check = tasks[0].health_check.as_ref();
        check.expect("a health check").arguments.clone()
    })
}

#[test]
fn it_tests_connections_only_of_these_targets_and_one_that_is_kept() {
    let sandbox = unchecked(2, |_| {});
    reconcile(&sandbox)
        .code(0)
        .removed(&["web000100", "web000101"]);

    let arguments = arguments(&sandbox);
    let ids = &arguments["MachineIds"];
    assert_eq!(
        ids,
        &serde_json::json!(["Machines-4", "Machines-5", "Machines-1"])
    );
    assert_eq!(arguments["OnlyTestConnection"], true);
    assert_eq!(arguments["Timeout"], "00:05:00");
    assert_eq!(arguments["MachineTimeout"], "00:02:30");
}

#[test]
fn it_leaves_the_queue_by_itself_where_nobody_waits_for_it_any_more() {
    let sandbox = unchecked(1, |_| {});
    reconcile(&sandbox).code(0);
    sandbox.world(|world| {
        let check = world.octopus.health_check_tasks()[0].health_check.clone();
        let expires = check.expect("a health check").expires;
        assert!(expires.is_some(), "it would stand in the queue for ever");
    });
}

#[test]
fn a_hundred_dead_machines_are_tested_in_its_time() {
    let sandbox = unchecked(100, |world| {
        for number in 100..200 {
            let dead = world.existing_target(&format!("web000{number}"));
            drop(dead.dead_after(Duration::from_secs(60)));
        }
    });
    let end = Run::in_runbook(&sandbox)
        .set("VMSS_HEALTHY_TIMEOUTINMINUTES", "0.1")
        .reconcile(&sandbox)
        .code(0);
    end.nothing_held();
    assert_eq!(
        registered(&sandbox).len(),
        3,
        "all that are gone are removed"
    );
}

#[test]
fn no_more_are_tested_than_tell_that_they_are_too_many() {
    let sandbox = unchecked(7, |_| {});
    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_LIMIT", "3")
        .reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .complained("VMSS.Removal.Limit is 3");
    let tested = arguments(&sandbox)["MachineIds"]
        .as_array()
        .map_or(0, Vec::len);
    assert_eq!(tested, 5, "four candidates and a control");
}

#[test]
fn what_answers_does_not_count_for_the_limit() {
    let sandbox = unchecked(4, |world| {
        drop(world.existing_target("web000100").answers());
    });
    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_LIMIT", "3")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000101", "web000102", "web000103"]);
}

#[test]
fn a_test_of_another_run_is_awaited_and_not_doubled() {
    let sandbox = unchecked(1, |world| {
        world.health_checks().waits_in_queue = Duration::from_secs(3);
    });
    let runs = [Run::in_runbook(&sandbox), Run::in_runbook(&sandbox)];
    std::thread::scope(|scope| {
        let first = scope.spawn(|| runs[0].run());
        while sandbox.count(Route::CreateTask) == 0 && !first.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        runs[1].run().expect_code(0).expect_said("is waited for");
        first.join().expect("the run ends").expect_code(0);
    });
    assert_eq!(registered(&sandbox).len(), 3, "what is gone is removed");
    assert_eq!(sandbox.count(Route::CreateTask), 1);
}

#[test]
fn an_ssh_target_that_is_unhealthy_was_reached_but_on_old_servers() {
    for (version, removed) in [("2021.3.12943", true), ("2026.3.1204", false)] {
        let sandbox = unchecked(0, |world| {
            world.octopus.version = version.to_owned();
            drop(world.existing_target("web000000").ssh().answers());
            let gone = world.target("web000100").ssh().never_checked();
            drop(if removed {
                gone.dead()
            } else {
                gone.answers().without_bash()
            });
        });
        let end = reconcile(&sandbox).code(0);
        match removed {
            true => end.removed(&["web000100"]),
            false => end
                .nothing_removed()
                .verdict("web000100", "answers", "answers"),
        };
    }
}

#[test]
fn where_its_control_does_not_answer_nothing_is_removed() {
    let sandbox = arranged(scaled_in(5, &["web000004"]), |world| {
        drop(world.target("web000009"));
        for number in 0..4 {
            drop(world.existing_target(&format!("web00000{number}")).dead());
        }
    });
    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .complained("Octopus reaches nothing there")
        .held(&["web000004", "web000009"]);
}

#[test]
fn where_every_kept_target_is_unavailable_nothing_is_removed() {
    let sandbox = arranged(
        scaled_in(6, &["web000003", "web000004", "web000005"]),
        |world| {
            for number in 0..3 {
                let kept = world.existing_target(&format!("web00000{number}"));
                drop(kept.health("Unavailable").dead());
            }
        },
    );
    for action in ["Check", "Defer"] {
        Run::in_runbook(&sandbox)
            .set("VMSS_HEALTHY_HANDLE", action)
            .reconcile(&sandbox)
            .code(4)
            .nothing_removed()
            .complained("Octopus reaches nothing there");
    }
    Run::in_runbook(&sandbox)
        .set("VMSS_HEALTHY_HANDLE", "Remove")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004", "web000005"]);
}

#[test]
fn after_a_scale_to_zero_there_is_no_control_and_the_log_says_so() {
    let sandbox = arranged(settled(2), |world| {
        let hosts = world.scale_set("web").hosts();
        drop(world.scale_set("web").scale_in(&hosts));
    });
    reconcile(&sandbox)
        .code(0)
        .removed(&["web000000", "web000001"])
        .said("No kept listening Tentacle can be tested beside them");
}

#[test]
fn a_deployment_that_begins_while_it_tests_keeps_its_target() {
    let sandbox = unchecked(2, |_| {});
    sandbox.on(Route::CreateTask, 1, |world| {
        let id = world.existing_target("web000100").id();
        drop(world.deployment().only_to(&[&id]).naming(&[&id]));
    });
    reconcile(&sandbox)
        .code(0)
        .removed(&["web000101"])
        .held(&["web000100"])
        .verdict("web000100", "deferred", "in use");
}

#[test]
fn a_target_that_somebody_deletes_while_it_is_tested_is_done() {
    let sandbox = unchecked(2, |_| {});
    sandbox.on(Route::CreateTask, 1, |world| {
        world.existing_target("web000100").delete();
    });
    let end = reconcile(&sandbox).code(0);
    end.says_removed(&["web000101"]).nothing_held();
}

#[test]
fn each_kind_of_connection_has_a_control_of_its_own() {
    let sandbox = unchecked(0, |world| {
        drop(world.existing_target("web000000").polling());
        drop(world.existing_target("web000001").ssh());
        drop(world.target("web000100").polling().never_checked());
        drop(world.target("web000101").ssh().never_checked());
        // The kept polling one does not come by either.
        drop(world.existing_target("web000000").dead());
    });
    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .complained("web000000, whose machine exists, does not answer either");
}

#[test]
fn a_test_that_does_not_leave_the_queue_is_left_there() {
    // The server runs one task at a time, and this run is it.
    let sandbox = unchecked(1, |world| world.octopus.task_cap = Some(1));
    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000100"])
        .warned("has not begun within 60 seconds");
    sandbox.world(|world| {
        let state = world.octopus.health_check_tasks()[0].state.clone();
        assert_eq!(state, "Queued", "its result serves the next run");
    });
}

#[test]
fn nor_is_one_removed_that_needed_no_test_and_is_used_since() {
    let sandbox = arranged(scaled_in(4, &["web000003"]), |world| {
        world.health_checks().takes = Duration::from_millis(400);
        drop(world.target("web000100").never_checked().answers());
    });
    sandbox.on(Route::CreateTask, 1, |world| {
        let id = world.existing_target("web000003").id();
        drop(world.deployment().only_to(&[&id]).naming(&[&id]));
    });
    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .verdict("web000003", "deferred", "in use");
}
