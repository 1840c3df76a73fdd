//! A machine is gone only if two complete looks say so. What the second look finds is kept, what it lacks waits.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES, listing};
use crate::support::{Run, scaled_in, settled};
use sandbox::{Access, Fault, GROUP, Mode, Request, Route, Service, When, scope};
use std::time::Duration;

#[test]
fn a_machine_that_only_the_first_listing_left_out_is_kept_and_deployed_to() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        let others = fleet.scale_in(&[3]);
        fleet.hide(1);
        let again = listing(mode).first_page();
        fleet.sandbox.on(again, 2, |world| {
            world.scale_set("web").unhide_all();
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(3)])
            .nothing_held()
            .deployed(&others);
    }
}

#[test]
fn a_machine_that_only_the_second_listing_left_out_waits_for_a_later_run() {
    let fleet = Fleet::of(Mode::Uniform, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.on(Route::Instances, 2, |world| {
        world.scale_set("web").hide("web000001");
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .held(&[fleet.host(1)])
        .deployed(&[fleet.host(0), fleet.host(2)])
        .verdict(fleet.host(1), "deferred", "first look");
}

#[test]
fn a_second_listing_that_is_empty_holds_everything() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[2]);
        fleet.sandbox.on(listing(mode), 2, |world| {
            world.scale_set("web").hide_all();
        });

        reconcile(&fleet.sandbox)
            .code(4)
            .nothing_removed()
            .held(&fleet.hosts)
            .complained("lists no instance although its capacity is 2");
    }
}

#[test]
fn a_first_listing_that_is_empty_holds_everything() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").hide_all()));

        reconcile(&fleet.sandbox)
            .code(4)
            .nothing_removed()
            .held(&fleet.hosts)
            .complained("lists no instance although its capacity is 3");
    }
}

#[test]
fn a_machine_that_registers_between_the_two_reads_is_kept() {
    // At the first look, and at the second one.
    for look in [1, 2] {
        let sandbox = scaled_in(3, &["web000002"]);
        sandbox.on(Route::Instances, look, |world| {
            world.scale_set("web").scale_out(1);
            world.target("web000003");
        });

        let end = reconcile(&sandbox)
            .code(0)
            .says_removed(&["web000002"])
            .nothing_held();
        end.left(&["web000000", "web000001", "web000003"]);
    }
}

#[test]
fn a_machine_that_comes_up_after_the_instances_were_read_is_kept() {
    for look in [1, 2] {
        let sandbox = scaled_in(3, &["web000002"]);
        sandbox.after(Route::Instances, look, |world| {
            world.scale_set("web").scale_out(1);
            world.target("web000003");
        });

        reconcile(&sandbox)
            .code(0)
            .says_removed(&["web000002"])
            .left(&["web000000", "web000001", "web000003"]);
    }
}

#[test]
fn every_look_reads_the_targets_before_the_machines() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[2]);

        reconcile(&fleet.sandbox).code(0);

        let is_machines = |request: &Request| request.route == listing(mode);
        let is_targets = |request: &Request| request.route == Route::Machines;
        let requests = fleet.sandbox.requests().into_iter();
        let looks: Vec<Service> = requests
            .filter(|request| is_machines(request) || is_targets(request))
            .map(|request| request.service)
            .collect();
        assert_eq!(
            looks,
            [
                Service::Octopus,
                Service::Azure,
                Service::Octopus,
                Service::Azure
            ],
            "a machine that registers between the reads would look gone"
        );
    }
}

#[test]
fn the_evidence_is_read_without_what_may_leave_names_out() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[2]);

        reconcile(&fleet.sandbox).code(0).removed(&[fleet.host(2)]);

        for request in fleet.sandbox.requests_to(Service::Azure) {
            let more = ["$expand", "$filter", "$select"].map(|name| request.parameter(name));
            assert_eq!(more, [None, None, None], "{}", request.path);
        }
    }
}

#[test]
fn a_machine_that_is_being_deleted_at_the_second_look_is_leaving() {
    let fleet = Fleet::of(Mode::Uniform, 4);
    fleet.scale_in(&[3]);
    fleet.hide(1);
    fleet.sandbox.on(Route::Instances, 2, |world| {
        let set = world.scale_set("web").unhide_all();
        set.edit_vm("web000001", |machine| machine.state = "Deleting".to_owned());
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .nothing_held()
        .deployed(&[fleet.host(0), fleet.host(2)])
        .verdict(fleet.host(1), "leaving", "being deleted");
}

#[test]
fn a_run_with_nothing_to_remove_looks_once() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);

        reconcile(&fleet.sandbox).code(0).nothing_removed();

        assert_eq!(fleet.sandbox.count(Route::Machines), 1);
        assert_eq!(fleet.sandbox.count(listing(mode)), 1);
    }
}

