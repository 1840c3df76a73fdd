//! 0 where nothing failed, 2 where something did, 3 where a server could not be asked; what could be is shown in each.

use crate::support::Run;
use crate::support::check::{Checked, Guided};
use sandbox::{Fault, Route, Service, When};
use serde_json::{Value, json};

#[test]
fn a_server_that_cannot_be_reached_ends_it_with_3_and_the_other_is_shown() {
    let guided = Guided::new();
    let run = guided.run().set("VMSS_RETRY_SECONDS", "0");
    let run = run.set("VMSS_OCTOPUS_URL", "http://127.0.0.1:1");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL octopus"], "Octopus cannot be reached");
    checked.expect_says("scale-set", "capacity 3");
    checked.expect_code(3);

    let guided = Guided::new();
    guided
        .sandbox
        .fault(Service::Azure, When::Always, Fault::status(503));
    let checked = Checked::of(guided.run().set("VMSS_RETRY_SECONDS", "0").run());
    checked.expect_only(&["FAIL azure"], "Azure answers nothing");
    checked.expect_says("targets", "3 targets of 3");
    checked.expect_code(3);
}

#[test]
fn a_question_without_an_answer_ends_it_with_3_and_a_failure_does_not_hide_that() {
    let guided = Guided::but(|world, guide| {
        world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into());
    });
    guided
        .sandbox
        .fault(Route::MachinePolicies, When::Always, Fault::status(500));
    let checked = Checked::of(guided.run().set("VMSS_RETRY_SECONDS", "0").run());
    checked.expect_only(
        &["FAIL schedule", "WARN machine-policy"],
        "one question fails",
    );
    checked.expect_code(3);
}

#[test]
fn a_key_that_is_refused_ends_it_with_3() {
    let guided = Guided::new();
    let run = guided.run().set("OCTOPUS_API_KEY", "API-WRONG0KEY0");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL checking-key"], "a wrong key");
    checked.expect_code(3);
}

#[test]
fn a_wrong_secret_of_azure_ends_it_with_3() {
    let guided = Guided::new();
    let run = guided
        .run()
        .set("VMSS_AZURE_ACCOUNT_PASSWORD", "wrong-secret");
    let checked = Checked::of(run.run());
    checked.expect_only(&["FAIL azure"], "a wrong secret");
    checked.expect_code(3);
}

#[test]
fn settings_that_are_missing_end_it_with_2_before_anything_is_asked() {
    let guided = Guided::new();
    let run = guided.run().without("VMSS_OCTOPUS_URL");
    let outcome = run.run();
    assert_eq!(outcome.code, 2, "{}", outcome.log);
    assert!(guided.sandbox.requests().is_empty());
    let run = Run::by_hand(&guided.sandbox).arguments(&["check", "-r", "A runbook"]);
    assert_eq!(run.run().expect_code(2).code, 2);
}

#[test]
fn a_check_that_ends_early_has_no_findings_in_its_document() {
    for arguments in [
        &["check", "-f", "json"][..],
        &["check", "-f", "json", "--projct", "Todo"],
    ] {
        let outcome = Run::bare().arguments(arguments).run();
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
        assert_eq!(document["checks"], json!([]), "{}", outcome.stdout);
        assert_eq!(document["result"]["exitCode"], 2, "{}", outcome.stdout);
    }
    let run = Run::bare().arguments(&["-f", "json"]).run();
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    assert_eq!(document["checks"], Value::Null, "a run is no check");
}

#[test]
fn settings_that_are_wrong_are_findings() {
    let guided = Guided::new();
    let checked = Checked::of(guided.run().set("VMSS_REMOVAL_LIMIT", "a few").run());
    checked.expect_only(&["FAIL settings"], "a setting that is no number");
    checked.expect_says("settings", "It takes a whole number");
    checked.expect_code(2);
}
