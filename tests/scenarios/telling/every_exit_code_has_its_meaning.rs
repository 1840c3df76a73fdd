//! One scenario for every exit code: runbooks branch on them.

use crate::support::aftermath::reconcile;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Fault, Matcher, Route, When};

const GONE: [&str; 1] = ["web000001"];

#[test]
fn exit_0_reconciled() {
    reconcile(&scaled_in(3, &GONE)).code(0).removed(&GONE);
}

#[test]
fn exit_1_a_defect_in_the_program_asks_for_a_report() {
    // No thread can have so large a stack: starting the first one panics, in the middle of the run.
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).set("RUST_MIN_STACK", "70368744177664");

    let outcome = run.run().expect_code(1);

    let said = outcome.said("error");
    assert!(said.contains("defect in octopus-scale-in"), "{said}");
    assert!(said.contains("report it"), "{said}");
    assert_eq!(sandbox.count(Route::DeleteMachine), 0);
}

#[test]
fn exit_2_settings_are_wrong() {
    let sandbox = scaled_in(3, &GONE);
    Run::in_runbook(&sandbox)
        .without("VMSS_SCALESET_NAME")
        .run()
        .expect_code(2);
    assert_eq!(sandbox.count(Matcher::any()), 0);
}

#[test]
fn exit_3_a_service_refuses_before_the_first_removal() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.fault(Route::Instances, When::Always, Fault::status(403));
    Run::in_runbook(&sandbox).run().expect_code(3);
    expect_untouched(&sandbox);
}

#[test]
fn exit_4_a_brake_holds_the_removals_back() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "0");
    run.run().expect_code(4);
    expect_untouched(&sandbox);
}

#[test]
fn exit_5_a_removal_fails() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| world.octopus.forbid("MachineDelete"));
    reconcile(&sandbox).code(5).nothing_removed().held(&GONE);
}

#[test]
fn exit_6_not_settled_in_time() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    let run = Run::in_runbook(&sandbox).set("VMSS_TIMEOUT_VALUE", "0");
    run.set("VMSS_TIMEOUT_ERRORHANDLE", "Error")
        .run()
        .expect_code(6);
    expect_untouched(&sandbox);
}
