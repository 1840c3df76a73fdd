//! Runbooks.

use super::{Server, forbidden, id, refused};
use sandbox::Grant;
use serde_json::{Value, json};

#[test]
fn a_runbook_comes_with_an_empty_process_and_the_servers_defaults() {
    let (server, before) = Server::before();
    let new = json!({ "ProjectId": before.project, "Name": "Tidy up!" });
    let made = server.made("runbooks", &new);
    for (name, value) in [
        ("Slug", json!("tidy-up")),
        ("EnvironmentScope", json!("All")),
        ("MultiTenancyMode", json!("Untenanted")),
        ("DefaultGuidedFailureMode", json!("Off")),
        ("PublishedRunbookSnapshotId", Value::Null),
        ("RunbookProcessId", json!("RunbookProcess-Runbooks-1")),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert_eq!(made["RunRetentionPolicy"]["Strategy"], "Default");
    assert_eq!(
        made["ConnectivityPolicy"]["AllowDeploymentsToNoTargets"],
        false
    );
    let process = server.get("runbookProcesses/RunbookProcess-Runbooks-1");
    assert_eq!(
        (&process["Version"], &process["Steps"]),
        (&json!(0), &json!([]))
    );
    server.world(|world| world.octopus.readings.runbooks_leave_it_to_the_environment = true);
    let below = format!("projects/{}/runbooks", before.project);
    let other = server.made(&below, &json!({ "Name": "Other" }));
    assert_eq!(other["DefaultGuidedFailureMode"], "EnvironmentDefault");
    assert_eq!(other["ProjectId"], before.project.as_str());
}

#[test]
fn a_runbook_needs_a_project_a_name_of_its_own_and_environments_that_there_are() {
    let (server, guide) = Server::set_up();
    let new = |change: &dyn Fn(&mut Value)| {
        let mut json = json!({ "ProjectId": guide.project, "Name": "New" });
        change(&mut json);
        server.post("runbooks", &json)
    };
    refused(
        &new(&|it| it["ProjectId"] = Value::Null),
        "The ProjectId field is required",
    );
    refused(
        &new(&|it| it["ProjectId"] = "Projects-9".into()),
        "Projects-9",
    );
    refused(
        &new(&|it| it["Name"] = " ".into()),
        "The Name field is required",
    );
    refused(
        &new(&|it| it["Name"] = "REMOVE scaled-in targets".into()),
        "is in use already",
    );
    refused(
        &new(&|it| it["Environments"] = json!(["Environments-9"])),
        "Environment Ids cannot be found",
    );
    refused(
        &new(&|it| it["EnvironmentScope"] = "Some".into()),
        "EnvironmentScope",
    );
    refused(
        &new(&|it| it["SpaceId"] = "Spaces-2".into()),
        "not the space in the address",
    );
    let below = format!("projects/{}/runbooks", guide.project);
    let other = server.world(|world| world.octopus.add_project("Other"));
    let mixed = json!({ "ProjectId": other, "Name": "New" });
    refused(
        &server.post(&below, &mixed),
        "not the project in the address",
    );
    let same_name = json!({ "ProjectId": other, "Name": "Remove scaled-in targets" });
    server.made("runbooks", &same_name);
    server.world(|world| world.octopus.readings.bodies_name_their_space = true);
    refused(&new(&|_| {}), "The SpaceId field is required");
    assert_eq!(new(&|it| it["SpaceId"] = "Spaces-1".into()).status, 201);
    let without = json!({ "SpaceId": "Spaces-1", "Name": "Below" });
    refused(
        &server.post(&below, &without),
        "The ProjectId field is required",
    );
}

#[test]
fn what_a_put_leaves_out_is_cleared_what_is_published_too() {
    let (server, guide) = Server::set_up();
    let path = format!("runbooks/{}", guide.runbook);
    server.world(|world| {
        world.edit(&guide.runbook, |runbook| {
            runbook["FromTheFuture"] = "kept".into()
        })
    });
    let saved = server
        .change(&path, |runbook| runbook["Description"] = "mine".into())
        .ok();
    assert_eq!(saved["FromTheFuture"], "kept");
    assert!(saved["PublishedRunbookSnapshotId"].is_string() && saved["LastModifiedOn"].is_string());
    let bare = json!({ "ProjectId": guide.project, "Name": saved["Name"] });
    let cleared = server.put(&path, &bare).ok();
    assert_eq!(cleared["PublishedRunbookSnapshotId"], json!(null));
    assert_eq!(
        (&cleared["EnvironmentScope"], &cleared["Environments"]),
        (&json!("All"), &json!([]))
    );
    assert_eq!(
        (&cleared["Description"], cleared.get("FromTheFuture")),
        (&json!(""), None)
    );
    assert_eq!(cleared["RunbookProcessId"], guide.process.as_str());
    let unknown = server.change(&path, |it| {
        it["PublishedRunbookSnapshotId"] = "RunbookSnapshots-9".into()
    });
    refused(&unknown, "RunbookSnapshots-9");
    let published = server.change(&path, |it| {
        it["PublishedRunbookSnapshotId"] = "RunbookSnapshots-1".into()
    });
    assert_eq!(published.status, 200);
    assert_eq!(
        server.world(|world| guide.published(world)).as_deref(),
        Some("RunbookSnapshots-1")
    );
}

#[test]
fn older_servers_lose_the_strategy_and_newer_ones_make_it_up() {
    let (server, before) = Server::before();
    let policy = json!({ "Strategy": "Count", "QuantityToKeep": 30, "Unit": "Days", "ShouldKeepForever": false });
    let mut new =
        json!({ "ProjectId": before.project, "Name": "New", "RunRetentionPolicy": policy });
    assert_eq!(server.made("runbooks", &new)["RunRetentionPolicy"], policy);
    new["Name"] = "Older client".into();
    new["RunRetentionPolicy"] = json!({ "QuantityToKeep": 0, "ShouldKeepForever": true });
    assert_eq!(
        server.made("runbooks", &new)["RunRetentionPolicy"]["Strategy"],
        "Forever"
    );
    server.world(|world| world.octopus.grow_old());
    new["Name"] = "Old server".into();
    new["RunRetentionPolicy"] = policy;
    let old = server.made("runbooks", &new);
    assert_eq!(old["RunRetentionPolicy"].get("Strategy"), None);
    assert_eq!(old["RunRetentionPolicy"]["QuantityToKeep"], 30);
    let below = format!("projects/{}/runbooks", before.project);
    assert_eq!(server.post(&below, &new).status, 404);
}

#[test]
fn a_runbook_is_edited_in_its_project_alone() {
    let (server, guide) = Server::set_up();
    let other = server.world(|world| {
        let other = world.octopus.add_project("Other");
        let only = Grant::projects(&[&other]);
        drop(world.user("administrator").restrict("RunbookEdit", only));
        other
    });
    forbidden(
        &server.change(&format!("runbooks/{}", guide.runbook), |_| {}),
        "RunbookEdit",
    );
    let here = json!({ "ProjectId": guide.project, "Name": "New" });
    forbidden(&server.post("runbooks", &here), "RunbookEdit");
    let made = server.made("runbooks", &json!({ "ProjectId": other, "Name": "New" }));
    server
        .change(&format!("runbooks/{}", id(&made)), |_| {})
        .ok();
    forbidden(
        &server.change(&format!("runbookProcesses/{}", guide.process), |_| {}),
        "RunbookEdit",
    );
}

#[test]
fn lists_may_not_say_who_changed_something_last() {
    let (server, guide) = Server::set_up();
    let path = format!("runbooks/{}", guide.runbook);
    server.change(&path, |_| {}).ok();
    assert_eq!(
        server.get("runbooks")["Items"][0]["LastModifiedBy"],
        "administrator"
    );
    server.world(|world| world.octopus.readings.lists_lack_last_modified = true);
    assert_eq!(
        server.get("runbooks")["Items"][0].get("LastModifiedBy"),
        None
    );
    assert_eq!(server.get(&path)["LastModifiedBy"], "administrator");
}
