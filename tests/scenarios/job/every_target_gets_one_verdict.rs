//! Every target gets exactly one verdict, and only what is gone is removed.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES};
use crate::support::{Run, scaled_in, settled};
use sandbox::{Route, Sandbox, minutes_ago};

#[test]
fn what_is_gone_is_removed_and_handed_to_nobody() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        let others = fleet.scale_in(&[1, 2]);

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(1), fleet.host(2)])
            .nothing_held()
            .deployed(&others);
    }
}

#[test]
fn a_machine_keeps_its_target_in_every_provisioning_state_but_deleting() {
    let states = [
        "Creating",
        "Updating",
        "Succeeded",
        "succeeded",
        "Failed",
        "Migrating",
        "Levitating",
    ];
    for mode in MODES {
        let fleet = Fleet::of(mode, 8);
        for (host, state) in fleet.hosts.iter().zip(states) {
            fleet.sandbox.world(|world| {
                let set = world.scale_set("web");
                set.edit_vm(host, |machine| machine.state = state.to_owned());
            });
        }
        fleet.scale_in(&[7]);

        let expected: Vec<(&str, &str)> = fleet
            .hosts
            .iter()
            .zip(["kept"; 7].iter().chain(&["stale"]))
            .map(|(host, verdict)| (host.as_str(), *verdict))
            .collect();
        Run::in_runbook(&fleet.sandbox)
            .set("VMSS_TIMEOUT_VALUE", "0")
            .reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(7)])
            .verdicts(&expected);
    }
}

#[test]
fn a_machine_keeps_its_target_whether_or_not_it_runs() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 7);
        let powers = [
            Some("stopped"),
            Some("deallocated"),
            Some("hibernated"),
            Some("starting"),
            Some("levitating"),
            None,
        ];
        for (host, power) in fleet.hosts.iter().zip(powers) {
            fleet.sandbox.world(|world| {
                let set = world.scale_set("web");
                set.edit_vm(host, |machine| machine.power = power.map(str::to_owned));
            });
        }
        let others = fleet.scale_in(&[6]);

        // A runbook that starts machines needs the stopped ones handed to it.
        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(6)])
            .nothing_held()
            .deployed(&others);
    }
}

#[test]
fn an_unhealthy_target_whose_machine_exists_is_kept() {
    let sandbox = scaled_in(6, &["web000005"]);
    let healths = ["Unavailable", "Unhealthy", "Unknown", "HasWarnings"];
    for (number, health) in healths.into_iter().enumerate() {
        sandbox.world(|world| {
            let target = world.existing_target(&format!("web00000{number}"));
            target.health(health);
        });
    }

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000005"])
        .nothing_held();
}

#[test]
fn a_machine_that_is_being_deleted_is_leaving_and_gets_no_deployment() {
    for (mode, state) in MODES.into_iter().zip(["Deleting", "deleting"]) {
        let fleet = Fleet::of(mode, 3);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web").capacity(2);
            set.edit_vm(fleet.host(1), |machine| machine.state = state.to_owned());
        });

        Run::in_runbook(&fleet.sandbox)
            .set("VMSS_TIMEOUT_VALUE", "0")
            .reconcile(&fleet.sandbox)
            .code(0)
            .nothing_removed()
            .nothing_held()
            .deployed(&[fleet.host(0), fleet.host(2)])
            .verdict(fleet.host(1), "leaving", "being deleted");
    }
}

#[test]
fn a_delete_that_failed_keeps_the_target() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web").begin_scale_in(&[fleet.host(1)]);
            set.fail_delete(fleet.host(1));
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .nothing_removed()
            .nothing_held()
            .deployed(&[fleet.host(0), fleet.host(2)])
            .verdict(fleet.host(1), "kept", "exists");
    }
}

