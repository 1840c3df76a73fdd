//! What is not known makes no run a duplicate: deploying twice is safe, not deploying is not. The run goes on, and one
//! warning says what could not be read.

use crate::support::no_answer::{failures, refusal, too_large};
use crate::support::redeployment::{EITHER, HOSTS, Redeployment, STEP, Under, record};
use sandbox::{Fault, Route, Sandbox, When, World, hours, minutes_ago, now, seconds};
use serde_json::Value;

/// In the world of a run that would be a duplicate, changed by this, all machines are handed out.
#[track_caller]
fn expect_deploys(under: Under, change: impl FnOnce(&mut World)) {
    let mut redeployment = Redeployment::succeeded(under);
    let run = redeployment.queued_again();
    redeployment.sandbox.world(change);
    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

/// The same, and one warning says this.
#[track_caller]
fn expect_warning(under: Under, spoil: impl FnOnce(&Sandbox, &str), text: &str) {
    let mut redeployment = Redeployment::succeeded(under);
    let first = redeployment.task().to_owned();
    let run = redeployment.queued_again();
    spoil(&redeployment.sandbox, &first);
    run.reconcile(&redeployment.sandbox)
        .deploys_with_a_warning(text);
}

#[test]
fn without_the_permission_to_read_the_audit_log_the_warning_names_it() {
    for under in EITHER {
        let refuse = |sandbox: &Sandbox, _: &str| {
            sandbox.fault(Route::Events, When::Always, refusal());
        };
        expect_warning(under, refuse, "EventView");
    }
}

#[test]
fn an_audit_log_that_cannot_be_read_is_a_warning() {
    for fault in failures().into_iter().chain([too_large()]) {
        let spoil = |sandbox: &Sandbox, _: &str| sandbox.fault(Route::Events, When::Always, fault);
        expect_warning(Under::AnotherTask, spoil, "duplicate");
    }
}

#[test]
fn an_audit_log_that_is_purged_tells_of_no_earlier_run() {
    for under in EITHER {
        // The end of the earlier run is gone with everything before it; that this one was queued is still there.
        expect_deploys(under, |world| {
            world
                .octopus
                .purge_events_before(minutes_ago(9) - seconds(30));
        });
        // Or everything is gone.
        expect_deploys(under, |world| {
            world.octopus.purge_events_before(now() + hours(1));
        });
    }
}

#[test]
fn a_queue_time_that_the_audit_log_does_not_tell_makes_no_duplicate() {
    for under in EITHER {
        expect_deploys(under, |world| world.octopus.hide_events("DeploymentQueued"));
    }
}

#[test]
fn a_success_that_the_audit_log_does_not_tell_makes_no_duplicate() {
    for under in EITHER {
        expect_deploys(under, |world| {
            world.octopus.hide_events("DeploymentSucceeded");
        });
    }
}

#[test]
fn events_that_do_not_name_their_task_are_enough_where_the_task_is_the_same() {
    let mut redeployment = Redeployment::succeeded(Under::TheSameTask);
    let run = redeployment.queued_again();
    redeployment
        .sandbox
        .world(|world| world.octopus.events_name_tasks = false);
    run.reconcile(&redeployment.sandbox).duplicate();

    expect_deploys(Under::AnotherTask, |world| {
        world.octopus.events_name_tasks = false;
    });
}

#[test]
fn an_earlier_task_that_is_deleted_recorded_nothing() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let first = redeployment.task().to_owned();
    let run = redeployment.queued_again();
    redeployment
        .sandbox
        .world(|world| world.task(&first).delete());

    let aftermath = run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    aftermath.said(&format!("The resource '{first}' was not found"));
}

#[test]
fn a_deployment_that_may_not_be_read_is_a_warning_that_names_the_permission() {
    let refuse = |sandbox: &Sandbox, _: &str| {
        sandbox.fault(Route::Deployment, When::Always, refusal());
    };
    expect_warning(Under::AnotherTask, refuse, "DeploymentView");
}

#[test]
fn a_task_log_that_may_not_be_read_is_a_warning_that_names_the_permission() {
    for under in EITHER {
        let refuse = |sandbox: &Sandbox, _: &str| {
            sandbox.fault(Route::TaskDetails, When::Always, refusal());
        };
        expect_warning(under, refuse, "TaskView");
    }
}

#[test]
fn a_task_log_that_cannot_be_read_is_a_warning() {
    for under in EITHER {
        for fault in failures().into_iter().chain([too_large()]) {
            let spoil =
                |sandbox: &Sandbox, _: &str| sandbox.fault(Route::TaskDetails, When::Always, fault);
            expect_warning(under, spoil, "duplicate");
        }
    }
}

#[test]
fn a_history_of_a_target_that_cannot_be_read_is_a_warning() {
    for fault in failures() {
        let spoil = |sandbox: &Sandbox, _: &str| {
            let one = Route::MachineTasks.containing("Machines-2");
            sandbox.fault(one, When::Always, fault);
        };
        expect_warning(Under::AnotherTask, spoil, "duplicate");
    }
}

