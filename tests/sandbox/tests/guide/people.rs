//! Users, keys and permissions: each request is judged by the user of its key.

use super::{account, administrator, names, set_up, space};
use sandbox::{Grant, KeyHint, minutes_ago};
use serde_json::{Value, json};
use std::time::Duration;

fn permissions(client: &crate::client::Client) -> Value {
    let me = client.octopus("/api/users/me").ok();
    let id = me["Id"].as_str().unwrap().to_owned();
    let path = format!("/api/Spaces-1/users/{id}/permissions?includeSystem=true");
    client.octopus(&path).ok()
}

#[test]
fn the_two_keys_belong_to_two_users() {
    let (sandbox, guide) = set_up(|_, _| {});
    let (account, administrator) = (account(&sandbox), administrator(&sandbox, &guide));
    let me = account.octopus("/api/users/me").ok();
    assert_eq!(
        (&me["Id"], &me["IsService"]),
        (&json!(guide.service_account), &json!(true))
    );
    let me = administrator.octopus("/api/users/me").ok();
    assert_eq!(
        (&me["Id"], &me["IsService"]),
        (&json!(guide.administrator), &json!(false))
    );
}

#[test]
fn permissions_are_those_of_the_roles_with_their_restrictions() {
    let (sandbox, guide) = set_up(|world, guide| {
        let only = Grant::environments(&[&guide.environment]);
        let user = world.service_account().without_role("Environment Manager");
        drop(user.role_in("Environment Manager", only));
    });
    let own = permissions(&account(&sandbox));
    let grant = &own["SpacePermissions"]["MachineDelete"][0];
    assert_eq!(grant["SpaceId"], "Spaces-1");
    assert_eq!(
        grant["RestrictedToEnvironmentIds"],
        json!([guide.environment])
    );
    assert_eq!(grant["RestrictedToProjectIds"], json!([]));
    let policies = &own["SpacePermissions"]["MachinePolicyView"];
    assert_eq!(policies[0]["RestrictedToEnvironmentIds"], json!([]));
    assert_eq!(own["SpacePermissions"].get("ProjectEdit"), None);
    assert_eq!(own["SystemPermissions"], json!([]));
    assert_eq!(own["IsPermissionsComplete"], true);
    let all = permissions(&administrator(&sandbox, &guide));
    assert!(
        all["SystemPermissions"]
            .as_array()
            .unwrap()
            .contains(&json!("AdministerSystem"))
    );
}

#[test]
fn the_three_roles_of_the_guide_have_no_variable_view() {
    let (sandbox, _) =
        set_up(|world, _| drop(world.service_account().without_role("Space Viewer")));
    let own = permissions(&account(&sandbox));
    assert_eq!(own["SpacePermissions"].get("VariableView"), None);
    for name in [
        "MachineDelete",
        "RunbookRunView",
        "InterruptionView",
        "EventView",
        "TaskCreate",
    ] {
        assert!(own["SpacePermissions"].get(name).is_some(), "{name}");
    }
}

#[test]
fn nobody_reads_the_permissions_of_somebody_else() {
    let (sandbox, guide) = set_up(|_, _| {});
    let path = format!("/api/Spaces-1/users/{}/permissions", guide.service_account);
    assert_eq!(administrator(&sandbox, &guide).octopus(&path).status, 403);
    let keys = format!("/api/users/{}/apikeys", guide.service_account);
    assert_eq!(administrator(&sandbox, &guide).octopus(&keys).status, 200);
    let keys = format!("/api/users/{}/apikeys", guide.administrator);
    assert_eq!(account(&sandbox).octopus(&keys).status, 403);
}

