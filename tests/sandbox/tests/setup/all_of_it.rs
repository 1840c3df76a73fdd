//! The guide, set up over HTTP from nothing.

use super::{Server, id, step};
use sandbox::{Fault, Route, When, minutes_ago};
use serde_json::json;

#[test]
fn the_guide_can_be_set_up_over_http() {
    let (server, before) = Server::before();
    let mut policy = server.get("machinepolicies/template");
    policy["Name"] = "Auto-scaling".into();
    policy["MachineHealthCheckPolicy"]["HealthCheckInterval"] = "00:15:00".into();
    let policy = server.made("machinepolicies", &policy);
    let assigned = server.change("machines/Machines-1", |target| {
        target["MachinePolicyId"] = policy["Id"].clone();
    });
    assert_eq!(assigned.ok()["MachinePolicyId"], policy["Id"]);
    let template = server.made(
        "actiontemplates",
        &json!({
            "Name": "Scale in", "ActionType": "Octopus.Script", "Version": 7,
            "Properties": { "Octopus.Action.RunOnServer": "true" },
            "Parameters": [{ "Id": "p", "Name": "VMSS.DryRun", "DefaultValue": "No" }],
        }),
    );
    assert_eq!(template["Version"], 0);
    let runbook = server.made(
        "runbooks",
        &json!({
            "ProjectId": before.project, "Name": "Tidy up", "EnvironmentScope": "Specified",
            "Environments": [before.environment],
        }),
    );
    let variables = format!("variables/{}", before.variables);
    let saved = server.change(&variables, |set| {
        let all = set["Variables"].as_array_mut().unwrap();
        all.push(
            json!({ "Name": "Key", "Type": "Sensitive", "Value": "secret",
            "Scope": { "ProcessOwner": [runbook["Id"]], "Environment": [before.environment] } }),
        );
    });
    let saved = saved.ok();
    assert_eq!(
        (&saved["Version"], &saved["Variables"][0]["Value"]),
        (&json!(1), &json!(null))
    );
    let process = format!(
        "runbookProcesses/{}",
        runbook["RunbookProcessId"].as_str().unwrap()
    );
    let saved = server.change(&process, |process| {
        process["Steps"] = json!([step("Tidy up", &json!({ "VMSS.DryRun": "Yes" }))]);
    });
    assert_eq!(saved.ok()["Version"], 1);
    let name =
        server.get(&format!("{process}/runbookSnapshotTemplate"))["NextNameIncrement"].clone();
    let snapshot = server.made(
        "runbookSnapshots?publish=true",
        &json!({ "ProjectId": before.project, "RunbookId": runbook["Id"], "Name": name,
            "SelectedPackages": [], "Publish": "true" }),
    );
    let path = format!("runbooks/{}", id(&runbook));
    assert_eq!(
        server.get(&path)["PublishedRunbookSnapshotId"],
        snapshot["Id"]
    );
    let trigger = server.made(
        "projecttriggers",
        &json!({
            "ProjectId": before.project, "Name": "Every quarter", "IsDisabled": true,
            "Filter": { "FilterType": "CronExpressionSchedule", "CronExpression": "0 7/15 * * * *" },
            "Action": { "ActionType": "RunRunbook", "RunbookId": runbook["Id"],
                "EnvironmentIds": [before.environment] },
        }),
    );
    assert_eq!(trigger["Filter"]["Timezone"], "UTC");
    server.world(|world| {
        let runbook = id(&runbook).to_owned();
        drop(world.runbook_ran(&runbook, &before.environment, "Success", minutes_ago(5)));
    });
    let runs = server.get(&format!("tasks?runbook={}", id(&runbook)));
    assert_eq!(runs["Items"][0]["State"], "Success");
}

#[test]
fn before_setup_there_is_nothing_of_the_guide_and_the_guide_builds_on_it() {
    let (server, before) = Server::before();
    for list in [
        "runbooks",
        "projecttriggers",
        "actiontemplates",
        "runbookSnapshots",
    ] {
        assert_eq!(server.get(list)["TotalResults"], 0, "{list}");
    }
    assert_eq!(server.get("machinepolicies")["TotalResults"], 1);
    assert_eq!(
        server.get("machines/Machines-1")["MachinePolicyId"],
        "MachinePolicies-1"
    );
    let environment = format!("environments/{}", before.environment);
    assert_eq!(server.get(&environment)["UseGuidedFailure"], false);
    let guide = server.world(|world| world.guide());
    assert_eq!(
        (guide.project, guide.administrator_key),
        (before.project, before.administrator_key)
    );
    assert_eq!(server.get("projects")["TotalResults"], 1);
    assert_eq!(server.get(&environment)["UseGuidedFailure"], true);
}

#[test]
fn what_was_not_touched_is_the_same_in_everything() {
    let (server, guide) = Server::set_up();
    let before = server.world(|world| world.everything());
    let path = format!("projecttriggers/{}", guide.trigger);
    server
        .change(&path, |trigger| trigger["IsDisabled"] = true.into())
        .ok();
    let after = server.world(|world| world.everything());
    let changed: Vec<&String> = after
        .keys()
        .filter(|id| before.get(*id) != after.get(*id))
        .collect();
    assert_eq!(changed, [&guide.trigger]);
    assert_eq!(before.len(), after.len());
    let secrets = format!("{:?}", before[&guide.variables]);
    assert!(secrets.contains("API-SANDBOX"), "secrets are a part of it");
}

#[test]
fn a_write_is_refused_before_it_or_its_answer_is_lost_after_it() {
    let (server, guide) = Server::set_up();
    let path = format!("projecttriggers/{}", guide.trigger);
    let is_disabled = || server.get(&path)["IsDisabled"] == true;
    let mut trigger = server.get(&path);
    trigger["IsDisabled"] = true.into();
    server
        .sandbox
        .fault(Route::PutTrigger, When::Nth(1), Fault::status(503));
    assert_eq!(server.put(&path, &trigger).status, 503);
    assert!(!is_disabled());
    server
        .sandbox
        .fault(Route::PutTrigger, When::Nth(1), Fault::lost_answer());
    let lost = server
        .client
        .try_octopus("PUT", &super::space(&path), &trigger.to_string());
    assert!(lost.is_err() && is_disabled());
}

#[test]
fn a_proxy_may_give_up_on_what_the_server_has_done() {
    let (server, guide) = Server::set_up();
    let late = Fault::status_after(504);
    server
        .sandbox
        .fault(Route::CreateRunbook, When::Nth(1), late);
    let new = json!({ "ProjectId": guide.project, "Name": "New" });
    assert_eq!(server.post("runbooks", &new).status, 504);
    assert_eq!(server.get("runbooks?partialName=new")["TotalResults"], 1);
    super::refused(&server.post("runbooks", &new), "is in use already");
}

#[test]
fn the_world_can_change_between_a_read_and_the_write() {
    let (server, guide) = Server::set_up();
    let process = guide.process.clone();
    server
        .sandbox
        .on(Route::PutRunbookProcess, 1, move |world| {
            world.edit(&process, |process| process["Steps"] = json!([]));
        });
    let path = format!("runbookProcesses/{}", guide.process);
    let stale = server.change(&path, |_| {});
    super::refused(&stale, "Changes to this process could not be saved");
    assert_eq!(server.get(&path)["Steps"], json!([]));
    assert_eq!(server.sandbox.waiting_changes(), 0);
}
