//! What is right all the same is not called wrong, and nobody is told to delete what is somebody's.

use crate::support::check::{Checked, Guided};
use sandbox::{Guide, World};
use serde_json::{Value, json};

/// Adds a variable of the project with this value, where it is scoped to.
fn add(world: &mut World, guide: &Guide, (name, value): (&str, &str), scope: Value) {
    world
        .octopus
        .add_variable(&guide.variables, name, "String", value);
    guide.variable(world, name, |it| it["Scope"] = scope);
    guide.publish(world);
}

const OVERRIDE: &str = "Octopus.UseGuidedFailure";

#[test]
fn guided_failure_that_a_variable_switches_on_elsewhere() {
    for scope in [
        json!({ "Environment": ["Environments-99"] }),
        json!({ "ProcessOwner": ["Projects-1"] }),
    ] {
        let what = format!("scoped to {scope}");
        let checked = Guided::but(|world, guide| {
            add(world, guide, (OVERRIDE, "True"), scope);
        })
        .check();
        checked.expect_only(&[], &what);
    }
}

#[test]
fn a_variable_that_is_for_the_step_itself() {
    let checked = Guided::but(|world, guide| {
        let mut own = json!(null);
        guide.step(world, |step| own = step["Actions"][0]["Id"].clone());
        let name = "Project.Octopus.Roles";
        guide.variable(world, name, |it| it["Scope"] = json!({ "Action": [own] }));
        guide.publish(world);
    })
    .check();
    checked.expect_only(&[], "scoped to the step");
    let checked = Guided::but(|world, guide| {
        let scope = json!({ "Action": ["another"] });
        guide.variable(world, "Project.Octopus.Roles", |it| it["Scope"] = scope);
        guide.publish(world);
    })
    .check();
    checked.expect_only(&["FAIL parameters"], "scoped to another step");
}

#[test]
fn guided_failure_that_a_variable_switches_off_for_deployments() {
    let checked =
        Guided::but(|world, guide| add(world, guide, (OVERRIDE, "False"), json!({}))).check();
    checked.expect_only(
        &["WARN guided-failure"],
        "off for all that the project does",
    );
    checked.expect_says("guided-failure", "switches it off, whatever");
    checked.expect_says("runbook-guided-failure", "switches it off");
    let checked = Guided::but(|world, guide| {
        let runbook = json!({ "ProcessOwner": [guide.runbook] });
        add(world, guide, (OVERRIDE, "False"), runbook);
    })
    .check();
    checked.expect_only(&[], "off for the runbook alone");
}

#[test]
fn guided_failure_that_a_variable_switches_nobody_knows_how() {
    for value in ["", "yes", "secret"] {
        let checked = Guided::but(|world, guide| {
            add(world, guide, (OVERRIDE, value), json!({}));
            guide.variable(world, OVERRIDE, |it| {
                if value == "secret" {
                    it["Type"] = "Sensitive".into();
                    it["IsSensitive"] = true.into();
                    it["Value"] = Value::Null;
                }
            });
            guide.publish(world);
        })
        .check();
        let odd = ["WARN runbook-guided-failure", "WARN guided-failure"];
        checked.expect_only(&odd, &format!("what the variable holds: {value}"));
        checked.expect_says("guided-failure", "could not be seen");
    }
}

#[test]
fn a_required_step_that_is_for_other_environments() {
    for limit in [
        json!({ "Environments": ["Environments-99"] }),
        json!({ "ExcludedEnvironments": [null] }),
    ] {
        let checked = Guided::but(|world, guide| {
            let mut action = json!({ "Name": "Deploy", "IsRequired": true });
            for (field, places) in limit.as_object().into_iter().flatten() {
                let here = json!([guide.environment]);
                action[field] = if places[0].is_null() {
                    here
                } else {
                    places.clone()
                };
            }
            let process = format!("deploymentprocess-{}", guide.project);
            world.edit(&process, |process| {
                process["Steps"] = json!([{ "Name": "Deploy", "Actions": [action] }]);
            });
        })
        .check();
        checked.expect_only(&[], &limit.to_string());
    }
}

#[test]
fn a_prompt_that_is_for_another_environment() {
    let checked = Guided::but(|world, guide| {
        let elsewhere = json!({ "Environment": ["Environments-99"] });
        add(world, guide, ("Other", "x"), elsewhere);
        guide.variable(world, "Other", |it| {
            it["Prompt"] = json!({ "Label": "Other", "Required": true });
        });
        guide.publish(world);
    })
    .check();
    checked.expect_only(&[], "nobody is asked here");
}

#[test]
fn a_tag_with_its_set_is_the_same_tag() {
    let guided = Guided::new();
    let own = guided.sandbox.world(|world| world.roles.clone());
    let with_set: Vec<String> = own.iter().map(|tag| format!("Kind/{tag}")).collect();
    let run = guided.run();
    let run = run.set("VMSS_DEPLOYMENTTARGET_ROLES", with_set.join(","));
    let checked = Checked::of(run.run());
    checked.expect_no_fail("parameters");
}

#[test]
fn live_targets_of_a_neighbour_are_nobodys_to_delete() {
    let checked = Guided::but(|world, _| {
        let mut targets = world.octopus.targets.values();
        let policy = targets.next().expect("a target").policy.clone();
        let machines = world.scale_set("api").instances(3).list();
        world.register_all(&machines);
        for target in world.octopus.targets.values_mut() {
            target.policy.clone_from(&policy);
        }
    })
    .check();
    checked.expect_only(&["WARN names"], "a neighbour has the same tags");
    checked.expect_says("names", "tags of their own");
    checked.expect_says_not("names", "delete");
}

#[test]
fn a_scale_set_that_is_missing_hides_nothing_of_the_other() {
    let guided = Guided::but(|world, guide| {
        guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
            it["Value"] = "web,gone".into()
        });
        guide.publish(world);
    });
    let checked = Checked::of(guided.run().set("VMSS_SCALESET_NAME", "web,gone").run());
    checked.expect_only(&["FAIL scale-set"], "one of two scale sets is missing");
    for (id, words) in [
        ("machines", "3 targets match a machine"),
        ("names", "3 have a name"),
        ("subscription", "may be listed"),
    ] {
        checked.expect_says(id, words);
    }
}

#[test]
fn a_permission_is_said_to_be_whose() {
    let checked = Guided::but(|world, _| {
        drop(world.service_account().forbid("MachineDelete"));
    })
    .check();
    let user = checked
        .findings
        .iter()
        .find(|it| it["id"] == "schedule-key");
    let user = user.expect("a key")["subject"].as_str().expect("a user");
    checked.expect_says("permission", &format!("{user} lacks it"));
    checked.expect_says("permission", &format!("Give a team of {user}"));
}
