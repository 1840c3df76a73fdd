//! After the machines have settled, the run waits for each to register, as long as it is told to.

use crate::support::fleet::{Fleet, MODES};
use crate::support::{Run, expect_untouched, settled};
use sandbox::{Fault, Route, Sandbox, When, World};

/// In minutes: long enough that nobody waits for it to end.
const PATIENT: &str = "0.5";

/// In minutes: a handful of the scenarios' polls.
const MOMENT: &str = "0.005";

/// Waits for registrations this long.
fn waiting(run: Run, minutes: &str) -> Run {
    run.set("VMSS_REGISTRATION_TIMEOUTINMINUTES", minutes)
}

/// A machine that is up and not registered; its name.
fn unregistered(sandbox: &Sandbox) -> String {
    sandbox.world(|world| {
        let before = world.scale_set("web").hosts();
        let mut hosts = world.scale_set("web").scale_out(1).hosts();
        hosts.retain(|host| !before.contains(host));
        hosts.pop().expect("a machine came up")
    })
}

/// It registers.
fn register(world: &mut World, host: &str) {
    let machine = world.scale_set("web").vm(host);
    world.register(&machine);
}

#[test]
fn a_machine_that_registers_late_is_waited_for_and_handed_out() {
    for mode in MODES {
        for run in [Run::in_deployment, Run::in_runbook] {
            let fleet = Fleet::of(mode, 2);
            let late = unregistered(&fleet.sandbox);
            let name = late.clone();
            fleet
                .sandbox
                .on(Route::Machines.first_page(), 4, move |world| {
                    register(world, &name);
                });

            let aftermath = waiting(run(&fleet.sandbox), PATIENT)
                .reconcile(&fleet.sandbox)
                .code(0)
                .nothing_held();

            let deployed = aftermath.outcome.deployed();
            assert!(deployed.contains(&late.as_str()), "{deployed:?}");
            assert_eq!(deployed.len(), 3);
            assert_eq!(aftermath.outcome.said("warning"), "");
            assert_eq!(fleet.sandbox.waiting_changes(), 0);
        }
    }
}

#[test]
fn while_it_waits_it_says_for_whom() {
    let sandbox = settled(2);
    let late = unregistered(&sandbox);
    let name = late.clone();
    sandbox.on(Route::Machines.first_page(), 4, move |world| {
        register(world, &name);
    });

    let outcome = waiting(Run::in_runbook(&sandbox), PATIENT).run();

    let outcome = outcome.expect_code(0);
    assert!(
        !outcome.progress.is_empty(),
        "nobody knows what it waits for"
    );
    outcome.expect_said(&late);
}

#[test]
fn machines_that_never_register_are_named_and_are_no_error() {
    for run in [Run::in_deployment, Run::in_runbook] {
        let sandbox = settled(2);
        let missing = [unregistered(&sandbox), unregistered(&sandbox)];

        let aftermath = waiting(run(&sandbox), MOMENT)
            .reconcile(&sandbox)
            .code(0)
            .deployed(&["web000000", "web000001"])
            .nothing_held();

        for host in missing {
            assert!(
                aftermath.outcome.said("warning").contains(&host),
                "nobody learns that {host} is missing:\n{}",
                aftermath.outcome.stdout
            );
        }
    }
}

#[test]
fn nobody_waits_unless_that_is_asked_for() {
    for minutes in ["0", ""] {
        let sandbox = settled(2);
        unregistered(&sandbox);

        waiting(Run::in_runbook(&sandbox), minutes)
            .reconcile(&sandbox)
            .code(0)
            .deployed(&["web000000", "web000001"]);

        assert_eq!(sandbox.count(Route::Machines), 1);
    }
}

#[test]
fn where_all_are_registered_the_first_look_is_the_evidence() {
    let sandbox = settled(3);

    waiting(Run::in_runbook(&sandbox), PATIENT)
        .reconcile(&sandbox)
        .code(0)
        .deployed(&["web000000", "web000001", "web000002"]);

    assert_eq!(sandbox.count(Route::Machines), 1);
    assert_eq!(sandbox.count(Route::Instances), 1);
}

