//! The second witness: the candidate's own instance (Uniform), the scale set's own list (Flexible).

use crate::support::aftermath::{Aftermath, reconcile, reconcile_unasked};
use crate::support::fleet::Fleet;
use crate::support::{Run, scaled_in, settled};
use sandbox::{Fault, Mode, Route, Sandbox, When};

/// Three machines; the targets of two more, whose machines are gone.
fn two_gone() -> Sandbox {
    scaled_in(5, &["web000003", "web000004"])
}

/// Whoever asks for instance 4 by itself gets this answer.
fn instance_4_answers(fault: Fault) -> Sandbox {
    let sandbox = two_gone();
    let instance = Route::PointRead.containing("/web/virtualMachines/4?");
    sandbox.fault(instance, When::Always, fault);
    sandbox
}

fn run_without_retries(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .without_retries()
        .reconcile(sandbox)
}

#[test]
fn an_instance_that_answers_although_no_listing_has_it_holds_everything() {
    for state in ["Succeeded", "Failed", "Updating", "Creating", "Levitating"] {
        let sandbox = settled(4);
        sandbox.world(|world| {
            world.scale_set("web").remove("web000003");
            let hidden = world.scale_set("web").hide("web000001");
            hidden.edit_vm("web000001", |machine| machine.state = state.to_owned());
        });

        reconcile_unasked(&sandbox)
            .code(4)
            .nothing_removed()
            .held(&["web000001", "web000003"])
            .deployed(&["web000000", "web000002"])
            .complained("instance 1")
            .complained(state);
    }
}

#[test]
fn an_instance_that_answers_as_deleting_is_leaving_and_holds_nothing() {
    let sandbox = settled(4);
    sandbox.world(|world| {
        world.scale_set("web").remove("web000003");
        let hidden = world.scale_set("web").hide("web000001");
        hidden.edit_vm("web000001", |machine| machine.state = "Deleting".to_owned());
    });

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .nothing_held()
        .verdict("web000001", "leaving", "being deleted");
}

#[test]
fn an_instance_that_is_gone_says_so_in_several_words() {
    for code in ["NotFound", "ResourceNotFound", "InstanceIdNotFound"] {
        let sandbox = two_gone();
        sandbox.world(|world| world.azure.gone_code = code.to_owned());

        reconcile(&sandbox)
            .code(0)
            .removed(&["web000003", "web000004"]);
    }
}

