//! Whoever sets up again, after months and after people have added their own things, changes nothing.

use crate::support::expect;
use crate::support::setup::{Made, RUNBOOK, SettingUp};
use sandbox::World;
use serde_json::{Value, json};

/// What somebody adds, by its name in a sentence.
type Addition = (&'static str, fn(&mut World, &Made));

fn add_to_list(json: &mut Value, list: &str, item: Value) {
    json[list].as_array_mut().expect("it is a list").push(item);
}

const ADDITIONS: [Addition; 10] = [
    ("a step to the runbook", |world, made| {
        world.edit(&made.process, |process| {
            let mut step = process["Steps"][0].clone();
            step["Id"] = "5a4db0c0-0000-4000-8000-0000000000ff".into();
            step["Name"] = "Tell the team".into();
            step["Actions"][0]["Id"] = "5a4db0c0-0000-4000-8000-0000000000fe".into();
            step["Actions"][0]["Name"] = "Tell the team".into();
            step["Actions"][0]["Properties"] = json!({"Octopus.Action.RunOnServer": "true"});
            add_to_list(process, "Steps", step);
        });
    }),
    ("an environment to the scope of a variable", |world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        variable(world, "Project.Octopus.Roles", |it| {
            it["Scope"]["Environment"] = json!(["Environments-1", "Environments-2"])
        });
    }),
    ("a description of their own to a variable", |world, _| {
        variable(world, "Project.Octopus.Roles", |it| {
            it["Description"] = "Tags of the web machines".into()
        });
    }),
    ("another variable", |world, _| {
        world
            .octopus
            .add_variable("variableset-Projects-1", "Todo.Colour", "String", "blue");
    }),
    ("another secret", |world, _| {
        world.octopus.add_variable(
            "variableset-Projects-1",
            "Todo.Password",
            "Sensitive",
            "hunter2",
        );
    }),
    ("a target tag", |world, _| {
        let target = world
            .octopus
            .targets
            .values_mut()
            .next()
            .expect("there are targets");
        target.roles.push("canary".into());
    }),
    ("another schedule of the same runbook", |world, made| {
        world
            .octopus
            .add_schedule(&made.runbook, sandbox::ENVIRONMENT, "0 0 6 * * *");
    }),
    ("a package to the step template", |world, made| {
        let package = json!({"Name": "helpers", "PackageId": "Helpers", "FeedId": "feeds-builtin", "AcquisitionLocation": "Server", "Properties": {}});
        world.octopus.documents.edit(&made.template, |template| {
            add_to_list(template, "Packages", package)
        });
    }),
    ("an environment to the runbook", |world, made| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        world.edit(&made.runbook, |it| {
            it["Environments"] = json!(["Environments-1", "Environments-2"])
        });
    }),
    (
        "a shorter interval to the policy, and a note",
        |world, made| {
            let policy = world
                .octopus
                .machine_policies
                .get_mut(&made.policy)
                .expect("setup made it");
            policy.interval = Some(std::time::Duration::from_secs(300));
        },
    ),
];

fn variable(world: &mut World, name: &str, change: impl FnOnce(&mut Value)) {
    world.edit("variableset-Projects-1", |set| {
        let mut all = set["Variables"].as_array_mut().into_iter().flatten();
        change(all.find(|it| it["Name"] == name).expect("setup made it"));
    });
}

#[test]
fn after_somebody_added_something_a_second_run_plans_nothing() {
    for (what, add) in ADDITIONS {
        let setting = SettingUp::done();
        setting.change_made(add);
        setting.expect_settled(&[], &format!("somebody added {what}, and setup changes it"));
    }
}

#[test]
fn after_all_of_them_together_too() {
    let setting = SettingUp::done();
    for (_, add) in ADDITIONS
        .iter()
        .filter(|(what, _)| !what.contains("environment"))
    {
        setting.change_made(add);
    }
    setting.expect_settled(&[], "what people added does not go together with setup");
}

#[test]
fn numbers_of_others_go_back_as_they_came() {
    let longitude = json!(31.245_270_191_439_438);
    let setting = SettingUp::but(|world, _| {
        let place = longitude.clone();
        let target = world.existing_target("web000001");
        target.edit(|it| drop(it.extra.insert("Longitude".into(), place)));
    });
    setting.apply(&[]);
    let found = setting.sandbox.world(|world| {
        let mut targets = world.octopus.targets.values();
        let target = targets.find(|it| it.name == "web000001");
        target.and_then(|it| it.extra.get("Longitude").cloned())
    });
    expect(
        found.as_ref() == Some(&longitude),
        "setup rounds numbers that it does not know",
        &longitude,
        format!("{found:?}"),
    );
}

#[test]
fn what_differs_in_letters_alone_is_the_same() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world.edit(&made.runbook, |it| {
            it["Name"] = "REMOVE scaled-in TARGETS".into()
        });
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["Octopus.Action.RunOnServer"] = "True".into()
        });
        world.octopus.documents.edit(&made.template, |it| {
            it["Properties"]["Octopus.Action.RunOnServer"] = "True".into()
        });
    });
    setting.expect_settled(
        &["-r", &RUNBOOK.to_uppercase()],
        "setup makes a second runbook, or a change of capital letters",
    );
}

#[test]
fn a_set_up_that_somebody_made_by_hand_and_right_is_found_as_it_is() {
    let setting = SettingUp::but(|world, _| drop(world.guide()));
    setting.expect_settled(
        &["--machine-policy", "Auto-scaling"],
        "whoever followed the guide by hand gets everything a second time",
    );
}

#[test]
fn who_stores_no_key_anew_needs_none_for_a_second_run() {
    let setting = SettingUp::done();
    let run = setting.run(&["--apply"]).without("VMSS_OCTOPUS_APIKEY");
    let planned = crate::support::setup::Planned::of(run.run());
    planned.expect_rows(
        &[],
        "somebody has to find the service account's key to run setup again",
    );
    planned.expect_code(
        0,
        "somebody has to find the service account's key to run setup again",
    );
}
