//! The program as it runs: what reaches the log, what the step ends with.

use crate::promises;
use crate::worker::{Step, Worker, program, recorder};

promises! { PROMISES:
    every_exit_code_arrives,
    a_program_that_was_killed_is_no_success,
    output_arrives_as_it_is,
    output_arrives_while_the_program_runs,
    preferences_of_powershell_change_nothing,
    nothing_that_is_said_starts_a_message_to_octopus,
    a_script_without_octopus_says_so,
}

fn every_exit_code_arrives() {
    let mut worker = Worker::recording();
    for code in 0..=6 {
        let file = worker.file("program", &recorder(code));
        worker = worker.parameter("VMSS.Binary.Path", &file.display().to_string());
        worker.run().code(code);
    }
}

fn a_program_that_was_killed_is_no_success() {
    let worker = Worker::knowing(&program("echo working; kill -9 $$"));
    let step = worker.run().code(137).said("working");
    step.said("ended with the code 137, which is none of its own");
}

fn output_arrives_as_it_is() {
    let lines = "##octopus[setVariable name='eA==' value='eQ==']\n\ttab  two spaces \n\n  end";
    let long = "x".repeat(5000);
    let program = program(&format!(
        "echo to standard error >&2\ncat <<'END'\n{lines}\n{long}\nEND"
    ));
    let worker = Worker::knowing(&program);
    worker.run();
    let step = worker.run();
    assert_eq!(step.stdout, format!("{lines}\n{long}\n"));
    assert_eq!(step.stderr, "to standard error\n");
    assert_eq!(step.code, 0);
}

fn output_arrives_while_the_program_runs() {
    // It waits for what only a reader of its first line does.
    let program = program(
        "echo first\nfor i in $(seq 600); do [ -e \"$RECORD\" ] && exit 4; sleep 0.1; done; exit 1",
    );
    let worker = Worker::knowing(&program);
    let mut running = worker.start();
    assert!(running.line().starts_with("Downloaded"));
    assert_eq!(running.line(), "first");
    std::fs::write(worker.at("record"), "").expect("a file");
    running.end().code(4);
}

fn preferences_of_powershell_change_nothing() {
    let worker = Worker::knowing(&recorder(4)).told(
        "$WhatIfPreference = $true; $ConfirmPreference = 'Low'; $PSNativeCommandUseErrorActionPreference = $true\n\
         $OctopusParameters['VMSS.DryRun'] = $null; $OFS = ','; $ErrorActionPreference = 'Continue'\n\
         function chmod { throw 'not this one' }",
    );
    worker.run().code(4);
    assert!(!worker.record().contains_key("VMSS_DRYRUN"));
}

fn nothing_that_is_said_starts_a_message_to_octopus() {
    let attack = "/x\n###octopus[setVariable name='eA==' value='eQ==']\u{fc}\u{1f419}";
    for parameter in ["VMSS.Binary.Path", "VMSS.Cache.Folder"] {
        let worker = Worker::recording().parameter(parameter, attack);
        let worker = worker.parameter("VMSS.Download.BaseUrl", "http://127.0.0.1:9");
        let Step { stdout, .. } = worker.run();
        assert!(stdout.is_ascii(), "{stdout}");
        assert!(!stdout.contains("##octopus[set"), "{stdout}");
    }
}

fn a_script_without_octopus_says_so() {
    let worker = Worker::recording();
    let script = worker.file("work/Script.ps1", worker.script().as_bytes());
    let script = script.display().to_string();
    let output = worker.powershell(&["-File", &script]).output();
    let step = Step::of(&output.expect("PowerShell starts"));
    step.not_started(&worker, &["This script is a step of Octopus"]);
}
