//! What the kept targets of a scale set teach about how people write its names: decorations, and small letters.

use crate::support::Run;
use crate::support::aftermath::{reconcile, reconcile_unasked};
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
fn another_decoration_than_the_kept_ones_carry_does_not_fit() {
    let sandbox = registered_as(Mode::Uniform, 3, |host| format!("prod-{host}"));
    sandbox.world(|world| {
        for name in ["test-web000007", "prod-web000007-blue", "prod-webserver"] {
            world.target(name);
        }
    });

    reconcile(&sandbox).code(0).nothing_removed().held(&[
        "prod-web000007-blue",
        "prod-webserver",
        "test-web000007",
    ]);
}

#[test]
fn one_kept_target_without_the_decoration_is_enough_to_close_the_door() {
    let sandbox = registered_as(Mode::Uniform, 4, |host| match host {
        "web000001" => host.to_owned(),
        _ => format!("prod-{host}"),
    });
    gone(&sandbox, 3);
    sandbox.world(|world| drop(world.target("web000007")));

    // The plain name is the scale set's in any case.
    reconcile(&sandbox)
        .code(0)
        .removed(&["web000007"])
        .held(&["prod-web000003"]);
}

#[test]
fn without_a_precedent_no_decorated_name_fits() {
    let sandbox = registered_as(Mode::Uniform, 2, str::to_owned);
    sandbox.world(|world| drop(world.target("prod-web000007")));

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["prod-web000007"]);
}

#[test]
fn a_single_accidental_match_of_a_neighbour_does_not_open_the_door() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").instances(2);
        // A neighbour registers its own machines in the run's roles; one of them happens to match.
        for name in ["app-web000001", "app-web00000A", "app-web00000B"] {
            world.target(name);
        }
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["app-web00000A", "app-web00000B"])
        .verdict("app-web000001", "kept", "exists");
}

#[test]
fn an_accidental_match_among_the_scale_sets_own_targets_does_not_open_the_door() {
    let sandbox = registered_as(Mode::Uniform, 2, str::to_owned);
    sandbox.world(|world| {
        for name in ["app-web000001", "app-web00000A"] {
            world.target(name);
        }
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["app-web00000A"]);
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
        world.target("prod-api9Z8Y7X");
        world.target("prod-web9Z8Y7X");
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,api")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["prod-api9Z8Y7X"])
        .held(&["prod-web9Z8Y7X"]);
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
        world.target("web9z8y7x");
        world.target("web9Z8Y7W");
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web9Z8Y7W"])
        .held(&["web9z8y7x"]);
}

#[test]
fn small_letters_of_one_scale_set_say_nothing_about_another() {
    let sandbox = registered_as(Mode::Flexible, 2, str::to_owned);
    sandbox.world(|world| {
        api_registered_as(world, |machine| small(&machine.host()));
        world.target("api9z8y7x");
        world.target("web9z8y7x");
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,api")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["api9z8y7x"])
        .held(&["web9z8y7x"]);
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
fn capitals_and_small_letters_mixed_never_fit() {
    let sandbox = registered_as(Mode::Flexible, 2, small);
    sandbox.world(|world| drop(world.target("web9Z8y7x")));

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web9Z8y7x"]);
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
