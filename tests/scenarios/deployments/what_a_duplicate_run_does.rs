//! What a duplicate run does: it reconciles all the same, hands out nothing, and cancels itself where that is asked for.

use crate::support;
use crate::support::no_answer::refusal;
use crate::support::redeployment::{EITHER, HOSTS, Redeployment, Under, ids, record, warnings};
use crate::support::{Run, settled};
use sandbox::{Fault, Route, When};
use std::sync::{Arc, Mutex};

/// A run that is a duplicate, and cancels itself where it can.
fn cancelling(under: Under) -> (Redeployment, Run) {
    let mut redeployment = Redeployment::succeeded(under);
    let run = redeployment.queued_again();
    let run = run.set("VMSS_DUPLICATE_HANDLE", "Cancel");
    (redeployment, run)
}

/// The state of the task of the run that goes on.
fn state(redeployment: &Redeployment) -> String {
    let task = redeployment.task().to_owned();
    redeployment
        .sandbox
        .world(|world| world.octopus.tasks[&task].state.clone())
}

/// The run says in one verbose line that it hands out this.
#[track_caller]
fn expect_record(run: Run, handed_out: &str) {
    let run = run.set("OCTOPUS_STEP_NAME", "Check");
    let outcome = run.run().expect_code(0);
    let verbose = outcome.said("verbose");
    let records: Vec<&str> = verbose
        .lines()
        .filter(|line| line.contains("Handed out"))
        .collect();
    assert_eq!(
        records,
        [format!("Handed out by step 'Check': {handed_out}")]
    );
}

#[test]
fn every_run_records_what_it_hands_out_in_one_verbose_line() {
    let sandbox = settled(3);
    let named = record(&sandbox, &["web000000", "web000002"]);
    sandbox.world(|world| drop(world.existing_target("web000001").disabled()));
    for run in [Run::in_runbook, Run::in_deployment] {
        expect_record(run(&sandbox), &named);
    }

    let empty = settled(0);
    expect_record(Run::in_runbook(&empty), "nothing");
}

#[test]
fn a_duplicate_records_that_it_hands_out_nothing() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();
    let aftermath = run.reconcile(&redeployment.sandbox).duplicate();
    let verbose = aftermath.outcome.said("verbose");
    assert!(
        verbose.contains("Handed out by step 'Check VMSS Provision Status': nothing"),
        "a later run would take the list for deployed to:\n{verbose}"
    );
}

#[test]
fn a_duplicate_removes_what_is_gone() {
    for under in EITHER {
        let (redeployment, run) = cancelling(under);
        redeployment.sandbox.world(|world| {
            drop(world.scale_set("web").scale_in(&[HOSTS[0]]));
            world.check_all();
        });

        run.reconcile(&redeployment.sandbox)
            .duplicate()
            .removed(&[HOSTS[0]]);
    }
}

#[test]
fn a_duplicate_goes_on_where_it_is_not_told_to_cancel() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();

    let aftermath = run.reconcile(&redeployment.sandbox).duplicate();

    assert_eq!(redeployment.sandbox.count(Route::CancelTask), 0);
    assert_eq!(state(&redeployment), "Executing");
    assert!(
        warnings(&aftermath).is_empty(),
        "a duplicate is nothing to worry about: {:#?}",
        warnings(&aftermath)
    );
}

#[test]
fn a_duplicate_cancels_its_own_task_and_no_other() {
    for under in EITHER {
        let (redeployment, run) = cancelling(under);

        run.reconcile(&redeployment.sandbox).duplicate();

        let cancelled = redeployment.sandbox.requests_to(Route::CancelTask);
        assert_eq!(cancelled.len(), 1);
        assert!(cancelled[0].path.contains(redeployment.task()));
        assert_eq!(state(&redeployment), "Cancelling");
    }
}

#[test]
fn a_duplicate_sets_its_outputs_before_it_cancels_itself() {
    let (redeployment, run) = cancelling(Under::AnotherTask);
    let folder = tempfile::tempdir().expect("a folder for the run");
    let log = folder.path().join("log");
    let seen = Arc::new(Mutex::new(String::new()));
    let (at_that_time, in_log) = (Arc::clone(&seen), log.clone());
    redeployment.sandbox.on(Route::CancelTask, 1, move |_| {
        let so_far = std::fs::read_to_string(in_log).expect("the log is there");
        *at_that_time.lock().expect("the log is kept") = so_far;
    });

    let mut command = run.command(folder.path());
    command.stdout(std::fs::File::create(&log).expect("the log can be written"));
    let status = command.status().expect("the binary starts");

    assert_eq!(status.code(), Some(0));
    // Octopus kills a cancelled step: what is not out by then never is.
    let seen = seen.lock().expect("the log is kept");
    for name in [
        "VMSSHasServersToDeployTo",
        "VMSSDeploymentTargetIds",
        "VMSSRemovedTargetIds",
        "VMSSHeldTargetNames",
    ] {
        let name = support::base64(name);
        assert!(seen.contains(&name), "an output was not set yet:\n{seen}");
    }
    assert_eq!(redeployment.sandbox.waiting_changes(), 0);
}

