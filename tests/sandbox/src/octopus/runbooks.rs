//! Runbooks and their processes. Source: octopus.com/docs/api, "Runbooks" and "Runbook Processes".

use super::documents::{Kind, find, need, shown as document, text, texts};
use super::envelope::page;
use super::people::{Caller, Sight};
use super::places::{environment_json, slug};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors, git, properties};
use crate::http::{Answer, Call};
use crate::world::SPACE;
use serde_json::{Value, json};

impl Octopus {
    /// Adds a runbook with an empty process, as the editor does; returns its id.
    pub fn add_runbook(&mut self, project: &str, name: &str) -> String {
        let mut json = blank(name);
        json["SpaceId"] = SPACE.into();
        json["ProjectId"] = project.into();
        json["ConnectivityPolicy"]["AllowDeploymentsToNoTargets"] = true.into();
        self.keep_new_runbook(json)
    }

    /// Keeps a new runbook, and makes its process; returns its id.
    pub(crate) fn keep_new_runbook(&mut self, mut json: Value) -> String {
        let id = self.next_id("Runbooks");
        let process = format!("RunbookProcess-{id}");
        json["Id"] = id.as_str().into();
        json["RunbookProcessId"] = process.as_str().into();
        self.documents.insert(
            Kind::RunbookProcess,
            json!({
                "Id": process,
                "SpaceId": json["SpaceId"],
                "ProjectId": json["ProjectId"],
                "RunbookId": id,
                "Version": 0,
                "LastSnapshotId": Value::Null,
                "Steps": [],
            }),
        );
        self.documents.insert(Kind::Runbook, json);
        id
    }

    /// The environments in which a runbook may run, by its own word.
    pub(crate) fn environments_of_runbook(&self, runbook: &Value) -> Vec<String> {
        let space = text(runbook, "SpaceId");
        let all = self.environments.values().filter(|it| it.space == space);
        let all = all.map(|it| it.id.clone());
        match text(runbook, "EnvironmentScope") {
            "Specified" => texts(&runbook["Environments"]),
            "FromProjectLifecycles" => match self.environments_of_lifecycle(runbook) {
                none if none.is_empty() => all.collect(),
                some => some,
            },
            _ => all.collect(),
        }
    }

    /// A lifecycle without phases allows every environment.
    fn environments_of_lifecycle(&self, runbook: &Value) -> Vec<String> {
        let lifecycle = self
            .documents
            .text(text(runbook, "ProjectId"), "LifecycleId");
        let lifecycle = lifecycle.and_then(|id| self.documents.get(id));
        let phases = lifecycle.and_then(|json| json["Phases"].as_array());
        let targets = phases.into_iter().flatten().flat_map(|phase| {
            let mut ids = texts(&phase["AutomaticDeploymentTargets"]);
            ids.extend(texts(&phase["OptionalDeploymentTargets"]));
            ids
        });
        targets.collect()
    }
}

/// A runbook of which nothing is said but its name.
pub(crate) fn blank(name: &str) -> Value {
    json!({
        "Name": name,
        "Slug": slug(name),
        "Description": "",
        "PublishedRunbookSnapshotId": Value::Null,
        "EnvironmentScope": "All",
        "Environments": [],
        "MultiTenancyMode": "Untenanted",
        "DefaultGuidedFailureMode": "Off",
        "ForcePackageDownload": false,
        "RunbookTags": [],
        "ConnectivityPolicy": {
            "SkipMachineBehavior": "None",
            "TargetRoles": [],
            "AllowDeploymentsToNoTargets": false,
            "ExcludeUnhealthyTargets": false,
        },
        "RunRetentionPolicy": {
            "Strategy": "Default",
            "QuantityToKeep": 100,
            "Unit": "Items",
            "ShouldKeepForever": false,
        },
    })
}

/// Older servers have no strategy of retention.
pub(crate) fn shown(octopus: &Octopus, json: &Value) -> Value {
    let mut shown = json.clone();
    let policy = shown["RunRetentionPolicy"].as_object_mut();
    if let Some(policy) = policy.filter(|_| !octopus.newer.retention_strategy) {
        policy.remove("Strategy");
    }
    shown
}

/// `runbooks/{id}/environments`: those in which it may run, of those that the caller sees.
pub(crate) fn environments(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let runbook = visible(octopus, caller, address)?;
    let sight = caller.sight(octopus, "EnvironmentView");
    let ids = octopus.environments_of_runbook(runbook);
    let found = ids.iter().filter_map(|id| octopus.environments.get(id));
    let found = found.filter(|it| it.is_seen(octopus, &sight));
    Ok(Answer::ok(
        found.map(|it| environment_json(octopus, it)).collect(),
    ))
}

