//! What Octopus refuses to say, or cannot say, about a candidate counts against its removal.

use crate::support::aftermath::Aftermath;
use crate::support::candidate::{CANDIDATE, CANDIDATE_ID, OTHER, candidate};
use crate::support::no_answer::{failures, refusals};
use crate::support::{Run, settled};
use sandbox::{Fault, Matcher, Route, SPACE, Sandbox, When, World, minutes_ago, seconds_ago};

/// Something goes on in the space that leaves the candidates alone.
fn a_deployment_elsewhere(world: &mut World) {
    world.deployment().executing_since(minutes_ago(30));
}

fn impatient(sandbox: &Sandbox) -> Run {
    Run::in_runbook(sandbox).without_retries()
}

/// Who asks this about the candidate gets no answer; the other candidate is answered.
#[track_caller]
fn expect_one_spared(question: impl Into<Matcher>, fault: Fault, verdict: &str) {
    let sandbox = candidate(a_deployment_elsewhere);
    let question = question.into().containing(CANDIDATE_ID);
    sandbox.fault(question, When::Always, fault);
    impatient(&sandbox).expect_spared(&sandbox, verdict, "could not be learned");
}

fn why_of(verdict: &str) -> &'static str {
    match verdict {
        "referenced" => "scoped to it alone",
        _ => "could not be learned",
    }
}

/// What the account lacks, in the words of the role that has it; of a key that no longer counts, that.
const ROLES: [(&str, &str); 3] = [
    ("TaskView", "Environment Manager"),
    ("DeploymentView", "Project Viewer"),
    ("VariableView", "Space Viewer"),
];

/// Both ways to be refused, and what is lacking where it is no permission.
fn both_refusals() -> impl Iterator<Item = (Fault, Option<&'static str>)> {
    let key = "a key, token or secret that is valid";
    refusals().into_iter().zip([None, Some(key)])
}

/// The candidates wait, the run is red, and says which permission is missing and which role has it.
#[track_caller]
fn expect_red(end: Aftermath, verdict: &str, lacking: &str) {
    let role = ROLES.iter().find(|(permission, _)| *permission == lacking);
    end.code(4)
        .verdict(CANDIDATE, verdict, why_of(verdict))
        .complained(role.map_or(lacking, |(_, role)| role))
        .complained(lacking)
        .complained("no later run will know better");
}

#[test]
fn without_task_view_every_candidate_waits_and_the_run_is_red() {
    let sandbox = candidate(|world| world.octopus.forbid("TaskView"));
    let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
    expect_red(end.nothing_removed(), "deferred", "TaskView");
}

#[test]
fn in_a_deployment_a_missing_permission_only_warns() {
    let sandbox = candidate(|world| world.octopus.forbid("VariableView"));
    Run::in_deployment(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .warned("VariableView")
        .warned("Space Viewer");
}

#[test]
fn a_refused_list_of_tasks_defers_every_candidate() {
    for (fault, lacking) in both_refusals() {
        let sandbox = candidate(|_| ());
        sandbox.fault(Route::Tasks, When::Always, fault);
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        expect_red(
            end.nothing_removed(),
            "deferred",
            lacking.unwrap_or("TaskView"),
        );
    }
}

#[test]
fn a_list_of_tasks_that_cannot_be_read_defers_every_candidate() {
    for fault in failures() {
        let sandbox = candidate(|_| ());
        sandbox.fault(Route::Tasks, When::Always, fault);
        impatient(&sandbox).expect_both_spared(&sandbox, "deferred", "could not be learned");
    }
}

#[test]
fn a_refused_history_defers_its_target_and_the_permission_is_named() {
    for (fault, lacking) in both_refusals() {
        let sandbox = candidate(a_deployment_elsewhere);
        let history = Route::MachineTasks.containing(CANDIDATE_ID);
        sandbox.fault(history, When::Always, fault);
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        expect_red(
            end.removed(&[OTHER]),
            "deferred",
            lacking.unwrap_or("TaskView"),
        );
    }
}

#[test]
fn a_history_that_cannot_be_read_defers_its_target_alone() {
    for fault in failures() {
        expect_one_spared(Route::MachineTasks, fault, "deferred");
    }
}

/// A deployment that has just begun.
fn a_young_deployment(world: &mut World) {
    world.deployment().executing_since(seconds_ago(20));
}

#[test]
fn a_deployment_that_cannot_be_read_may_choose_every_target() {
    for fault in failures() {
        let sandbox = candidate(a_young_deployment);
        sandbox.fault(Route::Deployment, When::Always, fault);
        impatient(&sandbox).expect_both_spared(&sandbox, "deferred", "could not be learned");
    }
}

#[test]
fn a_deployment_that_may_not_be_read_is_a_missing_permission() {
    for (fault, lacking) in both_refusals() {
        let sandbox = candidate(a_young_deployment);
        sandbox.fault(Route::Deployment, When::Always, fault);
        let end = impatient(&sandbox).reconcile(&sandbox);
        expect_red(
            end.nothing_removed(),
            "deferred",
            lacking.unwrap_or("DeploymentView"),
        );
    }
}

#[test]
fn a_deployment_that_may_not_be_read_holds_only_what_it_could_use() {
    let old: fn(&mut World) = a_deployment_elsewhere;
    let elsewhere: fn(&mut World) = |world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        let deployment = world.deployment().executing_since(seconds_ago(20));
        drop(deployment.edit(|task| task.environment = test));
    };
    for goes_on in [old, elsewhere] {
        for fault in failures().into_iter().chain(refusals()) {
            let sandbox = candidate(goes_on);
            sandbox.fault(Route::Deployment, When::Always, fault);
            impatient(&sandbox).expect_removed(&sandbox);
        }
    }
}

