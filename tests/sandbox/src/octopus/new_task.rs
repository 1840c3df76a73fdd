//! Asking for a health check. Source: octopus.com/docs/api, "Tasks", and octopus.com/docs, "Run a health check".

use super::health::OnlyTestConnection;
use super::health_check::{HealthCheck, Progress};
use super::people::Caller;
use super::query::Query;
use super::routes::Address;
use super::task::TaskHandle;
use super::{Octopus, TaskKind, errors, machines, tasks, timespan};
use crate::clock;
use crate::http::{Answer, Call};
use serde_json::{Map, Value};
use std::time::Duration;

const FIELDS: [&str; 7] = [
    "Arguments",
    "Description",
    "Name",
    "QueueTime",
    "QueueTimeExpiry",
    "SpaceId",
    "Weight",
];

const ARGUMENTS: [&str; 8] = [
    "EnvironmentId",
    "MachineIds",
    "MachinePolicyId",
    "MachineTimeout",
    "OnlyTestConnection",
    "RestrictedTo",
    "Timeout",
    "WorkerPoolId",
];

type Fields = Map<String, Value>;

pub(crate) fn create(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    if !caller
        .sight(octopus, "MachineEdit")
        .reaches_into(address.space())
    {
        return Err(errors::missing_machine_edit());
    }
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|error| errors::bad_request(&format!("The body is not valid JSON: {error}.")))?;
    let body = object(&body, "The body")?;
    only_known(body, &FIELDS, "task")?;
    let description = required(body, "Description")?;
    if required(body, "Name")? != "Health" {
        return Err(errors::bad_request(
            "The sandbox's Octopus only takes tasks with the name 'Health'.",
        ));
    }
    if text(body, "SpaceId")?.is_some_and(|space| space != address.space()) {
        return Err(errors::bad_request(
            "The space in the body is not the space in the address.",
        ));
    }
    let check = health_check(octopus, body, address.space())?;
    let mut targets = check.targets.iter();
    if targets.any(|target| !machines::may_test(octopus, caller, target)) {
        return Err(errors::missing_machine_edit());
    }
    let now = octopus.now();
    let task = TaskHandle::begin(octopus, TaskKind::Health).edit(|task| {
        task.space = address.space().to_owned();
        task.environment = argument(&check, "EnvironmentId");
        task.project = String::new();
        task.description = Some(description);
        task.named = check.targets.clone();
        task.health_check = Some(check);
    });
    let id = task.queued(now).id();
    octopus.checking.push(id.clone());
    let answer = tasks::to_json(octopus, &octopus.tasks[&id]);
    Ok(Answer::json(201, answer))
}

fn health_check(octopus: &Octopus, body: &Fields, space: &str) -> Result<HealthCheck, Answer> {
    let mut arguments = match body.get("Arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(arguments) => object(arguments, "Arguments")?.clone(),
    };
    let known = octopus.health_checks.only_test_connection;
    if known == OnlyTestConnection::Refused {
        let older = ARGUMENTS
            .iter()
            .filter(|name| **name != "OnlyTestConnection");
        let older: Vec<&str> = older.copied().collect();
        only_known(&arguments, &older, "health check")?;
    }
    only_known(&arguments, &ARGUMENTS, "health check")?;
    for name in [
        "EnvironmentId",
        "MachinePolicyId",
        "RestrictedTo",
        "WorkerPoolId",
    ] {
        text(&arguments, name)?;
    }
    if known == OnlyTestConnection::Ignored {
        arguments.remove("OnlyTestConnection");
    }
    let expires = text(body, "QueueTimeExpiry")?;
    let expires = expires.map(|text| {
        clock::read(&text).ok_or_else(|| invalid("QueueTimeExpiry", &Value::from(text)))
    });
    Ok(HealthCheck {
        targets: chosen(octopus, &arguments, space)?,
        timeout: span(&arguments, "Timeout")?,
        machine_timeout: span(&arguments, "MachineTimeout")?,
        only_test_connection: match arguments.get("OnlyTestConnection") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(only)) => *only,
            Some(other) => return Err(invalid("OnlyTestConnection", other)),
        },
        arguments,
        expires: expires.transpose()?,
        ready: clock::later(clock::now(), octopus.health_checks.waits_in_queue),
        progress: Progress::default(),
    })
}

/// The targets by their ids. No ids, or an empty list, mean all targets of the environment and the policy.
fn chosen(octopus: &Octopus, arguments: &Fields, space: &str) -> Result<Vec<String>, Answer> {
    let named: Vec<String> = match arguments.get("MachineIds") {
        None | Some(Value::Null) => Vec::new(),
        Some(ids) => serde_json::from_value(ids.clone()).map_err(|_| invalid("MachineIds", ids))?,
    };
    let exists = |id: &String| {
        let target = octopus.targets.get(id);
        target.is_some_and(|target| target.space == space)
    };
    if let Some(id) = named.iter().find(|id| !exists(id))
        && octopus.health_checks.refuses_unknown_targets
    {
        let problem = format!("The machine '{id}' does not exist.");
        return Err(errors::bad_request(&problem));
    }
    if !named.is_empty() {
        return Ok(named.into_iter().filter(exists).collect());
    }
    let wanted = |name: &str| arguments.get(name).and_then(Value::as_str);
    let all = octopus.targets.values().filter(|target| {
        let (environment, policy) = (wanted("EnvironmentId"), wanted("MachinePolicyId"));
        target.space == space
            && environment.is_none_or(|id| target.environments.iter().any(|own| own == id))
            && policy.is_none_or(|id| target.policy == id)
    });
    Ok(all.map(|target| target.id.clone()).collect())
}

fn argument(check: &HealthCheck, name: &str) -> String {
    let found = check.arguments.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Fields, Answer> {
    let object = value.as_object();
    object.ok_or_else(|| errors::bad_request(&format!("{what} is not an object.")))
}

/// The real server ignores what it does not know; here a misspelt word shows.
fn only_known(fields: &Fields, known: &[&str], what: &str) -> Result<(), Answer> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(errors::bad_request(&format!(
            "The sandbox's Octopus knows no '{name}' for a {what}."
        ))),
        None => Ok(()),
    }
}

fn required(fields: &Fields, name: &str) -> Result<String, Answer> {
    let found = text(fields, name)?.filter(|text| !text.trim().is_empty());
    found.ok_or_else(|| errors::bad_request(&format!("The {name} field is required.")))
}

fn text(fields: &Fields, name: &str) -> Result<Option<String>, Answer> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(invalid(name, other)),
    }
}

fn span(fields: &Fields, name: &str) -> Result<Option<Duration>, Answer> {
    let read =
        |text: String| timespan::read(&text).ok_or_else(|| invalid(name, &Value::from(text)));
    text(fields, name)?.map(read).transpose()
}

fn invalid(name: &str, value: &Value) -> Answer {
    errors::bad_request(&format!("The value {value} is not valid for {name}."))
}
