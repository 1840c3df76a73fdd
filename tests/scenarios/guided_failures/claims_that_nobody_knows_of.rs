//! Claims and answers of which nobody knows whether they counted, and deployments that hang on the same machine again.

use crate::support::Run;
use crate::support::aftermath::Aftermath;
use crate::support::hanging::{GONE, Hanging, OTHER, SCALE_IN, answering, machine_element};
use sandbox::{Fault, Route, When, minutes_ago};

/// Every claim ends in an error of the server, and the interruption is held by this user from then on.
#[track_caller]
fn claim_fails(holder: Option<&'static str>) -> (Hanging, Aftermath) {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let sandbox = &hanging.sandbox;
    sandbox.fault(Route::ClaimInterruption, When::Always, Fault::status(500));
    let interruption = hanging.interruption.clone();
    sandbox.on(Route::ClaimInterruption, 1, move |world| {
        let found = world.interruption(&interruption);
        drop(found.edit(|found| found.responsible = holder.map(str::to_owned)));
    });
    let aftermath = hanging.run().reconcile(sandbox).code(0);
    (hanging, aftermath)
}

#[test]
fn a_claim_that_counted_although_the_server_failed_is_followed_by_the_answer() {
    let (hanging, aftermath) = claim_fails(Some(SCALE_IN));
    aftermath.removed(&[OTHER]).held(&[GONE]);
    hanging.expect_answer();
}

#[test]
fn a_claim_that_failed_while_somebody_else_took_it_names_them() {
    let (hanging, aftermath) = claim_fails(Some("Users-7"));
    aftermath
        .warned(&hanging.interruption)
        .warned("held by Users-7")
        .held(&[GONE]);
    assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 0);
}

#[test]
fn a_claim_that_failed_and_did_not_count_leaves_it_to_people() {
    let (hanging, aftermath) = claim_fails(None);
    aftermath.said("left alone").removed(&[OTHER]).held(&[GONE]);
    assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 0);
}

#[test]
fn an_answer_of_which_nothing_can_be_learned_is_perhaps_not_given() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let sandbox = &hanging.sandbox;
    sandbox.fault(Route::SubmitInterruption, When::Always, Fault::status(500));
    sandbox.fault(Route::Interruption, When::From(2), Fault::status(500));

    let aftermath = hanging.run().reconcile(sandbox).code(0);

    aftermath
        .warned("perhaps not answered")
        .warned("somebody must take it over from scale-in")
        .held(&[GONE]);
}

#[test]
fn a_deployment_that_fails_again_on_an_excluded_machine_is_left_to_people() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.expect_excluded(&hanging.run());
    let again = hanging
        .sandbox
        .world(|world| world.task(&hanging.task).hangs_on("Warm up", GONE).id());

    let run = answering(Run::in_runbook(&hanging.sandbox));
    let outcome = run.run().expect_code(0);

    hanging.expect_answer();
    let said = outcome.stdout.lines();
    let mut said = said.filter(|line| line.contains("left alone") && line.contains(&again));
    assert!(
        said.any(|line| line.contains(&format!("({})", hanging.interruption))),
        "nobody learns what was tried before:\n{}",
        outcome.stdout
    );
}

#[test]
fn a_deployment_that_was_told_to_retry_is_answered_when_it_fails_again() {
    let hanging = Hanging::with(|found| found.answered("Retry"));
    let again = hanging
        .sandbox
        .world(|world| world.task(&hanging.task).hangs_on("Warm up", GONE).id());

    hanging.run().reconcile(&hanging.sandbox).held(&[GONE]);

    let answer = hanging
        .sandbox
        .world(|world| world.octopus.interruptions[&again].guidance.clone());
    assert_eq!(
        answer.as_deref(),
        Some("Exclude"),
        "it waits on for nothing"
    );
}

#[test]
fn an_element_without_an_id_is_not_what_an_empty_correlation_names() {
    let hanging = Hanging::with(|found| found.edit(|f| f.correlation = Some(String::new())));
    let task = hanging.task.clone();
    let world = |world: &mut sandbox::World| machine_element(world, &task).id.clear();
    hanging.sandbox.world(world);
    hanging.expect_left_alone(&hanging.run(), GONE);
}

#[test]
fn an_id_that_two_elements_have_names_neither() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        let twin = machine_element(world, &hanging.task).clone();
        let task = world.octopus.tasks.get_mut(&hanging.task);
        task.expect("the task").log.push(twin);
    });
    hanging.expect_left_alone(&hanging.run(), GONE);
}

#[test]
fn an_interruption_of_another_space_is_not_touched() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();
    let elsewhere = Fault::edit(|answer| {
        if let Some(items) = answer["Items"].as_array_mut() {
            items
                .iter_mut()
                .for_each(|row| row["SpaceId"] = "Spaces-99".into());
        }
    });
    hanging
        .sandbox
        .fault(Route::Interruptions, When::Always, elsewhere);
    hanging.run().reconcile(&hanging.sandbox).code(0);
    hanging.expect_untouched(&before);
}

#[test]
fn a_target_waits_for_the_deployment_that_goes_on_and_not_only_for_the_one_that_failed() {
    for handle in ["Defer", "Remove"] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging.sandbox.world(|world| {
            let other = world.deployment().executing_since(minutes_ago(30));
            let id = other.id();
            drop(other.hangs_on("Deploy", GONE));
            drop(world.task(&id).ended("Failed", minutes_ago(1)));
        });
        let run = hanging.run().set("VMSS_BUSYTARGETS_HANDLE", handle);
        hanging.expect_excluded(&run);
    }
}

#[test]
fn a_target_waits_where_the_state_of_the_task_that_waits_for_it_is_unknown() {
    for (unreadable, reason) in [
        (false, "its task does not run, it is Pausing"),
        (true, "Could not read the log of ServerTasks-1"),
    ] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging
            .sandbox
            .world(|world| drop(world.task(&hanging.task).state("Pausing")));
        if unreadable {
            let fault = Fault::status(500);
            hanging
                .sandbox
                .fault(Route::TaskDetails, When::Always, fault);
        }
        let run = hanging.run().set("VMSS_BUSYTARGETS_HANDLE", "Remove");
        let aftermath = hanging.expect_left_alone(&run, reason);
        aftermath.removed(&[OTHER]).held(&[GONE]);
    }
}

#[test]
fn a_brake_holds_the_only_candidate_although_a_deployment_hangs_on_it() {
    let hanging = Hanging::on(GONE);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").scale_in(&[GONE])));
    let before = hanging.now();
    let run = hanging.run().set("VMSS_REMOVAL_LIMIT", "0");
    run.reconcile(&hanging.sandbox).code(4).nothing_removed();
    hanging.expect_untouched(&before);
}
