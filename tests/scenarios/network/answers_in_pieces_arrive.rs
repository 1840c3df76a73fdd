//! Answers that arrive in pieces, compressed, cut off, too large, or over connections that are dead already.

use crate::support::aftermath::reconcile;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Fault, Matcher, Route, When};

const GONE: [&str; 1] = ["web000001"];
/// One question to each service.
const SERVICES: [Route; 3] = [Route::Machines, Route::Token, Route::Instances];

#[test]
fn compressed_answers_are_read() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.fault(Matcher::any(), When::Always, Fault::gzip());
    reconcile(&sandbox).code(0).removed(&GONE);
}

#[test]
fn a_small_answer_that_expands_without_end_is_refused() {
    for route in SERVICES {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::Always, Fault::gzip_bomb(200));

        let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

        let said = outcome.said("error");
        assert!(
            said.contains("it is larger than 64 MiB"),
            "{route:?}: {said}"
        );
        assert_eq!(
            sandbox.count(route),
            1,
            "asking again would not have helped"
        );
    }
}

#[test]
fn what_says_that_it_is_compressed_and_is_not_is_no_answer() {
    for route in SERVICES {
        let sandbox = scaled_in(3, &GONE);
        let liar = Fault::bytes(200, "{}").header("Content-Encoding", "gzip");
        sandbox.fault(route, When::Always, liar);
        let run = Run::in_runbook(&sandbox).set("VMSS_RETRY_SECONDS", "0");
        run.run().expect_code(3);
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_connection_that_dies_after_an_answer_is_replaced() {
    for matcher in [
        Matcher::any(),
        Route::DeleteMachine.into(),
        Route::Machines.into(),
    ] {
        let sandbox = scaled_in(4, &["web000001", "web000002"]);
        sandbox.fault(matcher, When::Always, Fault::reset_after());
        let outcome = Run::in_runbook(&sandbox).run().expect_code(0);
        assert_eq!(outcome.removed(), ["web000001", "web000002"]);
    }
}

#[test]
fn connections_that_break_before_in_or_after_the_body_are_made_again() {
    for fault in [
        Fault::reset(),
        Fault::reset_halfway(),
        Fault::lost_answer(),
        Fault::truncate(),
    ] {
        for route in [
            SERVICES[0],
            SERVICES[1],
            SERVICES[2],
            Route::PointRead,
            Route::DeleteMachine,
        ] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.fault(route, When::First(1), fault.clone());
            reconcile(&sandbox).code(0).removed(&GONE);
        }
    }
}

#[test]
fn headers_without_end_are_no_answer() {
    for route in SERVICES {
        let sandbox = scaled_in(3, &GONE);
        let long = Fault::extra_header("X-Padding", &"x".repeat(200_000));
        sandbox.fault(route, When::Always, long);
        let run = Run::in_runbook(&sandbox).set("VMSS_RETRY_SECONDS", "0");
        run.run().expect_code(3);
        expect_untouched(&sandbox);
    }
}
