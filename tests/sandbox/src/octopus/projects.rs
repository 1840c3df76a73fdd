//! Projects, with what each has from the start: a process, settings, variables. Source: octopus.com/docs/api, "Projects" and
//! "Deployment Settings".

use super::documents::{Kind, find, need, text};
use super::people::Caller;
use super::places::slug;
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors, git, runbooks};
use crate::http::{Answer, Call};
use crate::world::SPACE;
use serde_json::{Value, json};

impl Octopus {
    /// Adds a project; returns its id.
    pub fn add_project(&mut self, name: &str) -> String {
        let id = self.next_id("Projects");
        let group = self.first_or_new(Kind::ProjectGroup, "ProjectGroups", "Default Project Group");
        let lifecycle = self.first_or_new(Kind::Lifecycle, "Lifecycles", "Default Lifecycle");
        self.documents.insert(
            Kind::Project,
            json!({
                "Id": id,
                "SpaceId": SPACE,
                "Name": name,
                "Slug": slug(name),
                "Description": "",
                "IsDisabled": false,
                "IsVersionControlled": false,
                "ProjectGroupId": group,
                "LifecycleId": lifecycle,
                "VariableSetId": format!("variableset-{id}"),
                "DeploymentProcessId": format!("deploymentprocess-{id}"),
                "IncludedLibraryVariableSetIds": [],
                "TenantedDeploymentMode": "Untenanted",
                "DefaultToSkipIfAlreadyInstalled": false,
                "AutoCreateRelease": false,
                "PersistenceSettings": { "Type": "Database" },
                "ExtensionSettings": [],
                "Templates": [],
                "ClonedFromProjectId": Value::Null,
            }),
        );
        self.add_parts_of_project(&id);
        id
    }

    fn add_parts_of_project(&mut self, id: &str) {
        self.documents.insert(
            Kind::DeploymentSettings,
            json!({
                "Id": format!("deploymentsettings-{id}"),
                "SpaceId": SPACE,
                "ProjectId": id,
                "DefaultGuidedFailureMode": "EnvironmentDefault",
                "ConnectivityPolicy": {
                    "SkipMachineBehavior": "None",
                    "TargetRoles": [],
                    "AllowDeploymentsToNoTargets": false,
                    "ExcludeUnhealthyTargets": false,
                },
                "VersioningStrategy": { "Template": "#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}" },
                "ReleaseNotesTemplate": Value::Null,
                "DeploymentChangesTemplate": Value::Null,
                "ForcePackageDownload": false,
            }),
        );
        self.documents.insert(
            Kind::DeploymentProcess,
            json!({
                "Id": format!("deploymentprocess-{id}"),
                "SpaceId": SPACE,
                "ProjectId": id,
                "Version": 0,
                "LastSnapshotId": Value::Null,
                "Steps": [],
            }),
        );
        self.add_variable_set(id);
    }

    /// Adds an empty set of variables that belongs to this.
    pub(crate) fn add_variable_set(&mut self, owner: &str) {
        self.documents.insert(
            Kind::VariableSet,
            json!({
                "Id": format!("variableset-{owner}"),
                "SpaceId": SPACE,
                "OwnerId": owner,
                "Version": 0,
                "Variables": [],
            }),
        );
    }

    /// The id of the first document of a kind, or of a new one of this name.
    pub(crate) fn first_or_new(&mut self, kind: Kind, ids: &'static str, name: &str) -> String {
        let first = self.documents.of(kind).next();
        if let Some(first) = first {
            return text(first, "Id").to_owned();
        }
        let id = self.next_id(ids);
        let mut json = json!({ "Id": id, "SpaceId": SPACE, "Name": name, "Description": "" });
        if kind == Kind::Lifecycle {
            json["Phases"] = json!([]);
        }
        self.documents.insert(kind, json);
        id
    }
}

/// Servers of 2020 have the guided failure mode here; later ones in the deployment settings.
pub(crate) fn shown(octopus: &Octopus, project: &Value) -> Value {
    let mut shown = project.clone();
    if !octopus.newer.deployment_settings {
        let settings = format!("deploymentsettings-{}", text(project, "Id"));
        let mode = octopus
            .documents
            .text(&settings, "DefaultGuidedFailureMode");
        shown["DefaultGuidedFailureMode"] = mode.into();
    }
    shown
}

/// `projects/{id}/deploymentsettings`: `ProjectView` to read.
pub(crate) fn settings(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let owner = address.owner.as_deref().unwrap_or_default();
    let project = find(octopus, Kind::Project, owner, address.space())?;
    need(octopus, caller, "ProjectView", Kind::Project, project)?;
    if !octopus.newer.deployment_settings {
        return Err(errors::unknown_question());
    }
    if octopus.readings.settings_need_process_view {
        need(octopus, caller, "ProcessView", Kind::Project, project)?;
    }
    git::refuse_plain(octopus, text(project, "Id"), Kind::DeploymentSettings)?;
    settings_of(octopus, text(project, "Id")).map(Answer::ok)
}

pub(crate) fn settings_of(octopus: &Octopus, project: &str) -> Result<Value, Answer> {
    let id = format!("deploymentsettings-{project}");
    let found = octopus.documents.get(&id).cloned();
    found.ok_or_else(|| errors::not_found(&id))
}

/// `projects/{id}/{gitRef}/deploymentprocesses`.
pub(crate) fn process_of(
    octopus: &Octopus,
    caller: &Caller,
    project: &Value,
) -> Result<Answer, Answer> {
    let (id, space) = (
        text(project, "DeploymentProcessId"),
        text(project, "SpaceId"),
    );
    let process = find(octopus, Kind::DeploymentProcess, id, space)?;
    let kind = Kind::DeploymentProcess;
    need(octopus, caller, "ProcessView", kind, process)?;
    Ok(Answer::ok(runbooks::process_shown(octopus, process)))
}

/// `deploymentprocesses/{id}` and `projects/{id}/deploymentprocesses`.
pub(crate) fn process(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let id = match &address.owner {
        Some(project) => {
            let project = find(octopus, Kind::Project, project, address.space())?;
            text(project, "DeploymentProcessId")
        }
        None => address.id.as_str(),
    };
    let process = find(octopus, Kind::DeploymentProcess, id, address.space())?;
    need(
        octopus,
        caller,
        "ProcessView",
        Kind::DeploymentProcess,
        process,
    )?;
    git::refuse_plain(octopus, text(process, "ProjectId"), Kind::DeploymentProcess)?;
    Ok(Answer::ok(runbooks::process_shown(octopus, process)))
}
