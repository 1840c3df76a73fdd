//! Instances exist and no target matches any of them: the wrong scale set, or machines that are about to register.

use crate::support::Run;
use crate::support::aftermath::reconcile;
use sandbox::{Fault, Route, Sandbox, When, minutes_ago, now};
use std::time::Duration;

const GONE: [&str; 3] = ["web000000", "web000001", "web000002"];
const NEW: [&str; 2] = ["web000003", "web000004"];

/// All three registered machines were replaced by two that have not registered yet, made so many minutes ago.
fn replaced(minutes: [u64; 2]) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(3).list();
        world.register_all(&machines);
        drop(world.scale_set("web").scale_in(&GONE).scale_out(2));
        for (name, minutes) in NEW.iter().zip(minutes) {
            let set = world.scale_set("web");
            drop(set.edit_vm(name, |machine| machine.created = minutes_ago(minutes)));
        }
    });
    sandbox
}

#[test]
fn that_nothing_matches_holds_everything_back() {
    let sandbox = replaced([60, 60]);

    reconcile(&sandbox)
        .braked(
            &GONE,
            "2 instances exist (such as web000003), and no target in scope (such as web000000) matches any of them",
            "one target that matches",
        )
        .nothing_deployed();
}

#[test]
fn one_target_that_matches_lifts_the_brake() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| drop(world.target("web000004.example.com")));

    reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["web000004.example.com"]);
}

#[test]
fn a_match_in_any_scale_set_of_the_run_is_enough() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(1).list();
        world.register_all(&blue);
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,blue")
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["blue000000"]);
}

#[test]
fn an_empty_scale_set_beside_it_makes_no_difference() {
    for scale_sets in ["web,blue", "blue,web"] {
        let sandbox = replaced([60, 60]);
        sandbox.world(|world| drop(world.scale_set("blue")));

        Run::in_runbook(&sandbox)
            .set("VMSS_SCALESET_NAME", scale_sets)
            .reconcile(&sandbox)
            .braked(&GONE, "2 instances exist", "one target that matches");
    }
}

#[test]
fn a_cloud_region_of_a_machines_name_is_no_match() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| drop(world.target("web000003").cloud_region()));

    reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
}

#[test]
fn young_machines_are_about_to_register_so_the_old_targets_wait() {
    for minutes in [[0, 0], [29, 1]] {
        let sandbox = replaced(minutes);

        reconcile(&sandbox)
            .code(0)
            .left(&GONE)
            .nothing_removed()
            .held(&GONE)
            .warned("No target matches any instance yet")
            .verdicts(&GONE.map(|name| (name, "deferred")))
            .nothing_deployed();
    }
}

#[test]
fn once_one_machine_is_30_minutes_old_the_brake_holds() {
    for minutes in [[30, 0], [0, 31]] {
        let sandbox = replaced(minutes);
        reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
    }
}

#[test]
fn a_machine_of_unknown_age_counts_as_old() {
    let sandbox = replaced([0, 0]);
    let forget = |page: &mut serde_json::Value| {
        let machine = page["value"][1]["properties"].as_object_mut();
        machine.map(|properties| properties.remove("timeCreated"));
    };
    sandbox.fault(Route::Instances, When::Always, Fault::edit(forget));

    reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
}

#[test]
fn a_machine_made_in_the_future_by_this_workers_clock_is_young() {
    let sandbox = replaced([0, 0]);
    sandbox.world(|world| {
        let soon = now() + Duration::from_secs(600);
        let set = world.scale_set("web");
        drop(set.edit_vm("web000003", |machine| machine.created = soon));
    });

    reconcile(&sandbox).code(0).nothing_removed().held(&GONE);
}

#[test]
fn the_wait_for_young_machines_ends_when_one_registers() {
    let sandbox = replaced([5, 5]);
    reconcile(&sandbox).code(0).nothing_removed();

    sandbox.world(|world| drop(world.target("web000003")));

    reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["web000003"]);
}
