//! Only a machine that is gone by all the evidence is excluded from a deployment, and only by what was seen after the
//! deployment began to wait.

use crate::support::Run;
use crate::support::hanging::{GONE, Hanging, KEPT, OTHER, STEP, answering};
use sandbox::{Access, Fault, GROUP, Route, Sandbox, When, scope};

#[test]
fn a_candidate_that_only_the_hanging_deployment_has_is_looked_at_all_the_same() {
    let hanging = Hanging::on(GONE);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").scale_in(&[GONE])));

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    aftermath.nothing_removed().held(&[GONE]);
    hanging.expect_answer();
}

#[test]
fn flexible_machines_are_excluded_too() {
    let sandbox = Sandbox::start();
    let (gone, interruption) = sandbox.world(|world| {
        let machines = world.scale_set("web").flexible().instances(3).list();
        world.register_all(&machines);
        let gone = machines[1].host();
        let id = world.existing_target(&gone).id();
        let deployment = world.deployment().naming(&[&id]);
        let interruption = deployment.hangs_on(STEP, &gone).id();
        drop(world.scale_set("web").scale_in(&[&gone]));
        (gone, interruption)
    });
    let run = answering(Run::in_runbook(&sandbox));
    let held = run.run().expect_code(0);

    assert_eq!(held.held(), [gone.as_str()]);
    let now = sandbox.world(|world| world.octopus.interruptions[&interruption].clone());
    assert_eq!(now.guidance.as_deref(), Some("Exclude"));
}

#[test]
fn a_failure_on_a_machine_that_exists_is_a_failure() {
    for machine in KEPT {
        let hanging = Hanging::on(machine);
        hanging
            .sandbox
            .world(|world| drop(world.scale_set("web").scale_in(&[OTHER])));
        hanging
            .expect_left_alone(&hanging.run(), machine)
            .removed(&[OTHER]);
    }
}

#[test]
fn a_machine_that_is_stopped_or_failed_exists() {
    for power in ["stopped", "deallocated"] {
        let hanging = Hanging::on(GONE);
        hanging.sandbox.world(|world| {
            let set = world.scale_set("web");
            drop(set.edit_vm(GONE, |machine| machine.power = Some(power.to_owned())));
        });
        hanging.expect_left_alone(&hanging.run(), GONE);
    }
    let hanging = Hanging::on(GONE);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").fail_delete(GONE)));
    hanging.expect_left_alone(&hanging.run(), GONE);
}

#[test]
fn a_machine_that_is_being_deleted_is_not_gone_yet() {
    let hanging = Hanging::on(GONE);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").begin_scale_in(&[GONE])));
    let run = hanging.run().set("VMSS_TIMEOUT_VALUE", "0");
    hanging.expect_left_alone(&run, GONE);
}

#[test]
fn a_machine_that_another_scale_set_has_is_not_gone() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let twin = world.scale_set("twin").prefix("web");
        drop(twin.edit(|set| set.next_id = 2).instances(1));
    });
    hanging
        .expect_left_alone(&hanging.run(), GONE)
        .removed(&[OTHER]);
}

#[test]
fn a_machine_that_only_the_listing_lacks_is_not_gone_and_the_brake_holds_the_answer() {
    let hanging = Hanging::on(GONE);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").hide(GONE)));
    let before = hanging.now();

    let run = hanging.run().set("VMSS_PROBLEM_HANDLE", "Warn");
    run.reconcile(&hanging.sandbox).code(0).nothing_removed();
    hanging.expect_untouched(&before);
}

#[test]
fn where_a_twin_elsewhere_cannot_be_excluded_a_healthy_target_is_left_alone() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        world.azure.access = Access::nothing().reader(scope::group(GROUP));
        for name in [GONE, OTHER] {
            drop(world.existing_target(name).health("Healthy"));
        }
    });
    hanging
        .expect_left_alone(&hanging.run().asking_no_machine(), GONE)
        .nothing_removed();
}

#[test]
fn a_variable_that_is_scoped_to_the_target_keeps_nobody_waiting() {
    // It would be lost with the registration, which stays; the machine is gone all the same.
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let target = world.existing_target(GONE);
        drop(target.scoped_variable("Projects-1", "Port"));
    });

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    aftermath.removed(&[OTHER]).held(&[GONE]);
    hanging.expect_answer();
}

#[test]
fn a_brake_holds_the_answer_too() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let run = hanging
        .run()
        .set("VMSS_REMOVAL_LIMIT", "0")
        .set("VMSS_PROBLEM_HANDLE", "Warn");
    hanging
        .expect_left_alone(&run, "held back")
        .nothing_removed();
}

#[test]
fn a_listing_that_cannot_be_read_again_holds_the_answer() {
    for route in [Route::Instances, Route::ScaleSet, Route::PointRead] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let last = match route {
            Route::PointRead => When::Always,
            _ => When::From(3),
        };
        hanging.sandbox.fault(route, last, Fault::status(500));
        let before = hanging.now();

        let run = hanging.run().set("VMSS_PROBLEM_HANDLE", "Warn");
        run.reconcile(&hanging.sandbox).code(0);
        hanging.expect_untouched(&before);
    }
}

#[test]
fn the_machines_are_looked_at_after_what_waits_was_read() {
    // It comes back between the two: what was seen before is no evidence any more.
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();
    hanging.sandbox.after(Route::Interruptions, 1, |world| {
        let set = world.scale_set("web");
        drop(set.edit(|set| set.next_id = 2).instances(1));
    });

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    aftermath.removed(&[OTHER]).nothing_held();
    hanging.expect_untouched(&before);
}

#[test]
fn what_comes_up_during_the_run_waits_for_the_next_one() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.change(|found| found.edit(|found| found.pending = false));
    let interruption = hanging.interruption.clone();
    hanging
        .sandbox
        .after(Route::Interruptions, 1, move |world| {
            drop(
                world
                    .interruption(&interruption)
                    .edit(|found| found.pending = true),
            );
        });
    let before = hanging.now();

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .held(&[GONE]);
    hanging.expect_untouched(&before);

    answering(Run::in_runbook(&hanging.sandbox))
        .run()
        .expect_code(0);
    hanging.expect_answer();
}

#[test]
fn a_target_that_was_registered_anew_meanwhile_is_another_machine() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();
    hanging.sandbox.on(Route::Machines, 3, |world| {
        drop(world.existing_target(GONE).reregister());
    });

    hanging.run().reconcile(&hanging.sandbox).code(0);
    hanging.expect_untouched(&before);
    assert_eq!(hanging.sandbox.waiting_changes(), 0);
}