#[test]
fn a_target_without_a_machine_of_its_own_is_ignored_whatever_its_name() {
    let sandbox = scaled_in(1, &[]);
    sandbox.world(|world| {
        world.target("web000002").cloud_region();
        world.target("web000003").web_app();
        world.target("web000004").style("KubernetesTentacle");
        world.target("web000005").style("SomethingOfTheFuture");
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .deployed(&["web000000"])
        .verdicts(&[
            ("web000000", "kept"),
            ("web000002", "ignored"),
            ("web000003", "ignored"),
            ("web000004", "ignored"),
            ("web000005", "ignored"),
        ]);
}

#[test]
fn polling_tentacles_and_ssh_targets_are_removed_like_listening_ones() {
    let sandbox = scaled_in(5, &["web000001", "web000002"]);
    sandbox.world(|world| {
        for name in ["web000001", "web000003"] {
            world.existing_target(name).polling();
        }
        for name in ["web000002", "web000004"] {
            world.existing_target(name).ssh();
        }
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000001", "web000002"])
        .deployed(&["web000000", "web000003", "web000004"]);
}

#[test]
fn a_machine_that_was_detached_runs_on_and_is_never_removed() {
    let fleet = Fleet::of(sandbox::Mode::Flexible, 4);
    fleet.scale_in(&[3]);
    fleet.sandbox.world(|world| {
        world.scale_set("web").detach(fleet.host(1));
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .removed(&[fleet.host(3)])
        .held(&[fleet.host(1)])
        .deployed(&[fleet.host(0), fleet.host(2)])
        .verdict(fleet.host(1), "detached", "beside");
}

#[test]
fn a_lone_virtual_machine_of_the_group_is_never_removed_and_gets_no_deployment() {
    let fleet = Fleet::of(sandbox::Mode::Flexible, 2);
    fleet.sandbox.world(|world| {
        let lone = world.lone_vm("jump-box");
        world.register(&lone);
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&["jump-box"])
        .deployed(&fleet.hosts)
        .verdict("jump-box", "detached", "jump-box");
}

#[test]
fn a_machine_of_another_flexible_scale_set_in_the_group_is_never_removed() {
    let fleet = Fleet::of(sandbox::Mode::Flexible, 2);
    let other = fleet.sandbox.world(|world| {
        let other = world
            .scale_set("webshop")
            .flexible()
            .prefix("web")
            .instances(1)
            .list();
        world.register_all(&other);
        other[0].host()
    });

    reconcile(&fleet.sandbox)
        .code(0)
        .nothing_removed()
        .held(&[&other])
        .deployed(&fleet.hosts)
        .verdict(&other, "detached", "runs beside the scale set, not in it");
}

#[test]
fn names_that_are_not_the_scale_sets_are_foreign_and_share_one_warning() {
    let sandbox = scaled_in(3, &["web000002"]);
    sandbox.world(|world| {
        for name in ["batch-01", "build-agent", "webserver"] {
            world.target(name);
        }
    });

    let end = reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .held(&["batch-01", "build-agent", "webserver"])
        .deployed(&["web000000", "web000001"])
        .warned("batch-01, build-agent, webserver");
    let warnings = end.outcome.said("warning");
    assert_eq!(
        warnings.matches("build-agent").count(),
        1,
        "a name said twice hides the others: {warnings}"
    );
}

#[test]
fn disabling_leaves_the_registration_as_it_was_but_disabled() {
    let sandbox = scaled_in(2, &["web000001"]);
    let mut expected = sandbox.world(|world| world.octopus.targets.clone());
    for target in expected.values_mut() {
        target.disabled = target.name == "web000001";
    }

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .says_removed(&["web000001"])
        .left(&["web000000", "web000001"])
        .deployed(&["web000000"]);

    let after = sandbox.world(|world| world.octopus.targets.clone());
    assert_eq!(
        format!("{after:?}"),
        format!("{expected:?}"),
        "nothing but IsDisabled may change"
    );
}

#[test]
fn what_is_disabled_already_is_done_with_disable() {
    let sandbox = scaled_in(3, &["web000001", "web000002"]);
    sandbox.world(|world| drop(world.existing_target("web000001").disabled()));

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .says_removed(&["web000002"])
        .nothing_held()
        .deployed(&["web000000"])
        .verdict("web000001", "done", "disabled already");
    assert_eq!(sandbox.count(Route::PutMachine), 1);
}

#[test]
fn what_is_done_counts_for_no_brake() {
    let sandbox = scaled_in(3, &["web000001", "web000002"]);
    sandbox.world(|world| {
        world.existing_target("web000001").disabled();
        world.existing_target("web000002").disabled();
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .set("VMSS_REMOVAL_LIMIT", "0")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held();
    assert_eq!(sandbox.count(Route::PutMachine), 0);
}

#[test]
fn what_is_disabled_and_gone_is_deleted_with_delete() {
    let sandbox = scaled_in(2, &["web000001"]);
    sandbox.world(|world| drop(world.existing_target("web000001").disabled()));

    reconcile(&sandbox).code(0).removed(&["web000001"]);
}

#[test]
fn a_disabled_target_whose_machine_exists_is_kept_and_gets_no_deployment() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.existing_target("web000001").disabled()));

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .deployed(&["web000000"])
        .verdict("web000001", "kept", "exists");
}

#[test]
fn a_new_scale_set_without_targets_leaves_nothing_to_do() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        drop(world.scale_set("web").instances(1));
        let set = world.scale_set("web");
        drop(set.edit_vm("web000000", |machine| machine.created = minutes_ago(29)));
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .nothing_deployed();
}
