//! Projects, accounts, pools, templates, triggers: lists, pages, one by its id.

use super::{account, administrator, names, set_up, space};
use sandbox::{DailyForm, Grant, minutes_ago};
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

#[test]
fn change_control_is_said_by_the_project_and_by_the_environment() {
    let (sandbox, guide) = set_up(|world, guide| {
        world.put_under_change_control(&guide.project, &guide.environment);
    });
    let client = account(&sandbox);
    for path in [
        format!("projects/{}", guide.project),
        format!("environments/{}", guide.environment),
    ] {
        let settings = &client.octopus(&space(&path)).ok()["ExtensionSettings"][0];
        assert_eq!(settings["ExtensionId"], "servicenow-integration", "{path}");
        assert_eq!(
            settings["Values"]["ServiceNowChangeControlled"], true,
            "{path}"
        );
    }
}

#[test]
fn a_pool_has_its_workers_and_may_be_a_dynamic_one() {
    let (sandbox, _) = set_up(|world, guide| {
        let other = world.octopus.add_worker_pool("Cloud");
        world.octopus.make_dynamic(&other);
        world.edit(&guide.worker, |worker| {
            worker["HealthStatus"] = "Unavailable".into()
        });
    });
    let client = account(&sandbox);
    let workers = client
        .octopus(&space("workerpools/WorkerPools-1/workers"))
        .ok();
    assert_eq!(workers["Items"][0]["HealthStatus"], "Unavailable");
    let healthy = client
        .octopus(&space("workers?healthStatuses=Healthy"))
        .ok();
    assert_eq!(healthy["TotalResults"], 0);
    let pools = client.octopus(&space("workerpools/all")).ok();
    assert_eq!(
        (&pools[0]["WorkerPoolType"], &pools[0]["IsDefault"]),
        (&json!("DynamicWorkers"), &json!(false))
    );
    assert_eq!(pools[1]["IsDefault"], true);
}

#[test]
fn an_account_with_openid_connect_has_no_password() {
    let (sandbox, guide) = set_up(|world, guide| world.use_openid_connect(&guide.account));
    let path = space(&format!("accounts/{}", guide.account));
    let found = account(&sandbox).octopus(&path).ok();
    assert_eq!(found["AccountType"], "AzureOidc");
    assert_eq!(found.get("Password"), None);
    assert!(
        found["DeploymentSubjectKeys"]
            .as_array()
            .unwrap()
            .contains(&json!("runbook"))
    );
}

#[test]
fn targets_of_an_environment_come_twenty_to_a_page_and_lists_may_lack_fields() {
    let (sandbox, guide) = set_up(|world, _| {
        (0..30).for_each(|number| drop(world.target(&format!("more{number:02}"))));
    });
    let client = account(&sandbox);
    let page = client
        .octopus(&space(&format!(
            "environments/{}/machines",
            guide.environment
        )))
        .ok();
    assert_eq!(
        (names(&page).len(), &page["TotalResults"]),
        (20, &json!(33))
    );
    assert!(page["Items"][0].get("MachinePolicyId").is_some());
    sandbox.world(|world| {
        world.octopus.readings.left_out_of_target_lists = vec!["MachinePolicyId".to_owned()];
    });
    let page = client.octopus(&space("machines")).ok();
    assert_eq!(page["Items"][0].get("MachinePolicyId"), None);
    let one = client.octopus(&space("machines/Machines-1")).ok();
    assert_eq!(one["MachinePolicyId"], "MachinePolicies-2");
}

#[test]
fn settings_may_need_the_view_of_the_process_and_are_part_of_the_project_on_old_servers() {
    let (sandbox, guide) = set_up(|world, _| world.octopus.forbid("ProcessView"));
    let client = account(&sandbox);
    let path = space(&format!("projects/{}/deploymentsettings", guide.project));
    assert_eq!(client.octopus(&path).status, 200);
    sandbox.world(|world| world.octopus.readings.settings_need_process_view = true);
    assert_eq!(client.octopus(&path).status, 403);
    sandbox.world(|world| world.octopus.newer.deployment_settings = false);
    assert_eq!(client.octopus(&path).status, 404);
    let project = client
        .octopus(&space(&format!("projects/{}", guide.project)))
        .ok();
    assert_eq!(project["DefaultGuidedFailureMode"], "EnvironmentDefault");
}

#[test]
fn a_schedule_may_be_written_in_three_ways() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    let filter = || {
        client
            .octopus(&space(&format!("projecttriggers/{}", guide.trigger)))
            .ok()["Filter"]
            .clone()
    };
    assert_eq!(filter()["CronExpression"], "0 0/15 * * * *");
    sandbox.world(|world| {
        world
            .octopus
            .run_all_day(&guide.trigger, 20, DailyForm::Older)
    });
    assert_eq!(filter()["FilterType"], "ContinuousDailySchedule");
    assert_eq!(filter()["MinuteInterval"], 20);
    sandbox.world(|world| {
        world
            .octopus
            .run_all_day(&guide.trigger, 20, DailyForm::Newer)
    });
    assert_eq!(filter()["RunType"], "Continuously");
}

#[test]
fn an_old_server_has_the_same_set_up_in_its_own_shapes() {
    let (sandbox, guide) = set_up(|world, _| world.octopus.grow_old());
    let client = account(&sandbox);
    assert_eq!(client.octopus("/api").ok()["Version"], "2020.1.22");
    for path in [
        format!("projects/{}/variables", guide.project),
        format!("projects/{}/deploymentsettings", guide.project),
    ] {
        assert_eq!(client.octopus(&space(&path)).status, 404, "{path}");
    }
    let set = client
        .octopus(&space(&format!("variables/{}", guide.variables)))
        .ok();
    assert_eq!(set["Variables"].as_array().unwrap().len(), 6);
    let runs = client
        .octopus(&format!("/api/tasks?runbook={}", guide.runbook))
        .ok();
    assert_eq!(runs["TotalResults"], 5);
    let snapshot = sandbox.world(|world| guide.published(world)).unwrap();
    let template = client
        .octopus(&space(&format!(
            "runbookSnapshots/{snapshot}/runbookRuns/template"
        )))
        .ok();
    assert_eq!(template["IsVariableSetModified"], false);
    assert_eq!(template.get("IsGitResourceModified"), None);
}
