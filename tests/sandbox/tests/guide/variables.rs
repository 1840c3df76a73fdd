//! The variables of a project, and who sees which.

use super::{account, administrator, set_up, space};
use sandbox::{Grant, Guide, Sandbox};
use serde_json::{Value, json};

fn read(client: &crate::client::Client, guide: &Guide) -> Value {
    client
        .octopus(&space(&format!("variables/{}", guide.variables)))
        .ok()
}

fn listed(set: &Value) -> Vec<String> {
    let all = set["Variables"].as_array().unwrap().iter();
    all.map(|variable| variable["Name"].as_str().unwrap().replace("Project.", ""))
        .collect()
}

#[test]
fn secrets_are_never_shown_and_the_rest_is() {
    let (sandbox, guide) = set_up(|_, _| {});
    let set = read(&account(&sandbox), &guide);
    assert_eq!(set["Variables"].as_array().unwrap().len(), 6);
    for variable in set["Variables"].as_array().unwrap() {
        let secret = variable["Type"] == "Sensitive";
        assert_eq!(variable["Value"].is_null(), secret, "{variable}");
    }
    let same = account(&sandbox).octopus(&space(&format!("projects/{}/variables", guide.project)));
    assert_eq!(same.ok()["Variables"], set["Variables"]);
}

/// One variable for each kind of scope.
fn scoped() -> (Sandbox, Guide) {
    set_up(|world, guide| {
        let test = world.octopus.add_environment("Spaces-1", "Test");
        let production = guide.environment.clone();
        world.edit(&guide.variables, |set| set["Variables"] = json!([]));
        for (name, scope) in [
            ("free", json!({})),
            ("production", json!({ "Environment": [production] })),
            ("test", json!({ "Environment": [test] })),
            ("both", json!({ "Environment": [production, test] })),
            ("machine", json!({ "Machine": ["Machines-1"] })),
            (
                "runbook",
                json!({ "ProcessOwner": [guide.runbook], "Environment": [production] }),
            ),
        ] {
            world
                .octopus
                .add_variable(&guide.variables, name, "String", "x");
            guide.variable(world, name, |variable| variable["Scope"] = scope);
        }
    })
}

#[test]
fn what_lies_in_other_environments_is_left_out_without_a_word() {
    let (sandbox, guide) = scoped();
    let client = account(&sandbox);
    assert_eq!(listed(&read(&client, &guide)).len(), 6);
    sandbox.world(|world| {
        let only = Grant::environments(&[&guide.environment]);
        drop(
            world
                .service_account()
                .forbid("VariableViewUnscoped")
                .restrict("VariableView", only),
        );
    });
    assert_eq!(listed(&read(&client, &guide)), ["production", "runbook"]);
    sandbox.world(|world| {
        world.service_account().edit(|user| user.forbidden.clear());
    });
    assert_eq!(
        listed(&read(&client, &guide)),
        ["free", "production", "runbook"]
    );
    assert_eq!(
        listed(&read(&administrator(&sandbox, &guide), &guide)).len(),
        6
    );
}

#[test]
fn two_grants_together_show_what_is_in_both_environments() {
    let (sandbox, guide) = scoped();
    sandbox.world(|world| {
        let user = world.service_account().forbid("VariableViewUnscoped");
        let user = user.restrict("VariableView", Grant::environments(&["Environments-1"]));
        drop(user.restrict("VariableView", Grant::environments(&["Environments-2"])));
    });
    let found = listed(&read(&account(&sandbox), &guide));
    assert_eq!(found, ["production", "test", "both", "runbook"]);
}

#[test]
fn a_set_is_refused_without_the_permission() {
    let (sandbox, guide) = set_up(|world, _| world.octopus.forbid("VariableView"));
    let path = space(&format!("variables/{}", guide.variables));
    let refused = account(&sandbox).octopus(&path);
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Missing permission: VariableView"));
}

#[test]
fn old_servers_do_not_know_the_newer_route() {
    let (sandbox, guide) = set_up(|world, _| world.octopus.newer.project_variables = false);
    let path = space(&format!("projects/{}/variables", guide.project));
    assert_eq!(account(&sandbox).octopus(&path).status, 404);
}

#[test]
fn every_change_gives_a_set_a_new_version() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    let was = read(&client, &guide)["Version"].as_u64().unwrap();
    sandbox.world(|world| {
        guide.variable(world, "Project.Octopus.Roles", |variable| {
            variable["Value"] = "other".into()
        });
    });
    assert_eq!(read(&client, &guide)["Version"], was + 1);
}

#[test]
fn the_variables_of_a_project_out_of_reach_are_refused() {
    let (sandbox, guide) = set_up(|world, _| {
        let elsewhere = Grant::projects(&["Projects-9"]);
        drop(world.service_account().restrict("VariableView", elsewhere));
    });
    let path = space(&format!("variables/{}", guide.variables));
    assert_eq!(account(&sandbox).octopus(&path).status, 403);
}