#[test]
fn a_machine_that_failed_or_is_going_is_not_waited_for() {
    for mode in MODES {
        for state in ["Failed", "Deleting"] {
            let fleet = Fleet::of(mode, 2);
            let late = unregistered(&fleet.sandbox);
            fleet.sandbox.world(|world| {
                let set = world.scale_set("web");
                drop(set.edit_vm(&late, |machine| machine.state = state.to_owned()));
            });
            let run = waiting(Run::in_runbook(&fleet.sandbox), PATIENT);

            // A machine that is going is not settled: without this the run would wait for that.
            run.set("VMSS_TIMEOUT_VALUE", "0")
                .reconcile(&fleet.sandbox)
                .code(0)
                .deployed(&fleet.hosts);
        }
    }
}

#[test]
fn a_machine_that_is_off_is_not_waited_for_in_a_deployment() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 2);
        let late = unregistered(&fleet.sandbox);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").deallocate(&late)));

        waiting(Run::in_deployment(&fleet.sandbox), PATIENT)
            .reconcile(&fleet.sandbox)
            .code(0)
            .deployed(&fleet.hosts);
    }
}

#[test]
fn what_happens_while_it_waits_is_seen() {
    // One registers, one is scaled in, one comes up and registers.
    let sandbox = settled(3);
    let late = unregistered(&sandbox);
    sandbox.on(Route::Machines.first_page(), 4, move |world| {
        drop(world.scale_set("web").scale_in(&["web000001"]));
        let machines = world.scale_set("web").scale_out(1).list();
        for machine in machines.iter().rev().take(2) {
            world.register(machine);
        }
        assert_eq!(machines[2].host(), late);
    });

    let outcome = waiting(Run::in_runbook(&sandbox), PATIENT).run();

    let outcome = outcome.expect_code(0);
    assert_eq!(
        outcome.deployed(),
        ["web000000", "web000002", "web000003", "web000004"]
    );
    assert_eq!(outcome.removed(), ["web000001"]);
    assert_eq!(sandbox.waiting_changes(), 0);
}

#[test]
fn targets_are_read_before_machines_at_the_end_of_the_wait_too() {
    let sandbox = settled(2);
    let late = unregistered(&sandbox);
    sandbox.on(Route::Machines.first_page(), 3, move |world| {
        register(world, &late);
    });

    let run = waiting(Run::in_runbook(&sandbox), PATIENT);
    run.run().expect_code(0);

    let looks: Vec<Route> = sandbox.requests().iter().map(|r| r.route).collect();
    let last = |route: Route| looks.iter().rposition(|other| *other == route);
    assert!(last(Route::Machines) < last(Route::ScaleSet), "{looks:?}");
    assert!(last(Route::Machines) < last(Route::Instances), "{looks:?}");
}

#[test]
fn it_waits_for_the_scale_set_to_settle_first() {
    let sandbox = settled(2);
    let late = unregistered(&sandbox);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    sandbox.on(Route::ScaleSet, 4, |world| {
        drop(world.scale_set("web").state("Succeeded"));
    });
    sandbox.on(Route::Machines.first_page(), 4, move |world| {
        register(world, &late);
    });

    waiting(Run::in_runbook(&sandbox), PATIENT)
        .run()
        .expect_code(0);
    assert_eq!(sandbox.waiting_changes(), 0);
}

#[test]
fn a_target_out_of_scope_is_not_the_one_that_is_waited_for() {
    let sandbox = settled(2);
    let late = unregistered(&sandbox);
    sandbox.world(|world| {
        let machine = world.scale_set("web").vm(&late);
        drop(world.register(&machine).roles(&["other"]));
    });

    waiting(Run::in_runbook(&sandbox), MOMENT)
        .reconcile(&sandbox)
        .code(0)
        .warned(&late);
}

#[test]
fn an_error_while_it_waits_removes_nothing() {
    let sandbox = settled(3);
    unregistered(&sandbox);
    sandbox.world(|world| drop(world.scale_set("web").scale_in(&["web000001"])));
    sandbox.fault(Route::Machines, When::From(3), Fault::status(502));

    let run = waiting(Run::in_runbook(&sandbox), PATIENT);
    run.set("VMSS_RETRY_SECONDS", "0").run().expect_code(3);
    expect_untouched(&sandbox);
}

#[test]
fn a_stale_target_is_removed_though_somebody_never_registered() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        unregistered(&fleet.sandbox);
        fleet.scale_in(&[1]);

        waiting(Run::in_runbook(&fleet.sandbox), MOMENT)
            .reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(1)])
            .deployed(&[fleet.host(0), fleet.host(2)]);
    }
}
