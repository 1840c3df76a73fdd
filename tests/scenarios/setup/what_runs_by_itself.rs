//! What an empty project gets to run by itself, and what it does not get unless somebody asks; and what a second environment or a
//! second runbook in the same project does to the first.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{Planned, RUNBOOK, SettingUp, expect_values, template_file};
use sandbox::Kind;
use serde_json::{Value, json};

#[test]
fn the_schedule_is_disabled_every_15_minutes_for_no_tenant() {
    let setting = SettingUp::done();
    let made = setting.made();
    let trigger = setting.thing(&made.trigger);
    expect_values(
        &trigger,
        &[
            ("/IsDisabled", true.into()),
            ("/Filter/FilterType", "CronExpressionSchedule".into()),
            ("/Filter/Timezone", "UTC".into()),
            ("/Action/ActionType", "RunRunbook".into()),
            ("/Action/RunbookId", made.runbook.as_str().into()),
            ("/Action/EnvironmentIds", json!(["Environments-1"])),
            ("/Action/TenantIds", json!([])),
            ("/Action/TenantTags", json!([])),
        ],
        "the schedule starts something before anybody wants it, or the wrong thing",
    );
    let cron = text(&trigger["Filter"], "CronExpression");
    let fields: Vec<&str> = cron.split(' ').collect();
    let minute = fields
        .get(1)
        .and_then(|it| it.strip_suffix("/15"))
        .and_then(|it| it.parse::<u64>().ok());
    expect(
        fields.len() == 6
            && fields[0] == "0"
            && fields[2..] == ["*"; 4]
            && minute.is_some_and(|it| it < 15),
        "the schedule is due at other times",
        "0 M/15 * * * *",
        cron,
    );
}

#[test]
fn runbooks_of_other_names_begin_at_other_minutes_and_always_at_the_same() {
    let cron = |name: &str| {
        let setting = SettingUp::new();
        setting.apply(&["-r", name]);
        let trigger = setting.thing(&setting.made_as(name).trigger);
        text(&trigger["Filter"], "CronExpression").to_owned()
    };
    let names = ["Remove web", "Remove api", "Remove shop", "Remove jobs"];
    let crons: Vec<String> = names.iter().map(|it| cron(it)).collect();
    let mut different = crons.clone();
    different.sort_unstable();
    different.dedup();
    expect(
        different.len() > 1,
        "all runbooks of a server begin in the same minute",
        "several minutes",
        crons.join(", "),
    );
    expect(
        crons[0] == cron(names[0]),
        "the schedule of a runbook moves",
        &crons[0],
        "another minute",
    );
}

#[test]
fn guided_failure_of_other_people_is_left_alone_unless_somebody_asks() {
    let setting = SettingUp::done();
    let environment = setting.thing("Environments-1");
    expect(
        environment["UseGuidedFailure"] == false,
        "deployments of other people begin to wait for somebody",
        false,
        &environment["UseGuidedFailure"],
    );
    let before = setting.everything();
    let applied = setting.apply(&["--guided-failure", "environment"]);
    applied.expect_rows(
        &["~ environment \"Production\""],
        "guided failure is not switched on where somebody asks",
    );
    applied.expect_line(
        "guided failure false -> true",
        "nobody learns what was changed",
    );
    setting.expect_changed(
        &before,
        &["Environments-1"],
        "more than guided failure is changed",
    );
    setting.expect_settled(
        &["--guided-failure", "environment"],
        "a second run changes it again",
    );
    let before = setting.everything();
    let applied = setting.apply(&["--guided-failure", "project"]);
    applied.expect_rows(
        &["~ deployments of project \"Todo\""],
        "guided failure of the project is not switched on",
    );
    let settings = format!("deploymentsettings-{}", setting.before.project);
    setting.expect_changed(&before, &[&settings], "more than guided failure is changed");
    expect(
        setting.thing(&settings)["DefaultGuidedFailureMode"] == "On",
        "deployments fail where they should ask",
        "On",
        setting.thing(&settings),
    );
    let last = setting
        .sandbox
        .requests()
        .into_iter()
        .rfind(|it| it.method != "GET");
    expect(
        last.is_some_and(|it| it.path.ends_with("deploymentsettings")),
        "guided failure is not last",
        "a PUT of the settings",
        "something else",
    );
}

#[test]
fn a_second_run_plans_nothing() {
    let setting = SettingUp::done();
    setting.expect_settled(&[], "whoever runs it again is afraid of what it changes");
    let runbooks = setting
        .sandbox
        .world(|world| world.octopus.documents.of(Kind::Runbook).count());
    expect(
        runbooks == 1,
        format!("there are two of {RUNBOOK}"),
        1,
        runbooks,
    );
}

#[test]
fn an_older_template_without_some_parameters_is_enough() {
    let setting = SettingUp::but(|world, _| {
        let mut older = template_file();
        let parameters = older["Parameters"]
            .as_array_mut()
            .expect("it has parameters");
        parameters.retain(|it| it["Name"] != "VMSS.Healthy.TimeoutInMinutes");
        world.octopus.import_template(&older);
    });
    let run = || setting.bare(&["--apply", "--azure-account", "Azure subscription"]);
    Planned::of(run().run()).expect_code(0, "who has imported the template has to name its file");
    let again = Planned::of(run().run());
    again.expect_rows(&[], "a step of an older template is never done with");
}

#[test]
fn a_second_environment_gets_its_own_and_the_first_keeps_its_own() {
    let setting = SettingUp::done();
    let before = setting.thing(&setting.before.variables);
    setting.change(|world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
    });
    let flags = [
        "--apply",
        "-p",
        "Todo",
        "-e",
        "Staging",
        "--azure-account",
        "Azure subscription",
        "--role",
        "staging-web",
    ];
    let applied = Planned::of(setting.lost(&flags).run());
    applied.expect_code(0, "a second environment cannot be set up");
    applied.expect_rows(
        &[
            "~ runbook \"Remove scaled-in targets\"",
            "+ variable Project.Azure.Account",
            "+ variable Project.Octopus.Api.Key",
            "+ variable Project.Octopus.Roles",
            "+ variable Project.VMSS.ResourceGroup.Name",
            "+ variable Project.VMSS.ScaleSetName",
            "~ publication of runbook \"Remove scaled-in targets\"",
            "+ schedule \"Remove scaled-in targets in Staging\"",
        ],
        "a second environment changes something of the first",
    );
    let now = setting.thing(&setting.before.variables);
    let first = |set: &Value| {
        set["Variables"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .take(6)
            .collect::<Vec<_>>()
    };
    expect(
        first(&before) == first(&now),
        "the values of the first environment are lost",
        "as they were",
        "others",
    );
    setting.expect_settled(&[], "the first environment is changed back");
}

#[test]
fn a_second_runbook_does_not_take_the_scale_set_of_the_first() {
    let setting = SettingUp::done();
    setting.change(|world, _| {
        for name in ["api", "web2"] {
            world.scale_set(name).prefix(name).instances(1);
        }
    });
    setting.expect_refused(&["-r", "Remove api", "--scale-set", "api"], "! variable Project.VMSS.ScaleSetName: value web -> api; runbook \"Remove scaled-in targets\" uses it, too. --replace Project.VMSS.ScaleSetName changes it for both", "the first schedule removes targets by another scale set's machines");
    // The first may be told another one while it is alone.
    setting.apply(&["--scale-set", "web2"]);
}
