//! Each finding about the step and what starts it says what it found, in each of its outcomes.

use crate::support::check::{Checked, Guided, told};
use sandbox::{Guide, World, hours, minutes_ago};
use serde_json::{Value, json};

fn variable(world: &mut World, guide: &Guide, change: impl FnOnce(&mut Value)) {
    guide.variable(world, "Project.Octopus.Roles", change);
    guide.publish(world);
}

fn parameter(world: &mut World, guide: &Guide, name: &str, value: &str) {
    guide.parameter(world, name, Some(value));
    guide.publish(world);
}

#[test]
fn what_a_step_is_bound_to() {
    told(
        "parameters",
        &[
            (
                "the address is that of the guide, which is no variable of Octopus",
                |world, guide| {
                    guide.variable(world, "Project.Octopus.Server.Url", |it| {
                        it["Value"] = "#{Server.Base.Uri}".into();
                    });
                    guide.publish(world);
                },
                &["WARN parameters"],
                "bound to Server.Base.Uri",
            ),
            (
                "the variable is for another environment",
                |world, guide| {
                    variable(world, guide, |it| {
                        it["Scope"] = json!({ "Environment": ["Environments-99"] });
                    });
                },
                &["FAIL parameters"],
                "bound to Project.Octopus.Roles",
            ),
            (
                "the variable is for this environment",
                |world, guide| {
                    let here = guide.environment.clone();
                    variable(world, guide, |it| {
                        it["Scope"] = json!({ "Environment": [here] })
                    });
                },
                &[],
                "all can be understood",
            ),
        ],
    );
}

#[test]
fn what_a_step_is_made_of() {
    told(
        "azure-account",
        &[(
            "no variable of that name",
            |world, guide| parameter(world, guide, "VMSS.Azure.Account", "Project.Azure.Acount"),
            &["FAIL azure-account"],
            "no variable of that name",
        )],
    );
    told(
        "step-template",
        &[(
            "a release that is older than this program",
            |world, guide| {
                guide.step(world, |step| {
                    let properties = &mut step["Actions"][0]["Properties"];
                    let body = properties["Octopus.Action.Script.ScriptBody"].as_str();
                    let body = body
                        .expect("a script")
                        .replace("Version = ''", "Version = '0.0.1'");
                    properties["Octopus.Action.Script.ScriptBody"] = body.into();
                });
                guide.publish(world);
            },
            &["WARN step-template"],
            "it runs release 0.0.1",
        )],
    );
    told(
        "worker-pool",
        &[
            (
                "leased workers",
                |world, guide| world.octopus.make_dynamic(&guide.pool),
                &[],
                "leased when they are needed",
            ),
            (
                "a pool that is gone",
                |world, guide| {
                    guide.step(world, |step| {
                        step["Actions"][0]["WorkerPoolId"] = "WorkerPools-99".into();
                    });
                    guide.publish(world);
                },
                &["FAIL worker-pool"],
                "there is no such worker pool",
            ),
        ],
    );
}

#[test]
fn when_a_schedule_is_due() {
    told(
        "schedule",
        &[
            (
                "on working days",
                |world, guide| cron(world, guide, "0 0/15 * * * MON-FRI"),
                &["WARN schedule"],
                "not due on every day",
            ),
            (
                "for each tenant",
                |world, guide| {
                    world.edit(&guide.trigger, |it| {
                        it["Action"]["TenantIds"] = json!(["Tenants-1"])
                    });
                },
                &["WARN schedule"],
                "one run for each of Tenants-1",
            ),
            (
                "in the older form",
                |world, guide| {
                    world.edit(&guide.trigger, |it| {
                        it["Filter"] = json!({
                            "FilterType": "ContinuousDailySchedule",
                            "Interval": "OnceEveryMinute",
                            "MinuteInterval": 15,
                        });
                    });
                },
                &[],
                "due every 15 minutes",
            ),
            (
                "in a form that is not known",
                |world, guide| {
                    world.edit(&guide.trigger, |it| {
                        it["Filter"] = json!({ "FilterType": "DaysPerMonthSchedule" });
                    });
                },
                &["WARN schedule"],
                "a DaysPerMonthSchedule",
            ),
        ],
    );
    told(
        "freeze",
        &[(
            "a deployment freeze is on",
            |world, guide| {
                let (from, until) = (minutes_ago(60), minutes_ago(0) + hours(1));
                world
                    .octopus
                    .add_freeze(&guide.project, &guide.environment, from, until);
            },
            &[],
            "stops no runbook",
        )],
    );
}

