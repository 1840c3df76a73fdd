//! What waits long for its turn is looked at once more, by itself, before it is removed.

use crate::support::aftermath::{Aftermath, reconcile};
use crate::support::fleet::{Fleet, MODES, listing};
use crate::support::strangers::arranged;
use crate::support::{Run, scaled_in, settled, shrunk};
use sandbox::{Fault, Mode, Route, Sandbox, Vm, When, World};
use std::time::Duration;

/// The first removals take so long that the last candidate waits more than ten seconds for its turn.
fn slow_removals(sandbox: &Sandbox, last: impl FnOnce(&mut World) + Send + 'static) {
    let late = Fault::latency(Duration::from_secs(11));
    sandbox.fault(Route::DeleteMachine, When::First(8), late);
    // When the first removal begins, all the evidence is in.
    sandbox.on(Route::DeleteMachine, 1, last);
}

/// Nine candidates, for eight workers; the last one is the ninth.
fn nine(mode: Mode) -> (Fleet, String) {
    let (fleet, last, _) = nine_with_the_last_machine(mode);
    (fleet, last)
}

/// The same, and the machine of the last one.
fn nine_with_the_last_machine(mode: Mode) -> (Fleet, String, Vm) {
    let fleet = Fleet::of(mode, 11);
    let machines = fleet.sandbox.world(|world| world.scale_set("web").list());
    let machine = machines.into_iter().find(|it| it.host() == fleet.host(10));
    fleet.scale_in(&[2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let last = fleet.host(10).to_owned();
    (fleet, last, machine.expect("the last one's machine"))
}

#[track_caller]
fn expect_spared(end: Aftermath, fleet: &Fleet, verdict: &str, reason: &str) {
    let (gone, last) = (&fleet.hosts[2..10], fleet.host(10));
    end.code(0)
        .says_removed(gone)
        .held(&[last])
        .verdict(last, verdict, reason);
}

/// Another machine took the registration over: it stays.
#[track_caller]
fn expect_not_taken(sandbox: &Sandbox) {
    reconcile(sandbox)
        .code(0)
        .nothing_removed()
        .verdict("web000003", "deferred", "thumbprint");
}

#[test]
fn a_machine_that_comes_back_meanwhile_keeps_its_target() {
    for mode in MODES {
        let (fleet, _, machine) = nine_with_the_last_machine(mode);
        slow_removals(&fleet.sandbox, move |world| {
            drop(world.scale_set("web").bring_back(&machine));
        });
        let end = reconcile(&fleet.sandbox);
        expect_spared(end, &fleet, "deferred", "its machine is there");
    }
}

#[test]
fn a_target_that_somebody_else_takes_over_meanwhile_stays() {
    let (fleet, last) = nine(Mode::Uniform);
    slow_removals(&fleet.sandbox, move |world| {
        world.existing_target(&last).reregister();
    });
    expect_spared(reconcile(&fleet.sandbox), &fleet, "deferred", "thumbprint");
}

#[test]
fn a_target_that_octopus_reaches_meanwhile_stays() {
    let (fleet, last) = nine(Mode::Uniform);
    slow_removals(&fleet.sandbox, move |world| {
        drop(world.existing_target(&last).health("Healthy"));
    });
    expect_spared(reconcile(&fleet.sandbox), &fleet, "answers", "answers");
}

#[test]
fn a_target_that_a_deployment_names_meanwhile_waits() {
    let (fleet, last) = nine(Mode::Uniform);
    slow_removals(&fleet.sandbox, move |world| {
        let id = world.existing_target(&last).id();
        drop(world.deployment().only_to(&[&id]).naming(&[&id]));
    });
    expect_spared(reconcile(&fleet.sandbox), &fleet, "deferred", "in use");
}

#[test]
fn a_listing_that_cannot_be_read_again_spares_what_waits() {
    let (fleet, _) = nine(Mode::Flexible);
    let sandbox = &fleet.sandbox;
    slow_removals(sandbox, |_| {});
    sandbox.fault(Route::GroupVms, When::From(3), Fault::status(500));
    let end = Run::in_runbook(sandbox)
        .without_retries()
        .reconcile(sandbox);
    expect_spared(end, &fleet, "deferred", "could not be learned");
}

#[test]
fn what_cannot_be_looked_at_again_stays() {
    for (route, question) in [
        (Route::Machine, "how it is registered now"),
        (Route::PointRead, "whether its own machine is there"),
    ] {
        let (fleet, _) = nine(Mode::Uniform);
        let sandbox = &fleet.sandbox;
        slow_removals(sandbox, |_| {});
        let once = if route == Route::PointRead {
            When::From(10)
        } else {
            When::Always
        };
        sandbox.fault(route, once, Fault::status(500));
        let end = Run::in_runbook(sandbox)
            .without_retries()
            .reconcile(sandbox)
            .warned(question);
        expect_spared(end, &fleet, "deferred", "could not be learned");
    }
}

#[test]
fn a_quick_run_looks_only_once() {
    let sandbox = scaled_in(5, &["web000003", "web000004"]);
    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"]);
    assert_eq!(sandbox.count(Route::Machine), 0);
    assert_eq!(sandbox.count(Route::PointRead), 2);
    assert_eq!(sandbox.count(listing(Mode::Uniform)), 2);
}

#[test]
fn only_octopus_itself_says_that_somebody_else_removed_it() {
    let answers = [
        (Fault::octopus_error(404, "The resource was not found."), 0),
        (Fault::html(404, "<html>No route</html>"), 5),
        (Fault::status(404), 5),
        (Fault::bytes(404, r#"{"message":"no route"}"#), 5),
        (Fault::html(200, "<html>Sign in</html>"), 5),
    ];
    for (answer, code) in answers {
        let sandbox = scaled_in(3, &["web000002"]);
        sandbox.fault(Route::DeleteMachine, When::Always, answer);
        let end = reconcile(&sandbox).code(code);
        let removed = end.outcome.removed().len();
        assert_eq!(
            removed,
            usize::from(code == 0),
            "what nobody removed was told as removed"
        );
    }
}

#[test]
fn a_machine_that_answers_again_before_it_is_disabled_stays_enabled() {
    let sandbox = arranged(settled(3), |world| {
        drop(world.target("web000009").health("Unavailable"));
    });
    // After the second look, before the registration is read for being disabled.
    sandbox.on(Route::PointRead, 1, |world| {
        drop(world.existing_target("web000009").health("Healthy"));
    });
    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .verdict("web000009", "answers", "answers");
    assert_eq!(sandbox.count(Route::PutMachine), 0);
}

#[test]
fn what_was_slow_to_gather_is_old_at_the_first_removal() {
    let sandbox = scaled_in(4, &["web000003"]);
    let late = Fault::latency(Duration::from_secs(11));
    sandbox.fault(Route::PointRead, When::First(1), late);
    sandbox.on(Route::PointRead, 1, |world| {
        world.existing_target("web000003").reregister();
    });
    expect_not_taken(&sandbox);
}

#[test]
fn a_key_that_expires_meanwhile_is_a_problem() {
    let sandbox = scaled_in(4, &["web000003"]);
    // The run's own task is read before the first removal.
    let late = Fault::latency(Duration::from_secs(11));
    sandbox.fault(Route::Task, When::Always, late);
    let expired = Fault::octopus_error(401, "You must be logged in.");
    sandbox.fault(Route::Machine, When::Always, expired);
    let end = Run::in_runbook(&sandbox).without_retries();
    end.reconcile(&sandbox)
        .code(4)
        .nothing_removed()
        .complained("a key, token or secret that is valid");
}

/// Both ways to remove, and what is sent for each.
const ACTIONS: [(&str, Route); 2] = [
    ("Delete", Route::DeleteMachine),
    ("Disable", Route::PutMachine),
];

/// One candidate, whose removal is first refused for twelve seconds; this happens then.
fn refused_for_twelve_seconds(route: Route, meanwhile: fn(&mut World)) -> Sandbox {
    let sandbox = scaled_in(4, &["web000003"]);
    let busy = Fault::too_many_requests(12);
    sandbox.fault(route, When::First(1), busy);
    sandbox.on(route, 1, meanwhile);
    sandbox
}

/// Removes it in both ways, at the same time; so often was the removal sent.
fn in_both_ways(meanwhile: fn(&mut World), expect: fn(Aftermath), sent: usize) {
    std::thread::scope(|scope| {
        for (action, route) in ACTIONS {
            scope.spawn(move || {
                let sandbox = refused_for_twelve_seconds(route, meanwhile);
                let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_ACTION", action);
                expect(run.reconcile(&sandbox).code(0));
                assert_eq!(sandbox.count(route), sent, "times that it was sent");
            });
        }
    });
}

#[test]
fn a_target_that_is_taken_over_while_octopus_refuses_its_removal_stays() {
    let taken_over = |world: &mut World| drop(world.existing_target("web000003").reregister());
    let stays = |end: Aftermath| {
        end.nothing_removed()
            .held(&["web000003"])
            .verdict("web000003", "deferred", "thumbprint");
    };
    in_both_ways(taken_over, stays, 1);
}

#[test]
fn a_target_that_nobody_takes_over_meanwhile_goes_all_the_same() {
    let goes = |end: Aftermath| {
        end.says_removed(&["web000003"]).nothing_held();
    };
    in_both_ways(|_| {}, goes, 2);
}

#[test]
fn a_target_that_is_taken_over_while_a_removal_waits_for_its_turn_stays() {
    let sandbox = scaled_in(4, &["web000003"]);
    // The last answer before the removal says that nothing is left, and that more comes after 14 seconds.
    for (name, value) in [
        ("Octopus-RateLimit", "r=0;t=14"),
        ("Octopus-RateLimit-Policy", "l=1;rpm=4"),
    ] {
        sandbox.fault(Route::Task, When::Always, Fault::extra_header(name, value));
    }
    sandbox.after(Route::Task, 1, |world| {
        world.existing_target("web000003").reregister();
    });
    expect_not_taken(&sandbox);
}

#[test]
fn removals_that_are_refused_for_ever_end_in_time_and_stop_the_others_however_often_they_are_looked_at()
 {
    let (sandbox, hosts) = shrunk(32, 30);
    let busy = Fault::status(429).header("Retry-After", "0");
    sandbox.fault(Route::DeleteMachine, When::Always, busy);
    Run::in_runbook(&sandbox)
        .set("VMSS_RETRY_SECONDS", "12")
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .complained("Octopus answered 429")
        .warned("targets were left as they are; the next run removes them");
    assert!(sandbox.count(Route::Machine) > 0, "nobody looked again");
    for host in &hosts {
        let id = sandbox.world(|world| world.existing_target(host).id());
        let tries = sandbox.requests_to(Route::DeleteMachine.containing(&format!("/{id}")));
        let mut tries = tries
            .iter()
            .filter(|it| it.path.ends_with(&format!("/{id}")));
        let (first, last) = (tries.next(), tries.next_back());
        let took = first
            .zip(last)
            .map(|(first, last)| last.started - first.started);
        assert!(took <= Some(Duration::from_secs(13)), "{took:?} for {host}");
    }
}
