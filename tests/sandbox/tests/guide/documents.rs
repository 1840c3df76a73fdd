//! Projects, accounts, pools, templates, triggers: lists, pages, one by its id.

use super::{account, administrator, names, set_up, space};
use sandbox::{Grant, minutes_ago};
use serde_json::json;

#[test]
fn the_whole_set_up_is_there_after_one_call() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    for (list, name) in [
        ("projects", "Todo"),
        ("accounts", "Azure subscription"),
        ("workerpools", "Default Worker Pool"),
        ("workers", "worker-1"),
        ("runbooks", "Remove scaled-in targets"),
        ("projecttriggers", "Every 15 minutes"),
        ("runbookSnapshots", "Snapshot S00001"),
    ] {
        assert_eq!(names(&client.octopus(&space(list)).ok()), [name], "{list}");
    }
    let policies = client.octopus(&space("machinepolicies")).ok();
    assert_eq!(names(&policies), ["Auto-scaling", "Default Machine Policy"]);
    let targets = client
        .octopus(&space("machinepolicies/MachinePolicies-2/machines"))
        .ok();
    assert_eq!(targets["TotalResults"], 3);
    let environment = client
        .octopus(&space(&format!("environments/{}", guide.environment)))
        .ok();
    assert_eq!(environment["UseGuidedFailure"], true);
    let runs = client
        .octopus(&space(&format!(
            "tasks?runbook={}&name=RunbookRun&take=3",
            guide.runbook
        )))
        .ok();
    assert_eq!(runs["TotalResults"], 5);
    assert_eq!(runs["Items"].as_array().unwrap().len(), 3);
    assert!(
        runs["Items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|run| run["State"] == "Success")
    );
}

#[test]
fn asked_for_again_it_is_the_same() {
    let (sandbox, guide) = set_up(|world, guide| {
        assert_eq!(world.guide().runbook, guide.runbook);
    });
    assert_eq!(sandbox.world(|world| world.octopus.targets.len()), 3);
    assert_eq!(
        sandbox.world(|world| guide.snapshots(world)),
        ["RunbookSnapshots-1"]
    );
}

#[test]
fn names_are_found_by_a_part_and_lists_come_in_pages() {
    let (sandbox, _) = set_up(|world, _| {
        for number in 0..40 {
            world.octopus.add_project(&format!("Other {number:02}"));
        }
    });
    let client = account(&sandbox);
    let found = client.octopus(&space("projects?partialName=OD")).ok();
    assert_eq!(names(&found), ["Todo"]);
    let page = client.octopus(&space("projects?skip=0")).ok();
    assert_eq!(
        (names(&page).len(), &page["TotalResults"]),
        (30, &json!(41))
    );
    let rest = client.octopus(&space("projects?skip=30")).ok();
    assert_eq!(names(&rest).len(), 11);
    let all = client.octopus(&space("projects/all")).ok();
    assert_eq!(all.as_array().unwrap().len(), 41);
    assert_eq!(client.octopus(&space("projects/Projects-99")).status, 404);
    assert_eq!(client.octopus(&space("projects/todo")).ok()["Name"], "Todo");
}

#[test]
fn any_field_can_be_changed_and_unknown_ones_stay() {
    let (sandbox, guide) = set_up(|world, guide| {
        world.edit(&guide.project, |project| {
            project["IsDisabled"] = true.into();
            project["FromTheFuture"] = json!({ "Kept": 1 });
        });
    });
    let project = account(&sandbox)
        .octopus(&space(&format!("projects/{}", guide.project)))
        .ok();
    assert_eq!(project["IsDisabled"], true);
    assert_eq!(project["FromTheFuture"]["Kept"], 1);
}

#[test]
fn triggers_are_chosen_by_their_runbook_but_not_on_old_servers() {
    let (sandbox, guide) = set_up(|world, guide| {
        world
            .octopus
            .add_target_trigger(&guide.project, &["MachineHealthChanged"]);
    });
    let client = account(&sandbox);
    let path = space(&format!(
        "projects/{}/triggers?runbooks={}&triggerActionType=RunRunbook",
        guide.project, guide.runbook
    ));
    assert_eq!(names(&client.octopus(&path).ok()), ["Every 15 minutes"]);
    sandbox.world(|world| world.octopus.newer.trigger_filters = false);
    assert_eq!(client.octopus(&path).ok()["TotalResults"], 2);
}

