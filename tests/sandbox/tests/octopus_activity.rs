//! What tests of the program may rely on about Octopus: tasks, the audit log, guided failures, the rate limit, time.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod common;

use common::Client;
use sandbox::{RateLimit, Sandbox, minutes_ago, seconds_ago};
use serde_json::json;
use std::time::Duration;

#[test]
fn tasks_are_found_by_state_environment_and_machine() {
    let sandbox = Sandbox::start();
    let machine = sandbox.world(|world| {
        let machine = world.target("web000001").id();
        world.deployment().naming(&[&machine]);
        world.runbook_run().queued(seconds_ago(5));
        world.health_check().naming(&[&machine]);
        world.deployment().environment("Environments-2").completed(
            "Success",
            minutes_ago(30),
            minutes_ago(20),
        );
        machine
    });
    let client = Client::of(&sandbox);
    let total = |path: &str| client.octopus(path).ok()["TotalResults"].as_u64().unwrap();
    assert_eq!(total("/api/Spaces-1/tasks"), 4);
    assert_eq!(total("/api/Spaces-1/tasks?active=true"), 3);
    assert_eq!(total("/api/Spaces-1/tasks?running=true&name=Deploy"), 1);
    assert_eq!(
        total("/api/Spaces-1/tasks?environment=Environments-1&name=Deploy,RunbookRun"),
        2
    );
    assert_eq!(total("/api/Spaces-1/tasks?states=Queued"), 1);
    assert_eq!(total(&format!("/api/Spaces-1/machines/{machine}/tasks")), 2);
    assert_eq!(
        total(&format!(
            "/api/Spaces-1/machines/{machine}/tasks?type=Deployment"
        )),
        1
    );

    let task = client.octopus("/api/tasks/ServerTasks-1").ok();
    assert_eq!(task["State"], "Executing");
    assert_eq!(task["IsCompleted"], false);
    let deployment = client
        .octopus("/api/Spaces-1/deployments/Deployments-1")
        .ok();
    assert_eq!(task["Arguments"]["DeploymentId"], deployment["Id"]);
    assert_eq!(deployment["DeployedToMachineIds"][0], machine);
    let run = client
        .octopus("/api/Spaces-1/runbookRuns/RunbookRuns-1")
        .ok();
    assert_eq!(run["TaskId"], "ServerTasks-2");

    let cancelled = client
        .try_octopus("POST", "/api/Spaces-1/tasks/ServerTasks-1/cancel", "")
        .unwrap()
        .ok();
    assert_eq!(cancelled["State"], "Cancelling");
}

#[test]
fn a_task_keeps_what_its_script_printed() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let output = "hello\n##octopus[stdout-verbose]\nrecord 1\n##octopus[stdout-default]\n";
        world
            .deployment()
            .log("Check VMSS Provision Status", output);
    });
    let client = Client::of(&sandbox);
    let lines = |query: &str| {
        let details = client
            .octopus(&format!("/api/tasks/ServerTasks-1/details{query}"))
            .ok();
        let step = &details["ActivityLogs"][0]["Children"][0];
        assert_eq!(step["Name"], "Check VMSS Provision Status");
        step["LogElements"].as_array().unwrap().len()
    };
    assert_eq!(lines(""), 1);
    assert_eq!(lines("?verbose=true"), 2);
    assert!(
        client
            .octopus("/api/tasks/ServerTasks-1/raw")
            .text
            .contains("record 1")
    );
}

#[test]
fn newer_servers_wrap_and_older_ones_do_not_know() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        drop(
            world
                .target("web000001")
                .scoped_variable("Projects-1", "Port"),
        )
    });
    let client = Client::of(&sandbox);
    let variables = "/api/Spaces-1/machines/Machines-1/singlyScopedVariableDetails";
    let tasks = "/api/Spaces-1/machines/Machines-1/tasks";
    assert_eq!(
        client.octopus(variables).ok()["VariableMap"]["Projects-1"]["Port"],
        1
    );
    assert_eq!(client.octopus(tasks).ok()["TotalResults"], 0);

    sandbox.world(|world| world.octopus.wraps_answers = true);
    assert_eq!(
        client.octopus(variables).ok()["Resource"]["VariableMap"]["Projects-1"]["Port"],
        1
    );
    assert_eq!(
        client.octopus(tasks).ok()["ResourceCollection"]["TotalResults"],
        0
    );

    sandbox.world(|world| world.octopus.knows_scoped_variables = false);
    assert_eq!(client.octopus(variables).status, 404);
}

