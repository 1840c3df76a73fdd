//! Instances exist and no target matches any of them: the wrong scale set, or machines that are about to register.

use crate::support::Run;
use crate::support::aftermath::reconcile;
use crate::support::fleet::{MODES, in_mode};
use sandbox::{Fault, Route, Sandbox, When, minutes_ago, now};
use std::time::Duration;

const GONE: [&str; 3] = ["web000000", "web000001", "web000002"];
const NEW: [&str; 2] = ["web000003", "web000004"];

/// All three registered machines were replaced by two that have not registered yet, made so many minutes ago.
fn replaced(minutes: [u64; 2]) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(3).list();
        world.register_all(&machines);
        drop(world.scale_set("web").scale_in(&GONE).scale_out(2));
        for (name, minutes) in NEW.iter().zip(minutes) {
            let set = world.scale_set("web");
            drop(set.edit_vm(name, |machine| machine.created = minutes_ago(minutes)));
        }
    });
    sandbox
}

#[test]
fn that_nothing_matches_holds_everything_back() {
    let sandbox = replaced([60, 60]);

    reconcile(&sandbox)
        .braked(
            &GONE,
            "2 instances exist (such as web000003, resource web_3), and no target in scope (such as web000000) matches any of them",
            "one target that matches",
        )
        .nothing_deployed();
}

#[test]
fn one_target_that_matches_lifts_the_brake() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| drop(world.target("web000004.example.com")));

    reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["web000004.example.com"]);
}

#[test]
fn a_match_in_any_scale_set_of_the_run_is_enough() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(1).list();
        world.register_all(&blue);
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "web,blue")
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["blue000000"]);
}

#[test]
fn an_empty_scale_set_beside_it_makes_no_difference() {
    for scale_sets in ["web,blue", "blue,web"] {
        let sandbox = replaced([60, 60]);
        sandbox.world(|world| drop(world.scale_set("blue")));

        Run::in_runbook(&sandbox)
            .set("VMSS_SCALESET_NAME", scale_sets)
            .reconcile(&sandbox)
            .braked(&GONE, "2 instances exist", "one target that matches");
    }
}

#[test]
fn a_cloud_region_of_a_machines_name_is_no_match() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| drop(world.target("web000003").cloud_region()));

    reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
}

#[test]
fn young_machines_are_about_to_register_so_the_old_targets_wait() {
    for minutes in [[0, 0], [29, 1]] {
        let sandbox = replaced(minutes);

        reconcile(&sandbox)
            .code(0)
            .left(&GONE)
            .nothing_removed()
            .held(&GONE)
            .warned("No target matches any instance yet")
            .verdicts(&GONE.map(|name| (name, "deferred")))
            .nothing_deployed();
    }
}

#[test]
fn once_one_machine_is_30_minutes_old_the_brake_holds() {
    for minutes in [[30, 0], [0, 31]] {
        let sandbox = replaced(minutes);
        reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
    }
}

#[test]
fn a_machine_of_unknown_age_counts_as_old() {
    let sandbox = replaced([0, 0]);
    let forget = |page: &mut serde_json::Value| {
        let machine = page["value"][1]["properties"].as_object_mut();
        machine.map(|properties| properties.remove("timeCreated"));
    };
    sandbox.fault(Route::Instances, When::Always, Fault::edit(forget));

    reconcile(&sandbox).braked(&GONE, "2 instances exist", "one target that matches");
}

#[test]
fn a_machine_made_in_the_future_by_this_workers_clock_is_young() {
    let sandbox = replaced([0, 0]);
    sandbox.world(|world| {
        let soon = now() + Duration::from_secs(600);
        let set = world.scale_set("web");
        drop(set.edit_vm("web000003", |machine| machine.created = soon));
    });

    reconcile(&sandbox).code(0).nothing_removed().held(&GONE);
}

#[test]
fn the_wait_for_young_machines_ends_when_one_registers() {
    let sandbox = replaced([5, 5]);
    reconcile(&sandbox).code(0).nothing_removed();

    sandbox.world(|world| drop(world.target("web000003")));

    reconcile(&sandbox)
        .code(0)
        .removed(&GONE)
        .deployed(&["web000003"]);
}

/// A scale set of two machines, an hour old, whose targets are called otherwise.
fn called_otherwise() -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        drop(world.scale_set("web").instances(2));
        world.target("10.1.0.4");
        world.target("10.1.0.5");
    });
    sandbox
}

