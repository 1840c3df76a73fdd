//! Step templates, their versions, and which steps use them. Source: octopus.com/docs/api, "Action Templates"; the provider
//! for Terraform (an earlier version answers with an id of its own); github.com/OctopusDeploy/Issues 9185 (numbers from 0).

use super::documents::{Kind, find, shown as document, text};
use super::people::{Caller, Place};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors, git, properties};
use crate::http::{Answer, Call};
use crate::world::{SPACE, World};
use serde_json::{Value, json};

impl Octopus {
    /// Imports a step template from the JSON that an export is; the server numbers its versions itself. Returns its id.
    pub fn import_template(&mut self, export: &Value) -> String {
        let mut json = export.clone();
        drop_marks(&mut json);
        json["SpaceId"] = SPACE.into();
        json["Version"] = 0.into();
        self.add_template(json)
    }

    /// Keeps a new step template; returns its id.
    pub(crate) fn add_template(&mut self, mut json: Value) -> String {
        let id = self.next_id("ActionTemplates");
        json["Id"] = id.as_str().into();
        self.documents.insert(Kind::ActionTemplate, json);
        id
    }

    /// Saves a step template under the next number. What it was stays as an earlier version.
    pub(crate) fn save_template(&mut self, id: &str, mut json: Value) {
        let was = self.documents.get_as(Kind::ActionTemplate, id).cloned();
        let mut was = was.unwrap_or_else(|| panic!("there is no step template {id}"));
        let version = was["Version"].as_u64().unwrap_or(0);
        was["Id"] = version_id(id, version).into();
        self.documents.insert(Kind::ActionTemplateVersion, was);
        json["Version"] = (version + 1).into();
        self.documents.insert(Kind::ActionTemplate, json);
    }
}

impl World {
    /// Saves a step template with a change. What it was stays as an earlier version; steps that use it stay as they are.
    pub fn update_template(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut json = self.document(id).clone();
        change(&mut json);
        self.octopus.save_template(id, json);
    }
}

/// Takes out what an export has besides the template.
pub(crate) fn drop_marks(json: &mut Value) {
    if let Some(fields) = json.as_object_mut() {
        for name in ["$Meta", "LastModifiedBy", "Category"] {
            fields.remove(name);
        }
    }
}

/// The id of an earlier version, which is not that of the template.
pub(crate) fn version_id(id: &str, version: u64) -> String {
    format!(
        "{}-{version}",
        id.replace("ActionTemplates", "ActionTemplateVersions")
    )
}

/// Sensitive defaults are objects that say whether there is one.
pub(crate) fn shown(octopus: &Octopus, json: &Value) -> Value {
    let mut shown = json.clone();
    properties::show(octopus, &mut shown["Properties"]);
    let parameters = shown["Parameters"].as_array_mut().into_iter().flatten();
    for parameter in parameters {
        let secret = parameter["DefaultValue"]["NewValue"].is_string();
        if secret {
            parameter["DefaultValue"] = properties::hidden();
        }
    }
    shown
}

/// `actiontemplates/{id}/versions/{number}`.
pub(crate) fn version(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let owner = address.owner.as_deref().unwrap_or_default();
    let newest = find(octopus, Kind::ActionTemplate, owner, address.space())?;
    let unknown = || errors::not_found(&address.id);
    let number: u64 = address.id.parse().map_err(|_| unknown())?;
    if newest["Version"].as_u64() == Some(number) {
        return Ok(Answer::ok(document(octopus, Kind::ActionTemplate, newest)));
    }
    let id = version_id(owner, number);
    let earlier = octopus.documents.get_as(Kind::ActionTemplateVersion, &id);
    let earlier = earlier.ok_or_else(unknown)?;
    Ok(Answer::ok(document(
        octopus,
        Kind::ActionTemplateVersion,
        earlier,
    )))
}

/// `actiontemplates/{id}/usage`: the steps in drafts, not those that snapshots froze, of the projects that the caller sees.
pub(crate) fn usage(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let owner = address.owner.as_deref().unwrap_or_default();
    find(octopus, Kind::ActionTemplate, owner, address.space())?;
    let sight = caller.sight(octopus, "ProjectView");
    let seen = |process: &&Value| {
        let place = Place {
            space: address.space(),
            project: process["ProjectId"].as_str(),
            ..Place::default()
        };
        process["IsFrozen"] != true && sight.reaches(octopus, &place)
    };
    let runbooks = octopus.documents.of(Kind::RunbookProcess);
    let all = runbooks.chain(octopus.documents.of(Kind::DeploymentProcess));
    let rows = all
        .filter(seen)
        .flat_map(|process| rows(octopus, process, owner));
    Ok(Answer::ok(rows.collect()))
}

fn rows(octopus: &Octopus, process: &Value, template: &str) -> Vec<Value> {
    let project = text(process, "ProjectId");
    let runbook = process["RunbookId"].as_str();
    let name = |id: &str| octopus.documents.text(id, "Name").map(str::to_owned);
    let kind = runbook.map_or(Kind::DeploymentProcess, |_| Kind::RunbookProcess);
    let branch = git::has(octopus, project, kind).then_some("main");
    let mut rows = Vec::new();
    for step in process["Steps"].as_array().into_iter().flatten() {
        for action in step["Actions"].as_array().into_iter().flatten() {
            if action["Properties"]["Octopus.Action.Template.Id"] != template {
                continue;
            }
            rows.push(json!({
                "ActionTemplateId": template,
                "ProcessType": if runbook.is_some() { "Runbook" } else { "Deployment" },
                "ProcessId": process["Id"],
                "ProjectId": project,
                "ProjectName": name(project),
                "RunbookId": runbook,
                "RunbookName": runbook.and_then(name),
                "StepId": step["Id"],
                "StepName": step["Name"],
                "ActionId": action["Id"],
                "ActionName": action["Name"],
                "Version": action["Properties"]["Octopus.Action.Template.Version"],
                "Branch": branch,
                "Release": Value::Null,
            }));
        }
    }
    rows
}
