//! Snapshots of runbooks: what publishing freezes, and whether it is still what would be published. Source:
//! octopus.com/docs/api, "Runbook Snapshots" and "Runbook Processes".

use super::documents::{Kind, find, need, text, texts};
use super::people::{Caller, Place};
use super::query::Query;
use super::readings::Modified;
use super::routes::Address;
use super::{Octopus, TaskHandle};
use crate::clock::{self, Time};
use crate::http::{Answer, Call};
use crate::world::World;
use serde_json::{Value, json};

impl World {
    /// Publishes a runbook as it is now: a new snapshot with its process and all variables. Returns the snapshot's id.
    pub fn publish(&mut self, runbook: &str) -> String {
        let snapshot = self.snapshot(runbook);
        self.edit(runbook, |runbook| {
            runbook["PublishedRunbookSnapshotId"] = snapshot.as_str().into();
        });
        snapshot
    }

    /// The id of the snapshot of a runbook that is published.
    pub fn published(&self, runbook: &str) -> Option<String> {
        let id = self.document(runbook)["PublishedRunbookSnapshotId"].as_str();
        id.map(str::to_owned)
    }

    /// All snapshots of a runbook, the oldest first.
    pub fn snapshots(&self, runbook: &str) -> Vec<String> {
        let all = self.octopus.documents.of(Kind::RunbookSnapshot);
        let own = all.filter(|json| json["RunbookId"] == runbook);
        own.map(|json| text(json, "Id").to_owned()).collect()
    }

    /// A run of the published snapshot of a runbook in an environment that began then and took a minute: `Success`, `Failed`,
    /// `Canceled`.
    pub fn runbook_ran(
        &mut self,
        runbook: &str,
        environment: &str,
        state: &str,
        began: Time,
    ) -> TaskHandle<'_> {
        let snapshot = self.published(runbook).unwrap_or_default();
        let project = text(self.document(runbook), "ProjectId").to_owned();
        let run = self.runbook_run().runbook(runbook, &snapshot);
        let ended = began + time::Duration::MINUTE;
        let run = run.project(&project).environment(environment);
        run.completed(state, began, ended)
    }

    /// Makes a snapshot of a runbook as it is now, without publishing it; returns its id.
    pub fn snapshot(&mut self, runbook: &str) -> String {
        let octopus = &mut self.octopus;
        let number = octopus.last_number("RunbookSnapshots") + 1;
        octopus.take_snapshot(runbook, &format!("Snapshot S{number:0>5}"))
    }
}

impl Octopus {
    /// Freezes a runbook as it is now, under this name; returns the id of the snapshot.
    pub(crate) fn take_snapshot(&mut self, runbook: &str, name: &str) -> String {
        let json = self.documents.get_as(Kind::Runbook, runbook).cloned();
        let json = json.unwrap_or_else(|| panic!("there is no runbook {runbook}"));
        let id = self.next_id("RunbookSnapshots");
        let process = self.freeze(text(&json, "RunbookProcessId"), &id);
        let snapshot = json!({
            "Id": id,
            "SpaceId": json["SpaceId"],
            "ProjectId": json["ProjectId"],
            "RunbookId": runbook,
            "Name": name,
            "Notes": "",
            "FrozenRunbookProcessId": process,
            "SelectedPackages": [],
            "SelectedGitResources": [],
            "GitReference": Value::Null,
            "Assembled": clock::octopus(self.now()),
        });
        self.documents.insert(Kind::RunbookSnapshot, snapshot);
        self.take_variables_again(&id);
        id
    }

    /// Freezes the variables of a snapshot as they are now.
    pub(crate) fn take_variables_again(&mut self, snapshot: &str) {
        let project = self.documents.text(snapshot, "ProjectId");
        let project = project.unwrap_or_default().to_owned();
        let variables = self.freeze(&format!("variableset-{project}"), snapshot);
        let sets = self.library_sets(&project);
        let sets: Vec<String> = sets.iter().map(|set| self.freeze(set, snapshot)).collect();
        let token = self.next_guid();
        self.documents.edit(snapshot, |snapshot| {
            snapshot["FrozenProjectVariableSetId"] = variables.as_str().into();
            snapshot["ProjectVariableSetSnapshotId"] = variables.into();
            snapshot["LibraryVariableSetSnapshotIds"] = sets.into();
            snapshot["VariableSnapshotConcurrencyToken"] = token.into();
        });
    }

    /// Whether the process of a runbook is not what a snapshot froze of it.
    pub(crate) fn process_has_changed(&self, snapshot: &Value) -> bool {
        let runbook = self.documents.get(text(snapshot, "RunbookId"));
        let process = runbook.map_or("", |runbook| text(runbook, "RunbookProcessId"));
        self.is_outdated(text(snapshot, "FrozenRunbookProcessId"), process)
    }

    /// A copy that stays as it is; returns its id.
    fn freeze(&mut self, id: &str, snapshot: &str) -> String {
        let json = self.documents.get(id).cloned();
        let mut json = json.unwrap_or_else(|| panic!("there is no document {id}"));
        let number = snapshot.rsplit('-').next().unwrap_or_default();
        let frozen = format!("{id}-s-{number}-FROZE");
        json["Id"] = frozen.as_str().into();
        json["IsFrozen"] = true.into();
        let kind = match json.get("Variables") {
            Some(_) => Kind::VariableSet,
            None => Kind::RunbookProcess,
        };
        self.documents.insert(kind, json);
        frozen
    }