#[test]
fn a_key_says_when_it_expires_and_does_not_work_after_that() {
    let (sandbox, guide) = set_up(|world, _| {
        let soon = Duration::from_secs(7 * 24 * 3600);
        drop(world.service_account().key(|key| key.expires_in(soon)));
    });
    let client = account(&sandbox);
    let path = format!("/api/users/{}/apikeys", guide.service_account);
    let key = client.octopus(&path).ok()["Items"][0].clone();
    assert!(key["Expires"].as_str().unwrap().len() > 20);
    assert_eq!(
        (&key["AccessLevel"], &key["ApiKey"]["HasValue"]),
        (&json!("FullAccess"), &json!(true))
    );
    assert_eq!(key["ApiKey"]["Hint"], "API-SANDB");
    sandbox.world(|world| world.octopus.readings.key_hint = KeyHint::End);
    assert_eq!(
        client.octopus(&path).ok()["Items"][0]["ApiKey"]["Hint"],
        "KEY0"
    );
    sandbox.world(|world| world.octopus.newer.access_levels = false);
    assert_eq!(
        client.octopus(&path).ok()["Items"][0].get("AccessLevel"),
        None
    );
    let gone = Duration::from_secs(60);
    sandbox.world(|world| drop(world.service_account().key(|key| key.expired_ago(gone))));
    assert_eq!(client.octopus("/api/users/me").status, 401);
}

#[test]
fn a_key_that_may_only_read_changes_nothing() {
    let (sandbox, _) = set_up(|world, _| {
        drop(
            world
                .service_account()
                .key(|key| key.access_level = "ReadOnly".to_owned()),
        );
    });
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("machines/Machines-1")).status, 200);
    assert_eq!(client.delete(&space("machines/Machines-1")).status, 403);
    assert!(
        permissions(&client)["SpacePermissions"]
            .get("MachineDelete")
            .is_some()
    );
}

#[test]
fn a_key_with_permissions_of_its_own_has_fewer_than_the_answer_says() {
    let (sandbox, _) = set_up(|world, _| {
        drop(world.service_account().key(|key| {
            key.access_level = "Custom".to_owned();
            key.only = Some(["TaskView".to_owned()].into());
        }));
    });
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("machines")).status, 403);
    assert!(
        permissions(&client)["SpacePermissions"]
            .get("MachineView")
            .is_some()
    );
}

#[test]
fn lists_leave_out_what_lies_beyond_a_restriction() {
    let (sandbox, guide) = set_up(|world, guide| {
        let elsewhere = Grant::projects(&["Projects-9"]);
        drop(world.service_account().restrict("TaskView", elsewhere));
        guide.ran(world, "Success", minutes_ago(5));
        drop(world.deployment().project("Projects-9"));
    });
    let (client, administrator) = (account(&sandbox), administrator(&sandbox, &guide));
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 1);
    assert_eq!(
        administrator.octopus(&space("tasks")).ok()["TotalResults"],
        7
    );
    assert_eq!(client.octopus("/api/tasks/ServerTasks-1").status, 403);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        6
    );
    sandbox.world(|world| world.octopus.forbid("TaskView"));
    assert_eq!(client.octopus(&space("tasks")).status, 403);
    sandbox.world(|world| world.octopus.readings.lists_refuse = false);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 0);
}

#[test]
fn task_lists_may_want_the_view_of_the_run_as_well() {
    let (sandbox, _) = set_up(|world, _| world.octopus.forbid("RunbookRunView"));
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 5);
    sandbox.world(|world| world.octopus.readings.tasks_need_the_view_of_their_run = true);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 0);
}

#[test]
fn a_target_of_two_environments_is_seen_from_one_and_changed_from_both() {
    let (sandbox, _) = set_up(|world, guide| {
        let test = world.octopus.add_environment("Spaces-1", "Test");
        let limited = || Grant::environments(&[&guide.environment]);
        let user = world.service_account().restrict("MachineView", limited());
        drop(user.restrict("MachineDelete", limited()));
        drop(
            world
                .target("both")
                .environments(&[&guide.environment, &test]),
        );
        drop(world.target("elsewhere").environments(&[&test]));
    });
    let client = account(&sandbox);
    let found = client.octopus(&space("machines")).ok();
    assert_eq!(names(&found).len(), 4);
    assert!(names(&found).contains(&"both") && !names(&found).contains(&"elsewhere"));
    assert_eq!(client.octopus(&space("machines/Machines-5")).status, 403);
    assert_eq!(client.delete(&space("machines/Machines-4")).status, 403);
    sandbox.world(|world| world.octopus.readings.changes_need_every_environment = false);
    assert_eq!(client.delete(&space("machines/Machines-4")).status, 200);
}

