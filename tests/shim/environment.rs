//! What the program is told, and what nobody else learns.

use crate::promises;
use crate::worker::{Worker, recorder};
use std::fs;

promises! { PROMISES:
    every_parameter_arrives_under_its_name,
    values_arrive_as_they_are,
    what_the_worker_has_under_these_names_does_not_count,
    what_the_worker_needs_for_itself_stays,
    times_for_tests_come_from_the_step_or_from_the_worker,
    nothing_is_an_argument,
    no_secret_is_left_behind,
    the_step_has_its_own_environment_back,
    every_exit_code_arrives,
    output_arrives_as_it_is,
}

fn every_parameter_arrives_under_its_name() {
    let worker = Worker::recording()
        .parameter("VMSS.ScaleSet.Name", "web")
        .parameter("VMSS.Azure.Account.OpenIdConnect.Jwt", "a.b.c")
        .parameter("VMSS.OldServers.ExcludeFromOutput", "No")
        .parameter("Octopus.Deployment.Tenant.Tags", "a/b")
        .parameter("Octopus.Machine.Id", "Machines-7");
    worker.run().code(0);
    let record = worker.record();
    for (name, value) in [
        ("VMSS_SCALESET_NAME", "web"),
        ("VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT", "a.b.c"),
        ("VMSS_OLDSERVERS_EXCLUDEFROMOUTPUT", "No"),
        ("OCTOPUS_DEPLOYMENT_TENANT_TAGS", "a/b"),
        ("OCTOPUS_MACHINE_ID", "Machines-7"),
    ] {
        assert_eq!(record.get(name).map(String::as_str), Some(value), "{name}");
    }
    let unset = ["VMSS_AZURE_ACCOUNT_PASSWORD", "OCTOPUS_RUNBOOKRUN_ID"];
    for name in unset {
        assert_eq!(record.get(name).map_or("", String::as_str), "", "{name}");
    }
}

fn values_arrive_as_they_are() {
    for value in [
        "two words",
        "\"double\" and 'single' quotes",
        "$env:PATH $(Get-Date) `n ${x} %PATH%",
        "one\ntwo\r\nthree",
        "gr\u{fc}n \u{2603} \u{1f419}",
        "trailing space ",
        "; rm -rf / & | > <",
        "#{unresolved}",
        "-File",
    ] {
        let worker = Worker::recording().parameter("VMSS.ScaleSet.Name", value);
        worker.run().code(0);
        assert_eq!(worker.record()["VMSS_SCALESET_NAME"], value);
    }
}

fn what_the_worker_has_under_these_names_does_not_count() {
    let worker = Worker::recording()
        .variable("VMSS_DRYRUN", "Yes")
        .variable("VMSS_SCALESET_NAME", "somebody else's")
        .variable("OCTOPUS_TASK_ID", "ServerTasks-666")
        .parameter("VMSS.ScaleSet.Name", "web");
    worker.run().code(0);
    let record = worker.record();
    assert_eq!(record["VMSS_SCALESET_NAME"], "web");
    for name in ["VMSS_DRYRUN", "OCTOPUS_TASK_ID"] {
        assert_eq!(record.get(name).map_or("", String::as_str), "", "{name}");
    }
}

fn what_the_worker_needs_for_itself_stays() {
    let own = [
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("NO_PROXY", "127.0.0.1"),
        ("SSL_CERT_FILE", "/etc/own.pem"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/var/token"),
        ("AZURE_CLIENT_ID", "an id"),
    ];
    let worker = own
        .iter()
        .fold(Worker::recording(), |worker, (name, value)| {
            worker.variable(name, value)
        });
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

fn nothing_is_an_argument() {
    let worker = Worker::recording().parameter("VMSS.Octopus.ApiKey", "API-SECRET");
    worker.run().code(0);
    assert_eq!(worker.record()["ARGUMENTS"], "");
}

fn no_secret_is_left_behind() {
    const SECRET: &str = "API-THATNOBODYMAYFIND";
    let worker = Worker::recording().parameter("VMSS.Octopus.ApiKey", SECRET);
    let step = worker.run().code(0);
    assert!(!step.stdout.contains(SECRET));
    assert_eq!(worker.record()["VMSS_OCTOPUS_APIKEY"], SECRET);
    fs::remove_file(worker.at("record")).expect("the program wrote it");
    let found = crate::works(
        "grep",
        &["-r", SECRET, &worker.folder.path().display().to_string()],
    );
    assert!(!found, "the key was left on the worker's disk");
}

fn the_step_has_its_own_environment_back() {
    // The script is followed by more of the step's own, as a post-deployment script would be.
    let worker = Worker::recording()
        .parameter("VMSS.Octopus.ApiKey", "API-SECRET")
        .variable("VMSS_DRYRUN", "its own");
    let script = format!(
        "{}\n",
        step_template::SCRIPT.replace(
            "exit $ScaleInCode",
            "Write-Host \"after: [$env:VMSS_DRYRUN] [$(Test-Path env:VMSS_OCTOPUS_APIKEY)]\"; exit $ScaleInCode"
        )
    );
    let program = worker.at("program");
    fs::write(&program, recorder(0)).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, mode).expect("it can run");
    let step = worker
        .parameter("VMSS.Binary.Path", &program.display().to_string())
        .run_script(&script);
    assert!(step.code(0).stdout.contains("after: [its own] [False]"));
}

fn every_exit_code_arrives() {
    for code in 0..=6 {
        let worker = Worker::knowing(&recorder(code));
        worker.run().code(code);
    }
}

fn output_arrives_as_it_is() {
    let lines =
        "##octopus[setVariable name='eA==' value='eQ==']\nlong: XXXX\n\ttab  two spaces \n\nend";
    let lines = lines.replace("XXXX", &"x".repeat(5000));
    let program = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'octopus-scale-in 9.8.7'; exit; fi\ncat <<'END'\n{lines}\nEND\n"
    );
    let worker = Worker::knowing(program.as_bytes());
    worker.run().code(0);
    let step = worker.run().code(0);
    assert_eq!(step.stdout, format!("{lines}\n"));
}
