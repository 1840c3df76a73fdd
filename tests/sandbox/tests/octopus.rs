//! What tests of the program may rely on about Octopus: targets, spaces, keys and permissions.

use crate::client::Client;
use sandbox::{PERMISSIONS, Route, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn names(page: &Value) -> Vec<&str> {
    let items = page["Items"].as_array().unwrap().iter();
    items.map(|item| item["Name"].as_str().unwrap()).collect()
}

#[test]
fn targets_come_in_pages_sorted_by_name() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        for name in ["delta", "Bravo", "charlie", "alpha", "echo"] {
            world.target(name);
        }
    });
    let client = Client::of(&sandbox);
    let page = client.octopus("/api/Spaces-1/machines?skip=2&take=2").ok();
    assert_eq!(names(&page), ["charlie", "delta"]);
    assert_eq!(page["TotalResults"], 5);
    assert_eq!(page["NumberOfPages"], 3);
    assert_eq!(page["LastPageNumber"], 2);
    assert_eq!(page["ItemsPerPage"], 2);
    assert_eq!(
        page["Links"]["Page.Next"],
        "/api/Spaces-1/machines?skip=4&take=2"
    );
    let last = client.octopus("/api/Spaces-1/machines?skip=4&take=2").ok();
    assert!(last["Links"].get("Page.Next").is_none());
}

#[test]
fn a_page_holds_thirty_unless_asked_and_never_more_than_the_server_wants() {
    let sandbox = Sandbox::start();
    sandbox
        .world(|world| (0..40).for_each(|number| drop(world.target(&format!("web{number:03}")))));
    let client = Client::of(&sandbox);
    assert_eq!(
        names(&client.octopus("/api/Spaces-1/machines").ok()).len(),
        30
    );
    sandbox.world(|world| world.octopus.max_page_size = Some(10));
    let page = client
        .octopus("/api/Spaces-1/machines?take=2147483647")
        .ok();
    assert_eq!(names(&page).len(), 10);
    assert_eq!(page["TotalResults"], 40);
}

#[test]
fn filters_mean_any_of_their_values() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.target("a").roles(&["web", "blue"]);
        world
            .target("b")
            .roles(&["web"])
            .environments(&["Environments-2"]);
        world
            .target("c")
            .roles(&["db"])
            .disabled()
            .health("Unavailable");
        world.target("d").roles(&["mail"]).ssh();
    });
    let client = Client::of(&sandbox);
    let list = |query: &str| {
        let page = client
            .octopus(&format!("/api/Spaces-1/machines?{query}"))
            .ok();
        names(&page).concat()
    };
    assert_eq!(list("roles=BLUE,db"), "ac");
    assert_eq!(list("environmentIds=Environments-1"), "acd");
    assert_eq!(list("isDisabled=true"), "c");
    assert_eq!(list("healthStatuses=Unavailable,Unknown"), "c");
    assert_eq!(list("commStyles=Ssh"), "d");
    assert_eq!(list("ids=Machines-1,Machines-4"), "ad");
    assert_eq!(list("name=B"), "b");
    assert_eq!(
        client
            .octopus("/api/Spaces-1/machines?enviromentIds=x")
            .status,
        400
    );
}

#[test]
fn both_ways_to_name_the_space_work_and_others_do_not() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| drop(world.target("web000001")));
    let client = Client::of(&sandbox);
    for path in [
        "/api/Spaces-1/machines",
        "/api/spaces/Spaces-1/machines",
        "/api/machines",
    ] {
        assert_eq!(names(&client.octopus(path).ok()), ["web000001"], "{path}");
    }
    assert_eq!(client.octopus("/api/Spaces-9/machines").status, 404);
}