#[test]
fn a_cancel_that_is_refused_is_a_warning_that_names_the_permission() {
    let (redeployment, run) = cancelling(Under::AnotherTask);
    redeployment
        .sandbox
        .fault(Route::CancelTask, When::Always, refusal());

    run.reconcile(&redeployment.sandbox)
        .duplicate()
        .warned("TaskCancel");
    assert_eq!(state(&redeployment), "Executing");
}

#[test]
fn a_cancel_that_fails_changes_no_exit_code() {
    for fault in [
        Fault::status(500),
        Fault::octopus_error(400, "No"),
        Fault::octopus_error(404, "The resource was not found."),
        Fault::reset(),
    ] {
        let (redeployment, run) = cancelling(Under::AnotherTask);
        redeployment
            .sandbox
            .fault(Route::CancelTask, When::Always, fault);
        let aftermath = run.reconcile(&redeployment.sandbox).duplicate();
        assert_eq!(warnings(&aftermath).len(), 1);
    }

    let (redeployment, run) = cancelling(Under::AnotherTask);
    redeployment.sandbox.world(|world| {
        drop(world.scale_set("web").scale_in(&HOSTS[..2]));
        world.check_all();
    });
    let run = run
        .set("VMSS_REMOVAL_LIMIT", "1")
        .set("VMSS_PROBLEM_HANDLE", "Fail");
    run.reconcile(&redeployment.sandbox)
        .code(4)
        .nothing_removed()
        .nothing_deployed();
    assert_eq!(redeployment.sandbox.count(Route::CancelTask), 1);
}

#[test]
fn a_dry_run_cancels_nothing_and_says_so() {
    let (redeployment, run) = cancelling(Under::AnotherTask);

    run.argument("--dry-run")
        .reconcile(&redeployment.sandbox)
        .duplicate()
        .said("Dry run");

    assert_eq!(redeployment.sandbox.count(Route::CancelTask), 0);
    assert_eq!(state(&redeployment), "Executing");
}

#[test]
fn a_run_that_is_no_duplicate_never_cancels_itself() {
    for under in EITHER {
        let (redeployment, run) = cancelling(under);
        let new = redeployment.machine_comes_up();

        let expected = [&HOSTS[..], &[new.as_str()]].concat();
        run.reconcile(&redeployment.sandbox).deploys(&expected);
        assert_eq!(redeployment.sandbox.count(Route::CancelTask), 0);
    }
}

#[test]
fn the_history_is_read_before_the_targets() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();
    let before = redeployment.sandbox.requests().len();

    run.reconcile(&redeployment.sandbox).duplicate();

    let asked: Vec<Route> = redeployment.sandbox.requests()[before..]
        .iter()
        .map(|request| request.route)
        .collect();
    let first = |route: Route| asked.iter().position(|other| *other == route);
    assert!(first(Route::Events).is_some(), "the history was read");
    assert!(first(Route::Events) < first(Route::Machines), "{asked:?}");
}

#[test]
fn a_first_run_asks_for_no_log_and_for_no_targets_history() {
    let redeployment = Redeployment::began(Under::AnotherTask);
    let sandbox = &redeployment.sandbox;
    let deployment = sandbox.world(|world| world.octopus.tasks[redeployment.task()].clone());
    let run = Run::by_hand(sandbox)
        .set("OCTOPUS_TASK_ID", redeployment.task())
        .set("OCTOPUS_DEPLOYMENT_ID", deployment.document)
        .set("OCTOPUS_DEPLOYMENT_TRIGGER_ID", "ProjectTriggers-1");

    run.reconcile(sandbox).deploys(&HOSTS);

    for route in [Route::TaskDetails, Route::MachineTasks] {
        assert_eq!(sandbox.count(route), 0, "{route:?} was asked for nothing");
    }
}

#[test]
fn only_what_would_be_a_duplicate_asks_for_the_targets_history() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    redeployment.machine_comes_up();
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).code(0);
    assert_eq!(redeployment.sandbox.count(Route::MachineTasks), 0);

    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).duplicate();
    let ids = redeployment.sandbox.world(|world| ids(world, &HOSTS));
    for id in ids {
        let history = Route::MachineTasks.containing(&id);
        assert_eq!(redeployment.sandbox.count(history), 1);
    }
}

#[test]
fn a_duplicate_is_found_on_whatever_page_the_answers_stand() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    redeployment.sandbox.world(|world| {
        world.octopus.max_page_size = Some(2);
        world.octopus.wraps_answers = true;
    });
    for _ in 0..4 {
        // Later deployments of other projects that did not succeed.
        redeployment.child_deploys("Failed", &HOSTS);
    }
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).duplicate();
}

#[test]
fn a_run_with_nothing_to_hand_out_is_no_duplicate_and_cancels_nothing() {
    for under in EITHER {
        let (redeployment, run) = cancelling(under);
        redeployment.sandbox.world(|world| {
            for host in HOSTS {
                drop(world.existing_target(host).disabled());
            }
        });
        let aftermath = run.reconcile(&redeployment.sandbox).code(0);
        assert!(!aftermath.outcome.said("highlight").contains("Duplicate"));
        assert_eq!(state(&redeployment), "Executing");
    }
}