fn cron(world: &mut World, guide: &Guide, line: &str) {
    world.edit(&guide.trigger, |it| {
        it["Filter"]["CronExpression"] = line.into()
    });
}

#[test]
fn how_the_last_runs_went() {
    told(
        "last-runs",
        &[
            (
                "an older one is red",
                |world, guide| {
                    drop(guide.ran(world, "Failed", minutes_ago(10)));
                    drop(guide.ran(world, "Success", minutes_ago(5)));
                },
                &["WARN last-runs"],
                "1 of the last 5 are red, the newest is not",
            ),
            (
                "one waits for a person",
                |world, guide| {
                    let run = guide.ran(world, "Success", minutes_ago(5));
                    drop(run.hangs_on("Remove scaled-in targets", "worker-1"));
                },
                &["FAIL last-runs"],
                "waits for a person",
            ),
        ],
    );
    told(
        "retention",
        &[
            (
                "all runs are kept",
                |world, guide| keep(world, guide, json!({ "ShouldKeepForever": true })),
                &[],
                "all runs are kept",
            ),
            (
                "a few runs are kept",
                |world, guide| {
                    keep(
                        world,
                        guide,
                        json!({ "QuantityToKeep": 10, "Unit": "Items" }),
                    )
                },
                &["WARN retention"],
                "10 runs are kept, which are 2 hours",
            ),
            (
                "enough runs are kept",
                |world, guide| {
                    keep(
                        world,
                        guide,
                        json!({ "QuantityToKeep": 1000, "Unit": "Items" }),
                    )
                },
                &[],
                "1000 runs are kept",
            ),
        ],
    );
}

fn keep(world: &mut World, guide: &Guide, policy: Value) {
    world.edit(&guide.runbook, |it| it["RunRetentionPolicy"] = policy);
}

#[test]
fn what_policies_and_options_do() {
    told(
        "machine-policy",
        &[
            (
                "by a cron line that is due as often",
                |world, guide| {
                    let policy = world.machine_policy(&guide.policy);
                    policy.interval = None;
                    policy.cron = Some("0 0/10 * * * *".into());
                },
                &[],
                "connection only",
            ),
            (
                "by a cron line that is due once a day",
                |world, guide| {
                    let policy = world.machine_policy(&guide.policy);
                    policy.interval = None;
                    policy.cron = Some("0 0 3 * * *".into());
                },
                &["WARN machine-policy"],
                "by the cron line 0 0 3 * * *",
            ),
        ],
    );
    told(
        "machine-policy-updates",
        &[
            (
                "Tentacle is updated",
                |world, guide| {
                    world.machine_policy(&guide.policy).tentacle_updates = "Update".into()
                },
                &["WARN machine-policy-updates"],
                "it updates Tentacle",
            ),
            (
                "nothing is tested, so nothing is updated",
                |world, guide| {
                    world.machine_policy(&guide.policy).tentacle_updates = "Update".into();
                    parameter(world, guide, "VMSS.Healthy.Handle", "Defer");
                },
                &[],
                "no run has a connection tested",
            ),
        ],
    );
    for (name, value) in [
        ("VMSS.Healthy.Handle", "Remove"),
        ("VMSS.BusyTargets.Handle", "Remove"),
        ("VMSS.ReferencedTargets.Handle", "Remove"),
        ("VMSS.Removal.Limit", "100%"),
    ] {
        let guided = Guided::but(|world, guide| parameter(world, guide, name, value));
        let checked: Checked = guided.check();
        checked.expect_only(&["WARN options"], name);
        checked.expect_says("options", name.trim_start_matches("VMSS."));
    }
}