#[test]
fn a_history_of_a_target_that_may_not_be_read_is_a_warning_that_names_the_permission() {
    let spoil = |sandbox: &Sandbox, _: &str| {
        sandbox.fault(Route::MachineTasks, When::Always, refusal());
    };
    expect_warning(Under::AnotherTask, spoil, "TaskView");
}

/// This is left of what the earlier run printed; then all machines are handed out.
#[track_caller]
fn expect_deploys_where_the_log_is(under: Under, shorten: impl FnOnce(&str) -> String) {
    let mut redeployment = Redeployment::began(under);
    redeployment.step_runs_and_leaves(shorten);
    redeployment.child_deploys("Success", &HOSTS);
    redeployment.ends("Success");
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

/// The output with its record cut off behind this part of it.
fn cut_behind(output: &str, part: &str) -> String {
    let place = output.find(part).expect("the record holds this") + part.len();
    output[..place].to_owned()
}

#[test]
fn a_log_that_lost_the_record_makes_no_duplicate() {
    for under in EITHER {
        expect_deploys_where_the_log_is(under, |output| {
            let kept = output.lines().filter(|line| !line.contains("Handed out"));
            kept.collect::<Vec<_>>().join("\n")
        });
        expect_deploys_where_the_log_is(under, |_| String::new());
    }
}

#[test]
fn a_record_that_is_cut_off_hands_out_what_it_lost() {
    for under in EITHER {
        for part in [
            "Handed out by",
            "Machines-1/",
            ",Machines-2/",
            ",Machines-3",
        ] {
            expect_deploys_where_the_log_is(under, |output| cut_behind(output, part));
        }
        // Behind the second machine, as if there had been no third.
        expect_deploys_where_the_log_is(under, |output| {
            let place = output.find(",Machines-3/").expect("three machines");
            output[..place].to_owned()
        });
        // In the thumbprint of the third.
        expect_deploys_where_the_log_is(under, |output| {
            let place = output.find(",Machines-3/").expect("three machines");
            output[..place + 20].to_owned()
        });
    }
}

/// Takes the times from the lines of a task's logs.
fn without_times(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.remove("OccurredAt");
            fields.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

#[test]
fn a_record_without_a_time_may_be_of_any_run_of_its_task() {
    let mut redeployment = Redeployment::succeeded(Under::TheSameTask);
    let run = redeployment.queued_again();
    let strip = Fault::edit(without_times);
    let sandbox = &redeployment.sandbox;
    sandbox.fault(Route::TaskDetails, When::Always, strip);

    run.reconcile(sandbox).deploys(&HOSTS);
    assert_eq!(sandbox.count(Route::TaskDetails), 1, "the log was read");
}

#[test]
fn the_record_of_another_step_is_not_this_ones() {
    for other in [
        "Check the other scale set",
        "check vmss provision status 2",
        "Check VMSS Provision Status': Machines-1/00",
        "Check VMSS",
    ] {
        expect_deploys_where_the_log_is(Under::AnotherTask, |output| {
            assert!(
                output.contains(STEP),
                "the record names its step:\n{output}"
            );
            output.replace(STEP, other)
        });
    }
}

#[test]
fn two_steps_in_one_deployment_have_a_record_each() {
    for under in EITHER {
        let mut redeployment = Redeployment::began(under);
        // This step handed out two of them, the other one all three.
        let all = record(&redeployment.sandbox, &HOSTS);
        let two = record(&redeployment.sandbox, &HOSTS[..2]);
        redeployment.step_runs_and_leaves(|output| {
            assert!(output.contains(&all), "the record names all:\n{output}");
            output.replace(&all, &two)
        });
        let other = redeployment.step_runs_and_leaves(|_| String::new());
        let other = other.outcome.stdout.replace(STEP, "The other scale set");
        redeployment.log("The other scale set", &other);
        redeployment.child_deploys("Success", &HOSTS);
        redeployment.ends("Success");
        let run = redeployment.queued_again();

        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}

#[test]
fn a_step_finds_its_own_record_whatever_it_is_called() {
    for name in [
        "Check Bob's \"web\": Machines-9/AB, [all]",
        "Pr\u{fc}fe die Gr\u{f6}\u{df}e",
        " ##octopus[setVariable name='eA==' value='eA==']",
    ] {
        let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
        let run = redeployment.queued_again().set("OCTOPUS_STEP_NAME", name);
        // The first run had a step of another name.
        let first = run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
        redeployment.log(name, &first.outcome.stdout);
        let ended = redeployment.ended + seconds(120);
        redeployment.child_deploys_at(ended - seconds(10), "Success", &HOSTS);
        redeployment.ends_at("Success", ended);

        let again = redeployment.queued_again().set("OCTOPUS_STEP_NAME", name);
        again.reconcile(&redeployment.sandbox).duplicate();
    }
}

#[test]
fn a_record_that_another_step_printed_is_none() {
    for under in EITHER {
        let mut redeployment = Redeployment::began(under);
        let first = redeployment.step_runs_and_leaves(|_| String::new());
        redeployment.log("Step 2: Other", &first.outcome.stdout);
        redeployment.child_deploys("Success", &HOSTS);
        redeployment.ends("Success");
        let run = redeployment.queued_again();
        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}
