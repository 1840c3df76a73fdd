//! Users, keys and permissions: each request is judged by the user of its key.

use super::{account, administrator, set_up, space};
use sandbox::{Grant, KeyHint};
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
