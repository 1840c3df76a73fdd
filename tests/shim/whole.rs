//! The real program, downloaded by the script, reconciles a sandbox.

use crate::common::{expect_untouched, registered, scaled_in};
use crate::promises;
use crate::worker::{Worker, triple};
use sandbox::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;

promises! { PROMISES:
    a_step_reconciles_and_leaves_its_report,
    a_dry_run_changes_nothing,
    a_step_on_every_target_is_refused,
    settings_that_are_wrong_arrive_as_2,
    the_development_template_asks_for_a_path,
}

/// A step of a runbook run on this sandbox, whose program is the one that was built for the tests.
fn step(sandbox: &Sandbox) -> Worker {
    let program = env!("CARGO_BIN_EXE_octopus-scale-in");
    // Under the name that the release has, and with the version that it says it has.
    let worker = Worker::recording();
    let task = sandbox.world(|world| {
        let task = world.runbook_run().executing_since(sandbox::seconds_ago(5));
        (task.id(), task.document())
    });
    let mut worker = worker
        .parameter("VMSS.Binary.Path", program)
        .parameter("Octopus.Task.Id", &task.0)
        .parameter("Octopus.RunbookRun.Id", &task.1)
        .parameter("VMSS_CONFIRM_SECONDS", "0.05");
    for (name, value) in sandbox.environment() {
        worker = match parameter_of(&name) {
            Some(parameter) => worker.parameter(parameter, &value),
            None => worker.variable(&name, &value),
        };
    }
    worker
}

/// The Octopus variable behind an environment variable of the sandbox.
fn parameter_of(variable: &str) -> Option<&'static str> {
    let list = step_template::SCRIPT
        .split_once("$ScaleInVariables = @(")
        .map(|(_, rest)| rest);
    let names = list
        .into_iter()
        .flat_map(|list| list.split('\'').skip(1).step_by(2));
    names
        .take_while(|name| name.contains('.'))
        .find(|name| name.replace('.', "_").to_uppercase() == variable)
}

fn a_step_reconciles_and_leaves_its_report() {
    let sandbox = scaled_in(3, &["web000001"]);
    let worker = step(&sandbox);

    let step = worker.run().code(0);

    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
    assert!(
        step.stdout.contains("##octopus[setVariable name="),
        "{}",
        step.stdout
    );
    let left = fs::read_dir(worker.at("work"))
        .expect("it is there")
        .flatten();
    let left: Vec<String> = left
        .map(|it| it.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        left.iter()
            .any(|name| name.starts_with("octopus-scale-in-ServerTasks-")),
        "the report is collected after the step: {left:?}"
    );
}

fn a_dry_run_changes_nothing() {
    let sandbox = scaled_in(3, &["web000001"]);
    step(&sandbox).parameter("VMSS.DryRun", "Yes").run().code(0);
    expect_untouched(&sandbox);
}

fn a_step_on_every_target_is_refused() {
    let sandbox = scaled_in(3, &["web000001"]);
    let step = step(&sandbox)
        .parameter("Octopus.Machine.Id", "Machines-1")
        .run()
        .code(2);
    assert!(
        step.stdout.contains("Run once on a worker"),
        "{}",
        step.stdout
    );
    expect_untouched(&sandbox);
}

fn settings_that_are_wrong_arrive_as_2() {
    let sandbox = scaled_in(3, &["web000001"]);
    step(&sandbox)
        .parameter("VMSS.Removal.Limit", "many")
        .run()
        .code(2);
}

fn the_development_template_asks_for_a_path() {
    let worker = Worker::recording();
    let step = worker.run_script(step_template::SCRIPT);
    step.not_started(
        &worker,
        &["This is the development template", "VMSS.Binary.Path"],
    );
    let program = worker.at("program");
    fs::copy(env!("CARGO_BIN_EXE_octopus-scale-in"), &program).expect("a copy");
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("it can run");
    let worker = worker.parameter("VMSS.Binary.Path", &program.display().to_string());
    worker.run_script(step_template::SCRIPT).code(2);
    assert!(!triple().is_empty());
}