#[test]
fn a_machine_that_goes_between_the_looks_waits_for_the_next_run() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        fleet.scale_in(&[3]);
        let going = fleet.host(1).to_owned();
        fleet.sandbox.on(listing(mode), 2, move |world| {
            world.scale_set("web").remove(&going);
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(3)])
            .held(&[fleet.host(1)])
            .deployed(&[fleet.host(0), fleet.host(2)]);
        fleet.sandbox.world(sandbox::World::check_all);
        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(1)])
            .nothing_held();
    }
}

#[test]
fn a_scale_set_that_was_scaled_to_zero_loses_all_its_targets() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").scale_to_zero()));

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&fleet.hosts)
            .nothing_held()
            .nothing_deployed();
    }
}

/// The time between the end of the first look and the beginning of the second.
fn pause_between_looks(requests: &[Request]) -> Duration {
    let first_end = requests
        .iter()
        .find(|request| request.route == Route::Instances)
        .and_then(|request| request.ended);
    let second_begin = requests
        .iter()
        .filter(|request| request.route == Route::Machines)
        .nth(1)
        .map(|request| request.started);
    match (first_end, second_begin) {
        (Some(end), Some(begin)) => begin.duration_since(end),
        _ => panic!("a run with a candidate looks twice"),
    }
}

#[test]
fn an_empty_listing_is_given_six_intervals_before_it_is_believed() {
    let interval = Duration::from_millis(50);
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("web").scale_to_zero()));

    let run = Run::in_runbook(&sandbox).set("VMSS_CONFIRM_SECONDS", "0.05");
    run.reconcile(&sandbox).code(0);

    // A lower bound only: a slow machine cannot fail it.
    let pause = pause_between_looks(&sandbox.requests());
    assert!(
        pause >= interval * 6,
        "an empty listing was believed after {pause:?}"
    );
}

#[test]
fn the_second_look_comes_no_sooner_than_the_confirm_interval() {
    let interval = Duration::from_millis(300);
    let sandbox = scaled_in(2, &["web000001"]);

    let run = Run::in_runbook(&sandbox).set("VMSS_CONFIRM_SECONDS", "0.3");
    run.reconcile(&sandbox).code(0).removed(&["web000001"]);

    let pause = pause_between_looks(&sandbox.requests());
    assert!(pause >= interval, "the second look came after {pause:?}");
}

#[test]
fn a_scale_set_that_was_recreated_between_the_looks_is_another_one() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[2]);
        fleet.sandbox.on(Route::ScaleSet, 2, |world| {
            world.scale_set("web").replace();
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .nothing_removed()
            .held(&fleet.hosts)
            .nothing_deployed()
            .verdict(fleet.host(2), "deferred", "recreated");
    }
}

#[test]
fn a_recreated_scale_set_keeps_what_bears_the_same_names() {
    let sandbox = scaled_in(4, &["web000003"]);
    sandbox.on(Route::ScaleSet, 2, |world| {
        world.scale_set("web").replace().instances(3);
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003"])
        .deployed(&["web000000", "web000001", "web000002"]);
}

#[test]
fn a_second_look_that_fails_holds_everything_and_sets_the_outputs() {
    let refused = || Fault::azure_error(403, "AuthorizationFailed", "No.");
    let faults = [
        (Route::Machines, Fault::octopus_error(500, "Broken.")),
        (Route::Machines, Fault::broken_json()),
        (Route::ScaleSet, refused()),
        (Route::Instances, refused()),
        (Route::Instances, Fault::status(500)),
        (Route::Instances, Fault::html(200, "Please sign in")),
        (Route::Instances, Fault::reset_halfway()),
    ];
    for (route, fault) in faults {
        let sandbox = scaled_in(3, &["web000001"]);
        sandbox.fault(route, When::From(2), fault);

        Run::in_runbook(&sandbox)
            .without_retries()
            .reconcile(&sandbox)
            .code(3)
            .nothing_removed()
            .held(&["web000001"])
            .deployed(&["web000000", "web000002"])
            .complained("Nothing was removed");
    }
}

#[test]
fn a_scale_set_that_vanishes_between_the_looks_takes_no_target_with_it() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.scale_in(&[2]);
        fleet.sandbox.on(Route::ScaleSet, 2, |world| {
            world.scale_set("web").delete();
        });

        reconcile(&fleet.sandbox)
            .code(3)
            .nothing_removed()
            .held(&[fleet.host(2)])
            .complained("404");
    }
}

#[test]
fn rights_that_are_taken_away_between_the_looks_take_no_target_with_them() {
    // Azure's other way of saying no: 200, and an empty list.
    let sandbox = scaled_in(3, &["web000002"]);
    sandbox.on(Route::ScaleSet, 2, |world| {
        let everything_but = Access::everything().filtered();
        let instances = scope::scale_set(GROUP, "web");
        world.azure.access = everything_but.deny(sandbox::Read::Instances, instances);
    });

    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000000", "web000001", "web000002"]);
}
