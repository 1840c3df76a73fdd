//! What a run is made to meet, and what must be found in nothing that it prints or leaves.

use crate::encodings::readings;
use crate::support::{Outcome, Run, base64, scaled_in};
use sandbox::{Fault, Route, Sandbox, When};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What holds for a build.
pub type Promise = fn(&Path);

macro_rules! promises {
    ($($promise:ident,)+) => {
        /// All of them, with their names.
        pub const PROMISES: &[(&str, Promise)] = &[$((stringify!($promise), $promise)),+];
    };
}

promises! {
    a_run_that_goes_well_shows_no_secret,
    a_check_shows_no_secret,
    a_token_for_octopus_is_a_secret_too,
    refused_secrets_are_not_shown,
    what_octopus_repeats_is_not_shown,
    what_azure_repeats_is_not_shown,
    what_a_sign_in_page_repeats_is_not_shown,
    where_a_redirect_leads_shows_no_secret,
    the_report_of_a_failed_removal_shows_no_secret,
    the_password_of_a_proxy_is_not_shown,
    a_secret_on_the_edge_of_a_long_answer_is_not_shown_in_part,
    a_token_for_azure_that_is_repeated_is_not_shown,
    what_is_repeated_in_another_encoding_is_not_shown,
    a_name_that_repeats_a_key_is_not_handed_on,
    a_federated_token_is_a_secret_too,
    what_a_managed_identity_shows_is_a_secret_too,
    no_process_has_a_secret_among_its_arguments,
}

const KEY: &str = "API-KEYTHATNOBODYMAYSEE";
const PASSWORD: &str = "Pw8~password.that-nobody_may.see";
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl";

/// One machine gone, and an account whose secrets are known to the test.
fn guarded() -> Sandbox {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| {
        world.octopus.api_key = KEY.into();
        world.azure.client_secret = PASSWORD.into();
    });
    sandbox
}

/// Neither the log nor the report holds a secret, nor so much of one that it helps, in whatever encoding.
#[track_caller]
fn expect_no_secret(outcome: &Outcome) {
    let reports = outcome.artifacts.iter().map(|(_, text)| text.as_str());
    let texts: Vec<&str> = reports
        .chain([outcome.stdout.as_str(), outcome.stderr.as_str()])
        .collect();
    for reading in texts.iter().flat_map(|text| readings(text)) {
        for secret in [KEY, PASSWORD, TOKEN] {
            let most = &secret[..secret.len() / 2];
            assert!(
                !reading.contains(most),
                "half of {secret} was shown as {reading}:\n{}",
                texts[0]
            );
        }
        let issued = reading.contains("sandbox-token-");
        assert!(!issued, "a token for Azure was shown:\n{}", texts[0]);
    }
}

/// The run inside Octopus and the run by hand, at every level of detail.
fn at_every_level(sandbox: &Sandbox, build: &Path) -> Vec<Run> {
    let mut runs = Vec::new();
    for level in [
        "",
        "error",
        "info",
        "debug",
        "trace",
        "ureq=trace,azure_core=trace,azure_identity=trace,rustls=trace,trace",
    ] {
        for run in [Run::in_deployment(sandbox), Run::by_hand(sandbox)] {
            runs.push(run.of_binary(build).set("RUST_LOG", level));
        }
    }
    runs
}

fn a_run_that_goes_well_shows_no_secret(build: &Path) {
    let sandbox = guarded();
    for run in at_every_level(&sandbox, build) {
        expect_no_secret(&run.run().expect_code(0));
    }
}

/// Also where the key stands in the step for everybody to read.
fn a_check_shows_no_secret(build: &Path) {
    let sandbox = guarded();
    let guide = sandbox.world(|world| {
        let guide = world.guide();
        guide.parameter(world, "VMSS.Octopus.ApiKey", Some(KEY));
        guide.publish(world);
        guide
    });
    let (project, runbook) = (guide.project.as_str(), guide.runbook.as_str());
    for form in ["table", "json"] {
        for run in at_every_level(&sandbox, build) {
            let run = run.without("OCTOPUS_TASK_ID");
            let run = run.arguments(&["check", "-f", form, "-p", project, "-r", runbook]);
            expect_no_secret(&run.run().expect_code(2));
        }
    }
}

