//! Runbooks, their processes, and snapshots that freeze.

use super::{account, set_up, space};
use sandbox::{Guide, Modified, Sandbox};
use serde_json::{Value, json};

/// What the server says of the published snapshot.
fn modified(sandbox: &Sandbox, guide: &Guide) -> Value {
    let snapshot = sandbox.world(|world| guide.published(world)).unwrap();
    let path = space(&format!("runbookSnapshots/{snapshot}/runbookRuns/template"));
    account(sandbox).octopus(&path).ok()
}

#[test]
fn what_was_published_is_current_until_the_draft_changes() {
    let (sandbox, guide) = set_up(|_, _| {});
    let fresh = modified(&sandbox, &guide);
    for flag in [
        "IsRunbookProcessModified",
        "IsVariableSetModified",
        "IsLibraryVariableSetModified",
        "IsGitResourceModified",
    ] {
        assert_eq!(fresh[flag], false, "{flag}");
    }
    sandbox.world(|world| guide.parameter(world, "VMSS.DryRun", Some("Yes")));
    assert_eq!(modified(&sandbox, &guide)["IsRunbookProcessModified"], true);
    sandbox.world(|world| guide.publish(world));
    assert_eq!(
        modified(&sandbox, &guide)["IsRunbookProcessModified"],
        false
    );
    sandbox.world(|world| guide.remove_variable(world, "Project.Octopus.Roles"));
    assert_eq!(modified(&sandbox, &guide)["IsVariableSetModified"], true);
}

#[test]
fn a_snapshot_keeps_the_process_and_the_variables_as_they_were() {
    let (sandbox, guide) = set_up(|world, guide| {
        guide.parameter(world, "VMSS.Timeout.Value", Some("5"));
        guide.variable(world, "Project.VMSS.ScaleSetName", |variable| {
            variable["Value"] = "blue".into()
        });
    });
    let client = account(&sandbox);
    let snapshot = client
        .octopus(&space("runbookSnapshots/RunbookSnapshots-1"))
        .ok();
    let id = |field: &str| snapshot[field].as_str().unwrap().to_owned();
    let of = |process: &str| {
        let process = client
            .octopus(&space(&format!("runbookProcesses/{process}")))
            .ok();
        process["Steps"][0]["Actions"][0]["Properties"]["VMSS.Timeout.Value"].clone()
    };
    assert_eq!(of(&id("FrozenRunbookProcessId")), "10");
    assert_eq!(of(&guide.process), "5");
    let frozen = client
        .octopus(&space(&format!(
            "variables/{}",
            id("ProjectVariableSetSnapshotId")
        )))
        .ok();
    let all = frozen["Variables"].as_array().unwrap();
    let name = all
        .iter()
        .find(|variable| variable["Name"] == "Project.VMSS.ScaleSetName");
    assert_eq!(name.unwrap()["Value"], "web");
}

#[test]
fn a_change_that_was_taken_back_counts_or_does_not() {
    let (sandbox, guide) = set_up(|world, guide| {
        guide.parameter(world, "VMSS.DryRun", Some("Yes"));
        guide.parameter(world, "VMSS.DryRun", Some("No"));
    });
    assert_eq!(modified(&sandbox, &guide)["IsRunbookProcessModified"], true);
    sandbox.world(|world| world.octopus.readings.modified = Modified::ByContent);
    assert_eq!(
        modified(&sandbox, &guide)["IsRunbookProcessModified"],
        false
    );
}

#[test]
fn library_sets_are_frozen_too() {
    let (sandbox, guide) = set_up(|world, guide| {
        let set = world.octopus.add_library_set("Shared");
        world.edit(&guide.project, |project| {
            project["IncludedLibraryVariableSetIds"] = json!([set])
        });
        guide.publish(world);
    });
    assert_eq!(
        modified(&sandbox, &guide)["IsLibraryVariableSetModified"],
        false
    );
    sandbox.world(|world| {
        let set = "variableset-LibraryVariableSets-1";
        world.octopus.add_variable(set, "Colour", "String", "blue")
    });
    assert_eq!(
        modified(&sandbox, &guide)["IsLibraryVariableSetModified"],
        true
    );
}

