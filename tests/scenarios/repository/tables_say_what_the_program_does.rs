//! The tables of the documentation say what the program does: a change in either breaks here.

use crate::support::markdown::{Page, code_spans};
use crate::support::{Run, scaled_in, settled};
use octopus_scale_in::check::{CheckExit, Id};
use octopus_scale_in::error::{Error, ExitCode};
use octopus_scale_in::settings::{Environment, Flags, Settings, variable_name};
use octopus_scale_in::setup::{SetupExit, SetupPart};
use sandbox::{Sandbox, minutes_ago};
use std::collections::BTreeSet;
use step_template::{Parameter, SCRIPT, Template};

/// What the script keeps for itself: the program ignores it.
const OF_THE_SCRIPT: [&str; 3] = [
    "VMSS.Binary.Path",
    "VMSS.Download.BaseUrl",
    "VMSS.Cache.Folder",
];

fn template() -> Vec<Parameter> {
    let template = Template::read().expect("the sources can be read");
    template.parameters
}

fn parameters() -> Vec<Vec<String>> {
    Page::read("docs/parameters.md").table("parameter")
}

/// The default that a cell shows: what stands in backticks, or nothing.
fn default(cell: &str) -> &str {
    code_spans(cell).first().copied().unwrap_or_default()
}

/// What a run needs, and nothing else.
fn needed() -> Environment {
    let pairs = [
        ("VMSS.ScaleSet.Name", "web"),
        ("VMSS.ResourceGroup.Name", "web-rg"),
        ("VMSS.DeploymentTarget.Roles", "web-server"),
        ("VMSS.Octopus.Url", "https://octopus.example.com"),
        ("VMSS.Octopus.ApiKey", "API-NOT0A0KEY"),
        ("VMSS.Azure.Account.SubscriptionNumber", "5a4d"),
        ("VMSS.Azure.Account.Client", "c11e"),
        ("VMSS.Azure.Account.TenantId", "7e4a"),
        ("VMSS.Azure.Account.Password", "not-a-secret"),
        ("Octopus.Space.Id", "Spaces-1"),
        ("Octopus.Environment.Id", "Environments-1"),
    ];
    pairs
        .map(|(name, value)| (variable_name(name), value.to_owned()))
        .into()
}

/// The settings as the program understands them.
fn understood(environment: &Environment) -> String {
    let settings = Settings::read(environment, &Flags::default());
    format!("{:?}", settings.expect("the settings are complete"))
}

fn with(variable: &str, value: &str) -> String {
    let mut environment = needed();
    environment.insert(variable_name(variable), value.to_owned());
    understood(&environment)
}

#[test]
fn every_parameter_of_the_step_template_is_there_in_its_order_and_with_its_default() {
    let told: Vec<(String, String)> = parameters()
        .into_iter()
        .map(|row| {
            let name = code_spans(&row[0])[0].to_owned();
            (name, default(&row[1]).to_owned())
        })
        .collect();
    let offered: Vec<(String, String)> = template()
        .into_iter()
        .map(|parameter| (parameter.name, parameter.default))
        .collect();
    assert_eq!(told, offered);
}

