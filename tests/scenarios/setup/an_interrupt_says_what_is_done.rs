//! Ctrl-C while a plan is carried out: what is under way is ended, and what is done and what is not is said.

use crate::support::expect;
use crate::support::going::{Going, once_asked};
use crate::support::outcome::Place;
use crate::support::setup::{Planned, SettingUp};
use crate::support::setup_failures::{expect_told, shaped};
use sandbox::{Fault, Route, When};
use serde_json::Value;
use std::time::Duration;

/// Interrupted while this is under way.
fn interrupted(setting: &SettingUp, route: Route, flags: &[&str]) -> Planned {
    let slow = Fault::latency(Duration::from_millis(700));
    setting.sandbox.fault(route, When::First(1), slow);
    let going = Going::on(&setting.run(flags));
    once_asked(&setting.sandbox, route, 1);
    going.interrupt("INT");
    let planned = shaped(going.end_at(Place::ByHand));
    setting.sandbox.clear_faults();
    planned
}

#[test]
fn what_is_under_way_is_ended_and_the_rest_is_named() {
    for (route, done) in [
        (
            Route::CreateMachinePolicy,
            "machine policy \"Scale set machines\"",
        ),
        (Route::CreateRunbook, "runbook \"Remove scaled-in targets\""),
        (Route::PutVariableSet, "variable Project.Octopus.Roles"),
        (
            Route::CreateRunbookSnapshot,
            "publication of runbook \"Remove scaled-in targets\"",
        ),
    ] {
        let setting = SettingUp::new();
        let planned = interrupted(&setting, route, &["--apply"]);
        planned.expect_code(5, "a script does not learn that a part is done");
        expect_told(&planned);
        let is_done = planned.done.iter().any(|it| it["subject"] == done);
        expect(
            is_done,
            "what was under way is not said",
            done,
            format!("{:?}", planned.done),
        );
        let read: Value = serde_json::from_str(&planned.outcome.stdout).unwrap_or_default();
        let open = read["setup"]["notDone"].to_string();
        expect(
            open.contains("schedule"),
            "what is not done is not said",
            "the schedule",
            open,
        );
        expect(
            setting.sandbox.count(Route::CreateTrigger) == 0,
            "a further change begins after an interrupt",
            0,
            1,
        );
        setting.apply(&[]);
        setting.expect_settled(&[], "after an interrupt the same command does not end it");
    }
}

#[test]
fn before_the_first_change_nothing_is_changed() {
    let setting = SettingUp::new();
    let before = setting.everything();
    let planned = interrupted(&setting, Route::MachinePolicies, &["--apply"]);
    let code = planned.outcome.code;
    expect(
        code == 130 || code == 3,
        "a script believes that something was changed",
        "130 or 3",
        code,
    );
    setting.expect_changed(
        &before,
        &[],
        "an interrupt while it plans changes something",
    );
    expect(
        !planned.error.contains("removed"),
        "a set-up speaks of removals",
        "changes",
        &planned.error,
    );
}

#[test]
fn while_it_waits_to_try_again_it_ends_and_sends_nothing_more() {
    let setting = SettingUp::new();
    let sandbox = &setting.sandbox;
    sandbox.fault(Route::PutVariableSet, When::Always, Fault::status(503));
    let going = Going::on(&setting.run(&["--apply"]).set("VMSS_RETRY_SECONDS", "60"));
    once_asked(sandbox, Route::PutVariableSet, 3);
    going.interrupt("INT");
    let planned = shaped(going.end_at(Place::ByHand));
    planned.expect_code(5, "a part is done");
    expect_told(&planned);
    let sent = sandbox.count(Route::PutVariableSet);
    expect(
        sent <= 4,
        "it goes on trying after an interrupt",
        "at most 4",
        sent,
    );
}
