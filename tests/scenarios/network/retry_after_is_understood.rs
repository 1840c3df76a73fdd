//! `Retry-After` in every form that servers write it, and what a run makes of it.

use crate::support::aftermath::reconcile;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Fault, Route, Sandbox, When, http_date, now, seconds};
use std::thread;
use std::time::Duration;

const GONE: [&str; 1] = ["web000001"];
/// One question to each service.
const SERVICES: [Route; 3] = [Route::Machines, Route::Token, Route::ScaleSet];

/// A service that is busy the first time, and says this about it.
fn busy_once(route: Route, status: u16, retry_after: &str) -> Sandbox {
    let sandbox = scaled_in(3, &GONE);
    let busy = Fault::status(status).header("Retry-After", retry_after);
    sandbox.fault(route, When::First(1), busy);
    sandbox
}

/// How long passed between the first two requests to this route.
fn pause(sandbox: &Sandbox, route: Route) -> Duration {
    let requests = sandbox.requests_to(route);
    requests[1].started - requests[0].started
}

#[test]
fn what_asks_for_nothing_sensible_asks_for_nothing() {
    let past = http_date(now() - seconds(3600));
    let texts = [
        "",
        " ",
        "-5",
        "soon",
        "1.5 hours",
        "0x10",
        "NaN",
        "inf",
        "1e9",
        past.as_str(),
    ];
    for (text, route) in texts.into_iter().zip(SERVICES.into_iter().cycle()) {
        for status in [429, 503] {
            let sandbox = busy_once(route, status, text);
            reconcile(&sandbox).code(0).removed(&GONE);
        }
    }
}

#[test]
fn a_date_is_kept() {
    for route in SERVICES {
        // Dates have whole seconds: what is two from now is more than one from now.
        let sandbox = busy_once(route, 429, &http_date(now() + seconds(2)));

        reconcile(&sandbox).code(0).removed(&GONE);

        let pause = pause(&sandbox, route);
        assert!(pause >= Duration::from_millis(900), "{route:?}: {pause:?}");
    }
}

#[test]
fn a_wait_that_is_too_long_ends_the_request_with_its_number() {
    let tomorrow = http_date(now() + seconds(24 * 3600));
    for (text, said) in [
        ("21", "asked to wait 21 s"),
        ("20.5", "asked to wait 21 s"),
        (
            "99999999999999999999",
            "asked to wait 18446744073709551615 s",
        ),
        (tomorrow.as_str(), "asked to wait 86"),
    ] {
        for route in SERVICES {
            let sandbox = busy_once(route, 503, text);

            let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

            let error = outcome.said("error");
            assert!(error.contains(said), "{route:?} {text}: {error}");
            assert_eq!(sandbox.count(route), 1, "{route:?} {text}");
            expect_untouched(&sandbox);
        }
    }
}

#[test]
fn a_wait_that_ends_in_time_is_waited_for() {
    for (route, text) in SERVICES.into_iter().zip(["1", "1.2", " 1 "]) {
        let sandbox = busy_once(route, 503, text);
        let run = Run::in_runbook(&sandbox).set("VMSS_RETRY_SECONDS", "4");
        assert_eq!(run.run().expect_code(0).removed(), GONE);
        assert!(
            pause(&sandbox, route) >= Duration::from_secs(1),
            "{route:?}"
        );
    }
}

#[test]
fn runs_that_were_turned_away_together_do_not_come_back_together() {
    let pauses: Vec<Duration> = thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let sandbox = scaled_in(3, &GONE);
                    sandbox.fault(Route::Machines, When::First(1), Fault::status(503));
                    reconcile(&sandbox).code(0);
                    pause(&sandbox, Route::Machines)
                })
            })
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("it ends"))
            .collect()
    });
    let (least, most) = (pauses.iter().min(), pauses.iter().max());
    let spread = most.zip(least).map(|(most, least)| *most - *least);
    assert!(
        spread > Some(Duration::from_millis(40)),
        "they waited {pauses:?}"
    );
}