#[test]
fn an_instance_that_cannot_be_asked_for_spares_its_own_target_alone() {
    let faults = [
        Fault::azure_error(500, "InternalServerError", "Broken."),
        Fault::azure_error(400, "InvalidParameter", "Odd."),
        Fault::azure_error(429, "TooManyRequests", "Slowly."),
        Fault::status(410),
        Fault::reset(),
        Fault::redirect("https://login.example/"),
    ];
    for fault in faults {
        let sandbox = instance_4_answers(fault);

        run_without_retries(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .held(&["web000004"])
            .verdict("web000004", "deferred", "instance 4");
    }
}

#[test]
fn an_instance_that_may_not_be_asked_for_is_a_missing_permission() {
    let faults = [
        (
            Fault::azure_error(403, "AuthorizationFailed", "No."),
            "Azure's role Reader",
        ),
        (
            Fault::azure_error(401, "ExpiredAuthenticationToken", "No."),
            "a key, token or secret that is valid",
        ),
    ];
    for (fault, lacking) in faults {
        let sandbox = instance_4_answers(fault);

        run_without_retries(&sandbox)
            .code(4)
            .removed(&["web000003"])
            .held(&["web000004"])
            .verdict("web000004", "deferred", "instance 4")
            .complained(lacking);
    }
}

#[test]
fn a_404_that_is_not_azures_own_is_no_word_of_the_instance() {
    let faults = [
        Fault::html(404, "Not found"),
        Fault::status(404),
        Fault::bytes(404, "{}"),
        Fault::bytes(404, "Not found"),
        Fault::bytes(404, r#"{"error":"NotFound"}"#),
    ];
    for fault in faults {
        let sandbox = instance_4_answers(fault);

        run_without_retries(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .held(&["web000004"])
            .verdict("web000004", "deferred", "404");
    }
}

#[test]
fn a_404_about_something_else_is_no_word_of_the_instance() {
    for code in [
        "SubscriptionNotFound",
        "ResourceGroupNotFound",
        "ParentResourceNotFound",
        "InvalidResourceType",
    ] {
        let sandbox = instance_4_answers(Fault::azure_error(404, code, "Not found."));

        reconcile(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .held(&["web000004"])
            .verdict("web000004", "deferred", code);
    }
}

#[test]
fn an_answer_that_cannot_be_understood_is_no_word_of_the_instance() {
    let faults = [
        Fault::html(200, "Please sign in"),
        Fault::bytes(200, "{}"),
        Fault::bytes(200, ""),
        Fault::status(204),
    ];
    for fault in faults {
        let sandbox = instance_4_answers(fault);

        run_without_retries(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .held(&["web000004"]);
    }
}

#[test]
fn every_candidate_is_asked_for_after_the_listings() {
    let sandbox = two_gone();

    reconcile(&sandbox).code(0);

    let order: Vec<Route> = sandbox.requests().iter().map(|r| r.route).collect();
    let last_listing = order.iter().rposition(|route| *route == Route::Instances);
    let first_asked = order.iter().position(|route| *route == Route::PointRead);
    assert_eq!(sandbox.count(Route::PointRead), 2, "one question each");
    assert!(
        first_asked > last_listing,
        "a machine that comes back meanwhile would be asked for too early: {order:?}"
    );
}

#[test]
fn an_instance_that_comes_back_after_the_second_look_holds_everything() {
    let sandbox = two_gone();
    sandbox.after(Route::Instances, 2, |world| {
        let set = world.scale_set("web").edit(|set| set.next_id = 4);
        set.scale_out(1);
    });

    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000003", "web000004"]);
}

#[test]
fn a_virtual_machine_that_only_the_own_list_names_holds_everything() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet.hide(1);
    let hidden = fleet
        .sandbox
        .world(|world| world.scale_set("web").vm(fleet.host(1)).name);

    reconcile(&fleet.sandbox)
        .code(4)
        .nothing_removed()
        .held(&[fleet.host(1), fleet.host(3)])
        .deployed(&[fleet.host(0), fleet.host(2)])
        .complained(&hidden);
}

#[test]
fn a_virtual_machine_that_only_the_own_list_names_once_is_kept_in_the_end() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    let others = fleet.scale_in(&[3]);
    fleet.hide(1);
    // The third listing is the one that the difference asks for.
    fleet.sandbox.on(Route::GroupVms, 3, |world| {
        world.scale_set("web").unhide_all();
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .nothing_held()
        .deployed(&others);
    assert_eq!(fleet.sandbox.waiting_changes(), 0);
}

#[test]
fn an_own_list_that_is_late_once_is_read_again() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    let others = fleet.scale_in(&[3]);
    // It still names a machine that was deleted a moment ago.
    fleet.sandbox.world(|world| {
        let machine = world.scale_set("web").vm(fleet.host(0));
        let late = sandbox::Vm {
            name: "web_0badcafe".to_owned(),
            instance_id: "web_0badcafe".to_owned(),
            ..machine
        };
        world.scale_set("web").ghost(&late);
    });
    fleet.sandbox.on(Route::Instances, 2, |world| {
        world.scale_set("web").edit(|set| set.ghosts.clear());
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .nothing_held()
        .deployed(&others);
    assert_eq!(fleet.sandbox.waiting_changes(), 0);
}

#[test]
fn an_own_list_that_is_empty_although_members_are_listed_holds_everything() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    fleet.scale_in(&[2]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").empty_own_list()));

    reconcile(&fleet.sandbox)
        .code(4)
        .nothing_removed()
        .held(&[fleet.host(2)])
        .complained("names no machine as its own although 2 are listed");
}

#[test]
fn an_own_list_that_is_empty_once_is_read_again() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    fleet.scale_in(&[2]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").empty_own_list()));
    fleet.sandbox.on(Route::Instances, 2, |world| {
        world
            .scale_set("web")
            .edit(|set| set.own_list_empty = false);
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(2)])
        .nothing_held();
}

#[test]
fn an_own_list_that_is_empty_where_nothing_is_listed_is_a_scale_to_zero() {
    let fleet = Fleet::of(Mode::Flexible, 2);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").scale_to_zero()));

    reconcile(&fleet.sandbox).code(0).removed(&fleet.hosts);
}

#[test]
fn a_machine_that_was_detached_is_not_missed_by_the_own_list() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    fleet.scale_in(&[2]);
    fleet
        .sandbox
        .world(|world| drop(world.scale_set("web").detach(fleet.host(1))));

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(2)])
        .held(&[fleet.host(1)]);
}

#[test]
fn an_own_list_that_cannot_be_read_holds_everything() {
    let faults = [
        Fault::azure_error(403, "AuthorizationFailed", "No."),
        Fault::azure_error(404, "ResourceNotFound", "Gone."),
        Fault::status(500),
        Fault::html(200, "Please sign in"),
        Fault::bytes(200, r#"{"value":[{}]}"#),
    ];
    for fault in faults {
        let fleet = Fleet::of(Mode::Flexible, 3);
        fleet.scale_in(&[2]);
        fleet.sandbox.fault(Route::Instances, When::Always, fault);

        run_without_retries(&fleet.sandbox)
            .code(3)
            .nothing_removed()
            .held(&[fleet.host(2)])
            .deployed(&[fleet.host(0), fleet.host(1)]);
    }
}

#[test]
fn a_listing_that_never_changes_again_takes_no_living_machine_with_it() {
    // The cloud's listing stands still while machines come and go.
    let fleet = Fleet::of(Mode::Uniform, 3);
    fleet.sandbox.world(|world| {
        world.scale_set("web").freeze_listing();
        let machines = world.scale_set("web").scale_out(2).list();
        world.register_all(&machines[3..]);
        world.scale_set("web").remove("web000001");
    });

    reconcile_unasked(&fleet.sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000003", "web000004"]);
}

#[test]
fn a_flexible_listing_that_never_changes_again_takes_no_living_machine_with_it() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    let new = fleet.sandbox.world(|world| {
        world.scale_set("web").freeze_listing();
        let before = world.scale_set("web").list();
        let mut machines = world.scale_set("web").scale_out(1).list();
        machines.retain(|machine| before.iter().all(|old| old.name != machine.name));
        world.register_all(&machines);
        machines[0].host()
    });

    reconcile_unasked(&fleet.sandbox)
        .code(4)
        .nothing_removed()
        .held(&[new]);
}
