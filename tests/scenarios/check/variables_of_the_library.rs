//! What library variable sets hold counts as the project's own does; what of them cannot be read is said, and passes nothing.

use crate::support::check::{Checked, Guided};
use sandbox::{Guide, World};
use serde_json::json;

const OVERRIDE: &str = "Octopus.UseGuidedFailure";

/// Gives the project a library variable set with this variable, and publishes.
fn library(world: &mut World, guide: &Guide, (name, kind, value): (&str, &str, &str)) -> String {
    let id = world.octopus.add_library_set("Shared");
    world.edit(&guide.project, |project| {
        project["IncludedLibraryVariableSetIds"] = json!([id]);
    });
    let set = format!("variableset-{id}");
    world.octopus.add_variable(&set, name, kind, value);
    guide.publish(world);
    set
}

/// Moves a variable of the project into a library variable set.
fn moved(world: &mut World, guide: &Guide, (name, kind): (&str, &str), value: &str) {
    guide.remove_variable(world, name);
    library(world, guide, (name, kind, value));
}

#[test]
fn guided_failure_that_one_switches_on_or_off() {
    let with = |value: &'static str| {
        Guided::but(move |world, guide| {
            library(world, guide, (OVERRIDE, "String", value));
        })
        .check()
    };
    let on = with("True");
    on.expect_only(&["FAIL runbook-guided-failure"], "on for the runbook, too");
    let words =
        "the variable Octopus.UseGuidedFailure (library variable set Shared) switches it on";
    on.expect_says("runbook-guided-failure", words);
    let off = with("False");
    off.expect_only(&["WARN guided-failure"], "off for deployments, too");
    off.expect_says("guided-failure", "(library variable set Shared)");
}

#[test]
fn one_that_holds_elsewhere_or_no_variables_changes_nothing() {
    let elsewhere = Guided::but(|world, guide| {
        let set = library(world, guide, (OVERRIDE, "String", "True"));
        world.edit(&set, |set| {
            set["Variables"][0]["Scope"] = json!({ "Environment": ["Environments-99"] });
        });
        guide.publish(world);
    });
    elsewhere
        .check()
        .expect_only(&[], "it holds in another environment");
    let module = Guided::but(|world, guide| {
        let set = library(world, guide, (OVERRIDE, "String", "True"));
        world.edit(set.trim_start_matches("variableset-"), |it| {
            it["ContentType"] = "ScriptModule".into();
        });
    });
    module.check().expect_only(&[], "a script module");
}

#[test]
fn a_prompt_of_one_has_nobody_who_answers() {
    let checked = Guided::but(|world, guide| {
        let set = library(world, guide, ("Shared.Reason", "String", "x"));
        world.edit(&set, |set| {
            set["Variables"][0]["Prompt"] = json!({ "Label": "Reason", "Required": true });
        });
        guide.publish(world);
    })
    .check();
    checked.expect_only(&["FAIL prompted-variables"], "a scheduled run is asked");
    let words = "Shared.Reason (library variable set Shared)";
    checked.expect_says("prompted-variables", words);
}

#[test]
fn what_the_step_is_bound_to_may_stand_in_one() {
    let checked = Guided::but(|world, guide| {
        let roles = world.roles.join(",");
        moved(world, guide, ("Project.Octopus.Roles", "String"), &roles);
    })
    .check();
    checked.expect_only(&[], "the tags are of the library");
    let account = Guided::but(|world, guide| {
        let account = guide.account.clone();
        let name = "Project.Azure.Account";
        moved(world, guide, (name, "AzureAccount"), &account);
    });
    account
        .check()
        .expect_only(&[], "the account is of the library");
}

#[test]
fn the_projects_own_comes_before_one_of_the_library() {
    let own = Guided::but(|world, guide| {
        let other = ("Project.VMSS.ScaleSetName", "String", "other");
        library(world, guide, other);
    });
    own.check()
        .expect_only(&[], "both are for every environment");
    let narrower = Guided::but(|world, guide| {
        let other = ("Project.VMSS.ScaleSetName", "String", "other");
        let set = library(world, guide, other);
        let here = json!({ "Environment": [guide.environment] });
        world.edit(&set, |set| set["Variables"][0]["Scope"] = here);
        guide.publish(world);
    });
    narrower
        .check()
        .expect_only(&["FAIL parameters"], "the library's is for this one");
}

#[test]
fn a_name_that_is_in_none_of_them_is_missing() {
    let checked = Guided::but(|world, guide| {
        library(world, guide, ("Shared.Reason", "String", "x"));
        guide.remove_variable(world, "Project.Octopus.Roles");
        guide.publish(world);
    })
    .check();
    checked.expect_only(&["FAIL parameters"], "it is nowhere");
}

#[test]
fn one_that_cannot_be_read_passes_nothing() {
    let unread = |change: fn(&mut World, &Guide)| -> Checked {
        Guided::but(|world, guide| {
            library(world, guide, (OVERRIDE, "String", "True"));
            change(world, guide);
            let administrator = world.user(&guide.administrator);
            drop(administrator.forbid("LibraryVariableSetView"));
        })
        .check()
    };
    let hidden = [
        "WARN runbook-guided-failure",
        "WARN prompted-variables",
        "WARN guided-failure",
    ];
    let checked = unread(|_, _| {});
    checked.expect_only(&hidden, "nobody knows what the library says");
    for (_, id) in hidden.iter().filter_map(|it| it.split_once(' ')) {
        checked.expect_says(
            id,
            "could not be seen: your key lacks LibraryVariableSetView",
        );
    }
    let checked = unread(|world, guide| {
        guide.remove_variable(world, "Project.Octopus.Roles");
        guide.remove_variable(world, "Project.Azure.Account");
        guide.publish(world);
    });
    checked.expect_no_fail("parameters");
    checked.expect_no_fail("azure-account");
    checked.expect_no_pass("parameters");
    checked.expect_no_pass("azure-account");
}
