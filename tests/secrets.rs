//! Keys, secrets and tokens appear in nothing that a run prints or leaves, whatever it is asked to log, and whatever a server says.

mod common;

use common::{Outcome, Run, scaled_in};
use sandbox::{Fault, Route, Sandbox, When};
use serde_json::json;

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

/// Neither the log nor the report holds a secret, nor so much of one that it helps.
#[track_caller]
fn expect_no_secret(outcome: &Outcome) {
    let reports = outcome.artifacts.iter().map(|(_, text)| text.as_str());
    for text in reports.chain([outcome.stdout.as_str(), outcome.stderr.as_str()]) {
        for secret in [KEY, PASSWORD, TOKEN] {
            assert!(!text.contains(secret), "{secret} was shown:\n{text}");
            let most = &secret[..secret.len() / 2];
            assert!(!text.contains(most), "half of {secret} was shown:\n{text}");
        }
        let issued = text.contains("sandbox-token-");
        assert!(!issued, "a token for Azure was shown:\n{text}");
    }
}

/// The run inside Octopus and the run by hand, at every level of detail.
fn at_every_level(sandbox: &Sandbox) -> Vec<Run> {
    let mut runs = Vec::new();
    for level in [
        "",
        "error",
        "info",
        "debug",
        "trace",
        "ureq=trace,azure_core=trace,azure_identity=trace,rustls=trace,trace",
    ] {
        runs.push(Run::in_deployment(sandbox).set("RUST_LOG", level));
        runs.push(Run::by_hand(sandbox).set("RUST_LOG", level));
    }
    runs
}

#[test]
fn a_run_that_goes_well_shows_no_secret() {
    let sandbox = guarded();
    for run in at_every_level(&sandbox) {
        expect_no_secret(&run.run().expect_code(0));
    }
}

#[test]
fn a_token_for_octopus_is_a_secret_too() {
    let sandbox = guarded();
    sandbox.world(|world| world.octopus.access_token = Some(TOKEN.into()));
    for run in at_every_level(&sandbox) {
        let run = run.set("VMSS_OCTOPUS_APIKEY", TOKEN);
        expect_no_secret(&run.run().expect_code(0));
    }
}

#[test]
fn refused_secrets_are_not_shown() {
    for (name, secret) in [
        ("VMSS_OCTOPUS_APIKEY", KEY),
        ("VMSS_AZURE_ACCOUNT_PASSWORD", PASSWORD),
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        for run in at_every_level(&sandbox) {
            let outcome = run.set(name, secret).run().expect_code(3);
            expect_no_secret(&outcome);
        }
    }
}

/// What a careless server or proxy may repeat.
fn echo() -> String {
    format!("You sent {KEY} and {PASSWORD}, that is \"{KEY}\"&'{PASSWORD}'.")
}

#[test]
fn what_octopus_repeats_is_not_shown() {
    for route in [
        Route::Machines,
        Route::Tasks,
        Route::ScopedVariables,
        Route::Task,
        Route::DeleteMachine,
    ] {
        let sandbox = guarded();
        sandbox.fault(route, When::Always, Fault::octopus_error(400, &echo()));
        for run in at_every_level(&sandbox) {
            expect_no_secret(&run.run());
        }
    }
}

#[test]
fn what_azure_repeats_is_not_shown() {
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
        for run in at_every_level(&sandbox) {
            expect_no_secret(&run.run());
        }
    }
}

#[test]
fn what_a_sign_in_page_repeats_is_not_shown() {
    for route in [Route::Machines, Route::Token, Route::ScaleSet] {
        for fault in [Fault::html(200, &echo()), Fault::html(400, &echo())] {
            let sandbox = guarded();
            sandbox.fault(route, When::Always, fault);
            expect_no_secret(&Run::in_runbook(&sandbox).run().expect_code(3));
        }
    }
}

#[test]
fn where_a_redirect_leads_shows_no_secret() {
    for route in [Route::Machines, Route::Token, Route::ScaleSet] {
        let sandbox = guarded();
        let there = format!("https://elsewhere.example/?key={KEY}&secret={PASSWORD}");
        sandbox.fault(route, When::Always, Fault::redirect(&there));
        expect_no_secret(&Run::in_runbook(&sandbox).run().expect_code(3));
    }
}

#[test]
fn the_report_of_a_failed_removal_shows_no_secret() {
    let sandbox = guarded();
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::octopus_error(400, &echo()),
    );

    let outcome = Run::in_runbook(&sandbox).run().expect_code(5);

    assert!(outcome.artifacts[0].1.contains("You sent ***"));
    expect_no_secret(&outcome);
}

#[test]
fn the_password_of_a_proxy_is_not_shown() {
    let sandbox = guarded();
    for run in at_every_level(&sandbox) {
        let proxy = format!("http://user:{PASSWORD}@127.0.0.1:9");
        let run = run
            .set("HTTPS_PROXY", proxy)
            .set("VMSS_RETRY_SECONDS", "0.1");
        let run = run.set("VMSS_AZURE_ACCOUNT_PASSWORD", "another");
        expect_no_secret(&run.run().expect_code(3));
    }
}

#[test]
fn a_secret_on_the_edge_of_a_long_answer_is_not_shown_in_part() {
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
            expect_no_secret(&Run::in_runbook(&sandbox).run().expect_code(3));
        }
    }
}

#[test]
fn a_token_for_azure_that_is_repeated_is_not_shown() {
    let sandbox = guarded();
    let issued = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN });
    sandbox.fault(Route::Token, When::Always, Fault::status(200).json(issued));
    let refusal = Fault::azure_error(
        401,
        "InvalidAuthenticationToken",
        &format!("{TOKEN} is no token"),
    );
    sandbox.fault(Route::ScaleSet, When::Always, refusal);

    for run in at_every_level(&sandbox) {
        expect_no_secret(&run.run().expect_code(3));
    }
}
