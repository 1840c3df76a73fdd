//! A name that only the scale set gives is the scale set's, whatever people put around it; what they put there must be known
//! from a kept target, or every scale set of the subscription must have been seen.

use crate::support::aftermath::{Aftermath, reconcile};
use crate::support::fleet::in_mode;
use crate::support::strangers::{arranged, by_lists_alone};
use crate::support::{Run, settled};
use sandbox::{Access, Fault, GROUP, Mode, Route, Sandbox, When, World, scope};

/// The scale set `web` with these instances left, and targets of these names, of which Octopus reaches those of machines.
fn left_with(mode: Mode, instances: &[u64], targets: &[&str]) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        drop(in_mode(world.scale_set("web"), mode));
        for id in instances {
            let set = world.scale_set("web").edit(|set| set.next_id = *id);
            drop(set.instances(1));
        }
        for name in targets {
            world.target(name);
        }
        world.check_all();
    });
    sandbox
}

#[test]
fn a_tentacle_as_octopus_s_own_dsc_resource_registers_it_goes_with_its_machine() {
    let names = ["web000007_Tentacle", "web000003_Tentacle"];

    reconcile(&left_with(Mode::Uniform, &[7], &names))
        .code(0)
        .removed(&["web000003_Tentacle"])
        .nothing_held();
}

#[test]
fn all_of_them_go_with_the_last_machine() {
    let names: Vec<String> = (0..5).map(|id| format!("web00000{id}_Tentacle")).collect();
    let targets: Vec<&str> = names.iter().map(String::as_str).collect();

    reconcile(&left_with(Mode::Uniform, &[], &targets))
        .code(0)
        .removed(&names)
        .nothing_held();
}

#[test]
fn every_registration_of_a_machine_goes_with_it() {
    let names = |ids: std::ops::Range<u64>| -> Vec<String> {
        let of = |id| [format!("web00000{id}_Api"), format!("web00000{id}_Web")];
        ids.flat_map(of).collect()
    };
    let all = names(0..5);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();

    reconcile(&left_with(Mode::Uniform, &[0, 1, 2], &all))
        .code(0)
        .removed(&names(3..5))
        .nothing_held();
}

#[test]
fn a_registration_for_each_tenant_goes_with_its_machine() {
    let names = ["web000003-acme", "web000003-globex", "web000007-acme"];

    reconcile(&left_with(Mode::Uniform, &[7], &names))
        .code(0)
        .removed(&names[..2]);
}

#[test]
fn people_s_own_names_stay_beside_a_scale_set_of_that_name() {
    let names = ["web-01", "prod-web-1", "web-7", "webserver", "web_03"];
    reconcile(&left_with(Mode::Uniform, &[0], &["web000000"]).also(&names))
        .code(0)
        .nothing_removed()
        .held(&["prod-web-1", "web-01", "web-7", "web_03", "webserver"]);

    let names = ["prod-web01test", "web01prod", "web02live", "webprod01"];
    reconcile(&settled(2).also(&names))
        .code(0)
        .nothing_removed()
        .held(&names);

    let names = ["webprod01", "web01prod", "webserver", "PROD-WEBMASTER"];
    let sandbox = left_with(Mode::Flexible, &[], &names);
    reconcile(&sandbox).code(0).nothing_removed().held(&[
        "PROD-WEBMASTER",
        "web01prod",
        "webprod01",
        "webserver",
    ]);
}

/// More targets whose machines Octopus does not reach.
trait Also {
    fn also(self, names: &[&str]) -> Self;
}

impl Also for Sandbox {
    fn also(self, names: &[&str]) -> Self {
        arranged(self, |world| {
            for name in names {
                world.target(name).dead();
            }
            world.check_all();
        })
    }
}

#[test]
fn every_instance_that_stands_in_a_name_is_asked_for() {
    let sandbox = settled(2).also(&["web000007-web000008"]);

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000007-web000008"]);
    for id in [7, 8] {
        let asked = Route::PointRead.containing(&format!("/web/virtualMachines/{id}?"));
        assert_eq!(sandbox.count(asked), 1, "instance {id} is asked for");
    }
}

#[test]
fn an_instance_in_a_decorated_name_that_no_listing_has_holds_everything() {
    let sandbox = settled(3).also(&["prod-web000007"]);
    sandbox.world(|world| {
        world.existing_target("web000001").delete();
        world.target("web000001_Tentacle").dead();
        drop(world.scale_set("web").hide("web000001"));
        world.check_all();
    });

    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["prod-web000007", "web000001_Tentacle"])
        .complained("instance 1");
}

