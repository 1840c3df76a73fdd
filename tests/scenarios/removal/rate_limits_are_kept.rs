//! Octopus's rate limit, whatever its headers say, and several runs that share it.

use crate::support::aftermath::reconcile;
use crate::support::{Run, registered, scaled_in, shrunk};
use sandbox::{Fault, RateLimit, Route, Sandbox, Service, When};
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

const GONE: [&str; 1] = ["web000001"];

/// What every answer of Octopus says of its rate limit.
fn saying(left: &str, policy: &str) -> Sandbox {
    let sandbox = scaled_in(3, &GONE);
    let fault = Fault::extra_header("Octopus-RateLimit", left);
    sandbox.fault(Service::Octopus, When::Always, fault);
    let fault = Fault::extra_header("Octopus-RateLimit-Policy", policy);
    sandbox.fault(Service::Octopus, When::Always, fault);
    sandbox
}

#[test]
fn headers_that_make_no_sense_stop_nobody() {
    for (left, policy) in [
        ("", ""),
        ("r=", "l=;rpm="),
        ("r=-5;t=-1", "l=-1;rpm=-600"),
        ("r=abc;t=def", "l=ghi;rpm=jkl"),
        ("r=NaN;t=inf", "l=inf;rpm=NaN"),
        ("r=1e308;t=1e308", "l=1e308;rpm=1e308"),
        ("r=99999999999999999999", "rpm=99999999999999999999"),
        ("7", "600"),
        (";;;===", ",,,"),
        ("r=5;r=0;R=3", "rpm=600;rpm=1"),
    ] {
        let sandbox = saying(left, policy);
        reconcile(&sandbox).code(0).removed(&GONE);
    }
}

#[test]
fn a_limit_that_shrinks_while_the_run_goes_on_delays_it_only() {
    let (sandbox, hosts) = shrunk(41, 40);
    sandbox.world(|world| world.octopus.rate_limit = Some(RateLimit::new(200, 60_000)));
    sandbox.after(Route::DeleteMachine, 5, |world| {
        world.octopus.rate_limit = Some(RateLimit::new(2, 3000));
    });

    reconcile(&sandbox).code(0).removed(&hosts).nothing_held();
}

#[test]
fn a_limit_that_nobody_announces_is_kept_all_the_same() {
    let (sandbox, hosts) = shrunk(31, 30);
    let busy = Fault::status(429).header("Retry-After", "0");
    for nth in [3, 4, 9, 20, 21, 22] {
        sandbox.fault(Route::DeleteMachine, When::Nth(nth), busy.clone());
    }

    reconcile(&sandbox).code(0).removed(&hosts).nothing_held();
}

#[test]
fn a_removal_that_is_refused_for_ever_ends_within_the_time_for_trying() {
    let sandbox = scaled_in(3, &GONE);
    let busy = Fault::status(429).header("Retry-After", "0");
    sandbox.fault(Route::DeleteMachine, When::Always, busy);

    Run::in_runbook(&sandbox)
        .set("VMSS_RETRY_SECONDS", "3")
        .reconcile(&sandbox)
        .code(5)
        .complained("Octopus answered 429");

    let tries = sandbox.requests_to(Route::DeleteMachine);
    let (first, last) = (tries[0].started, tries[tries.len() - 1].started);
    let took = last - first;
    assert!(
        took <= Duration::from_secs(4),
        "waiting for the limiter stretched 3 seconds of trying to {took:?}"
    );
    assert!(tries.len() > 1, "a refusal with an end is tried again");
}

#[test]
fn several_removals_that_are_refused_to_the_end_stop_the_others() {
    let (sandbox, hosts) = shrunk(41, 40);
    let busy = Fault::status(429).header("Retry-After", "0");
    sandbox.fault(Route::DeleteMachine, When::Always, busy);

    let aftermath = Run::in_runbook(&sandbox)
        .set("VMSS_RETRY_SECONDS", "1")
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .warned("targets were left as they are; the next run removes them");

    assert_eq!(
        aftermath.outcome.held().len(),
        hosts.len(),
        "what was left needs somebody's eye as well"
    );
    let asked: HashSet<String> = sandbox
        .requests_to(Route::DeleteMachine)
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert!(
        (5..=13).contains(&asked.len()),
        "{} of {} removals were begun, although five in a row were refused to the end",
        asked.len(),
        hosts.len()
    );
}

/// Five schedules of the same minute, with the service account that they all have.
#[test]
fn five_runs_that_share_one_key_all_make_progress() {
    for limit in [
        RateLimit::new(20, 6000),
        RateLimit::new(5, 6000).without_retry_after(),
    ] {
        let (sandbox, hosts) = shrunk(41, 40);
        sandbox.world(|world| world.octopus.rate_limit = Some(limit));
        let runs: Vec<Run> = (0..5).map(|_| Run::in_runbook(&sandbox)).collect();

        let outcomes: Vec<_> = thread::scope(|scope| {
            let started: Vec<_> = runs.iter().map(|run| scope.spawn(|| run.run())).collect();
            started
                .into_iter()
                .map(|run| run.join().expect("the run ends"))
                .collect()
        });

        assert_eq!(registered(&sandbox).len(), 1, "the one that lives is left");
        for outcome in outcomes {
            let outcome = outcome.expect_code(0);
            let removed = outcome.removed();
            let own = removed
                .iter()
                .all(|name| hosts.iter().any(|host| host == name));
            assert!(own && outcome.held().is_empty(), "{removed:?}");
        }
    }
}
