//! Answers that are odd and yet true: nulls, other spellings, lists that know more or less than another.

use crate::support::aftermath::reconcile;
use crate::support::fleet::id_of;
use crate::support::{Run, scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, When, seconds_ago};
use serde_json::{Value, json};

/// One machine is gone.
fn one_gone() -> Sandbox {
    scaled_in(3, &["web000001"])
}

/// Every row of the listing of targets is changed so.
fn with_odd_rows(sandbox: &Sandbox, change: impl Fn(&mut Value) + Send + Sync + 'static) {
    let edit = Fault::edit(move |page| {
        page["Items"]
            .as_array_mut()
            .expect("a page has items")
            .iter_mut()
            .for_each(&change);
    });
    sandbox.fault(Route::Machines, When::Always, edit);
}

#[test]
fn one_strange_registration_does_not_stop_the_others() {
    for field in [
        "Roles",
        "EnvironmentIds",
        "IsDisabled",
        "TenantIds",
        "TenantTags",
        "Thumbprint",
        "HealthStatus",
    ] {
        let sandbox = one_gone();
        sandbox.world(|world| drop(world.target("stranger").roles(&["another"])));
        with_odd_rows(&sandbox, move |row| {
            if row["Name"] == "stranger" {
                row[field] = Value::Null;
            }
        });

        reconcile(&sandbox).code(0).removed(&["web000001"]);
    }
}

#[test]
fn a_server_that_knows_no_tenants_leaves_nobody_out_of_the_outputs() {
    let sandbox = one_gone();
    with_odd_rows(&sandbox, |row| {
        drop(
            row.as_object_mut()
                .expect("a row")
                .remove("TenantedDeploymentParticipation"),
        )
    });

    reconcile(&sandbox)
        .code(0)
        .deployed(&["web000000", "web000002"]);
}

#[test]
fn a_deployment_that_names_the_target_in_other_letters_still_holds_it() {
    let sandbox = one_gone();
    let id = id_of(&sandbox, "web000001").to_lowercase();
    sandbox.world(|world| {
        drop(
            world
                .deployment()
                .executing_since(seconds_ago(600))
                .only_to(&[&id]),
        )
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000001"]);
}

#[test]
fn a_deployment_that_only_the_targets_own_history_knows_holds_it() {
    let sandbox = one_gone();
    let id = id_of(&sandbox, "web000001");
    let (naming, other) = sandbox.world(|world| {
        let naming = world
            .deployment()
            .executing_since(seconds_ago(600))
            .naming(&[&id])
            .id();
        (
            naming,
            world.deployment().executing_since(seconds_ago(600)).id(),
        )
    });
    // The space was asked just before it was queued.
    let unaware = Fault::edit(move |page| {
        let tasks = page["Items"].as_array_mut().expect("a page has items");
        tasks.retain(|task| task["Id"] != json!(naming));
        page["TotalResults"] = json!(page["Items"].as_array().map_or(0, Vec::len));
    });
    sandbox.fault(Route::Tasks, When::Always, unaware);

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000001"]);
    assert!(
        !other.is_empty(),
        "another task is active, so the histories are asked"
    );
}

#[test]
fn a_deployment_that_is_queued_this_very_second_may_choose_the_target() {
    let sandbox = one_gone();
    sandbox.world(|world| drop(world.deployment().queued(sandbox::now())));

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000001"]);
}

#[test]
fn a_listed_instance_keeps_the_target_that_carries_its_number() {
    let sandbox = settled(3);
    sandbox.world(|world| {
        // A specialized image: Azure does not know what the machine calls itself.
        drop(
            world
                .scale_set("web")
                .edit_vm("web000001", |machine| machine.computer_name = None),
        );
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_held()
        .deployed(&["web000000", "web000001", "web000002"]);
}

#[test]
fn a_machine_without_a_known_name_spares_what_could_be_its_target() {
    let sandbox = Sandbox::start();
    let host = sandbox.world(|world| {
        let machines = world
            .scale_set("web")
            .flexible()
            .prefix("web")
            .instances(3)
            .list();
        world.register_all(&machines);
        let silent = machines[1].name.clone();
        drop(
            world
                .scale_set("web")
                .edit_vm(&silent, |machine| machine.computer_name = None),
        );
        machines[1].host()
    });

    reconcile(&sandbox).code(0).nothing_removed().held(&[host]);
}

#[test]
fn a_404_that_is_not_about_the_instance_does_not_say_that_it_is_gone() {
    for code in [
        "SubscriptionNotFound",
        "ResourceGroupNotFound",
        "InvalidResourceType",
        "ParentResourceNotFound",
        "",
    ] {
        let sandbox = one_gone();
        sandbox.fault(
            Route::PointRead,
            When::Always,
            Fault::azure_error(404, code, "Something else is missing."),
        );

        reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .held(&["web000001"]);
    }
}

#[test]
fn a_long_silence_that_the_server_asks_for_ends_the_removals_at_once() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(30).list();
        world.register_all(&machines);
        let gone: Vec<String> = machines
            .iter()
            .skip(1)
            .map(|machine| machine.name.clone())
            .collect();
        world.scale_set("web").scale_in(&gone);
    });
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::too_many_requests(3600),
    );

    let outcome = reconcile(&sandbox).code(5).nothing_removed();

    outcome.complained("asked to wait 3600 s");
    let asked = sandbox.count(Route::DeleteMachine);
    assert!(
        asked <= 8,
        "{asked} requests went to a server that had asked for silence"
    );
}

