//! What looks wrong holds back every removal of the run, says why and what lifts it, and is lifted by just that.

use crate::support::aftermath::{reconcile, reconcile_unasked};
use crate::support::brake;
use crate::support::fleet::{Fleet, MODES};
use crate::support::{Run, registered, settled};
use sandbox::{Mode, Route};

/// Three machines that were evicted, while the capacity stays.
fn all_evicted(mode: Mode) -> Fleet {
    let fleet = Fleet::of(mode, 3);
    for host in &fleet.hosts {
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").evict(host)));
    }
    fleet
}

#[test]
fn an_empty_listing_holds_everything_back() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").hide_all()));

        reconcile(&fleet.sandbox)
            .braked(
                &fleet.hosts,
                "lists no instance although its capacity is 3",
                "capacity 0",
            )
            .complained("Spot")
            .nothing_deployed();
    }
}

#[test]
fn capacity_0_lifts_the_brake_of_an_empty_listing() {
    for mode in MODES {
        let fleet = all_evicted(mode);
        reconcile(&fleet.sandbox).code(4).nothing_removed();

        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").capacity(0)));

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&fleet.hosts)
            .nothing_held()
            .nothing_deployed();
        assert!(registered(&fleet.sandbox).is_empty());
    }
}

#[test]
fn an_instance_lifts_the_brake_of_an_empty_listing() {
    for mode in MODES {
        let fleet = all_evicted(mode);
        fleet.sandbox.world(|world| {
            let machines = world.scale_set("web").scale_out(1).list();
            world.register_all(&machines);
        });

        reconcile(&fleet.sandbox).code(0).removed(&fleet.hosts);

        assert_eq!(registered(&fleet.sandbox).len(), 1);
    }
}

#[test]
fn an_empty_listing_of_unknown_capacity_holds_everything_back() {
    let fleet = Fleet::of(Mode::Flexible, 2);
    fleet.sandbox.world(|world| {
        let set = world.scale_set("web").scale_in(&fleet.hosts);
        drop(set.without_capacity());
    });

    reconcile(&fleet.sandbox).braked(
        &fleet.hosts,
        "does not say what its capacity is",
        "capacity 0",
    );
}

#[test]
fn an_instance_that_answers_although_no_listing_has_it_holds_everything_back() {
    for state in ["Succeeded", "Failed", "Updating", "Creating", "Levitating"] {
        let fleet = Fleet::of(Mode::Uniform, 4);
        fleet.scale_in(&[1]);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web").hide(fleet.host(2));
            drop(set.edit_vm(fleet.host(2), |machine| machine.state = state.into()));
        });

        reconcile_unasked(&fleet.sandbox).braked(
            &[fleet.host(1), fleet.host(2)],
            &format!("the machine of {}, answers ({state})", fleet.host(2)),
            "a later run",
        );

        fleet.sandbox.world(|world| {
            let set = world.scale_set("web").unhide_all();
            drop(set.edit_vm(fleet.host(2), |machine| machine.state = "Succeeded".into()));
        });
        reconcile_unasked(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(1)]);
    }
}

#[test]
fn an_unlisted_instance_that_is_being_deleted_is_leaving_and_no_brake() {
    let fleet = Fleet::of(Mode::Uniform, 4);
    fleet.scale_in(&[1]);
    fleet.sandbox.world(|world| {
        let set = world.scale_set("web").hide(fleet.host(2));
        drop(set.edit_vm(fleet.host(2), |machine| machine.state = "Deleting".into()));
    });

    reconcile_unasked(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(1)])
        .nothing_held()
        .verdict(fleet.host(2), "leaving", "being deleted")
        .deployed(&[fleet.host(0), fleet.host(3)]);
}

#[test]
fn a_machine_that_only_the_flexible_scale_sets_own_list_has_holds_everything_back() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[1]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").hide(fleet.host(2))));

    reconcile_unasked(&fleet.sandbox).braked(
        &[fleet.host(1), fleet.host(2)],
        "names 1 of its machines",
        "a later run",
    );

    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").unhide_all()));
    reconcile_unasked(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(1)]);
}

