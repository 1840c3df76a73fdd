//! Ctrl-C, and the signal by which systems ask programs to end: at once before the first removal, without a further removal
//! after it, and never without a word.
#![cfg(unix)]

use crate::support::going::{Going, once_asked};
use crate::support::outcome::Place;
use crate::support::{Run, registered, shrunk};
use sandbox::{Fault, Route, When};
use std::time::Duration;

const SIGNALS: [&str; 2] = ["INT", "TERM"];

#[test]
fn before_the_first_removal_it_ends_at_once_and_says_that_nothing_was_removed() {
    for signal in SIGNALS {
        let (sandbox, _) = shrunk(4, 2);
        let before = registered(&sandbox);
        let run = Run::in_runbook(&sandbox).set("VMSS_CONFIRM_SECONDS", "60");
        let going = Going::on(&run);
        once_asked(&sandbox, Route::Instances, 1);
        going.interrupt(signal);

        let outcome = going.end().expect_code(130);
        outcome.expect_said_at("error", "Interrupted. Nothing was removed");
        assert_eq!(
            registered(&sandbox),
            before,
            "SIG{signal} removed something"
        );
    }
}

#[test]
fn after_the_first_removal_none_begins_any_more_and_the_outputs_are_set() {
    for signal in SIGNALS {
        let (sandbox, gone) = shrunk(45, 40);
        let slow = Fault::latency(Duration::from_millis(300));
        sandbox.fault(Route::DeleteMachine, When::Always, slow);
        let going = Going::on(&Run::in_runbook(&sandbox));
        once_asked(&sandbox, Route::DeleteMachine, 1);
        going.interrupt(signal);

        let outcome = going.end().expect_code(5);
        let left = registered(&sandbox);
        let removed = gone.iter().filter(|name| !left.contains(name)).count();
        assert!((1..40).contains(&removed), "{removed} of 40 were removed");
        assert_eq!(
            outcome.removed().len(),
            removed,
            "the outputs tell another story"
        );
        outcome
            .expect_said_at("warning", "no further removal begins")
            .expect_said_at("warning", "This run was interrupted")
            .expect_said_at("highlight", "Cancelled: Removed");
    }
}

#[test]
fn asked_twice_it_ends_wherever_it_is() {
    let (sandbox, _) = shrunk(4, 2);
    let stall = Fault::latency(Duration::from_secs(60));
    sandbox.fault(Route::DeleteMachine, When::Always, stall);
    let going = Going::on(&Run::in_runbook(&sandbox).set("VMSS_REQUEST_SECONDS", "90"));
    once_asked(&sandbox, Route::DeleteMachine, 1);
    going.interrupt("INT");
    std::thread::sleep(Duration::from_millis(500));
    going.interrupt("INT");

    let outcome = going.end().expect_code(5);
    outcome.expect_said_at("error", "Interrupted again");
}

#[test]
fn what_was_turned_away_is_not_sent_once_more() {
    let (sandbox, _) = shrunk(4, 2);
    let before = registered(&sandbox);
    for nth in [1, 2] {
        let busy = Fault::too_many_requests(3);
        sandbox.fault(Route::DeleteMachine, When::Nth(nth), busy);
    }
    let going = Going::on(&Run::in_runbook(&sandbox));
    once_asked(&sandbox, Route::DeleteMachine, 1);
    going.interrupt("INT");

    let outcome = going.end().expect_code(5);
    assert_eq!(
        registered(&sandbox),
        before,
        "a target was removed after somebody had interrupted the run"
    );
    outcome.expect_said_at("warning", "no further removal begins");
}

#[test]
fn one_that_came_when_all_had_begun_is_told_all_the_same() {
    let (sandbox, gone) = shrunk(4, 2);
    let slow = Fault::latency(Duration::from_secs(2));
    sandbox.fault(Route::DeleteMachine, When::Always, slow);
    let going = Going::on(&Run::in_runbook(&sandbox));
    once_asked(&sandbox, Route::DeleteMachine, gone.len());
    going.interrupt("TERM");

    let outcome = going.end().expect_code(5);
    assert_eq!(outcome.removed().len(), gone.len());
}

#[test]
fn by_hand_an_interrupt_is_a_document_where_one_was_asked_for() {
    let (sandbox, _) = shrunk(4, 2);
    let run = Run::by_hand(&sandbox).arguments(&["-f", "json"]);
    let going = Going::on(&run.set("VMSS_CONFIRM_SECONDS", "60"));
    once_asked(&sandbox, Route::Instances, 1);
    going.interrupt("INT");

    let outcome = going.end_at(Place::ByHand).expect_code(130);
    let said: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert_eq!(said["result"]["exitCode"], 130);
}
