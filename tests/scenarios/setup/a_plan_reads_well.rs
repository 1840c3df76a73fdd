//! A plan is a line for each thing with its sign, one line that counts them, and what to do next; how it ends is a number that a
//! script can tell.

use crate::support::expect;
use crate::support::setup::{ACCOUNT, Planned, SettingUp, TEMPLATE};
use sandbox::{Fault, Grant, Route, Service, When};

fn typed(setting: &SettingUp, flags: &[&str]) -> crate::support::Outcome {
    let all = [
        "-p",
        "Todo",
        "-e",
        "Production",
        "--azure-account",
        ACCOUNT,
        "--template",
        TEMPLATE,
    ];
    setting.typed(&[&all, flags].concat()).run()
}

#[test]
fn a_line_for_each_thing_and_one_that_counts() {
    let setting = SettingUp::new();
    let outcome = typed(&setting, &[]);
    for line in [
        "Set-up of project Todo, for Production at https://",
        "\n  + machine policy \"Scale set machines\": connections only, every 15 minutes, deletes nothing\n",
        "\n  ~ 3 targets: machine policy Default Machine Policy -> Scale set machines; web000000, web000001, web000002\n",
        "\n  + schedule \"Remove scaled-in targets in Production\": every 15 minutes, disabled\n",
        "\n12 to make, 1 to change, 0 as they are, 0 to decide.\n",
        "\nNothing is changed yet. The same with --apply carries this out.\n",
    ] {
        expect(
            outcome.stdout.contains(line),
            "a plan is hard to read",
            line,
            &outcome.stdout,
        );
    }
    let applied = typed(&setting, &["--apply"]);
    for line in [
        "Made runbook \"Remove scaled-in targets\" (runbooks/Runbooks-1).",
        "Changed 3 targets (",
        "Then the same command with --go-live.",
    ] {
        applied.expect_said(line);
    }
    let again = typed(&setting, &[]);
    again.expect_said("0 to make, 0 to change, 13 as they are, 0 to decide.");
    again.expect_said("Next: run it dry, and read its log: ");
}

#[test]
fn a_server_that_cannot_be_asked_ends_it_with_3_and_changes_nothing() {
    let setting = SettingUp::new();
    let before = setting.everything();
    setting
        .sandbox
        .fault(Service::Octopus, When::Always, Fault::status(503));
    let run = setting.run(&["--apply"]).set("VMSS_RETRY_SECONDS", "0");
    Planned::of(run.run()).expect_code(3, "a script takes an outage for a decision");
    setting.sandbox.clear_faults();
    let run = setting
        .run(&["--apply"])
        .set("OCTOPUS_API_KEY", "API-WRONG0KEY0");
    Planned::of(run.run()).expect_code(3, "a script takes a wrong key for a decision");
    setting.expect_changed(&before, &[], "something is changed");
}

#[test]
fn the_first_change_that_fails_ends_it_with_3() {
    let setting = SettingUp::new();
    let before = setting.everything();
    setting
        .sandbox
        .fault(Route::CreateMachinePolicy, When::Always, Fault::status(400));
    let stopped = setting.plan(&["--apply"]);
    stopped.expect_code(3, "a script looks for what was done halfway");
    setting.expect_changed(&before, &[], "something is changed");
}

#[test]
fn a_schedule_that_somebody_switched_on_or_off_stays_so() {
    for disabled in [true, false] {
        let setting = SettingUp::done();
        setting.change_made(|world, made| {
            world.edit(&made.trigger, |it| it["IsDisabled"] = disabled.into())
        });
        let words = if disabled {
            "= schedule \"Remove scaled-in targets in Production\": disabled"
        } else {
            "= schedule \"Remove scaled-in targets in Production\": enabled"
        };
        setting
            .plan(&[])
            .expect_line(words, "nobody learns whether it starts by itself");
        setting.expect_settled(&[], "setup decides when the schedule starts");
    }
}

#[test]
fn what_lies_beyond_a_restriction_may_be_hidden_and_is_still_not_taken_for_missing() {
    let setting = SettingUp::done();
    setting.change(|world, before| {
        world.octopus.readings.hides_what_is_out_of_reach = true;
        world.octopus.readings.lists_refuse = false;
        drop(
            world
                .user(&before.administrator)
                .restrict("RunbookView", Grant::projects(&["Projects-77"])),
        );
    });
    setting.expect_refused(
        &[],
        "! runbook: your key has RunbookView for projects Projects-77 only",
        "a second runbook is made",
    );
}

#[test]
fn targets_in_environments_that_whoever_sets_up_may_not_change_are_named_before() {
    let setting = SettingUp::but(|world, before| {
        let other = world.octopus.add_environment(sandbox::SPACE, "Staging");
        drop(
            world
                .existing_target("web000001")
                .environments(&["Environments-1", &other]),
        );
        drop(
            world
                .user(&before.administrator)
                .restrict("MachineEdit", Grant::environments(&["Environments-1"])),
        );
    });
    setting.expect_refused(
        &[],
        "! permission MachineEdit: your key has MachineEdit for environments Environments-1 only",
        "Octopus refuses a target halfway",
    );
}