#[test]
fn lists_that_agree_when_they_are_read_again_are_no_brake() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[1]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").hide(fleet.host(2))));
    fleet.sandbox.after(Route::Instances, 1, |world| {
        drop(world.scale_set("web").unhide_all())
    });

    let aftermath = reconcile(&fleet.sandbox).code(0).removed(&[fleet.host(1)]);

    aftermath.verdict(fleet.host(2), "kept", "exists");
    assert_eq!(fleet.sandbox.waiting_changes(), 0);
}

#[test]
fn a_machine_long_gone_in_the_flexible_scale_sets_own_list_holds_everything_back() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.sandbox.world(|world| {
        let mut set = world.scale_set("web");
        let machine = set.vm(fleet.host(1));
        drop(set.scale_in(&[fleet.host(1)]).ghost(&machine));
    });

    reconcile(&fleet.sandbox).braked(&[fleet.host(1)], "names 1 of its machines", "a later run");
}

#[test]
fn an_empty_own_list_of_a_flexible_scale_set_that_lists_members_holds_everything_back() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[1]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").empty_own_list()));

    reconcile(&fleet.sandbox).braked(
        &[fleet.host(1)],
        "names no machine as its own although 3 are listed",
        "a later run",
    );

    fleet.sandbox.after(Route::Instances, 1, |world| {
        drop(
            world
                .scale_set("web")
                .edit(|set| set.own_list_empty = false),
        );
    });
    reconcile(&fleet.sandbox).code(0).removed(&[fleet.host(1)]);
}

#[test]
fn the_brake_of_one_scale_set_holds_back_the_removals_of_the_other() {
    let sandbox = settled(3);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(2).list();
        world.register_all(&blue);
        drop(world.scale_set("blue").hide_all());
        drop(world.scale_set("web").scale_in(&["web000001"]));
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,blue")
        .reconcile(&sandbox)
        .braked(
            &["blue000000", "blue000001", "web000001"],
            "scale set blue (resource group web-rg) lists no instance",
            "capacity 0",
        );
}

#[test]
fn a_capacity_above_the_number_of_instances_only_warns() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").evict(fleet.host(1))));

        reconcile(&fleet.sandbox)
            .code(0)
            .warned("lists 3 instances although its capacity is 4")
            .removed(&[fleet.host(1)]);
    }
}

#[test]
fn without_anything_to_remove_an_empty_listing_is_a_warning() {
    let sandbox = settled(0);
    sandbox.world(|world| {
        drop(world.scale_set("web").capacity(3));
        world.target("reporting");
    });
    reconcile(&sandbox)
        .code(0)
        .warned("lists no instance although its capacity is 3")
        .nothing_removed();
}

#[test]
fn a_listing_that_is_empty_at_the_second_look_holds_everything_back() {
    let fleet = Fleet::of(Mode::Uniform, 3);
    fleet.scale_in(&[1]);
    fleet.sandbox.after(Route::Instances, 1, |world| {
        drop(world.scale_set("web").hide_all())
    });

    reconcile(&fleet.sandbox)
        .code(4)
        .complained("lists no instance although its capacity is 2")
        .complained(&brake::held_back(&[fleet.host(1)]))
        .nothing_removed()
        .held(&fleet.hosts)
        .nothing_deployed();
}

#[test]
fn that_nothing_matches_any_more_at_the_second_look_holds_everything_back() {
    let fleet = Fleet::of(Mode::Uniform, 3);
    fleet.scale_in(&[1]);
    let (first, last) = (fleet.hosts[0].clone(), fleet.hosts[2].clone());
    fleet.sandbox.after(Route::Machines, 1, move |world| {
        world.existing_target(&first).delete();
        world.existing_target(&last).delete();
    });

    let outcome = Run::in_runbook(&fleet.sandbox).run().expect_code(4);

    assert!(outcome.said("error").contains("2 instances exist"));
    assert_eq!(outcome.held(), [fleet.host(1)]);
    assert_eq!(registered(&fleet.sandbox), [fleet.host(1)]);
}