#[test]
fn names_that_cannot_line_up_are_red_also_where_nothing_would_be_removed() {
    let end = reconcile(&called_otherwise());

    end.code(4)
        .nothing_removed()
        .nothing_deployed()
        .complained("2 instances exist (such as web000000, resource web_0)")
        .complained("no target in scope (such as 10.1.0.4) matches")
        .complained("Nothing can be removed so, today or later")
        .complained("one target that matches")
        .highlighted("Nothing lines up");
}

#[test]
fn machines_that_registered_as_workers_are_red_and_the_message_says_what_they_are() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| drop(world.scale_set("web").instances(2)));

    reconcile(&sandbox)
        .code(4)
        .complained("no Tentacle or SSH target is in scope")
        .complained("as deployment targets and not as workers");
}

#[test]
fn roles_that_only_a_cloud_region_carries_line_up_with_nothing() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        drop(world.scale_set("web").instances(1));
        drop(world.target("web000000").cloud_region());
    });

    reconcile(&sandbox)
        .code(4)
        .complained("1 instance exists (web000000, resource web_0)");
}

#[test]
fn in_a_deployment_it_is_a_warning() {
    let sandbox = called_otherwise();

    Run::in_deployment(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .warned("no target in scope (such as 10.1.0.4) matches")
        .nothing_removed();
}

#[test]
fn a_tenant_may_have_no_machine_there() {
    let sandbox = called_otherwise();
    let tenant = sandbox.world(|world| {
        let tenant = world.octopus.add_tenant("North", &[]);
        for name in ["10.1.0.4", "10.1.0.5"] {
            world.existing_target(name).tenants(&[&tenant]);
        }
        tenant
    });

    Run::in_runbook(&sandbox)
        .set("OCTOPUS_DEPLOYMENT_TENANT_ID", tenant)
        .reconcile(&sandbox)
        .code(0)
        .warned("no target in scope (such as 10.1.0.4) matches")
        .nothing_removed();
}

#[test]
fn young_machines_without_any_target_are_no_reason_to_be_red() {
    let sandbox = called_otherwise();
    sandbox.world(|world| {
        for name in ["web000000", "web000001"] {
            let set = world.scale_set("web");
            drop(set.edit_vm(name, |machine| machine.created = minutes_ago(29)));
        }
    });

    reconcile(&sandbox).code(0).nothing_removed();
}

#[test]
fn machines_that_are_off_or_wait_in_a_pool_need_no_target() {
    for mode in MODES {
        let sandbox = Sandbox::start();
        let hosts = sandbox.world(|world| {
            let mut set = in_mode(world.scale_set("web"), mode).instances(3);
            let hosts = set.hosts();
            let set = set.deallocate(&hosts[0]).stop(&hosts[1]);
            drop(set.edit_vm(&hosts[2], |machine| machine.pooled = true));
            world.target("10.1.0.4");
            hosts
        });
        reconcile(&sandbox).code(0).nothing_removed();

        sandbox.world(|world| {
            let set = world.scale_set("web");
            drop(set.edit_vm(&hosts[2], |machine| machine.pooled = false));
        });
        reconcile(&sandbox)
            .code(4)
            .complained(&format!("1 instance exists ({}", hosts[2]));
    }
}

#[test]
fn who_is_off_is_asked_only_where_nothing_lines_up_and_where_it_cannot_be_read_all_count() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| drop(world.target("web000004")));
    reconcile(&sandbox).code(0).removed(&GONE);
    assert_eq!(sandbox.count(Route::Instances.containing("expand")), 0);

    let sandbox = called_otherwise();
    let views = Route::Instances.containing("expand");
    sandbox.fault(views, When::Always, Fault::status(403));
    reconcile(&sandbox)
        .code(4)
        .complained("2 instances exist")
        .warned("All of its machines count");
}

#[test]
fn machines_that_are_off_hold_back_no_removal_of_others_that_are_gone() {
    let sandbox = replaced([60, 60]);
    sandbox.world(|world| {
        for name in NEW {
            world.scale_set("web").deallocate(name);
        }
        world.check_all();
    });

    reconcile(&sandbox).code(0).removed(&GONE);
}

#[test]
fn machines_that_are_being_deleted_need_no_target() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let hosts = world.scale_set("web").instances(2).hosts();
        drop(world.scale_set("web").begin_scale_in(&hosts));
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_TIMEOUT_VALUE", "0")
        .reconcile(&sandbox)
        .code(0);
}

#[test]
fn where_strange_names_wait_the_summary_says_that_nothing_lines_up() {
    let sandbox = called_otherwise();

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .reconcile(&sandbox)
        .code(4)
        .highlighted("Nothing lines up");
}
