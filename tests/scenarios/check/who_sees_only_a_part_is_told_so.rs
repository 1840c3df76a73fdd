//! Where the grants of whoever checks are restricted, what a list lacks is not called missing, and nothing of it passes.

use crate::support::check::{Checked, Guided};
use sandbox::{Grant, Guide, World};

/// A check by somebody who has a permission for this part only.
fn only_for(permission: &str, grant: Grant, change: fn(&mut World, &Guide)) -> Checked {
    let guided = Guided::but(|world, guide| {
        change(world, guide);
        let administrator = world.user(&guide.administrator);
        drop(administrator.restrict(permission, grant));
    });
    guided.check()
}

fn is_out_of_sight(checked: &Checked, id: &str, permission: &str) {
    checked.expect_no_pass(id);
    checked.expect_says(id, "could not be seen: your key has");
    checked.expect_says(id, permission);
    let failed = checked.odd().into_iter().find(|it| it.starts_with("FAIL"));
    assert_eq!(
        failed, None,
        "{permission}: what is not seen is called wrong"
    );
    checked.expect_code(0);
}

#[test]
fn triggers_of_other_projects() {
    let own = Guided::new().guide.project;
    let checked = only_for("TriggerView", Grant::projects(&[&own]), |world, _| {
        let other = world.octopus.add_project("Other");
        let events = ["MachineHealthChanged"];
        world.octopus.add_target_trigger(&other, &events);
    });
    is_out_of_sight(&checked, "health-triggers", "TriggerView");
    checked.expect_only(&["WARN health-triggers"], "the own schedule is seen");
}

#[test]
fn schedules_runs_targets_and_workers() {
    for (permission, grant, ids) in [
        (
            "TriggerView",
            Grant::projects(&["Projects-99"]),
            &["schedule", "health-triggers"][..],
        ),
        (
            "TaskView",
            Grant::projects(&["Projects-99"]),
            &["last-runs"],
        ),
        ("MachineView", Grant::tenants(&["Tenants-9"]), &["targets"]),
        (
            "WorkerView",
            Grant::projects(&["Projects-99"]),
            &["worker-pool"],
        ),
    ] {
        let checked = only_for(permission, grant, |world, _| {
            world.octopus.readings.lists_refuse = false;
        });
        for id in ids {
            is_out_of_sight(&checked, id, permission);
        }
    }
}

#[test]
fn a_machine_whose_target_may_be_hidden_is_not_called_unregistered() {
    let checked = only_for("MachineView", Grant::tenants(&["Tenants-9"]), |world, _| {
        world
            .existing_target("web000000")
            .edit(|target| target.tenants.push("Tenants-9".into()));
    });
    checked.expect_no_pass("machines");
    checked.expect_says("machines", "could not be seen: your key has MachineView");
}

#[test]
fn a_policy_that_is_not_listed_is_not_passed_over() {
    let checked = Guided::but(|world, _| {
        for name in ["web000000", "web000001", "web000002"] {
            world
                .existing_target(name)
                .edit(|target| target.policy = "MachinePolicies-99".into());
        }
    })
    .check();
    checked.expect_only(&["WARN machine-policy"], "nobody lists the targets' policy");
    checked.expect_says("machine-policy", "MachinePolicies-99: could not be seen");
}

/// A check by somebody who may see variables of the environment alone, on a project where one switches guided failure on.
fn sees_variables_here(change: fn(&mut World, &Guide)) -> Checked {
    let here = Guided::new().guide.environment;
    only_for("VariableView", Grant::environments(&[&here]), change)
}

fn switches_on(world: &mut World, guide: &Guide) {
    let name = "Octopus.UseGuidedFailure";
    world
        .octopus
        .add_variable(&guide.variables, name, "String", "True");
    guide.publish(world);
}

#[test]
fn who_may_see_unscoped_variables_sees_what_counts_here() {
    let checked = sees_variables_here(|_, _| {});
    checked.expect_only(&[], "those of no environment are seen");
    let checked = sees_variables_here(switches_on);
    checked.expect_only(&["FAIL runbook-guided-failure"], "it is seen");
}

#[test]
fn unscoped_variables_that_are_hidden_pass_nothing() {
    let checked = sees_variables_here(|world, guide| {
        switches_on(world, guide);
        let administrator = world.user(&guide.administrator);
        drop(administrator.forbid("VariableViewUnscoped"));
    });
    for id in [
        "runbook-guided-failure",
        "prompted-variables",
        "azure-account",
        "guided-failure",
    ] {
        is_out_of_sight(&checked, id, "VariableView");
    }
    checked.expect_no_pass("parameters");
    checked.expect_says("parameters", "as far as can be seen");
}

#[test]
fn a_variable_of_several_environments_may_be_hidden() {
    let checked = sees_variables_here(|world, guide| {
        let both = serde_json::json!([guide.environment, "Environments-99"]);
        guide.variable(world, "Project.Octopus.Roles", |it| {
            it["Scope"] = serde_json::json!({ "Environment": both });
        });
        guide.publish(world);
    });
    checked.expect_only(&["WARN parameters"], "it is there, and not seen");
    checked.expect_says("parameters", "scoped to other environments, too");
}
