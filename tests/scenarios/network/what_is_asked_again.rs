//! What is asked again, how often, and what is not.

use crate::support::aftermath::reconcile;
use crate::support::{Run, scaled_in};
use sandbox::{Fault, Route, Sandbox, When};
use std::time::Duration;

const GONE: [&str; 1] = ["web000001"];
/// What a run reads before it plans, from both services.
const READS: [Route; 4] = [
    Route::Machines,
    Route::Token,
    Route::ScaleSet,
    Route::Instances,
];

/// A refusal that may be asked again at once, so that scenarios need not wait.
fn at_once(status: u16) -> Fault {
    Fault::status(status).header("Retry-After", "0")
}

#[test]
fn a_service_that_stumbles_is_asked_again() {
    let of_all = READS.map(|route| (route, 503));
    let of_octopus = [408, 429, 500, 502, 504].map(|status| (Route::Machines, status));
    for (route, status) in of_all.into_iter().chain(of_octopus) {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::First(1), at_once(status));

        reconcile(&sandbox).code(0).removed(&GONE);
    }
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    for fault in [Fault::reset(), Fault::reset_halfway(), Fault::truncate()] {
        for route in [Route::Machines, Route::Instances] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.fault(route, When::First(1), fault.clone());
            reconcile(&sandbox).code(0).removed(&GONE);
        }
    }
}

#[test]
fn a_service_that_keeps_failing_is_asked_six_times() {
    for (route, status) in READS.into_iter().zip([408, 500, 502, 503]) {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::Always, at_once(status));

        let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

        assert_eq!(sandbox.count(route), 6, "{route:?} answered {status}");
        let said = outcome.said("error");
        let counted = format!("answered {status} (after 6 tries)");
        assert!(said.contains(&counted), "{said}");
    }
}

#[test]
fn a_service_that_is_busy_is_asked_as_often_as_fits() {
    for route in [Route::Machines, Route::ScaleSet] {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::First(9), at_once(429));

        reconcile(&sandbox).code(0).removed(&GONE);
    }
}

#[test]
fn a_refusal_is_not_asked_again() {
    for route in READS {
        for status in [400, 401, 403, 404, 409] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.fault(route, When::Always, Fault::status(status));

            Run::in_runbook(&sandbox).run().expect_code(3);

            // A token that Azure took a moment ago is replaced once; see `sign_in/tokens_that_are_refused_or_end_early.rs`.
            let renewed = route == Route::Instances && status == 401;
            let asked = 1 + usize::from(renewed);
            assert_eq!(sandbox.count(route), asked, "{route:?} answered {status}");
        }
    }
}

/// How long passed between the first two requests to this route.
fn pause_between(sandbox: &Sandbox, route: Route) -> Duration {
    let requests = sandbox.requests_to(route);
    requests[1].started - requests[0].started
}

#[test]
fn the_pause_that_a_service_asks_for_is_kept() {
    for (route, status) in [(Route::Machines, 429), (Route::ScaleSet, 503)] {
        let sandbox = scaled_in(3, &GONE);
        let busy = Fault::status(status).header("Retry-After", "1");
        sandbox.fault(route, When::First(1), busy);

        reconcile(&sandbox).code(0).removed(&GONE);

        let pause = pause_between(&sandbox, route);
        assert!(pause >= Duration::from_secs(1), "{route:?}: {pause:?}");
    }
}

#[test]
fn a_pause_too_long_ends_the_request_at_once_and_is_said() {
    for route in READS {
        for status in [429, 503] {
            let sandbox = scaled_in(3, &GONE);
            let busy = Fault::status(status).header("Retry-After", "3600");
            sandbox.fault(route, When::Always, busy);

            let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

            assert_eq!(sandbox.count(route), 1, "{route:?} answered {status}");
            let said = outcome.said("error");
            assert!(
                said.contains("3600") && said.contains("VMSS_RETRY_SECONDS"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_removal_that_is_asked_to_wait_too_long_fails_alone() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);
    let busy = Fault::status(503).header("Retry-After", "3600");
    sandbox.fault(
        Route::DeleteMachine.containing("/Machines-2"),
        When::Always,
        busy,
    );

    reconcile(&sandbox)
        .code(5)
        .removed(&["web000002"])
        .held(&GONE)
        .complained("3600");
}
