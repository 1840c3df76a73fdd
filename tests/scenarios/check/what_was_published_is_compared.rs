//! Where a server does not say what has changed since something was published, both are compared; what that does not tell is no pass.

use crate::support::check::{Checked, Guided};
use sandbox::{Fault, Guide, Modified, Route, When, World};
use serde_json::json;

const FLAGS: [&str; 3] = [
    "IsRunbookProcessModified",
    "IsVariableSetModified",
    "IsLibraryVariableSetModified",
];

/// Takes these fields out of an answer.
fn without(fields: &'static [&'static str]) -> Fault {
    Fault::edit(move |answer| {
        let answer = answer.as_object_mut().expect("an object");
        answer.retain(|name, _| !fields.contains(&name.as_str()));
    })
}

/// Changed so since it was published, on a server that says nothing of it.
fn silent(change: impl FnOnce(&mut World, &Guide)) -> Guided {
    let guided = Guided::but(change);
    let fault = without(&FLAGS);
    guided
        .sandbox
        .fault(Route::RunTemplate, When::Always, fault);
    guided
}

#[test]
fn what_is_the_same_passes() {
    let guided = silent(|_, _| {});
    guided.check().expect_only(&[], "nothing has changed");
    let guided = silent(|world, guide| {
        let id = world.octopus.add_library_set("Shared");
        world.edit(&guide.project, |project| {
            project["IncludedLibraryVariableSetIds"] = json!([id]);
        });
        guide.publish(world);
    });
    guided
        .check()
        .expect_only(&[], "nothing of the library has changed, either");
}

#[test]
fn a_step_that_differs_is_named() {
    let guided = silent(|world, guide| guide.parameter(world, "VMSS.Removal.Limit", Some("50")));
    let checked = guided.check();
    checked.expect_only(&["WARN published"], "the draft is another");
    let words = "which the schedule runs: Remove scaled-in targets";
    checked.expect_says("published", words);
}

#[test]
fn a_variable_that_differs_is_named() {
    let changes: [fn(&mut World, &Guide); 2] = [
        |world, guide| {
            guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
                it["Description"] = "the web servers".into();
            });
        },
        |world, guide| {
            let (set, name) = (&guide.variables, "Project.VMSS.ScaleSetName.Other");
            world.octopus.add_variable(set, name, "String", "x");
        },
    ];
    for change in changes {
        let checked = silent(change).check();
        checked.expect_only(&["WARN published-variables"], "a variable is another");
        checked.expect_says("published-variables", "Project.VMSS.ScaleSetName");
    }
}

#[test]
fn a_library_variable_set_that_was_added_since_is_a_change() {
    let checked = silent(|world, guide| {
        let id = world.octopus.add_library_set("Shared");
        world.edit(&guide.project, |project| {
            project["IncludedLibraryVariableSetIds"] = json!([id]);
        });
    })
    .check();
    checked.expect_only(&["WARN published-variables"], "the library is new");
    checked.expect_says("published-variables", "that was added or taken out");
}

#[test]
fn a_secret_that_was_saved_since_is_not_called_the_same() {
    let checked = silent(|world, guide| {
        guide.variable(world, "Project.Octopus.Api.Key", |it| {
            it["Value"] = "API-NEW0".into()
        });
    })
    .check();
    checked.expect_only(&["WARN published-variables"], "nobody sees which key it is");
    checked.expect_says("published-variables", "cannot be told");
    checked.expect_says(
        "published-variables",
        "secrets cannot: Project.Octopus.Api.Key",
    );
}

#[test]
fn what_cannot_be_compared_is_not_called_the_same() {
    for (route, fault, odd) in [
        (
            Route::VariableSet,
            without(&["Version"]),
            &["WARN published-variables"][..],
        ),
        (
            Route::RunbookSnapshot,
            without(&["ProjectVariableSetSnapshotId"]),
            &["WARN published-variables"],
        ),
    ] {
        let guided = silent(|_, _| {});
        guided.sandbox.fault(route, When::Always, fault);
        let checked: Checked = guided.check();
        checked.expect_only(odd, "nobody says what has changed");
        checked.expect_says("published-variables", "cannot be told");
    }
}

#[test]
fn what_the_server_says_is_not_compared() {
    let guided = Guided::but(|world, _| world.octopus.readings.modified = Modified::ByContent);
    guided
        .check()
        .expect_only(&[], "it says that nothing has changed");
    // Those that are judged: what is published, and its variables as they are now.
    assert_eq!(guided.sandbox.count(Route::RunbookProcess), 1);
    assert_eq!(guided.sandbox.count(Route::VariableSet), 1);
}