#[test]
fn a_runbook_runs_where_its_scope_says() {
    let (sandbox, guide) =
        set_up(|world, _| drop(world.octopus.add_environment("Spaces-1", "Test")));
    let promoted = || {
        let template = modified(&sandbox, &guide);
        template["PromoteTo"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["Name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(promoted(), ["Production"]);
    let scope = |scope: &'static str| {
        sandbox.world(|world| {
            world.edit(&guide.runbook, |runbook| {
                runbook["EnvironmentScope"] = scope.into()
            })
        });
    };
    scope("All");
    assert_eq!(promoted(), ["Production", "Test"]);
    scope("FromProjectLifecycles");
    assert_eq!(promoted(), ["Production", "Test"]);
    sandbox.world(|world| {
        world.edit("Lifecycles-1", |lifecycle| {
            lifecycle["Phases"] = json!([{ "AutomaticDeploymentTargets": [], "OptionalDeploymentTargets": ["Environments-2"] }]);
        });
    });
    assert_eq!(promoted(), ["Test"]);
    let path = space(&format!("runbooks/{}/environments", guide.runbook));
    assert_eq!(account(&sandbox).octopus(&path).ok()[0]["Name"], "Test");
    sandbox.world(|world| {
        world.octopus.readings.promotes_only_where_runs_are_allowed = true;
        world.octopus.forbid("RunbookRunCreate");
    });
    assert!(promoted().is_empty());
}

#[test]
fn retention_has_no_strategy_on_old_servers() {
    let (sandbox, guide) = set_up(|_, _| {});
    let path = space(&format!("runbooks/{}", guide.runbook));
    let policy = || account(&sandbox).octopus(&path).ok()["RunRetentionPolicy"].clone();
    assert_eq!(policy()["Strategy"], "Count");
    sandbox.world(|world| world.octopus.newer.retention_strategy = false);
    assert_eq!(policy().get("Strategy"), None);
    assert_eq!(policy()["QuantityToKeep"], 30);
}

#[test]
fn a_secret_that_stands_in_a_step_is_an_object_without_it() {
    let (sandbox, guide) = set_up(|world, guide| {
        guide.step(world, |step| {
            let properties = &mut step["Actions"][0]["Properties"];
            properties["VMSS.Octopus.ApiKey"] =
                json!({ "HasValue": true, "NewValue": "API-SECRET" });
        });
    });
    let path = space(&format!("runbookProcesses/{}", guide.process));
    let process = account(&sandbox).octopus(&path);
    assert!(!process.text.contains("API-SECRET"));
    let value = &process.json()["Steps"][0]["Actions"][0]["Properties"]["VMSS.Octopus.ApiKey"];
    assert_eq!(value["HasValue"], true);
}

#[test]
fn properties_come_in_the_form_of_the_clients_or_of_the_reference() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    let read = || {
        let process = client
            .octopus(&space(&format!("runbookProcesses/{}", guide.process)))
            .ok();
        process["Steps"][0]["Actions"][0]["Properties"]["VMSS.Azure.Account"].clone()
    };
    assert_eq!(read(), "Project.Azure.Account");
    sandbox.world(|world| world.octopus.readings.properties_are_objects = true);
    assert_eq!(read()["Value"], "Project.Azure.Account");
    let template = client
        .octopus(&space(&format!("actiontemplates/{}", guide.template)))
        .ok();
    assert_eq!(
        template["Properties"]["Octopus.Action.RunOnServer"]["Value"],
        "true"
    );
}

#[test]
fn the_process_may_need_the_view_of_processes() {
    let (sandbox, guide) = set_up(|world, _| world.octopus.forbid("ProcessView"));
    let path = space(&format!("runbookProcesses/{}", guide.process));
    let client = account(&sandbox);
    assert_eq!(client.octopus(&path).status, 200);
    sandbox.world(|world| world.octopus.readings.runbook_processes_need_process_view = true);
    assert_eq!(client.octopus(&path).status, 403);
}

#[test]
fn the_next_snapshot_has_a_name_and_needs_no_package() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    for path in [
        format!("runbookProcesses/{}/runbookSnapshotTemplate", guide.process),
        format!("runbooks/{}/runbookSnapshotTemplate", guide.runbook),
    ] {
        let template = client.octopus(&space(&path)).ok();
        assert_eq!(template["RunbookId"], guide.runbook.as_str(), "{path}");
        assert_eq!(template["Packages"], json!([]), "{path}");
    }
}
