//! What leaves every run green, or waiting, and yet removes nothing: it is found alone, and never passes.

use crate::support::check::Guided;
use sandbox::{Grant, Guide, World, minutes_ago};
use serde_json::{Value, json};

/// What is wrong, how it comes to be, what is found, and in which words.
type Trap = (
    &'static str,
    fn(&mut World, &Guide),
    &'static [&'static str],
    &'static str,
);

/// Each is found alone, and says so.
fn found(traps: &[Trap]) {
    for (what, make, odd, words) in traps {
        let checked = Guided::but(*make).check();
        checked.expect_only(odd, what);
        if let Some((_, id)) = odd.first().and_then(|it| it.split_once(' ')) {
            checked.expect_no_pass(id);
            checked.expect_says(id, words);
        }
    }
}

fn action(world: &mut World, guide: &Guide, field: &str, value: Value) {
    guide.step(world, |step| step["Actions"][0][field] = value);
    guide.publish(world);
}

fn runs_where(world: &mut World, guide: &Guide, expression: &str) {
    guide.step(world, |step| {
        step["Condition"] = "Variable".into();
        step["Properties"]["Octopus.Step.ConditionVariableExpression"] = expression.into();
    });
    guide.publish(world);
}

/// Puts a copy of the step that is changed so into the process.
fn copy(world: &mut World, guide: &Guide, at: usize, change: fn(&mut Value)) {
    world.edit(&guide.process, |process| {
        let mut step = process["Steps"][0].clone();
        step["Name"] = "Another".into();
        step["Actions"][0]["Name"] = "Another".into();
        change(&mut step["Actions"][0]);
        let steps = process["Steps"].as_array_mut();
        steps.expect("steps").insert(at, step);
    });
    guide.publish(world);
}

#[test]
fn a_step_that_a_run_here_leaves_out() {
    found(&[
        (
            "it is for another environment",
            |world, guide| action(world, guide, "Environments", json!(["Environments-99"])),
            &["FAIL step"],
            "it is for other environments",
        ),
        (
            "this environment is excluded",
            |world, guide| {
                let here = json!([guide.environment]);
                action(world, guide, "ExcludedEnvironments", here);
            },
            &["FAIL step"],
            "it is not for this environment",
        ),
        (
            "it is for tenants of a tag",
            |world, guide| action(world, guide, "TenantTags", json!(["Region/EU"])),
            &["FAIL step"],
            "it is for tenants",
        ),
        (
            "it runs after a failure only",
            |world, guide| {
                guide.step(world, |step| step["Condition"] = "Failure".into());
                guide.publish(world);
            },
            &["FAIL step"],
            "only where a step before has failed",
        ),
        (
            "its expression is false",
            |world, guide| runs_where(world, guide, "False"),
            &["FAIL step"],
            "which it is not",
        ),
        (
            "its expression is one that only a run resolves",
            |world, guide| {
                runs_where(
                    world,
                    guide,
                    "#{unless Octopus.Deployment.Error}true#{/unless}",
                )
            },
            &["WARN step"],
            "could not be seen",
        ),
        (
            "its expression is true here",
            |world, guide| {
                let (set, name) = (&guide.variables, "Project.RunsHere");
                world.octopus.add_variable(set, name, "String", "True");
                runs_where(world, guide, "#{Project.RunsHere}");
            },
            &[],
            "",
        ),
    ]);
}

#[test]
fn an_approval_before_the_step() {
    found(&[
        (
            "a person must approve each run",
            |world, guide| {
                copy(world, guide, 0, |action| {
                    *action = json!({ "Name": "Approve", "ActionType": "Octopus.Manual" });
                });
            },
            &["FAIL change-control"],
            "Approve: an approval that each scheduled run would wait for",
        ),
        (
            "an approval that is disabled",
            |world, guide| {
                copy(world, guide, 0, |action| {
                    *action = json!({
                        "Name": "Approve",
                        "ActionType": "Octopus.Manual",
                        "IsDisabled": true,
                    });
                });
            },
            &[],
            "",
        ),
    ]);
}

#[test]
fn which_of_several_steps_is_judged() {
    found(&[
        (
            "a disabled copy stands before it",
            |world, guide| copy(world, guide, 0, |it| it["IsDisabled"] = true.into()),
            &[],
            "",
        ),
        (
            "a script before it names the program",
            |world, guide| {
                copy(world, guide, 0, |action| {
                    action["Properties"] = json!({
                        "Octopus.Action.RunOnServer": "true",
                        "Octopus.Action.Script.ScriptBody": "echo octopus-scale-in comes next",
                    });
                });
            },
            &[],
            "",
        ),
    ]);
}

