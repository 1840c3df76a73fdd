//! What tests of the program may rely on about health checks: asking for one, what it finds, how it ends.

mod asking;
mod finding;
mod going;
mod policies;

use crate::client::{Client, Reply};
use sandbox::{Sandbox, World};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TASKS: &str = "/api/Spaces-1/tasks";
const EVER: Duration = Duration::MAX;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A sandbox with a world, and a client.
fn arranged(arrange: impl FnOnce(&mut World)) -> (Sandbox, Client) {
    let sandbox = Sandbox::start();
    sandbox.world(arrange);
    let client = Client::of(&sandbox);
    (sandbox, client)
}

fn order(machines: &[&str]) -> Value {
    json!({
        "Name": "Health",
        "Description": "octopus-scale-in asks whether 2 targets answer",
        "SpaceId": "Spaces-1",
        "Arguments": {
            "MachineIds": machines,
            "Timeout": "00:00:20",
            "MachineTimeout": "00:00:10",
            "OnlyTestConnection": true,
        },
    })
}

fn try_post(client: &Client, order: &Value) -> Reply {
    let reply = client.try_octopus("POST", TASKS, &order.to_string());
    reply.unwrap()
}

/// Orders a health check, and returns its id.
fn post(client: &Client, order: &Value) -> String {
    let reply = try_post(client, order);
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["Id"].as_str().unwrap().to_owned()
}

fn task(client: &Client, id: &str) -> Value {
    client.octopus(&format!("{TASKS}/{id}")).ok()
}

fn state(client: &Client, id: &str) -> String {
    task(client, id)["State"].as_str().unwrap().to_owned()
}

/// Asks until it is over, and returns it.
fn ended(client: &Client, id: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        let task = task(client, id);
        if task["IsCompleted"] == true {
            return task;
        }
        std::thread::sleep(ms(10));
    }
    panic!("the health check did not end: {}", state(client, id));
}

/// Orders a health check for these, and returns it when it is over.
fn checked(client: &Client, machines: &[&str]) -> Value {
    ended(client, &post(client, &order(machines)))
}

fn health(client: &Client, id: &str) -> String {
    let target = client.octopus(&format!("/api/Spaces-1/machines/{id}")).ok();
    target["HealthStatus"].as_str().unwrap().to_owned()
}

fn connection(client: &Client, id: &str) -> Value {
    let path = format!("/api/Spaces-1/machines/{id}/connection");
    client.octopus(&path).ok()
}

/// Texts of this form sort as the times do.
fn time<'a>(resource: &'a Value, name: &str) -> &'a str {
    let text = resource[name].as_str();
    text.unwrap_or_else(|| panic!("no {name} in {resource}"))
}

fn total(client: &Client, path: &str) -> u64 {
    client.octopus(path).ok()["TotalResults"].as_u64().unwrap()
}