#[test]
fn the_defaults_are_those_of_the_program() {
    let mut compared = 0;
    for row in parameters() {
        let (name, default) = (code_spans(&row[0])[0], default(&row[1]));
        // An address of Octopus's own is a default of the template alone.
        if default.is_empty() || default.starts_with("#{") {
            continue;
        }
        assert_eq!(with(name, default), understood(&needed()), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 17, "parameters with a default of the program");
}

#[test]
fn the_program_takes_each_of_them() {
    for row in parameters() {
        let name = code_spans(&row[0])[0];
        // Inside Octopus, where problems are told by the names of the table.
        let task = ("OCTOPUS_TASK_ID".to_owned(), "ServerTasks-1".to_owned());
        let set = [task, (variable_name(name), "#{nobody}".to_owned())].into();
        let Err(Error::Settings(problems)) = Settings::read(&set, &Flags::default()) else {
            panic!("one parameter is not enough");
        };
        let is_strange = |what: &str| what.contains("is no parameter of this program");
        let strange = problems.iter().find(|problem| is_strange(&problem.what));
        assert_eq!(strange, None, "{name} is documented and refused");
        let is_read = problems
            .iter()
            .any(|it| it.parameter == name && it.what.contains("#{nobody}"));
        // The server's address has others to fall back on; the account has fields of its own.
        let elsewhere = ["VMSS.Octopus.Url", "VMSS.Azure.Account"].contains(&name);
        assert_eq!(
            is_read || elsewhere,
            !OF_THE_SCRIPT.contains(&name),
            "{name}: whether the program reads it"
        );
    }
}

#[test]
fn every_choice_on_offer_is_explained() {
    let rows = parameters();
    for parameter in template() {
        let row = rows.iter().find(|row| row[0].contains(&parameter.name));
        let row = row.expect("every parameter has a row").join(" ");
        for option in parameter.options {
            let value = option.split('|').next().unwrap_or_default();
            let told = code_spans(&row).contains(&value);
            let plain = ["Yes", "No"].contains(&value);
            assert!(told || plain, "{} does not explain {value}", parameter.name);
        }
    }
}

#[test]
fn the_times_for_tests_are_those_of_the_program() {
    let page = Page::read("docs/parameters.md").text;
    let (_, times) = page.split_once("## Times").expect("a section about times");
    let mut compared = BTreeSet::new();
    for part in times.split("`VMSS_").skip(1) {
        let (name, rest) = part.split_once("` (").expect("a name and its seconds");
        let seconds: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let name = format!("VMSS_{name}");
        assert_eq!(with(&name, &seconds), understood(&needed()), "{name}");
        compared.insert(name);
    }
    assert_eq!(compared.len(), 5, "{compared:?}");
}

#[test]
fn the_outputs_are_those_of_a_run() {
    let told: BTreeSet<String> = Page::read("docs/outputs.md")
        .table("output variable")
        .iter()
        .map(|row| code_spans(&row[0])[0].to_owned())
        .collect();
    let outcome = Run::in_runbook(&settled(1)).run().expect_code(0);
    let set: BTreeSet<String> = outcome.outputs.into_keys().collect();
    assert_eq!(told, set);
}

/// Words that the meaning of a code must have. A new code needs some here.
fn meaning(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Reconciled => "reconciled, or nothing to do",
        ExitCode::Defect => "a defect in the program",
        ExitCode::Settings => "settings are missing or wrong",
        ExitCode::Service => "Azure or Octopus refused",
        ExitCode::Held => "a brake held the removals back",
        ExitCode::RemovalsFailed => "some or all removals failed",
        ExitCode::NotSettled => "not settled in time",
        ExitCode::WouldRemove => "something would be removed",
        ExitCode::Interrupted => "interrupted",
    }
}

#[test]
fn the_exit_codes_are_those_of_the_program_and_of_the_script() {
    let (_, script) = SCRIPT
        .split_once("$ScaleInNotStarted = ")
        .expect("the script's own code");
    let script: String = script.chars().take_while(char::is_ascii_digit).collect();
    let of_program = ExitCode::ALL.map(|code| ((code as u8).to_string(), meaning(code)));
    let wanted = of_program
        .into_iter()
        .chain([(script, "could not be fetched or started")]);

    let rows = Page::read("docs/outputs.md").table("exit code");

    let told: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let wanted: Vec<(String, &str)> = wanted.collect();
    let codes: Vec<&str> = wanted.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(told, codes);
    for (row, (code, meaning)) in rows.iter().zip(&wanted) {
        assert!(row[1].contains(meaning), "{code}: {}", row[1]);
    }
}

#[test]
fn each_exit_code_has_a_line_in_troubleshooting() {
    let page = Page::read("docs/troubleshooting.md");
    let looked_at: Vec<String> = page
        .table("exit code")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    for row in Page::read("docs/outputs.md").table("exit code") {
        let line = looked_at
            .iter()
            .find(|it| it.split(',').next() == Some(&row[0]));
        assert!(line.is_some(), "exit code {} is in {looked_at:?}", row[0]);
    }
}

fn permissions() -> Vec<Vec<String>> {
    Page::read("docs/permissions.md").table("permission")
}

/// The permissions of a cell; what stands in parentheses is for another case.
fn words(cell: &str) -> Vec<&str> {
    let (cell, _) = cell.split_once(" (").unwrap_or((cell, ""));
    cell.split(", ").collect()
}

#[test]
fn the_permissions_that_messages_name_are_in_the_table_with_the_same_role() {
    let source = include_str!("../../../src/octopus/permissions.rs");
    let texts: Vec<&str> = source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("permission: \"")
                .or(line.trim().strip_prefix("role: \""))
        })
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect();
    assert!(texts.len() >= 12, "{texts:?}");
    for pair in texts.chunks(2) {
        let (needed, role) = (pair[0], pair[1]);
        let role = role.strip_prefix("the built-in role ").unwrap_or(role);
        let (role, _) = role.split_once(" has it").expect("a role that has it");
        let has = |row: &&Vec<String>| needed.split(" and ").all(|it| words(&row[0]).contains(&it));
        let rows = permissions();
        let row = rows.iter().find(has);
        let row = row.unwrap_or_else(|| panic!("no row has {needed}"));
        assert!(
            row[1].contains(role),
            "{needed} is said to come with {role}: {row:?}"
        );
    }
}

