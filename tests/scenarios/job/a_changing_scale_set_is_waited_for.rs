//! A scale set that is changing is waited for; then targets and machines are read again, in that order.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES};
use crate::support::{Run, expect_untouched, scaled_in, settled};
use sandbox::{Mode, Route, Sandbox};

/// In minutes: a handful of the scenarios' polls.
const MOMENT: &str = "0.005";

/// The targets and machines were read last in this order, whatever was read while the run waited.
#[track_caller]
fn expect_targets_before_machines(sandbox: &Sandbox) {
    let looks: Vec<Route> = sandbox
        .requests()
        .iter()
        .map(|request| request.route)
        .collect();
    let last = |route: Route| looks.iter().rposition(|other| *other == route);
    assert!(last(Route::Machines) < last(Route::ScaleSet), "{looks:?}");
    assert!(last(Route::ScaleSet) < last(Route::Instances), "{looks:?}");
}

#[test]
fn a_scale_in_that_goes_on_is_waited_for() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").begin_scale_in(&[fleet.host(1)])));
        fleet.sandbox.on(Route::ScaleSet, 4, |world| {
            drop(world.scale_set("web").finish_scale_in())
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(1)])
            .deployed(&[fleet.host(0), fleet.host(2), fleet.host(3)]);

        assert_eq!(fleet.sandbox.waiting_changes(), 0);
    }
}

#[test]
fn machines_that_come_up_meanwhile_are_handed_out() {
    let fleet = Fleet::of(Mode::Uniform, 2);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").begin_scale_out(2, 1)));
    fleet.sandbox.on(Route::ScaleSet, 3, |world| {
        let machines = world.scale_set("web").list();
        world.register_all(&machines[2..]);
        drop(world.scale_set("web").finish_scale_out());
    });

    let outcome = Run::in_runbook(&fleet.sandbox).run().expect_code(0);

    assert_eq!(
        outcome.deployed(),
        ["web000000", "web000001", "web000002", "web000003"]
    );
    assert_eq!(
        outcome.removed(),
        ["web000004"],
        "the surplus machine registered and is gone"
    );
    expect_targets_before_machines(&fleet.sandbox);
}

#[test]
fn while_it_waits_only_the_scale_set_is_read() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    sandbox.on(Route::ScaleSet, 6, |world| {
        drop(world.scale_set("web").state("Succeeded"))
    });

    reconcile(&sandbox).code(0).nothing_removed();

    // The first look, polls until it has settled, and the look that counts.
    assert_eq!(sandbox.count(Route::Machines), 2);
    assert_eq!(sandbox.count(Route::ScaleSet), 7);
}

#[test]
fn every_state_that_means_change_is_waited_for() {
    for state in ["Creating", "Updating", "Deleting", "Migrating", "updating"] {
        let sandbox = settled(2);
        sandbox.world(|world| drop(world.scale_set("web").state(state)));
        let run = Run::in_runbook(&sandbox).set("VMSS_TIMEOUT_VALUE", "0");
        let run = run.set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

        let outcome = run.run().expect_code(6);

        assert!(outcome.said("error").contains(&format!("is {state}")));
    }
}

#[test]
fn every_other_state_is_settled() {
    for state in ["Succeeded", "Failed", "Canceled", "Levitating"] {
        let sandbox = scaled_in(3, &["web000001"]);
        sandbox.world(|world| drop(world.scale_set("web").state(state)));
        let run = Run::in_runbook(&sandbox).set("VMSS_TIMEOUT_VALUE", "0");
        let run = run.set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

        run.reconcile(&sandbox).code(0).removed(&["web000001"]);
    }
}

#[test]
fn an_instance_that_is_created_or_deleted_is_waited_for() {
    for mode in MODES {
        for (state, saying) in [("Creating", "being created"), ("Deleting", "being deleted")] {
            let fleet = Fleet::of(mode, 3);
            fleet.sandbox.world(|world| {
                let set = world.scale_set("web");
                drop(set.edit_vm(fleet.host(1), |machine| machine.state = state.into()));
            });
            let run = Run::in_runbook(&fleet.sandbox).set("VMSS_TIMEOUT_VALUE", "0");
            let run = run.set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

            let outcome = run.run().expect_code(6);

            assert!(outcome.said("error").contains(saying), "{}", outcome.stdout);
        }
    }
}

#[test]
fn an_instance_that_failed_or_is_updated_is_not_waited_for() {
    for state in ["Failed", "Updating", "Levitating"] {
        let fleet = Fleet::of(Mode::Uniform, 3);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web");
            drop(set.edit_vm(fleet.host(1), |machine| machine.state = state.into()));
        });
        let run = Run::in_runbook(&fleet.sandbox).set("VMSS_TIMEOUT_VALUE", "0");

        run.set("VMSS_TIMEOUT_ERRORHANDLE", "Error")
            .run()
            .expect_code(0);
    }
}

