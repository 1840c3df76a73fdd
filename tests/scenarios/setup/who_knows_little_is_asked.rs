//! Who leaves something out is told each missing flag, what there is to choose from, and the whole command to type next.

use crate::support::Run;
use crate::support::expect;
use crate::support::setup::{Planned, SettingUp, TEMPLATE};
use crate::support::sign_in::{CLIENT, PASSWORD, TENANT};
use sandbox::Kind;

const SUBSCRIPTION: &str = "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER";

const NAMES: [&str; 3] = [
    "VMSS_SCALESET_NAME",
    "VMSS_RESOURCEGROUP_NAME",
    "VMSS_DEPLOYMENTTARGET_ROLES",
];

fn knowing_nothing(setting: &SettingUp, flags: &[&str]) -> Run {
    NAMES.into_iter().fold(setting.lost(flags), Run::without)
}

fn expect_told(planned: &Planned, words: &[&str]) {
    for it in words {
        expect(
            planned.error.contains(it),
            "somebody has to look up elsewhere what there is",
            it,
            &planned.error,
        );
    }
    planned.expect_code(2, "what was not told is guessed");
}

#[test]
fn first_of_all_project_and_environment() {
    let setting = SettingUp::but(|world, _| {
        world.octopus.add_project("Shop");
        world.octopus.add_environment(sandbox::SPACE, "Staging");
    });
    let planned = Planned::of(knowing_nothing(&setting, &[]).run());
    expect_told(
        &planned,
        &[
            "--project: one of ",
            "Shop",
            "Todo",
            "--environment: one of ",
            "Production",
            "Staging",
        ],
    );
    expect(
        planned.next == "octopus-scale-in setup --space Spaces-1 --project NAME --environment NAME",
        "nobody learns what to type",
        "the whole command",
        &planned.next,
    );
    setting.expect_no_write_since(0, "a question changes something");
}

#[test]
fn then_what_the_variables_do_not_say_of_what_can_be_used_here() {
    let setting = SettingUp::but(|world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        let elsewhere = world.add_azure_account("Staging subscription");
        world.edit(&elsewhere, |it| {
            it["EnvironmentIds"] = serde_json::json!(["Environments-2"])
        });
        let other = world.add_azure_account("Amazon");
        world.edit(&other, |it| {
            it["AccountType"] = "AmazonWebServicesAccount".into()
        });
        world.scale_set("api").instances(1);
        let elsewhere = world
            .octopus
            .targets
            .values_mut()
            .next()
            .expect("there are targets");
        elsewhere.roles.push("canary".into());
    });
    let planned = Planned::of(knowing_nothing(&setting, &["-p", "Todo", "-e", "Production"]).run());
    expect_told(
        &planned,
        &[
            "--scale-set: one of ",
            "api",
            "web",
            "--resource-group: one of web-rg",
            "--role: one of ",
            "canary",
            "vmss-web",
            "--azure-account: one of Azure subscription",
        ],
    );
    for not in ["Amazon", "Staging subscription"] {
        expect(
            !planned.error.contains(not),
            "an account is offered that cannot be used here",
            "none of these",
            &planned.error,
        );
    }
}

#[test]
fn a_targets_tag_of_another_environment_is_not_offered() {
    let setting = SettingUp::but(|world, _| {
        let other = world.octopus.add_environment(sandbox::SPACE, "Staging");
        let machine = world.lone_vm("staging1");
        drop(
            world
                .register(&machine)
                .environments(&[&other])
                .roles(&["staging-only"]),
        );
    });
    let planned = Planned::of(knowing_nothing(&setting, &["-p", "Todo", "-e", "Production"]).run());
    expect(
        !planned.error.contains("staging-only"),
        "a tag is offered that no target here carries",
        "tags of Production",
        &planned.error,
    );
}

