//! What the program is told, and what nobody else learns.

use crate::promises;
use crate::worker::{Worker, program, recorder};
use std::fs;

promises! { PROMISES:
    every_parameter_arrives_under_its_name,
    values_arrive_as_they_are,
    a_value_that_no_program_can_be_given_is_said,
    what_the_worker_has_under_these_names_does_not_count,
    what_the_worker_needs_for_itself_stays,
    times_for_tests_come_from_the_step_or_from_the_worker,
    no_secret_is_left_behind_or_shown_to_anybody,
    the_step_has_its_own_environment_back,
}

fn every_parameter_arrives_under_its_name() {
    let told = [
        ("VMSS.ScaleSet.Name", "web"),
        ("VMSS.Azure.Account.OpenIdConnect.Jwt", "a.b.c"),
        ("VMSS.OldServers.ExcludeFromOutput", "No"),
        ("VMSS.ReferencedTargets.Handle", "Remove"),
        ("VMSS.Healthy.Handle", "Defer"),
        ("VMSS.Healthy.TimeoutInMinutes", "2.5"),
        ("Octopus.Deployment.Tenant.Tags", "a/b"),
        ("Octopus.Machine.Id", "Machines-7"),
    ];
    // Of the step, and none of the program's business.
    let worker = Worker::recording()
        .parameters(&told)
        .parameter("VMSS.Something.Else", "x")
        .parameter("Octopus.Project.Name", "x");
    worker.run().code(0);
    let record = worker.record();
    for (name, value) in told {
        let variable = name.replace('.', "_").to_uppercase();
        assert_eq!(record.get(&variable).map(String::as_str), Some(value));
    }
    let others = record.keys().filter(|name| {
        let ours = name.starts_with("VMSS_") || name.starts_with("OCTOPUS_");
        ours && !told
            .iter()
            .any(|(told, _)| told.replace('.', "_").to_uppercase() == **name)
    });
    assert_eq!(others.count(), 0, "{:?}", record.keys());
    assert_eq!(record["ARGUMENTS"], "", "nothing is an argument");
}

fn values_arrive_as_they_are() {
    let values = [
        ("VMSS.ScaleSet.Name", "two words"),
        (
            "VMSS.ResourceGroup.Name",
            "\"double\" and 'single' \\quotes\\",
        ),
        (
            "VMSS.DeploymentTarget.Roles",
            "$env:PATH $(Get-Date) `n ${x} %PATH%",
        ),
        ("VMSS.Octopus.ApiKey", "one\ntwo\r\nthree\n"),
        ("VMSS.Octopus.Url", "gr\u{fc}n \u{2603} \u{1f419}"),
        ("VMSS.Timeout.Value", " trailing space "),
        ("VMSS.DryRun", "; rm -rf / & | > <"),
        ("VMSS.Removal.Limit", "#{unresolved}"),
        ("VMSS.Removal.Action", "-File"),
    ];
    let long = "r,".repeat(16_000);
    let worker = Worker::recording().parameters(&values);
    let worker = worker.parameter("Octopus.Step.Name", &long);
    worker.run().code(0);
    let record = worker.record();
    for (name, value) in values.into_iter().chain([("Octopus.Step.Name", &*long)]) {
        let variable = name.replace('.', "_").to_uppercase();
        assert_eq!(record[&variable], value, "{name}");
    }
}

fn a_value_that_no_program_can_be_given_is_said() {
    for (value, words) in [
        ("r,".repeat(16_384), "32768 characters"),
        ("a\0b".into(), "the code 0"),
    ] {
        let worker = Worker::recording().parameter("VMSS.DeploymentTarget.Roles", &value);
        let saying = ["VMSS.DeploymentTarget.Roles ", words];
        worker.run().not_started(&worker, &saying);
    }
}