/// Two machines are gone, one of which must be tested; a deployment and a runbook run are at others.
fn demanding() -> Sandbox {
    let sandbox = scaled_in(4, &["web000002"]);
    sandbox.world(|world| {
        drop(world.scale_set("web").scale_in(&["web000003"]));
        let long_ago = minutes_ago(120);
        drop(world.existing_target("web000003").last_checked(long_ago));
        let kept = ["Machines-1"];
        drop(world.deployment().queued(minutes_ago(5)).only_to(&kept));
        drop(world.runbook_run().queued(minutes_ago(5)).only_to(&kept));
    });
    sandbox
}

#[test]
fn what_happens_without_a_permission_is_what_the_table_says() {
    Run::in_runbook(&demanding()).run().expect_code(0);
    let mut tried = 0;
    for row in permissions() {
        let Some((_, code)) = row[3].split_once("exit ") else {
            continue;
        };
        let code: i32 = code.parse().expect("the cell ends with the code");
        for permission in words(&row[0]) {
            let sandbox = demanding();
            sandbox.world(|world| world.octopus.forbid(permission));
            let outcome = Run::in_runbook(&sandbox).run();
            assert_eq!(
                outcome.code, code,
                "without {permission}:\n{}",
                outcome.stdout
            );
            let named = outcome.stdout.contains(permission);
            assert!(named, "{permission} is not named:\n{}", outcome.stdout);
            tried += 1;
        }
    }
    assert!(tried >= 9, "{tried} permissions were taken away");
}

/// Every finding in the order of the page; code is in backticks there.
fn findings() -> Vec<String> {
    let text = Page::read("docs/check.md").text;
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}

#[test]
fn every_finding_of_a_check_has_a_row_in_its_order() {
    let of_program: Vec<&str> = Id::ALL.iter().map(|id| id.about().name).collect();
    assert_eq!(findings(), of_program);
}

#[test]
fn the_exit_codes_of_a_check_are_those_of_the_program() {
    let rows = Page::read("docs/check.md").table("exit code of check");
    let of_program = CheckExit::ALL.map(|it| vec![(it as u8).to_string(), it.meaning().to_owned()]);
    assert_eq!(rows, of_program);
}

#[test]
fn the_exit_codes_of_setup_are_those_of_the_program() {
    let rows = Page::read("docs/setup.md").table("exit code of setup");
    let of_program = SetupExit::ALL.map(|it| vec![(it as u8).to_string(), it.meaning().to_owned()]);
    assert_eq!(rows, of_program);
}

/// The flags of the program's own help, in its order.
fn flags_of_help(command: &str) -> Vec<String> {
    let help = Run::bare().arguments(&[command, "--help"]).run().stdout;
    let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
    let rows = lines.filter(|line| line.trim_start().starts_with('-'));
    let flag = |row: &str| {
        let mut words = row.split([' ', '=', '[', '.']);
        words.find(|word| word.starts_with("--")).map(str::to_owned)
    };
    rows.filter_map(flag).collect()
}

#[test]
fn every_flag_of_setup_alone_has_a_row_in_its_order() {
    let others = flags_of_help("check");
    let own = flags_of_help("setup");
    let own: Vec<&String> = own.iter().filter(|flag| !others.contains(flag)).collect();
    let rows = Page::read("docs/setup.md").table("flag of setup");
    let told: Vec<&str> = rows
        .iter()
        .filter_map(|row| code_spans(&row[0])[0].split(' ').next())
        .collect();
    assert_eq!(told, own);
}

#[test]
fn every_part_of_setup_is_explained_in_its_order_with_what_it_needs() {
    let page = Page::read("docs/setup.md");
    let names = |head: &str| -> Vec<String> {
        let rows = page.table(head).into_iter();
        rows.map(|row| code_spans(&row[0])[0].to_owned()).collect()
    };
    let of_program = SetupPart::ALL.map(SetupPart::name);
    assert_eq!(names("part"), of_program);
    assert_eq!(names("what"), of_program);
    for (row, part) in page.table("what").iter().zip(SetupPart::ALL) {
        let (makes, changes) = part.needs();
        let mut needed = vec![makes, changes];
        needed.dedup();
        let seen: Vec<&str> = part.sees_with().iter().map(|(name, _)| *name).collect();
        assert_eq!(row[1], seen.join(", "), "{}", part.name());
        assert_eq!(row[2], needed.join(", "), "{}", part.name());
    }
}