fn a_token_for_octopus_is_a_secret_too(build: &Path) {
    let sandbox = guarded();
    sandbox.world(|world| world.octopus.access_token = Some(TOKEN.into()));
    for run in at_every_level(&sandbox, build) {
        let run = run.set("VMSS_OCTOPUS_APIKEY", TOKEN);
        expect_no_secret(&run.run().expect_code(0));
    }
}

fn refused_secrets_are_not_shown(build: &Path) {
    for (name, secret) in [
        ("VMSS_OCTOPUS_APIKEY", KEY),
        ("VMSS_AZURE_ACCOUNT_PASSWORD", PASSWORD),
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        for run in at_every_level(&sandbox, build) {
            let outcome = run.set(name, secret).run().expect_code(3);
            expect_no_secret(&outcome);
        }
    }
}

/// What a careless server or proxy may repeat.
fn echo() -> String {
    format!("You sent {KEY} and {PASSWORD}, that is \"{KEY}\"&'{PASSWORD}'.")
}

fn what_octopus_repeats_is_not_shown(build: &Path) {
    for route in [
        Route::Machines,
        Route::Tasks,
        Route::ScopedVariables,
        Route::Task,
        Route::DeleteMachine,
    ] {
        let sandbox = guarded();
        sandbox.fault(route, When::Always, Fault::octopus_error(400, &echo()));
        for run in at_every_level(&sandbox, build) {
            expect_no_secret(&run.run());
        }
    }
}

fn what_azure_repeats_is_not_shown(build: &Path) {
    for route in [
        Route::Token,
        Route::ScaleSet,
        Route::Instances,
        Route::ScaleSets,
        Route::PointRead,
    ] {
        let sandbox = guarded();
        sandbox.fault(
            route,
            When::Always,
            Fault::azure_error(400, &echo(), &echo()),
        );
        for run in at_every_level(&sandbox, build) {
            expect_no_secret(&run.run());
        }
    }
}

fn what_a_sign_in_page_repeats_is_not_shown(build: &Path) {
    for route in [Route::Machines, Route::Token, Route::ScaleSet] {
        for fault in [Fault::html(200, &echo()), Fault::html(400, &echo())] {
            let sandbox = guarded();
            sandbox.fault(route, When::Always, fault);
            expect_no_secret(
                &Run::in_runbook(&sandbox)
                    .of_binary(build)
                    .run()
                    .expect_code(3),
            );
        }
    }
}

fn where_a_redirect_leads_shows_no_secret(build: &Path) {
    for route in [Route::Machines, Route::Token, Route::ScaleSet] {
        let sandbox = guarded();
        let there = format!("https://elsewhere.example/?key={KEY}&secret={PASSWORD}");
        sandbox.fault(route, When::Always, Fault::redirect(&there));
        expect_no_secret(
            &Run::in_runbook(&sandbox)
                .of_binary(build)
                .run()
                .expect_code(3),
        );
    }
}

fn the_report_of_a_failed_removal_shows_no_secret(build: &Path) {
    let sandbox = guarded();
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::octopus_error(400, &echo()),
    );

    let outcome = Run::in_runbook(&sandbox)
        .of_binary(build)
        .run()
        .expect_code(5);

    assert_eq!(outcome.artifacts.len(), 2, "a page, and the same as JSON");
    for (name, report) in &outcome.artifacts {
        assert!(report.contains("You sent ***"), "{name}");
    }
    expect_no_secret(&outcome);
}

fn the_password_of_a_proxy_is_not_shown(build: &Path) {
    let sandbox = guarded();
    for run in at_every_level(&sandbox, build) {
        let proxy = format!("http://user:{PASSWORD}@127.0.0.1:9");
        let run = run.set("HTTPS_PROXY", proxy).set("VMSS_RETRY_SECONDS", "0");
        let run = run.set("VMSS_AZURE_ACCOUNT_PASSWORD", "another");
        expect_no_secret(&run.run().expect_code(3));
    }
}

fn a_secret_on_the_edge_of_a_long_answer_is_not_shown_in_part(build: &Path) {
    for secret in [KEY, PASSWORD] {
        for before in 970..1000 {
            if before % 5 != 0 {
                continue;
            }
            let sandbox = guarded();
            let answer = format!("{}{secret}", "x".repeat(before));
            sandbox.fault(
                Route::Machines,
                When::Always,
                Fault::octopus_error(400, &answer),
            );
            expect_no_secret(
                &Run::in_runbook(&sandbox)
                    .of_binary(build)
                    .run()
                    .expect_code(3),
            );
        }
    }
}