#[test]
fn a_cancelled_run_ends_as_cancelled_in_a_deployment_too() {
    let sandbox = one_gone();
    let run = Run::in_deployment(&sandbox);
    let task = run.task();
    sandbox.on(Route::Task, 1, move |world| {
        let task = world.octopus.tasks.get_mut(&task);
        task.expect("the run's own task is known").state = "Cancelling".into();
    });

    run.reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .held(&["web000001"])
        .highlighted("Cancelled");
}

#[test]
fn a_scale_set_that_is_deleted_while_the_run_waits_says_how_much_it_left() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    sandbox.on(Route::ScaleSet, 2, |world| world.scale_set("web").delete());

    let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

    outcome.expect_said("This account sees no scale set; targets that carry the roles: 2");
}

#[test]
fn a_scale_set_that_may_not_be_read_hides_nobody_behind_one_that_is_gone() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.scale_set("blue")));
    sandbox.fault(
        Route::ScaleSet.containing("/blue?"),
        When::Always,
        Fault::azure_error(404, "ResourceNotFound", "The Resource was not found."),
    );
    sandbox.fault(
        Route::ScaleSet.containing("/web?"),
        When::Always,
        Fault::azure_error(403, "AuthorizationFailed", "The client may not read this."),
    );

    let outcome = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "blue,web")
        .run()
        .expect_code(3);

    outcome.expect_said("AuthorizationFailed");
    assert!(
        !outcome.stdout.contains("web000000"),
        "live targets must not be named for deletion"
    );
}

#[test]
fn a_listed_machine_without_a_known_name_spares_every_name_that_fits_nothing() {
    let sandbox = settled(3);
    sandbox.world(|world| {
        drop(world.target("reporting"));
        let silent = world.scale_set("web").instances(1).list().pop();
        let silent = silent.expect("the new instance").name;
        drop(
            world
                .scale_set("web")
                .edit_vm(&silent, |machine| machine.computer_name = None),
        );
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["reporting"]);
}

#[test]
fn a_reader_that_goes_away_is_no_defect() {
    let help = Run::bare().argument("--help");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    // Where the system has no such device there is nothing to try.
    let Ok(full) = full else { return };

    let ended = help
        .command(std::path::Path::new("."))
        .stdout(full)
        .status();

    assert_eq!(ended.expect("the binary starts").code(), Some(0));
}