/// The runbook that stands before the rest of the path.
pub(crate) fn visible<'a>(
    octopus: &'a Octopus,
    caller: &Caller,
    address: &Address,
) -> Result<&'a Value, Answer> {
    let owner = address.owner.as_deref().unwrap_or_default();
    let runbook = find(octopus, Kind::Runbook, owner, address.space())?;
    need(octopus, caller, "RunbookView", Kind::Runbook, runbook)?;
    git::refuse_plain(octopus, text(runbook, "ProjectId"), Kind::Runbook)?;
    Ok(runbook)
}

/// `runbookProcesses/{id}`, of a draft or of what a snapshot froze. `RunbookView` opens it; `ProcessView` the same.
pub(crate) fn process(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let process = find(octopus, Kind::RunbookProcess, &address.id, address.space())?;
    need(
        octopus,
        caller,
        "RunbookView",
        Kind::RunbookProcess,
        process,
    )?;
    if octopus.readings.runbook_processes_need_process_view {
        need(
            octopus,
            caller,
            "ProcessView",
            Kind::RunbookProcess,
            process,
        )?;
    }
    if process["IsFrozen"] != true {
        git::refuse_plain(octopus, text(process, "ProjectId"), Kind::RunbookProcess)?;
    }
    Ok(Answer::ok(process_shown(octopus, process)))
}

/// A process as the server answers it.
pub(crate) fn process_shown(octopus: &Octopus, process: &Value) -> Value {
    let mut shown = process.clone();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("IsFrozen");
    }
    for step in shown["Steps"].as_array_mut().into_iter().flatten() {
        for action in step["Actions"].as_array_mut().into_iter().flatten() {
            properties::show(octopus, &mut action["Properties"]);
        }
    }
    shown
}

/// A runbook in Git goes by its slug and publishes nothing.
fn in_git(octopus: &Octopus, runbook: &Value) -> Value {
    let mut json = document(octopus, Kind::Runbook, runbook);
    let slug = text(runbook, "Slug").to_owned();
    json["Id"] = slug.as_str().into();
    json["RunbookProcessId"] = slug.into();
    json["PublishedRunbookSnapshotId"] = Value::Null;
    json
}

fn of_project<'a>(
    octopus: &'a Octopus,
    caller: &Caller,
    project: &'a str,
) -> Result<Vec<&'a Value>, Answer> {
    let sight: Sight = caller.sight(octopus, "RunbookView");
    let place = super::people::Place {
        space: SPACE,
        project: Some(project),
        ..Default::default()
    };
    if !sight.reaches(octopus, &place) {
        return Err(errors::missing_permission("RunbookView"));
    }
    let all = octopus.documents.of(Kind::Runbook);
    Ok(all
        .filter(|json| text(json, "ProjectId") == project)
        .collect())
}

pub(crate) fn list_on_branch(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
    project: &str,
) -> Result<Answer, Answer> {
    let query = git::query(call)?;
    let mut found = of_project(octopus, caller, project)?;
    found.retain(|json| {
        json["SpaceId"] == address.space() && query.part("partialName", text(json, "Name"))
    });
    let render = |json: &&Value| in_git(octopus, json);
    page(octopus, call, &query, "Runbook", &found, render).map(Answer::ok)
}

fn by_slug<'a>(
    octopus: &'a Octopus,
    caller: &Caller,
    address: &Address,
    project: &'a str,
) -> Result<&'a Value, Answer> {
    let all = of_project(octopus, caller, project)?;
    let found = all
        .into_iter()
        .find(|json| text(json, "Slug") == address.id);
    found.ok_or_else(|| errors::not_found(&address.id))
}

pub(crate) fn one_on_branch(
    octopus: &Octopus,
    caller: &Caller,
    address: &Address,
    project: &str,
) -> Result<Answer, Answer> {
    let found = by_slug(octopus, caller, address, project)?;
    Ok(Answer::ok(in_git(octopus, found)))
}

pub(crate) fn process_on_branch(
    octopus: &Octopus,
    caller: &Caller,
    address: &Address,
    project: &str,
) -> Result<Answer, Answer> {
    let runbook = by_slug(octopus, caller, address, project)?;
    let id = text(runbook, "RunbookProcessId");
    let process = find(octopus, Kind::RunbookProcess, id, address.space())?;
    let mut shown = process_shown(octopus, process);
    shown["Id"] = address.id.as_str().into();
    shown["RunbookId"] = address.id.as_str().into();
    Ok(Answer::ok(shown))
}
