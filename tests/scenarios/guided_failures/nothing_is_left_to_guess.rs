//! A deployment that hangs on a machine which is gone is told to go on without it, where nothing is left to guess. Every
//! other interruption is left alone.

use crate::support::Run;
use crate::support::hanging::{
    GONE, GONE_ID, Hanging, KEPT, OTHER, STEP, answering, machine_element,
};
use sandbox::{Fault, InterruptionHandle, Route, When, minutes_ago};

/// Left alone because the interruption differs by this.
#[track_caller]
fn expect_left_alone(
    reason: &str,
    change: impl FnOnce(InterruptionHandle<'_>) -> InterruptionHandle<'_>,
) {
    let hanging = Hanging::with(change);
    hanging
        .expect_left_alone(&hanging.run(), reason)
        .removed(&[OTHER])
        .held(&[GONE]);
}

#[test]
fn a_machine_that_is_gone_is_excluded_from_the_deployment_that_hangs_on_it() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging
        .expect_excluded(&hanging.run())
        .deployed(&KEPT)
        .highlighted(GONE);
}

#[test]
fn by_hand_and_in_a_deployment_it_is_the_same() {
    for run in [Run::by_hand, Run::in_deployment] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        answering(run(&hanging.sandbox)).run().expect_code(0);
        hanging.expect_answer();
    }
}

#[test]
fn so_is_a_runbook_run_that_hangs_on_it() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let task = world.octopus.tasks.get_mut(&hanging.task);
        task.expect("the task").kind = sandbox::TaskKind::RunbookRun;
    });
    hanging.expect_excluded(&hanging.run());
}

#[test]
fn unless_that_is_asked_for_nobody_looks() {
    for value in ["None", ""] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let run = hanging.run().set("VMSS_GUIDEDFAILURE_HANDLE", value);
        let before = hanging.now();

        run.reconcile(&hanging.sandbox).code(0).removed(&[OTHER]);

        hanging.expect_untouched(&before);
        assert_eq!(hanging.sandbox.count(Route::Interruptions), 0);
    }
}

#[test]
fn other_interruptions_are_not_ours_to_answer() {
    expect_left_alone("it is no guided failure", |found| found.manual());
    for kind in [
        "ManualIntervention",
        "PullRequestCompletion",
        "ArgoCDApplicationSync",
        "KubernetesResourceVerification",
        "SomethingNew",
    ] {
        expect_left_alone("it is no guided failure", |found| {
            found.edit(|found| found.kind = Some(kind.to_owned()))
        });
    }
}

#[test]
fn what_somebody_holds_is_theirs() {
    expect_left_alone("Users-7", |found| found.held_by("Users-7"));
    // Also what an earlier run took and could not answer: that one said who must take over.
    expect_left_alone("Users-21", |found| found.held_by("Users-21"));
}

#[test]
fn what_is_linked_to_another_one_ends_with_that() {
    expect_left_alone("linked", |found| found.linked());
}

#[test]
fn what_this_account_may_not_take_is_left_to_those_who_may() {
    expect_left_alone("InterruptionSubmit", |found| {
        found.edit(|found| found.may_take = false)
    });
}

#[test]
fn a_step_that_does_not_offer_to_exclude_the_machine_is_left_to_people() {
    expect_left_alone("exclude", |found| found.without_exclude());
    // A button that only says so.
    let hanging = Hanging::on_a_machine_that_is_gone();
    let relabel = Fault::edit(|answer| {
        let text = answer.to_string();
        let relabelled = text.replace(r#""Value":"Exclude""#, r#""Value":"Skip""#);
        *answer = serde_json::from_str(&relabelled).expect("JSON");
    });
    for route in [Route::Interruptions, Route::Interruption] {
        hanging.sandbox.fault(route, When::Always, relabel.clone());
    }
    hanging.expect_left_alone(&hanging.run(), "exclude");
}

#[test]
fn a_text_that_names_another_machine_is_unclear() {
    for other in [
        "web0000020",
        "xweb000002",
        "web000002-blue",
        "web000002.example.com",
        "web00000",
        "sql1",
        "",
    ] {
        expect_left_alone("it names no deployment target of this run", |found| {
            found.saying(STEP, other)
        });
    }
}

#[test]
fn a_text_that_names_two_machines_is_unclear() {
    expect_left_alone("web000000", |found| {
        found.saying("Deploy beside web000000", GONE)
    });
}

#[test]
fn an_element_that_is_called_otherwise_is_unclear() {
    for other in ["web0000020", "web00000", "web000001", "Worker 1", ""] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging
            .sandbox
            .world(|world| machine_element(world, &hanging.task).name = other.to_owned());
        hanging
            .expect_left_alone(&hanging.run(), GONE)
            .removed(&[OTHER]);
    }
}

