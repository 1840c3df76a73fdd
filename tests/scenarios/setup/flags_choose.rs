//! Flags choose what is set up, where it runs and how often; what somebody misspelt is named with what there is.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{Planned, SettingUp, expect_values};
use sandbox::{DailyForm, Kind};
use serde_json::Value;

fn properties(setting: &SettingUp) -> Value {
    let process = setting.thing(&setting.made().process);
    process["Steps"][0]["Actions"][0]["Properties"].clone()
}

#[test]
fn the_worker_pool_that_is_named_is_the_steps() {
    let setting = SettingUp::but(|world, _| drop(world.octopus.add_worker_pool("Near Azure")));
    let planned = setting.plan(&["--worker-pool", "near azure"]);
    planned.expect_line(
        "+ step in runbook \"Remove scaled-in targets\": on worker pool Near Azure, dry run Yes",
        "nobody learns where the step runs",
    );
    setting.apply(&["--worker-pool", "near azure"]);
    let pool = setting
        .sandbox
        .world(|world| world.id_of(Kind::WorkerPool, "Near Azure"));
    let process = setting.thing(&setting.made().process);
    let found = text(&process["Steps"][0]["Actions"][0], "WorkerPoolId").to_owned();
    expect(
        Some(&found) == pool.as_ref(),
        "the step runs elsewhere",
        format!("{pool:?}"),
        found,
    );
    setting.expect_settled(
        &["--worker-pool", "Near Azure"],
        "the pool is never done with",
    );
    setting.expect_settled(&[], "who names no pool gets another one");
    let moved = setting.apply(&["--worker-pool", "Default Worker Pool"]);
    moved.expect_line(
        "worker pool Near Azure -> Default Worker Pool",
        "nobody learns where the step ran before",
    );
}

#[test]
fn the_interval_that_is_named_is_the_schedules_and_runs_end_before() {
    let setting = SettingUp::new();
    setting.apply(&["--every", "5"]);
    let cron = |setting: &SettingUp| {
        text(
            &setting.thing(&setting.made().trigger)["Filter"],
            "CronExpression",
        )
        .to_owned()
    };
    expect(
        cron(&setting).contains("/5 * * * *"),
        "the schedule is due at other times",
        "every 5 minutes",
        cron(&setting),
    );
    let minutes = |name: &str| {
        text(&properties(&setting), name)
            .parse::<u64>()
            .unwrap_or(99)
    };
    let waits = minutes("VMSS.Timeout.Value") + minutes("VMSS.Healthy.TimeoutInMinutes");
    expect(
        waits < 5,
        "a run still waits when the next is due",
        "less than 5 minutes",
        waits,
    );
    setting.expect_settled(&["--every", "5"], "the interval is never done with");
    setting.expect_settled(&[], "who names no interval gets another one");
    let changed = setting.apply(&["--every", "30"]);
    changed.expect_rows(
        &["~ schedule \"Remove scaled-in targets in Production\""],
        "another interval changes more",
    );
    expect(
        cron(&setting).contains("/30 * * * *"),
        "the schedule is due at other times",
        "every 30 minutes",
        cron(&setting),
    );
}

#[test]
fn times_that_are_no_cron_line_become_one() {
    for form in [DailyForm::Older, DailyForm::Newer] {
        let setting = SettingUp::done();
        setting.change_made(|world, made| world.octopus.run_all_day(&made.trigger, 15, form));
        setting.expect_settled(&["--every", "15"], "the interval is right, and changed");
        let changed = setting.apply(&["--every", "10"]);
        changed.expect_line(
            "\"MinuteInterval\":15",
            "nobody learns when the schedule was due",
        );
        expect_values(
            &setting.thing(&setting.made().trigger)["Filter"],
            &[
                ("/FilterType", "CronExpressionSchedule".into()),
                ("/Timezone", "UTC".into()),
                ("/Interval", Value::Null),
            ],
            "the schedule is due as before, and setup says that it is not",
        );
        setting.expect_settled(&["--every", "10"], "the interval is never done with");
    }
}

#[test]
fn a_cron_line_beside_times_of_another_kind_says_nothing() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world
            .octopus
            .run_all_day(&made.trigger, 15, DailyForm::Newer);
        world.edit(&made.trigger, |it| {
            it["Filter"]["CronExpression"] = "0 0/12 * * * *".into()
        });
    });
    setting.apply(&["--every", "12"]).expect_rows(
        &["~ schedule \"Remove scaled-in targets in Production\""],
        "what a server ignores is taken for the interval",
    );
}

