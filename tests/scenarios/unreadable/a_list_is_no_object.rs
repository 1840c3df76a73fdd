//! A list in the place of an object is no object of which nothing is known, however deep it stands.

use crate::support::aftermath::reconcile;
use crate::support::strangers::{arranged, two_strangers};
use crate::support::{Run, expect_untouched};
use sandbox::{Fault, Route, When};
use serde_json::{Value, json};

type Change = fn(&mut Value);

/// What a row of a scale set has of objects, one after the other.
const IN_A_SCALE_SET: [Change; 4] = [
    |row| row["properties"] = json!([]),
    |row| row["sku"] = json!([]),
    |row| row["properties"]["virtualMachineProfile"] = json!([]),
    |row| row["properties"]["virtualMachineProfile"]["osProfile"] = json!([]),
];

#[test]
fn a_neighbours_row_with_a_list_in_the_place_of_an_object_makes_no_list() {
    for change in IN_A_SCALE_SET {
        let sandbox = arranged(two_strangers(), |world| {
            let green = world.scale_set("green-rg/web-green").prefix("web");
            drop(green.edit(|set| set.next_id = 4).instances(1));
        });
        let edit = Fault::edit(move |page| {
            let rows = page["value"].as_array_mut().expect("a page has rows");
            let green = rows.iter_mut().find(|row| row["name"] == "web-green");
            change(green.expect("it is listed"));
        });
        sandbox.fault(Route::ScaleSets, When::Always, edit);

        reconcile(&sandbox)
            .code(3)
            .nothing_removed()
            .held(&["web000003", "web000004"]);
    }
}

#[test]
fn our_own_scale_set_with_one_ends_the_run() {
    for change in IN_A_SCALE_SET {
        let sandbox = two_strangers();
        sandbox.fault(Route::ScaleSet, When::Always, Fault::edit(change));

        let outcome = Run::in_runbook(&sandbox).run();
        outcome
            .expect_code(3)
            .expect_said("it is JSON of another form");
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_machines_row_with_one_ends_the_run() {
    let changes: [Change; 3] = [
        |page| page["value"][0] = json!(["web_0"]),
        |page| page["value"][0]["properties"] = json!([]),
        |page| page["value"][0]["properties"]["osProfile"] = json!([]),
    ];
    for change in changes {
        let sandbox = two_strangers();
        sandbox.fault(Route::Instances, When::Always, Fault::edit(change));

        let outcome = Run::in_runbook(&sandbox).run();
        outcome.expect_code(3);
        expect_untouched(&sandbox);
    }
}

#[test]
fn an_address_of_an_odd_type_makes_no_list_unreadable() {
    let odd: [Change; 3] = [
        |row| row["Endpoint"]["Port"] = json!("22"),
        |row| row["Endpoint"]["Uri"] = json!(7),
        |row| row["Endpoint"]["Host"] = json!([]),
    ];
    for change in odd {
        let sandbox = two_strangers();
        let edit = Fault::edit(move |page| change(&mut page["Items"][0]));
        sandbox.fault(Route::Machines, When::Always, edit);
        reconcile(&sandbox)
            .code(0)
            .removed(&["web000003", "web000004"]);
    }
}