#[test]
fn a_correlation_that_names_no_element_is_unclear() {
    let task = Hanging::on(GONE).task;
    for correlation in [
        None,
        Some(String::new()),
        Some("ServerTasks-9_CNMPMXUEE6/24921723bcb7/dbfadf8e".to_owned()),
        Some(task),
    ] {
        expect_left_alone("does not belong to the part of the task's log", |found| {
            found.edit(|found| found.correlation = correlation)
        });
    }
}

#[test]
fn a_correlation_that_names_the_step_is_unclear() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let step = hanging
        .sandbox
        .world(|world| world.octopus.tasks[&hanging.task].log[0].id.clone());
    hanging.change(|found| found.edit(|found| found.correlation = Some(step)));
    hanging.expect_left_alone(&hanging.run(), GONE);
}

#[test]
fn a_task_that_does_not_run_is_not_answered() {
    for state in ["Cancelling", "Queued"] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging
            .sandbox
            .world(|world| drop(world.task(&hanging.task).state(state)));
        hanging.expect_left_alone(&hanging.run(), state);
    }
    for state in ["Canceled", "Failed", "TimedOut"] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging.sandbox.world(|world| {
            let now = sandbox::now();
            drop(world.task(&hanging.task).ended(state, now));
        });
        hanging.expect_left_alone(&hanging.run(), state);
    }
}

#[test]
fn what_waits_in_another_space_is_not_asked_for() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let other = world.octopus.add_space("Other");
        let task = world.task(&hanging.task);
        drop(task.edit(|task| task.space = other));
    });
    let before = hanging.now();

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .removed(&[GONE, OTHER]);
    hanging.expect_untouched(&before);
}

#[test]
fn what_is_answered_already_is_not_asked_for() {
    let hanging = Hanging::with(|found| found.answered("Retry"));
    let before = hanging.now();

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .removed(&[OTHER]);
    hanging.expect_untouched(&before);
}

#[test]
fn a_target_that_is_out_of_scope_is_nobodys_here() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging
        .sandbox
        .world(|world| drop(world.existing_target(GONE).roles(&["other"])));
    hanging
        .expect_left_alone(&hanging.run(), "it names no deployment target of this run")
        .removed(&[OTHER]);
}

#[test]
fn two_about_the_same_target_in_one_task_get_one_answer() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let second = world.task(&hanging.task).hangs_on("Warm up", GONE);
        drop(second);
    });

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .held(&[GONE]);

    assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 1);
    let answered = hanging.sandbox.world(|world| {
        let all = world.octopus.interruptions.values();
        all.filter(|found| found.guidance.is_some()).count()
    });
    assert_eq!(answered, 1);
}

#[test]
fn two_tasks_that_hang_on_the_same_target_are_both_answered() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let other = world.deployment().executing_since(minutes_ago(30));
        drop(other.naming(&[GONE_ID]).hangs_on(STEP, GONE));
    });

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .held(&[GONE]);

    hanging.sandbox.world(|world| {
        for found in world.octopus.interruptions.values() {
            assert_eq!(found.guidance.as_deref(), Some("Exclude"), "{}", found.id);
        }
    });
}

#[test]
fn what_waits_is_found_on_whatever_page_it_stands() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        world.octopus.max_page_size = Some(2);
        for _ in 0..5 {
            let other = world.deployment().executing_since(minutes_ago(30));
            drop(other.hangs_on(STEP, KEPT[0]).manual());
        }
    });
    hanging.run().reconcile(&hanging.sandbox).code(0);
    hanging.expect_answer();
}
