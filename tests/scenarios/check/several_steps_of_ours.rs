//! A runbook may have a step for each scale set, or one for each environment: each that runs here is judged, and what is not
//! looked at is said.

use crate::support::check::{Checked, Guided};
use sandbox::{Guide, World};
use serde_json::{Value, json};

/// The right set-up with short waits, and a second step that is changed so.
fn second(change: impl FnOnce(&mut World, &Guide, &mut Value)) -> Guided {
    Guided::but(|world, guide| {
        guide.parameter(world, "VMSS.Timeout.Value", Some("2"));
        guide.parameter(world, "VMSS.Healthy.TimeoutInMinutes", Some("2"));
        let mut step = world.document(&guide.process)["Steps"][0].clone();
        step["Name"] = "Another".into();
        step["Actions"][0]["Name"] = "Another".into();
        change(world, guide, &mut step["Actions"][0]);
        world.edit(&guide.process, |process| {
            process["Steps"].as_array_mut().expect("steps").push(step);
        });
        guide.publish(world);
    })
}

fn bound(name: &'static str, value: &'static str) -> Guided {
    second(|_, _, action| action["Properties"][name] = value.into())
}

#[test]
fn a_second_one_that_is_right_passes() {
    second(|_, _, _| {})
        .check()
        .expect_only(&[], "the same once more");
}

#[test]
fn what_is_wrong_with_the_second_is_found_alone_and_says_of_which() {
    for (name, value, odd, words) in [
        ("VMSS.DryRun", "Yes", "WARN dry-run", "Another: yes"),
        (
            "VMSS.Removal.Limit",
            "a few",
            "FAIL parameters",
            "VMSS.Removal.Limit of Another",
        ),
        (
            "VMSS.Azure.Account",
            "Project.Azure.Acount",
            "FAIL azure-account",
            "no variable of that name",
        ),
        (
            "VMSS.Removal.OwnedOnly",
            "No",
            "WARN options",
            "options of Another",
        ),
        (
            "VMSS.GuidedFailure.Handle",
            "Exclude",
            "FAIL permission",
            "to answer guided failures",
        ),
        (
            "VMSS.Timeout.Value",
            "9",
            "WARN timeout",
            "may wait for 15 minutes in its steps together",
        ),
    ] {
        let checked = bound(name, value).check();
        checked.expect_only(&[odd], &format!("{name} of the second step"));
        let (_, id) = odd.split_once(' ').expect("a status and an id");
        checked.expect_says(id, words);
    }
}

#[test]
fn a_second_one_for_another_scale_set_is_judged_and_its_machines_are_not() {
    let guided = bound("VMSS.ScaleSet.Name", "api");
    let checked = guided.check();
    checked.expect_only(&["WARN step"], "one check is about one of them");
    checked.expect_says("step", "Another: it is about scale set api");
    checked.expect_says("step", "add --scale-set NAME");
    let api = guided.run().set("VMSS_SCALESET_NAME", "api");
    let checked = Checked::of(api.run());
    checked.expect_no_fail("parameters");
    let words = "Remove scaled-in targets: it is about scale set web";
    checked.expect_says("step", words);
}

#[test]
fn one_for_another_environment_is_none_of_this_one() {
    let elsewhere = json!(["Environments-99"]);
    let second_elsewhere = second(|_, _, action| {
        action["Environments"] = elsewhere.clone();
        action["Properties"]["VMSS.ScaleSet.Name"] = "api".into();
    });
    second_elsewhere
        .check()
        .expect_only(&[], "the second is for another environment");
    let first_elsewhere = second(|world, guide, _| {
        guide.step(world, |step| {
            step["Actions"][0]["Environments"] = elsewhere.clone();
        });
    });
    first_elsewhere
        .check()
        .expect_only(&[], "the first is for another environment");
}

#[test]
fn where_none_runs_here_that_is_said() {
    let checked = second(|world, guide, action| {
        action["IsDisabled"] = true.into();
        guide.step(world, |step| step["Actions"][0]["IsDisabled"] = true.into());
    })
    .check();
    checked.expect_only(&["FAIL step"], "both are disabled");
}
