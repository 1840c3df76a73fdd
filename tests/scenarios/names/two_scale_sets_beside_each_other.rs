//! Worlds in which a target looks like another machine's: what is mended, and what no answer of Azure's can tell.

use crate::support::aftermath::{Aftermath, reconcile_unasked};
use crate::support::strangers::arranged;
use crate::support::{Run, settled};
use sandbox::{Sandbox, World};

/// Two Flexible scale sets in one resource group: `web`, whose targets are decorated, and `api`, whose targets have the names
/// of resources. Returns a machine of `web`, and its target.
fn two_flexible_sets(world: &mut World) -> (String, String) {
    let machines = world.scale_set("web").flexible().instances(3).list();
    for machine in &machines {
        world.target(&format!("prod-{}-blue", machine.host()));
    }
    for machine in world.scale_set("api").flexible().instances(2).list() {
        world.target(&machine.name);
    }
    let host = machines[0].host();
    (host.clone(), format!("prod-{host}-blue"))
}

fn of_both(run: Run) -> Run {
    run.set("VMSS_SCALESET_NAME", "web,api")
}

#[test]
fn a_machine_that_was_evicted_keeps_its_target_while_azure_lists_it_and_no_longer() {
    let sandbox = Sandbox::start();
    let target = sandbox.world(|world| {
        let (machine, target) = two_flexible_sets(world);
        let set = world.scale_set("web").freeze_listing();
        drop(set.evict(&machine));
        target
    });

    // Nothing that Azure says tells it from a machine that lives.
    let end = of_both(Run::in_deployment(&sandbox)).reconcile(&sandbox);
    assert!(end.outcome.deployed().contains(&target.as_str()));
    let end = end.code(0).nothing_removed();
    end.verdict(&target, "kept", "exists");

    sandbox.world(|world| {
        drop(world.scale_set("web").thaw_listing());
        world.check_all();
        world.existing_target(&target).health("Unavailable");
    });
    // The deployment of before still goes on here.
    let run = Run::in_runbook(&sandbox).set("VMSS_BUSYTARGETS_HANDLE", "Remove");
    let run = of_both(run).asking_no_machine();
    run.reconcile(&sandbox).code(0).removed(&[target]);
}

#[test]
fn a_machine_that_is_being_evicted_is_nobody_to_deploy_to() {
    let sandbox = Sandbox::start();
    let target = sandbox.world(|world| {
        let (machine, target) = two_flexible_sets(world);
        let set = world.scale_set("web");
        drop(set.edit_vm(&machine, |it| it.state = "Deleting".to_owned()));
        target
    });

    let run = of_both(Run::in_deployment(&sandbox)).set("VMSS_TIMEOUT_VALUE", "0");
    let end = run.reconcile(&sandbox);
    assert!(!end.outcome.deployed().contains(&target.as_str()));
    end.code(0)
        .nothing_removed()
        .verdict(&target, "leaving", "being deleted");
}

/// The scale set `web` lists instance 1 under another name, since its prefix is new; a twin has the same prefix.
fn beside_a_twin(dead: &str) -> Sandbox {
    arranged(settled(3), |world| {
        world.existing_target("web000001").delete();
        let set = world.scale_set("web");
        drop(set.edit_vm("web000001", |it| {
            it.computer_name = Some("old000001".to_owned())
        }));
        world.target("old000001");
        world.target(dead).dead();
        drop(world.scale_set("green-rg/web").prefix("web"));
        world.check_all();
        world.existing_target("old000001").health("Healthy");
    })
}

fn expect_held(end: Aftermath, target: &str) {
    end.code(0)
        .nothing_removed()
        .held(&[target])
        .verdict(target, "deferred", "number of old000001")
        .deployed(&["old000001", "web000000", "web000002"]);
}

#[test]
fn a_twins_dead_target_with_the_number_of_a_listed_instance_stays_and_is_nobody_to_deploy_to() {
    for dead in [
        "web000001",
        "web000001_Tentacle",
        "prod-web000001.green.example",
    ] {
        expect_held(reconcile_unasked(&beside_a_twin(dead)), dead);
    }
}

#[test]
fn it_goes_once_the_instance_of_that_number_is_gone() {
    let sandbox = beside_a_twin("web000001");
    sandbox.world(|world| {
        world.scale_set("web").remove("old000001");
        world.check_all();
    });

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000001"])
        .held(&["old000001"]);
}

#[test]
fn a_flexible_machine_without_a_computer_name_keeps_both_of_its_registrations() {
    let sandbox = Sandbox::start();
    let (both, gone) = sandbox.world(|world| {
        let machines = world.scale_set("web").flexible().instances(3).list();
        world.register_all(&machines);
        let (nameless, host) = (machines[0].name.clone(), machines[0].host());
        world.target(&nameless);
        let set = world.scale_set("web");
        drop(set.edit_vm(&nameless, |it| it.computer_name = None));
        let gone = machines[1].host();
        world.scale_set("web").remove(&gone);
        for name in [&host, &gone] {
            world.existing_target(name).health("Unavailable");
        }
        ([nameless, host], gone)
    });

    let end = reconcile_unasked(&sandbox).code(0).nothing_removed();
    end.verdict(&both[0], "kept", "exists")
        .verdict(&both[1], "deferred", "computer name")
        .verdict(&gone, "deferred", "computer name");
}

/// Explained, not mended: by its name it is one more registration of a machine that lives.
#[test]
fn a_twins_dead_target_that_has_the_very_name_of_a_living_machine_means_that_machine() {
    let dead = "web000001.green.example";
    let sandbox = arranged(settled(2), |world| {
        world.target(dead).dead();
        drop(world.scale_set("green-rg/web").prefix("web"));
        world.check_all();
    });

    let end = reconcile_unasked(&sandbox).code(0).nothing_removed();
    end.verdict(dead, "kept", "exists")
        .deployed(&["web000000", "web000001", dead]);
}