/// A scale set that never settles, with one machine gone and one Deleting for ever.
fn stuck() -> Sandbox {
    let sandbox = scaled_in(4, &["web000001"]);
    sandbox.world(|world| drop(world.scale_set("web").begin_scale_in(&["web000002"])));
    sandbox
}

#[test]
fn after_the_timeout_the_run_goes_on_with_what_is_there() {
    for minutes in [MOMENT, "0"] {
        let sandbox = stuck();
        Run::in_runbook(&sandbox)
            .set("VMSS_TIMEOUT_VALUE", minutes)
            .reconcile(&sandbox)
            .code(0)
            .warned(&format!(
                "Not settled within {minutes} minutes (VMSS.Timeout.Value)"
            ))
            .removed(&["web000001"])
            .verdict("web000002", "leaving", "its machine is being deleted")
            .deployed(&["web000000", "web000003"]);
        expect_targets_before_machines(&sandbox);
    }
}

#[test]
fn brakes_hold_after_a_timeout_too() {
    let sandbox = stuck();
    Run::in_runbook(&sandbox)
        .set("VMSS_TIMEOUT_VALUE", MOMENT)
        .set("VMSS_REMOVAL_LIMIT", "0")
        .reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000001"]);
}

#[test]
fn after_the_timeout_the_run_ends_where_it_is_told_to() {
    for minutes in [MOMENT, "0"] {
        let sandbox = stuck();
        let run = Run::in_runbook(&sandbox)
            .set("VMSS_TIMEOUT_VALUE", minutes)
            .set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

        let outcome = run.run().expect_code(6);

        let said = outcome.said("error");
        assert!(
            said.contains("is Updating") && said.contains("scale set web"),
            "{said}"
        );
        assert!(said.contains("Nothing was removed"), "{said}");
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_problem_that_only_warns_does_not_turn_a_timeout_into_success() {
    let sandbox = stuck();
    let run = Run::in_deployment(&sandbox).set("VMSS_TIMEOUT_VALUE", "0");
    let run = run
        .set("VMSS_PROBLEM_HANDLE", "Warn")
        .set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

    run.run().expect_code(6);
}

#[test]
fn a_timeout_of_0_looks_once() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));

    let run = Run::in_runbook(&sandbox).set("VMSS_TIMEOUT_VALUE", "0");
    run.run().expect_code(0);

    assert_eq!(sandbox.count(Route::Machines), 1);
    assert_eq!(sandbox.count(Route::ScaleSet), 1);
}

#[test]
fn all_waiting_shares_one_timeout() {
    let sandbox = settled(2);
    // Every poll finds it settled, and every look that would count finds it changing again.
    for nth in 1..=200 {
        sandbox.on(Route::Machines, nth, |world| {
            drop(world.scale_set("web").state("Updating"))
        });
        sandbox.on(Route::ScaleSet, 2 * nth, |world| {
            drop(world.scale_set("web").state("Succeeded"))
        });
    }
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_TIMEOUT_VALUE", "0.05")
        .set("VMSS_TIMEOUT_ERRORHANDLE", "Error");

    run.run().expect_code(6);

    assert!(
        sandbox.count(Route::Machines) > 1,
        "it was found settled in between"
    );
}

#[test]
fn a_scale_set_of_several_that_is_changing_is_waited_for() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(2).list();
        world.register_all(&blue);
        drop(world.scale_set("blue").begin_scale_in(&["blue000000"]));
    });
    let polled = Route::ScaleSet.containing("/blue");
    sandbox.on(polled, 3, |world| {
        drop(world.scale_set("blue").finish_scale_in())
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,blue")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000000", "web000001"]);
}

#[test]
fn the_wait_shows_its_progress_and_what_it_waits_for() {
    let sandbox = stuck();
    sandbox.on(Route::ScaleSet, 5, |world| {
        drop(world.scale_set("web").finish_scale_in());
    });

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    outcome.expect_said(
        "Waiting until the scale set has settled: scale set web (resource group web-rg)",
    );
    let waiting: Vec<_> = outcome
        .progress
        .iter()
        .filter(|(_, text)| text.contains("Updating"))
        .collect();
    assert_eq!(waiting.len(), 4, "once for every pause between two looks");
    for (percentage, text) in waiting {
        assert_eq!(percentage, "0", "waiting is no part of a work that is done");
        assert!(text.contains("0 s of at most 30 min"), "{text}");
    }
}

#[test]
fn what_goes_wrong_while_it_waits_ends_the_run() {
    let sandbox = stuck();
    sandbox.on(Route::ScaleSet, 3, |world| world.scale_set("web").delete());

    let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

    assert!(outcome.said("error").contains("404 ResourceNotFound"));
    expect_untouched(&sandbox);
}
