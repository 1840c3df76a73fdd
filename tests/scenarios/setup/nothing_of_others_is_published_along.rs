//! A draft holds other people's unfinished work. Setup publishes what it changed itself, and nothing of theirs along with it.

use crate::support::expect;
use crate::support::setup::{Made, RUNBOOK, SettingUp, template_file};
use sandbox::World;
use serde_json::{Value, json};

fn add_step(world: &mut World, process: &str, name: &str, packages: Value) {
    world.edit(process, |process| {
        let mut step = json!({
            "Id": "5a4db0c0-0000-4000-8000-0000000000ff", "Name": name, "Slug": "theirs",
            "Condition": "Success", "StartTrigger": "StartAfterPrevious", "PackageRequirement": "LetOctopusDecide", "Properties": {},
            "Actions": [{
                "Id": "5a4db0c0-0000-4000-8000-0000000000fe", "Name": name, "Slug": "theirs", "ActionType": "Octopus.Script",
                "IsDisabled": false, "IsRequired": false, "WorkerPoolId": "", "WorkerPoolVariable": "",
                "Container": {"Image": null, "FeedId": null}, "Environments": [], "ExcludedEnvironments": [], "Channels": [], "TenantTags": [],
                "Packages": [], "CanBeUsedForProjectVersioning": false, "Condition": "Success",
                "Properties": {"Octopus.Action.RunOnServer": "true"},
            }],
        });
        step["Actions"][0]["Packages"] = packages;
        process["Steps"].as_array_mut().expect("a process has steps").push(step);
    });
}

/// What somebody has begun and not published.
type Draft = (&'static str, fn(&mut World, &Made));

const DRAFTS: [Draft; 5] = [
    ("a step", |world, made| {
        add_step(world, &made.process, "Half done", json!([]))
    }),
    ("another parameter of the step", |world, made| {
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["VMSS.Problem.Handle"] = "Warn".into()
        });
    }),
    ("a variable", |world, _| {
        drop(
            world
                .octopus
                .add_variable("variableset-Projects-1", "Todo.Colour", "String", "blue"),
        )
    }),
    ("another value of a secret", |world, _| {
        world.edit("variableset-Projects-1", |set| {
            let mut all = set["Variables"].as_array_mut().into_iter().flatten();
            all.find(|it| it["IsSensitive"] == true).expect("the key")["Value"] =
                "API-THEIRS".into();
        });
    }),
    ("another scope of a variable", |world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        world.edit("variableset-Projects-1", |set| {
            let mut all = set["Variables"].as_array_mut().into_iter().flatten();
            let roles = all
                .find(|it| it["Name"] == "Project.Octopus.Roles")
                .expect("setup made it");
            roles["Scope"]["Environment"] = json!(["Environments-1", "Environments-2"]);
        });
    }),
];

#[test]
fn what_setup_changes_beside_it_waits() {
    for (what, begin) in DRAFTS {
        let setting = SettingUp::done();
        setting.change_made(begin);
        setting.expect_settled(&[], &format!("somebody's draft with {what} is published"));
        setting.expect_refused(&["--removal-limit", "7"], "! publication of runbook \"Remove scaled-in targets\": somebody changed the draft or its variables since, and publishing would publish that along. Publish it yourself, then setup again", &format!("{what} that somebody has not published runs with the next schedule"));
        setting.change_made(|world, made| drop(world.publish(&made.runbook)));
        setting.apply(&["--removal-limit", "7"]);
        setting.expect_settled(
            &["--removal-limit", "7"],
            "after somebody published it is never done with",
        );
    }
}

