//! Removing: one that fails does not stop the others, one that is gone already is a success, a cancelled run stops.

use crate::support::aftermath::reconcile;
use crate::support::fleet::id_of;
use crate::support::{Run, expect_untouched, registered, scaled_in, shrunk};
use sandbox::{Fault, Matcher, Route, Sandbox, When};

const GONE: [&str; 3] = ["web000001", "web000002", "web000003"];
const OTHERS: [&str; 2] = ["web000001", "web000003"];

/// The requests that delete this target.
fn deletes_of(sandbox: &Sandbox, name: &str) -> Matcher {
    Route::DeleteMachine.containing(&format!("/{}", id_of(sandbox, name)))
}

#[test]
fn a_registration_that_somebody_else_removed_meanwhile_is_a_success() {
    let sandbox = scaled_in(5, &GONE);
    let delete = deletes_of(&sandbox, "web000002");
    sandbox.on(delete, 1, |world| {
        world.existing_target("web000002").delete()
    });

    reconcile(&sandbox).code(0).removed(&GONE).nothing_held();
}

#[test]
fn a_removal_that_is_refused_does_not_stop_the_others() {
    for (status, why) in [
        (400, "This resource is read-only and cannot be deleted"),
        (403, "Missing permission: MachineDelete"),
        (409, "It is in use"),
    ] {
        let sandbox = scaled_in(5, &GONE);
        let delete = deletes_of(&sandbox, "web000002");
        sandbox.fault(
            delete.clone(),
            When::Always,
            Fault::octopus_error(status, why),
        );

        reconcile(&sandbox)
            .code(5)
            .removed(&OTHERS)
            .held(&["web000002"])
            .complained("Could not delete web000002 (Machines-3)")
            .complained(&format!("Octopus answered {status}: {why}"))
            .deployed(&["web000000", "web000004"]);

        assert_eq!(sandbox.count(delete), 1, "a refusal is not asked for twice");
    }
}

#[test]
fn a_removal_that_keeps_failing_does_not_stop_the_others() {
    let sandbox = scaled_in(5, &GONE);
    let delete = deletes_of(&sandbox, "web000002");
    sandbox.fault(
        delete.clone(),
        When::Always,
        Fault::octopus_error(500, "Deadlocked"),
    );

    Run::in_runbook(&sandbox)
        .set("VMSS_RETRY_SECONDS", "3")
        .reconcile(&sandbox)
        .code(5)
        .removed(&OTHERS)
        .held(&["web000002"])
        .complained("Octopus answered 500: Deadlocked");

    assert!(sandbox.count(delete) > 1, "a failing server is asked again");
}

#[test]
fn every_failed_removal_is_named_with_its_own_reason() {
    let sandbox = scaled_in(5, &GONE);
    for name in OTHERS {
        let why = format!("{name} is special");
        sandbox.fault(
            deletes_of(&sandbox, name),
            When::Always,
            Fault::octopus_error(400, &why),
        );
    }

    reconcile(&sandbox)
        .code(5)
        .removed(&["web000002"])
        .held(&OTHERS)
        .complained("Could not delete web000001 (Machines-2) at 127.0.0.1")
        .complained("Octopus answered 400: web000001 is special")
        .complained("Could not delete web000003 (Machines-4) at 127.0.0.1")
        .complained("Octopus answered 400: web000003 is special");
}

#[test]
fn a_server_that_stumbles_once_is_asked_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let sandbox = scaled_in(5, &GONE);
        let delete = deletes_of(&sandbox, "web000002");
        sandbox.fault(delete.clone(), When::First(1), Fault::status(status));

        reconcile(&sandbox).code(0).removed(&GONE).nothing_held();

        assert_eq!(sandbox.count(delete), 2, "after a {status}");
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_and_not_found_then_is_a_success() {
    let sandbox = scaled_in(5, &GONE);
    let delete = deletes_of(&sandbox, "web000002");
    sandbox.fault(delete.clone(), When::First(1), Fault::lost_answer());

    reconcile(&sandbox).code(0).removed(&GONE).nothing_held();

    assert_eq!(sandbox.count(delete), 2);
}

#[test]
fn a_server_that_goes_away_among_the_removals_is_exit_5() {
    let sandbox = scaled_in(5, &GONE);
    sandbox.fault(Route::DeleteMachine, When::Always, Fault::reset());

    Run::in_runbook(&sandbox)
        .without_retries()
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .held(&GONE)
        .complained("Octopus could not be reached");
}

