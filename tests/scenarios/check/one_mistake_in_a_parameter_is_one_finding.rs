//! What is wrong with one parameter of the step is said of the parameters, and not again of what a run would do with it.

use crate::support::Run;
use crate::support::check::{Checked, Guided};
use sandbox::{Guide, World};

/// Nothing of what the step says is told by hand as well.
fn by_the_step_alone(guided: &Guided) -> Run {
    [
        "VMSS_SCALESET_NAME",
        "VMSS_RESOURCEGROUP_NAME",
        "VMSS_DEPLOYMENTTARGET_ROLES",
    ]
    .into_iter()
    .fold(guided.run(), |run, name| run.without(name))
}

const NAMES: [&str; 3] = [
    "Project.VMSS.ScaleSetName",
    "Project.VMSS.ResourceGroup.Name",
    "Project.Octopus.Roles",
];

fn empty(world: &mut World, guide: &Guide, name: &str) {
    guide.variable(world, name, |it| it["Value"] = "".into());
    guide.publish(world);
}

fn gone(world: &mut World, guide: &Guide, name: &str) {
    guide.remove_variable(world, name);
    guide.publish(world);
}

#[test]
fn a_variable_that_is_missing_or_empty() {
    by_the_step_alone_finds(&Guided::new(), &[]);
    for name in NAMES {
        for make in [gone, empty] {
            let guided = Guided::but(|world, guide| make(world, guide, name));
            by_the_step_alone_finds(&guided, &["FAIL parameters"]);
        }
    }
}

fn by_the_step_alone_finds(guided: &Guided, found: &[&str]) {
    let checked = Checked::of(by_the_step_alone(guided).run());
    checked.expect_only(found, "all is taken from the step");
    let odd = checked.findings.iter().filter(|it| it["status"] != "PASS");
    assert_eq!(odd.count(), found.len(), "each is said once");
}

#[test]
fn what_is_wrong_by_hand_is_said_all_the_same() {
    let guided = Guided::but(|world, guide| {
        let unbound = Some("#{Nope}");
        guide.parameter(world, "VMSS.Healthy.Handle", unbound);
        guide.publish(world);
    });
    let run = guided.run().set("VMSS_HEALTHY_HANDLE", "abc");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL settings", "FAIL parameters"], "both are wrong");
}

#[test]
fn whoever_named_a_runbook_is_not_told_to() {
    let guided = Guided::but(|world, guide| {
        guide.step(world, |step| step["Actions"] = serde_json::json!([]));
        guide.publish(world);
    });
    let checked = Checked::of(by_the_step_alone(&guided).run());
    checked.expect_only(
        &["WARN tags", "WARN scale-set", "FAIL step"],
        "the runbook has no step",
    );
    for id in ["tags", "scale-set"] {
        checked.expect_says_not(id, "--runbook");
    }
}

#[test]
fn a_value_that_is_unbound_or_misspelt() {
    for (name, id) in [
        ("VMSS.DryRun", "dry-run"),
        ("VMSS.Timeout.Value", "timeout"),
        ("VMSS.Healthy.Handle", "options"),
        ("VMSS.Removal.Limit", "options"),
    ] {
        for value in ["#{Nope}", "abc"] {
            let guided = Guided::but(|world, guide| {
                guide.parameter(world, name, Some(value));
                guide.publish(world);
            });
            let checked = guided.check();
            checked.expect_only(&["FAIL parameters"], &format!("{name} is {value}"));
            checked.expect_no_pass(id);
        }
    }
}