#[test]
fn who_may_not_ask_azure_is_told_how_to_or_types_the_name() {
    let setting = SettingUp::new();
    let run = knowing_nothing(&setting, &["-p", "Todo", "-e", "Production"])
        .set("VMSS_AZURE_ACCOUNT_PASSWORD", "wrong");
    let planned = Planned::of(run.run());
    expect_told(
        &planned,
        &[
            "--scale-set: the scale set's name. Its names are found where Azure may be asked: az login, and --azure-credential AzureCli",
        ],
    );
}

#[test]
fn the_command_that_is_printed_works_when_it_is_typed() {
    let setting = SettingUp::new();
    let mut typed: Vec<String> = vec![
        "--template".into(),
        TEMPLATE.into(),
        "--every".into(),
        "30".into(),
        "--apply".into(),
        "-r".into(),
        "Remove web".into(),
        "--removal-limit".into(),
        "20%".into(),
    ];
    for _ in 0..3 {
        let flags: Vec<&str> = typed.iter().map(String::as_str).collect();
        let planned = Planned::of(knowing_nothing(&setting, &flags).run());
        if planned.outcome.code == 0 {
            let made = setting.made_as("Remove web");
            let trigger = setting.thing(&made.trigger);
            expect(
                trigger["Filter"]["CronExpression"]
                    .as_str()
                    .is_some_and(|it| it.contains("/30 ")),
                "what was told before is lost",
                "every 30 minutes",
                &trigger,
            );
            let process = setting.thing(&made.process);
            expect(
                process["Steps"][0]["Actions"][0]["Properties"]["VMSS.Removal.Limit"] == "20%",
                "what was told before is lost",
                "20%",
                &process,
            );
            return;
        }
        planned.expect_code(2, "the command that was printed is refused");
        // Of several tags somebody has to choose.
        let next = planned
            .next
            .replace("--role NAME", "--role web-server,vmss-web");
        typed = words(
            next.strip_prefix("octopus-scale-in setup ")
                .unwrap_or_default(),
        );
    }
    let runbooks = setting
        .sandbox
        .world(|world| world.octopus.documents.of(Kind::Runbook).count());
    expect(
        runbooks == 1,
        "the command that is printed never works",
        "a set-up project",
        typed.join(" "),
    );
}

#[test]
fn a_template_that_is_not_there_is_told_with_the_rest() {
    let setting = SettingUp::new();
    let planned = Planned::of(setting.bare(&[]).run());
    expect_told(
        &planned,
        &["--template: it is not in this space. Download octopus-scale-in.json"],
    );
    expect(
        planned.next.contains("--template octopus-scale-in.json"),
        "the whole command is not the whole",
        "the template's file",
        &planned.next,
    );
}

#[test]
fn who_names_no_credential_names_no_subscription() {
    let setting = SettingUp::new();
    let unsigned = |run: Run| {
        [TENANT, CLIENT, PASSWORD, SUBSCRIPTION]
            .into_iter()
            .fold(run, Run::without)
    };
    let planned = Planned::of(unsigned(setting.run(&["--apply"])).run());
    planned.expect_code(0, "a credential that may be left out is asked for");
    let run = unsigned(setting.run(&[])).without("VMSS_RESOURCEGROUP_NAME");
    let planned = Planned::of(run.run());
    planned.expect_code(0, "what the project's variables say is asked for");
    let run = setting.run(&[]).without(SUBSCRIPTION);
    let outcome = run.run();
    expect(
        outcome.code == 2,
        "Azure is asked without a subscription",
        2,
        outcome.code,
    );
}

/// As a shell splits it.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        match (c, quote) {
            (' ', None) => words.push(std::mem::take(&mut word)),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|it| !it.is_empty());
    words
}

#[test]
fn people_read_one_line_for_each_and_the_command() {
    let setting = SettingUp::new();
    let run = setting.typed(&[]);
    let outcome = run.run();
    outcome.expect_said("--project: one of Todo");
    outcome.expect_said("--environment: one of Production");
    outcome.expect_said(
        "Next: octopus-scale-in setup --space Spaces-1 --project Todo --environment Production",
    );
}
