//! What Octopus refuses to say, or cannot say, about a candidate counts against its removal.

use crate::support::candidate::{CANDIDATE_ID, candidate};
use crate::support::no_answer::{failures, refusals};
use crate::support::{Run, settled};
use sandbox::{Fault, Matcher, Route, Sandbox, When, World, minutes_ago};

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

#[test]
fn without_task_view_every_candidate_waits_and_the_permission_is_named() {
    let sandbox = candidate(|world| world.octopus.forbid("TaskView"));

    Run::in_runbook(&sandbox)
        .expect_both_spared(&sandbox, "deferred", "TaskView")
        .highlighted("TaskView")
        .warned("TaskView");
}

#[test]
fn a_refused_list_of_tasks_defers_every_candidate() {
    for fault in refusals() {
        let sandbox = candidate(|_| ());
        sandbox.fault(Route::Tasks, When::Always, fault);

        Run::in_runbook(&sandbox)
            .expect_both_spared(&sandbox, "deferred", "could not be learned")
            .highlighted("TaskView")
            .warned("TaskView");
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
    for fault in refusals() {
        let sandbox = candidate(a_deployment_elsewhere);
        let history = Route::MachineTasks.containing(CANDIDATE_ID);
        sandbox.fault(history, When::Always, fault);

        Run::in_runbook(&sandbox)
            .expect_spared(&sandbox, "deferred", "could not be learned")
            .highlighted("TaskView")
            .warned("TaskView");
    }
}

#[test]
fn a_history_that_cannot_be_read_defers_its_target_alone() {
    for fault in failures() {
        expect_one_spared(Route::MachineTasks, fault, "deferred");
    }
}

#[test]
fn a_deployment_that_cannot_be_read_may_reach_every_target() {
    for fault in failures().into_iter().chain(refusals()) {
        let sandbox = candidate(a_deployment_elsewhere);
        sandbox.fault(Route::Deployment, When::Always, fault);
        impatient(&sandbox).expect_both_spared(&sandbox, "deferred", "could not be learned");
    }
}

#[test]
fn a_deployment_that_may_not_be_read_is_a_missing_permission_too() {
    for fault in refusals() {
        let sandbox = candidate(a_deployment_elsewhere);
        sandbox.fault(Route::Deployment, When::Always, fault);

        impatient(&sandbox)
            .reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .highlighted("TaskView")
            .warned("TaskView");
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
    for permission in ["VariableView", "LibraryVariableSetView"] {
        let sandbox = candidate(|world| world.octopus.forbid(permission));

        Run::in_runbook(&sandbox)
            .expect_both_spared(&sandbox, "referenced", "could not be learned")
            .highlighted("VariableView")
            .warned("VariableView")
            .highlighted("LibraryVariableSetView")
            .warned("LibraryVariableSetView");
    }
}

#[test]
fn a_refused_answer_about_variables_holds_its_target_and_the_permission_is_named() {
    for fault in refusals() {
        let sandbox = candidate(|_| ());
        let question = Route::ScopedVariables.containing(CANDIDATE_ID);
        sandbox.fault(question, When::Always, fault);

        Run::in_runbook(&sandbox)
            .expect_spared(&sandbox, "referenced", "could not be learned")
            .highlighted("VariableView")
            .warned("LibraryVariableSetView");
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
        Run::in_runbook(&sandbox)
            .reconcile(&sandbox)
            .code(0)
            .highlighted("TaskView");
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