#[test]
fn a_longer_interval_is_shortened_with_its_waits() {
    let setting = SettingUp::done();
    setting.apply(&["--every", "5"]);
    let minutes = |name: &str| {
        text(&properties(&setting), name)
            .parse::<u64>()
            .unwrap_or(99)
    };
    let waits = minutes("VMSS.Timeout.Value") + minutes("VMSS.Healthy.TimeoutInMinutes");
    expect(
        waits < 5,
        "a run still waits when the next is due, and runs queue up",
        "less than 5 minutes",
        waits,
    );
}

#[test]
fn an_interval_that_does_not_divide_the_hour_is_no_interval() {
    let setting = SettingUp::new();
    for told in ["7", "0", "60", "soon"] {
        let outcome = setting.run(&["--every", told]).run();
        expect(
            outcome.code == 2,
            format!("--every {told} begins anew with each hour"),
            2,
            outcome.code,
        );
        outcome
            .expect_said("It takes one of 5, 6, 10, 12, 15, 20, 30: minutes that divide an hour");
    }
}

#[test]
fn other_parameters_land_in_the_step() {
    let setting = SettingUp::new();
    setting.apply(&["--removal-limit", "20%", "--problem-handle", "Warn"]);
    let own = properties(&setting);
    expect(
        own["VMSS.Removal.Limit"] == "20%" && own["VMSS.Problem.Handle"] == "Warn",
        "what somebody types has no effect",
        "20% and Warn",
        format!(
            "{} and {}",
            own["VMSS.Removal.Limit"], own["VMSS.Problem.Handle"]
        ),
    );
    setting.expect_settled(&[], "who does not name it again loses it");
    let changed = setting.apply(&["--removal-limit", "5"]);
    changed.expect_line("VMSS.Removal.Limit 20% -> 5", "nobody learns what it was");
}

#[test]
fn a_parameter_that_no_run_would_take_is_refused_before() {
    let setting = SettingUp::new();
    let before = setting.everything();
    let outcome = setting.run(&["--apply", "--removal-limit", "many"]).run();
    expect(
        outcome.code == 2,
        "the schedule fails with its first run",
        2,
        outcome.code,
    );
    setting.expect_changed(&before, &[], "a wrong setting is set up");
}

#[test]
fn deleting_unavailable_machines_is_asked_for() {
    let setting = SettingUp::done();
    let applied = setting.apply(&["--policy-cleanup"]);
    applied.expect_line(
        "deletion of machines DoNotDelete -> DeleteUnavailableMachines",
        "nobody learns that stopped machines lose their registration",
    );
    let policy = setting.thing(&setting.made().policy);
    expect(
        policy["MachineCleanupPolicy"]["DeleteMachinesElapsedTimeSpan"] == "00:20:00",
        "machines are deleted at once",
        "00:20:00",
        &policy["MachineCleanupPolicy"],
    );
    setting.expect_settled(&["--policy-cleanup"], "the clean-up is never done with");
}

#[test]
fn only_the_chosen_parts_are_planned() {
    let setting = SettingUp::new();
    let before = setting.content();
    let applied = setting.apply(&["--only", "machine-policy"]);
    let lines = applied.lines_of("machine-policy");
    expect(
        lines.len() == 1 && applied.rows.len() == 1,
        "a plan tells of parts that nobody chose",
        "one line",
        lines.join("\n"),
    );
    setting.expect_changed(
        &before,
        &["MachinePolicies-2"],
        "a part that nobody chose is done",
    );
    let before = setting.content();
    setting.apply(&[
        "--skip",
        "assignment,runbook,variables,step,publish,schedule,guided-failure",
    ]);
    setting.expect_changed(
        &before,
        &["ActionTemplates-1"],
        "a part that was left out is done",
    );
    let before = setting.content();
    setting.apply(&["--only", "Runbook"]);
    setting.expect_changed(
        &before,
        &["Runbooks-1", "RunbookProcess-Runbooks-1"],
        "a part that nobody chose is done",
    );
}

