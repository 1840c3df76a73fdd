//! Deleting a target deletes the variables that are scoped to it alone: such a target is held.

use crate::support::Run;
use crate::support::candidate;
use crate::support::candidate::{CANDIDATE, OTHER, candidate, target};
use sandbox::{Fault, Route, When, World, minutes_ago};
use serde_json::json;

#[track_caller]
fn expect_held(reason: &str, change: impl FnOnce(&mut World)) {
    let sandbox = candidate(change);
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "referenced", reason);
}

/// The same, and the run is red: it would wait in every run.
#[track_caller]
fn expect_hidden(permission: &str, change: impl FnOnce(&mut World)) {
    let sandbox = candidate(change);
    Run::in_runbook(&sandbox)
        .reconcile(&sandbox)
        .code(4)
        .removed(&[OTHER])
        .held(&[CANDIDATE])
        .verdict(CANDIDATE, "referenced", permission)
        .complained("Space Viewer");
}

#[test]
fn a_target_that_variables_are_scoped_to_alone_is_held() {
    expect_held("Projects-7", |world| {
        target(world).scoped_variable("Projects-7", "Connection");
    });
    expect_held("LibraryVariableSets-2", |world| {
        target(world).scoped_variable("LibraryVariableSets-2", "License");
    });
}

#[test]
fn a_target_that_hidden_variables_may_be_scoped_to_is_held() {
    expect_hidden("VariableView", |world| {
        target(world).edit(|target| target.hidden_project_variables = true);
    });
    expect_hidden("LibraryVariableSetView", |world| {
        target(world).edit(|target| target.hidden_library_variables = true);
    });
}

#[test]
fn newer_servers_wrap_the_answer() {
    expect_held("Projects-7", |world| {
        world.octopus.wraps_answers = true;
        target(world).scoped_variable("Projects-7", "Connection");
    });
    expect_hidden("VariableView", |world| {
        world.octopus.wraps_answers = true;
        target(world).edit(|target| target.hidden_project_variables = true);
    });
}

#[test]
fn a_server_that_does_not_know_the_question_answers_no() {
    let sandbox = candidate(|world| {
        world.octopus.knows_scoped_variables = false;
        target(world).scoped_variable("Projects-7", "Connection");
    });
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
}

#[test]
fn an_answer_that_names_no_variables_at_all_is_no_answer() {
    for answer in [
        json!({}),
        json!({ "VariableMap": null }),
        json!({ "Resource": {} }),
    ] {
        let sandbox = candidate(|_| ());
        let question = Route::ScopedVariables.containing(candidate::CANDIDATE_ID);
        sandbox.fault(question, When::Always, Fault::status(200).json(answer));
        Run::in_runbook(&sandbox).expect_spared(&sandbox, "referenced", "could not be learned");
    }
}

#[test]
fn only_candidates_are_asked_about() {
    let sandbox = candidate(|_| ());
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
    assert_eq!(sandbox.count(Route::ScopedVariables), 2);
}

#[test]
fn what_is_only_disabled_loses_no_variables() {
    let sandbox = candidate(|world| {
        target(world).scoped_variable("Projects-7", "Connection");
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .says_removed(&[CANDIDATE, OTHER])
        .nothing_held();
    assert_eq!(sandbox.count(Route::ScopedVariables), 0);
}

#[test]
fn what_may_be_in_use_and_is_referenced_is_held_for_either_reason() {
    let sandbox = candidate(|world| {
        target(world).scoped_variable("Projects-7", "Connection");
        let deployment = world.deployment().executing_since(minutes_ago(30));
        deployment.naming(&[candidate::CANDIDATE_ID]);
    });
    let run = Run::in_runbook(&sandbox);
    run.reconcile(&sandbox)
        .code(0)
        .removed(&[OTHER])
        .held(&[CANDIDATE]);

    // Also where targets that may be in use are to be removed.
    let run = Run::in_runbook(&sandbox).set("VMSS_BUSYTARGETS_HANDLE", "Remove");
    run.reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&[CANDIDATE]);
}

#[test]
fn what_is_referenced_is_removed_once_the_variables_are_rescoped() {
    let sandbox = candidate(|world| {
        target(world).scoped_variable("Projects-7", "Connection");
    });
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "referenced", "rescope");

    sandbox.world(|world| {
        target(world).edit(|target| target.scoped_variables.clear());
    });
    Run::in_runbook(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .removed(&[CANDIDATE])
        .nothing_held();
}

#[test]
fn whoever_asks_for_it_loses_the_variables_and_nobody_is_asked() {
    let sandbox = candidate(|world| {
        target(world).scoped_variable("Projects-7", "Connection");
    });
    Run::in_runbook(&sandbox)
        .set("VMSS_REFERENCEDTARGETS_HANDLE", "Remove")
        .expect_removed(&sandbox);
    assert_eq!(sandbox.count(Route::ScopedVariables), 0);
}

#[test]
fn flags_that_say_nothing_hide_nothing() {
    let sandbox = candidate(|_| ());
    let body = r#"{"HasUnauthorizedProjectVariables":null,"VariableMap":{}}"#;
    sandbox.fault(
        Route::ScopedVariables,
        When::Always,
        Fault::bytes(200, body),
    );
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
}
