//! What an account may not see of the other scale sets, and what that means for the candidates, where no machine is asked for
//! its own word.

use crate::support::aftermath::{Aftermath, reconcile_unasked};
use crate::support::scaled_in;
use crate::support::strangers::{a_faulty_list_holds_everything, arranged, twin, two_strangers};
use sandbox::{Access, Fault, GROUP, Route, Sandbox, When, World, scope};

/// An account that may read the resource group, and nothing else.
fn reader_of_the_group(world: &mut World) {
    world.azure.access = Access::nothing().reader(scope::group(GROUP));
}

/// The scale set `web` of one machine, and targets of machines that are gone, by their health.
fn of_every_health() -> Sandbox {
    let gone: Vec<String> = (1..6).map(|number| format!("web00000{number}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    let healths = [
        "Healthy",
        "HasWarnings",
        "Unavailable",
        "Unhealthy",
        "Unknown",
    ];
    arranged(scaled_in(6, &gone), |world| {
        for (name, health) in gone.iter().zip(healths) {
            world.existing_target(name).health(health);
        }
    })
}

/// Only what a health check does not reach any more is removed, and the log says what would help.
fn expect_healthy_ones_deferred(end: Aftermath) {
    end.code(0)
        .removed(&["web000003", "web000005"])
        .held(&["web000001", "web000002", "web000004"])
        .verdict("web000001", "deferred", "healthy")
        .verdict("web000002", "deferred", "healthy")
        .verdict("web000004", "deferred", "healthy")
        .warned("the Reader role on the subscription")
        .warned("a computer name prefix of its own");
}

#[test]
fn where_the_subscription_may_not_be_listed_a_healthy_target_waits() {
    let sandbox = arranged(of_every_health(), reader_of_the_group);

    expect_healthy_ones_deferred(reconcile_unasked(&sandbox));
    assert_eq!(sandbox.count(Route::GroupScaleSets), 2);
}

#[test]
fn where_the_subscription_may_not_be_listed_a_twin_in_the_group_is_still_found() {
    let sandbox = arranged(two_strangers(), |world| {
        reader_of_the_group(world);
        twin(world, "web-green");
        for name in ["web000003", "web000004"] {
            world.existing_target(name).health("Unavailable");
        }
    });

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"])
        .verdict("web000004", "foreign", "scale set web-green");
}

#[test]
fn where_the_subscription_may_not_be_listed_a_target_that_turns_healthy_meanwhile_waits() {
    let sandbox = arranged(two_strangers(), |world| {
        reader_of_the_group(world);
        for name in ["web000003", "web000004"] {
            world.existing_target(name).health("Unavailable");
        }
    });
    // A health check reaches its machine before the second look.
    sandbox.on(Route::Machines, 2, |world| {
        world.existing_target("web000004").health("Healthy");
    });

    reconcile_unasked(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000004"]);
}

#[test]
fn where_all_candidates_wait_the_run_ends_well_and_sets_its_outputs() {
    let sandbox = arranged(two_strangers(), |world| {
        reader_of_the_group(world);
        for name in ["web000003", "web000004"] {
            world.existing_target(name).health("Healthy");
        }
    });

    reconcile_unasked(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .deployed(&["web000000", "web000001"]);
}

#[test]
fn where_neither_may_be_listed_nothing_is_removed_and_the_outputs_are_set() {
    let sandbox = arranged(of_every_health(), |world| {
        let own = scope::scale_set(GROUP, "web");
        world.azure.access = Access::nothing().reader(own);
    });

    reconcile_unasked(&sandbox)
        .code(3)
        .nothing_removed()
        .held(&[
            "web000001",
            "web000002",
            "web000003",
            "web000004",
            "web000005",
        ])
        .deployed(&["web000000"])
        .complained("403");
}

#[test]
fn a_subscription_that_cannot_be_listed_for_another_reason_holds_everything() {
    let faults = [
        Fault::status(500),
        Fault::html(200, "Please sign in"),
        Fault::azure_error(404, "SubscriptionNotFound", "Gone."),
        Fault::bytes(200, r#"{"value":[{"name":"who knows"}]}"#),
    ];
    for fault in faults {
        a_faulty_list_holds_everything(When::Always, fault);
    }
}

#[test]
fn a_list_of_the_subscription_that_lacks_our_own_scale_set_is_no_list() {
    // Azure leaves out, without a word, what the account may not see.
    let sandbox = of_every_health();
    sandbox.fault(
        Route::ScaleSets,
        When::Always,
        Fault::edit(|page| page["value"] = serde_json::json!([])),
    );

    expect_healthy_ones_deferred(reconcile_unasked(&sandbox));
}

#[test]
fn where_even_the_groups_list_lacks_our_own_scale_set_nothing_is_removed() {
    let sandbox = arranged(of_every_health(), |world| {
        drop(world.scale_set("web").hide_from_lists())
    });

    reconcile_unasked(&sandbox).nothing_removed().held(&[
        "web000001",
        "web000002",
        "web000003",
        "web000004",
        "web000005",
    ]);
}

#[test]
fn how_many_scale_sets_in_how_many_groups_were_seen_is_said() {
    let sandbox = arranged(two_strangers(), |world| {
        for name in ["api", "job-rg/job", "job-rg/batch", "shop-rg/shop"] {
            world.scale_set(name);
        }
    });
    reconcile_unasked(&sandbox)
        .code(0)
        .said("This account sees 5 scale sets in 3 resource groups");
}

#[test]
fn what_an_account_does_not_see_is_not_counted() {
    let sandbox = arranged(two_strangers(), |world| {
        world.scale_set("api");
        world.scale_set("job-rg/job");
        let group = Access::nothing().reader(scope::group(GROUP));
        world.azure.access = group.filtered();
    });
    reconcile_unasked(&sandbox)
        .code(0)
        .said("This account sees 2 scale sets in 1 resource group");
}

#[test]
fn with_nothing_to_remove_nobody_asks_about_other_scale_sets() {
    let sandbox = arranged(scaled_in(2, &[]), |world| {
        world.azure.access = Access::nothing().reader(scope::scale_set(GROUP, "web"));
    });

    reconcile_unasked(&sandbox).code(0).nothing_held();
    assert_eq!(sandbox.count(Route::ScaleSets), 0);
}
