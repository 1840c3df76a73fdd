//! Sets of variables, and who sees what of them. Source: octopus.com/docs/api, "Variables"; octopus.com/docs, "Security and
//! un-scoped variables"; help.octopus.com/t/26613; github.com/OctopusDeploy/Issues 4417 and 6119.

use super::documents::{Kind, find, need, text, texts};
use super::people::{Caller, Place, Sight};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors, git};
use crate::http::{Answer, Call};
use serde_json::{Value, json};

/// `variables/{id}`: of a project, a library set, or what a snapshot froze of one.
pub(crate) fn set(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let set = find(octopus, Kind::VariableSet, &address.id, address.space())?;
    let project = text(set, "OwnerId");
    let is_frozen = set["IsFrozen"] == true;
    if !is_frozen && git::has(octopus, project, Kind::VariableSet) {
        if !octopus.readings.git_variable_set_has_the_secrets {
            return Err(git::refusal(octopus));
        }
        return shown(octopus, caller, set, is_secret).map(Answer::ok);
    }
    shown(octopus, caller, set, |_| true).map(Answer::ok)
}

/// `projects/{id}/variables`. Of a project whose variables are in Git it has the secrets, which are not.
pub(crate) fn of_project(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    if !octopus.newer.project_variables {
        return Err(errors::unknown_question());
    }
    let owner = address.owner.as_deref().unwrap_or_default();
    let project = find(octopus, Kind::Project, owner, address.space())?;
    let set = find(
        octopus,
        Kind::VariableSet,
        text(project, "VariableSetId"),
        address.space(),
    )?;
    let in_git = git::has(octopus, text(project, "Id"), Kind::VariableSet);
    shown(octopus, caller, set, |variable| {
        !in_git || is_secret(variable)
    })
    .map(Answer::ok)
}

/// The variables of a project on a branch: all but the secrets.
pub(crate) fn on_branch(
    octopus: &Octopus,
    caller: &Caller,
    project: &str,
) -> Result<Answer, Answer> {
    let id = octopus
        .documents
        .text(project, "VariableSetId")
        .unwrap_or_default();
    let set = octopus.documents.get_as(Kind::VariableSet, id);
    let set = set.ok_or_else(|| errors::not_found(id))?;
    shown(octopus, caller, set, |variable| !is_secret(variable)).map(Answer::ok)
}

pub(crate) fn is_secret(variable: &Value) -> bool {
    variable["IsSensitive"] == true
}

/// The set with what the caller may see of it, and without a word about the rest.
pub(crate) fn shown(
    octopus: &Octopus,
    caller: &Caller,
    set: &Value,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Value, Answer> {
    let owner = text(set, "OwnerId");
    let view = Reach::to_see(octopus, caller, set)?;
    let mut shown = set.clone();
    let variables = set["Variables"].as_array().into_iter().flatten();
    let variables =
        variables.filter(|variable| wanted(variable) && view.reaches(octopus, variable));
    let variables: Vec<Value> = variables.map(without_secret).collect();
    shown["Variables"] = variables.into();
    shown["ScopeValues"] = scope_values(octopus, owner);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("ProjectId");
        fields.remove("IsFrozen");
    }
    Ok(shown)
}

/// A variable as it is shown.
pub(crate) fn without_secret(variable: &Value) -> Value {
    let mut shown = variable.clone();
    if is_secret(variable) {
        shown["Value"] = Value::Null;
    }
    shown
}

/// How far one caller reaches into one set, to see or to change.
pub(crate) struct Reach<'a> {
    place: Place<'a>,
    /// Library sets show all to who may see them.
    library: bool,
    scoped: Sight,
    unscoped: Sight,
}

impl<'a> Reach<'a> {
    /// Refuses who sees nothing of it.
    pub fn to_see(octopus: &Octopus, caller: &Caller, set: &'a Value) -> Result<Self, Answer> {
        let reach = Self::of(
            octopus,
            caller,
            set,
            ["VariableView", "VariableViewUnscoped"],
        );
        let library = "LibraryVariableSetView";
        if reach.library {
            need(octopus, caller, library, Kind::VariableSet, set)?;
            return Ok(reach);
        }
        reach.or_refuse(octopus, caller, "VariableView")
    }

    /// Refuses who can change nothing of it. Nobody changes library sets here.
    pub fn to_edit(octopus: &Octopus, caller: &Caller, set: &'a Value) -> Result<Self, Answer> {
        let reach = Self::of(
            octopus,
            caller,
            set,
            ["VariableEdit", "VariableEditUnscoped"],
        );
        match reach.library {
            true => Err(errors::missing_permission("LibraryVariableSetEdit")),
            false => reach.or_refuse(octopus, caller, "VariableEdit"),
        }
    }

    fn of(octopus: &Octopus, caller: &Caller, set: &'a Value, permissions: [&str; 2]) -> Self {
        let owner = text(set, "OwnerId");
        Self {
            place: Place {
                space: text(set, "SpaceId"),
                project: Some(owner),
                ..Place::default()
            },
            library: owner.starts_with("LibraryVariableSets-"),
            scoped: caller.sight(octopus, permissions[0]),
            unscoped: caller.sight(octopus, permissions[1]),
        }
    }

    fn or_refuse(
        self,
        octopus: &Octopus,
        caller: &Caller,
        permission: &str,
    ) -> Result<Self, Answer> {
        caller.need(octopus, permission, self.place.space)?;
        match self.scoped.reaches_somewhere(octopus, &self.place) {
            true => Ok(self),
            false => Err(errors::missing_permission(permission)),
        }
    }

    /// A variable of several environments is reached by who reaches all of them. One of no environment, or of a machine, needs
    /// a permission that no environment limits.
    pub fn reaches(&self, octopus: &Octopus, variable: &Value) -> bool {
        let environments = texts(&variable["Scope"]["Environment"]);
        let machines = texts(&variable["Scope"]["Machine"]);
        let free = || {
            self.scoped
                .reaches_in_every_environment(octopus, &self.place)
        };
        if self.library {
            return true;
        }
        if !machines.is_empty() {
            return free();
        }
        if environments.is_empty() {
            return free() || self.unscoped.reaches(octopus, &self.place);
        }
        let place = Place {
            environments: &environments,
            ..self.place
        };
        self.scoped.reaches_all(octopus, &place)
    }
}

/// What the editor of variables offers as scopes.
fn scope_values(octopus: &Octopus, project: &str) -> Value {
    let named = |json: &Value| json!({ "Id": json["Id"], "Name": json["Name"] });
    let environments = octopus.environments.values();
    let runbooks = octopus.documents.of(Kind::Runbook);
    let runbooks = runbooks.filter(|runbook| text(runbook, "ProjectId") == project);
    json!({
        "Environments": environments.map(|it| json!({ "Id": it.id, "Name": it.name })).collect::<Vec<_>>(),
        "Machines": [],
        "Actions": [],
        "Roles": [],
        "Channels": [],
        "TenantTags": [],
        "Processes": runbooks.map(named).collect::<Vec<_>>(),
    })
}
