//! Against the set-up of the guide, complete and right, everything passes, whoever checks and however the servers read what is documented nowhere.

use crate::support::Run;
use crate::support::check::{Checked, Guided};
use sandbox::{KeyHint, World};

#[test]
fn everything_passes_with_the_keys_of_both() {
    let guided = Guided::new();
    let checked = guided.check();
    checked.expect_only(&[], "what is right is called wrong");
    checked.expect_code(0);
}

#[test]
fn everything_passes_with_the_service_accounts_own_key() {
    let guided = Guided::new();
    let checked = Checked::of(guided.run().without("OCTOPUS_API_KEY").run());
    checked.expect_only(&[], "the service account may not see its own set-up");
    checked.expect_code(0);
}

#[test]
fn scale_sets_and_tags_that_nobody_names_are_the_steps() {
    let guided = Guided::new();
    let run = [
        "VMSS_SCALESET_NAME",
        "VMSS_RESOURCEGROUP_NAME",
        "VMSS_DEPLOYMENTTARGET_ROLES",
    ]
    .into_iter()
    .fold(guided.run(), Run::without);
    let checked = Checked::of(run.run());
    checked.expect_only(&[], "somebody has to type what the step says");
    checked.expect_says("targets", "3 targets of 3");
}

#[test]
fn names_serve_for_ids() {
    let guided = Guided::new();
    let names = [
        "check",
        "-f",
        "json",
        "-s",
        "default",
        "-e",
        "production",
        "-p",
        "todo",
    ];
    let run = Run::by_hand(&guided.sandbox)
        .set("OCTOPUS_API_KEY", &guided.guide.administrator_key)
        .arguments(&names)
        .arguments(&["-r", "remove scaled-in targets"]);
    let checked = Checked::of(run.run());
    checked.expect_only(&[], "somebody has to look ids up");
}

/// What a server may do, and how it is chosen.
type Reading = (&'static str, fn(&mut World));

#[test]
fn whatever_servers_make_of_what_is_documented_nowhere() {
    let readings: [Reading; 12] = [
        ("the hint of a key is its end", |world| {
            world.octopus.readings.key_hint = KeyHint::End;
        }),
        ("a key has no hint", |world| {
            world.octopus.readings.key_hint = KeyHint::None;
        }),
        ("lists without a permission are empty", |world| {
            world.octopus.readings.lists_refuse = false;
        }),
        ("tenants must be named", |world| {
            world.octopus.readings.tenants_must_be_named = true;
        }),
        ("task lists go by the view of the run, too", |world| {
            world.octopus.readings.tasks_need_the_view_of_their_run = true;
        }),
        ("properties are objects", |world| {
            world.octopus.readings.properties_are_objects = true;
        }),
        ("lists lack the policies of targets", |world| {
            let left_out = &mut world.octopus.readings.left_out_of_target_lists;
            left_out.push("MachinePolicyId".into());
        }),
        ("the process of a runbook needs ProcessView", |world| {
            world.octopus.readings.runbook_processes_need_process_view = true;
        }),
        ("deployment settings need ProcessView", |world| {
            world.octopus.readings.settings_need_process_view = true;
        }),
        ("an account for all needs a grant for all", |world| {
            world.octopus.readings.free_accounts_need_a_free_grant = true;
        }),
        ("what is modified goes by content", |world| {
            world.octopus.readings.modified = sandbox::Modified::ByContent;
        }),
        ("a change needs every environment", |world| {
            world.octopus.readings.changes_need_every_environment = false;
        }),
    ];
    for (reading, choose) in readings {
        let checked = Guided::but(|world, _| choose(world)).check();
        checked.expect_only(&[], reading);
    }
}

#[test]
fn an_old_server_says_less_and_that_is_said() {
    let checked = Guided::but(|world, _| world.octopus.grow_old()).check();
    let odd = ["WARN octopus", "WARN last-runs", "WARN guided-failure"];
    checked.expect_only(
        &odd,
        "a server of 2020.1, which knows no tasks of a space and no deployment settings",
    );
    checked.expect_code(0);
}
