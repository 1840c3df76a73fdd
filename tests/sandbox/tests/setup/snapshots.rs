//! Snapshots of runbooks, made and published over HTTP.

use super::{Server, forbidden, id, refused};
use sandbox::{Guide, PublishedBy};
use serde_json::{Value, json};

fn new(guide: &Guide, name: &str) -> Value {
    json!({ "ProjectId": guide.project, "RunbookId": guide.runbook, "Name": name, "SelectedPackages": [] })
}

#[test]
fn a_snapshot_freezes_and_is_published_where_that_is_asked_for() {
    let (server, guide) = Server::set_up();
    server.world(|world| guide.parameter(world, "VMSS.DryRun", Some("Yes")));
    let published = || server.world(|world| guide.published(world)).unwrap();
    let was = published();
    let made = server.made("runbookSnapshots", &new(&guide, "Kept"));
    assert_eq!(published(), was);
    let process = made["FrozenRunbookProcessId"].as_str().unwrap();
    let frozen = server.get(&format!("runbookProcesses/{process}"));
    assert_eq!(
        frozen["Steps"][0]["Actions"][0]["Properties"]["VMSS.DryRun"],
        "Yes"
    );
    let below = format!("projects/{}/runbookSnapshots?publish=true", guide.project);
    let mut second = new(&guide, "Published");
    second["Notes"] = "why".into();
    let made = server.made(&below, &second);
    assert_eq!(
        (published().as_str(), &made["Notes"]),
        (id(&made), &json!("why"))
    );
}

#[test]
fn servers_may_take_notice_of_one_way_to_publish_alone() {
    for (by, query, body) in [
        (PublishedBy::Either, true, true),
        (PublishedBy::Query, true, false),
        (PublishedBy::Body, false, true),
        (PublishedBy::Runbook, false, false),
    ] {
        let (server, guide) = Server::set_up();
        server.world(|world| world.octopus.readings.published_by = by);
        let is_published = |made: &Value| {
            server.world(|world| guide.published(world)).as_deref() == Some(id(made))
        };
        let made = server.made("runbookSnapshots?publish=true", &new(&guide, "by query"));
        assert_eq!(is_published(&made), query, "{by:?}");
        let mut asked = new(&guide, "by body");
        asked["Publish"] = "true".into();
        let made = server.made("runbookSnapshots", &asked);
        assert_eq!(is_published(&made), body, "{by:?}");
        let path = format!("runbooks/{}", guide.runbook);
        let second = server.change(&path, |it| {
            it["PublishedRunbookSnapshotId"] = made["Id"].clone()
        });
        assert!(second.status == 200 && is_published(&made));
    }
}

#[test]
fn names_are_unique_and_packages_are_a_list_with_what_is_open() {
    let (server, guide) = Server::set_up();
    refused(
        &server.post("runbookSnapshots", &new(&guide, "snapshot s00001")),
        "is in use already",
    );
    refused(
        &server.post("runbookSnapshots", &new(&guide, "")),
        "The Name field is required",
    );
    let mut wrong = new(&guide, "New");
    wrong["SelectedPackages"] = json!({});
    assert_eq!(server.post("runbookSnapshots", &wrong).status, 500);
    let chosen = json!({ "ActionName": "Remove scaled-in targets", "PackageReferenceName": "tool", "Version": "1.2" });
    wrong["SelectedPackages"] = json!(null);
    wrong["Name"] = "Without".into();
    server.made("runbookSnapshots", &wrong);
    wrong["Name"] = "New".into();
    wrong["SelectedPackages"] = json!([chosen]);
    refused(&server.post("runbookSnapshots", &wrong), "'tool'");
    server.world(|world| {
        guide.step(world, |step| {
            step["Actions"][0]["Packages"] =
                json!([{ "Name": "tool", "PackageId": "tool", "FeedId": "feeds-builtin" }]);
        });
    });
    let template = server.get(&format!(
        "runbookProcesses/{}/runbookSnapshotTemplate",
        guide.process
    ));
    assert_eq!(template["Packages"][0]["PackageReferenceName"], "tool");
    refused(
        &server.post("runbookSnapshots", &new(&guide, "New")),
        "'tool'",
    );
    let made = server.made("runbookSnapshots", &wrong);
    assert_eq!(made["SelectedPackages"][0]["Version"], "1.2");
}

#[test]
fn making_and_publishing_are_two_permissions_since_2026_3() {
    let (server, guide) = Server::set_up();
    let (plain, publishing) = ("runbookSnapshots", "runbookSnapshots?publish=true");
    server.world(|world| drop(world.user("administrator").forbid("RunbookEdit")));
    server.made(plain, &new(&guide, "first"));
    forbidden(
        &server.post(publishing, &new(&guide, "second")),
        "RunbookEdit",
    );
    assert_eq!(server.world(|world| guide.snapshots(world)).len(), 2);
    server.world(|world| world.octopus.newer.snapshot_permission = false);
    forbidden(&server.post(plain, &new(&guide, "third")), "RunbookEdit");
    server.world(|world| {
        world.octopus.newer.snapshot_permission = true;
        drop(world.user("administrator").forbid("RunbookSnapshotCreate"));
    });
    forbidden(
        &server.post(plain, &new(&guide, "third")),
        "RunbookSnapshotCreate",
    );
}

#[test]
fn the_variables_of_a_snapshot_are_taken_anew_while_its_process_is_the_same() {
    let (server, guide) = Server::set_up();
    let path = "runbookSnapshots/RunbookSnapshots-1";
    let token = server.get(path)["VariableSnapshotConcurrencyToken"].clone();
    let body = json!({ "Id": "RunbookSnapshots-1", "SpaceId": "Spaces-1", "VariableSnapshotConcurrencyToken": token });
    server.world(|world| {
        guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
            it["Value"] = "blue".into()
        });
    });
    let update = format!("{path}/snapshot-variables");
    let modified =
        || server.get(&format!("{path}/runbookRuns/template"))["IsVariableSetModified"].clone();
    assert_eq!(modified(), true);
    assert_eq!(server.post(&update, &body).status, 200);
    assert_eq!(modified(), false);
    refused(&server.post(&update, &body), "since you read it");
    server.world(|world| guide.parameter(world, "VMSS.DryRun", Some("Yes")));
    refused(&server.post(&update, &json!({})), "the process has changed");
}
