//! Triggers.

use super::{Server, forbidden, id, refused};
use sandbox::{Grant, Guide};
use serde_json::{Value, json};

fn schedule(guide: &Guide, name: &str) -> Value {
    json!({
        "ProjectId": guide.project, "Name": name, "IsDisabled": true,
        "Filter": { "FilterType": "CronExpressionSchedule", "CronExpression": "0 0/15 * * * *", "Timezone": "UTC" },
        "Action": { "ActionType": "RunRunbook", "RunbookId": guide.runbook, "EnvironmentIds": [guide.environment] },
    })
}

#[test]
fn a_trigger_is_made_changed_and_removed_by_either_route() {
    let (server, guide) = Server::set_up();
    let below = format!("projects/{}/triggers", guide.project);
    for (number, path) in ["projecttriggers", &below].into_iter().enumerate() {
        let made = server.made(path, &schedule(&guide, &format!("New {number}")));
        let one = format!("{path}/{}", id(&made));
        let saved = server.change(&one, |trigger| trigger["Description"] = "mine".into());
        assert_eq!(saved.ok()["Description"], "mine");
        let bare = server.change(&one, |trigger| {
            drop(trigger.as_object_mut().unwrap().remove("IsDisabled"))
        });
        assert_eq!(bare.ok()["IsDisabled"], false, "what is left out is reset");
        server.client.delete(&super::space(&one)).ok();
        assert_eq!(server.client.octopus(&super::space(&one)).status, 404);
    }
    let elsewhere = server.world(|world| world.octopus.add_project("Other"));
    let path = format!("projects/{elsewhere}/triggers/{}", guide.trigger);
    assert_eq!(server.put(&path, &json!({})).status, 404);
}

#[test]
fn a_trigger_needs_a_name_of_its_own_a_filter_and_an_action_of_what_there_is() {
    let (server, guide) = Server::set_up();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut json = schedule(&guide, "New");
        change(&mut json);
        server.post("projecttriggers", &json)
    };
    for name in ["Name", "Filter", "Action", "ProjectId"] {
        refused(&with(&|it| it[name] = Value::Null), name);
    }
    refused(
        &with(&|it| it["Name"] = "every 15 MINUTES".into()),
        "is in use already",
    );
    refused(
        &with(&|it| it["Action"]["RunbookId"] = "Runbooks-9".into()),
        "Runbooks-9",
    );
    refused(
        &with(&|it| it["Action"]["EnvironmentIds"] = json!(["Environments-9"])),
        "Environments-9",
    );
    refused(
        &with(&|it| it["Action"]["EnvironmentIds"] = json!([])),
        "needs an environment",
    );
    refused(
        &with(&|it| it["Action"]["TenantIds"] = json!(["Tenants-9"])),
        "Tenants-9",
    );
    for cron in [
        "0/15 * * * *",
        "",
        "every quarter of an hour please now",
        "0 0 0 * * * * *",
    ] {
        refused(
            &with(&|it| it["Filter"]["CronExpression"] = cron.into()),
            "cron",
        );
    }
    let with_years =
        with(&|it| it["Filter"]["CronExpression"] = "0 0 12 ? JAN-DEC MON#1 2026".into());
    assert_eq!(with_years.status, 201, "{}", with_years.text);
}

#[test]
fn a_schedule_may_be_refused_while_nothing_is_published() {
    let (server, guide) = Server::set_up();
    server.world(|world| {
        world.edit(&guide.runbook, |it| {
            it["PublishedRunbookSnapshotId"] = Value::Null
        });
    });
    server.made("projecttriggers", &schedule(&guide, "first"));
    server.world(|world| world.octopus.readings.schedules_need_a_published_snapshot = true);
    refused(
        &server.post("projecttriggers", &schedule(&guide, "second")),
        "no published snapshot",
    );
    server.world(|world| guide.publish(world));
    server.made("projecttriggers", &schedule(&guide, "second"));
}

#[test]
fn a_trigger_that_is_enabled_may_run_at_once() {
    let (server, guide) = Server::set_up();
    let made = server.made("projecttriggers", &schedule(&guide, "New"));
    let path = format!("projecttriggers/{}", id(&made));
    let runs = || server.get("tasks?states=Executing")["TotalResults"].clone();
    server
        .change(&path, |it| it["IsDisabled"] = false.into())
        .ok();
    assert_eq!(runs(), 0);
    server.world(|world| world.octopus.readings.enabled_triggers_run_at_once = true);
    server.change(&path, |_| {}).ok();
    assert_eq!(runs(), 0);
    server
        .change(&path, |it| it["IsDisabled"] = true.into())
        .ok();
    server
        .change(&path, |it| it["IsDisabled"] = false.into())
        .ok();
    assert_eq!(runs(), 1);
}

#[test]
fn triggers_are_written_where_the_permission_reaches() {
    let (server, guide) = Server::set_up();
    let path = format!("projecttriggers/{}", guide.trigger);
    server.world(|world| {
        let elsewhere = Grant::projects(&["Projects-9"]);
        for permission in ["TriggerCreate", "TriggerEdit", "TriggerDelete"] {
            drop(
                world
                    .user("administrator")
                    .restrict(permission, elsewhere.clone()),
            );
        }
    });
    forbidden(
        &server.post("projecttriggers", &schedule(&guide, "New")),
        "TriggerCreate",
    );
    forbidden(&server.change(&path, |_| {}), "TriggerEdit");
    forbidden(&server.client.delete(&super::space(&path)), "TriggerDelete");
    server.world(|world| world.octopus.readings.hides_what_is_out_of_reach = true);
    assert_eq!(server.change(&path, |_| {}).status, 404);
}
