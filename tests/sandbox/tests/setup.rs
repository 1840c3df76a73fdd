//! What may be written of the set-up, and what a server makes of it.

mod all_of_it;
mod git;
mod places;
mod policies;
mod processes;
mod runbooks;
mod snapshots;
mod templates;
mod triggers;
mod variables;

use crate::client::{Client, Reply};
use sandbox::{BeforeSetup, Guide, Sandbox, World};
use serde_json::{Value, json};

/// A server with the set-up of the guide, or with what it begins with, in the hands of the administrator.
struct Server {
    sandbox: Sandbox,
    client: Client,
}

impl Server {
    fn before() -> (Self, BeforeSetup) {
        let sandbox = Sandbox::start();
        let before = sandbox.world(World::before_setup);
        let client = Client::of(&sandbox).with_key(&before.administrator_key);
        (Self { sandbox, client }, before)
    }

    fn set_up() -> (Self, Guide) {
        let sandbox = Sandbox::start();
        let guide = sandbox.world(World::guide);
        let client = Client::of(&sandbox).with_key(&guide.administrator_key);
        (Self { sandbox, client }, guide)
    }

    fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.sandbox.world(look)
    }

    fn get(&self, path: &str) -> Value {
        self.client.octopus(&space(path)).ok()
    }

    fn post(&self, path: &str, body: &Value) -> Reply {
        self.client.write("POST", &space(path), body)
    }

    fn put(&self, path: &str, body: &Value) -> Reply {
        self.client.write("PUT", &space(path), body)
    }

    /// Makes something, which has to work; returns it.
    fn made(&self, path: &str, body: &Value) -> Value {
        let reply = self.post(path, body);
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()
    }

    /// Reads something, changes it, and writes it back.
    fn change(&self, path: &str, change: impl FnOnce(&mut Value)) -> Reply {
        let mut json = self.get(path);
        change(&mut json);
        self.put(path, &json)
    }
}

fn space(rest: &str) -> String {
    format!("/api/Spaces-1/{rest}")
}

fn id(json: &Value) -> &str {
    json["Id"].as_str().unwrap()
}

/// A refusal as Octopus words it, which names this.
fn refused(reply: &Reply, names: &str) {
    assert_eq!(reply.status, 400, "{}", reply.text);
    let said = reply.json();
    assert_eq!(
        said["ErrorMessage"],
        "There was a problem with your request."
    );
    let error = said["Errors"][0].as_str().unwrap().to_owned();
    assert!(error.contains(names), "{error}");
}

/// A missing permission, as Octopus words it.
fn forbidden(reply: &Reply, permission: &str) {
    assert_eq!(reply.status, 403, "{}", reply.text);
    let words = format!("Missing permission: {permission}");
    assert!(reply.text.contains(&words), "{}", reply.text);
}

/// A step of one action with these properties.
fn step(name: &str, properties: &Value) -> Value {
    json!({
        "Name": name,
        "Actions": [{ "Name": name, "ActionType": "Octopus.Script", "Properties": properties }],
    })
}
