//! The set-up of the guide with one mistake in it, of those that people make beside the runbook: it alone is found, and what to do
//! about it is told.

use crate::support::check::found_alone;
use sandbox::{Access, Grant, Guide, Read, World};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn of_the_schedules_key() {
    found_alone(&[
        (
            "the key ends in a week",
            |world, _| drop(world.service_account().key(|key| key.expires_in(7 * DAY))),
            &["WARN schedule-key-expiry"],
        ),
        (
            "the key has ended",
            |world, _| drop(world.service_account().key(|key| key.expired_ago(DAY))),
            &["FAIL schedule-key"],
        ),
        (
            "the key is read-only",
            |world, _| {
                let account = world.service_account();
                drop(account.key(|key| key.access_level = "ReadOnly".into()));
            },
            &["FAIL schedule-key-access"],
        ),
        (
            "the key is a person's",
            |world, _| drop(world.service_account().edit(|user| user.is_service = false)),
            &["WARN schedule-key"],
        ),
        (
            "the service account lacks VariableView, as the guide's three roles do",
            |world, _| drop(world.service_account().forbid("VariableView")),
            &["FAIL permission"],
        ),
        (
            "TaskView is for one project only",
            |world, guide| {
                let grant = Grant::projects(&[&guide.project]);
                drop(world.service_account().restrict("TaskView", grant));
            },
            &["FAIL permission"],
        ),
        (
            "RunbookRunView is for one tenant only",
            |world, _| {
                let grant = Grant::tenants(&["Tenants-1"]);
                drop(world.service_account().restrict("RunbookRunView", grant));
            },
            &["FAIL permission"],
        ),
        (
            "MachineDelete is for another environment",
            |world, _| {
                let grant = Grant::environments(&["Environments-99"]);
                drop(world.service_account().restrict("MachineDelete", grant));
            },
            &["FAIL permission"],
        ),
        (
            "the service account may administer the server",
            |world, _| drop(world.service_account().role("System Administrator")),
            &["WARN least-rights"],
        ),
        (
            "the server cannot tell all permissions",
            |world, _| {
                let account = world.service_account().forbid("MachineDelete");
                drop(account.edit(|user| user.permissions_are_complete = false));
            },
            &["WARN permission"],
        ),
    ]);
}

#[test]
fn of_what_lines_up() {
    found_alone(&[
        (
            "a target has a name that no scale set gives",
            |world, guide| {
                let policy = world.machine_policy(&guide.policy).id.clone();
                let strange = world.target("my-web");
                drop(strange.edit(|target| target.policy = policy));
            },
            &["WARN names"],
        ),
        (
            "a machine never registered",
            |world, _| {
                world.octopus.targets.pop_first();
            },
            &["WARN machines"],
        ),
        (
            "another scale set has the same prefix",
            |world, _| {
                let twin = world.scale_set("twin").prefix("web").instances(1);
                drop(twin);
            },
            &["WARN same-prefix"],
        ),
        (
            "the subscription may not be listed",
            |world, _| {
                let group = sandbox::scope::group(sandbox::GROUP);
                world.azure.access = Access::nothing().reader(group);
            },
            &["WARN subscription"],
        ),
        (
            "the scale set may not be read",
            |world, _| {
                let subscription = sandbox::scope::subscription();
                let access = Access::everything();
                world.azure.access = access.deny(Read::ScaleSets, subscription);
            },
            &["FAIL scale-set"],
        ),
    ]);
}

#[test]
fn of_machine_policies_and_triggers() {
    found_alone(&[
        (
            "the policy checks once a day",
            |world, guide| world.machine_policy(&guide.policy).interval = Some(DAY),
            &["WARN machine-policy"],
        ),
        (
            "the policy never checks",
            |world, guide| world.machine_policy(&guide.policy).interval = None,
            &["WARN machine-policy"],
        ),
        (
            "the policy runs scripts",
            |world, guide| world.machine_policy(&guide.policy).only_connectivity = false,
            &["WARN machine-policy"],
        ),
        (
            "a machine that is gone fails the health check",
            |world, guide| world.machine_policy(&guide.policy).may_be_offline = false,
            &["WARN machine-policy"],
        ),
        (
            "the policy deletes unavailable machines",
            |world, guide| {
                let policy = world.machine_policy(&guide.policy);
                policy.deletes_unavailable_after = Some(Duration::from_secs(1200));
            },
            &["WARN machine-policy-deletes"],
        ),
        (
            "the policy updates Calamari",
            |world, guide| {
                let policy = world.machine_policy(&guide.policy);
                policy.calamari_updates = "UpdateAlways".into();
            },
            &["WARN machine-policy-updates"],
        ),
        (
            "the targets have the default policy",
            |world, guide| world.machine_policy(&guide.policy).is_default = true,
            &["WARN new-machines"],
        ),
        (
            "a trigger listens to a target's health",
            |world, guide| {
                let events = ["MachineHealthChanged"];
                world.octopus.add_target_trigger(&guide.project, &events);
            },
            &["WARN health-triggers"],
        ),
    ]);
}

#[test]
fn of_guided_failure_and_approvals() {
    found_alone(&[
        (
            "guided failure is on for neither environment nor project",
            |world, guide| environment(world, guide).guided_failure = false,
            &["WARN guided-failure"],
        ),
        (
            "the runbook takes the environment's guided failure",
            |world, guide| {
                world.edit(&guide.runbook, |runbook| {
                    runbook["DefaultGuidedFailureMode"] = "EnvironmentDefault".into();
                });
            },
            &["FAIL runbook-guided-failure"],
        ),
        (
            "a variable switches guided failure on for the runbook",
            |world, guide| {
                let (set, name) = (&guide.variables, "Octopus.UseGuidedFailure");
                world.octopus.add_variable(set, name, "String", "True");
                guide.publish(world);
            },
            &["FAIL runbook-guided-failure"],
        ),
        (
            "each run waits for a change request",
            |world, guide| {
                environment(world, guide).change_controlled = true;
                world.edit(&guide.project, |project| {
                    project["ExtensionSettings"] = json!([{
                        "ExtensionId": "servicenow-integration",
                        "Values": { "ServiceNowChangeControlled": true },
                    }]);
                });
            },
            &["WARN change-control"],
        ),
        (
            "a step of the deployment is required",
            |world, guide| {
                let process = format!("deploymentprocess-{}", guide.project);
                world.edit(&process, |process| {
                    process["Steps"] = json!([{ "Name": "Deploy", "Actions": [{ "Name": "Deploy", "IsRequired": true }] }]);
                });
            },
            &["WARN required-steps"],
        ),
        (
            "a variable must be given by hand",
            |world, guide| {
                guide.variable(world, "Project.Octopus.Roles", |variable| {
                    variable["Prompt"] = json!({ "Label": "Roles", "Required": true });
                });
                guide.publish(world);
            },
            &["FAIL prompted-variables"],
        ),
    ]);
}

fn environment<'w>(world: &'w mut World, guide: &Guide) -> &'w mut sandbox::Environment {
    let environment = world.octopus.environments.get_mut(&guide.environment);
    environment.expect("the environment of the guide")
}
