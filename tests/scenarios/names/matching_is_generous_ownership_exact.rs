//! Matching keeps, so it is generous; ownership removes, so it is exact.

use crate::support::aftermath::{Aftermath, reconcile, reconcile_unasked};
use crate::support::fleet::{Fleet, MODES, in_mode};
use crate::support::{Run, settled};
use sandbox::{Mode, Route, Sandbox};

/// A scale set `web` of one machine of this computer name, and one target of that name.
fn one_of_each(machine: &str, target: &str) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        // A high instance id, so that no name means it by its number.
        let set = world.scale_set("web").edit(|set| set.next_id = 1000);
        set.instances(1).edit_vm("web_1000", |instance| {
            instance.computer_name = Some(machine.to_owned());
        });
        world.target(target);
    });
    sandbox
}

/// A scale set `web` with one registered machine, and targets of these names, whose machines do not exist.
fn beside_a_machine(mode: Mode, names: &[&[&str]]) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = in_mode(world.scale_set("web"), mode).instances(1).list();
        world.register_all(&machines);
        for name in names.iter().copied().flatten() {
            world.target(name);
        }
    });
    sandbox
}

/// Exactly the names that fit lose their registrations; of the others one warning speaks.
#[track_caller]
fn expect_ownership(mode: Mode, fit: &[&str], others: &[&str]) {
    let sandbox = beside_a_machine(mode, &[fit, others]);
    reconcile(&sandbox)
        .code(0)
        .removed(&in_octopus_order(fit))
        .held(&in_octopus_order(others));
}

fn in_octopus_order(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort_by_key(|name| name.to_lowercase());
    names
}

#[test]
fn a_target_whose_name_means_a_machine_is_kept() {
    for (machine, target) in [
        ("web00000A", "web00000A"),
        ("web00000A", "WEB00000a"),
        (" web00000A ", "web00000A"),
        ("web00000A", " web00000A "),
        ("web00000A", "web00000A.corp.example"),
        ("web00000A.corp.example", "web00000A"),
        ("web00000A.corp.example", "web00000A.other.example"),
        ("web00000A", "prod-web00000A"),
        ("web00000A", "web00000A-blue"),
        ("web00000A", "PROD_WEB00000A (blue)"),
        ("web00000A", "eu/prod web00000A"),
        ("web00000A", "prod-web00000A.corp.example"),
        ("web-1", "web-1"),
        ("anything", "web_1000"),
        ("anything", "prod-WEB_1000"),
    ] {
        let sandbox = one_of_each(machine, target);
        reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .nothing_held()
            .deployed(&[target]);
    }
}

#[test]
fn a_name_that_only_contains_another_does_not_mean_it() {
    for (machine, target) in [
        ("web1", "web10"),
        ("web10", "web1"),
        ("web00000A", "myweb00000A"),
        ("web00000A", "web00000AB"),
        ("web00000A", "web-00000A"),
        ("web-1", "web-10"),
        ("web00000A", "\u{e9}web00000A"),
        ("anything", "web_10000x"),
        ("corp.web00000A", "corp-x"),
    ] {
        let sandbox = one_of_each(machine, target);
        reconcile(&sandbox)
            .code(4)
            .nothing_removed()
            .held(&[target])
            .nothing_deployed();
    }
}

#[test]
fn a_uniform_scale_set_owns_its_prefix_with_an_instance_id_and_its_name_with_a_number() {
    expect_ownership(
        Mode::Uniform,
        &[
            "web00000B",
            "web00000c",
            "WEB00000D",
            "web0ZZZZZ",
            "web00000E.corp.example",
            "web_12",
            "WEB_13",
            "web_14.corp.example",
            "app-web00000A",
            "web00000A-blue",
            "corp.web00000A",
        ],
        &[
            "web",
            "web1",
            "web10",
            "webserver",
            "WEBSERVER",
            "web100000",
            "webA0000A",
            "web0000F",
            "web000000F",
            "web0000-F",
            "web-00000F",
            "myweb00000A",
            "web_",
            "web_03",
            "web_1a",
            "web_-1",
            "web-12",
            "api_12",
        ],
    );
}

#[test]
fn a_flexible_scale_set_owns_its_prefix_with_six_capitals_and_its_name_with_eight_hex_digits() {
    expect_ownership(
        Mode::Flexible,
        &[
            "web9Z8Y7X",
            "WEB9Z8Y7W",
            "web123456",
            "web9Z8Y7V.corp.example",
            "web_1a2b3c4d",
            "WEB_1A2B3C4E",
            "web9z8y7x",
            "app-web9Z8Y7X",
            "web9Z8Y7X-blue",
        ],
        &[
            "web",
            "web1",
            "webserver",
            "webServer",
            "WEBserver",
            "PROD-WEBMASTER",
            "web9Z8Y7",
            "web9Z8Y7XX",
            "web-9Z8Y7",
            "myweb9Z8Y7X",
            "web_1a2b3c4",
            "web_1a2b3c4g",
            "web_1a2b3c4d5",
            "web_12",
        ],
    );
}

#[test]
fn a_permanent_webserver_in_capitals_is_taken_for_a_flexible_machine_as_documented() {
    expect_ownership(Mode::Flexible, &["WEBSERVER"], &["webserver"]);
}

#[test]
fn the_instance_id_in_a_name_is_read_in_base_36() {
    let sandbox = beside_a_machine(Mode::Uniform, &[&["web00002D", "web0000vu", "web_9"]]);

    reconcile(&sandbox)
        .code(0)
        .removed(&["web00002D", "web0000vu", "web_9"]);
    for id in [85, 1146, 9] {
        let asked = Route::PointRead.containing(&format!("/web/virtualMachines/{id}?"));
        assert_eq!(sandbox.count(asked), 1, "instance {id} is asked for");
    }
    assert_eq!(sandbox.count(Route::PointRead), 3);
}