fn a_token_for_azure_that_is_repeated_is_not_shown(build: &Path) {
    let sandbox = guarded();
    let issued = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN });
    sandbox.fault(Route::Token, When::Always, Fault::status(200).json(issued));
    let refusal = Fault::azure_error(
        401,
        "InvalidAuthenticationToken",
        &format!("{TOKEN} is no token"),
    );
    sandbox.fault(Route::ScaleSet, When::Always, refusal);

    for run in at_every_level(&sandbox, build) {
        expect_no_secret(&run.run().expect_code(3));
    }
}

/// What a debugging proxy may repeat of a request: encoded as it was sent, or as it dumps bytes.
fn encoded_echoes(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let form = secret.replace('~', "%7E");
    vec![
        base64(secret),
        base64(&format!("user:{secret}")),
        base64(&format!("a key: {secret} and more")),
        base64(secret)
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_"),
        hex.to_uppercase(),
        hex,
        format!("client_secret={form}&scope=x"),
    ]
}

fn what_is_repeated_in_another_encoding_is_not_shown(build: &Path) {
    let sandbox = guarded();
    for echo in [KEY, PASSWORD].into_iter().flat_map(encoded_echoes) {
        for route in [Route::Machines, Route::Token] {
            sandbox.fault(route, When::Always, Fault::html(400, &echo));
            let run = Run::in_runbook(&sandbox).of_binary(build);
            expect_no_secret(&run.run().expect_code(3));
            sandbox.clear_faults();
        }
    }
}

fn a_name_that_repeats_a_key_is_not_handed_on(build: &Path) {
    let sandbox = guarded();
    let echo = |page: &mut serde_json::Value| page["Items"][0]["Name"] = KEY.into();
    sandbox.fault(Route::Machines, When::Always, Fault::edit(echo));
    for run in at_every_level(&sandbox, build) {
        expect_no_secret(&run.run().expect_code(0));
    }
}

fn a_federated_token_is_a_secret_too(build: &Path) {
    for (known, code) in [(TOKEN, 0), ("eyJh.b3RoZXI.c2ln", 3)] {
        let sandbox = guarded();
        sandbox.world(|world| world.azure.federated_token = Some(known.into()));
        for run in at_every_level(&sandbox, build) {
            let run = run
                .without("VMSS_AZURE_ACCOUNT_PASSWORD")
                .set("VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT", TOKEN);
            expect_no_secret(&run.run().expect_code(code));
        }
    }
}

fn what_a_managed_identity_shows_is_a_secret_too(build: &Path) {
    for (wanted, code) in [(PASSWORD, 0), ("another header", 3)] {
        let sandbox = scaled_in(3, &["web000001"]);
        sandbox.world(|world| world.azure.identity_header = wanted.into());
        for run in at_every_level(&sandbox, build) {
            let environment = sandbox.managed_identity_environment();
            let run = environment
                .into_iter()
                .fold(run, |run, (name, value)| run.set(&name, value))
                .set("IDENTITY_HEADER", PASSWORD)
                .set("VMSS_AZURE_CREDENTIAL", "ManagedIdentity");
            expect_no_secret(&run.run().expect_code(code));
        }
    }
}

/// The arguments of every process of this machine.
#[cfg(target_os = "linux")]
fn arguments_of_all() -> String {
    let processes = std::fs::read_dir("/proc").expect("a process table");
    let arguments = processes
        .flatten()
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let arguments = arguments.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "));
    arguments.collect::<Vec<_>>().join("\n")
}

#[cfg(not(target_os = "linux"))]
fn arguments_of_all() -> String {
    "octopus-scale-in".into()
}

fn no_process_has_a_secret_among_its_arguments(build: &Path) {
    let sandbox = guarded();
    let seen = Arc::<Mutex<String>>::default();
    let record = Arc::clone(&seen);
    sandbox.on(Route::ScaleSet, 1, move |_| {
        *record.lock().expect("no panic") = arguments_of_all();
    });

    Run::in_runbook(&sandbox)
        .of_binary(build)
        .argument("--dry-run")
        .run()
        .expect_code(0);

    let seen = seen.lock().expect("no panic");
    assert!(
        seen.contains("octopus-scale-in"),
        "the run was not seen: {seen}"
    );
    for secret in [KEY, PASSWORD, "sandbox-token-"] {
        assert!(!seen.contains(secret), "{secret} is an argument:\n{seen}");
    }
}
