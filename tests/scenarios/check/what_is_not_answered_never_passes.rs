//! A question that is refused, that fails, or whose answer lacks what matters is said to be so: nothing of it passes.

use crate::support::check::{Checked, Guided};
use sandbox::{Fault, Route, When};
use serde_json::{Value, json};

/// A check of the right set-up, where one question is answered so.
fn answered(route: Route, fault: Fault) -> Checked {
    let guided = Guided::new();
    guided.sandbox.fault(route, When::Always, fault);
    Checked::of(guided.run().set("VMSS_RETRY_SECONDS", "0").run())
}

#[test]
fn a_question_that_is_refused_is_a_warning_and_one_without_an_answer_ends_it_with_3() {
    for (route, odd) in [
        (Route::DeploymentSettings, &["WARN guided-failure"][..]),
        (Route::DeploymentFreezes, &["WARN freeze"]),
        (Route::RunTemplate, &["WARN published"]),
        (
            Route::ApiKeys,
            &["WARN schedule-key-expiry", "WARN schedule-key-access"],
        ),
        (
            Route::Permissions,
            &[
                "WARN checking-key",
                "WARN permission",
                "WARN health-triggers",
            ],
        ),
        (Route::RunbookProcess, &["WARN step"]),
    ] {
        for (status, code) in [(403, 0), (500, 3)] {
            let checked = answered(route, Fault::status(status));
            checked.expect_only(odd, &format!("{route:?} answers {status}"));
            checked.expect_code(code);
        }
    }
}

#[test]
fn options_of_a_step_that_cannot_be_read_do_not_pass() {
    for status in [403, 500] {
        let checked = answered(Route::RunbookProcess, Fault::status(status));
        checked.expect_no_pass("options");
    }
}

#[test]
fn what_a_runbook_takes_from_git_is_part_of_its_draft() {
    let says =
        |modified: bool| Fault::edit(move |it| it["IsGitResourceModified"] = modified.into());
    let checked = answered(Route::RunTemplate, says(true));
    checked.expect_only(&["WARN published"], "a script in Git has changed");
    answered(Route::RunTemplate, says(false)).expect_only(&[], "nothing in Git has changed");
}

#[test]
fn a_key_of_which_nothing_is_shown_is_no_token_and_not_for_ever() {
    let none = Fault::edit(|page| {
        page["Items"] = json!([]);
        page["TotalResults"] = 0.into();
    });
    let checked = answered(Route::ApiKeys, none);
    let odd = ["WARN schedule-key-expiry", "WARN schedule-key-access"];
    checked.expect_only(&odd, "the server lists no key");
    checked.expect_says("schedule-key-expiry", "API Keys");

    let no_date = Fault::edit(|page| page["Items"][0]["Expires"] = Value::from("soon"));
    let checked = answered(Route::ApiKeys, no_date);
    checked.expect_only(&["WARN schedule-key-expiry"], "a date that is none");
    checked.expect_says("schedule-key-expiry", "'soon', which cannot be read");
}
