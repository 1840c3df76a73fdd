//! What setup made and somebody altered is put right again, with the old value and the new one shown, and all else is byte for
//! byte as it was.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{Made, Planned, SettingUp};
use sandbox::{MachinePolicy, World};
use serde_json::{Value, json};
use std::time::Duration;

/// What somebody does, and the line that says how it is put right.
type Alteration = (&'static str, fn(&mut World, &Made));

fn policy(world: &mut World, made: &Made, change: impl FnOnce(&mut MachinePolicy)) {
    let policy = world.octopus.machine_policies.get_mut(&made.policy);
    change(policy.expect("setup made it"));
}

fn property(world: &mut World, made: &Made, name: &str, value: &str) {
    world.edit(&made.process, |process| {
        process["Steps"][0]["Actions"][0]["Properties"][name] = value.into();
    });
}

fn variable(world: &mut World, name: &str, value: &str) {
    edit_variable(world, name, |it| it["Value"] = value.into());
}

fn edit_variable(world: &mut World, name: &str, change: impl FnOnce(&mut Value)) {
    world.edit("variableset-Projects-1", |set| {
        let mut all = set["Variables"].as_array_mut().into_iter().flatten();
        change(all.find(|it| it["Name"] == name).expect("setup made it"));
    });
}

const ALTERATIONS: [Alteration; 19] = [
    (
        "~ machine policy \"Scale set machines\": time between health checks 01:00:00 -> 00:15:00",
        |world, made| {
            policy(world, made, |it| {
                it.interval = Some(Duration::from_secs(3600))
            });
        },
    ),
    (
        "~ machine policy \"Scale set machines\": time between health checks  -> 00:15:00; cron line of health checks 0 0 6 * * * -> ",
        |world, made| {
            policy(world, made, |it| {
                it.interval = None;
                it.cron = Some("0 0 6 * * *".into());
            });
        },
    ),
    (
        "~ machine policy \"Scale set machines\": health check type RunScript -> OnlyConnectivity",
        |world, made| {
            policy(world, made, |it| it.only_connectivity = false);
        },
    ),
    (
        "~ machine policy \"Scale set machines\": unavailable machines ExpectedToBeOnline -> MayBeOfflineAndCanBeSkipped",
        |world, made| {
            policy(world, made, |it| it.may_be_offline = false);
        },
    ),
    (
        "~ machine policy \"Scale set machines\": updates of Calamari UpdateAlways -> UpdateOnDeployment",
        |world, made| {
            policy(world, made, |it| {
                it.calamari_updates = "UpdateAlways".into()
            });
        },
    ),
    (
        "~ 3 targets: machine policy Default Machine Policy -> Scale set machines",
        |world, _| {
            for target in world.octopus.targets.values_mut() {
                target.policy = "MachinePolicies-1".into();
            }
        },
    ),
    (
        "~ runbook \"Remove scaled-in targets\": guided failure EnvironmentDefault -> Off",
        |world, made| {
            world.edit(&made.runbook, |it| {
                it["DefaultGuidedFailureMode"] = "EnvironmentDefault".into()
            });
        },
    ),
    (
        "~ runbook \"Remove scaled-in targets\": environments [] -> [\"Environments-1\"]",
        |world, made| {
            world.edit(&made.runbook, |it| it["Environments"] = json!([]));
        },
    ),
    (
        "~ runbook \"Remove scaled-in targets\": tenants Tenanted -> Untenanted",
        |world, made| {
            world.edit(&made.runbook, |it| {
                it["MultiTenancyMode"] = "Tenanted".into()
            });
        },
    ),
    (
        "~ runbook \"Remove scaled-in targets\": kept runs ",
        |world, made| {
            world.edit(&made.runbook, |it| {
            it["RunRetentionPolicy"] = json!({"Strategy": "Default", "QuantityToKeep": 100, "Unit": "Items", "ShouldKeepForever": false});
        });
        },
    ),
    (
        "~ variable Project.Octopus.Roles: value web -> web-server,vmss-web",
        |world, _| variable(world, "Project.Octopus.Roles", "web"),
    ),
    (
        "~ variable Project.VMSS.ScaleSetName: value todo -> web",
        |world, _| variable(world, "Project.VMSS.ScaleSetName", "todo"),
    ),
    (
        "~ variable Project.Azure.Account: value Accounts-77 -> Azure subscription",
        |world, _| variable(world, "Project.Azure.Account", "Accounts-77"),
    ),
    (
        "~ variable Project.Azure.Account: type String -> AzureAccount",
        |world, _| {
            edit_variable(world, "Project.Azure.Account", |it| {
                it["Type"] = "String".into()
            })
        },
    ),
    (
        "~ variable Project.VMSS.ScaleSetName: type Sensitive -> String; value a secret -> web",
        |world, _| {
            edit_variable(world, "Project.VMSS.ScaleSetName", |it| {
                it["Type"] = "Sensitive".into();
                it["IsSensitive"] = true.into();
            });
        },
    ),
    (
        "~ step in runbook \"Remove scaled-in targets\": VMSS.ScaleSet.Name web -> #{Project.VMSS.ScaleSetName}",
        |world, made| {
            property(world, made, "VMSS.ScaleSet.Name", "web");
        },
    ),
    (
        "~ step in runbook \"Remove scaled-in targets\": version of the step template 0 -> the newest",
        |world, made| {
            property(
                world,
                made,
                "Octopus.Action.Script.ScriptBody",
                "Write-Host Hello",
            );
        },
    ),
    (
        "~ step in runbook \"Remove scaled-in targets\": VMSS.DryRun  -> Yes",
        |world, made| {
            world.edit(&made.process, |process| {
                let properties = &mut process["Steps"][0]["Actions"][0]["Properties"];
                properties
                    .as_object_mut()
                    .expect("properties")
                    .remove("VMSS.DryRun");
            });
        },
    ),
    (
        "~ schedule \"Remove scaled-in targets in Production\": tenants [\"Tenants-1\"] -> []",
        |world, made| {
            world.octopus.add_tenant("Blue", &[]);
            world.edit(&made.trigger, |it| {
                it["Action"]["TenantIds"] = json!(["Tenants-1"])
            });
        },
    ),
];

#[test]
fn each_is_put_back_to_what_it_was_and_nothing_else_is_touched() {
    for (words, alter) in ALTERATIONS {
        let setting = SettingUp::done();
        let before = setting.content();
        setting.change_made(alter);
        let applied = setting.apply(&[]);
        applied.expect_line(
            words,
            "what somebody altered stays wrong, or nobody learns what it was",
        );
        let lines = applied.lines_with(&['+', '~', '!']);
        expect(
            lines.len() == 1,
            format!("more is changed than what was altered: {words}"),
            words,
            lines.join("\n"),
        );
        let added: &[&str] = match words.contains("tenants [") {
            true => &["Tenants-1"],
            false => &[],
        };
        setting.expect_changed(
            &before,
            added,
            &format!("after {words} something is not what it was"),
        );
        setting.expect_settled(&[], &format!("{words} is never done with"));
    }
}

#[test]
fn an_older_step_template_is_updated_with_its_step_and_published() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world.octopus.documents.edit(&made.template, |it| {
            it["Properties"]["Octopus.Action.Script.ScriptBody"] =
                "# octopus-scale-in of last year".into()
        });
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptBody"] =
                "# octopus-scale-in of last year".into()
        });
        world.publish(&made.runbook);
    });
    let (before, made) = (setting.content(), setting.made());
    let applied = setting.apply(&[]);
    applied.expect_rows(
        &[
            "~ step template \"VMSS - Remove Deployment Targets Whose Machines Are Gone\"",
            "~ step in runbook \"Remove scaled-in targets\"",
            "~ publication of runbook \"Remove scaled-in targets\"",
        ],
        "an update of the program reaches no run",
    );
    applied.expect_line(
        "script of version 0 -> of the file",
        "nobody learns what an update changes",
    );
    setting.expect_changed(
        &before,
        &[
            &made.template,
            &made.process,
            &made.runbook,
            "RunbookSnapshots-*",
            "*-FROZE",
            "ActionTemplateVersions-*",
        ],
        "an update changes something else",
    );
    let action = &setting.thing(&made.process)["Steps"][0]["Actions"][0]["Properties"];
    expect(
        action["Octopus.Action.Template.Version"] == "1",
        "Octopus says for ever that the step is outdated",
        "1",
        &action["Octopus.Action.Template.Version"],
    );
    setting.expect_settled(&[], "an update is never done with");
}

