//! The set-up of the guide in one call, and what a reader finds there.

mod documents;
mod git;
mod people;
mod restrictions;
mod runbooks;
mod variables;

use crate::client::Client;
use sandbox::{Guide, Sandbox, World};
use serde_json::Value;

/// A sandbox with the set-up of the guide, changed like this.
fn set_up(change: impl FnOnce(&mut World, &Guide)) -> (Sandbox, Guide) {
    let sandbox = Sandbox::start();
    let guide = sandbox.world(|world| {
        let guide = world.guide();
        change(world, &guide);
        guide
    });
    (sandbox, guide)
}

/// Who asks, by the key: the service account, or the administrator.
fn account(sandbox: &Sandbox) -> Client {
    Client::of(sandbox)
}

fn administrator(sandbox: &Sandbox, guide: &Guide) -> Client {
    Client::of(sandbox).with_key(&guide.administrator_key)
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["Items"].as_array().unwrap().iter();
    items.map(|item| item["Name"].as_str().unwrap()).collect()
}

fn space(rest: &str) -> String {
    format!("/api/Spaces-1/{rest}")
}