#[test]
fn a_target_is_as_large_as_a_real_one_and_keeps_unknown_fields() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| drop(world.target("web000001")));
    let client = Client::of(&sandbox);
    let reply = client.octopus("/api/Spaces-1/machines/Machines-1");
    assert!(
        (1500..3000).contains(&reply.text.len()),
        "{} bytes",
        reply.text.len()
    );
    let mut target = reply.ok();
    target["IsDisabled"] = json!(true);
    let path = "/api/Spaces-1/machines/Machines-1";
    assert_eq!(
        client
            .try_octopus("PUT", path, &target.to_string())
            .unwrap()
            .status,
        200
    );
    let target = client.octopus(path).ok();
    assert_eq!(target["IsDisabled"], true);
    assert_eq!(target["SandboxExtra"], "keep me");
    let partial = json!({ "Name": "web000001", "IsDisabled": true });
    assert_eq!(
        client
            .try_octopus("PUT", path, &partial.to_string())
            .unwrap()
            .status,
        400
    );
}

#[test]
fn a_deleted_target_is_gone() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| drop(world.target("web000001")));
    let client = Client::of(&sandbox);
    assert_eq!(
        client.delete("/api/Spaces-1/machines/Machines-1").status,
        200
    );
    let again = client.delete("/api/Spaces-1/machines/Machines-1");
    assert_eq!(again.status, 404);
    assert!(
        again.json()["ErrorMessage"]
            .as_str()
            .unwrap()
            .contains("Machines-1")
    );
    assert_eq!(sandbox.count(Route::DeleteMachine), 2);
    assert!(sandbox.world(|world| world.target_names()).is_empty());
}

#[test]
fn a_wrong_key_is_refused_and_a_token_may_replace_it() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| world.octopus.access_token = Some("a.b.c".to_owned()));
    let client = Client::of(&sandbox);
    let url = format!("{}/api/users/me", sandbox.octopus_url());
    let status = |headers: &[(&str, &str)]| client.send("GET", &url, headers, "").unwrap().status;
    assert_eq!(status(&[("X-Octopus-ApiKey", "API-WRONG")]), 401);
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[("Authorization", "Bearer a.b.c")]), 200);
    assert_eq!(status(&[("Authorization", "Bearer x.y.z")]), 401);
    let root = format!("{}/api", sandbox.octopus_url());
    assert_eq!(
        client.send("GET", &root, &[], "").unwrap().ok()["Application"],
        "Octopus Deploy"
    );
}

#[test]
fn each_permission_closes_its_routes() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.target("web000001");
        let task = world.deployment().id();
        world.octopus.guided_failure(&task, "x", "web000001");
        drop(world.runbook_run());
    });
    let client = Client::of(&sandbox);
    let routes = [
        ("MachineView", "GET", "/api/Spaces-1/machines"),
        ("MachineEdit", "PUT", "/api/Spaces-1/machines/Machines-1"),
        (
            "MachineDelete",
            "DELETE",
            "/api/Spaces-1/machines/Machines-1",
        ),
        ("EnvironmentView", "GET", "/api/Spaces-1/environments"),
        ("TaskView", "GET", "/api/tasks/ServerTasks-1"),
        ("TaskCreate", "POST", "/api/Spaces-1/tasks"),
        ("MachinePolicyView", "GET", "/api/Spaces-1/machinepolicies"),
        ("TaskCancel", "POST", "/api/tasks/ServerTasks-1/cancel"),
        ("EventView", "GET", "/api/Spaces-1/events"),
        (
            "DeploymentView",
            "GET",
            "/api/Spaces-1/deployments/Deployments-1",
        ),
        (
            "RunbookRunView",
            "GET",
            "/api/Spaces-1/runbookRuns/RunbookRuns-1",
        ),
        (
            "VariableView",
            "GET",
            "/api/Spaces-1/machines/Machines-1/singlyScopedVariableDetails",
        ),
        (
            "LibraryVariableSetView",
            "GET",
            "/api/Spaces-1/machines/Machines-1/singlyScopedVariableDetails",
        ),
        ("InterruptionView", "GET", "/api/Spaces-1/interruptions"),
        (
            "InterruptionSubmit",
            "PUT",
            "/api/Spaces-1/interruptions/Interruptions-1/responsible",
        ),
    ];
    for (permission, method, path) in routes {
        sandbox.world(|world| {
            world.octopus.permissions = PERMISSIONS.map(str::to_owned).into();
            world.octopus.forbid(permission);
        });
        let refused = client.try_octopus(method, path, "").unwrap();
        assert_eq!(refused.status, 403, "{permission}");
        assert!(
            refused.json()["ErrorMessage"]
                .as_str()
                .unwrap()
                .ends_with(permission)
        );
    }
}

