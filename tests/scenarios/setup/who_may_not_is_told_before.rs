//! Whoever may not do something that is planned is told so before the first change, with the permission that is missing, and
//! nothing is changed.

use crate::support::setup::SettingUp;
use sandbox::Grant;

/// What each part takes of whoever sets up.
const NEEDED: [&str; 8] = [
    "MachinePolicyCreate",
    "MachineEdit",
    "ActionTemplateCreate",
    "RunbookEdit",
    "RunbookSnapshotCreate",
    "VariableEdit",
    "TriggerCreate",
    "MachinePolicyView",
];

#[test]
fn without_a_permission_nothing_is_begun() {
    for permission in NEEDED {
        let setting = SettingUp::but(|world, before| {
            drop(world.user(&before.administrator).forbid(permission))
        });
        setting.expect_refused(
            &[],
            &format!("lacks {permission}"),
            &format!(
                "without {permission} setup stops halfway, or does not say why it begins nothing"
            ),
        );
    }
}

#[test]
fn a_permission_for_another_project_or_environment_is_none() {
    for (permission, grant) in [
        ("RunbookEdit", Grant::projects(&["Projects-77"])),
        ("RunbookView", Grant::projects(&["Projects-77"])),
        ("RunbookSnapshotCreate", Grant::projects(&["Projects-77"])),
        ("TriggerCreate", Grant::projects(&["Projects-77"])),
        ("VariableEdit", Grant::projects(&["Projects-77"])),
        ("VariableEdit", Grant::environments(&["Environments-77"])),
        ("VariableView", Grant::environments(&["Environments-1"])),
        ("MachineEdit", Grant::environments(&["Environments-77"])),
        ("MachineView", Grant::environments(&["Environments-77"])),
    ] {
        let setting = SettingUp::but(|world, before| {
            drop(
                world
                    .user(&before.administrator)
                    .restrict(permission, grant.clone()),
            )
        });
        setting.expect_refused(
            &[],
            &format!("your key has {permission} for "),
            &format!("with {permission} for {grant:?} setup stops halfway"),
        );
    }
}

#[test]
fn a_permission_for_this_project_and_environment_is_enough() {
    let setting = SettingUp::but(|world, before| {
        let (project, environment) = ([before.project.as_str()], [before.environment.as_str()]);
        let mut user = world.user(&before.administrator);
        for permission in [
            "RunbookEdit",
            "RunbookView",
            "RunbookSnapshotCreate",
            "TriggerCreate",
            "TriggerView",
            "VariableEdit",
            "VariableView",
        ] {
            user = user.restrict(permission, Grant::projects(&project));
        }
        for permission in ["MachineEdit", "MachineView"] {
            user = user.restrict(permission, Grant::environments(&environment));
        }
    });
    setting.apply(&[]);
    setting.expect_settled(&[], "who may set up here alone may not");
}

#[test]
fn the_variable_without_a_scope_needs_more_than_the_environment() {
    let here = |world: &mut sandbox::World, administrator: &str| {
        drop(
            world
                .user(administrator)
                .restrict("VariableEdit", Grant::environments(&["Environments-1"])),
        );
    };
    let setting = SettingUp::but(|world, before| {
        here(world, &before.administrator);
        drop(
            world
                .user(&before.administrator)
                .forbid("VariableEditUnscoped"),
        );
    });
    setting.expect_refused(&[], "! permission VariableEditUnscoped: your key lacks VariableEditUnscoped: variable Project.Octopus.Server.Url needs it", "Octopus refuses the variables when the runbook is made already");
    let setting = SettingUp::but(|world, before| here(world, &before.administrator));
    setting.apply(&[]);
}

#[test]
fn guided_failure_takes_a_permission_of_its_own() {
    let setting = SettingUp::done();
    setting
        .change(|world, before| drop(world.user(&before.administrator).forbid("EnvironmentEdit")));
    setting.expect_refused(
        &["--guided-failure", "environment"],
        "! permission EnvironmentEdit",
        "Octopus refuses what was planned",
    );
    for permission in ["ProjectEdit", "ProcessEdit"] {
        setting.change(|world, before| drop(world.user(&before.administrator).forbid(permission)));
    }
    setting.expect_refused(
        &["--guided-failure", "project"],
        "! permission ProjectEdit",
        "Octopus refuses what was planned",
    );
    setting.expect_settled(&[], "what is not planned needs a permission");
}

#[test]
fn a_change_needs_the_permission_to_change_and_what_is_right_none() {
    let setting = SettingUp::done();
    setting.change(|world, before| {
        let mut user = world.user(&before.administrator);
        for permission in [
            "MachinePolicyCreate",
            "MachinePolicyEdit",
            "MachineEdit",
            "ActionTemplateCreate",
            "ActionTemplateEdit",
            "RunbookEdit",
            "RunbookSnapshotCreate",
            "VariableEdit",
            "TriggerCreate",
            "TriggerEdit",
        ] {
            user = user.forbid(permission);
        }
    });
    setting.expect_settled(&[], "who may only look is not shown that all is right");
    setting.change_made(|world, made| {
        world.edit(&made.trigger, |it| it["IsDisabled"] = false.into());
        world.edit(&made.runbook, |it| {
            it["DefaultGuidedFailureMode"] = "On".into()
        });
        world
            .octopus
            .machine_policies
            .get_mut(&made.policy)
            .expect("setup made it")
            .may_be_offline = false;
    });
    setting.expect_refused(
        &[],
        "! permission MachinePolicyEdit",
        "Octopus refuses the change",
    );
    setting.expect_refused(
        &[],
        "! permission RunbookEdit",
        "Octopus refuses the change",
    );
    setting.expect_refused(
        &["--every", "30"],
        "! permission TriggerEdit",
        "Octopus refuses the change",
    );
}

#[test]
fn the_guides_roles_that_can_set_up_do() {
    let setting = SettingUp::but(|world, before| {
        let user = world.user(&before.administrator).without_roles();
        drop(user.role("Environment Manager").role("Runbook Producer"));
    });
    setting.apply(&[]);
    setting.expect_settled(&[], "the roles that the documentation names may not set up");
}

#[test]
fn an_older_server_has_no_permission_for_snapshots() {
    let setting = SettingUp::but(|world, before| {
        world.octopus.version = "2025.4.1000".into();
        world.octopus.newer.snapshot_permission = false;
        drop(
            world
                .user(&before.administrator)
                .forbid("RunbookSnapshotCreate"),
        );
    });
    setting.apply(&[]);
}
