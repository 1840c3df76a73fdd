//! `docs/report.schema.json` is the shape of every report: each one that a scenario reads is held to it. Here: it is no looser
//! than what is written.

use crate::support::aftermath::reconcile;
use crate::support::schema::deviation;
use crate::support::{Run, scaled_in, settled};
use sandbox::{Fault, Route, When};
use serde_json::{Value, json};

/// A report with something in every list.
fn full_report() -> Value {
    let sandbox = scaled_in(4, &["web000001"]);
    sandbox.world(|world| drop(world.target("reporting")));
    let removed = reconcile(&sandbox).code(0).outcome.report();
    let sandbox = settled(1);
    sandbox.world(|world| drop(world.scale_set("web").hide_all()));
    let braked = reconcile(&sandbox).code(4).outcome.report();
    let mut report = removed;
    report["result"]["brakes"] = braked["result"]["brakes"].clone();
    report["missing"] = json!([{"id": "x", "title": "x", "explanation": "x"}]);
    report
}

/// Every object of a value, by what leads to it.
fn objects(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(place.to_owned());
            for (name, value) in fields {
                objects(value, &format!("{place}/{name}"), found);
            }
        }
        // One of each list: the others are alike.
        Value::Array(items) => {
            if let Some(first) = items.first() {
                objects(first, &format!("{place}/0"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_may_be_added_and_nothing_left_out() {
    let report = full_report();
    assert_eq!(deviation(&report), None);
    let mut places = Vec::new();
    objects(&report, "", &mut places);
    assert!(places.len() >= 10, "{places:?}");
    for place in places {
        let mut more = report.clone();
        let object = more.pointer_mut(&place).expect("it is there");
        object["somethingElse"] = json!(1);
        assert!(deviation(&more).is_some(), "{place} takes anything");
        let fields = report.pointer(&place).and_then(Value::as_object);
        for name in fields.expect("an object").keys() {
            let mut less = report.clone();
            let object = less.pointer_mut(&place).and_then(Value::as_object_mut);
            object.expect("an object").remove(name);
            assert!(deviation(&less).is_some(), "{place} needs no {name}");
        }
    }
}

#[test]
fn words_and_times_are_those_that_are_published() {
    let report = full_report();
    for place in [
        "/written",
        "/run/kind",
        "/run/action",
        "/asked/0/at",
        "/asked/0/who",
        "/scaleSets/0/instances/0/state",
        "/scaleSets/0/instances/0/created",
        "/targets/0/fate",
        "/targets/0/verdict",
        "/targets/0/health",
        "/targets/0/evidence/0/who",
        "/settings/0/name",
    ] {
        let mut changed = report.clone();
        *changed.pointer_mut(place).expect("it is there") = json!("something else");
        assert!(deviation(&changed).is_some(), "{place} takes any word");
    }
}

#[test]
fn what_failed_and_what_was_not_found_has_that_shape_too() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::octopus_error(400, "no"),
    );
    let failed = reconcile(&sandbox).code(5).outcome.report();
    assert_eq!(failed["targets"][1]["fate"], "failed");

    let sandbox = settled(1);
    sandbox.world(|world| drop(world.target("old-server")));
    let outcome = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "nosuch")
        .run()
        .expect_code(3);
    assert_eq!(outcome.report()["targets"][0]["fate"], "matches-none");
}
