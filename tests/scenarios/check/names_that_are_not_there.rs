//! What somebody names and nobody has is told with the nearest name, and nothing else is called wrong for it.

use crate::support::check::{Checked, Guided};

#[test]
fn the_nearest_name_is_told() {
    for (flag, name, found, nearest) in [
        ("-s", "Defalt", "FAIL space", "the nearest name is Default"),
        (
            "-e",
            "Prodction",
            "FAIL environment",
            "the nearest name is Production",
        ),
        ("-p", "Tdo", "FAIL project", "the nearest name is Todo"),
        (
            "-r",
            "Remove",
            "FAIL runbook",
            "the nearest name is Remove scaled-in targets",
        ),
    ] {
        let guided = Guided::new();
        let run = match flag {
            "-p" | "-r" => guided.run_with(flag, name),
            _ => guided.run().arguments(&[flag, name]),
        };
        let checked = Checked::of(run.run());
        checked.expect_only(&[found], &format!("{flag} {name}"));
        let (_, id) = found.split_once(' ').expect("a status and an id");
        checked.expect_says(id, nearest);
        checked.expect_code(2);
    }
}

#[test]
fn a_tag_that_no_target_carries_is_told_with_the_nearest() {
    let guided = Guided::but(|world, guide| {
        guide.variable(world, "Project.Octopus.Roles", |it| {
            it["Value"] = "web-servr".into()
        });
        guide.publish(world);
    });
    let run = guided.run().set("VMSS_DEPLOYMENTTARGET_ROLES", "web-servr");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL tags"], "a misspelt tag");
    checked.expect_says("tags", "the nearest is web-server");
}

#[test]
fn tags_that_no_target_carries_together_are_told() {
    let guided = Guided::but(|world, guide| {
        let mut lone = world.target("lone");
        lone = lone.edit(|target| target.roles = vec!["database".into()]);
        drop(lone);
        guide.variable(world, "Project.Octopus.Roles", |it| {
            it["Value"] = "web-server,database".into()
        });
        guide.publish(world);
    });
    let run = guided
        .run()
        .set("VMSS_DEPLOYMENTTARGET_ROLES", "web-server,database");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL targets"], "tags of two kinds of machines");
}

#[test]
fn a_scale_set_that_is_not_there_is_told() {
    let guided = Guided::but(|world, guide| {
        guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
            it["Value"] = "wb".into()
        });
        guide.publish(world);
    });
    let checked = Checked::of(guided.run().set("VMSS_SCALESET_NAME", "wb").run());
    checked.expect_only(&["FAIL scale-set"], "a misspelt scale set");
    checked.expect_code(2);
}

#[test]
fn names_that_do_not_line_up_can_never_work() {
    let guided = Guided::but(|world, _| {
        for (number, target) in world.octopus.targets.values_mut().enumerate() {
            target.name = format!("server-{number}");
        }
    });
    let checked = guided.check();
    checked.expect_only(
        &["FAIL machines"],
        "machines are registered under other names",
    );
    checked.expect_says("machines", "docs/names.md");
}