#[test]
fn without_the_permission_every_target_is_named_and_left() {
    let sandbox = scaled_in(5, &GONE);
    sandbox.world(|world| world.octopus.forbid("MachineDelete"));

    let aftermath = reconcile(&sandbox).code(5).nothing_removed().held(&GONE);

    let outcome = &aftermath.outcome;
    let said = outcome.said("error");
    let once = said.matches("Octopus answered 403").count();
    assert_eq!(once, 1, "one reason is said once, not for each: {said}");
    assert!(said.contains(&GONE.join(", ")), "{said}");
    for name in GONE {
        let line = format!("{name} ({}) was not removed. ", id_of(&sandbox, name));
        outcome.expect_said_at("verbose", &line);
    }
    let (_, report) = &outcome.artifacts[0];
    let each = report.matches("Octopus answered 403").count();
    assert_eq!(each, GONE.len(), "the report has it for each: {report}");
}

#[test]
fn failed_removals_only_warn_where_the_step_is_to_go_on() {
    let sandbox = scaled_in(5, &GONE);
    let delete = deletes_of(&sandbox, "web000002");
    sandbox.fault(delete, When::Always, Fault::octopus_error(400, "No"));

    let aftermath = Run::in_deployment(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .removed(&OTHERS)
        .held(&["web000002"])
        .warned("Could not delete web000002 (Machines-3)");

    assert_eq!(aftermath.outcome.said("error"), "");
}

#[test]
fn the_next_run_finishes_what_failed() {
    let sandbox = scaled_in(5, &GONE);
    let delete = deletes_of(&sandbox, "web000002");
    sandbox.fault(delete, When::Nth(1), Fault::octopus_error(400, "No"));
    reconcile(&sandbox).code(5).removed(&OTHERS);

    reconcile(&sandbox).code(0).removed(&["web000002"]);

    assert_eq!(registered(&sandbox), ["web000000", "web000004"]);
}

#[test]
fn a_run_that_was_cancelled_before_the_first_removal_removes_nothing() {
    for state in ["Cancelling", "Canceled", "TimedOut", "Failed"] {
        let sandbox = scaled_in(5, &GONE);
        let run = Run::in_runbook(&sandbox);
        let own = run.task();
        sandbox.on(Route::Task, 1, move |world| {
            world.octopus.tasks.get_mut(&own).expect("its task").state = state.into();
        });

        run.reconcile(&sandbox)
            .code(5)
            .nothing_removed()
            .held(&GONE)
            .warned("cancelled: 3 of 3 targets were left");
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_run_that_is_cancelled_meanwhile_stops_at_the_next_look_at_its_task() {
    let (sandbox, hosts) = shrunk(61, 60);
    let run = Run::in_runbook(&sandbox);
    let own = run.task();
    sandbox.on(Route::Task, 2, move |world| {
        world.octopus.tasks.get_mut(&own).expect("its task").state = "Cancelling".into();
    });

    run.reconcile(&sandbox)
        .code(5)
        .removed(&hosts[..25])
        .held(&hosts[25..])
        .warned("cancelled: 35 of 60 targets were left");
}

#[test]
fn a_cancelled_run_is_no_success_even_where_problems_only_warn() {
    let sandbox = scaled_in(5, &GONE);
    let run = Run::in_deployment(&sandbox);
    let own = run.task();
    sandbox.on(Route::Task, 1, move |world| {
        world.octopus.tasks.get_mut(&own).expect("its task").state = "Cancelling".into();
    });

    run.reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .held(&GONE);
}

#[test]
fn the_run_reads_its_own_task_before_the_first_and_every_25th_removal() {
    for (gone, reads) in [(1, 1), (25, 1), (26, 2), (50, 2), (51, 3)] {
        let (sandbox, hosts) = shrunk(gone as u64 + 1, gone);
        let run = Run::in_runbook(&sandbox);
        run.reconcile(&sandbox).code(0).removed(&hosts);
        let own = Route::Task.containing(&run.task());
        assert_eq!(sandbox.count(own), reads, "with {gone} removals");
    }
}

#[test]
fn a_run_that_cannot_read_its_own_task_goes_on_with_a_warning() {
    for fault in [
        Fault::octopus_error(403, "No"),
        Fault::status(500),
        Fault::reset(),
    ] {
        let sandbox = scaled_in(5, &GONE);
        sandbox.fault(Route::Task, When::Always, fault);

        Run::in_runbook(&sandbox)
            .without_retries()
            .reconcile(&sandbox)
            .code(0)
            .removed(&GONE)
            .warned("a cancellation would not be noticed");
    }
}

#[test]
fn a_removal_whose_answer_was_lost_is_nobody_elses() {
    let (sandbox, gone) = shrunk(3, 1);
    sandbox.fault(Route::DeleteMachine, When::Nth(1), Fault::lost_answer());
    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);
    assert_eq!(outcome.removed(), gone);
    assert!(
        !outcome.stdout.contains("somebody else"),
        "{}",
        outcome.stdout
    );
}
