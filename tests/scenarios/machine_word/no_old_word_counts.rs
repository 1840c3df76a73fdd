//! What Octopus said of another time, or of another registration, is no word of the machine: late lists, dates of later checks,
//! answers of a proxy, targets that were switched on or moved meanwhile. The machine behind it answers, and stays.

use crate::support::aftermath::reconcile;
use crate::support::strangers::arranged;
use crate::support::{Run, scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, TargetHandle, When, World, minutes_ago, seconds_ago};
use std::time::Duration;

/// Three machines, and a target whose machine answers although no listing has it.
fn one_that_answers(change: impl FnOnce(TargetHandle<'_>)) -> Sandbox {
    arranged(settled(3), |world| {
        change(world.target("web000009").answers());
    })
}

/// The same: once called unavailable, and so busy that no test comes to it.
fn one_of_an_old_word() -> Sandbox {
    one_that_answers(|target| {
        let target = target.health("Unavailable").busy();
        drop(target.last_checked(minutes_ago(90)));
    })
}

/// A test that ends within a second or two.
fn shortly(sandbox: &Sandbox) -> Run {
    Run::in_runbook(sandbox).set("VMSS_HEALTHY_TIMEOUTINMINUTES", "0.02")
}

fn moved(world: &mut World, name: &str) {
    let target = world.existing_target(name).answers();
    drop(target.edit(|it| it.uri = Some("https://10.9.9.9:10933/".into())));
}

#[test]
fn a_list_that_is_late_is_not_dated_by_a_newer_check() {
    let sandbox = one_that_answers(|target| {
        let target = target.last_checked(seconds_ago(20));
        drop(target.edit(|it| it.listed = Some(("Unavailable".into(), None))));
    });
    reconcile(&sandbox).code(0).nothing_removed();
}

#[test]
fn nor_by_the_test_of_the_run_before() {
    let sandbox = one_that_answers(|target| {
        drop(target.health("Unavailable").last_checked(minutes_ago(90)));
    });
    sandbox.world(|world| world.health_checks().lists_are_late = Duration::MAX);
    for _ in 0..2 {
        reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .verdict("web000009", "answers", "answers");
    }
}

#[test]
fn a_state_that_a_late_list_did_not_show_has_not_become_so() {
    let sandbox = one_that_answers(|target| {
        let target = target.busy().last_checked(minutes_ago(90));
        drop(target.edit(|it| {
            it.health = "Unavailable".into();
            it.listed = Some(("Healthy".into(), None));
        }));
    });
    shortly(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed();
}

#[test]
fn a_state_is_not_older_than_its_date() {
    let sandbox = one_of_an_old_word();
    // Its policy has just found it healthy, while the run reads what came of its test.
    sandbox.on(Route::Connection, 2, |world| {
        let target = world.existing_target("web000009").health("Healthy");
        drop(target.last_checked(seconds_ago(0)));
    });
    shortly(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed();
}

#[test]
fn no_date_is_none_where_the_server_dates_the_others() {
    let sandbox = one_that_answers(|target| {
        let target = target.health("Unavailable").busy();
        drop(target.edit(|it| it.last_checked = None));
    });
    shortly(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed();
}

#[test]
fn a_proxys_404_does_not_say_that_the_server_has_no_dates() {
    let sandbox = one_of_an_old_word();
    let page = Fault::html(404, "<html>No such page</html>");
    sandbox.fault(Route::Connection, When::Always, page);
    let run = shortly(&sandbox).without_retries();
    run.reconcile(&sandbox).code(0).nothing_removed();
}

#[test]
fn a_proxys_404_does_not_say_that_the_target_is_gone() {
    let sandbox = one_that_answers(|target| drop(target.never_checked()));
    let page = Fault::html(404, "<html>No such page</html>");
    sandbox.fault(Route::Machine, When::Always, page);
    let run = shortly(&sandbox).without_retries();
    run.reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000009"]);
}

#[test]
fn a_target_that_is_enabled_meanwhile_has_no_word_of_the_day_it_was_disabled() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        let target = world.existing_target("web000002").disabled();
        drop(target.last_checked(minutes_ago(100_000)));
    });
    sandbox.on(Route::Machines, 2, |world| {
        let target = world.existing_target("web000002").answers();
        drop(target.edit(|it| it.disabled = false));
    });
    reconcile(&sandbox).code(0).nothing_removed();
}

#[test]
fn a_target_that_moves_meanwhile_is_another_machines() {
    let shared = arranged(scaled_in(3, &["web000002"]), |world| {
        let target = world.existing_target("web000002").health("Healthy");
        drop(target.shares_endpoint_with("web000000"));
    });
    shared.on(Route::Machines, 2, |world| moved(world, "web000002"));
    reconcile(&shared).code(0).nothing_removed();

    let tested = arranged(settled(3), |world| {
        drop(world.target("web000009").never_checked());
    });
    tested.on(Route::Machines, 2, |world| moved(world, "web000009"));
    reconcile(&tested).code(0).nothing_removed();
}
