//! What a brake does to the step, by `VMSS.Problem.Handle` and by who runs it, in dry runs too.

use crate::support::fleet::Fleet;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Mode, Sandbox};

const GONE: [&str; 2] = ["web000001", "web000002"];

/// Two targets are to be removed, and the limit allows one.
fn over_the_limit() -> Sandbox {
    scaled_in(4, &GONE)
}

fn with_limit(run: Run) -> Run {
    run.set("VMSS_REMOVAL_LIMIT", "1")
}

#[test]
fn a_brake_that_warns_says_the_same_and_passes() {
    let sandbox = over_the_limit();
    with_limit(Run::in_runbook(&sandbox))
        .set("VMSS_PROBLEM_HANDLE", "Warn")
        .reconcile(&sandbox)
        .code(0)
        .warned("2 removals held back: web000001, web000002. What lifts it: a higher VMSS.Removal.Limit")
        .nothing_removed()
        .held(&GONE)
        .deployed(&["web000000", "web000003"]);
}

#[test]
fn a_brake_that_warns_says_nothing_at_the_level_of_errors() {
    let sandbox = over_the_limit();
    let run = with_limit(Run::in_runbook(&sandbox)).set("VMSS_PROBLEM_HANDLE", "Warn");

    let outcome = run.run().expect_code(0);

    assert_eq!(outcome.said("error"), "", "an error line fails some steps");
}

#[test]
fn old_registrations_do_not_stop_a_deployment() {
    for handle in ["Auto", ""] {
        let sandbox = over_the_limit();
        with_limit(Run::in_deployment(&sandbox))
            .set("VMSS_PROBLEM_HANDLE", handle)
            .reconcile(&sandbox)
            .code(0)
            .warned("2 removals held back")
            .nothing_removed()
            .held(&GONE)
            .deployed(&["web000000", "web000003"]);
    }
}

#[test]
fn a_deployment_stops_where_it_is_told_to() {
    let sandbox = over_the_limit();
    with_limit(Run::in_deployment(&sandbox))
        .set("VMSS_PROBLEM_HANDLE", "Fail")
        .reconcile(&sandbox)
        .code(4)
        .complained("2 removals held back")
        .held(&GONE);
}

#[test]
fn a_runbook_run_fails_also_when_a_deployment_is_named_beside_it() {
    let sandbox = over_the_limit();
    with_limit(Run::in_runbook(&sandbox))
        .reconcile(&sandbox)
        .code(4);
    with_limit(Run::in_runbook(&sandbox))
        .set("OCTOPUS_DEPLOYMENT_ID", "Deployments-7")
        .reconcile(&sandbox)
        .code(4);
}

#[test]
fn a_run_in_a_terminal_fails() {
    let sandbox = over_the_limit();

    let outcome = with_limit(Run::by_hand(&sandbox).argument("-v"))
        .run()
        .expect_code(4);

    outcome.expect_said("error: Brake: 2 targets would be removed");
    assert_eq!(outcome.held(), GONE);
    expect_untouched(&sandbox);
}

#[test]
fn a_dry_run_says_what_would_be_held_back_and_exits_alike() {
    let sandbox = over_the_limit();
    with_limit(Run::in_runbook(&sandbox))
        .argument("--dry-run")
        .reconcile(&sandbox)
        .code(4)
        .complained("2 removals held back")
        .highlighted("Would remove 0 of 2 targets that match no machine: a brake would hold back 2")
        .nothing_removed()
        .held(&GONE)
        .deployed(&["web000000", "web000003"]);

    with_limit(Run::in_deployment(&sandbox))
        .argument("--dry-run")
        .reconcile(&sandbox)
        .code(0)
        .warned("2 removals held back")
        .nothing_removed();
}

#[test]
fn a_dry_run_gathers_the_evidence_and_so_finds_the_brakes_in_it() {
    for (mode, why) in [
        (
            Mode::Uniform,
            "answers (Succeeded) although no listing has it",
        ),
        (Mode::Flexible, "names 1 of its machines"),
    ] {
        let fleet = Fleet::of(mode, 4);
        fleet.scale_in(&[1]);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").hide(fleet.host(2))));

        Run::in_runbook(&fleet.sandbox)
            .set("VMSS_DRYRUN", "Yes")
            .asking_no_machine()
            .reconcile(&fleet.sandbox)
            .code(4)
            .complained(why)
            .nothing_removed()
            .held(&[fleet.host(1), fleet.host(2)]);
    }
}

#[test]
fn the_summary_of_a_held_run_is_highlighted() {
    let sandbox = over_the_limit();
    with_limit(Run::in_runbook(&sandbox))
        .reconcile(&sandbox)
        .code(4)
        .highlighted("Removed 0 of 2 targets that match no machine: a brake holds back 2; 2 kept");
}
