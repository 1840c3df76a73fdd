//! The same of mistakes in the runbook, its step and its schedule.

use crate::support::check::found_alone;
use sandbox::{Guide, World, minutes_ago};
use serde_json::json;

/// Changes the step, and publishes it.
fn step(world: &mut World, guide: &Guide, change: impl FnOnce(&mut serde_json::Value)) {
    guide.step(world, |step| change(&mut step["Actions"][0]));
    guide.publish(world);
}

fn parameter(world: &mut World, guide: &Guide, name: &str, value: &str) {
    guide.parameter(world, name, Some(value));
    guide.publish(world);
}

fn variable(world: &mut World, guide: &Guide, name: &str, value: &str) {
    guide.variable(world, name, |variable| variable["Value"] = value.into());
    guide.publish(world);
}

#[test]
fn of_where_the_step_runs() {
    found_alone(&[
        (
            "the step runs on each target",
            |world, guide| {
                step(world, guide, |it| {
                    it["Properties"]["Octopus.Action.RunOnServer"] = "false".into();
                });
            },
            &["FAIL step-location"],
        ),
        (
            "the step is disabled",
            |world, guide| step(world, guide, |it| it["IsDisabled"] = true.into()),
            &["FAIL step"],
        ),
        (
            "the step is the Library's",
            |world, guide| {
                step(world, guide, |it| {
                    it["Properties"]["Octopus.Action.Script.ScriptBody"] = "# another".into();
                });
            },
            &["FAIL step"],
        ),
        (
            "no worker of the pool is healthy",
            |world, guide| {
                world.edit(&guide.worker, |worker| {
                    worker["HealthStatus"] = "Unavailable".into()
                });
            },
            &["FAIL worker-pool"],
        ),
        (
            "the step runs on the server itself",
            |world, guide| {
                world.remove(&guide.worker);
            },
            &["WARN worker-pool"],
        ),
        (
            "a managed identity on leased workers",
            |world, guide| {
                world.octopus.make_dynamic(&guide.pool);
                parameter(world, guide, "VMSS.Azure.Credential", "ManagedIdentity");
            },
            &["FAIL worker-pool"],
        ),
    ]);
}

#[test]
fn of_what_the_step_is_bound_to() {
    found_alone(&[
        (
            "a variable that the step names is gone",
            |world, guide| {
                guide.remove_variable(world, "Project.Octopus.Roles");
                guide.publish(world);
            },
            &["FAIL parameters"],
        ),
        (
            "a parameter is misspelt",
            |world, guide| parameter(world, guide, "VMSS.Removal.Limit", "a few"),
            &["FAIL parameters"],
        ),
        (
            "the step names another scale set",
            |world, guide| variable(world, guide, "Project.VMSS.ScaleSetName", "web2"),
            &["FAIL parameters"],
        ),
        (
            "the key stands in the step for everybody to read",
            |world, guide| parameter(world, guide, "VMSS.Octopus.ApiKey", "API-OPEN0TO0ALL0"),
            &["FAIL parameters"],
        ),
        (
            "the account may not be used in the environment",
            |world, guide| {
                world.edit(&guide.account, |account| {
                    account["EnvironmentIds"] = json!(["Environments-99"]);
                });
            },
            &["FAIL azure-account"],
        ),
        (
            "the account is named by an expression",
            |world, guide| {
                parameter(
                    world,
                    guide,
                    "VMSS.Azure.Account",
                    "#{Project.Azure.Account}",
                );
            },
            &["WARN azure-account"],
        ),
        (
            "the template is newer than the step",
            |world, guide| {
                world.update_template(&guide.template, |template| {
                    template["Description"] = "newer".into();
                });
            },
            &["WARN step-template"],
        ),
        (
            "dry run is still on",
            |world, guide| parameter(world, guide, "VMSS.DryRun", "Yes"),
            &["WARN dry-run"],
        ),
        (
            "a run may wait for longer than the interval",
            |world, guide| parameter(world, guide, "VMSS.Timeout.Value", "30"),
            &["WARN timeout"],
        ),
        (
            "names that are nobody's are removed, too",
            |world, guide| parameter(world, guide, "VMSS.Removal.OwnedOnly", "No"),
            &["WARN options"],
        ),
    ]);
}

#[test]
fn of_what_may_run_and_is_published() {
    found_alone(&[
        (
            "the project is disabled",
            |world, guide| world.edit(&guide.project, |it| it["IsDisabled"] = true.into()),
            &["FAIL project"],
        ),
        (
            "the runbook may not run in the environment",
            |world, guide| {
                world.edit(&guide.runbook, |it| {
                    it["Environments"] = json!(["Environments-99"])
                });
            },
            &["FAIL runbook"],
        ),
        (
            "the draft is not what is published",
            |world, guide| guide.parameter(world, "VMSS.Removal.Limit", Some("50")),
            &["WARN published"],
        ),
        (
            "a key was rotated since",
            |world, guide| {
                guide.variable(world, "Project.Octopus.Api.Key", |it| {
                    it["Value"] = "API-NEW0".into()
                });
            },
            &["WARN published-variables"],
        ),
        (
            "nothing is published",
            |world, guide| {
                world.edit(&guide.runbook, |it| {
                    it["PublishedRunbookSnapshotId"] = serde_json::Value::Null;
                });
            },
            &["FAIL published"],
        ),
    ]);
}

#[test]
fn of_the_schedule_and_its_runs() {
    found_alone(&[
        (
            "the schedule is disabled",
            |world, guide| world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into()),
            &["FAIL schedule"],
        ),
        (
            "there is no schedule",
            |world, guide| {
                world.remove(&guide.trigger);
            },
            &["FAIL schedule"],
        ),
        (
            "the schedule is for another environment",
            |world, guide| {
                world.edit(&guide.trigger, |it| {
                    it["Action"]["EnvironmentIds"] = json!(["Environments-99"]);
                });
            },
            &["FAIL schedule"],
        ),
        (
            "the cron line has five fields",
            |world, guide| cron(world, guide, "*/15 * * * *"),
            &["FAIL schedule"],
        ),
        (
            "the schedule is due once a day",
            |world, guide| cron(world, guide, "0 0 3 * * *"),
            &["WARN schedule"],
        ),
        (
            "the newest run is red",
            |world, guide| drop(guide.ran(world, "Failed", minutes_ago(5))),
            &["FAIL last-runs"],
        ),
        (
            "it never ran",
            |world, guide| guide.never_ran(world),
            &["WARN last-runs"],
        ),
        (
            "the runs of a day are kept",
            |world, guide| {
                world.edit(&guide.runbook, |it| {
                    it["RunRetentionPolicy"] = json!({ "Strategy": "Default" });
                });
            },
            &["WARN retention"],
        ),
    ]);
}

fn cron(world: &mut World, guide: &Guide, line: &str) {
    world.edit(&guide.trigger, |it| {
        it["Filter"]["CronExpression"] = line.into()
    });
}
