//! Machine policies, and what they make of a health check.

use super::{arranged, checked, health};
use sandbox::minutes_ago;
use std::time::Duration;

#[test]
fn a_policy_that_deletes_unavailable_targets_does_so_in_a_health_check() {
    let (sandbox, client) = arranged(|world| {
        world.machine_policy("At once").deletes_unavailable_after = Some(Duration::ZERO);
        world.machine_policy("Patient").deletes_unavailable_after = Some(Duration::from_secs(1200));
        world.target("web1").dead().machine_policy("At once");
        world.target("web2").answers().machine_policy("At once");
        world.target("web3").dead().machine_policy("Patient");
        let long_dead = world.target("web4").dead().machine_policy("Patient");
        long_dead
            .health("Unavailable")
            .last_checked(minutes_ago(30));
        world.target("web5").dead();
    });
    let all = [1, 2, 3, 4, 5].map(|number| format!("Machines-{number}"));
    let task = checked(&client, &all.each_ref().map(String::as_str));
    assert_eq!(task["State"], "Failed");
    let left = sandbox.world(|world| world.target_names());
    assert_eq!(left, ["web2", "web3", "web5"]);
}

#[test]
fn a_policy_may_let_its_targets_be_away() {
    let (_sandbox, client) = arranged(|world| {
        world
            .machine_policy("Default Machine Policy")
            .may_be_offline = true;
        world.target("web1").dead();
    });
    assert_eq!(checked(&client, &["Machines-1"])["State"], "Success");
    assert_eq!(health(&client, "Machines-1"), "Unavailable");
}

#[test]
fn machine_policies_are_listed_and_targets_name_theirs() {
    let (sandbox, client) = arranged(|world| {
        world.machine_policy("Cloud").deletes_unavailable_after = Some(Duration::from_secs(1200));
        world.target("web1").machine_policy("Cloud");
        world.target("web2");
    });
    let list = client.octopus("/api/Spaces-1/machinepolicies").ok();
    assert_eq!(list["TotalResults"], 2);
    assert_eq!(list["Items"][0]["Name"], "Cloud");
    let target = client.octopus("/api/Spaces-1/machines/Machines-1").ok();
    let path = target["Links"]["MachinePolicy"].as_str().unwrap();
    let policy = client.octopus(path).ok();
    assert_eq!(policy["Id"], target["MachinePolicyId"]);
    let clean_up = &policy["MachineCleanupPolicy"];
    assert_eq!(
        clean_up["DeleteMachinesBehavior"],
        "DeleteUnavailableMachines"
    );
    assert_eq!(clean_up["DeleteMachinesElapsedTimeSpan"], "00:20:00");
    let default = client
        .octopus("/api/Spaces-1/machinepolicies/MachinePolicies-1")
        .ok();
    assert_eq!(default["IsDefault"], true);
    assert_eq!(
        default["MachineCleanupPolicy"]["DeleteMachinesBehavior"],
        "DoNotDelete"
    );
    let all = client.octopus("/api/Spaces-1/machinepolicies/all").ok();
    assert_eq!(all.as_array().unwrap().len(), 2);

    // Whoever leaves the policy out of a PUT puts the target on the default one.
    let mut changed = target.clone();
    changed.as_object_mut().unwrap().remove("MachinePolicyId");
    let path = "/api/Spaces-1/machines/Machines-1";
    let put = client
        .try_octopus("PUT", path, &changed.to_string())
        .unwrap()
        .ok();
    assert_eq!(put["MachinePolicyId"], "MachinePolicies-1");
    sandbox.world(|world| world.octopus.forbid("MachinePolicyView"));
    assert_eq!(client.octopus("/api/Spaces-1/machinepolicies").status, 403);
}
