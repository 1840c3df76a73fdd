//! Nobody is told to run dry what would remove, nothing is called live that is not, and what fails or is another's is taken for
//! nothing else.

use crate::support::expect;
use crate::support::setup::{ACCOUNT, Planned, RUNBOOK, SettingUp, TEMPLATE, template_file};
use sandbox::{Fault, Route, Service, When};
use serde_json::json;

/// Live, by a dry run and `--go-live`.
fn live() -> SettingUp {
    let setting = SettingUp::done();
    setting.run_dry();
    setting.go_live().expect_code(0, "it cannot go live");
    setting
}

fn expect_no_word_of_a_dry_run(setting: &SettingUp, flags: &[&str], when: &str) {
    let planned = setting.plan(flags);
    let all = format!("{:?} {}", planned.rows, planned.next);
    expect(
        !all.contains("octopus runbook run"),
        format!("{when} somebody starts what removes targets as a dry run"),
        "no command",
        all,
    );
}

#[test]
fn of_what_is_live_and_paused_nobody_is_told_to_run_it_dry() {
    let setting = live();
    setting
        .change_made(|world, made| world.edit(&made.trigger, |it| it["IsDisabled"] = true.into()));
    expect_no_word_of_a_dry_run(&setting, &[], "where somebody has paused the schedule");
    setting.change_made(|world, made| {
        world
            .octopus
            .tasks
            .retain(|_, task| task.runbook != made.runbook);
    });
    expect_no_word_of_a_dry_run(
        &setting,
        &["--go-live"],
        "where nothing proves what is published",
    );
}

#[test]
fn what_is_live_elsewhere_takes_a_runbook_of_its_own() {
    let setting = live();
    setting.change(|world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
    });
    let before = setting.everything();
    let there = [
        "-f",
        "json",
        "-p",
        "Todo",
        "-e",
        "Staging",
        "--azure-account",
        ACCOUNT,
        "--template",
        TEMPLATE,
        "--apply",
    ];
    let suffered = "the first run in another environment removes targets";
    let planned = Planned::of(setting.typed(&there).run());
    planned.expect_line(
        "! runbook \"Remove scaled-in targets\": it is live elsewhere, and no run in Staging could be dry first. Give this environment one of its own: --runbook NAME",
        suffered,
    );
    planned.expect_code(4, suffered);
    setting.expect_changed(&before, &[], suffered);
}

#[test]
fn it_is_called_live_only_where_a_schedule_removes() {
    let setting = SettingUp::done();
    setting.run_dry();
    for flags in [
        ["--only", "machine-policy"],
        ["--only", "schedule"],
        ["--skip", "publish"],
    ] {
        let mut all = vec!["--go-live"];
        all.extend(flags);
        setting.expect_refused(
            &all,
            "! going live: it takes step, publish and schedule",
            "a part of going live is called live",
        );
    }
    setting.change_made(|world, made| {
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["IsDisabled"] = true.into()
        });
    });
    setting.expect_refused(
        &["--go-live"],
        "! going live: the step is disabled",
        "a schedule is called live that does nothing",
    );
    setting
        .change(|world, before| world.edit(&before.project, |it| it["IsDisabled"] = true.into()));
    setting.expect_refused(
        &["--go-live"],
        "! going live: the project is disabled",
        "a schedule is called live that never runs",
    );
}

#[test]
fn an_azure_that_fails_moves_nobodys_targets() {
    let setting = SettingUp::new();
    setting.change(|world, _| drop(world.target("reporting")));
    setting
        .sandbox
        .fault(Service::Azure, When::Always, Fault::status(503));
    let before = setting.everything();
    let planned = setting.plan(&["--apply"]);
    planned.expect_code(
        3,
        "where Azure does not answer, a server of somebody's gets another machine policy",
    );
    setting.expect_changed(
        &before,
        &[],
        "where Azure does not answer, a server of somebody's gets another machine policy",
    );
}

#[test]
fn another_template_is_never_scheduled() {
    let file = std::env::temp_dir().join("setup-restart-iis.json");
    let mut template = template_file();
    template["Name"] = "Restart IIS".into();
    template["Properties"]["Octopus.Action.Script.ScriptBody"] = "iisreset".into();
    template["Parameters"] = json!([]);
    std::fs::write(&file, template.to_string()).expect("a file");
    let setting = SettingUp::new();
    let flags = [
        "-p",
        "Todo",
        "-e",
        "Production",
        "--azure-account",
        ACCOUNT,
        "--apply",
        "--template",
    ];
    let run = setting.lost(&flags).argument(&file.to_string_lossy());
    let planned = Planned::of(run.run());
    planned.expect_code(
        2,
        "a script of somebody's runs every 15 minutes, and is called a dry run",
    );
    setting.expect_no_write_since(0, "a script of somebody's is published");
}

