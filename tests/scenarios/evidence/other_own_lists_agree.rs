//! A Flexible scale set elsewhere has a list of its own machines beside the listing of its resource group. Where the two
//! differ, the listing may be short, and nobody loses a registration for that.

use crate::support::aftermath::Aftermath;
use crate::support::scaled_in;
use crate::support::strangers::{arranged, by_lists_alone};
use sandbox::{Fault, Route, Sandbox, When, World};

const GREEN: &str = "green-rg/web-green";

/// The machines of these names run in a Flexible scale set with the prefix `web`; ours has none of them any more.
fn flexible_twin(machines: &[&str]) -> Sandbox {
    let gone = [
        "web000002",
        "web000003",
        "web000004",
        "web000005",
        "web000006",
    ];
    arranged(scaled_in(7, &gone[..]), |world| {
        let mut green = world.scale_set(GREEN).flexible().prefix("web");
        for name in machines {
            green = green.attach(name);
        }
    })
}

fn hide(world: &mut World, names: &[&str]) {
    for name in names {
        drop(world.scale_set(GREEN).hide(name));
    }
}

/// The group's listing, the own list.
fn lists_of_twin() -> [sandbox::Matcher; 2] {
    [
        Route::GroupVms.containing("green-rg"),
        Route::Instances.containing("web-green"),
    ]
}

#[track_caller]
fn all_stay(sandbox: &Sandbox) -> Aftermath {
    let all = [
        "web000002",
        "web000003",
        "web000004",
        "web000005",
        "web000006",
    ];
    by_lists_alone(sandbox).code(0).nothing_removed().held(&all)
}

#[test]
fn a_twin_that_lists_none_of_its_two_machines_keeps_both() {
    for capacity in [Some(2), None] {
        let sandbox = flexible_twin(&["web000003", "web000004"]);
        sandbox.world(|world| {
            hide(world, &["web000003", "web000004"]);
            drop(world.scale_set(GREEN).edit(|set| set.capacity = capacity));
        });

        let reason = match capacity {
            Some(_) => "its capacity is 2",
            None => "its own list names machines that the listing lacks (2",
        };
        all_stay(&sandbox)
            .verdict("web000003", "foreign", "scale set web-green")
            .verdict("web000004", "foreign", reason);
    }
}

#[test]
fn a_machine_that_only_the_own_list_names_could_be_any_of_them() {
    let sandbox = flexible_twin(&["web000003", "web000004"]);
    sandbox.world(|world| hide(world, &["web000004"]));

    all_stay(&sandbox)
        .verdict("web000003", "foreign", "has its machine")
        .verdict("web000004", "foreign", "scale set web-green")
        .verdict("web000002", "foreign", "(1, web000004 among them)");
}

#[test]
fn a_row_that_shifts_out_of_sight_between_two_pages_loses_nobody() {
    let machines = [
        "web000002",
        "web000003",
        "web000004",
        "web000005",
        "web000006",
    ];
    let sandbox = flexible_twin(&machines);
    sandbox.world(|world| world.azure.page_size = 2);
    let first_page = || lists_of_twin()[0].clone().first_page();
    // Number 4 shifts out of sight at the first look, and then number 5 at the second.
    sandbox.after(first_page(), 1, |world| {
        world.scale_set(GREEN).remove("web000002");
    });
    sandbox.after(first_page(), 2, |world| {
        world.scale_set(GREEN).remove("web000003");
    });

    let after = all_stay(&sandbox);
    assert_eq!(sandbox.waiting_changes(), 0, "both looks were disturbed");
    after
        .verdict("web000004", "foreign", "has its machine")
        .verdict("web000005", "foreign", "has its machine");
}

#[test]
fn an_own_list_that_is_empty_although_members_are_listed_is_none() {
    let sandbox = flexible_twin(&["web000004"]);
    sandbox.world(|world| drop(world.scale_set(GREEN).empty_own_list()));

    all_stay(&sandbox).verdict("web000003", "foreign", "although 1 of it are listed");
}

#[test]
fn two_lists_that_agree_take_nothing_from_us() {
    let sandbox = flexible_twin(&["web000004"]);
    sandbox.world(|world| drop(world.lone_vm("green-rg/bystander")));

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003", "web000005", "web000006"])
        .held(&["web000004"]);
    for list in lists_of_twin() {
        assert!(sandbox.count(list) <= 2, "it was read again for nothing");
    }
}

#[test]
fn a_twin_that_was_scaling_is_read_once_more() {
    let sandbox = flexible_twin(&["web000004"]);
    sandbox.world(|world| {
        let machine = world.scale_set(GREEN).vm("web000004");
        let late = sandbox::Vm {
            name: "web-green_0badcafe".to_owned(),
            instance_id: "web-green_0badcafe".to_owned(),
            ..machine
        };
        drop(world.scale_set(GREEN).ghost(&late));
    });
    sandbox.on(lists_of_twin()[1].clone(), 2, |world| {
        drop(world.scale_set(GREEN).edit(|set| set.ghosts.clear()));
    });

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003", "web000005", "web000006"])
        .held(&["web000004"]);
    assert_eq!(sandbox.waiting_changes(), 0);
}

#[test]
fn a_machine_that_the_twin_begins_meanwhile_is_found() {
    let sandbox = flexible_twin(&["web000004"]);
    // After the first look at the twin.
    sandbox.after(lists_of_twin()[0].clone(), 1, |world| {
        drop(world.scale_set(GREEN).attach("web000005"));
    });

    by_lists_alone(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003", "web000006"])
        .held(&["web000004", "web000005"])
        .verdict("web000005", "foreign", "scale set web-green");
}

#[test]
fn a_twin_of_which_one_list_cannot_be_read_may_have_them_all() {
    let faults = || {
        [
            Fault::azure_error(403, "AuthorizationFailed", "No."),
            Fault::azure_error(404, "ResourceNotFound", "Gone."),
            Fault::status(500),
            Fault::html(200, "Please sign in"),
            Fault::bytes(200, r#"{"value":[{}]}"#),
            Fault::bytes(200, r#"{"value":[[]]}"#),
        ]
    };
    let [listing, own_list] = lists_of_twin();
    // The listing was read before, at the first look.
    for (list, when) in [(own_list, When::Always), (listing, When::From(2))] {
        for fault in faults() {
            let sandbox = flexible_twin(&["web000004"]);
            sandbox.fault(list.clone(), when, fault);

            all_stay(&sandbox)
                .verdict("web000003", "foreign", "scale set web-green")
                .verdict("web000003", "foreign", "could not be read");
        }
    }
}

#[test]
fn lists_that_could_have_nobodys_machine_are_not_read() {
    let sandbox = flexible_twin(&[]);
    sandbox.world(|world| {
        drop(world.scale_set(GREEN).prefix("shop").instances(2));
    });

    by_lists_alone(&sandbox).code(0).removed(&[
        "web000002",
        "web000003",
        "web000004",
        "web000005",
        "web000006",
    ]);
    for list in lists_of_twin() {
        assert_eq!(sandbox.count(list), 0, "it was read for nothing");
    }
}