#[test]
fn a_specialized_image_is_registered_under_its_resource_name() {
    for mode in MODES {
        let sandbox = Sandbox::start();
        let hosts = sandbox.world(|world| {
            let set = in_mode(world.scale_set("web"), mode).without_prefix();
            let machines = set.instances(3).list();
            world.register_all(&machines);
            world.target_names()
        });
        sandbox.world(|world| world.scale_set("web").remove(&hosts[1]));

        reconcile(&sandbox)
            .code(0)
            .removed(&[&hosts[1]])
            .nothing_held()
            .deployed(&[&hosts[0], &hosts[2]]);
    }
}

/// Instance 1 of four calls itself so, and instance 3 is gone.
fn called(computer_name: Option<&str>) -> Sandbox {
    let sandbox = settled(4);
    sandbox.world(|world| {
        world.scale_set("web").remove("web000003");
        let set = world.scale_set("web");
        set.edit_vm("web000001", |machine| {
            machine.computer_name = computer_name.map(str::to_owned);
        });
    });
    sandbox
}

#[test]
fn a_name_with_the_number_of_a_listed_instance_means_it_where_azure_does_not_say_what_that_is_called()
 {
    reconcile(&called(None))
        .code(0)
        .removed(&["web000003"])
        .nothing_held()
        .deployed(&["web000000", "web000001", "web000002"]);
}

#[test]
fn a_name_with_the_number_of_a_listed_instance_stays_and_is_nobody_to_deploy_to_where_that_is_called_otherwise()
 {
    let sandbox = called(Some("old000001"));

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000001"])
        .verdict("web000001", "deferred", "number of old000001")
        .deployed(&["web000000", "web000002"]);
}

#[test]
fn a_flexible_machine_without_a_computer_name_could_be_any_target_so_called() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    fleet.scale_in(&[2]);
    let living = fleet.host(0);
    fleet.sandbox.world(|world| {
        let set = world.scale_set("web");
        set.edit_vm(living, |machine| machine.computer_name = None);
        // What is called by a resource name is none of it.
        world.target("web_0badcafe");
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&["web_0badcafe"])
        .held(&[living, fleet.host(2)])
        .deployed(&[fleet.host(1)]);
}

#[test]
fn without_a_prefix_no_computer_name_is_the_scale_sets_and_the_log_says_what_to_do() {
    for mode in MODES {
        for prefix in [None, Some(""), Some(" ")] {
            let sandbox = Sandbox::start();
            sandbox.world(|world| {
                let set = in_mode(world.scale_set("web"), mode);
                let set = set.edit(|set| set.prefix = prefix.map(str::to_owned));
                let machines = set.instances(1).list();
                world.register_all(&machines);
                for name in ["00000A", "9Z8Y7X", "web00000A", "web9Z8Y7X"] {
                    world.target(name);
                }
            });

            reconcile(&sandbox)
                .code(0)
                .nothing_removed()
                .held(&["00000A", "9Z8Y7X", "web00000A", "web9Z8Y7X"])
                .warned("register machines under their computer names")
                .warned("a role of their own");
        }
    }
}

/// A run that may also remove names that fit no scale set.
fn reconcile_all_names(sandbox: &Sandbox) -> Aftermath {
    let run = Run::in_runbook(sandbox).set("VMSS_REMOVAL_OWNEDONLY", "No");
    run.reconcile(sandbox)
}

#[test]
fn without_owned_only_a_name_that_fits_no_scale_set_is_removed_on_the_word_of_two_listings() {
    for mode in MODES {
        let sandbox = beside_a_machine(mode, &[&["batch-01", "webserver"]]);

        reconcile_all_names(&sandbox)
            .code(0)
            .removed(&["batch-01", "webserver"])
            .nothing_held();
        assert_eq!(sandbox.count(Route::PointRead), 0);
    }
}

#[test]
fn without_owned_only_a_name_that_means_a_machine_is_kept_all_the_same() {
    let sandbox = one_of_each("batch-01", "prod-batch-01");

    reconcile_all_names(&sandbox)
        .code(0)
        .nothing_removed()
        .deployed(&["prod-batch-01"]);
}

#[test]
fn without_owned_only_a_name_of_another_scale_set_is_foreign() {
    let sandbox = settled(1);
    sandbox.world(|world| {
        world.scale_set("api").instances(1);
        world.scale_set("other-rg/job").flexible().instances(1);
        for name in ["api000009", "job9Z8Y7X", "jobserver"] {
            world.target(name);
        }
    });

    reconcile_all_names(&sandbox)
        .code(0)
        .removed(&["jobserver"])
        .held(&["api000009", "job9Z8Y7X"])
        .verdict("api000009", "foreign", "scale set api")
        .verdict("job9Z8Y7X", "foreign", "scale set job");
}

#[test]
fn without_owned_only_a_name_with_an_instance_id_still_needs_its_instance_to_be_gone() {
    let sandbox = settled(3);
    sandbox.world(|world| {
        drop(world.scale_set("web").hide("web000001"));
        let target = world.existing_target("web000001");
        drop(target.health("Unavailable"));
    });

    reconcile_all_names(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["web000001"]);
}

#[test]
fn with_owned_only_the_same_names_stay() {
    let sandbox = beside_a_machine(Mode::Uniform, &[&["batch-01"]]);

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["batch-01"])
        .warned("batch-01");
}
