//! What somebody else made, under the name that setup would use, is shown and not changed. A flag names what may be changed all
//! the same, and only that is.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{POLICY, RUNBOOK, SettingUp};
use sandbox::{Guide, World};
use serde_json::json;
use std::time::Duration;

/// Of a set-up by hand: what is wrong, what the line says, and the flags that let it be put right.
type Mistake = (
    fn(&mut World, &Guide),
    &'static str,
    &'static [&'static str],
);

const ADOPT: [&str; 2] = ["--adopt", RUNBOOK];

const MISTAKES: [Mistake; 9] = [
    (
        |world, guide| {
            world.machine_policy(&guide.policy).interval = Some(Duration::from_secs(3600))
        },
        "! machine policy \"Auto-scaling\": time between health checks 01:00:00 -> 00:15:00; somebody else made it. --adopt-policy changes it all the same",
        &["--adopt-policy"],
    ),
    (
        |world, guide| {
            world.edit(&guide.runbook, |it| {
                it["DefaultGuidedFailureMode"] = "EnvironmentDefault".into()
            })
        },
        "! runbook \"Remove scaled-in targets\": guided failure EnvironmentDefault -> Off; somebody else made it. --adopt \"Remove scaled-in targets\" changes it all the same",
        &ADOPT,
    ),
    (
        |world, guide| {
            guide.variable(world, "Project.Octopus.Roles", |it| {
                it["Value"] = "web".into();
                it["Scope"] = json!({"Environment": ["Environments-1"]});
            });
            guide.publish(world);
        },
        "! variable Project.Octopus.Roles: value web -> web-server,vmss-web; somebody else gave it this value. --replace Project.Octopus.Roles changes it all the same",
        &["--replace", "Project.Octopus.Roles", "--adopt", RUNBOOK],
    ),
    (
        |world, guide| {
            guide.parameter(world, "VMSS.ScaleSet.Name", Some("web"));
            guide.publish(world);
        },
        "! step in runbook \"Remove scaled-in targets\": VMSS.ScaleSet.Name web -> #{Project.VMSS.ScaleSetName}; somebody else made it. --adopt \"Remove scaled-in targets\" changes it all the same",
        &ADOPT,
    ),
    (
        |world, guide| {
            world.octopus.add_tenant("Blue", &[]);
            world.edit(&guide.trigger, |it| {
                it["Action"]["TenantIds"] = json!(["Tenants-1"])
            });
        },
        "tenants [\"Tenants-1\"] -> []; somebody else made it. --adopt \"Remove scaled-in targets\" changes it all the same",
        &ADOPT,
    ),
    (
        |world, guide| {
            guide.variable(world, "Project.Octopus.Api.Key", |it| {
                it["Type"] = "String".into();
                it["IsSensitive"] = false.into();
                it["Scope"] = json!({"Environment": ["Environments-1"]});
            });
            guide.publish(world);
        },
        "! variable Project.Octopus.Api.Key: it is no secret: everybody who may see variables reads the key. --replace Project.Octopus.Api.Key with --rotate-key makes it one",
        &[
            "--replace",
            "Project.Octopus.Api.Key",
            "--rotate-key",
            "--adopt",
            RUNBOOK,
        ],
    ),
    (
        |world, guide| {
            guide.variable(world, "Project.Azure.Account", |it| {
                it["Type"] = "String".into();
                it["Scope"] = json!({"Environment": ["Environments-1"]});
            });
            guide.publish(world);
        },
        "! variable Project.Azure.Account: type String -> AzureAccount; somebody else gave it this value. --replace Project.Azure.Account changes it all the same",
        &["--replace", "Project.Azure.Account", "--adopt", RUNBOOK],
    ),
    (
        |world, guide| {
            guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
                it["Type"] = "Sensitive".into();
                it["IsSensitive"] = true.into();
                it["Scope"] = json!({"Environment": ["Environments-1"]});
            });
            guide.publish(world);
        },
        "! variable Project.VMSS.ScaleSetName: type Sensitive -> String; value a secret -> web; it is a secret: what it holds nobody can see. Make it text, or --replace Project.VMSS.ScaleSetName does",
        &["--replace", "Project.VMSS.ScaleSetName", "--adopt", RUNBOOK],
    ),
    (
        |world, guide| {
            guide.parameter(world, "VMSS.DryRun", None);
            guide.publish(world);
        },
        "! step in runbook \"Remove scaled-in targets\": VMSS.DryRun  -> Yes; somebody else made it.",
        &ADOPT,
    ),
];

/// A set-up by hand that has this mistake.
fn made_by_hand(mistake: fn(&mut World, &Guide)) -> (SettingUp, Guide) {
    let setting = SettingUp::new();
    let guide = setting.sandbox.world(|world| {
        let guide = world.guide();
        mistake(world, &guide);
        guide
    });
    (setting, guide)
}