#[test]
fn a_value_that_holds_in_other_environments_too_is_not_changed_there() {
    let setting = SettingUp::done();
    setting.change(|world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        world.edit("variableset-Projects-1", |set| {
            let mut all = set["Variables"].as_array_mut().into_iter().flatten();
            let variable = all
                .find(|it| it["Name"] == "Project.Octopus.Roles")
                .expect("setup made it");
            variable["Value"] = "web".into();
            variable["Scope"]["Environment"] = json!(["Environments-1", "Environments-2"]);
        });
    });
    setting.expect_refused(&[], "! variable Project.Octopus.Roles: value web -> web-server,vmss-web; it holds in other environments, too", "the value of another environment is changed");
}

#[test]
fn an_account_of_another_type_needs_its_name() {
    let setting = SettingUp::done();
    setting.change(|world, _| {
        edit_variable(world, "Project.Azure.Account", |it| {
            it["Type"] = "String".into()
        })
    });
    let planned = Planned::of(setting.bare(&["--apply"]).run());
    planned.expect_line("! variable Project.Azure.Account: type String -> AzureAccount; a run cannot use it. Name an account with --azure-account NAME", "a run signs in with nothing");
    planned.expect_code(4, "a run signs in with nothing");
}

#[test]
fn what_is_done_can_be_undone_from_what_is_printed() {
    let setting = SettingUp::done();
    setting.change(|world, _| variable(world, "Project.Octopus.Roles", "web"));
    let applied = setting.apply(&[]);
    let done = applied.done.first().cloned().unwrap_or(Value::Null);
    expect(
        text(&done, "place") == "variables/variableset-Projects-1"
            && done["changes"][0]["old"] == "web",
        "whoever wants to undo it finds neither place nor value",
        "both",
        done,
    );
}
