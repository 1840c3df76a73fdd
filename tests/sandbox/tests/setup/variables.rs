//! Variables: versions, secrets, and what the writer does not see.

use super::{Server, forbidden, refused};
use crate::client::Reply;
use sandbox::{Grant, Guide};
use serde_json::{Value, json};

fn path(guide: &Guide) -> String {
    format!("variables/{}", guide.variables)
}

/// Adds one variable.
fn add(server: &Server, guide: &Guide, variable: Value) -> Reply {
    server.change(&path(guide), |set| {
        set["Variables"].as_array_mut().unwrap().push(variable);
    })
}

/// The value as it is kept.
fn kept(server: &Server, guide: &Guide, name: &str) -> Option<Value> {
    server.world(|world| {
        let all = world.document(&guide.variables)["Variables"]
            .as_array()
            .unwrap();
        let found = all.iter().find(|variable| variable["Name"] == name);
        found.map(|variable| variable["Value"].clone())
    })
}

#[test]
fn variables_that_were_not_read_from_the_newest_version_are_refused() {
    let (server, guide) = Server::set_up();
    let was = server.get(&path(&guide));
    let before = server.world(|world| world.document(&guide.variables)["Variables"].clone());
    let saved = server.put(&path(&guide), &was).ok();
    assert_eq!(
        saved["Version"],
        json!(was["Version"].as_u64().unwrap() + 1)
    );
    assert_eq!(
        server.world(|world| world.document(&guide.variables)["Variables"].clone()),
        before
    );
    refused(
        &server.put(&path(&guide), &was),
        "Changes to these variables could not be saved",
    );
    server.world(|world| world.octopus.readings.stale_version = 409);
    assert_eq!(server.put(&path(&guide), &was).status, 409);
    let unscoped = server.change(&path(&guide), |_| {}).ok();
    assert!(unscoped["ScopeValues"].is_object());
    server.world(|world| world.octopus.readings.saved_variables_lack_scope_values = true);
    assert_eq!(
        server.change(&path(&guide), |_| {}).ok()["ScopeValues"],
        json!(null)
    );
}

#[test]
fn a_secret_is_kept_by_null_cleared_by_an_empty_text_and_never_shown() {
    let (server, guide) = Server::set_up();
    let name = "Project.Octopus.Api.Key";
    let set = |value: Value| {
        let reply = server.change(&path(&guide), |set| {
            let all = set["Variables"].as_array_mut().unwrap();
            let mut found = all.iter_mut().filter(|it| it["Name"] == name);
            found.next().unwrap()["Value"] = value;
        });
        assert_eq!(reply.status, 200, "{}", reply.text);
        kept(&server, &guide, name).unwrap()
    };
    let was = kept(&server, &guide, name).unwrap();
    assert_eq!(set(Value::Null), was);
    assert_eq!(set("another".into()), "another");
    assert!(!server.get(&path(&guide)).to_string().contains("another"));
    assert_eq!(set("".into()), "");
}

