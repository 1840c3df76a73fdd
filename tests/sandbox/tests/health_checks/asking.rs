//! Asking for a health check: what is taken, what is refused, where it is found afterwards.

use super::{EVER, TASKS, arranged, checked, health, order, post, total, try_post};
use sandbox::{Fault, OnlyTestConnection, Route, When};
use serde_json::{Value, json};

#[test]
fn it_stands_in_the_lists_of_tasks() {
    let (_sandbox, client) = arranged(|world| {
        world.target("web1").dead_after(EVER);
        world.deployment();
    });
    let id = post(&client, &order(&["Machines-1"]));
    let found = |query: &str| {
        let page = client.octopus(&format!("{TASKS}?{query}")).ok();
        let items = page["Items"].as_array().unwrap().clone();
        items.iter().any(|item| item["Id"] == id.as_str())
    };
    for query in [
        "active=true",
        "name=Health",
        "partialName=heal",
        "description=octopus-scale-in%20asks",
        "states=Queued,Executing",
        "active=true&name=Health&description=asks%20whether",
    ] {
        assert!(found(query), "{query}");
    }
    for query in [
        "active=false",
        "name=Deploy",
        "description=somebody%20else",
        "environment=Environments-1",
    ] {
        assert!(!found(query), "{query}");
    }
    let history = "/api/Spaces-1/machines/Machines-1/tasks";
    assert_eq!(client.octopus(history).ok()["Items"][0]["Id"], id.as_str());
    assert_eq!(total(&client, &format!("{history}?type=Deployment")), 0);
}

#[test]
fn a_lost_answer_leaves_a_check_that_is_found_by_its_description() {
    let (sandbox, client) = arranged(|world| drop(world.target("web1").answers()));
    sandbox.fault(Route::CreateTask, When::First(1), Fault::lost_answer());
    let sent = order(&["Machines-1"]).to_string();
    assert!(client.try_octopus("POST", TASKS, &sent).is_err());
    assert_eq!(
        total(
            &client,
            &format!("{TASKS}?description=whether%202%20targets")
        ),
        1
    );
    assert_eq!(sandbox.count(Route::CreateTask), 1);
    let asked = sandbox.world(|world| world.octopus.health_check_tasks()[0].clone());
    assert_eq!(asked.health_check.unwrap().targets, ["Machines-1"]);
}

#[test]
fn what_the_server_would_not_take_is_refused() {
    let (_sandbox, client) = arranged(|world| drop(world.target("web1")));
    let wrong = |change: fn(&mut Value)| {
        let mut order = order(&["Machines-1"]);
        change(&mut order);
        let reply = try_post(&client, &order);
        assert_eq!(reply.status, 400, "{order}");
        reply.json()["Errors"][0].as_str().unwrap().to_owned()
    };
    let without = wrong(|order| order["Description"] = Value::Null);
    assert_eq!(without, "The Description field is required.");
    wrong(|order| order["Name"] = "Heath".into());
    wrong(|order| order["SpaceId"] = "Spaces-2".into());
    wrong(|order| order["Machines"] = json!([]));
    wrong(|order| order["QueueTimeExpiry"] = "soon".into());
    wrong(|order| order["Arguments"]["MachineIDs"] = json!([]));
    wrong(|order| order["Arguments"]["MachineIds"] = "Machines-1".into());
    wrong(|order| order["Arguments"]["Timeout"] = "PT5M".into());
    wrong(|order| order["Arguments"]["MachineTimeout"] = 150.into());
    wrong(|order| order["Arguments"]["OnlyTestConnection"] = "True".into());
    let nowhere = client.try_octopus("POST", "/api/Spaces-9/tasks", "{}");
    assert_eq!(nowhere.unwrap().status, 404);
}

#[test]
fn without_ids_all_targets_are_meant() {
    let (_sandbox, client) = arranged(|world| {
        world.target("web1").dead();
        world.target("web2").dead();
    });
    checked(&client, &[]);
    assert_eq!(health(&client, "Machines-1"), "Unavailable");
    assert_eq!(health(&client, "Machines-2"), "Unavailable");
}

#[test]
fn it_needs_two_permissions_and_names_the_one_that_is_missing() {
    for (permission, ends) in [
        ("TaskCreate", "Missing permission: TaskCreate"),
        ("MachineEdit", "environments that this machine belongs to."),
    ] {
        let (_sandbox, client) = arranged(|world| world.octopus.forbid(permission));
        let reply = try_post(&client, &order(&[]));
        assert_eq!(reply.status, 403);
        let message = reply.json()["ErrorMessage"].as_str().unwrap().to_owned();
        assert!(
            message.contains(&format!("Missing permission: {permission}")),
            "{message}"
        );
        assert!(message.ends_with(ends), "{message}");
    }
}

#[test]
fn older_servers_do_not_know_how_to_test_a_connection_only() {
    let (sandbox, client) = arranged(|world| {
        world.target("web1").answers();
        world.health_checks().only_test_connection = OnlyTestConnection::Ignored;
    });
    let task = checked(&client, &["Machines-1"]);
    assert_eq!(task["Arguments"].get("OnlyTestConnection"), None);
    sandbox.world(|world| {
        world.health_checks().only_test_connection = OnlyTestConnection::Refused;
    });
    assert_eq!(try_post(&client, &order(&["Machines-1"])).status, 400);
}
