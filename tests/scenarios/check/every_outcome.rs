//! What the mistakes of the other files leave out: each finding says what it found, in each of its outcomes. Those about the
//! step and what starts it stand in a file of their own.

use crate::support::check::{Guided, told};
use sandbox::{Grant, Guide, World, hours};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn parameter(world: &mut World, guide: &Guide, name: &str, value: &str) {
    guide.parameter(world, name, Some(value));
    guide.publish(world);
}

#[test]
fn clocks() {
    let ahead = Guided::but(|world, _| world.octopus.clock_ahead = hours(1));
    let checked = ahead.check();
    checked.expect_says("octopus-clock", "behind, by Octopus's");
    assert!(checked.odd().contains(&"WARN octopus-clock".to_owned()));
}

#[test]
fn when_a_key_ends() {
    told(
        "schedule-key-expiry",
        &[
            (
                "a key for good, as old servers gave them",
                |world, _| drop(world.service_account().key(|key| key.expires = None)),
                &[],
                "the key never ends",
            ),
            (
                "two keys, of which one ends soon, and no hint which is used",
                |world, _| {
                    world.octopus.readings.key_hint = sandbox::KeyHint::None;
                    let account = world.service_account().add_key("API-OTHER0KEY0", "another");
                    drop(account.key(|key| key.expires_in(3 * DAY)));
                },
                &["WARN schedule-key-expiry"],
                "one of the user's keys",
            ),
            (
                "two keys, of which the other ends soon",
                |world, _| {
                    let account = world.service_account().add_key("API-OTHER0KEY0", "another");
                    drop(account.edit(|user| user.keys[1].expires_in(3 * DAY)));
                },
                &[],
                "the key ends",
            ),
        ],
    );
}

#[test]
fn what_a_key_may() {
    told(
        "schedule-key-access",
        &[(
            "a key that may less",
            |world, _| {
                let account = world.service_account();
                drop(account.key(|key| key.access_level = "Custom".into()));
            },
            &["WARN schedule-key-access"],
            "access level Custom",
        )],
    );
    told(
        "permission",
        &[
            (
                "VariableView for one project only",
                |world, guide| {
                    let grant = Grant::projects(&[&guide.project]);
                    drop(world.service_account().restrict("VariableView", grant));
                },
                &["WARN permission"],
                "restricted to projects Projects-1",
            ),
            (
                "disabling needs no MachineDelete",
                |world, guide| {
                    drop(world.service_account().forbid("MachineDelete"));
                    parameter(world, guide, "VMSS.Removal.Action", "Disable");
                },
                &[],
                "MachineEdit: granted",
            ),
            (
                "answering guided failures needs more",
                |world, guide| parameter(world, guide, "VMSS.GuidedFailure.Handle", "Exclude"),
                &["FAIL permission"],
                "the built-in role Project Deployer",
            ),
        ],
    );
}

#[test]
fn how_a_scale_set_is() {
    told(
        "machines",
        &[(
            "a machine without a target is off",
            |world, _| {
                world.octopus.targets.pop_first();
                world.scale_set("web").deallocate("web000000");
            },
            &[],
            "2 targets match a machine",
        )],
    );
    told(
        "scale-set",
        &[(
            "all Spot instances are evicted",
            |world, _| drop(world.scale_set("web").hide_all()),
            &["WARN scale-set"],
            "none is listed although it should have some",
        )],
    );
    told(
        "scale-set",
        &[(
            "a scaling operation is under way",
            |world, _| drop(world.scale_set("web").state("Updating")),
            &["WARN scale-set"],
            "not settled",
        )],
    );
    told(
        "names",
        &[(
            "a machine was scaled in",
            |world, _| drop(world.scale_set("web").scale_in(&["web000001"])),
            &[],
            "1 target of machines that are gone",
        )],
    );
    told(
        "scale-in-to-zero",
        &[(
            "more machines than the limit",
            |world, guide| parameter(world, guide, "VMSS.Removal.Limit", "2"),
            &["WARN scale-in-to-zero"],
            "over Removal.Limit",
        )],
    );
}

#[test]
fn where_a_runbook_may_run() {
    told(
        "runbook",
        &[
            (
                "for tenants only",
                |world, guide| {
                    world.edit(&guide.runbook, |it| {
                        it["MultiTenancyMode"] = "Tenanted".into()
                    })
                },
                &["FAIL runbook"],
                "only run for a tenant",
            ),
            (
                "in every environment",
                |world, guide| {
                    world.edit(&guide.runbook, |it| it["EnvironmentScope"] = "All".into())
                },
                &[],
                "it may run in Production",
            ),
        ],
    );
    told(
        "runbook-guided-failure",
        &[
            (
                "on for the runbook",
                |world, guide| {
                    world.edit(&guide.runbook, |it| {
                        it["DefaultGuidedFailureMode"] = "On".into()
                    })
                },
                &["FAIL runbook-guided-failure"],
                "on: the first red run waits",
            ),
            (
                "the environment's, which is off; then the project's must be on",
                |world, guide| {
                    let environment = world.octopus.environments.get_mut(&guide.environment);
                    environment.expect("the environment").guided_failure = false;
                    world.edit(&guide.runbook, |it| {
                        it["DefaultGuidedFailureMode"] = "EnvironmentDefault".into()
                    });
                    let settings = format!("deploymentsettings-{}", guide.project);
                    world.edit(&settings, |it| it["DefaultGuidedFailureMode"] = "On".into());
                },
                &["WARN runbook-guided-failure"],
                "off today",
            ),
        ],
    );
    told(
        "guided-failure",
        &[(
            "the project switches off what the environment has on",
            |world, guide| {
                let settings = format!("deploymentsettings-{}", guide.project);
                world.edit(&settings, |it| {
                    it["DefaultGuidedFailureMode"] = "Off".into()
                });
            },
            &["WARN guided-failure"],
            "the project switches it off",
        )],
    );
}
