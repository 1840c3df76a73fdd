//! Snapshots of runbooks: what publishing freezes, and whether it is still what would be published. Source:
//! octopus.com/docs/api, "Runbook Snapshots" and "Runbook Processes".

use super::Octopus;
use super::documents::{Kind, find, need, text, texts};
use super::people::{Caller, Place};
use super::query::Query;
use super::readings::Modified;
use super::routes::Address;
use crate::clock;
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

    /// Makes a snapshot of a runbook as it is now, without publishing it; returns its id.
    pub fn snapshot(&mut self, runbook: &str) -> String {
        let octopus = &mut self.octopus;
        let json = octopus.documents.get_as(Kind::Runbook, runbook).cloned();
        let json = json.unwrap_or_else(|| panic!("there is no runbook {runbook}"));
        let project = text(&json, "ProjectId").to_owned();
        let id = octopus.next_id("RunbookSnapshots");
        let process = octopus.freeze(text(&json, "RunbookProcessId"), &id);
        let variables = octopus.freeze(&format!("variableset-{project}"), &id);
        let sets = octopus.library_sets(&project);
        let sets: Vec<String> = sets.iter().map(|set| octopus.freeze(set, &id)).collect();
        let number = id.rsplit('-').next().unwrap_or_default();
        let snapshot = json!({
            "Id": id,
            "SpaceId": json["SpaceId"],
            "ProjectId": project,
            "RunbookId": runbook,
            "Name": format!("Snapshot S{number:0>5}"),
            "Notes": "",
            "FrozenRunbookProcessId": process,
            "FrozenProjectVariableSetId": variables,
            "ProjectVariableSetSnapshotId": variables,
            "LibraryVariableSetSnapshotIds": sets,
            "SelectedPackages": [],
            "SelectedGitResources": [],
            "GitReference": Value::Null,
            "Assembled": clock::octopus(octopus.now()),
        });
        octopus.documents.insert(Kind::RunbookSnapshot, snapshot);
        id
    }
}

impl Octopus {
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
    Ok(Answer::ok(json!({
        "RunbookId": runbook["Id"],
        "NextNameIncrement": format!("Snapshot N{:0>5}", count + 1),
        "Packages": [],
        "GitResources": [],
        "Links": {},
    })))
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
    let process = text(runbook, "RunbookProcessId");
    let set = format!("variableset-{project}");
    let frozen = texts(&snapshot["LibraryVariableSetSnapshotIds"]);
    let sets = octopus.library_sets(project);
    let library = frozen.len() != sets.len()
        || frozen
            .iter()
            .zip(&sets)
            .any(|(frozen, now)| octopus.is_outdated(frozen, now));
    let mut answer = json!({
        "IsRunbookProcessModified": octopus.is_outdated(text(snapshot, "FrozenRunbookProcessId"), process),
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
