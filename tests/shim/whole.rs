//! The real program, as it was built for the tests, reconciles a sandbox.

use crate::promises;
use crate::support::{base64, expect_untouched, registered, scaled_in};
use crate::worker::Worker;
use sandbox::Sandbox;
use std::fs;

promises! { PROMISES:
    a_step_reconciles_and_leaves_its_report,
    a_dry_run_changes_nothing,
    a_brake_arrives_as_4,
    a_step_on_every_target_is_refused,
    settings_that_are_wrong_arrive_as_2,
    the_development_template_asks_for_a_path,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_octopus-scale-in");

/// A step of a runbook run on this sandbox, on a worker that has the program already.
fn step(sandbox: &Sandbox) -> Worker {
    on(Worker::recording(), sandbox).parameter("VMSS.Binary.Path", PROGRAM)
}

/// A step of a runbook run on this sandbox.
fn on(worker: Worker, sandbox: &Sandbox) -> Worker {
    let task = sandbox.world(|world| {
        let task = world.runbook_run().executing_since(sandbox::seconds_ago(5));
        (task.id(), task.document())
    });
    let mut worker = worker
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
    let program = fs::read(PROGRAM).expect("it was built");
    let worker = on(Worker::knowing(&program), &sandbox);

    let step = worker.run().code(0).said("##octopus[setVariable name=");

    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
    assert_eq!(worker.server.asked().len(), 1, "it was not downloaded");
    let left = fs::read_dir(worker.at("work")).expect("it is there");
    let reports: Vec<_> = left.flatten().map(|file| file.path()).collect();
    assert_eq!(
        reports.len(),
        2,
        "a page, and the same as JSON: {reports:?}"
    );
    // Octopus collects them after the step.
    reports.iter().fold(step, |step, report| {
        let path = base64(&report.display().to_string());
        step.said(&format!("##octopus[createArtifact path='{path}'"))
    });
}

fn a_dry_run_changes_nothing() {
    let sandbox = scaled_in(3, &["web000001"]);
    step(&sandbox).parameter("VMSS.DryRun", "Yes").run().code(0);
    expect_untouched(&sandbox);
}

fn a_brake_arrives_as_4() {
    let sandbox = scaled_in(3, &["web000001"]);
    let worker = step(&sandbox).parameter("VMSS.Removal.Limit", "0");
    worker.run().code(4).said("VMSS.Removal.Limit");
    expect_untouched(&sandbox);
}

fn a_step_on_every_target_is_refused() {
    let sandbox = scaled_in(3, &["web000001"]);
    let worker = step(&sandbox).parameter("Octopus.Machine.Id", "Machines-1");
    worker.run().code(2).said("Run once on a worker");
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
    let saying = ["This is the development template", "VMSS.Binary.Path"];
    let step = worker.run_script(step_template::SCRIPT);
    step.not_started(&worker, &saying);
    let worker = worker
        .parameter("VMSS.Binary.Path", PROGRAM)
        .parameter("Octopus.Task.Id", "ServerTasks-1");
    worker.run_script(step_template::SCRIPT).code(2);
}
