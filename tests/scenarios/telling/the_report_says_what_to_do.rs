//! The report does not only say what became of targets: it says what to do, as the log does, and never more than was learned.

use crate::support::aftermath::reconcile;
use crate::support::{Outcome, Run, scaled_in, settled, shrunk};
use sandbox::{Route, SPACE, minutes_ago};
use serde_json::Value;

/// What the report says somebody should know, each as `level: text`.
fn notices(outcome: &Outcome) -> Vec<String> {
    let report = outcome.report();
    let notices = report["result"]["notices"].as_array().expect("a list");
    let line = |it: &Value| {
        let text = |field: &str| it[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("level"), text("text"))
    };
    notices.iter().map(line).collect()
}

/// One of them begins and goes on so, and the page has it, too.
#[track_caller]
fn expect_notice(outcome: &Outcome, begins: &str, says: &str) {
    let notices = notices(outcome);
    let one = notices
        .iter()
        .find(|it| it.starts_with(begins) && it.contains(says));
    assert!(one.is_some(), "{begins} ... {says}: {notices:#?}");
    let page = outcome.artifact("html").unwrap_or_default();
    assert!(page.contains(says), "the page lacks {says}:\n{page}");
}

#[test]
fn what_the_log_warns_of_stands_in_the_report() {
    let sandbox = settled(2);
    sandbox.world(|world| {
        drop(world.target("web000100").answers());
        drop(world.target("reporting"));
    });

    let outcome = reconcile(&sandbox).code(0).outcome;

    expect_notice(
        &outcome,
        "warning: Octopus reaches these",
        "or set VMSS.Healthy.Handle to Defer",
    );
    expect_notice(
        &outcome,
        "warning: Left alone",
        "register machines under their computer names",
    );
    for notice in notices(&outcome) {
        let text = notice.split_once(": ").map(|(_, text)| text);
        outcome.expect_said_at("warning", text.unwrap_or_default());
    }
}

#[test]
fn a_run_that_nothing_speaks_against_has_nothing_to_say() {
    let outcome = reconcile(&scaled_in(3, &["web000001"])).code(0).outcome;

    assert_eq!(notices(&outcome), [""; 0]);
    let page = outcome.artifact("html").unwrap_or_default();
    for title in ["What went wrong", "What to know"] {
        assert!(!page.contains(title), "{title} is empty:\n{page}");
    }
}

#[test]
fn why_targets_were_left_as_they_are_is_said() {
    let (sandbox, _) = shrunk(31, 30);
    let run = Run::in_runbook(&sandbox);
    let own = run.task();
    sandbox.on(Route::Task, 2, move |world| {
        world.octopus.tasks.get_mut(&own).expect("its task").state = "Cancelling".into();
    });

    let outcome = run.reporting().run().expect_code(5);

    expect_notice(
        &outcome,
        "warning: This run was cancelled",
        "were left as they are; the next run removes them",
    );
    let report = outcome.report();
    let targets = report["targets"].as_array().expect("a list").iter();
    let left = targets.filter(|it| it["fate"] == "left").count();
    assert_eq!(left, 5, "{report:#}");
}

#[test]
fn a_brake_for_wrong_roles_names_those_that_targets_carry() {
    let sandbox = settled(2);
    let run = Run::in_runbook(&sandbox).set("VMSS_DEPLOYMENTTARGET_ROLES", "web-server,vmss-wbe");

    let report = run.reporting().run().expect_code(4).report();

    let fact = report["result"]["brakes"][0]["fact"].as_str();
    let fact = fact.unwrap_or_default();
    assert!(
        fact.contains("vmss-web is the nearest to vmss-wbe"),
        "{fact}"
    );
}

#[test]
fn of_an_older_server_it_says_no_more_than_that_could_tell() {
    let (sandbox, gone) = shrunk(4, 2);
    sandbox.world(|world| {
        world.octopus.grow_old();
        let test = world.octopus.add_environment(SPACE, "Test");
        let deployment = world.deployment().executing_since(minutes_ago(30));
        drop(deployment.environment(&test));
    });

    let outcome = reconcile(&sandbox).code(0).removed(&gone).outcome;

    expect_notice(
        &outcome,
        "info: Octopus Server 2020.1.22",
        "which variables are scoped to one target alone",
    );
    let json = outcome.artifact("json").unwrap_or_default();
    for unlearned in [
        "No task uses it",
        "No variables are scoped",
        "Whether variables",
        "by a check of",
    ] {
        assert!(!json.contains(unlearned), "{unlearned}:\n{json}");
    }
    assert!(json.contains("No task that may use it is active"), "{json}");
}
