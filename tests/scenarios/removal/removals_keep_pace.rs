//! Removals run in parallel, within Octopus's rate limit, and beside another run.

use crate::support::aftermath::reconcile;
use crate::support::{Run, registered, shrunk};
use sandbox::{Fault, RateLimit, Route, Sandbox, Service, When};
use std::thread;
use std::time::Duration;

/// How many requests the limiter refused.
fn refusals(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests_to(Service::Octopus);
    let refused = |request: &&sandbox::Request| request.status == Some(429);
    requests.iter().filter(refused).count()
}

#[test]
fn removals_run_side_by_side_but_not_all_at_once() {
    let (sandbox, hosts) = shrunk(61, 60);
    let slow = Fault::latency(Duration::from_millis(20));
    sandbox.fault(Route::DeleteMachine, When::Always, slow);

    reconcile(&sandbox).code(0).removed(&hosts);

    let peak = sandbox.peak_in_flight(Route::DeleteMachine);
    assert!(peak > 1, "removals one after the other take for ever");
    assert!(peak <= 16, "{peak} removals at once are an attack");
}

/// Three hundred removals against this limit, all of which succeed; how many requests it refused.
fn refused_of_three_hundred(limit: RateLimit) -> usize {
    let (sandbox, hosts) = shrunk(301, 300);
    sandbox.world(|world| world.octopus.rate_limit = Some(limit));
    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_LIMIT", "300")
        .reconcile(&sandbox)
        .code(0)
        .removed(&hosts)
        .nothing_held();
    refusals(&sandbox)
}

#[test]
fn three_hundred_removals_stay_inside_a_limit_that_refills_all_the_time() {
    let limit = RateLimit::new(200, 18_000);
    for limit in [limit.clone(), limit.without_retry_after()] {
        // As many as are on their way when the burst is used up, and a few while the pace is found on a busy machine.
        let refused = refused_of_three_hundred(limit);
        assert!(refused <= 10, "{refused} requests were refused");
    }
}

#[test]
fn three_hundred_removals_stay_inside_a_limit_that_refills_in_lumps() {
    let limit = RateLimit::new(200, 18_000).in_windows_of(Duration::from_millis(250));
    let refused = refused_of_three_hundred(limit);
    assert!(refused <= 10, "{refused} requests were refused");
}

/// Six lumps bring what is missing: one refusal for each of them, and as many again for the sake of chance.
#[test]
fn a_limit_that_refills_in_lumps_and_names_no_time_refuses_few_requests() {
    let limit = RateLimit::new(200, 18_000)
        .in_windows_of(Duration::from_millis(250))
        .without_retry_after();
    let refused = refused_of_three_hundred(limit);
    assert!(refused <= 12, "{refused} requests were refused");
}

#[test]
fn a_limit_that_another_program_uses_up_too_delays_and_fails_nothing() {
    let (sandbox, hosts) = shrunk(41, 40);
    sandbox.world(|world| world.octopus.rate_limit = Some(RateLimit::new(5, 6000)));

    reconcile(&sandbox).code(0).removed(&hosts).nothing_held();
}

#[test]
fn two_runs_side_by_side_remove_everything_once_and_both_succeed() {
    let (sandbox, hosts) = shrunk(41, 40);
    let slow = Fault::latency(Duration::from_millis(10));
    sandbox.fault(Route::DeleteMachine, When::Always, slow);
    let runs = [Run::in_runbook(&sandbox), Run::in_runbook(&sandbox)];

    let outcomes = thread::scope(|scope| {
        let started = runs.each_ref().map(|run| scope.spawn(|| run.run()));
        started.map(|run| run.join().expect("the run ends"))
    });

    assert_eq!(registered(&sandbox).len(), 1);
    for outcome in outcomes {
        let outcome = outcome.expect_code(0);
        assert!(outcome.held().is_empty());
        assert!(
            outcome
                .removed()
                .iter()
                .all(|name| hosts.iter().any(|host| host == name))
        );
    }
}