#[test]
fn the_audit_log_tells_when_targets_were_registered() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.target("old").registered(minutes_ago(600));
        world.target("new").registered(minutes_ago(1));
    });
    let client = Client::of(&sandbox);
    let path = "/api/Spaces-1/events?eventCategories=Created&documentTypes=Machines&environments=Environments-1";
    let events = client.octopus(path).ok();
    assert_eq!(events["TotalResults"], 2);
    assert_eq!(events["Items"][0]["RelatedDocumentIds"][0], "Machines-2");
    assert_eq!(
        client
            .octopus(&format!("{path}&regardingAny=Machines-1"))
            .ok()["TotalResults"],
        1
    );
    let from = (minutes_ago(5)).date().to_string();
    let recent = client
        .octopus(&format!("{path}&from={from}T00:00:00Z"))
        .ok();
    assert!(recent["TotalResults"].as_u64().unwrap() >= 1);
}

#[test]
fn a_guided_failure_is_claimed_and_answered() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let task = world.deployment().id();
        world.octopus.guided_failure(&task, "node-7", "web000001");
    });
    let client = Client::of(&sandbox);
    let pending = "/api/Spaces-1/interruptions?pendingOnly=true&regarding=ServerTasks-1";
    let found = client.octopus(pending).ok();
    assert_eq!(found["Items"][0]["CorrelationId"], "node-7");
    let own = "/api/Spaces-1/interruptions/Interruptions-1";
    let answer = json!({ "Guidance": "Exclude", "Notes": "its machine is gone" }).to_string();
    assert_eq!(
        client
            .try_octopus("POST", &format!("{own}/submit"), &answer)
            .unwrap()
            .status,
        400
    );
    assert_eq!(
        client
            .try_octopus("PUT", &format!("{own}/responsible"), "")
            .unwrap()
            .status,
        200
    );
    assert_eq!(
        client
            .try_octopus("POST", &format!("{own}/submit"), &answer)
            .unwrap()
            .status,
        200
    );
    assert_eq!(client.octopus(pending).ok()["TotalResults"], 0);
}

#[test]
fn the_rate_limit_says_what_is_left_and_when_to_come_again() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| world.octopus.rate_limit = Some(RateLimit::new(2, 6)));
    let client = Client::of(&sandbox);
    let first = client.octopus("/api/Spaces-1/machines");
    assert_eq!(first.header("Octopus-RateLimit-Policy"), Some("l=2;rpm=6"));
    assert_eq!(first.header("Octopus-RateLimit"), Some("r=1;t=10"));
    client.octopus("/api/Spaces-1/machines");
    let refused = client.octopus("/api/Spaces-1/machines");
    assert_eq!(refused.status, 429);
    let after: u64 = refused.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=10).contains(&after), "{after}");
    sandbox.world(|world| {
        world.octopus.rate_limit = Some(
            RateLimit::new(0, 60)
                .in_windows_of(Duration::from_secs(60))
                .without_retry_after(),
        );
    });
    let silent = client.octopus("/api/Spaces-1/machines");
    assert_eq!(silent.status, 429);
    assert_eq!(silent.header("Retry-After"), None);
}

#[test]
fn the_date_is_the_servers_own() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| world.octopus.clock_ahead = sandbox::hours(-48));
    let client = Client::of(&sandbox);
    let date = client.octopus("/api").header("Date").unwrap().to_owned();
    let two_days_ago = minutes_ago(48 * 60);
    assert!(
        date.contains(&format!(" {:02} ", two_days_ago.day())),
        "{date}"
    );
}