    /// The sets of variables of the library sets that a project includes.
    fn library_sets(&self, project: &str) -> Vec<String> {
        let project = self.documents.get(project);
        let included = project.map(|json| texts(&json["IncludedLibraryVariableSetIds"]));
        let included = included.unwrap_or_default();
        let sets = included
            .iter()
            .filter_map(|id| self.documents.text(id, "VariableSetId"));
        sets.map(str::to_owned).collect()
    }

    /// Whether a frozen copy is not what would be frozen now.
    fn is_outdated(&self, frozen: &str, now: &str) -> bool {
        let (frozen, now) = (self.documents.get(frozen), self.documents.get(now));
        let Some((frozen, now)) = frozen.zip(now) else {
            return true;
        };
        match self.readings.modified {
            Modified::ByVersion => frozen["Version"] != now["Version"],
            Modified::ByContent => {
                frozen.get("Steps") != now.get("Steps")
                    || frozen.get("Variables") != now.get("Variables")
            }
        }
    }
}

/// `runbookProcesses/{id}/runbookSnapshotTemplate` and `runbooks/{id}/runbookSnapshotTemplate`.
pub(crate) fn template(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let owner = address.owner.as_deref().unwrap_or_default();
    let runbook = owner.trim_start_matches("RunbookProcess-");
    let runbook = find(octopus, Kind::Runbook, runbook, address.space())?;
    need(octopus, caller, "RunbookView", Kind::Runbook, runbook)?;
    super::git::refuse_plain(octopus, text(runbook, "ProjectId"), Kind::Runbook)?;
    let mine = |json: &&Value| json["RunbookId"] == runbook["Id"];
    let count = octopus
        .documents
        .of(Kind::RunbookSnapshot)
        .filter(mine)
        .count();
    let process = octopus.documents.get(text(runbook, "RunbookProcessId"));
    Ok(Answer::ok(json!({
        "RunbookId": runbook["Id"],
        "NextNameIncrement": format!("Snapshot N{:0>5}", count + 1),
        "Packages": open_packages(process.unwrap_or(&Value::Null)),
        "GitResources": [],
        "Links": {},
    })))
}

/// The packages of a process whose version has to be chosen. Source: github.com/OctopusDeploy/Library 1680.
pub(crate) fn open_packages(process: &Value) -> Vec<Value> {
    let all = |json: &Value, field: &str| json[field].as_array().cloned().unwrap_or_default();
    let mut open = Vec::new();
    for action in all(process, "Steps")
        .iter()
        .flat_map(|step| all(step, "Actions"))
    {
        for package in all(&action, "Packages") {
            if !text(&package, "Version").is_empty() {
                continue;
            }
            open.push(json!({
                "ActionName": action["Name"],
                "PackageReferenceName": text(&package, "Name"),
                "FeedId": package["FeedId"],
                "PackageId": package["PackageId"],
                "FixedVersion": Value::Null,
                "IsResolvable": true,
            }));
        }
    }
    open
}

/// `runbookSnapshots/{id}/runbookRuns/template`: whether it is still current, and where it may run.
pub(crate) fn run_template(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let owner = address.owner.as_deref().unwrap_or_default();
    let snapshot = find(octopus, Kind::RunbookSnapshot, owner, address.space())?;
    need(
        octopus,
        caller,
        "RunbookView",
        Kind::RunbookSnapshot,
        snapshot,
    )?;
    let runbook = find(
        octopus,
        Kind::Runbook,
        text(snapshot, "RunbookId"),
        address.space(),
    )?;
    let project = text(snapshot, "ProjectId");
    let set = format!("variableset-{project}");
    let frozen = texts(&snapshot["LibraryVariableSetSnapshotIds"]);
    let sets = octopus.library_sets(project);
    let library = frozen.len() != sets.len()
        || frozen
            .iter()
            .zip(&sets)
            .any(|(frozen, now)| octopus.is_outdated(frozen, now));
    let mut answer = json!({
        "IsRunbookProcessModified": octopus.process_has_changed(snapshot),
        "IsVariableSetModified": octopus.is_outdated(text(snapshot, "ProjectVariableSetSnapshotId"), &set),
        "IsLibraryVariableSetModified": library,
        "PromoteTo": promote_to(octopus, caller, runbook),
        "TenantPromotions": [],
        "Links": {},
    });
    if octopus.newer.git_modified_flag {
        answer["IsGitResourceModified"] = false.into();
    }
    Ok(Answer::ok(answer))
}

fn promote_to(octopus: &Octopus, caller: &Caller, runbook: &Value) -> Vec<Value> {
    let may_run = caller.sight(octopus, "RunbookRunCreate");
    let everybody = !octopus.readings.promotes_only_where_runs_are_allowed;
    let ids = octopus.environments_of_runbook(runbook);
    let may = |id: &&String| {
        let place = Place {
            space: text(runbook, "SpaceId"),
            project: runbook["ProjectId"].as_str(),
            environments: std::slice::from_ref(id),
            tenants: &[],
        };
        everybody || may_run.reaches(octopus, &place)
    };
    let found = ids
        .iter()
        .filter(may)
        .filter_map(|id| octopus.environments.get(id));
    found
        .map(|it| json!({ "Id": it.id, "Name": it.name, "Links": {} }))
        .collect()
}