#[test]
fn without_the_flag_nothing_is_changed_with_it_nothing_else() {
    for (mistake, words, flags) in MISTAKES {
        let (setting, guide) = made_by_hand(mistake);
        let policy = ["--machine-policy", guide.policy.as_str()];
        setting.expect_refused(
            &policy,
            words,
            "somebody else's work is changed without asking, or nobody learns how to allow it",
        );
        let before = setting.content();
        let with_flags = [&policy[..], flags].concat();
        setting.apply(&with_flags);
        let policy = setting
            .sandbox
            .world(|world| world.machine_policy(&guide.policy).id.clone());
        let parts: &[&str] = match words {
            _ if words.contains("machine policy") => &[&policy],
            _ if words.contains("guided failure") => &[&guide.runbook],
            _ if words.contains("Tenants-1") => &[&guide.trigger],
            _ if words.contains("! variable") => &[
                &guide.variables,
                &guide.runbook,
                "RunbookSnapshots-*",
                "*-FROZE",
            ],
            _ => &[
                &guide.process,
                &guide.runbook,
                "RunbookSnapshots-*",
                "*-FROZE",
            ],
        };
        setting.expect_changed(
            &before,
            parts,
            &format!("a flag allows more than it says: {words}"),
        );
        let settled: Vec<&str> = with_flags
            .into_iter()
            .filter(|it| *it != "--rotate-key")
            .collect();
        setting.expect_settled(&settled, &format!("{words} is never done with"));
    }
}

#[test]
fn another_runbooks_name_allows_nothing() {
    let (setting, guide) = made_by_hand(MISTAKES[1].0);
    setting.expect_refused(
        &[
            "--machine-policy",
            &guide.policy,
            "--adopt",
            "Remove old releases",
        ],
        "! runbook \"Remove scaled-in targets\"",
        "a runbook is changed by the name of another one",
    );
}

#[test]
fn the_default_policy_is_never_changed() {
    let setting = SettingUp::new();
    for flags in [
        &["--machine-policy", "Default Machine Policy"][..],
        &[
            "--machine-policy",
            "default machine policy",
            "--adopt-policy",
        ],
    ] {
        setting.expect_refused(
            flags,
            "it is the space's default, which all other targets have",
            "the policy of all other targets is changed",
        );
    }
}

#[test]
fn targets_with_another_policy_keep_it_until_somebody_says_otherwise() {
    let setting = SettingUp::but(|world, _| {
        let patient = world.machine_policy("Patient").id.clone();
        world
            .existing_target("web000001")
            .edit(|it| it.policy = patient);
    });
    let before = setting.content();
    let applied = setting.apply(&["--only", "machine-policy,assignment"]);
    applied.expect_line(
        "= 1 target: machine policy Patient, which they keep. --adopt-policy moves them",
        "nobody learns that a target is tested otherwise",
    );
    applied.expect_line(
        "~ 2 targets: machine policy Default Machine Policy -> Scale set machines",
        "targets on the default policy are not moved",
    );
    let policy = setting
        .sandbox
        .world(|world| world.machine_policy(POLICY).id.clone());
    setting.expect_changed(
        &before,
        &["Machines-1", "Machines-3", &policy],
        "a target loses the policy that somebody chose for it",
    );
    let before = setting.content();
    setting.apply(&["--only", "machine-policy,assignment", "--adopt-policy"]);
    setting.expect_changed(
        &before,
        &["Machines-2"],
        "--adopt-policy changes more than the policy of that target",
    );
}

#[test]
fn a_template_of_this_name_that_does_something_else_is_left() {
    let setting = SettingUp::but(|world, _| {
        let mut template = crate::support::setup::template_file();
        template["Properties"]["Octopus.Action.Script.ScriptBody"] = "Write-Host Hello".into();
        world.octopus.import_template(&template);
    });
    setting.expect_refused(
        &["--adopt", RUNBOOK],
        "! step template \"VMSS - Remove Deployment Targets Whose Machines Are Gone\"",
        "somebody else's template does something else from now on",
    );
}

#[test]
fn a_template_of_the_community_library_is_updated_there() {
    let setting = SettingUp::but(|world, _| {
        let mut template = crate::support::setup::template_file();
        template["Properties"]["Octopus.Action.Script.ScriptBody"] =
            "# octopus-scale-in of last year".into();
        template["CommunityActionTemplateId"] = "CommunityActionTemplates-1".into();
        world.octopus.import_template(&template);
    });
    setting.expect_refused(
        &[],
        "it comes from the community library: update it there",
        "Octopus refuses the change halfway",
    );
}

#[test]
fn a_trigger_of_this_name_that_starts_something_else_is_left() {
    let setting = SettingUp::but(|world, before| {
        let other = world.octopus.add_runbook(&before.project, "Tidy up");
        let trigger = world
            .octopus
            .add_schedule(&other, sandbox::ENVIRONMENT, "0 0 6 * * *");
        world.edit(&trigger, |it| {
            it["Name"] = "Remove scaled-in targets in Production".into()
        });
    });
    setting.expect_refused(&["--adopt", RUNBOOK], "! schedule \"Remove scaled-in targets in Production\": another trigger has this name. Rename it", "another schedule is changed, or setup stops halfway");
}

#[test]
fn a_variable_of_this_name_elsewhere_is_no_reason_and_stays() {
    let setting = SettingUp::but(|world, before| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        let id = world.octopus.add_variable(
            &before.variables,
            "Project.Octopus.Roles",
            "String",
            "staging-web",
        );
        world.edit(&before.variables, |set| {
            let mut all = set["Variables"].as_array_mut().into_iter().flatten();
            let variable =
                all.find(|it| it["Id"] == id.as_str() || it["Name"] == "Project.Octopus.Roles");
            variable.expect("it was added")["Scope"] = json!({"Environment": ["Environments-2"]});
        });
    });
    setting.apply(&[]);
    let set = setting.thing(&setting.before.variables);
    let roles = set["Variables"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["Name"] == "Project.Octopus.Roles");
    let values: Vec<&str> = roles.map(|it| text(it, "Value")).collect();
    expect(
        values == ["staging-web", "web-server,vmss-web"],
        "the value of another environment is lost",
        "both",
        values.join(" and "),
    );
}
