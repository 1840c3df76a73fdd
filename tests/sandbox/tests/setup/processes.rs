//! Processes of runbooks: versions, names, ids, secrets.

use super::{Server, forbidden, refused, step};
use sandbox::Guide;
use serde_json::{Value, json};

fn path(guide: &Guide) -> String {
    format!("runbookProcesses/{}", guide.process)
}

#[test]
fn a_process_that_was_not_read_from_the_newest_version_is_refused() {
    let (server, guide) = Server::set_up();
    let was = server.get(&path(&guide));
    let saved = server.put(&path(&guide), &was).ok();
    assert_eq!(
        saved["Version"],
        json!(was["Version"].as_u64().unwrap() + 1)
    );
    assert_eq!(saved["Steps"], was["Steps"]);
    let all = server.world(|world| world.everything());
    refused(
        &server.put(&path(&guide), &was),
        "Changes to this process could not be saved",
    );
    server.world(|world| world.octopus.readings.stale_version = 409);
    assert_eq!(server.put(&path(&guide), &was).status, 409);
    let missing = server.change(&path(&guide), |process| process["Version"] = Value::Null);
    refused(&missing, "The Version field is required");
    assert_eq!(server.world(|world| world.everything()), all);
}

#[test]
fn names_of_steps_differ_by_more_than_their_case() {
    let (server, guide) = Server::set_up();
    let twice = server.change(&path(&guide), |process| {
        process["Steps"]
            .as_array_mut()
            .unwrap()
            .push(step("REMOVE scaled-in targets", &json!({})));
    });
    refused(&twice, "must be unique");
    let nameless = server.change(&path(&guide), |process| {
        process["Steps"] = json!([step("", &json!({}))])
    });
    refused(&nameless, "The Name field is required");
    let empty = server.change(&path(&guide), |process| {
        process["Steps"][0]["Actions"] = json!([])
    });
    refused(&empty, "needs an action");
}

#[test]
fn ids_and_slugs_of_what_is_new_are_the_servers() {
    let (server, guide) = Server::set_up();
    let was = server.get(&path(&guide))["Steps"][0].clone();
    let saved = server.change(&path(&guide), |process| {
        let mut new = step("Second step", &json!({}));
        new["Id"] = "mine".into();
        new["Slug"] = "mine".into();
        process["Steps"].as_array_mut().unwrap().push(new);
    });
    let saved = saved.ok();
    assert_eq!(saved["Steps"][0], was);
    let new = &saved["Steps"][1];
    assert_ne!(new["Id"], "mine");
    assert_eq!(
        (&new["Slug"], &new["Actions"][0]["Slug"]),
        (&json!("second-step"), &json!("second-step"))
    );
    assert_eq!(
        (&new["Condition"], &new["Actions"][0]["IsDisabled"]),
        (&json!("Success"), &json!(false))
    );
}

#[test]
fn environments_and_worker_pools_of_an_action_have_to_exist() {
    let (server, guide) = Server::set_up();
    let with = |name: &str, value: Value| {
        server.change(&path(&guide), |process| {
            process["Steps"][0]["Actions"][0][name] = value
        })
    };
    refused(
        &with("Environments", json!(["Environments-9"])),
        "Environments-9",
    );
    refused(
        &with("WorkerPoolId", "WorkerPools-9".into()),
        "WorkerPools-9",
    );
    with("WorkerPoolId", guide.pool.as_str().into()).ok();
}

#[test]
fn a_secret_is_kept_by_its_place_holder_in_either_form() {
    let (server, guide) = Server::set_up();
    let secret = || {
        let name = "Secret";
        server.world(|world| {
            world.document(&guide.process)["Steps"][0]["Actions"][0]["Properties"][name]["NewValue"].clone()
        })
    };
    let set = |value: Value| {
        server.change(&path(&guide), |process| {
            process["Steps"][0]["Actions"][0]["Properties"]["Secret"] = value;
        })
    };
    let saved = set(json!({ "HasValue": true, "NewValue": "hush" }));
    assert!(!saved.text.contains("hush"));
    server.change(&path(&guide), |_| {}).ok();
    assert_eq!(secret(), "hush");
    server.world(|world| world.octopus.readings.properties_are_objects = true);
    let plain = server.world(|world| world.document(&guide.process)["Steps"].clone());
    server.change(&path(&guide), |_| {}).ok();
    assert_eq!(
        server.world(|world| world.document(&guide.process)["Steps"].clone()),
        plain
    );
    set(json!({ "HasValue": false, "NewValue": null })).ok();
    assert_eq!(secret(), json!(null));
}

#[test]
fn the_server_may_add_properties_and_ask_for_another_permission() {
    let (server, guide) = Server::set_up();
    server.world(|world| {
        world.octopus.readings.processes_get_properties = true;
        drop(world.user("administrator").forbid("ProcessEdit"));
    });
    let saved = server.change(&path(&guide), |_| {}).ok();
    let properties = &saved["Steps"][0]["Actions"][0]["Properties"];
    assert_eq!(properties["OctopusUseBundledTooling"], "False");
    server.world(|world| world.octopus.readings.runbook_processes_need_process_edit = true);
    forbidden(&server.change(&path(&guide), |_| {}), "ProcessEdit");
}

#[test]
fn what_a_snapshot_froze_cannot_be_changed() {
    let (server, _) = Server::set_up();
    let snapshot = server.get("runbookSnapshots/RunbookSnapshots-1");
    for (path, id) in [
        ("runbookProcesses", &snapshot["FrozenRunbookProcessId"]),
        ("variables", &snapshot["ProjectVariableSetSnapshotId"]),
    ] {
        let frozen = format!("{path}/{}", id.as_str().unwrap());
        refused(&server.change(&frozen, |_| {}), "frozen");
    }
}