#[test]
fn parts_that_are_chosen_and_left_out_are_no_run() {
    let setting = SettingUp::new();
    let outcome = setting.run(&["--only", "step", "--skip", "step"]).run();
    expect(
        outcome.code == 2,
        "nothing is done, and called done",
        2,
        outcome.code,
    );
    outcome.expect_said("--skip: leaves nothing to do");
}

#[test]
fn what_holds_the_plan_back_is_named_as_it_was_set() {
    let setting = SettingUp::new();
    for (run, words) in [
        (
            setting.run(&["--apply"]).set("VMSS_DRYRUN", "Yes"),
            "The same without VMSS_DRYRUN carries this out",
        ),
        (
            setting.run(&["--apply", "--dry-run"]),
            "The same without --dry-run carries this out",
        ),
    ] {
        let planned = Planned::of(run.run());
        expect(
            planned.next.contains(words),
            "somebody takes a flag away that was never typed",
            words,
            &planned.next,
        );
    }
    setting.expect_no_write_since(0, "a dry run changes something");
}

#[test]
fn part_after_part_comes_to_the_same_as_all_at_once() {
    let setting = SettingUp::new();
    for part in [
        "machine-policy",
        "assignment",
        "step-template",
        "runbook",
        "variables",
        "step",
        "publish",
        "schedule",
    ] {
        setting.apply(&["--only", part]);
    }
    setting.expect_settled(&[], "who goes step by step ends elsewhere");
}

#[test]
fn a_part_waits_for_what_it_stands_on() {
    let setting = SettingUp::new();
    for (part, other) in [
        ("assignment", "machine-policy"),
        ("variables", "runbook"),
        ("step", "step-template"),
        ("publish", "step-template"),
        ("schedule", "runbook"),
    ] {
        setting.expect_refused(&["--only", part], &format!("! {part}: it needs the part {other}, which is not there and is left out of this run"), "something is made that points to nothing, or nothing is made and called done");
    }
}

#[test]
fn misspelt_names_are_answered_with_what_there_is() {
    let setting = SettingUp::new();
    let outcome = setting.bare(&["--azure-account", "Azure"]).run();
    outcome.expect_said("nothing was changed");
    for (flags, words) in [
        (&["-p", "Tood", "-e", "Production"][..], "Todo"),
        (&["-p", "Todo", "-e", "Prodution"], "Production"),
        (
            &["-p", "Todo", "-e", "Production", "--azure-account", "Azure"],
            "there is Azure subscription",
        ),
        (
            &["-p", "Todo", "-e", "Production", "--worker-pool", "Near"],
            "there is Default Worker Pool",
        ),
    ] {
        let outcome = setting.lost(&[&["--apply"], flags].concat()).run();
        expect(
            matches!(outcome.code, 2 | 3),
            "a misspelt name is no success",
            "2",
            outcome.code,
        );
        outcome.expect_said(words);
    }
    setting.expect_no_write_since(0, "something is changed for a misspelt name");
}

#[test]
fn a_template_that_is_none_is_refused() {
    let setting = SettingUp::new();
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    for (file, words) in [
        (
            readme,
            "is not this program's step template. Take octopus-scale-in.json of the release",
        ),
        ("/nowhere.json", "cannot be read"),
    ] {
        let outcome = setting.bare(&["--apply", "--template", file]).run();
        expect(
            outcome.code == 2,
            "anything at all becomes a step",
            2,
            outcome.code,
        );
        outcome.expect_said(words);
    }
}

#[test]
fn without_the_templates_file_it_is_said_where_to_find_it() {
    let setting = SettingUp::new();
    let planned = Planned::of(
        setting
            .bare(&["--apply", "--azure-account", "Azure subscription"])
            .run(),
    );
    planned.expect_line(
        "Download octopus-scale-in.json from the release, and name it with --template FILE",
        "nobody learns what is missing",
    );
    planned.expect_code(4, "half of it is set up");
    let parts = ["--apply", "--only", "runbook,step,publish"];
    let planned = Planned::of(setting.bare(&parts).run());
    planned.expect_line(
        "! step: it needs the part step-template",
        "nobody learns why not",
    );
    planned.expect_code(4, "a step that waits is called done");
    setting.expect_no_write_since(0, "half of it is set up");
    setting.apply(&["--only", "runbook"]);
    for parts in ["step,publish", "publish"] {
        let planned = Planned::of(setting.bare(&["--apply", "--only", parts]).run());
        planned.expect_code(
            4,
            "what waits for something that is not there is called done",
        );
    }
}