fn what_the_worker_has_under_these_names_does_not_count() {
    let foreign = [
        "VMSS_DRYRUN",
        "VMSS_SCALESET_NAME",
        "VMSS_REMOVAL_LIMIT",
        "OCTOPUS_TASK_ID",
        "OCTOPUS_URL",
        "OCTOPUS_API_KEY",
        "OCTOPUS_SPACE",
    ];
    let worker = foreign.iter().fold(Worker::recording(), |worker, name| {
        worker.variable(name, "somebody else's")
    });
    let worker = worker.parameter("VMSS.ScaleSet.Name", "web");
    worker.run().code(0);
    let record = worker.record();
    assert_eq!(record["VMSS_SCALESET_NAME"], "web");
    let others = foreign.iter().filter(|name| record.contains_key(**name));
    assert_eq!(others.collect::<Vec<_>>(), [&"VMSS_SCALESET_NAME"]);
}

fn what_the_worker_needs_for_itself_stays() {
    let own = [
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("NO_PROXY", "127.0.0.1"),
        ("SSL_CERT_FILE", "/etc/own.pem"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/var/token"),
        ("AZURE_CLIENT_ID", "an id"),
        ("EMPTY", ""),
    ];
    let worker = Worker::recording().variables(&own);
    worker.run().code(0);
    let record = worker.record();
    for (name, value) in own {
        assert_eq!(record[name], value);
    }
}

fn times_for_tests_come_from_the_step_or_from_the_worker() {
    let worker = Worker::recording()
        .variable("VMSS_POLL_SECONDS", "7")
        .variable("VMSS_CONFIRM_SECONDS", "8")
        .parameter("VMSS_CONFIRM_SECONDS", "0.5");
    worker.run().code(0);
    let record = worker.record();
    assert_eq!(record["VMSS_POLL_SECONDS"], "7");
    assert_eq!(record["VMSS_CONFIRM_SECONDS"], "0.5");
}

fn no_secret_is_left_behind_or_shown_to_anybody() {
    const SECRET: &str = "API-THATNOBODYMAYFIND";
    // The program looks at everybody's command line, and its helper writes down its own environment.
    let seen = "cat /proc/[0-9]*/cmdline >\"$RECORD.seen\" 2>/dev/null\nenv >\"$RECORD\"";
    let worker = Worker::knowing(&program(seen));
    let helper = "#!/bin/sh\nenv >\"$RECORD.helper\"\nPATH=${PATH#*:} exec chmod \"$@\"\n";
    let helper = worker.file("bin/chmod", helper.as_bytes());
    let path = format!(
        "{}:{}",
        helper.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let worker = worker
        .variable("PATH", &path)
        .parameter("VMSS.Octopus.ApiKey", SECRET);

    let step = worker.run().code(0);

    assert!(!step.stdout.contains(SECRET));
    let record = fs::read_to_string(worker.at("record")).expect("it ran");
    assert!(record.contains(SECRET), "the program has its key");
    fs::remove_file(worker.at("record")).expect("it is there");
    assert!(worker.at("record.seen").exists() && worker.at("record.helper").exists());
    let everything = worker.folder.path().display().to_string();
    let found = crate::works("grep", &["-ra", SECRET, &everything]);
    assert!(!found, "the key is on the worker's disk, or others saw it");
}

fn the_step_has_its_own_environment_back() {
    let worker = Worker::recording()
        .parameter("VMSS.Octopus.ApiKey", "API-SECRET")
        .variable("VMSS_DRYRUN", "its own");
    // Whatever ends the script, something of the step's own comes after it.
    let after =
        "Write-Host \"after: [$env:VMSS_DRYRUN] [$(Test-Path env:VMSS_OCTOPUS_APIKEY)]\"; exit";
    let script = step_template::SCRIPT.replace("exit ", &format!("{after} "));
    let started = worker.file("started", &recorder(0));
    let failed = worker.file("failed", b"no program");
    let mut worker = worker;
    for (file, code) in [(started, 0), (failed, 10)] {
        worker = worker.parameter("VMSS.Binary.Path", &file.display().to_string());
        let step = worker.run_script(&script).code(code);
        step.said("after: [its own] [False]");
    }
}
