//! The target that a deployment was told to exclude waits until that is over: it still knows the target.

use crate::support::hanging::{GONE, Hanging, KEPT, OTHER, answering};
use crate::support::no_answer::failures;
use crate::support::{Run, registered};
use sandbox::{Route, When};

#[track_caller]
fn expect_left(hanging: &Hanging, names: &[&str]) {
    assert_eq!(registered(&hanging.sandbox), names);
}

#[test]
fn the_target_waits_while_the_task_runs_and_is_removed_by_a_later_run() {
    let with_gone = [KEPT[0], KEPT[1], GONE];
    for handle in ["Defer", "Remove"] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let later = || {
            let run = answering(Run::in_runbook(&hanging.sandbox));
            let run = run.set("VMSS_BUSYTARGETS_HANDLE", handle);
            run.run().expect_code(0)
        };
        assert_eq!(later().removed(), [OTHER]);
        hanging.expect_answer();
        expect_left(&hanging, &with_gone);

        // The deployment goes on without the machine, and knows its target still.
        assert_eq!(later().held(), [GONE], "{handle}");
        expect_left(&hanging, &with_gone);

        hanging.ends();
        assert_eq!(later().removed(), [GONE], "{handle}");
        expect_left(&hanging, &KEPT);
        assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 1);
    }
}

#[test]
fn the_log_says_why_the_target_waits() {
    for dry in [false, true] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let run = hanging.run();
        let run = if dry { run.argument("--dry-run") } else { run };

        let log = run.run().expect_code(0).stdout;

        let mut lines = log.lines();
        let why = lines.find(|line| line.starts_with(&format!("  {GONE} ")));
        assert!(
            why.is_some_and(|why| why.contains(&hanging.task)),
            "the summary counts a held target that nothing explains (dry run: {dry}):\n{log}"
        );
    }
}

#[test]
fn a_target_that_is_to_be_disabled_waits_too() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let run = hanging
        .run()
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .set("VMSS_BUSYTARGETS_HANDLE", "Remove");

    run.run().expect_code(0);

    hanging.expect_answer();
    let disabled = hanging
        .sandbox
        .world(|world| world.octopus.targets["Machines-3"].disabled);
    assert!(!disabled, "the deployment still knows the target");
}

#[test]
fn where_targets_in_use_are_removed_one_that_may_have_been_answered_waits() {
    // Whether an earlier run has answered cannot be learned, so nobody knows that the target may go.
    for route in [Route::Interruptions, Route::Tasks] {
        for fault in failures() {
            let hanging = Hanging::with(|found| found.answered("Exclude"));
            hanging.sandbox.fault(route, When::Always, fault);
            let run = hanging.run().set("VMSS_BUSYTARGETS_HANDLE", "Remove");

            let outcome = run.run().expect_code(0);

            let removed = outcome.removed();
            assert!(!removed.contains(&GONE), "{route:?}: {removed:?}");
        }
    }
}
