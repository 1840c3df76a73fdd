//! Environments, projects and their settings.

use super::{Server, forbidden, refused};
use sandbox::Grant;
use serde_json::{Value, json};

#[test]
fn an_environment_keeps_what_is_sent_and_loses_the_rest() {
    let (server, before) = Server::before();
    let path = format!("environments/{}", before.environment);
    server.world(|world| {
        let environment = world
            .octopus
            .environments
            .get_mut(&before.environment)
            .unwrap();
        environment
            .fields
            .insert("FromTheFuture".to_owned(), json!({ "Kept": 1 }));
        world.put_under_change_control(&before.project, &before.environment);
    });
    let was = server.get(&path);
    let saved = server.change(&path, |it| it["UseGuidedFailure"] = true.into());
    let mut saved = saved.ok();
    assert_eq!(saved["UseGuidedFailure"], true);
    saved["UseGuidedFailure"] = false.into();
    for name in ["LastModifiedBy", "LastModifiedOn"] {
        assert!(saved.as_object_mut().unwrap().remove(name).is_some());
    }
    assert_eq!(saved, was);
    let bare = server.put(&path, &json!({ "Name": "Production" })).ok();
    assert_eq!(bare["UseGuidedFailure"], false);
    assert_eq!(
        (
            &bare["AllowDynamicInfrastructure"],
            &bare["ExtensionSettings"]
        ),
        (&json!(false), &json!([]))
    );
    assert_eq!(bare.get("FromTheFuture"), None);
    refused(&server.put(&path, &json!({})), "The Name field is required");
    server.world(|world| world.octopus.add_environment("Spaces-1", "Test"));
    refused(
        &server.put(&path, &json!({ "Name": "test" })),
        "is in use already",
    );
    server.world(|world| {
        world
            .octopus
            .environments
            .get_mut(&before.environment)
            .unwrap()
            .guided_failure = true;
    });
    assert_eq!(server.get(&path)["UseGuidedFailure"], true);
}

#[test]
fn an_environment_is_changed_where_the_permission_reaches() {
    let (server, before) = Server::before();
    server.world(|world| {
        let elsewhere = Grant::environments(&["Environments-9"]);
        drop(
            world
                .user("administrator")
                .restrict("EnvironmentEdit", elsewhere),
        );
    });
    let path = format!("environments/{}", before.environment);
    forbidden(&server.change(&path, |_| {}), "EnvironmentEdit");
}

#[test]
fn settings_are_replaced_and_need_one_permission_or_another() {
    let (server, before) = Server::before();
    let path = format!("projects/{}/deploymentsettings", before.project);
    server.world(|world| {
        let id = format!("deploymentsettings-{}", before.project);
        world.edit(&id, |settings| {
            settings["ReleaseNotesTemplate"] = "notes".into()
        });
    });
    let saved = server
        .change(&path, |it| it["DefaultGuidedFailureMode"] = "On".into())
        .ok();
    assert_eq!(
        (
            &saved["DefaultGuidedFailureMode"],
            &saved["ReleaseNotesTemplate"]
        ),
        (&json!("On"), &json!("notes"))
    );
    let cleared = server.change(&path, |it| {
        it.as_object_mut().unwrap().remove("ReleaseNotesTemplate");
    });
    assert_eq!(cleared.ok()["ReleaseNotesTemplate"], json!(null));
    let wrong = server.change(&path, |it| {
        it["DefaultGuidedFailureMode"] = "Sometimes".into()
    });
    refused(&wrong, "DefaultGuidedFailureMode");
    refused(&server.put(&path, &json!({})), "field is required");
    server.world(|world| drop(world.user("administrator").forbid("ProcessEdit")));
    server.change(&path, |_| {}).ok();
    server.world(|world| world.octopus.readings.settings_need_process_edit = true);
    forbidden(&server.change(&path, |_| {}), "ProcessEdit");
}

#[test]
fn old_servers_keep_the_guided_failure_mode_in_the_project() {
    let (server, before) = Server::before();
    let path = format!("projects/{}", before.project);
    let settings = format!("{path}/deploymentsettings");
    let body = server.get(&settings);
    server.world(|world| world.octopus.grow_old());
    assert_eq!(server.put(&settings, &body).status, 404);
    let saved = server
        .change(&path, |it| it["DefaultGuidedFailureMode"] = "Off".into())
        .ok();
    assert_eq!(saved["DefaultGuidedFailureMode"], "Off");
    assert_eq!(server.get(&path)["DefaultGuidedFailureMode"], "Off");
    let reset = server.change(&path, |it| it["DefaultGuidedFailureMode"] = Value::Null);
    assert_eq!(reset.ok()["VariableSetId"], before.variables.as_str());
    server.world(|world| drop(world.user("administrator").forbid("ProjectEdit")));
    forbidden(&server.change(&path, |_| {}), "ProjectEdit");
}
