//! What a key may not see is not taken for missing: no second policy, template, runbook, variable or schedule is made beside one
//! that is hidden.

use crate::support::setup::{Planned, SettingUp};
use sandbox::{Grant, World};

const VIEWS: [(&str, &str); 6] = [
    ("MachinePolicyView", "machine-policy"),
    ("MachineView", "assignment"),
    ("ActionTemplateView", "step-template"),
    ("RunbookView", "runbook"),
    ("VariableView", "variables"),
    ("TriggerView", "schedule"),
];

fn without(setting: &SettingUp, permission: &str, refuses: bool) {
    setting.change(|world, before| {
        world.octopus.readings.lists_refuse = refuses;
        drop(world.user(&before.administrator).forbid(permission));
    });
}

#[test]
fn a_list_that_is_empty_because_nobody_may_look_says_nothing() {
    for refuses in [false, true] {
        for (permission, part) in VIEWS {
            let setting = SettingUp::done();
            without(&setting, permission, refuses);
            setting.expect_refused(&[], &format!("! {part}: your key lacks {permission}, and what is hidden must not be taken for missing"), "a second one is made beside the one that is hidden");
        }
    }
}

#[test]
fn each_part_by_itself_needs_to_see_what_it_is_planned_from() {
    for (permission, part) in [
        ("MachinePolicyView", "assignment"),
        ("RunbookView", "variables"),
        ("RunbookView", "step"),
        ("RunbookView", "publish"),
        ("RunbookView", "schedule"),
        ("ActionTemplateView", "step"),
        ("ActionTemplateView", "publish"),
        ("VariableView", "publish"),
    ] {
        let setting = SettingUp::done();
        without(&setting, permission, false);
        setting.expect_refused(
            &["--only", part],
            &format!("! {part}: your key lacks {permission}"),
            &format!("{part} is planned from what is not seen"),
        );
    }
}

#[test]
fn who_sees_only_some_variables_changes_none_and_publishes_none() {
    let restricted = |world: &mut World, administrator: &str| {
        drop(
            world
                .user(administrator)
                .restrict("VariableView", Grant::environments(&["Environments-1"])),
        );
    };
    let setting = SettingUp::done();
    setting.change(|world, before| restricted(world, &before.administrator));
    for flags in [&[][..], &["--only", "variables"], &["--only", "publish"]] {
        setting.expect_refused(
            flags,
            "your key has VariableView for environments Environments-1 only",
            "a hidden variable is lost, or published",
        );
    }
}

#[test]
fn who_may_not_see_variables_is_not_asked_for_what_they_hold() {
    let setting = SettingUp::done();
    without(&setting, "VariableView", true);
    let names = [
        "VMSS_SCALESET_NAME",
        "VMSS_RESOURCEGROUP_NAME",
        "VMSS_DEPLOYMENTTARGET_ROLES",
    ];
    let run = names
        .into_iter()
        .fold(setting.bare(&["--apply"]), crate::support::Run::without);
    let planned = Planned::of(run.run());
    planned.expect_line(
        "! variables: your key lacks VariableView",
        "somebody types again what the project holds already",
    );
    planned.expect_line(
        "! targets: your key lacks VariableView",
        "nobody is told that the target tags are not known",
    );
    planned.expect_code(4, "what is hidden is no wrong setting");
}

#[test]
fn where_octopus_cannot_tell_what_a_key_may_nothing_is_taken_for_missing() {
    let setting = SettingUp::but(|world, before| {
        drop(
            world
                .user(&before.administrator)
                .forbid("RunbookView")
                .edit(|it| it.permissions_are_complete = false),
        );
    });
    setting.expect_refused(
        &[],
        "Octopus cannot tell whether your key has RunbookView",
        "a second runbook is made",
    );
}
