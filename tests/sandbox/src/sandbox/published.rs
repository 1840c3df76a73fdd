//! What a step of a published runbook is given: Octopus resolves its parameters with what was frozen, and the step's script hands
//! the result to the program. Source: octopus.com/docs, "Variable substitutions" and "Scope values"; the script of the step template.

use super::Sandbox;
use crate::clock;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// The step's parameters and Octopus's own variables begin so.
const GIVEN: [&str; 2] = ["VMSS.", "Octopus."];
/// A value that leads to another one that leads back is a mistake in the world.
const DEPTH: usize = 10;

/// A run of what is published that has begun.
pub struct PublishedRun {
    /// Its task.
    pub task: String,
    /// What the program finds in its environment.
    pub environment: Vec<(String, String)>,
}

impl Sandbox {
    /// A run of what is published of a runbook begins: its task executes, and this is what its step gives the program. Nothing of
    /// the draft and nothing of the terminal is in it. [`Sandbox::published_run_ends`] ends it.
    pub fn published_run_begins(&self, runbook: &str, environment: &str) -> PublishedRun {
        let (octopus_url, azure_url) = (self.octopus_url(), self.azure_url());
        let ca_file = self.ca_file().display().to_string();
        let (task, given) = self.world(|world| {
            let task = begin(world, runbook, environment);
            let mut own = octopus_says(world, &task, environment);
            own.insert("Octopus.Web.ServerUri".into(), octopus_url);
            (task, given(world, runbook, environment, own))
        });
        let named = given.into_iter().filter(|(name, value)| {
            GIVEN.iter().any(|it| name.starts_with(it)) && !value.is_empty()
        });
        let mut environment: Vec<(String, String)> = named
            .map(|(name, value)| (variable(&name), value))
            .collect();
        // Where this cloud is: an account of the real one leads there by itself.
        for name in [
            "RESOURCEMANAGEMENTENDPOINTBASEURI",
            "ACTIVEDIRECTORYENDPOINTBASEURI",
        ] {
            environment.push((format!("VMSS_AZURE_ACCOUNT_{name}"), azure_url.clone()));
        }
        environment.push(("SSL_CERT_FILE".into(), ca_file));
        PublishedRun { task, environment }
    }

    /// The run ends, by the exit code of its step.
    pub fn published_run_ends(&self, run: &PublishedRun, code: i32) {
        let state = if code == 0 { "Success" } else { "Failed" };
        self.world(|world| drop(world.task(&run.task).ended(state, clock::now())));
    }
}

/// As the script of the step does it.
fn variable(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_").to_ascii_uppercase()
}

fn begin(world: &mut World, runbook: &str, environment: &str) -> String {
    let snapshot = world.published(runbook).filter(|id| !id.is_empty());
    let snapshot = snapshot.unwrap_or_else(|| panic!("nothing is published of {runbook}"));
    let project = text(world.document(runbook), "ProjectId").to_owned();
    let run = world.runbook_run().runbook(runbook, &snapshot);
    let run = run.project(&project).environment(environment);
    run.executing_since(clock::now()).id()
}

fn octopus_says(world: &mut World, task: &str, environment: &str) -> BTreeMap<String, String> {
    let run = world.task(task).document();
    let own = [
        ("Octopus.Task.Id", task),
        ("Octopus.RunbookRun.Id", &run),
        ("Octopus.Space.Id", crate::world::SPACE),
        ("Octopus.Environment.Id", environment),
        ("Octopus.Step.Name", "the step"),
    ];
    own.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// All variables that the step has, resolved.
fn given(
    world: &World,
    runbook: &str,
    environment: &str,
    own: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let snapshot = world.published(runbook).unwrap_or_default();
    let snapshot = world.document(&snapshot).clone();
    let set = world.document(text(&snapshot, "FrozenProjectVariableSetId"));
    let process = world.document(text(&snapshot, "FrozenRunbookProcessId"));
    let mut all = own;
    for variable in list(&set["Variables"]) {
        if holds(&variable, environment, runbook) {
            let name = text(&variable, "Name").to_owned();
            all.insert(name, text(&variable, "Value").to_owned());
        }
    }
    let properties = step_of(process)["Properties"].as_object().cloned();
    for (name, value) in properties.unwrap_or_default() {
        let value = value.as_str().or_else(|| value["Value"].as_str());
        all.insert(name, value.unwrap_or_default().to_owned());
    }
    expand_account(world, &mut all);
    let resolved = all
        .iter()
        .map(|(name, value)| (name.clone(), resolved(value, &all, DEPTH)));
    resolved.collect()
}

/// The action that is made of the step template with the parameters of this program.
fn step_of(process: &Value) -> Value {
    let steps = list(&process["Steps"]);
    let mut actions = steps.iter().flat_map(|step| list(&step["Actions"]));
    let found = actions.find(|it| it["Properties"].get("VMSS.ScaleSet.Name").is_some());
    found.expect("the published process has the step")
}

/// An account stands for its fields. A parameter of that kind has the name of the variable that holds the account's id.
fn expand_account(world: &World, all: &mut BTreeMap<String, String>) {
    let named = all.get("VMSS.Azure.Account").cloned().unwrap_or_default();
    let id = all.get(&named).cloned().unwrap_or(named);
    if id.is_empty() {
        return;
    }
    let account = world.document(&id);
    for (field, value) in [
        ("SubscriptionNumber", text(account, "SubscriptionNumber")),
        ("Client", text(account, "ClientId")),
        ("TenantId", text(account, "TenantId")),
        ("Password", &world.azure.client_secret),
    ] {
        all.insert(format!("VMSS.Azure.Account.{field}"), value.to_owned());
    }
    all.insert("VMSS.Azure.Account".into(), id);
}

/// Whether a variable holds where this runbook runs.
fn holds(variable: &Value, environment: &str, runbook: &str) -> bool {
    let reaches = |scope: &str, id: &str| {
        let ids = list(&variable["Scope"][scope]);
        ids.is_empty() || ids.iter().any(|it| it == id)
    };
    reaches("Environment", environment) && reaches("ProcessOwner", runbook)
}

fn resolved(value: &str, all: &BTreeMap<String, String>, depth: usize) -> String {
    let Some((before, rest)) = value.split_once("#{") else {
        return value.to_owned();
    };
    let Some((name, after)) = rest.split_once('}') else {
        return value.to_owned();
    };
    assert!(depth > 0, "{value} leads back to itself");
    let inner = match all.get(name.trim()) {
        Some(inner) => resolved(inner, all, depth - 1),
        None => format!("#{{{name}}}"),
    };
    format!("{before}{inner}{}", resolved(after, all, depth))
}

fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

fn list(json: &Value) -> Vec<Value> {
    json.as_array().cloned().unwrap_or_default()
}
