//! What the kept targets of a scale set teach about how people write its names: decorations, small letters, and dashes.

use crate::support::Run;
use crate::support::aftermath::{Aftermath, reconcile, reconcile_unasked};
use sandbox::{Mode, Sandbox, Vm, World};

/// A scale set `web` whose machines are registered under their names as `spelled`.
fn registered_as(mode: Mode, machines: u64, spelled: impl Fn(&str) -> String) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let set = world.scale_set("web");
        let set = if mode == Mode::Flexible {
            set.flexible()
        } else {
            set
        };
        for machine in set.instances(machines).list() {
            world.target(&spelled(&machine.host()));
        }
    });
    sandbox
}

/// Scales a machine in; returns its name.
fn gone(sandbox: &Sandbox, place: usize) -> String {
    sandbox.world(|world| {
        let name = world.scale_set("web").list()[place].host();
        world.scale_set("web").remove(&name);
        name
    })
}

/// The first letters as they are, the suffix in small letters.
fn small(host: &str) -> String {
    host.to_lowercase()
}

#[test]
fn a_decorated_name_fits_where_all_kept_ones_carry_the_same_decoration() {
    let spellings: [fn(&str) -> String; 4] = [
        |host| format!("prod-{host}"),
        |host| format!("{host}-blue"),
        |host| format!("Prod-{host}-Blue"),
        |host| format!("prod-{host}.corp.example"),
    ];
    for mode in [Mode::Uniform, Mode::Flexible] {
        for spelled in spellings {
            let sandbox = registered_as(mode, 3, spelled);
            let gone = gone(&sandbox, 2);

            reconcile(&sandbox)
                .code(0)
                .removed(&[spelled(&gone)])
                .nothing_held();
        }
    }
}

#[test]
fn a_decoration_may_be_spelled_in_another_case() {
    let sandbox = registered_as(Mode::Uniform, 2, |host| format!("prod-{host}"));
    sandbox.world(|world| drop(world.target("PROD-WEB000007")));

    reconcile(&sandbox).code(0).removed(&["PROD-WEB000007"]);
}

#[test]
fn what_people_could_have_chosen_goes_only_in_a_decoration_that_a_kept_target_carries() {
    let sandbox = registered_as(Mode::Flexible, 2, |host| format!("prod-{host}"));
    sandbox.world(|world| {
        for name in ["prod-webABCDEF", "test-webABCDEF", "PROD-WEBMASTER-1"] {
            world.target(name);
        }
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["prod-webABCDEF"])
        .held(&["PROD-WEBMASTER-1", "test-webABCDEF"])
        .verdict("test-webABCDEF", "foreign", "not a name");
}

#[test]
fn without_a_precedent_the_decorated_names_of_a_flexible_scale_set_go_where_only_azure_writes_so() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        for name in ["prod-web4K7X2A", "PROD-WEBMASTER", "prod-web12ABCD"] {
            world.target(name);
        }
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["prod-web4K7X2A"])
        .held(&["prod-web12ABCD", "PROD-WEBMASTER"]);
}

/// A second scale set `api`, whose machines are registered under their names as `spelled`.
fn api_registered_as(world: &mut World, spelled: impl Fn(&Vm) -> String) {
    for machine in world.scale_set("api").flexible().instances(2).list() {
        world.target(&spelled(&machine));
    }
}

#[test]
fn the_decoration_of_one_scale_set_is_not_another_ones() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        api_registered_as(world, |machine| format!("prod-{}", machine.host()));
        world.target("prod-apiABCDEF");
        world.target("prod-webABCDEF");
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,api")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["prod-apiABCDEF"])
        .held(&["prod-webABCDEF"]);
}

#[test]
fn the_instance_behind_a_decorated_name_is_asked_for() {
    let sandbox = registered_as(Mode::Uniform, 3, |host| format!("prod-{host}"));
    sandbox.world(|world| drop(world.scale_set("web").hide("web000002")));

    reconcile_unasked(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["prod-web000002"])
        .complained("instance 2");
}

#[test]
fn small_letters_fit_where_a_kept_target_of_the_scale_set_has_them() {
    let sandbox = registered_as(Mode::Flexible, 3, small);
    let gone = gone(&sandbox, 1);

    reconcile(&sandbox)
        .code(0)
        .removed(&[small(&gone)])
        .nothing_held();
}