#[test]
fn new_variables_get_ids_and_ids_are_not_given_twice() {
    let (server, guide) = Server::set_up();
    let saved = add(&server, &guide, json!({ "Name": "New", "Value": "x" })).ok();
    let new = saved["Variables"].as_array().unwrap().last().unwrap();
    assert!(new["Id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!(
        (&new["Type"], &new["Scope"], &new["IsSensitive"]),
        (&json!("String"), &json!({}), &json!(false))
    );
    refused(
        &add(&server, &guide, new.clone()),
        "more than one variable of the id",
    );
    let removed = server.change(&path(&guide), |set| {
        drop(set["Variables"].as_array_mut().unwrap().pop())
    });
    assert_eq!(removed.status, 200);
    assert_eq!(kept(&server, &guide, "New"), None);
}

#[test]
fn scopes_name_what_there_is_and_prompts_know_environments_alone() {
    let (server, guide) = Server::set_up();
    let with = |scope: Value, prompt: Value| {
        add(
            &server,
            &guide,
            json!({ "Name": "New", "Scope": scope, "Prompt": prompt }),
        )
    };
    let free = Value::Null;
    refused(
        &with(json!({ "Environment": ["Environments-9"] }), free.clone()),
        "Environments-9",
    );
    refused(
        &with(json!({ "Machine": ["Machines-9"] }), free.clone()),
        "Machines-9",
    );
    refused(
        &with(json!({ "ProcessOwner": ["Runbooks-9"] }), free.clone()),
        "Runbooks-9",
    );
    assert_eq!(
        with(json!({ "ProcessOwner": [guide.runbook] }), free).status,
        200
    );
    let prompt = json!({ "Label": "Which?", "Required": true });
    refused(
        &with(json!({ "Role": ["web"] }), prompt.clone()),
        "prompted",
    );
    assert_eq!(
        with(json!({ "Environment": [guide.environment] }), prompt).status,
        200
    );
}

/// A writer for `Production` alone, beside a variable of `Test`.
fn limited() -> (Server, Guide) {
    let (server, guide) = Server::set_up();
    server.world(|world| {
        let test = world.octopus.add_environment("Spaces-1", "Test");
        world
            .octopus
            .add_variable(&guide.variables, "Elsewhere", "String", "x");
        guide.variable(world, "Elsewhere", |it| {
            it["Scope"] = json!({ "Environment": [test] })
        });
        let only = Grant::environments(&[&guide.environment]);
        let user = world
            .user("administrator")
            .without_roles()
            .role("Project Lead");
        drop(
            user.restrict("VariableView", only.clone())
                .restrict("VariableEdit", only),
        );
    });
    (server, guide)
}

#[test]
fn what_the_writer_does_not_see_stays_or_is_lost_on_old_servers() {
    let (server, guide) = limited();
    let scope = json!({ "Environment": [guide.environment] });
    assert_eq!(server.get(&path(&guide))["Variables"], json!([]));
    let saved = add(
        &server,
        &guide,
        json!({ "Name": "Mine", "Value": "1", "Scope": scope }),
    )
    .ok();
    assert_eq!(saved["Variables"].as_array().unwrap().len(), 1);
    assert_eq!(kept(&server, &guide, "Elsewhere"), Some("x".into()));
    assert_eq!(
        kept(&server, &guide, "Project.Octopus.Roles"),
        Some("web-server,vmss-web".into())
    );
    server.world(|world| world.octopus.readings.unseen_variables_are_lost = true);
    server.change(&path(&guide), |_| {}).ok();
    assert_eq!(kept(&server, &guide, "Elsewhere"), None);
    assert_eq!(kept(&server, &guide, "Mine"), Some("1".into()));
}

#[test]
fn unscoped_variables_need_a_permission_that_no_environment_limits() {
    let (server, guide) = limited();
    forbidden(
        &add(&server, &guide, json!({ "Name": "Free", "Value": "1" })),
        "VariableEdit",
    );
    let elsewhere = json!({ "Name": "Theirs", "Scope": { "Environment": ["Environments-2"] } });
    forbidden(&add(&server, &guide, elsewhere), "VariableEdit");
    server.world(|world| {
        let of_project = Grant::projects(&[&guide.project]);
        let user = world.user("administrator");
        drop(user.restrict("VariableEditUnscoped", of_project));
    });
    assert_eq!(
        add(&server, &guide, json!({ "Name": "Free", "Value": "1" })).status,
        200
    );
    server.world(|world| drop(world.user("administrator").forbid("VariableEdit")));
    forbidden(&server.change(&path(&guide), |_| {}), "VariableEdit");
}

#[test]
fn the_newer_route_answers_nothing_and_wants_scope_values() {
    let (server, guide) = Server::set_up();
    let path = format!("projects/{}/variables", guide.project);
    let saved = server.change(&path, |set| {
        set["Variables"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "Name": "New", "Value": "x" }));
    });
    assert_eq!(saved.ok(), json!({}));
    assert_eq!(kept(&server, &guide, "New"), Some("x".into()));
    let lacking = server.change(&path, |set| set["ScopeValues"] = Value::Null);
    refused(&lacking, "The ScopeValues field is required");
    let body = server.get(&path);
    server.world(|world| world.octopus.newer.project_variables = false);
    assert_eq!(server.put(&path, &body).status, 404);
}

#[test]
fn an_account_has_to_exist_and_what_comes_back_as_shown_stays_as_it_is() {
    let (server, guide) = Server::set_up();
    let account = |value: &str| json!({ "Name": "New", "Type": "AzureAccount", "Value": value });
    refused(&add(&server, &guide, account("Accounts-9")), "Accounts-9");
    assert_eq!(add(&server, &guide, account(&guide.account)).status, 200);
    let bare = json!([{ "Id": "mine", "Name": "Bare" }]);
    server.world(|world| world.edit(&guide.variables, |set| set["Variables"] = bare.clone()));
    server.change(&path(&guide), |_| {}).ok();
    assert_eq!(
        server.world(|world| world.document(&guide.variables)["Variables"].clone()),
        bare
    );
}
