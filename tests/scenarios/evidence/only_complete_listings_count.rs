//! A listing counts only when it is complete: every page, none twice, and the total that it says.

use crate::support;
use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES, listing};
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{Fault, GROUP, Mode, Route, SUBSCRIPTION, Sandbox, When, World};
use serde_json::{Value, json};

/// What is done to a page on its way.
type Change = fn(&mut Value);

/// Five targets on three pages of Octopus; the machine of the last one is gone.
fn three_pages_of_targets() -> Sandbox {
    let sandbox = scaled_in(5, &["web000004"]);
    sandbox.world(|world| world.octopus.max_page_size = Some(2));
    sandbox
}

/// Five machines on three pages of Azure, and the target of a sixth, which is gone.
fn three_pages_of_machines(mode: Mode) -> Fleet {
    let fleet = Fleet::of(mode, 6);
    fleet.scale_in(&[5]);
    fleet.sandbox.world(|world| world.azure.page_size = 2);
    fleet
}

/// The run reads the listing three times, and then gives up without a change.
#[track_caller]
fn expect_given_up(sandbox: &Sandbox, route: Route, why: &str) {
    let outcome = Run::in_runbook(sandbox).run().expect_code(3);
    outcome.expect_said(why);
    expect_untouched(sandbox);
    assert_eq!(
        sandbox.count(route.first_page()),
        3,
        "three readings, and no more"
    );
}

#[test]
fn pages_are_all_read_however_short_they_are() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 7);
        let others = fleet.scale_in(&[0, 6]);
        fleet.sandbox.world(|world| {
            world.octopus.max_page_size = Some(1);
            world.azure.page_size = 1;
        });

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(0), fleet.host(6)])
            .deployed(&others);
    }
}

#[test]
fn an_empty_page_with_a_next_link_is_not_the_end() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        fleet.sandbox.world(|world| world.azure.empty_pages = true);

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(5)])
            .deployed(&fleet.hosts[..5]);
    }
}

#[test]
fn a_next_link_that_is_null_or_empty_is_the_end() {
    for mode in MODES {
        for end in [json!(null), json!("")] {
            let fleet = Fleet::of(mode, 3);
            let others = fleet.scale_in(&[2]);
            let fault = Fault::edit(move |page| page["nextLink"] = end.clone());
            fleet.sandbox.fault(listing(mode), When::Always, fault);

            reconcile(&fleet.sandbox)
                .code(0)
                .removed(&[fleet.host(2)])
                .deployed(&others);
        }
    }
}

#[test]
fn a_listing_of_targets_that_changes_while_it_is_read_is_read_again() {
    let changes: [fn(&mut World); 3] = [
        // One more.
        |world| drop(world.target("web000009").disabled()),
        // One less.
        |world| world.existing_target("web000000").delete(),
        // As many as before, and yet the second page begins with a target of the first.
        |world| {
            world.existing_target("web000003").delete();
            world.target("a-new-one");
        },
    ];
    for change in changes {
        let sandbox = three_pages_of_targets();
        sandbox.on(Route::Machines.later_page(), 1, change);

        reconcile(&sandbox).code(0);

        let left = support::registered(&sandbox);
        assert!(!left.contains(&"web000004".to_owned()), "{left:?}");
        assert!(left.contains(&"web000001".to_owned()), "{left:?}");
        assert_eq!(
            sandbox.count(Route::Machines.first_page()),
            3,
            "twice at the first look, once at the second"
        );
    }
}

#[test]
fn a_page_of_targets_that_is_repeated_once_is_read_again() {
    let sandbox = three_pages_of_targets();
    sandbox.fault(
        Route::Machines.later_page(),
        When::Nth(2),
        Fault::repeat_page(),
    );

    reconcile(&sandbox).code(0).removed(&["web000004"]);
}

#[test]
fn a_listing_of_targets_that_never_holds_still_removes_nothing() {
    let unsteady: [(&str, Change); 3] = [
        ("total went from 5 to 6", |page| {
            page["TotalResults"] = json!(6)
        }),
        ("total went from 5 to 4", |page| {
            page["TotalResults"] = json!(4)
        }),
        ("4 rows and says that it has 5", |page| {
            page["Items"] = json!(page["Items"].as_array().expect("rows")[1..])
        }),
    ];
    for (why, edit) in unsteady {
        let sandbox = three_pages_of_targets();
        let pages = Route::Machines.containing("skip=4");
        sandbox.fault(pages, When::Always, Fault::edit(edit));
        expect_given_up(&sandbox, Route::Machines, why);
    }
}