#[test]
fn small_letters_do_not_fit_where_all_kept_targets_have_capitals() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        for name in [
            "webabcdef",
            "webserver",
            "web01prod",
            "webprod01",
            "webABCDEF",
        ] {
            world.target(name);
        }
    });

    reconcile(&sandbox).code(0).removed(&["webABCDEF"]).held(&[
        "web01prod",
        "webabcdef",
        "webprod01",
        "webserver",
    ]);
}

#[test]
fn small_letters_of_one_scale_set_say_nothing_about_another() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        api_registered_as(world, |machine| small(&machine.host()));
        world.target("apiabcdef");
        world.target("webabcdef");
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,api")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["apiabcdef"])
        .held(&["webabcdef"]);
}

#[test]
fn small_letters_inside_a_decoration_are_a_precedent_too() {
    let sandbox = registered_as(Mode::Flexible, 3, |host| format!("prod-{}", small(host)));
    let gone = gone(&sandbox, 0);

    reconcile(&sandbox)
        .code(0)
        .removed(&[format!("prod-{}", small(&gone))])
        .nothing_held();
}

#[test]
fn small_and_mixed_letters_need_no_precedent_where_only_azure_writes_so() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        for name in ["web4k7x2a", "web9Z8y7x", "prod-web4k7x2b"] {
            world.target(name);
        }
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["prod-web4k7x2b", "web4k7x2a", "web9Z8y7x"]);
}

#[test]
fn a_machine_attached_by_hand_does_not_open_the_door_to_names_in_small_letters() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world
            .scale_set("web")
            .flexible()
            .prefix("web")
            .instances(2)
            .attach("webserver")
            .list();
        world.register_all(&machines);
        drop(world.target("webmaster"));
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["webmaster"]);
}

/// Targets of these names beside instance 5 of the scale set `web-vmss`.
fn beside_instance_five(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let set = world.scale_set("web-vmss").prefix("web").instances(6);
        set.scale_in(&[
            "web000000",
            "web000001",
            "web000002",
            "web000003",
            "web000004",
        ]);
        for name in names {
            world.target(name);
        }
        world.check_all();
        world
            .existing_target("web-vmss-5")
            .health("Healthy")
            .answers();
    });
    sandbox
}

fn reconcile_web_vmss(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .set("VMSS_SCALESET_NAME", "web-vmss")
        .reconcile(sandbox)
}

#[test]
fn a_dash_for_the_underscore_fits_beside_a_kept_target_that_is_written_so() {
    let sandbox = beside_instance_five(&["web-vmss-5", "web-vmss-3", "web-vmss-2.corp.example"]);

    reconcile_web_vmss(&sandbox)
        .code(0)
        .removed(&["web-vmss-2.corp.example", "web-vmss-3"])
        .deployed(&["web-vmss-5"]);
}

#[test]
fn a_dash_is_peoples_where_the_scale_sets_machines_are_registered_otherwise() {
    // Somebody's own web-vmss-5 is taken for instance 5, and says nothing about web-vmss-3.
    let sandbox = beside_instance_five(&["web000005", "web-vmss-5", "web-vmss-3"]);

    reconcile_web_vmss(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web-vmss-3"]);
}

#[test]
fn a_machine_that_was_attached_by_hand_teaches_nothing_whatever_its_name() {
    let people = ["PROD-WEBMASTER", "webmaster", "webprod01"];
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        drop(world.scale_set("web").attach("WEBSERVER"));
        for name in ["PROD-WEBSERVER", "webserver"] {
            world.target(name).answers();
        }
        for name in people {
            world.target(name).dead();
        }
        world.check_all();
    });

    reconcile(&sandbox).code(0).nothing_removed().held(&people);
}

#[test]
fn a_decoration_of_resource_names_says_nothing_of_computer_names() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        for machine in world.scale_set("web").flexible().instances(2).list() {
            world.target(&format!("prod-{}", machine.name)).answers();
        }
        world.target("PROD-WEBMASTER").dead();
        world.check_all();
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["PROD-WEBMASTER"]);
}
