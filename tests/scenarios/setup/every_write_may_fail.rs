//! Whatever becomes of a write, setup says what is done and what is not, and the same command again ends in the planned state, with
//! nothing twice and nothing of other people's changed.

use crate::support::expect;
use crate::support::setup_failures::{CORRECTING, MAKING, POSTS, Stubborn};
use sandbox::{Fault, Route, Service, When};

/// Refused one after the other: each run does what was refused before, and stops at the next; the same again changes nothing.
fn is_refused(stubborn: Stubborn, routes: [Route; 9], fault: &Fault) {
    let sandbox = &stubborn.setting.sandbox;
    for (at, route) in routes.into_iter().enumerate() {
        sandbox.clear_faults();
        sandbox.fault(route, When::Always, fault.clone());
        for code in [if at == 0 { 3 } else { 5 }, 3] {
            let sent = sandbox.count(route);
            let planned = stubborn.apply();
            let suffered =
                format!("{route:?} fails: a script cannot tell whether something was changed");
            planned.expect_code(code, &suffered);
            let sent = sandbox.count(route) - sent;
            expect(
                sent == 1 || !POSTS.contains(&route),
                format!("{route:?} is sent again though it may have been done"),
                1,
                sent,
            );
            let is_begun = !planned.done.is_empty();
            expect(
                is_begun == (code == 5),
                format!("{route:?} fails: what was done before is not told, or what was not is"),
                code == 5,
                is_begun,
            );
        }
    }
    stubborn.expect_ends_well("after every write had been refused once");
}

/// Done, and not answered so: all in one run.
fn is_done_all_the_same(stubborn: Stubborn, routes: [Route; 9], fault: &Fault) {
    let sandbox = &stubborn.setting.sandbox;
    let sent: Vec<usize> = routes.iter().map(|route| sandbox.count(*route)).collect();
    for route in routes {
        sandbox.fault(route, When::Always, fault.clone());
    }
    let planned = stubborn.apply();
    planned.expect_code(0, "what was done without an answer is called a failure");
    for (route, sent) in routes.iter().zip(sent) {
        let sent = sandbox.count(*route) - sent;
        let due = if *route == Route::PutMachine { 3 } else { 1 };
        expect(
            sent == due,
            format!("{route:?} is sent again though it was done"),
            due,
            sent,
        );
    }
    stubborn.expect_ends_well("after no write had been answered");
}

fn refused(status: u16) -> Fault {
    Fault::octopus_error(status, "There was a problem with your request.")
}

#[test]
fn what_is_forbidden_while_things_are_made() {
    is_refused(Stubborn::making(), MAKING, &refused(403));
}

#[test]
fn what_is_invalid_while_things_are_made() {
    is_refused(Stubborn::making(), MAKING, &refused(400));
}

#[test]
fn what_conflicts_while_things_are_made() {
    is_refused(Stubborn::making(), MAKING, &refused(409));
}

#[test]
fn what_fails_while_things_are_made() {
    is_refused(Stubborn::making(), MAKING, &Fault::status(503));
}

#[test]
fn what_never_arrives_while_things_are_made() {
    is_refused(Stubborn::making(), MAKING, &Fault::reset());
}

#[test]
fn whose_answer_is_lost_while_things_are_made() {
    is_done_all_the_same(Stubborn::making(), MAKING, &Fault::lost_answer());
}

#[test]
fn what_a_proxy_gives_up_while_things_are_made() {
    is_done_all_the_same(Stubborn::making(), MAKING, &Fault::status_after(504));
}

#[test]
fn what_is_forbidden_while_things_are_corrected() {
    is_refused(Stubborn::correcting(), CORRECTING, &refused(403));
}

#[test]
fn what_is_invalid_while_things_are_corrected() {
    is_refused(Stubborn::correcting(), CORRECTING, &refused(400));
}

#[test]
fn what_conflicts_while_things_are_corrected() {
    is_refused(Stubborn::correcting(), CORRECTING, &refused(409));
}

#[test]
fn what_fails_while_things_are_corrected() {
    is_refused(Stubborn::correcting(), CORRECTING, &Fault::status(503));
}

#[test]
fn what_never_arrives_while_things_are_corrected() {
    is_refused(Stubborn::correcting(), CORRECTING, &Fault::reset());
}

#[test]
fn whose_answer_is_lost_while_things_are_corrected() {
    is_done_all_the_same(Stubborn::correcting(), CORRECTING, &Fault::lost_answer());
}

#[test]
fn what_a_proxy_gives_up_while_things_are_corrected() {
    is_done_all_the_same(
        Stubborn::correcting(),
        CORRECTING,
        &Fault::status_after(504),
    );
}

#[test]
fn a_failure_that_passes_stops_nothing_that_may_be_sent_again() {
    for fault in [Fault::status(503), Fault::reset()] {
        let stubborn = Stubborn::correcting();
        let again = CORRECTING.iter().filter(|it| !POSTS.contains(it));
        for route in again {
            let sandbox = &stubborn.setting.sandbox;
            sandbox.fault(*route, When::First(1), fault.clone());
        }
        let planned = stubborn.apply();
        planned.expect_code(0, "one hiccup of a server stops a set-up");
        stubborn.expect_ends_well("after each write had failed once");
    }
}

#[test]
fn a_server_that_stays_away_is_told_with_what_may_have_been_done() {
    // How many requests a whole set-up takes.
    let whole = Stubborn::making();
    whole.apply().expect_code(0, "it cannot be set up");
    let requests = whole.setting.sandbox.count(Service::Octopus);
    let stubborn = Stubborn::making();
    let sandbox = &stubborn.setting.sandbox;
    for from in (1..=requests).step_by(9) {
        sandbox.clear_faults();
        let before = stubborn.setting.everything();
        sandbox.fault(Service::Octopus, When::From(from), Fault::reset());
        let run = stubborn
            .setting
            .run(&["--apply", "--guided-failure", "project"]);
        let planned =
            crate::support::setup_failures::shaped(run.set("VMSS_RETRY_SECONDS", "0").run());
        let is_changed = before != stubborn.setting.everything();
        let code = planned.outcome.code;
        if code == 0 {
            break;
        }
        expect(
            code == 5 || (code == 3 && !is_changed),
            format!(
                "a server that goes away after {from} requests hides that something was changed"
            ),
            "5, or 3 and nothing changed",
            format!("{code}, changed: {is_changed}"),
        );
    }
    stubborn.expect_ends_well("after the server had gone away again and again");
}