#[test]
fn a_secret_of_somebody_else_is_never_published_along() {
    let setting = SettingUp::but(|world, before| {
        let set = before.variables.clone();
        world
            .octopus
            .add_variable(&set, "Other.Secret", "Sensitive", "theirs");
    });
    setting.apply(&[]);
    setting.change(|world, before| {
        let set = before.variables.clone();
        world.edit(&set, |set| {
            let all = set["Variables"].as_array_mut().into_iter().flatten();
            all.filter(|it| it["Name"] == "Other.Secret")
                .for_each(|it| it["Value"] = "changed".into());
        });
    });
    setting.expect_refused(
        &["--role", "web-server"],
        "! publication of runbook \"Remove scaled-in targets\": somebody changed the draft or its variables since",
        "a secret that somebody else has not published yet is published",
    );
}

#[test]
fn a_key_whose_answer_is_lost_is_stored_all_the_same_and_published() {
    let setting = SettingUp::done();
    let key = "API-ANOTHER0KEY0NOT0REAL000";
    setting.change(|world, _| drop(world.service_account().add_key(key, "next")));
    setting
        .sandbox
        .fault(Route::PutVariableSet, When::Nth(1), Fault::lost_answer());
    let run = setting
        .run(&["--apply", "--rotate-key"])
        .set("VMSS_OCTOPUS_APIKEY", key);
    let planned = Planned::of(run.run());
    planned.expect_code(0, "a key that was replaced is told as not");
    let made = setting.made();
    let snapshots = setting
        .sandbox
        .world(|world| world.snapshots(&made.runbook));
    expect(
        snapshots.len() == 2,
        format!("the new key reaches no run of {RUNBOOK}"),
        2,
        snapshots.len(),
    );
}

#[test]
fn what_was_changed_and_not_published_never_goes_live_unseen() {
    let setting = SettingUp::done();
    setting.run_dry();
    setting.apply(&["--skip", "publish", "--removal-limit", "7"]);
    setting.expect_refused(
        &["--go-live", "--removal-limit", "7"],
        "! going live: the draft is another than what is published, and was never run dry",
        "what nobody has seen dry removes targets",
    );
}

#[test]
fn a_second_step_that_removes_makes_no_dry_run() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world.edit(&made.process, |process| {
            let mut second = process["Steps"][0].clone();
            second["Name"] = "Second".into();
            second["Actions"][0]["Name"] = "Second".into();
            second["Actions"][0]["Properties"]["VMSS.DryRun"] = "No".into();
            process["Steps"].as_array_mut().expect("steps").push(second);
        });
        world.publish(&made.runbook);
    });
    expect_no_word_of_a_dry_run(&setting, &[], "with a second step that removes");
    setting.run_dry();
    setting.expect_refused(
        &["--go-live"],
        "! going live: it has several steps of this program",
        "a run that removed targets is taken for a dry run",
    );
}

#[test]
fn a_key_that_stands_in_the_clear_is_printed_nowhere() {
    let setting = SettingUp::done();
    let key = "API-CLEAR0KEY0NOT0REAL00000";
    setting.change_made(|world, made| {
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["VMSS.Octopus.ApiKey"] = key.into()
        });
    });
    let planned = setting.plan(&[]);
    planned.expect_line(
        "VMSS.Octopus.ApiKey a secret -> #{Project.Octopus.Api.Key}",
        "nobody learns that a key is replaced",
    );
    let all = format!("{}{}", planned.outcome.stdout, planned.outcome.stderr);
    expect(
        !all.contains(key),
        "whoever reads the log has the key",
        "a secret",
        all,
    );
}

#[test]
fn a_template_of_another_program_is_no_template_of_ours() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world.octopus.documents.edit(&made.template, |it| {
            it["Properties"]["Octopus.Action.Script.ScriptBody"] = "iisreset".into()
        });
    });
    let planned = Planned::of(setting.bare(&["--apply"]).run());
    planned.expect_line(
        "! step template \"VMSS - Remove Deployment Targets Whose Machines Are Gone\": it is another program's",
        "a script of somebody's is scheduled",
    );
    planned.expect_code(4, "a script of somebody's is scheduled");
}