/// An account that may read the resource group, and nothing else.
fn reader_of_the_group(world: &mut World) {
    world.azure.access = Access::nothing().reader(scope::group(GROUP));
}

#[test]
fn where_not_all_scale_sets_may_be_seen_a_decoration_of_its_own_waits_and_the_run_is_red() {
    let names = ["web000003_Tentacle", "web000004"];
    let sandbox = arranged(settled(2).also(&names), reader_of_the_group);

    reconcile(&sandbox)
        .code(4)
        .removed(&["web000004"])
        .held(&["web000003_Tentacle"])
        .verdict("web000003_Tentacle", "deferred", "only holds")
        .complained("read access to all scale sets of the subscription");
}

#[test]
fn where_not_all_scale_sets_may_be_seen_a_kept_target_s_decoration_goes() {
    let names = ["web000007_Tentacle", "web000003_Tentacle"];
    let sandbox = left_with(Mode::Uniform, &[7], &names);
    let sandbox = arranged(sandbox, reader_of_the_group);

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003_Tentacle"])
        .nothing_held();
}

#[test]
fn a_twin_s_target_with_the_number_of_a_listed_instance_vouches_for_no_decoration() {
    let sandbox = arranged(settled(2), |world| {
        let twin = world.scale_set("green-rg/green").prefix("web");
        for host in twin.instances(4).hosts() {
            drop(world.scale_set("green-rg/green").deallocate(&host));
            world.target(&format!("app-{host}")).dead();
        }
        world.check_all();
        reader_of_the_group(world);
    });

    reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .held(&["app-web000002", "app-web000003"]);
}

#[test]
fn a_dot_in_a_scale_set_s_name_is_no_domain() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let set = world.scale_set("my.web").prefix("web");
        for machine in set.instances(3).list() {
            world.target(&machine.name);
        }
        world.scale_set("my.web").remove("my.web_2");
        world.check_all();
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "my.web")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["my.web_2"])
        .deployed(&["my.web_0", "my.web_1"]);
}

#[test]
fn where_every_name_may_go_so_may_a_decorated_one() {
    let sandbox = arranged(
        settled(2).also(&["web000003_Tentacle"]),
        reader_of_the_group,
    );

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000003_Tentacle"]);
}

/// A scale set elsewhere that gives the same names has instance 3 alone.
fn with_a_twin(name: &str, prefix: Option<&str>) -> Sandbox {
    let sandbox = settled(2).also(&["prod-web000003", "prod-web_3", "prod-web_4"]);
    arranged(sandbox, |world| {
        let twin = world.scale_set(name).edit(|set| {
            set.prefix = prefix.map(str::to_owned);
            set.next_id = 3;
        });
        drop(twin.instances(1));
    })
}

fn expect_foreign(end: Aftermath, names: &[&str], removed: &[&str]) {
    let end = end.code(0).removed(removed).held(names);
    names
        .iter()
        .fold(end, |end, name| end.verdict(name, "foreign", "green-rg"));
}

#[test]
fn a_twin_s_machine_keeps_its_decorated_target() {
    let sandbox = with_a_twin("green-rg/other", Some("web"));
    let removed = ["prod-web_3", "prod-web_4"];
    expect_foreign(by_lists_alone(&sandbox), &["prod-web000003"], &removed);

    let sandbox = with_a_twin("green-rg/web", None);
    let removed = ["prod-web000003", "prod-web_4"];
    expect_foreign(by_lists_alone(&sandbox), &["prod-web_3"], &removed);
}

#[test]
fn a_scale_set_whose_own_name_the_decoration_makes_is_asked_too() {
    let sandbox = with_a_twin("green-rg/prod-web", None);
    let removed = ["prod-web000003", "prod-web_4"];
    expect_foreign(by_lists_alone(&sandbox), &["prod-web_3"], &removed);
}

#[test]
fn a_twin_that_cannot_be_read_keeps_every_decorated_name_that_it_may_give() {
    let sandbox = with_a_twin("green-rg/web", Some("web"));
    let of_green = Route::Instances.containing("green-rg");
    sandbox.fault(of_green, When::Always, Fault::status(503));

    let all = ["prod-web000003", "prod-web_3", "prod-web_4"];
    expect_foreign(by_lists_alone(&sandbox), &all, &[]);
}

#[test]
fn two_thousand_leftovers_make_no_endless_line() {
    let names: Vec<String> = (100..2100).map(|id| format!("frontend-{id}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let sandbox = settled(1).also(&names);

    let end = reconcile(&sandbox).code(0).nothing_removed();
    let longest = end.outcome.lines.iter().map(|(_, line)| line.len()).max();
    assert!(longest < Some(2000), "a line has {longest:?} characters");
}