#[test]
fn a_key_that_may_not_see_variables_may_learn_that_there_are_some() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let target = world.target("web1").scoped_variable("Projects-1", "Port");
        target.scoped_variable("LibraryVariableSets-1", "Colour");
        world.target("web2");
        world.octopus.forbid("VariableView");
    });
    let client = Client::of(&sandbox);
    let details = |id: &str| {
        client.octopus(&format!(
            "/api/Spaces-1/machines/{id}/singlyScopedVariableDetails"
        ))
    };
    assert_eq!(details("Machines-1").status, 403);
    sandbox.world(|world| world.octopus.flags_hidden_variables = true);
    let found = details("Machines-1").ok();
    assert_eq!(found["HasUnauthorizedProjectVariables"], true);
    assert_eq!(found["HasUnauthorizedLibraryVariableSetVariables"], false);
    assert_eq!(
        found["VariableMap"],
        json!({ "LibraryVariableSets-1": { "Colour": 1 } })
    );
    let none = details("Machines-2").ok();
    assert_eq!(none["HasUnauthorizedProjectVariables"], false);
    assert_eq!(none["VariableMap"], json!({}));
}

#[test]
fn a_virtual_directory_holds_everything() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.octopus.virtual_directory = "/octo".to_owned();
        (0..3).for_each(|number| drop(world.target(&format!("web{number}"))));
    });
    let client = Client::of(&sandbox);
    assert!(sandbox.octopus_url().ends_with("/octo"));
    let page = client.octopus("/api/Spaces-1/machines?take=2").ok();
    assert_eq!(
        page["Links"]["Page.Next"],
        "/octo/api/Spaces-1/machines?skip=2&take=2"
    );
    let outside = sandbox.octopus_url().replace("/octo", "/api");
    assert_eq!(client.send("GET", &outside, &[], "").unwrap().status, 404);
}

#[test]
fn plain_http_shows_the_same_world() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| drop(world.target("web000001")));
    let client = Client::of(&sandbox);
    let key = sandbox.world(|world| world.octopus.api_key.clone());
    let url = format!("{}/api/Spaces-1/machines", sandbox.octopus_http_url());
    let page = client
        .send("GET", &url, &[("X-Octopus-ApiKey", key.as_str())], "")
        .unwrap()
        .ok();
    assert_eq!(names(&page), ["web000001"]);
}

#[test]
fn ten_thousand_machines_and_targets_are_quick() {
    let started = Instant::now();
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(10_000).list();
        world.register_all(&machines);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let first = client.compute(
        &bearer,
        "web-rg",
        "virtualMachineScaleSets/web/virtualMachines",
    );
    let (rows, pages) = client.all_pages(&bearer, first);
    assert_eq!((rows.len(), pages), (10_000, 50));
    let mut ids = BTreeSet::new();
    for skip in (0..10_000).step_by(1000) {
        let page = client
            .octopus(&format!("/api/Spaces-1/machines?skip={skip}&take=1000"))
            .ok();
        ids.extend(
            page["Items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["Id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(ids.len(), 10_000);
    assert!(
        started.elapsed() < Duration::from_secs(300),
        "{:?}",
        started.elapsed()
    );
    println!("{:?}", started.elapsed());
}
