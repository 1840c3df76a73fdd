//! Machine policies, and the targets that have them.

use super::{Server, forbidden, refused};
use sandbox::Grant;
use serde_json::{Value, json};
use std::time::Duration;

fn new_policy(server: &Server) -> Value {
    let mut policy = server.get("machinepolicies/template");
    policy["Name"] = "Mine".into();
    server.made("machinepolicies", &policy)
}

#[test]
fn a_policy_is_kept_as_it_was_sent_and_the_sandbox_goes_by_it() {
    let (server, _) = Server::before();
    let path = "machinepolicies/MachinePolicies-2";
    new_policy(&server);
    let mut sent = server.get(path);
    sent["FromTheFuture"] = json!({ "Kept": [1, 2] });
    sent["MachineHealthCheckPolicy"]["AlsoNew"] = "kept".into();
    sent["MachineHealthCheckPolicy"]["HealthCheckInterval"] = "00:15:00".into();
    sent["MachineHealthCheckPolicy"]["HealthCheckType"] = "OnlyConnectivity".into();
    sent["MachineHealthCheckPolicy"]["BashHealthCheckPolicy"] =
        json!({ "RunType": "Inline", "ScriptBody": "exit 0" });
    sent["MachineCleanupPolicy"] = json!({ "DeleteMachinesBehavior": "DeleteUnavailableMachines",
        "DeleteMachinesElapsedTimeSpan": "00:20:00" });
    server.put(path, &sent).ok();
    let mut kept = server.get(path);
    assert!(kept["LastModifiedOn"].is_string());
    for name in ["LastModifiedOn", "LastModifiedBy"] {
        kept[name] = Value::Null;
        sent[name] = Value::Null;
    }
    assert_eq!(kept, sent);
    server.world(|world| {
        let policy = world.machine_policy("Mine");
        assert_eq!(policy.interval, Some(Duration::from_secs(900)));
        assert!(policy.only_connectivity && !policy.is_default);
        assert_eq!(
            policy.deletes_unavailable_after,
            Some(Duration::from_secs(1200))
        );
        policy.interval = None;
    });
    let never = server.get(path);
    assert_eq!(
        never["MachineHealthCheckPolicy"]["HealthCheckInterval"],
        json!(null)
    );
    assert_eq!(never["MachineHealthCheckPolicy"]["AlsoNew"], "kept");
}

#[test]
fn what_a_put_leaves_out_is_as_in_a_new_policy() {
    let (server, _) = Server::before();
    new_policy(&server);
    let path = "machinepolicies/MachinePolicies-2";
    server
        .change(path, |policy| {
            policy["Description"] = "mine".into();
            policy["Unknown"] = 1.into();
            policy["MachineConnectivityPolicy"]["MachineConnectivityBehavior"] =
                "MayBeOfflineAndCanBeSkipped".into();
            policy["MachineHealthCheckPolicy"]["HealthCheckInterval"] = "00:15:00".into();
        })
        .ok();
    let bare = server
        .put(path, &json!({ "Name": "Mine", "SpaceId": "Spaces-1" }))
        .ok();
    assert_eq!(
        bare["MachineConnectivityPolicy"]["MachineConnectivityBehavior"],
        "ExpectedToBeOnline"
    );
    assert_eq!(
        bare["MachineHealthCheckPolicy"]["HealthCheckInterval"],
        "1.00:00:00"
    );
    assert_eq!(
        (&bare["Description"], bare.get("Unknown")),
        (&json!(null), None)
    );
    assert_eq!(bare["IsDefault"], false);
}