#[test]
fn a_library_set_that_changed_waits_too() {
    let setting = SettingUp::new();
    let set = setting.sandbox.world(|world| {
        let library = world.octopus.add_library_set("Shared");
        world.edit("Projects-1", |it| {
            it["IncludedLibraryVariableSetIds"] = json!([library.as_str()])
        });
        world.document(&library)["VariableSetId"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    setting.apply(&[]);
    setting.change(|world, _| {
        drop(
            world
                .octopus
                .add_variable(&set, "Shared.Colour", "String", "blue"),
        )
    });
    setting.expect_refused(
        &["--removal-limit", "7"],
        "! publication of runbook",
        "a library variable that somebody has not published runs with the next schedule",
    );
}

#[test]
fn it_is_published_from_the_step_alone_only_where_somebody_says_so() {
    let setting = SettingUp::done();
    setting.change_made(DRAFTS[0].1);
    let before = setting.content();
    setting.apply(&["--removal-limit", "7", "--skip", "publish"]);
    setting.expect_changed(
        &before,
        &[&setting.made().process],
        "--skip publish publishes",
    );
}

#[test]
fn steps_that_were_never_published_are_never_published() {
    let setting = SettingUp::but(|world, before| {
        let runbook = world.octopus.add_runbook(&before.project, RUNBOOK);
        add_step(
            world,
            &format!("RunbookProcess-{runbook}"),
            "Half done",
            json!([]),
        );
    });
    setting.expect_refused(&["--adopt", RUNBOOK], "! publication of runbook \"Remove scaled-in targets\": it has steps of somebody else's that were never published", "a step runs that nobody ever published");
}

#[test]
fn versions_of_packages_stay_what_was_published() {
    let setting = SettingUp::done();
    let selected =
        json!([{"ActionName": "Install", "PackageReferenceName": "", "Version": "1.2.3"}]);
    setting.change_made(|world, made| {
        add_step(world, &made.process, "Install", json!([{"Name": "", "PackageId": "Todo.Tools", "FeedId": "feeds-builtin", "AcquisitionLocation": "Server", "Properties": {}}]));
        let snapshot = world.publish(&made.runbook);
        world.edit(&snapshot, |it| it["SelectedPackages"] = selected.clone());
    });
    setting.apply(&["--removal-limit", "7"]);
    let made = setting.made();
    let published = setting
        .sandbox
        .world(|world| world.published(&made.runbook).unwrap_or_default());
    let found = setting.thing(&published)["SelectedPackages"].clone();
    expect(
        found == selected,
        "another version of a package runs, or Octopus refuses",
        selected,
        found,
    );
    setting.change_made(add_step_with_new_package);
    setting.expect_refused(
        &["--removal-limit", "8"],
        "! publication of runbook",
        "a version is chosen that nobody chose",
    );
}

#[test]
fn a_templates_package_without_a_version_is_foreseen() {
    let with_package = |version: &str| {
        let mut template = template_file();
        template["Packages"] = json!([{
            "Name": "helpers", "PackageId": "Helpers", "FeedId": "feeds-builtin", "AcquisitionLocation": "Server", "Properties": {},
            "Version": version,
        }]);
        SettingUp::but(|world, _| drop(world.octopus.import_template(&template)))
    };
    with_package("").expect_refused(&[], "! publication of runbook \"Remove scaled-in targets\": the step template has packages whose versions somebody has to choose", "setup stops halfway, and blames somebody");
    with_package("1.2.3").apply(&[]);
}

fn add_step_with_new_package(world: &mut World, made: &Made) {
    world.edit(&made.process, |it| {
        it["Steps"][1]["Actions"][0]["Packages"][0]["Name"] = "more".into()
    });
    world.publish(&made.runbook);
}

#[test]
fn a_snapshot_that_setup_made_and_could_not_publish_is_published_and_not_made_again() {
    let setting = SettingUp::done();
    let made = setting.made();
    setting.change(|world, _| world.octopus.readings.published_by = sandbox::PublishedBy::Runbook);
    setting.sandbox.fault(
        sandbox::Route::PutRunbook,
        sandbox::When::Always,
        sandbox::Fault::status(400),
    );
    let stopped = setting.plan(&["--apply", "--removal-limit", "7"]);
    stopped.expect_code(5, "a refused publication is called done");
    setting.sandbox.clear_faults();
    setting.apply(&["--removal-limit", "7"]);
    let snapshots = setting.sandbox.world(|world| {
        (
            world.snapshots(&made.runbook),
            world.published(&made.runbook),
        )
    });
    expect(
        snapshots.0.len() == 2 && snapshots.1 == snapshots.0.last().cloned(),
        "each try leaves one more snapshot",
        "two, and the second is published",
        format!("{snapshots:?}"),
    );
}
