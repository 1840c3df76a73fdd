//! How a guided failure is answered: looked at once more, claimed, answered once; and the target waits until the task is
//! over. What goes wrong on the way is said with who must do what.

use crate::support;
use crate::support::Run;
use crate::support::hanging::{GONE, Hanging, OTHER, SCALE_IN, STEP, answering};
use crate::support::no_answer::{failures, refusal, too_large};
use sandbox::{Fault, Matcher, Route, When, World};

/// While these requests go wrong, nothing is answered, and what else is gone is removed.
#[track_caller]
fn expect_no_answer(route: Route, fault: Fault) {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();
    hanging.sandbox.fault(route, When::Always, fault);

    hanging
        .run()
        .reconcile(&hanging.sandbox)
        .code(0)
        .removed(&[OTHER])
        .held(&[GONE]);
    hanging.expect_untouched(&before);
}

#[test]
fn it_is_claimed_before_it_is_answered_and_the_note_comes_with_the_answer() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.expect_excluded(&hanging.run());

    let either = Matcher::routes([Route::ClaimInterruption, Route::SubmitInterruption]);
    let asked = hanging.sandbox.requests_to(either);
    let routes: Vec<Route> = asked.iter().map(|request| request.route).collect();
    assert_eq!(
        routes,
        [Route::ClaimInterruption, Route::SubmitInterruption]
    );
    let answer = asked[1].json().expect("the form's values");
    assert_eq!(answer["Guidance"], "Exclude");
    assert!(
        answer["Notes"]
            .as_str()
            .is_some_and(|note| !note.is_empty())
    );
}

/// Between the first look at it and the claim, this happens to it or its task; nothing is claimed.
#[track_caller]
fn expect_no_claim(reason: &str, change: fn(&mut World, interruption: &str, task: &str)) {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let (interruption, task) = (hanging.interruption.clone(), hanging.task.clone());
    hanging
        .sandbox
        .after(Route::Interruptions, 1, move |world| {
            change(world, &interruption, &task);
        });

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    for route in [Route::ClaimInterruption, Route::SubmitInterruption] {
        assert_eq!(hanging.sandbox.count(route), 0, "{route:?} came too late");
    }
    aftermath.said(reason);
    assert_eq!(hanging.sandbox.waiting_changes(), 0);
}

#[test]
fn who_takes_it_meanwhile_keeps_it() {
    expect_no_claim("Users-7", |world, interruption, _| {
        drop(world.interruption(interruption).held_by("Users-7"));
    });
}

#[test]
fn who_answers_it_meanwhile_is_not_answered_again() {
    expect_no_claim("answered", |world, interruption, _| {
        drop(world.interruption(interruption).answered("Retry"));
    });
}

#[test]
fn what_is_linked_meanwhile_is_left_alone() {
    expect_no_claim("linked", |world, interruption, _| {
        drop(world.interruption(interruption).linked());
    });
}

#[test]
fn a_task_that_is_cancelled_meanwhile_is_not_answered() {
    expect_no_claim("Cancelling", |world, _, task| {
        drop(world.task(task).state("Cancelling"));
    });
    // Just before the claim, too.
    let hanging = Hanging::on_a_machine_that_is_gone();
    let task = hanging.task.clone();
    hanging.sandbox.after(Route::Interruption, 1, move |world| {
        drop(world.task(&task).state("Cancelling"));
    });
    let before = hanging.now();
    hanging.run().reconcile(&hanging.sandbox).code(0);
    hanging.expect_untouched(&before);
}

#[test]
fn a_claim_that_is_refused_is_not_followed_by_an_answer_and_names_the_permission() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging
        .sandbox
        .fault(Route::ClaimInterruption, When::Always, refusal());

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    aftermath
        .said("InterruptionSubmit")
        .removed(&[OTHER])
        .held(&[GONE]);
    assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 0);
    assert_eq!(hanging.now().responsible, None);
}

#[test]
fn a_claim_that_fails_is_not_followed_by_an_answer() {
    for fault in [
        Fault::status(500),
        Fault::octopus_error(400, "Somebody was faster"),
        Fault::reset(),
    ] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging
            .sandbox
            .fault(Route::ClaimInterruption, When::Always, fault);

        let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

        aftermath
            .said(&hanging.interruption)
            .removed(&[OTHER])
            .held(&[GONE]);
        assert_eq!(hanging.sandbox.count(Route::SubmitInterruption), 0);
    }
}

