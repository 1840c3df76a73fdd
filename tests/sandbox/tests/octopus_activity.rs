//! What tests of the program may rely on about Octopus: tasks, the audit log, guided failures, the rate limit, time.

use crate::client::Client;
use sandbox::{Octopus, RateLimit, Sandbox, minutes_ago, seconds_ago};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn an_older_server_does_not_know_every_address() {
    let sandbox = Sandbox::start();
    let machine = sandbox.world(|world| {
        world.deployment();
        world.runbook_run();
        world.target("web000001").id()
    });
    let client = Client::of(&sandbox);
    let of_machine = format!("/api/Spaces-1/machines/{machine}/tasks");
    let questions = [
        of_machine.as_str(),
        "/api/Spaces-1/runbookRuns/RunbookRuns-1",
        "/api/Spaces-1/tasks?active=true",
    ];
    let known = || questions.map(|path| client.octopus(path).status == 200);
    let changed = |change: fn(&mut Octopus)| {
        sandbox.world(|world| change(&mut world.octopus));
        known()
    };
    assert_eq!(known(), [true, true, true]);
    assert_eq!(
        changed(|octopus| octopus.knows_target_tasks = false),
        [false, true, true]
    );
    assert_eq!(
        changed(|octopus| octopus.knows_runbook_runs = false),
        [false, false, true]
    );
    assert_eq!(changed(Octopus::grow_old), [false, false, false]);
    let refused = client.octopus(questions[2]).json();
    assert!(refused["ErrorMessage"].is_string(), "Octopus's own shape");
    let across = client.octopus("/api/tasks?active=true&spaces=Spaces-1");
    assert_eq!(across.ok()["TotalResults"], 2);
    let root = client.octopus("/api").ok();
    assert_eq!(root["Version"], "2020.1.22");
}

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
        assert_eq!(step["Name"], "Step 1: Check VMSS Provision Status");
        let lines = &step["Children"][0]["LogElements"];
        lines.as_array().unwrap().len()
    };
    assert_eq!(lines(""), 1);
    assert_eq!(lines("?verbose=true"), 2);
    assert_eq!(lines("?verbose=true&tail=1"), 1);
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

/// The categories of the events about something, newest first.
fn categories(client: &Client, about: &str) -> Vec<String> {
    let path = format!("/api/Spaces-1/events?regardingAny={about}");
    let events = client.octopus(&path).ok();
    let items = events["Items"].as_array().unwrap().iter();
    items
        .map(|event| event["Category"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_audit_log_tells_what_became_of_deployments_and_runbook_runs() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let failed = world.deployment();
        drop(failed.completed("Failed", minutes_ago(9), minutes_ago(8)));
        let cancelled = world.runbook_run();
        drop(cancelled.completed("Canceled", minutes_ago(7), minutes_ago(6)));
        drop(
            world
                .runbook_run()
                .queued(sandbox::now() + sandbox::hours(1)),
        );
    });
    let client = Client::of(&sandbox);
    let of = |about: &str| categories(&client, about);
    assert_eq!(
        of("Deployments-1"),
        ["DeploymentFailed", "DeploymentStarted", "DeploymentQueued"]
    );
    assert_eq!(
        of("ServerTasks-2"),
        ["TaskCanceled", "RunbookRunStarted", "RunbookRunQueued"]
    );
    assert_eq!(of("RunbookRuns-2"), ["RunbookRunQueued"]);

    sandbox.world(|world| {
        world.octopus.events_name_tasks = false;
        world.octopus.hide_events("DeploymentStarted");
        world
            .octopus
            .purge_events_before(minutes_ago(8) - sandbox::seconds(1));
    });
    assert_eq!(of("ServerTasks-1"), [""; 0]);
    assert_eq!(of("Deployments-1"), ["DeploymentFailed"]);

    sandbox.world(|world| world.task("ServerTasks-1").delete());
    assert_eq!(of("Deployments-1"), ["DeploymentFailed"]);
    assert_eq!(client.octopus("/api/tasks/ServerTasks-1").status, 404);
}

/// A deployment that succeeded, was queued again before it had ended, and runs again.
fn redeployed(sandbox: &Sandbox) {
    sandbox.world(|world| {
        let task = world.deployment();
        let first = task.completed("Success", minutes_ago(20), minutes_ago(10));
        let first = first.log("Check", "the first run");
        let again = first.queued_again(minutes_ago(12)).began(minutes_ago(9));
        drop(again.log("Check", "the second run"));
    });
}

