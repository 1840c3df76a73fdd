//! The list of scale sets is read once more at the end: one that came while the run looked could have a candidate's machine.

use crate::support::aftermath::{reconcile, reconcile_unasked};
use crate::support::strangers::{a_faulty_list_holds_everything, arranged, twin, two_strangers};
use sandbox::{Access, Fault, GROUP, Read, Route, Sandbox, When, World, scope};

/// Two machines that are gone, and what happens once they were looked for twice.
fn meanwhile(change: impl FnOnce(&mut World) + Send + 'static) -> Sandbox {
    let sandbox = two_strangers();
    sandbox.after(Route::Instances, 2, change);
    sandbox
}

#[test]
fn a_twin_that_comes_while_the_run_looks_may_have_them_all() {
    let sandbox = meanwhile(|world| twin(world, "green-rg/web-green"));

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .verdict("web000004", "foreign", "scale set web-green")
        .verdict("web000003", "foreign", "came while this run looked");
    let listing = Route::Instances.containing("web-green");
    assert_eq!(sandbox.count(listing), 0, "it is spared for, and not read");
}

#[test]
fn a_scale_set_of_other_names_that_comes_takes_nothing_from_us() {
    let sandbox = meanwhile(|world| drop(world.scale_set("shop").instances(2)));

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003", "web000004"])
        .nothing_held();
}

#[test]
fn a_twin_that_was_there_before_and_one_that_goes_are_no_news() {
    let sandbox = meanwhile(|world| world.scale_set("green-rg/web-green").delete());
    sandbox.world(|world| twin(world, "green-rg/web-green"));

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"]);
}

#[test]
fn a_second_list_that_cannot_be_read_holds_everything() {
    for fault in [
        Fault::status(500),
        Fault::html(200, "Please sign in"),
        Fault::bytes(200, r#"{"value":[[]]}"#),
    ] {
        a_faulty_list_holds_everything(When::From(2), fault);
    }
}

#[test]
fn a_subscription_that_may_not_be_listed_any_more_speaks_for_healthy_targets() {
    let sandbox = meanwhile(|world| {
        world.azure.access = Access::nothing().reader(scope::group(GROUP));
    });
    sandbox.world(|world| drop(world.existing_target("web000004").health("Healthy")));

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"])
        .verdict("web000004", "deferred", "healthy")
        .warned("the Reader role on the subscription");
}

#[test]
fn a_twin_that_only_the_second_list_shows_may_have_them_all() {
    let sandbox = arranged(two_strangers(), |world| {
        twin(world, "green-rg/web-green");
        let green = scope::scale_set("green-rg", "web-green");
        world.azure.access = Access::everything().deny(Read::ScaleSets, green);
    });
    sandbox.after(Route::Instances, 2, |world| {
        world.azure.access = Access::everything();
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"]);
}

#[test]
fn the_list_is_read_after_the_second_look_and_before_azures_last_word() {
    let sandbox = two_strangers();

    reconcile(&sandbox).code(0);

    let order: Vec<Route> = sandbox.requests().iter().map(|r| r.route).collect();
    let lists = order.iter().filter(|route| **route == Route::ScaleSets);
    assert_eq!(lists.count(), 2);
    let last_list = order.iter().rposition(|it| *it == Route::ScaleSets);
    assert!(last_list > order.iter().rposition(|it| *it == Route::Instances));
    assert!(last_list < order.iter().position(|it| *it == Route::PointRead));
}