#[test]
fn an_answer_that_fails_after_the_claim_says_who_must_take_over() {
    for fault in [
        Fault::status(500),
        Fault::octopus_error(400, "No"),
        refusal(),
        Fault::reset(),
    ] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        hanging
            .sandbox
            .fault(Route::SubmitInterruption, When::Always, fault);

        let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

        // Nobody else can answer it while the service account holds it.
        let aftermath = aftermath
            .warned(&hanging.interruption)
            .warned("take it over")
            .removed(&[OTHER])
            .held(&[GONE]);
        let warning = aftermath.outcome.said("warning");
        assert!(
            warning.contains("scale-in") || warning.contains("Scale in"),
            "from whom is it to be taken over?\n{warning}"
        );
        assert_eq!(hanging.now().responsible.as_deref(), Some(SCALE_IN));
        assert!(hanging.now().pending);
    }
}

#[test]
fn an_answer_that_only_a_sign_in_page_took_was_not_given() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.fault(
        Route::SubmitInterruption,
        When::Always,
        Fault::html(200, "Please sign in"),
    );

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    // The deployment waits on, held by the service account: somebody has to know.
    aftermath
        .warned(&hanging.interruption)
        .warned("take it over");
}

#[test]
fn who_answers_between_the_claim_and_the_answer_wins() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let interruption = hanging.interruption.clone();
    hanging
        .sandbox
        .on(Route::SubmitInterruption, 1, move |world| {
            drop(world.interruption(&interruption).answered("Retry"));
        });

    let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

    aftermath.removed(&[OTHER]).held(&[GONE]);
    assert_eq!(hanging.now().guidance.as_deref(), Some("Retry"));
}

#[test]
fn an_answer_whose_receipt_is_lost_was_given() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.fault(
        Route::SubmitInterruption,
        When::First(1),
        Fault::lost_answer(),
    );
    let run = hanging.run().set("VMSS_RETRY_SECONDS", "20");

    let aftermath = run.reconcile(&hanging.sandbox).code(0);

    assert_eq!(hanging.now().guidance.as_deref(), Some("Exclude"));
    assert!(
        !aftermath.outcome.said("warning").contains("take it over"),
        "nobody has to do anything:\n{}",
        aftermath.outcome.stdout
    );
}

#[test]
fn what_waits_and_cannot_be_read_is_left_to_people() {
    for fault in failures() {
        expect_no_answer(Route::Interruptions, fault);
    }
}

#[test]
fn one_that_cannot_be_read_again_is_left_to_people() {
    for fault in failures() {
        expect_no_answer(Route::Interruption, fault);
    }
}

#[test]
fn a_task_log_that_cannot_be_read_leaves_it_to_people() {
    for fault in failures() {
        expect_no_answer(Route::TaskDetails, fault);
    }
    expect_no_answer(Route::TaskDetails, too_large());
    expect_no_answer(Route::TaskDetails, Fault::octopus_error(404, "Gone"));
}

#[test]
fn a_missing_permission_is_named() {
    for (route, permission) in [
        (Route::Interruptions, "InterruptionView"),
        (Route::Interruption, "InterruptionView"),
        (Route::TaskDetails, "TaskView"),
        (Route::Task, "TaskView"),
    ] {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let before = hanging.now();
        hanging.sandbox.fault(route, When::Always, refusal());

        let aftermath = hanging.run().reconcile(&hanging.sandbox).code(0);

        aftermath.said(permission);
        hanging.expect_untouched(&before);
    }
}

#[test]
fn a_dry_run_says_what_it_would_answer_and_answers_nothing() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();

    let run = hanging.run().argument("--dry-run");
    run.reconcile(&hanging.sandbox)
        .code(0)
        .said(&format!("Dry run: {}", hanging.interruption))
        .nothing_removed()
        .verdict(GONE, "deferred", "part of a guided failure");

    hanging.expect_untouched(&before);
}

/// The names that Octopus has left.
#[test]
fn a_run_that_was_cancelled_answers_nothing() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    let before = hanging.now();
    let run = hanging.run();
    let own = run.task();
    hanging
        .sandbox
        .world(|world| drop(world.task(&own).state("Cancelling")));

    run.run().expect_code(5);
    hanging.expect_untouched(&before);
}

#[test]
fn with_nothing_waiting_one_request_tells_so() {
    let sandbox = support::settled(3);

    let run = answering(Run::in_runbook(&sandbox));
    run.run().expect_code(0);

    assert_eq!(sandbox.count(Route::Interruptions), 1);
    assert_eq!(sandbox.count(Route::Machines), 1);
    assert_eq!(sandbox.count(Route::Instances), 1);
}

#[test]
fn a_task_log_is_read_once_however_much_waits_in_it() {
    let hanging = Hanging::on_a_machine_that_is_gone();
    hanging.sandbox.world(|world| {
        for number in 0..4 {
            let step = format!("{STEP} {number}");
            drop(world.task(&hanging.task).hangs_on(&step, GONE));
        }
    });

    hanging.run().run().expect_code(0);
    assert_eq!(hanging.sandbox.count(Route::TaskDetails), 1);
}