#[test]
fn a_lifecycle_without_the_environment() {
    let of_lifecycles = |world: &mut World, guide: &Guide| {
        world.edit(&guide.runbook, |runbook| {
            runbook["EnvironmentScope"] = "FromProjectLifecycles".into();
            runbook["Environments"] = json!([]);
        });
    };
    let checked = Guided::but(of_lifecycles).check();
    checked.expect_only(&[], "its lifecycle has the environment");
    let elsewhere = |world: &mut World, guide: &Guide| {
        of_lifecycles(world, guide);
        let lifecycle = world.document(&guide.project)["LifecycleId"].clone();
        let lifecycle = lifecycle.as_str().expect("a lifecycle").to_owned();
        world.edit(&lifecycle, |it| {
            it["Phases"] = json!([{
                "Name": "Development",
                "AutomaticDeploymentTargets": [],
                "OptionalDeploymentTargets": ["Environments-99"],
            }]);
        });
    };
    let checked = Guided::but(elsewhere).check();
    checked.expect_only(&["FAIL runbook"], "its lifecycle lacks the environment");
    checked.expect_says("runbook", "which no lifecycle of the project has");
    let checked = Guided::but(|world, guide| {
        elsewhere(world, guide);
        drop(world.user(&guide.administrator).forbid("RunbookRunCreate"));
    })
    .check();
    checked.expect_only(
        &["WARN runbook"],
        "who may start no runs sees no places for them",
    );
}

#[test]
fn runs_that_stopped_coming() {
    found(&[
        (
            "the newest run is three days old",
            |world, guide| {
                guide.never_ran(world);
                drop(guide.ran(world, "Success", minutes_ago(3 * 24 * 60)));
            },
            &["WARN last-runs"],
            "the newest began",
        ),
        (
            "all runs wait in the queue",
            |world, guide| {
                guide.never_ran(world);
                for minutes in [240, 225, 210] {
                    drop(guide.ran(world, "Queued", minutes_ago(minutes)));
                }
            },
            &["WARN last-runs"],
            "wait in the queue",
        ),
        (
            "one hangs, and the others wait for it",
            |world, guide| {
                guide.never_ran(world);
                drop(guide.ran(world, "Executing", minutes_ago(3 * 24 * 60)));
                drop(guide.ran(world, "Queued", minutes_ago(60)));
            },
            &["WARN last-runs"],
            "is still executing",
        ),
        (
            "they stopped with the schedule",
            |world, guide| {
                guide.never_ran(world);
                drop(guide.ran(world, "Success", minutes_ago(3 * 24 * 60)));
                world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into());
            },
            &["FAIL schedule"],
            "disabled",
        ),
    ]);
}

fn listens_to(world: &mut World, guide: &Guide, groups: Value, categories: Value) {
    let trigger = world.octopus.add_target_trigger(&guide.project, &[]);
    world.edit(&trigger, |it| {
        it["Filter"]["EventGroups"] = groups;
        it["Filter"]["EventCategories"] = categories;
    });
}

/// A trigger that listens to all events, but there alone.
fn listens_at(world: &mut World, guide: &Guide, field: &str, place: &str) {
    let trigger = world.octopus.add_target_trigger(&guide.project, &[]);
    world.edit(&trigger, |it| it["Filter"][field] = json!([place]));
}

#[test]
fn triggers_that_may_listen_to_a_health_check() {
    found(&[
        (
            "it listens to all of targets",
            |world, guide| listens_to(world, guide, json!(["Machine"]), json!([])),
            &["WARN health-triggers"],
            "Machine",
        ),
        (
            "it names no event",
            |world, guide| listens_to(world, guide, json!([]), json!([])),
            &["WARN health-triggers"],
            "every event",
        ),
        (
            "it listens to new machines",
            |world, guide| listens_to(world, guide, json!([]), json!(["MachineAdded"])),
            &[],
            "",
        ),
        (
            "it listens to other environments",
            |world, guide| listens_at(world, guide, "EnvironmentIds", "Environments-99"),
            &[],
            "",
        ),
        (
            "it listens to other tags",
            |world, guide| listens_at(world, guide, "Roles", "another"),
            &[],
            "",
        ),
        (
            "it listens to this environment",
            |world, guide| listens_at(world, guide, "EnvironmentIds", &guide.environment),
            &["WARN health-triggers"],
            "every event",
        ),
    ]);
}

#[test]
fn variables_that_the_schedules_key_may_not_see() {
    let checked = Guided::but(|world, guide| {
        let here = Grant::environments(&[&guide.environment]);
        drop(world.service_account().restrict("VariableView", here));
    })
    .check();
    checked.expect_only(
        &["WARN permission"],
        "VariableView for the environment alone",
    );
    checked.expect_says("permission", "may be hidden, and then the target waits");
    checked.expect_says(
        "permission",
        "not restricted to projects, environments or tenants",
    );
}
