//! The third piece of evidence: no other scale set of the subscription has the machine.

use crate::support::aftermath::reconcile;
use crate::support::fleet::Fleet;
use crate::support::strangers::{arranged, twin, two_strangers};
use crate::support::{Run, scaled_in};
use sandbox::{Access, Fault, GROUP, Mode, Read, Route, Sandbox, When, scope};

#[test]
fn a_machine_that_another_scale_set_has_keeps_its_target() {
    for name in ["web-green", "green-rg/web-green", "green-rg/web"] {
        let sandbox = arranged(two_strangers(), |world| twin(world, name));

        let (group, set) = name.split_once('/').unwrap_or((GROUP, name));
        reconcile(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .held(&["web000004"])
            .deployed(&["web000000", "web000001"])
            .verdict("web000004", "foreign", set)
            .verdict("web000004", "foreign", group);
    }
}

#[test]
fn a_machine_that_another_scale_set_deletes_is_not_ours_either() {
    let sandbox = arranged(two_strangers(), |world| {
        twin(world, "web-green");
        let green = world.scale_set("web-green");
        green.edit_vm("web000004", |machine| machine.state = "Deleting".to_owned());
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"]);
}

#[test]
fn a_name_that_another_scale_set_gives_without_a_prefix_is_found_there() {
    let sandbox = arranged(scaled_in(1, &[]), |world| {
        let twin = world.scale_set("green-rg/web").without_prefix();
        twin.edit(|set| set.next_id = 12).instances(1);
        world.target("web_12");
        world.target("web_13");
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web_13"])
        .held(&["web_12"])
        .verdict("web_12", "foreign", "green-rg");
}

#[test]
fn a_flexible_twin_is_found_in_its_resource_group() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[2, 3]);
    let name = fleet.host(3).to_owned();
    fleet.sandbox.world(|world| {
        let green = world.scale_set("green-rg/web-green").flexible();
        green.prefix("web").attach(&name);
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(2)])
        .held(&[fleet.host(3)])
        .verdict(fleet.host(3), "foreign", "web-green");
}

#[test]
fn a_machine_that_a_flexible_twin_let_go_is_found_beside_it() {
    let fleet = Fleet::of(Mode::Flexible, 3);
    fleet.scale_in(&[2]);
    let name = format!("green-rg/{}", fleet.host(2));
    fleet.sandbox.world(|world| {
        world
            .scale_set("green-rg/web-green")
            .flexible()
            .prefix("web");
        world.lone_vm(&name);
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&[fleet.host(2)]);
}

#[test]
fn a_flexible_twin_of_a_uniform_scale_set_is_found() {
    let sandbox = arranged(two_strangers(), |world| {
        let green = world.scale_set("green-rg/web-green").flexible();
        green.prefix("WEB").attach("web000004");
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"]);
}

#[test]
fn a_neighbour_whose_names_only_look_like_ours_decorated_is_found() {
    // All that is kept for `web` are the neighbour's targets, which match by accident.
    let sandbox = arranged(Sandbox::start(), |world| {
        world.scale_set("web").instances(2);
        let machines = world
            .scale_set("shop")
            .prefix("app-web")
            .instances(4)
            .list();
        world.register_all(&machines);
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["app-web000002", "app-web000003"])
        .verdict("app-web000002", "foreign", "scale set shop");
}

#[test]
fn a_decorated_target_is_looked_for_under_its_plain_name_too() {
    let sandbox = arranged(Sandbox::start(), |world| {
        for machine in world.scale_set("web").instances(2).list() {
            world.target(&format!("prod-{}", machine.host()));
        }
        world.target("prod-web000003");
        world.target("prod-web000004");
        twin(world, "green-rg/web-green");
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["prod-web000003"])
        .held(&["prod-web000004"])
        .verdict("prod-web000004", "foreign", "web-green");
}

#[test]
fn a_twin_that_does_not_have_it_takes_nothing_from_us() {
    let sandbox = arranged(two_strangers(), |world| {
        world.scale_set("web-green").prefix("web").instances(2);
        world
            .scale_set("green-rg/web-green")
            .prefix("web")
            .flexible();
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"])
        .nothing_held();
}

#[test]
fn a_twin_that_may_not_be_read_could_have_them_all() {
    let sandbox = arranged(two_strangers(), |world| {
        world
            .scale_set("green-rg/web-green")
            .prefix("web")
            .instances(1);
        let green = scope::scale_set("green-rg", "web-green");
        world.azure.access = Access::everything().deny(Read::Instances, green);
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .verdict("web000003", "foreign", "scale set web-green")
        .verdict("web000003", "foreign", "403");
}

#[test]
fn a_twin_whose_listing_fails_could_have_them_all() {
    let faults = [
        Fault::status(500),
        Fault::broken_json(),
        Fault::azure_error(404, "ResourceNotFound", "Gone."),
    ];
    for fault in faults {
        let sandbox = arranged(two_strangers(), |world| {
            let green = world.scale_set("web-green").prefix("web");
            green.instances(1);
        });
        sandbox.fault(
            Route::Instances.containing("web-green"),
            When::Always,
            fault,
        );

        Run::in_runbook(&sandbox)
            .without_retries()
            .reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .held(&["web000003", "web000004"]);
    }
}

#[test]
fn scale_sets_whose_pattern_fits_no_candidate_are_not_listed() {
    let sandbox = arranged(two_strangers(), |world| {
        for name in ["api", "job-rg/job", "webshop"] {
            world.scale_set(name).instances(2);
        }
        // Not readable, and nobody needs to.
        let api = scope::scale_set(GROUP, "api");
        world.azure.access = Access::everything().deny(Read::Instances, api);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"]);
    for name in ["api", "job", "webshop"] {
        let listing = Route::Instances.containing(&format!("/{name}/"));
        assert_eq!(sandbox.count(listing), 0, "{name} was listed for nothing");
    }
}

#[test]
fn many_candidates_cost_no_more_listings_than_one() {
    let requests_for = |gone: usize| {
        let sandbox = arranged(scaled_in(60, &[]), |world| {
            let names: Vec<String> = world.scale_set("web").hosts();
            world.scale_set("web").scale_in(&names[..gone]);
            world.check_all();
            twin(world, "web-green");
        });
        reconcile(&sandbox).code(0);
        sandbox.count(Route::ScaleSets) + sandbox.count(Route::Instances.containing("web-green"))
    };

    assert_eq!(requests_for(1), 3);
    assert_eq!(requests_for(50), 3);
}

#[test]
fn what_another_scale_set_has_does_not_count_for_the_limit() {
    let sandbox = arranged(two_strangers(), |world| twin(world, "web-green"));

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_LIMIT", "1")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"]);
}

#[test]
fn both_subscriptions_of_a_run_are_looked_through() {
    const ELSEWHERE: &str = "00000000-5a4d-4b0c-8000-00000000000e";
    let sandbox = two_strangers();
    let id = sandbox.world(|world| {
        let twin = world.subscription(ELSEWHERE).scale_set("green-rg/twin");
        let twin = twin.prefix("web").edit(|set| set.next_id = 4);
        twin.instances(1);
        world.subscription(ELSEWHERE).scale_set("blue-rg/api").id()
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", format!("web,{id}"))
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"])
        .verdict("web000004", "foreign", "scale set twin");
}

#[test]
fn a_flexible_twin_of_which_no_machine_is_listed_is_not_read_though_others_stand_beside_it() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.world(|world| {
        let twin = world.scale_set("green-rg/web-green").flexible();
        let mut twin = twin.prefix("web").instances(1).attach(fleet.host(3));
        for machine in twin.list() {
            drop(world.scale_set("green-rg/web-green").hide(&machine.name));
        }
        world.lone_vm("green-rg/bystander");
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&[fleet.host(3)])
        .verdict(fleet.host(3), "foreign", "its capacity is 1");
}

#[test]
fn a_twin_that_was_scaled_to_zero_takes_nothing_from_us() {
    let sandbox = arranged(two_strangers(), |world| {
        drop(world.scale_set("green-rg/web-green").prefix("web"));
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"])
        .nothing_held();
}
