//! Version-controlled projects, in their three stages: the process and the deployment settings, then the variables too, then
//! the runbooks too. Source: octopus.com/docs, "Config as Code reference"; github.com/OctopusDeploy/Issues 9249, 9271, 9450.

use super::documents::{Kind, find, need, text};
use super::people::Caller;
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors, projects, runbooks, variables};
use crate::http::{Answer, Call};
use crate::matcher::Route;
use crate::world::World;
use serde_json::{Value, json};

/// How much of a project is in Git. Each stage has what the one before has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GitStage {
    /// The deployment process and the deployment settings (2022.1).
    Process,
    /// The variables, but for the secrets (2022.3.10382).
    Variables,
    /// The runbooks (2025.1.9882).
    Runbooks,
}

/// The branch that schedules run.
const BRANCH: &str = "main";

impl World {
    /// Converts a project to Git. Once its runbooks are there, nothing is published any more, and a runbook that was never
    /// published is a draft in a folder which Octopus does not read.
    pub fn convert_to_git(&mut self, project: &str, stage: GitStage) {
        let knows_the_last = self.octopus.newer.runbooks_in_git || stage == GitStage::Runbooks;
        self.edit(project, |project| {
            project["IsVersionControlled"] = true.into();
            project["PersistenceSettings"] = json!({
                "Type": "VersionControlled",
                "Url": "https://git.example.com/todo.git",
                "BasePath": ".octopus",
                "DefaultBranch": BRANCH,
                "ProtectedBranchNamePatterns": [],
                "ConversionState": {
                    "VariablesAreInGit": stage >= GitStage::Variables,
                    "RunbooksAreInGit": stage >= GitStage::Runbooks,
                },
            });
            if let Some(state) = project["PersistenceSettings"]["ConversionState"].as_object_mut()
                && !knows_the_last
            {
                state.remove("RunbooksAreInGit");
            }
        });
        if stage == GitStage::Runbooks {
            self.octopus.convert_runbooks(project);
        }
    }
}

impl Octopus {
    fn convert_runbooks(&mut self, project: &str) {
        let mine = |json: &&Value| text(json, "ProjectId") == project;
        let runbooks = self.documents.of(Kind::Runbook).filter(mine);
        let runbooks: Vec<(String, String)> = runbooks
            .map(|json| (text(json, "Id").to_owned(), text(json, "Slug").to_owned()))
            .collect();
        let triggers = self.documents.of(Kind::Trigger).filter(mine);
        let triggers: Vec<String> = triggers.map(|json| text(json, "Id").to_owned()).collect();
        for (id, slug) in runbooks {
            if self
                .documents
                .text(&id, "PublishedRunbookSnapshotId")
                .is_none()
            {
                self.documents.remove(&id);
                continue;
            }
            self.documents.edit(&id, |runbook| {
                runbook["PublishedRunbookSnapshotId"] = Value::Null
            });
            if !self.readings.git_triggers_name_slugs {
                continue;
            }
            for trigger in &triggers {
                self.documents.edit(trigger, |trigger| {
                    if trigger["Action"]["RunbookId"] == id.as_str() {
                        trigger["Action"]["RunbookId"] = slug.as_str().into();
                    }
                });
            }
        }
    }
}

/// How much of a project is in Git.
fn stage(octopus: &Octopus, project: &str) -> Option<GitStage> {
    let settings = octopus
        .documents
        .get_as(Kind::Project, project)?
        .get("PersistenceSettings")?;
    if text(settings, "Type") != "VersionControlled" {
        return None;
    }
    let state = &settings["ConversionState"];
    let has = |name: &str| state[name].as_bool().unwrap_or(false);
    Some(match (has("RunbooksAreInGit"), has("VariablesAreInGit")) {
        (true, _) => GitStage::Runbooks,
        (false, true) => GitStage::Variables,
        (false, false) => GitStage::Process,
    })
}

/// From which stage on a kind is in Git. Triggers, names and secrets never are.
fn goes_at(kind: Kind) -> Option<GitStage> {
    match kind {
        Kind::DeploymentSettings | Kind::DeploymentProcess => Some(GitStage::Process),
        Kind::VariableSet => Some(GitStage::Variables),
        Kind::Runbook | Kind::RunbookProcess | Kind::RunbookSnapshot => Some(GitStage::Runbooks),
        _ => None,
    }
}

/// Whether this kind of thing of a project is in Git.
pub(crate) fn has(octopus: &Octopus, project: &str, kind: Kind) -> bool {
    let begins = goes_at(kind).zip(stage(octopus, project));
    begins.is_some_and(|(begins, stage)| stage >= begins)
}

/// Whether a document is in Git, and so beyond the plain routes.
pub(crate) fn is_in_git(octopus: &Octopus, kind: Kind, json: &Value) -> bool {
    has(octopus, text(json, "ProjectId"), kind)
}

/// Refuses a plain route where the project has this kind of thing in Git.
pub(crate) fn refuse_plain(octopus: &Octopus, project: &str, kind: Kind) -> Result<(), Answer> {
    match has(octopus, project, kind) {
        true => Err(refusal(octopus)),
        false => Ok(()),
    }
}

/// Source for the words: github.com/OctopusDeploy/Issues, 9249.
pub(crate) fn refusal(octopus: &Octopus) -> Answer {
    errors::error(
        octopus.readings.git_refusal,
        "Attempted to access a version-controlled resource on a non-version control route.",
    )
}

/// What is below `projects/{id}/{gitRef}`. There is one branch; another name, or a project without Git, is not found.
pub(crate) fn on_branch(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let owner = address.owner.as_deref().unwrap_or_default();
    let branch = address.branch.as_deref().unwrap_or_default();
    let project = find(octopus, Kind::Project, owner, address.space())?;
    need(octopus, caller, "ProjectView", Kind::Project, project)?;
    let id = text(project, "Id");
    let kind = match address.route {
        Route::DeploymentSettings => Kind::DeploymentSettings,
        Route::DeploymentProcess => Kind::DeploymentProcess,
        Route::ProjectVariables => Kind::VariableSet,
        Route::RunbookProcess => Kind::RunbookProcess,
        _ => Kind::Runbook,
    };
    let known = branch == BRANCH || branch == format!("refs/heads/{BRANCH}");
    if !known || !has(octopus, id, kind) {
        return Err(errors::not_found(branch));
    }
    match address.route {
        Route::DeploymentSettings => projects::settings_of(octopus, id).map(Answer::ok),
        Route::DeploymentProcess => projects::process_of(octopus, caller, project),
        Route::ProjectVariables => variables::on_branch(octopus, caller, id),
        Route::RunbookProcess => runbooks::process_on_branch(octopus, caller, address, id),
        Route::Runbooks => runbooks::list_on_branch(octopus, call, address, caller, id),
        _ => runbooks::one_on_branch(octopus, caller, address, id),
    }
}

/// A listing of a branch knows no filters here.
pub(crate) fn query(call: &Call) -> Result<Query, Answer> {
    Query::read(call, &["partialName", "skip", "take"])
}
