//! Scale sets that share roles are reconciled as one, wherever they are.

use crate::support;
use crate::support::Run;
use sandbox::{GROUP, Route, SUBSCRIPTION, Sandbox, World};

const ELSEWHERE: &str = "00000000-5a4d-4b0c-8000-00000000000e";

/// A scale set of three machines, all registered, of which this one has gone since.
fn registered_but_one(world: &mut World, set: &str, gone: &str) {
    let machines = world.scale_set(set).instances(3).list();
    world.register_all(&machines);
    world.scale_set(set).remove(gone);
}

/// A blue and a green scale set in the usual group; each has lost its machine of number 1.
fn blue_and_green() -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        registered_but_one(world, "blue", "blue000001");
        registered_but_one(world, "green", "green000001");
    });
    sandbox
}

fn run(sandbox: &Sandbox, scale_sets: &str) -> Run {
    Run::in_runbook(sandbox).set("VMSS_SCALESET_NAME", scale_sets)
}

#[test]
fn a_pair_is_reconciled_as_one() {
    let sandbox = blue_and_green();

    run(&sandbox, "blue, green")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000001", "green000001"])
        .nothing_held()
        .deployed(&["blue000000", "blue000002", "green000000", "green000002"]);
}

#[test]
fn the_machines_of_a_scale_set_that_is_not_named_are_left_alone() {
    let sandbox = blue_and_green();

    run(&sandbox, "green")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["green000001"])
        .held(&["blue000000", "blue000001", "blue000002"])
        .deployed(&["green000000", "green000002"]);
}

#[test]
fn a_scale_set_that_is_named_twice_is_one() {
    let sandbox = blue_and_green();

    run(&sandbox, &format!("green,GREEN,{GROUP}/Green"))
        .reconcile(&sandbox)
        .code(0)
        .removed(&["green000001"]);
}

#[test]
fn scale_sets_of_other_groups_are_named_with_their_group() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        registered_but_one(world, "blue", "blue000001");
        registered_but_one(world, "dr-rg/green", "green000001");
    });

    run(&sandbox, "blue,dr-rg/green")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000001", "green000001"])
        .deployed(&["blue000000", "blue000002", "green000000", "green000002"]);
}

#[test]
fn a_scale_set_of_another_subscription_is_named_by_its_resource_id() {
    let sandbox = Sandbox::start();
    let id = sandbox.world(|world| {
        registered_but_one(world, "blue", "blue000001");
        let green = world.subscription(ELSEWHERE).scale_set("dr-rg/green");
        let machines = green.instances(3).list();
        world.register_all(&machines);
        let green = world.subscription(ELSEWHERE).scale_set("dr-rg/green");
        green.scale_in(&["green000001"]).id()
    });

    run(&sandbox, &format!("blue,{id}"))
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000001", "green000001"])
        .deployed(&["blue000000", "blue000002", "green000000", "green000002"]);
}

#[test]
fn one_resource_id_is_enough_and_needs_no_group() {
    let sandbox = blue_and_green();
    let id = sandbox.world(|world| world.scale_set("green").id());

    run(&sandbox, &id.to_uppercase())
        .without("VMSS_RESOURCEGROUP_NAME")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["green000001"]);
}

#[test]
fn uniform_and_flexible_scale_sets_go_together() {
    let sandbox = Sandbox::start();
    let flexible = sandbox.world(|world| {
        registered_but_one(world, "blue", "blue000001");
        let machines = world.scale_set("green").flexible().instances(3).list();
        world.register_all(&machines);
        world.scale_set("green").hosts()
    });
    sandbox.world(|world| world.scale_set("green").remove(&flexible[0]));

    let end = run(&sandbox, "blue,green").reconcile(&sandbox).code(0);
    let gone = ["blue000001", &flexible[0]];
    end.removed(&gone).nothing_held();
}

#[test]
fn flexible_scale_sets_of_one_group_do_not_call_each_others_machines_detached() {
    let sandbox = Sandbox::start();
    let hosts = sandbox.world(|world| {
        for name in ["blue", "green"] {
            let machines = world.scale_set(name).flexible().instances(2).list();
            world.register_all(&machines);
        }
        world.target_names()
    });

    run(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .deployed(&hosts);
}

#[test]
fn a_machine_that_one_of_them_deletes_is_leaving_and_not_detached_from_the_other() {
    let sandbox = Sandbox::start();
    let leaving = sandbox.world(|world| {
        let mut hosts = Vec::new();
        for name in ["blue", "green"] {
            let machines = world.scale_set(name).flexible().instances(2).list();
            world.register_all(&machines);
            hosts = world.scale_set(name).hosts();
        }
        let green = world.scale_set("green");
        green.edit_vm(&hosts[0], |machine| machine.state = "Deleting".to_owned());
        hosts.swap_remove(0)
    });

    run(&sandbox, "blue,green")
        .set("VMSS_TIMEOUT_VALUE", "0")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .verdict(&leaving, "leaving", "being deleted");
}

#[test]
fn a_machine_that_moved_from_blue_to_green_keeps_its_target() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let twins = world.scale_set("blue").prefix("web").instances(3).list();
        world.register_all(&twins);
        world.scale_set("blue").remove("web000001");
        world.scale_set("blue").remove("web000002");
        world.scale_set("green").prefix("web").instances(2);
    });

    run(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .nothing_held()
        .deployed(&["web000000", "web000001"]);
}

#[test]
fn a_machine_that_one_still_has_is_not_leaving_because_the_other_deletes_its_twin() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let twins = world.scale_set("blue").prefix("web").instances(2).list();
        world.register_all(&twins);
        let green = world.scale_set("green").prefix("web").instances(2);
        green.edit_vm("web000001", |twin| twin.state = "Deleting".to_owned());
    });

    run(&sandbox, "blue,green")
        .set("VMSS_TIMEOUT_VALUE", "0")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .deployed(&["web000000", "web000001"]);
}

#[test]
fn every_scale_set_that_the_name_fits_is_asked_for_the_machine() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let twins = world.scale_set("blue").prefix("web").instances(3).list();
        world.register_all(&twins);
        world.scale_set("blue").remove("web000002");
        let green = world.scale_set("green").prefix("web").instances(3);
        green.hide("web000002");
    });

    run(&sandbox, "blue,green")
        .asking_no_machine()
        .reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000002"])
        .complained("green");
    for name in ["blue", "green"] {
        let asked = Route::PointRead.containing(&format!("/{name}/virtualMachines/2"));
        assert_eq!(
            sandbox.count(asked),
            1,
            "{name} is asked for its instance 2"
        );
    }
}

#[test]
fn a_scale_set_that_may_not_be_read_holds_the_removals_of_the_others_too() {
    let sandbox = blue_and_green();
    sandbox.world(|world| {
        let green = sandbox::scope::scale_set(GROUP, "green");
        world.azure.access = sandbox::Access::everything().deny_all(green);
    });

    run(&sandbox, "blue,green").run().expect_code(3);
    support::expect_untouched(&sandbox);
}

#[test]
fn a_subscription_is_compared_in_any_case() {
    let sandbox = blue_and_green();
    let id = format!(
        "/SUBSCRIPTIONS/{}/resourcegroups/{GROUP}/PROVIDERS/microsoft.compute/virtualmachinescalesets/BLUE",
        SUBSCRIPTION.to_uppercase()
    );

    run(&sandbox, &format!("blue,{id}"))
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000001"])
        .held(&["green000000", "green000001", "green000002"]);
}