#[test]
fn a_policy_needs_a_name_of_its_own_and_values_that_there_are() {
    let (server, _) = Server::before();
    refused(
        &server.post("machinepolicies", &json!({})),
        "The Name field is required",
    );
    let taken = json!({ "Name": "default machine policy" });
    refused(&server.post("machinepolicies", &taken), "is in use already");
    new_policy(&server);
    let path = "machinepolicies/MachinePolicies-2";
    let bad = server.change(path, |policy| {
        policy["MachineHealthCheckPolicy"]["HealthCheckInterval"] = "15m".into();
    });
    refused(&bad, "not a time span");
    let bad = server.change(path, |policy| {
        policy["MachineHealthCheckPolicy"]["HealthCheckType"] = "Sometimes".into();
    });
    refused(&bad, "HealthCheckType");
    let renamed = server.change("machinepolicies/MachinePolicies-1", |policy| {
        policy["Name"] = "Mine".into()
    });
    refused(&renamed, "is in use already");
    let kept = server.change("machinepolicies/MachinePolicies-1", |policy| {
        policy["IsDefault"] = false.into()
    });
    assert_eq!(kept.ok()["IsDefault"], true);
    let elsewhere = server.change(path, |policy| policy["Id"] = "MachinePolicies-1".into());
    refused(&elsewhere, "not the id in the address");
    assert_eq!(
        server
            .put("machinepolicies/MachinePolicies-9", &taken)
            .status,
        404
    );
}

#[test]
fn policies_have_two_permissions_and_old_servers_lose_what_is_newer() {
    let (server, _) = Server::before();
    let policy = new_policy(&server);
    server.world(|world| drop(world.user("administrator").forbid("MachinePolicyCreate")));
    forbidden(
        &server.post("machinepolicies", &policy),
        "MachinePolicyCreate",
    );
    let path = "machinepolicies/MachinePolicies-2";
    server.world(|world| world.octopus.newer.policy_extras = false);
    let old = server.put(path, &policy).ok();
    assert_eq!(old.get("MachineRpcCallRetryPolicy"), None);
    server.world(|world| drop(world.user("administrator").forbid("MachinePolicyEdit")));
    forbidden(&server.put(path, &policy), "MachinePolicyEdit");
}

#[test]
fn a_target_that_names_no_policy_gets_the_default_one() {
    let (server, guide) = Server::set_up();
    let path = "machines/Machines-1";
    let was = server.get(path);
    assert_eq!(server.put(path, &was).ok(), was);
    let reset = server.change(path, |target| {
        let fields = target.as_object_mut().unwrap();
        fields.remove("MachinePolicyId");
        fields.remove("SandboxExtra");
    });
    let reset = reset.ok();
    assert_eq!(reset["MachinePolicyId"], "MachinePolicies-1");
    assert_eq!(reset.get("SandboxExtra"), None);
    server.world(|world| {
        world.machine_policy("Default Machine Policy").is_default = false;
        world.machine_policy(&guide.policy).is_default = true;
    });
    let reset = server.change("machines/Machines-2", |target| {
        target["MachinePolicyId"] = Value::Null
    });
    assert_eq!(reset.ok()["MachinePolicyId"], "MachinePolicies-2");
    let unknown = server.change(path, |target| {
        target["MachinePolicyId"] = "MachinePolicies-9".into()
    });
    refused(
        &unknown,
        "Machine Policy Ids cannot be found: MachinePolicies-9",
    );
    let unknown = server.change(path, |target| {
        target["EnvironmentIds"] = json!(["Environments-9"])
    });
    refused(&unknown, "Environments-9");
}

#[test]
fn a_target_is_changed_by_who_may_edit_it_in_every_environment() {
    let (server, guide) = Server::set_up();
    let path = "machines/Machines-1";
    let test = server.world(|world| {
        let test = world.octopus.add_environment("Spaces-1", "Test");
        let both = [guide.environment.as_str(), test.as_str()];
        drop(world.existing_target("web000000").environments(&both));
        let only = Grant::environments(&[&guide.environment]);
        drop(world.user("administrator").restrict("MachineEdit", only));
        test
    });
    forbidden(&server.change(path, |_| {}), "MachineEdit");
    server.change("machines/Machines-2", |_| {}).ok();
    let moved = server.change("machines/Machines-2", |target| {
        target["EnvironmentIds"] = json!([test])
    });
    forbidden(&moved, "MachineEdit");
    server.world(|world| world.octopus.readings.changes_need_every_environment = false);
    server.change(path, |_| {}).ok();
}