#[test]
fn a_deployment_that_is_queued_again_may_keep_its_task_and_has_one_log_for_each_run() {
    let sandbox = Sandbox::start();
    redeployed(&sandbox);
    let client = Client::of(&sandbox);

    let details = client.octopus("/api/tasks/ServerTasks-1/details").ok();
    let logs = details["ActivityLogs"].as_array().unwrap();
    let said = |log: &Value| {
        let step = &log["Children"][0]["Children"][0];
        step["LogElements"][0]["MessageText"].clone()
    };
    assert_eq!(logs.len(), 2);
    assert_eq!(said(&logs[0]), "the first run");
    assert_eq!(logs[0]["Status"], "Success");
    assert_eq!(said(&logs[1]), "the second run");
    assert_eq!(logs[1]["Status"], "Running");
    assert_eq!(logs[1]["Ended"], Value::Null);
    assert_ne!(logs[0]["Id"], logs[1]["Id"]);
    assert_eq!(details["Task"]["StartTime"], logs[1]["Started"]);
    assert_eq!(
        categories(&client, "Deployments-1"),
        [
            "DeploymentStarted",
            "DeploymentSucceeded",
            "DeploymentQueued",
            "DeploymentStarted",
            "DeploymentQueued"
        ]
    );
}

/// A deployment that hangs on a machine; the paths of the list of what waits, and of the one interruption.
fn hanging(sandbox: &Sandbox) -> (&'static str, &'static str) {
    sandbox.world(|world| {
        let deployment = world.deployment();
        drop(deployment.hangs_on("Deploy the web site", "web000001"));
    });
    (
        "/api/Spaces-1/interruptions?pendingOnly=true&regarding=ServerTasks-1",
        "/api/Spaces-1/interruptions/Interruptions-1",
    )
}

#[test]
fn a_guided_failure_names_the_element_of_its_machine() {
    let sandbox = Sandbox::start();
    let (pending, _) = hanging(&sandbox);
    let client = Client::of(&sandbox);

    let found = client.octopus(pending).ok()["Items"][0].clone();
    let details = client.octopus("/api/tasks/ServerTasks-1/details").ok();
    let step = &details["ActivityLogs"][0]["Children"][0];
    assert_eq!(step["Name"], "Step 1: Deploy the web site");
    let machine = &step["Children"][0];
    assert_eq!(machine["Name"], "web000001");
    assert_eq!(machine["Id"], found["CorrelationId"]);
    assert_eq!(found["Type"], "GuidedFailure");
    let text = found["Form"]["Elements"][0]["Control"]["Text"].as_str();
    assert!(
        text.unwrap()
            .contains(" on web000001 ' in the current task failed")
    );
    assert_eq!(details["Task"]["HasPendingInterruptions"], true);
    assert_eq!(
        details["Task"]["PendingInterruptionTypes"][0],
        "GuidedFailure"
    );
}

#[test]
fn a_guided_failure_is_claimed_and_answered() {
    let sandbox = Sandbox::start();
    let (pending, own) = hanging(&sandbox);
    let client = Client::of(&sandbox);
    let status = |method: &str, path: &str, body: &str| {
        let path = format!("{own}{path}");
        client.try_octopus(method, &path, body).unwrap().status
    };
    let answer = json!({ "Guidance": "Exclude", "Notes": "its machine is gone" }).to_string();
    let unheard_of = json!({ "Guidance": "Proceed" }).to_string();

    assert_eq!(status("POST", "/submit", &answer), 400, "nobody holds it");
    assert_eq!(
        client.octopus(&format!("{own}/responsible")).ok(),
        Value::Null
    );
    assert_eq!(status("PUT", "/responsible", ""), 200);
    assert_eq!(client.octopus(own).ok()["HasResponsibility"], true);
    assert_eq!(status("POST", "/submit", &unheard_of), 400);
    assert_eq!(status("POST", "/submit", &answer), 200);

    assert_eq!(client.octopus(pending).ok()["TotalResults"], 0);
    assert_eq!(status("POST", "/submit", &answer), 400, "it is answered");
    let answered = client.octopus(own).ok();
    assert_eq!(answered["Form"]["Values"]["Notes"], "its machine is gone");
}

#[test]
fn who_may_not_take_an_interruption_cannot() {
    let sandbox = Sandbox::start();
    let (pending, own) = hanging(&sandbox);
    sandbox.world(|world| {
        let found = world.interruption("Interruptions-1").linked().manual();
        drop(
            found
                .edit(|found| found.may_take = false)
                .held_by("Users-7"),
        );
    });
    let client = Client::of(&sandbox);

    let found = client.octopus(pending).ok()["Items"][0].clone();
    assert_eq!(found["CanTakeResponsibility"], false);
    assert_eq!(found["IsLinkedToOtherInterruption"], true);
    assert_eq!(found["ResponsibleUserId"], "Users-7");
    let buttons = &found["Form"]["Elements"][2];
    assert_eq!(buttons["Name"], "Result");
    assert_eq!(buttons["Control"]["Buttons"][1]["Value"], "Abort");
    let claim = client.try_octopus("PUT", &format!("{own}/responsible"), "");
    assert_eq!(claim.unwrap().status, 403);
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