#[test]
fn a_page_of_targets_that_is_repeated_for_ever_removes_nothing() {
    let sandbox = three_pages_of_targets();
    sandbox.fault(
        Route::Machines.later_page(),
        When::Always,
        Fault::repeat_page(),
    );
    expect_given_up(&sandbox, Route::Machines, "came twice");
}

#[test]
fn a_total_that_the_rows_do_not_reach_or_exceed_removes_nothing() {
    for total in [4, 6, 0] {
        let sandbox = scaled_in(5, &["web000004"]);
        sandbox.fault(
            Route::Machines,
            When::Always,
            Fault::edit(move |page| page["TotalResults"] = json!(total)),
        );
        expect_given_up(&sandbox, Route::Machines, &format!("it has {total}"));
    }
}

#[test]
fn an_answer_without_rows_or_total_is_no_listing() {
    for field in ["Items", "TotalResults"] {
        let sandbox = scaled_in(5, &["web000004"]);
        let fault = Fault::edit(move |page| {
            page.as_object_mut().expect("an envelope").remove(field);
        });
        sandbox.fault(Route::Machines, When::Always, fault);

        Run::in_runbook(&sandbox).run().expect_code(3);
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_page_of_machines_that_is_repeated_once_is_read_again() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        fleet.sandbox.fault(
            listing(mode).later_page(),
            When::Nth(2),
            Fault::repeat_page(),
        );

        reconcile(&fleet.sandbox)
            .code(0)
            .removed(&[fleet.host(5)])
            .deployed(&fleet.hosts[..5]);
    }
}

#[test]
fn a_page_of_machines_that_is_repeated_for_ever_removes_nothing() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        fleet.sandbox.fault(
            listing(mode).later_page(),
            When::Always,
            Fault::repeat_page(),
        );
        expect_given_up(&fleet.sandbox, listing(mode), "came twice");
    }
}

#[test]
fn pages_of_machines_that_lead_in_a_circle_remove_nothing() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        let below = match mode {
            Mode::Uniform => "virtualMachineScaleSets/web/virtualMachines",
            Mode::Flexible => "virtualMachines",
        };
        let circle = format!(
            "{}/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Compute/{below}?api-version=2024-11-01",
            fleet.sandbox.azure_url()
        );
        let fault =
            Fault::edit(move |page| *page = json!({ "value": [], "nextLink": circle.clone() }));
        fleet.sandbox.fault(listing(mode), When::Always, fault);

        let outcome = Run::in_runbook(&fleet.sandbox).run().expect_code(3);
        outcome.expect_said("led back");
        expect_untouched(&fleet.sandbox);
    }
}

#[test]
fn a_later_page_that_cannot_be_read_is_no_end_of_the_listing() {
    let faults = [
        Fault::azure_error(403, "AuthorizationFailed", "No."),
        Fault::azure_error(404, "ResourceNotFound", "Gone."),
        Fault::status(500),
        Fault::truncate(),
        Fault::broken_json(),
        Fault::bytes(200, "{}"),
        Fault::bytes(200, "[]"),
    ];
    for mode in MODES {
        for fault in faults.clone() {
            let fleet = three_pages_of_machines(mode);
            fleet
                .sandbox
                .fault(listing(mode).later_page(), When::Always, fault);

            let run = Run::in_runbook(&fleet.sandbox).without_retries();
            run.run().expect_code(3);
            expect_untouched(&fleet.sandbox);
        }
    }
}

#[test]
fn a_second_look_that_never_becomes_complete_holds_everything() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        // Two later pages belong to the first look.
        fleet.sandbox.fault(
            listing(mode).later_page(),
            When::From(3),
            Fault::repeat_page(),
        );

        reconcile(&fleet.sandbox)
            .code(3)
            .nothing_removed()
            .held(&[fleet.host(5)])
            .deployed(&fleet.hosts[..5]);
    }
}

#[test]
fn rows_that_are_not_machines_make_no_listing() {
    for mode in MODES {
        let fleet = three_pages_of_machines(mode);
        let fault = Fault::edit(|page| page["value"] = json!([{ "properties": {} }]));
        fleet
            .sandbox
            .fault(listing(mode).later_page(), When::Always, fault);

        Run::in_runbook(&fleet.sandbox).run().expect_code(3);
        expect_untouched(&fleet.sandbox);
    }
}
