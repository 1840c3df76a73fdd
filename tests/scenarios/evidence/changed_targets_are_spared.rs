//! A registration that changed while the run looked may stand for another machine now: it is spared.

use crate::support;
use crate::support::aftermath::reconcile;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{ENVIRONMENT, Route, SPACE, Sandbox, World};

/// Two machines, two targets whose machines are gone, and a change of the first of these between the two looks.
fn changed_meanwhile(change: impl FnOnce(&mut World) + Send + 'static) -> Sandbox {
    let sandbox = scaled_in(4, &["web000002", "web000003"]);
    sandbox.on(Route::Machines, 2, change);
    sandbox
}

/// The changed target is spared, the other one is not.
#[track_caller]
fn expect_spared(sandbox: &Sandbox, name: &str, reason: &str) {
    reconcile(sandbox)
        .code(0)
        .says_removed(&["web000003"])
        .held(&[name])
        .verdict(name, "deferred", reason);
    assert_eq!(sandbox.waiting_changes(), 0, "the target was changed");
    assert!(
        support::registered(sandbox).contains(&name.to_owned()),
        "the changed registration was lost"
    );
}

#[test]
fn a_target_that_has_another_name_now_is_spared() {
    // The new name is one of the scale set's, too, and no machine bears it.
    let sandbox = changed_meanwhile(|world| {
        let target = world.existing_target("web000002");
        target.edit(|target| target.name = "web000009".to_owned());
    });
    expect_spared(&sandbox, "web000009", "name");
}

#[test]
fn a_target_that_has_one_more_role_now_is_spared() {
    let sandbox = changed_meanwhile(|world| {
        let roles = ["web-server", "vmss-web", "database"];
        world.existing_target("web000002").roles(&roles);
    });
    expect_spared(&sandbox, "web000002", "role");
}

#[test]
fn a_target_that_is_in_one_more_environment_now_is_spared() {
    let sandbox = changed_meanwhile(|world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        let target = world.existing_target("web000002");
        target.environments(&[ENVIRONMENT, &test]);
    });
    expect_spared(&sandbox, "web000002", "environment");
}

#[test]
fn a_target_that_another_machine_took_over_is_spared() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").reregister();
    });
    expect_spared(&sandbox, "web000002", "thumbprint");
}

#[test]
fn an_ssh_target_that_another_machine_took_over_is_spared() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").reregister();
    });
    sandbox.world(|world| drop(world.existing_target("web000002").ssh()));
    expect_spared(&sandbox, "web000002", "thumbprint");
}

#[test]
fn a_target_that_was_registered_anew_under_its_old_name_is_spared() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").delete();
        world.target("web000002");
    });
    expect_spared(&sandbox, "web000002", "registered while this run looked");
}

#[test]
fn a_target_that_appears_at_the_second_look_is_no_candidate() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").delete();
        world.target("web000009");
    });
    expect_spared(&sandbox, "web000009", "registered while this run looked");
}

#[test]
fn what_is_spared_is_printed_with_its_reason() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").reregister();
    });

    reconcile(&sandbox)
        .code(0)
        .said("Waiting (1):")
        .said("  web000002  Machines-3: its thumbprint changed");
}

#[test]
fn a_target_that_is_held_since_the_second_look_is_named_in_the_log() {
    let sandbox = changed_meanwhile(|world| drop(world.target("web000009")));

    // The summary sends people to the log for what is held.
    reconcile(&sandbox)
        .code(0)
        .held(&["web000009"])
        .said("web000009");
}

#[test]
fn a_target_that_left_the_scope_is_left_alone() {
    let changes: [fn(&mut World); 3] = [
        |world| drop(world.existing_target("web000002").roles(&["web-server"])),
        |world| {
            let test = world.octopus.add_environment(SPACE, "Test");
            world.existing_target("web000002").environments(&[&test]);
        },
        |world| {
            let other = world.octopus.add_space("Other");
            world.existing_target("web000002").space(&other);
        },
    ];
    for change in changes {
        let sandbox = changed_meanwhile(change);

        reconcile(&sandbox)
            .code(0)
            .removed(&["web000003"])
            .said("web000002");
        assert_eq!(sandbox.waiting_changes(), 0, "the target was changed");
    }
}

#[test]
fn a_target_that_somebody_else_removed_meanwhile_is_done() {
    let sandbox = changed_meanwhile(|world| world.existing_target("web000002").delete());

    reconcile(&sandbox)
        .code(0)
        .says_removed(&["web000003"])
        .nothing_held()
        .left(&["web000000", "web000001"]);
    assert_eq!(
        sandbox.count(Route::DeleteMachine),
        1,
        "what is done needs no request"
    );
}

#[test]
fn targets_that_are_all_removed_meanwhile_leave_nothing_to_do() {
    let sandbox = changed_meanwhile(|world| {
        world.existing_target("web000002").delete();
        world.existing_target("web000003").delete();
    });

    reconcile(&sandbox)
        .code(0)
        .says_removed::<&str>(&[])
        .nothing_held()
        .left(&["web000000", "web000001"]);
    expect_untouched(&sandbox);
}

#[test]
fn a_target_that_somebody_else_removes_at_the_last_moment_counts_as_removed() {
    let sandbox = scaled_in(3, &["web000002"]);
    sandbox.on(Route::DeleteMachine, 1, |world| {
        world.existing_target("web000002").delete();
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .nothing_held();
}

#[test]
fn a_target_that_was_renamed_before_it_is_disabled_stays_enabled() {
    let sandbox = scaled_in(3, &["web000002"]);
    sandbox.on(Route::Machine, 1, |world| {
        let target = world.existing_target("web000002");
        target.edit(|target| target.name = "web000009".to_owned());
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .says_removed::<&str>(&[])
        .held(&["web000002"]);
    expect_untouched(&sandbox);
}