#[test]
fn an_older_version_of_a_template_has_an_id_of_its_own_and_steps_stay_as_they_are() {
    let (sandbox, guide) = set_up(|world, guide| {
        world.update_template(&guide.template, |template| {
            template["Description"] = "newer".into()
        });
    });
    let client = account(&sandbox);
    let of = |rest: &str| {
        client
            .octopus(&space(&format!("actiontemplates/{}{rest}", guide.template)))
            .ok()
    };
    assert_eq!(of("")["Version"], 1);
    assert_eq!(of("/versions/1")["Id"], guide.template.as_str());
    let older = of("/versions/0");
    assert_ne!(older["Id"], guide.template.as_str());
    assert_ne!(older["Description"], "newer");
    let usage = of("/usage");
    assert_eq!(usage[0]["RunbookId"], guide.runbook.as_str());
    assert_eq!(usage[0]["Version"], "0");
    assert_eq!(usage.as_array().unwrap().len(), 1);
}

#[test]
fn an_account_is_seen_where_one_of_its_environments_is() {
    let (sandbox, guide) = set_up(|world, guide| {
        let other = world.octopus.add_environment("Spaces-1", "Test");
        let limited = Grant::environments(&[&other]);
        drop(world.service_account().restrict("AccountView", limited));
        world.edit(&guide.account, |account| {
            account["EnvironmentIds"] = json!([guide.environment])
        });
    });
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("accounts")).ok()["TotalResults"], 0);
    let one = space(&format!("accounts/{}", guide.account));
    assert_eq!(client.octopus(&one).status, 403);
    sandbox.world(|world| world.octopus.readings.hides_what_is_out_of_reach = true);
    assert_eq!(client.octopus(&one).status, 404);
    sandbox.world(|world| {
        world.edit(&guide.account, |account| {
            account["EnvironmentIds"] = json!([])
        })
    });
    assert_eq!(client.octopus(&space("accounts")).ok()["TotalResults"], 1);
    sandbox.world(|world| world.octopus.readings.free_accounts_need_a_free_grant = true);
    assert_eq!(client.octopus(&space("accounts")).ok()["TotalResults"], 0);
    let all = administrator(&sandbox, &guide)
        .octopus(&space("accounts?accountType=AzureServicePrincipal"));
    assert_eq!(all.ok()["TotalResults"], 1);
}

#[test]
fn a_freeze_is_told_of_outside_of_spaces() {
    let (sandbox, guide) = set_up(|world, guide| {
        let (from, until) = (minutes_ago(120), minutes_ago(60));
        world
            .octopus
            .add_freeze(&guide.project, &guide.environment, from, until);
    });
    let client = account(&sandbox);
    let found = client
        .octopus(&format!(
            "/api/deploymentfreezes?projectIds={}",
            guide.project
        ))
        .ok();
    assert_eq!(found["Count"], 1);
    let current = client
        .octopus("/api/deploymentfreezes?includeComplete=false")
        .ok();
    assert_eq!(current["DeploymentFreezes"], json!([]));
    sandbox.world(|world| world.octopus.newer.deployment_freezes = false);
    assert_eq!(client.octopus("/api/deploymentfreezes").status, 404);
}

#[test]
fn a_new_policy_begins_with_the_template_that_this_server_has() {
    let (sandbox, _) = set_up(|_, _| {});
    let client = account(&sandbox);
    let path = space("machinepolicies/template");
    let template = client.octopus(&path).ok();
    assert!(template.get("Id").is_none() && template.get("Name").is_none());
    assert_eq!(
        template["MachineHealthCheckPolicy"]["HealthCheckType"],
        "RunScript"
    );
    assert!(template.get("MachineRpcCallRetryPolicy").is_some());
    sandbox.world(|world| world.octopus.newer.policy_extras = false);
    assert!(
        client
            .octopus(&path)
            .ok()
            .get("MachineRpcCallRetryPolicy")
            .is_none()
    );
}
