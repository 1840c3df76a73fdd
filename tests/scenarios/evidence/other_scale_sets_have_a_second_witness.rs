//! One short listing of another scale set does not cost that its machines: each is asked for by itself, as the run's own are.

use crate::support::scaled_in;
use crate::support::strangers::{arranged, by_lists_alone, twin, two_strangers};
use sandbox::{Access, Fault, Read, Route, Sandbox, When, scope};

/// Machines 3 and 4 run in another scale set with the prefix `web`, of which these are missing in its listing.
fn twin_that_hides(names: &[&str]) -> Sandbox {
    let gone = ["web000002", "web000003", "web000004"];
    arranged(scaled_in(5, &gone), |world| {
        let twin = world.scale_set("green-rg/web-green").prefix("web");
        twin.edit(|set| set.next_id = 3).instances(2);
        for name in names {
            drop(world.scale_set("green-rg/web-green").hide(name));
        }
    })
}

#[test]
fn an_empty_listing_of_a_twin_that_should_have_machines_is_none() {
    let sandbox = twin_that_hides(&["web000003", "web000004"]);

    by_lists_alone(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000002", "web000003", "web000004"])
        .verdict("web000003", "foreign", "scale set web-green")
        .verdict("web000003", "foreign", "its capacity is 2");
}

#[test]
fn a_machine_that_a_twins_listing_lacks_answers_for_itself() {
    for state in ["Succeeded", "Failed", "Deleting", "Levitating"] {
        let sandbox = twin_that_hides(&["web000004"]);
        sandbox.world(|world| {
            let green = world.scale_set("green-rg/web-green");
            drop(green.edit_vm("web000004", |machine| machine.state = state.to_owned()));
        });

        by_lists_alone(&sandbox)
            .code(0)
            .removed(&["web000002"])
            .held(&["web000003", "web000004"])
            .verdict("web000004", "foreign", "scale set web-green");
    }
}

#[test]
fn a_row_that_shifts_out_of_sight_between_two_pages_loses_nobody() {
    let gone = ["web000003", "web000004", "web000005", "web000006"];
    let sandbox = arranged(scaled_in(7, &gone), |world| {
        let twin = world.scale_set("green-rg/web-green").prefix("web");
        twin.edit(|set| set.next_id = 2).instances(5);
        world.azure.page_size = 2;
    });
    // The second page begins one machine later than it would have: behind number 4.
    let first_page = Route::Instances.containing("web-green").first_page();
    sandbox.after(first_page, 1, |world| {
        world.scale_set("green-rg/web-green").remove("web000002");
    });

    by_lists_alone(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&gone)
        .verdict("web000004", "foreign", "scale set web-green");
}

#[test]
fn a_twin_whose_machine_cannot_be_asked_for_may_have_it() {
    let faults = [
        Fault::azure_error(403, "AuthorizationFailed", "No."),
        Fault::azure_error(500, "InternalServerError", "Broken."),
        Fault::azure_error(404, "ResourceGroupNotFound", "Not found."),
        Fault::azure_error(404, "ParentResourceNotFound", "Not found."),
        Fault::bytes(404, r#"{"error":["ResourceNotFound"]}"#),
        Fault::html(404, "Not found"),
        Fault::html(200, "Please sign in"),
        Fault::reset(),
    ];
    for fault in faults {
        let sandbox = arranged(two_strangers(), |world| twin(world, "web-green"));
        let number_3 = Route::PointRead.containing("/web-green/virtualMachines/3?");
        sandbox.fault(number_3, When::Always, fault);

        by_lists_alone(&sandbox)
            .code(0)
            .nothing_removed()
            .held(&["web000003", "web000004"])
            .verdict("web000003", "foreign", "scale set web-green")
            .verdict("web000003", "foreign", "instance 3");
    }
}

#[test]
fn the_neighbours_are_asked_for_what_is_left_and_before_the_own_instance() {
    let sandbox = arranged(two_strangers(), |world| twin(world, "web-green"));

    by_lists_alone(&sandbox).code(0).removed(&["web000003"]);

    let asked = sandbox.requests_to(Route::PointRead);
    let asked: Vec<&str> = asked.iter().map(|request| &*request.path).collect();
    let ends = ["/web-green/virtualMachines/3", "/web/virtualMachines/3"];
    assert_eq!(
        asked.len(),
        ends.len(),
        "number 4 is spared already: {asked:?}"
    );
    for (path, end) in asked.iter().zip(ends) {
        assert!(path.ends_with(end), "{path} was asked for instead of {end}");
    }
}

#[test]
fn one_that_only_the_first_list_had_is_asked_as_well() {
    let gone = ["web000002", "web000003", "web000004"];
    let sandbox = arranged(scaled_in(5, &gone), |world| {
        let twin = world.scale_set("green-rg/web-green").prefix("web");
        twin.edit(|set| set.next_id = 3).instances(2);
        drop(world.scale_set("green-rg/web-green").hide("web000004"));
    });
    sandbox.after(Route::Instances.containing("web-green"), 1, |world| {
        let green = scope::scale_set("green-rg", "web-green");
        world.azure.access = Access::everything().deny(Read::ScaleSets, green);
    });
    by_lists_alone(&sandbox)
        .code(0)
        .held(&["web000003", "web000004"]);
}