#[test]
fn newer_servers_wrap_the_history_of_a_target() {
    let sandbox = candidate(|world| {
        world.octopus.wraps_answers = true;
        let deployment = world.deployment().executing_since(minutes_ago(30));
        deployment.naming(&[CANDIDATE_ID]);
    });
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
}

#[test]
fn without_the_permission_to_see_variables_every_candidate_is_held_and_it_is_named() {
    for (permission, owner) in [
        ("VariableView", "Projects-1"),
        ("LibraryVariableSetView", "LibraryVariableSets-2"),
    ] {
        for flags in [true, false] {
            let sandbox = candidate(|world| {
                world.octopus.flags_hidden_variables = flags;
                world.octopus.forbid(permission);
                let target = world.existing_target(CANDIDATE);
                drop(target.scoped_variable(owner, "Port"));
            });
            let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
            expect_red(end, "referenced", "VariableView");
        }
    }
}

#[test]
fn a_refused_answer_about_variables_holds_its_target_and_the_permission_is_named() {
    for (fault, lacking) in both_refusals() {
        let sandbox = candidate(|_| ());
        let question = Route::ScopedVariables.containing(CANDIDATE_ID);
        sandbox.fault(question, When::Always, fault);
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        expect_red(
            end.removed(&[OTHER]),
            "referenced",
            lacking.unwrap_or("VariableView"),
        );
    }
}

#[test]
fn an_answer_about_variables_that_cannot_be_read_holds_its_target_alone() {
    for fault in failures() {
        expect_one_spared(Route::ScopedVariables, fault, "referenced");
    }
}

#[test]
fn a_missing_permission_is_named_in_every_run_that_meets_it_and_in_no_other() {
    let sandbox = candidate(|world| world.octopus.forbid("TaskView"));
    for _ in 0..2 {
        let run = Run::in_runbook(&sandbox);
        run.reconcile(&sandbox).code(4).complained("TaskView");
    }

    let nothing_to_do = settled(2);
    nothing_to_do.world(|world| world.octopus.forbid("TaskView"));
    let end = Run::in_runbook(&nothing_to_do)
        .reconcile(&nothing_to_do)
        .code(0);
    assert_eq!(end.outcome.said("warning"), "");
}

#[test]
fn a_question_that_fails_once_is_asked_again() {
    for route in [Route::Tasks, Route::MachineTasks, Route::ScopedVariables] {
        let sandbox = candidate(a_deployment_elsewhere);
        sandbox.fault(route, When::First(1), Fault::status(503));
        Run::in_runbook(&sandbox).expect_removed(&sandbox);
    }
}
