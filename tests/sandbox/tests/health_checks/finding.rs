//! What a health check finds, and who shows it when.

use super::{EVER, arranged, checked, connection, ended, health, ms, order, post, time, try_post};
use sandbox::{hours, minutes_ago};
use serde_json::{Value, json};

#[test]
fn what_answers_is_healthy_and_what_does_not_is_unavailable_and_fails_the_task() {
    let (_sandbox, client) = arranged(|world| {
        world.target("web1").answers().health("Unavailable");
        world.target("web2").dead();
        world.target("web3").answers().found("HasWarnings");
        world.target("web4").answers().found("Unhealthy");
        world.target("web5").dead();
    });
    let task = checked(
        &client,
        &["Machines-1", "Machines-2", "Machines-3", "Machines-4"],
    );
    assert_eq!(task["State"], "Failed");
    assert_eq!(task["HasWarningsOrErrors"], true);
    let found = [1, 2, 3, 4, 5].map(|number| health(&client, &format!("Machines-{number}")));
    let expected = [
        "Healthy",
        "Unavailable",
        "HasWarnings",
        "Unhealthy",
        "Healthy",
    ];
    assert_eq!(found, expected, "the last one was not asked about");

    let task = checked(&client, &["Machines-1", "Machines-3"]);
    assert_eq!(task["State"], "Success");
}

#[test]
fn a_target_answers_as_its_machine_in_azure_does() {
    let (_sandbox, client) = arranged(|world| {
        let machines = world.scale_set("web").instances(3).list();
        world.register_all(&machines);
        world
            .scale_set("web")
            .deallocate("web000001")
            .remove("web000002");
        world.target("PROD-web000000.example.com");
        world.lone_vm("db");
        world.target("db");
        world.target("region").cloud_region();
        world.target("elsewhere").polling();
    });
    let all = client.octopus("/api/Spaces-1/machines/all").ok();
    let ids: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Id"].as_str().unwrap())
        .collect();
    checked(&client, &ids);
    let all = client.octopus("/api/Spaces-1/machines/all").ok();
    let unavailable = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["HealthStatus"] == "Unavailable");
    let names: Vec<&Value> = unavailable.map(|row| &row["Name"]).collect();
    assert_eq!(names, ["elsewhere", "web000001", "web000002"]);
}

#[test]
fn targets_with_one_endpoint_have_one_machine() {
    let (_sandbox, client) = arranged(|world| {
        world.target("web1").answers();
        world.target("web2").shares_endpoint_with("web1");
    });
    checked(&client, &["Machines-2"]);
    assert_eq!(health(&client, "Machines-2"), "Healthy");
}

#[test]
fn the_last_check_is_told_by_the_servers_own_clock() {
    for ahead in [hours(5), hours(-5), hours(0)] {
        let longer_ago = minutes_ago(90);
        let (_sandbox, client) = arranged(|world| {
            world.octopus.clock_ahead = ahead;
            world.target("web1").dead();
            world.target("web2").last_checked(longer_ago);
            world.target("web3").never_checked();
        });
        let task = checked(&client, &["Machines-1"]);
        let found = connection(&client, "Machines-1");
        assert_eq!(found["MachineId"], "Machines-1");
        assert_eq!(found["Status"], "Offline");
        assert_eq!(found["Logs"][0]["Category"], "Error");
        assert!(time(&task, "StartTime") <= time(&found, "LastChecked"));
        assert!(time(&found, "LastChecked") <= time(&task, "CompletedTime"));

        let expected = longer_ago + ahead;
        let expected = format!("{}T{:02}:", expected.date(), expected.hour());
        let other = connection(&client, "Machines-2");
        let shown = time(&other, "LastChecked");
        assert!(shown.starts_with(&expected), "{shown} {expected}");
        assert_eq!(
            connection(&client, "Machines-3")["LastChecked"],
            Value::Null
        );
        assert_eq!(connection(&client, "Machines-3")["Logs"], json!([]));
    }
}

#[test]
fn older_servers_do_not_tell_when_they_checked() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1");
        world.health_checks().says_last_checked = false;
    });
    assert!(
        connection(&client, "Machines-1")
            .get("LastChecked")
            .is_none()
    );
    sandbox.world(|world| world.health_checks().knows_connection = false);
    let unknown = client.octopus("/api/Spaces-1/machines/Machines-1/connection");
    assert_eq!(unknown.status, 404);
}

#[test]
fn disabled_and_deleted_targets_are_left_out() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").dead().disabled();
        world.target("web2").answers();
    });
    let task = checked(&client, &["Machines-1", "Machines-2", "Machines-9"]);
    assert_eq!(task["State"], "Success");
    assert_eq!(health(&client, "Machines-1"), "Healthy");

    sandbox.world(|world| world.health_checks().refuses_unknown_targets = true);
    assert_eq!(try_post(&client, &order(&["Machines-9"])).status, 400);
}

#[test]
fn the_version_decides_what_is_said_of_ssh() {
    let found = |version: &str, only_connection: bool| {
        let (_sandbox, client) = arranged(|world| {
            world.octopus.version = version.to_owned();
            world.target("gone").ssh().dead();
            world.target("bare").ssh().answers().without_bash();
        });
        let mut order = order(&["Machines-1", "Machines-2"]);
        order["Arguments"]["OnlyTestConnection"] = only_connection.into();
        ended(&client, &post(&client, &order));
        ["Machines-1", "Machines-2"].map(|id| health(&client, id))
    };
    assert_eq!(found("2021.3.12943", true), ["Unhealthy", "Healthy"]);
    assert_eq!(found("2024.2.5863", true), ["Unavailable", "Healthy"]);
    assert_eq!(found("2024.2.5864", true), ["Unavailable", "Unhealthy"]);
    assert_eq!(found("2024.2.5864", false), ["Unavailable", "Healthy"]);
}

#[test]
fn lists_may_show_it_later_than_the_target_itself() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").dead();
        world.health_checks().lists_are_late = ms(900);
    });
    let listed = || {
        let page = client.octopus("/api/Spaces-1/machines?ids=Machines-1").ok();
        page["Items"][0]["HealthStatus"].clone()
    };
    checked(&client, &["Machines-1"]);
    assert_eq!(listed(), "Healthy");
    assert_eq!(health(&client, "Machines-1"), "Unavailable");
    std::thread::sleep(ms(1000));
    assert_eq!(listed(), "Unavailable");

    sandbox.world(|world| {
        world.health_checks().lists_are_late = EVER;
        drop(world.existing_target("web1").answers());
    });
    checked(&client, &["Machines-1"]);
    assert_eq!(listed(), "Unavailable");
    assert_eq!(connection(&client, "Machines-1")["Status"], "Online");
}
