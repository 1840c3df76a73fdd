//! Every phase of a run ends, whatever the servers do, and a run that runs out of time removes nothing.

use crate::support::fleet::Fleet;
use crate::support::hanging::{self, Hanging, OTHER};
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Fault, Matcher, Mode, Route, Sandbox, When};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const GONE: [&str; 1] = ["web000001"];

/// Every question that a run asks before it removes anything, and from which time on.
fn questions() -> Vec<(Matcher, When)> {
    let always = [
        Route::Machines,
        Route::Token,
        Route::ScaleSet,
        Route::Instances,
        Route::ScaleSets,
        Route::Tasks,
        Route::ScopedVariables,
        Route::PointRead,
    ];
    let again = [Route::Machines, Route::ScaleSet, Route::Instances];
    let always = always.map(|route| (route.into(), When::Always));
    let again = again.map(|route| (route.into(), When::From(2)));
    always.into_iter().chain(again).collect()
}

/// A run with so little time for a phase, and all the patience of the world for a request.
fn hurried(sandbox: &Sandbox) -> Run {
    Run::in_runbook(sandbox)
        .set("VMSS_PHASE_SECONDS", "0.4")
        .set("VMSS_REQUEST_SECONDS", "3600")
        .set("VMSS_RETRY_SECONDS", "3600")
}

#[track_caller]
fn expect_out_of_time(sandbox: &Sandbox, run: &Run, what: &str) {
    let outcome = run.run().expect_code(3);
    let said = format!("{}{}", outcome.said("error"), outcome.said("warning"));
    assert!(
        said.contains("longer than a phase of a run may take") || said.contains("no answer within"),
        "{what}: {said}"
    );
    expect_untouched(sandbox);
}

#[test]
fn a_server_that_never_answers_ends_the_phase() {
    for (question, when) in questions() {
        let sandbox = scaled_in(3, &GONE);
        let what = format!("{question:?} {when:?}");
        sandbox.fault(question, when, Fault::stall());
        expect_out_of_time(&sandbox, &hurried(&sandbox), &what);
    }
}

#[test]
fn a_server_that_is_busy_for_ever_ends_the_phase() {
    for (question, when) in questions() {
        let sandbox = scaled_in(3, &GONE);
        let what = format!("{question:?} {when:?}");
        let busy = Fault::status(429).header("Retry-After", "0");
        sandbox.fault(question, when, busy);
        expect_out_of_time(&sandbox, &hurried(&sandbox), &what);
    }
}

#[test]
fn a_listing_that_goes_on_for_ever_ends_the_phase() {
    let sandbox = scaled_in(3, &GONE);
    let pages = AtomicUsize::new(0);
    let azure = sandbox.azure_url();
    let endless = move |page: &mut Value| {
        let number = pages.fetch_add(1, Ordering::Relaxed);
        page["value"] = Value::Array(Vec::new());
        let path = "/subscriptions/00000000-5a4d-4b0c-8000-000000000001/resourceGroups/web-rg/providers/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines";
        page["nextLink"] =
            format!("{azure}{path}?api-version=2024-11-01&$skiptoken={number}").into();
    };
    sandbox.fault(Route::Instances, When::Always, Fault::edit(endless));

    expect_out_of_time(&sandbox, &hurried(&sandbox), "endless pages");
}

#[test]
fn a_sign_in_in_the_middle_of_a_phase_ends_with_the_phase() {
    for listing in [Route::Instances, Route::ScaleSets, Route::PointRead] {
        let sandbox = scaled_in(3, &GONE);
        sandbox.on(listing, 1, |world| world.azure.expire_tokens());
        sandbox.fault(Route::Token, When::From(2), Fault::stall());
        let run = hurried(&sandbox).set("VMSS_PHASE_SECONDS", "1");
        let begun = Instant::now();
        expect_out_of_time(&sandbox, &run, &format!("a new sign-in, {listing:?}"));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "{listing:?}: {took:?}");
        assert_eq!(sandbox.count(Route::Token), 2, "{listing:?}");
    }
}

#[test]
fn a_phase_is_never_longer_than_promised() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).set("VMSS_PHASE_SECONDS", "901");
    let said = run.run().expect_code(2).said("error");
    assert!(
        said.contains("VMSS_PHASE_SECONDS: is more than 900"),
        "{said}"
    );
}

#[test]
fn the_removals_take_as_long_as_they_take() {
    let sandbox = scaled_in(3, &GONE);
    // Longer than a phase may be, one try after the other.
    let busy = Fault::status(429).header("Retry-After", "1");
    sandbox.fault(Route::DeleteMachine, When::First(4), busy);

    let run = hurried(&sandbox).set("VMSS_PHASE_SECONDS", "3");
    let outcome = run.run().expect_code(0);

    assert_eq!(outcome.removed(), GONE);
}

#[test]
fn a_question_about_the_run_itself_holds_up_no_removal() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.fault(Route::Task, When::Always, Fault::stall());

    let outcome = hurried(&sandbox).run().expect_code(0);

    assert_eq!(outcome.removed(), GONE);
    let warning = outcome.said("warning");
    assert!(
        warning.contains("a cancellation would not be noticed"),
        "{warning}"
    );
}

#[test]
fn guided_failures_that_run_out_of_time_hold_nobody_else() {
    for route in [Route::TaskDetails, Route::Interruptions] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        // The first question of that kind is what waits at all.
        let when = match route {
            Route::Interruptions => When::From(2),
            _ => When::Always,
        };
        hanging.sandbox.fault(route, when, Fault::stall());
        let run = hanging
            .run()
            .set("VMSS_PHASE_SECONDS", "1")
            .set("VMSS_REQUEST_SECONDS", "3600")
            .set("VMSS_RETRY_SECONDS", "3600");

        let outcome = run.run().expect_code(0);

        assert_eq!(outcome.removed(), [OTHER], "{route:?}");
        assert_eq!(outcome.held(), [hanging::GONE], "{route:?}");
        assert_eq!(
            hanging.sandbox.count(Route::SubmitInterruption),
            0,
            "{route:?}"
        );
    }
}

#[test]
fn what_a_flexible_scale_set_is_asked_ends_too() {
    for question in [Route::GroupVms, Route::Instances] {
        let fleet = Fleet::of(Mode::Flexible, 3);
        fleet.scale_in(&[1]);
        let sandbox = &fleet.sandbox;
        sandbox.fault(question, When::Always, Fault::stall());
        expect_out_of_time(sandbox, &hurried(sandbox), &format!("{question:?}"));
    }
}
