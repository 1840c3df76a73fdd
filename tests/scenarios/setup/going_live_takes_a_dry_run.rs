//! Going live turns the dry run off, publishes and enables: only once a dry run of what is published has succeeded there since the
//! last change, and while nothing else is open.

use crate::support::expect;
use crate::support::setup::{RUNBOOK, SettingUp};
use sandbox::World;
use serde_json::Value;

const COMMAND: &str = "octopus runbook run --project \"Todo\" --name \"Remove scaled-in targets\" --environment \"Production\" --no-prompt";

fn refused(setting: &SettingUp, words: &str, suffered: &str) {
    let before = setting.everything();
    let planned = setting.go_live();
    planned.expect_line(words, suffered);
    planned.expect_code(4, suffered);
    setting.expect_changed(&before, &[], suffered);
}

fn dry_run(setting: &SettingUp) -> Value {
    let process = setting.thing(&setting.made().process);
    process["Steps"][0]["Actions"][0]["Properties"]["VMSS.DryRun"].clone()
}

#[test]
fn in_an_empty_project_nothing_goes_live() {
    refused(
        &SettingUp::new(),
        "! going live: first let setup --apply finish",
        "a schedule removes targets before anybody has read a log",
    );
}

#[test]
fn without_a_dry_run_the_command_is_printed_that_starts_one() {
    refused(
        &SettingUp::done(),
        &format!(
            "! going live: no dry run of what is published has succeeded in Production since its last change. Start one and read its log: {COMMAND}"
        ),
        "a schedule removes targets before anybody has read a log",
    );
}

#[test]
fn after_one_it_goes_live_and_a_second_time_plans_nothing() {
    let setting = SettingUp::done();
    setting.run_dry();
    let before = setting.content();
    let live = setting.go_live();
    live.expect_code(0, "it cannot go live");
    live.expect_rows(
        &[
            "~ step in runbook \"Remove scaled-in targets\"",
            "~ publication of runbook \"Remove scaled-in targets\"",
            "~ schedule \"Remove scaled-in targets in Production\"",
        ],
        "going live changes something else",
    );
    live.expect_line(
        "VMSS.DryRun Yes -> No",
        "nobody learns that targets are removed from now on",
    );
    let made = setting.made();
    setting.expect_changed(
        &before,
        &[
            &made.process,
            &made.runbook,
            &made.trigger,
            "RunbookSnapshots-*",
            "*-FROZE",
        ],
        "going live changes something else",
    );
    expect(
        dry_run(&setting) == "No",
        "the schedule removes nothing",
        "No",
        dry_run(&setting),
    );
    expect(
        setting.thing(&made.trigger)["IsDisabled"] == false,
        "the schedule never starts",
        false,
        setting.thing(&made.trigger),
    );
    let published = setting
        .sandbox
        .world(|world| world.published(&made.runbook).unwrap_or_default());
    let frozen = setting.thing(&format!(
        "{}-s-{}-FROZE",
        made.process,
        published.trim_start_matches("RunbookSnapshots-")
    ));
    expect(
        frozen["Steps"][0]["Actions"][0]["Properties"]["VMSS.DryRun"] == "No",
        "what the schedule runs is still dry",
        "No",
        &frozen,
    );
    let again = setting.go_live();
    again.expect_rows(&[], "going live is never done with");
    again.expect_code(0, "going live a second time fails");
    setting.expect_settled(&[], "setup takes it back to a dry run");
}

#[test]
fn while_something_else_is_open_it_is_refused() {
    let setting = SettingUp::done();
    setting.run_dry();
    setting.change_made(|world, made| {
        world.edit(&made.runbook, |it| {
            it["DefaultGuidedFailureMode"] = "On".into()
        })
    });
    refused(
        &setting,
        "! going live: first let setup --apply finish (runbook \"Remove scaled-in targets\"), and run it dry",
        "a schedule goes live that waits for a person",
    );
}

/// What happens after the set-up, and proves nothing.
type Proof = (&'static str, fn(&mut World, &str));

const NO_PROOF: [Proof; 5] = [
    ("a dry run that failed", |world, runbook| {
        drop(world.runbook_ran(runbook, sandbox::ENVIRONMENT, "Failed", sandbox::now()))
    }),
    ("a dry run that was canceled", |world, runbook| {
        drop(world.runbook_ran(runbook, sandbox::ENVIRONMENT, "Canceled", sandbox::now()))
    }),
    ("a dry run in another environment", |world, runbook| {
        let other = world.octopus.add_environment(sandbox::SPACE, "Staging");
        drop(world.runbook_ran(runbook, &other, "Success", sandbox::now()));
    }),
    ("a dry run of an older snapshot", |world, runbook| {
        drop(world.runbook_ran(runbook, sandbox::ENVIRONMENT, "Success", sandbox::now()));
        let process = format!("RunbookProcess-{runbook}");
        world.edit(&process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["VMSS.Removal.Limit"] = "100%".into()
        });
        world.publish(runbook);
    }),
    (
        "a run that was not dry, of an older snapshot",
        |world, runbook| {
            let process = format!("RunbookProcess-{runbook}");
            let word = |world: &mut World, word: &str| {
                world.edit(&process, |it| {
                    it["Steps"][0]["Actions"][0]["Properties"]["VMSS.DryRun"] = word.into()
                })
            };
            word(world, "No");
            world.publish(runbook);
            drop(world.runbook_ran(runbook, sandbox::ENVIRONMENT, "Success", sandbox::now()));
            word(world, "Yes");
            world.publish(runbook);
        },
    ),
];

#[test]
fn what_proves_nothing_does_not_count() {
    for (what, happen) in NO_PROOF {
        let setting = SettingUp::done();
        setting.change_made(|world, made| happen(world, &made.runbook));
        refused(
            &setting,
            "no dry run of what is published has succeeded in Production",
            &format!("{what} counts as a dry run"),
        );
        setting.run_dry();
        setting
            .go_live()
            .expect_code(0, &format!("after {what} nothing ever counts"));
    }
}

#[test]
fn a_run_of_another_runbook_does_not_count() {
    let setting = SettingUp::done();
    setting.change(|world, before| {
        let other = world.octopus.add_runbook(&before.project, "Tidy up");
        world.publish(&other);
        drop(world.runbook_ran(&other, sandbox::ENVIRONMENT, "Success", sandbox::now()));
    });
    refused(
        &setting,
        "no dry run of what is published",
        "a run of another runbook counts as a dry run",
    );
}

#[test]
fn a_change_after_going_live_is_published_live() {
    let setting = SettingUp::done();
    setting.run_dry();
    setting.go_live().expect_code(0, "it cannot go live");
    setting.apply(&["--removal-limit", "7"]);
    expect(
        dry_run(&setting) == "No",
        format!("a later change takes {RUNBOOK} back to a dry run, and nobody notices"),
        "No",
        dry_run(&setting),
    );
    let trigger = setting.thing(&setting.made().trigger);
    expect(
        trigger["IsDisabled"] == false,
        "a later change switches the schedule off",
        false,
        trigger,
    );
}

#[test]
fn an_old_server_tells_of_its_runs_too() {
    let setting = SettingUp::done_but(|world, _| world.octopus.newer.git_modified_flag = false);
    setting.run_dry();
    setting
        .go_live()
        .expect_code(0, "on an old server nothing goes live");
}