#[test]
fn a_project_group_stands_for_its_projects() {
    let (sandbox, guide) = set_up(|world, guide| {
        let group = world.document(&guide.project)["ProjectGroupId"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut grant = Grant::project_groups(&[&group]);
        grant.projects = vec!["Projects-9".to_owned()];
        drop(world.service_account().restrict("RunbookView", grant));
    });
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("runbooks")).ok()["TotalResults"], 0);
    sandbox.world(|world| world.octopus.readings.project_groups_add_projects = true);
    assert_eq!(client.octopus(&space("runbooks")).ok()["TotalResults"], 1);
    let settings = space(&format!("projects/{}/deploymentsettings", guide.project));
    assert_eq!(
        client.octopus(&settings).ok()["DefaultGuidedFailureMode"],
        "EnvironmentDefault"
    );
}

#[test]
fn a_grant_without_tenants_may_not_reach_what_has_one() {
    let (sandbox, _) = set_up(|world, guide| {
        let tenant = world.octopus.add_tenant("Acme", &[]);
        drop(guide.ran(world, "Success", minutes_ago(3)).tenant(&tenant));
    });
    let client = account(&sandbox);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        6
    );
    sandbox.world(|world| world.octopus.readings.tenants_must_be_named = true);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        5
    );
}

#[test]
fn the_server_says_itself_which_role_has_a_permission() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = administrator(&sandbox, &guide);
    let roles = client.octopus("/api/userroles/all").ok();
    let with = |permission: &str| {
        let all = roles.as_array().unwrap().iter();
        let own = all.filter(|role| {
            role["GrantedSpacePermissions"]
                .as_array()
                .unwrap()
                .contains(&json!(permission))
        });
        own.map(|role| role["Name"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(with("MachineDelete").contains(&"Environment Manager"));
    assert!(!with("VariableView").contains(&"Project Viewer"));
    let known = client.octopus("/api/permissions/all").ok();
    assert_eq!(
        known["MachineView"]["SupportedRestrictions"],
        json!(["Environments", "Tenants"])
    );
    assert_eq!(account(&sandbox).octopus("/api/userroles/all").status, 403);
    assert!(with("DeploymentView").contains(&"Project Viewer"));
    assert!(!with("DeploymentView").contains(&"Runbook Producer"));
    sandbox.world(|world| world.octopus.newer.snapshot_permission = false);
    let own = permissions(&client);
    assert_eq!(own["SpacePermissions"].get("RunbookSnapshotCreate"), None);
}

#[test]
fn a_person_without_roles_sees_nothing_and_says_so() {
    let (sandbox, _) = set_up(|world, _| {
        drop(world.user("newcomer").add_key("API-NEWCOMER", "none"));
        world
            .user("incomplete")
            .add_key("API-INCOMPLETE", "none")
            .edit(|user| {
                user.permissions_are_complete = false;
            });
    });
    let client = account(&sandbox).with_key("API-NEWCOMER");
    assert_eq!(client.octopus(&space("projects")).status, 403);
    assert_eq!(permissions(&client)["SpacePermissions"], json!({}));
    let client = account(&sandbox).with_key("API-INCOMPLETE");
    assert_eq!(permissions(&client)["IsPermissionsComplete"], false);
}

#[test]
fn a_user_who_is_switched_off_is_not_let_in() {
    let (sandbox, _) = set_up(|world, _| {
        drop(world.service_account().edit(|user| user.is_active = false));
    });
    assert_eq!(account(&sandbox).octopus("/api/users/me").status, 401);
}

#[test]
fn a_health_check_belongs_nowhere_and_may_be_beyond_a_grant_for_some() {
    let (sandbox, _) = set_up(|world, guide| {
        let some = Grant::environments(&[&guide.environment]);
        drop(world.service_account().restrict("TaskView", some));
        world.health_check().edit(|task| {
            task.project = String::new();
            task.environment = String::new();
        });
    });
    let client = account(&sandbox);
    let check = "/api/tasks/ServerTasks-6";
    assert_eq!(client.octopus(check).ok()["Name"], "Health");
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 6);
    sandbox.world(|world| world.octopus.readings.health_checks_need_a_free_grant = true);
    assert_eq!(client.octopus(check).status, 403);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 5);
}
