//! What is made, changed and removed of the set-up. A `PUT` takes the body for the whole: what it leaves out is cleared. Source:
//! octopus.com/docs/api, the pages of these resources; the texts of refusals that begin like the server's are from its own
//! description of 2020.5 (github.com/OctopusDeploy/go-octopusdeploy, `api/octopus_deploy.json`), the others are made up.

mod policies;
mod processes;
mod runbooks;
mod settings;
mod snapshots;
mod templates;
mod triggers;
mod variables;

pub(crate) use processes::blank_action;

use super::documents::{Kind, find, text, texts};
use super::people::Caller;
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors};
use crate::clock;
use crate::http::{Answer, Call};
use crate::matcher::Route;
use serde_json::Value;

/// One request that changes something.
pub(crate) struct Write<'a> {
    pub octopus: &'a mut Octopus,
    pub call: &'a Call,
    pub address: &'a Address,
    pub caller: &'a Caller,
}

/// Does what the request asks for.
pub(crate) fn answer(write: &mut Write<'_>) -> Result<Answer, Answer> {
    match write.address.route {
        Route::CreateMachinePolicy => policies::create(write),
        Route::PutMachinePolicy => policies::put(write),
        Route::PutEnvironment => settings::put_environment(write),
        Route::PutProject => settings::put_project(write),
        Route::PutDeploymentSettings => settings::put(write),
        Route::CreateActionTemplate => templates::create(write),
        Route::PutActionTemplate => templates::put(write),
        Route::CreateRunbook => runbooks::create(write),
        Route::PutRunbook => runbooks::put(write),
        Route::PutRunbookProcess => processes::put(write),
        Route::PutVariableSet => variables::put(write),
        Route::PutProjectVariables => variables::put_of_project(write),
        Route::CreateRunbookSnapshot => snapshots::create(write),
        Route::UpdateSnapshotVariables => snapshots::update_variables(write),
        Route::CreateTrigger => triggers::create(write),
        Route::PutTrigger => triggers::put(write),
        Route::DeleteTrigger => triggers::delete(write),
        _ => Err(errors::no_such_address(write.call)),
    }
}

impl Write<'_> {
    /// The body, of a request that has no parameters.
    pub fn body(&self) -> Result<Value, Answer> {
        Query::read(self.call, &[])?;
        body(self.octopus, self.call, self.address)
    }

    /// The id of the project that the path names, or else the body.
    pub fn project<'a>(&'a self, body: &'a Value) -> Result<&'a str, Answer> {
        let named = text(body, "ProjectId");
        let project = self.address.owner.as_deref().unwrap_or(named);
        if !named.is_empty() && named != project {
            return Err(errors::bad_request(
                "The project in the body is not the project in the address.",
            ));
        }
        if self.octopus.readings.bodies_name_their_space {
            required(body, &["ProjectId"])?;
        }
        match project {
            "" => Err(errors::bad_request("The ProjectId field is required.")),
            known if self.is_known(Kind::Project, known) => Ok(project),
            unknown => Err(unknown_ids("Project", &[unknown])),
        }
    }

    /// The document that the path names, which has to belong to the project that the path names.
    pub fn found(&self, kind: Kind) -> Result<Value, Answer> {
        let (id, space) = (self.address.id.as_str(), self.address.space());
        let found = find(self.octopus, kind, id, space)?;
        let owner = self.address.owner.as_deref();
        match owner.is_none_or(|owner| text(found, "ProjectId") == owner) {
            true => Ok(found.clone()),
            false => Err(errors::not_found(id)),
        }
    }

    /// Whether there is a document of this id in the space of the request.
    pub fn is_known(&self, kind: Kind, id: &str) -> bool {
        let found = self.octopus.documents.get_as(kind, id);
        found.is_some_and(|json| text(json, "SpaceId") == self.address.space())
    }

    /// Says who changed it, and when.
    pub fn stamp(&self, json: &mut Value) {
        let user = self.octopus.users.get(&self.caller.user);
        json["LastModifiedBy"] = user.map(|user| user.username.as_str()).into();
        json["LastModifiedOn"] = clock::octopus(self.octopus.now()).into();
    }

    /// Refuses ids of environments that the space does not have.
    pub fn known_environments(&self, ids: &Value) -> Result<(), Answer> {
        known_environments(self.octopus, self.address, ids)
    }

    /// Refuses a name that another document of the kind has, in the same space, project and runbook.
    pub fn free_name(&self, kind: Kind, json: &Value) -> Result<(), Answer> {
        let name = text(json, "Name");
        let rival = |other: &Value| {
            let same = |field: &str| other.get(field) == json.get(field);
            let near = ["SpaceId", "ProjectId", "RunbookId"].into_iter().all(same);
            near && !same("Id") && text(other, "Name").eq_ignore_ascii_case(name)
        };
        match self.octopus.documents.of(kind).any(rival) {
            true => Err(name_taken(name)),
            false => Ok(()),
        }
    }

    /// Refuses a body that was not read from what is there now. Source: "Changes to these variables could not be saved" and
    /// "Changes to this process could not be saved" begin so in the server's own description of 2020.5.
    pub fn current(&self, body: &Value, stored: &Value, what: &str) -> Result<(), Answer> {
        if body["Version"].is_null() {
            return Err(errors::bad_request("The Version field is required."));
        }
        if body["Version"] == stored["Version"] {
            return Ok(());
        }
        let mut refused = errors::bad_request(&format!(
            "Changes to {what} could not be saved, because somebody else has changed them since you read them. Please read \
             them again, and make your changes once more."
        ));
        refused.status = self.octopus.readings.stale_version;
        Err(refused)
    }
}

/// The body of a write: an object, without what the server says by itself.
pub(crate) fn body(octopus: &Octopus, call: &Call, address: &Address) -> Result<Value, Answer> {
    let mut body: Value = serde_json::from_slice(&call.body)
        .map_err(|error| errors::bad_request(&format!("The body is not valid JSON: {error}.")))?;
    let Some(fields) = body.as_object_mut() else {
        return Err(errors::bad_request("The body is not an object."));
    };
    for name in ["Links", "LastModifiedBy", "LastModifiedOn"] {
        fields.remove(name);
    }
    let differs = |name: &str, own: &str| body[name].as_str().is_some_and(|sent| sent != own);
    if !address.id.is_empty() && differs("Id", &address.id) {
        return Err(errors::bad_request(
            "The id in the body is not the id in the address.",
        ));
    }
    if differs("SpaceId", address.space()) {
        return Err(errors::bad_request(
            "The space in the body is not the space in the address.",
        ));
    }
    if octopus.readings.bodies_name_their_space {
        required(&body, &["SpaceId"])?;
    }
    Ok(body)
}

/// Refuses a body that lacks one of these, or has nothing but spaces there.
pub(crate) fn required(body: &Value, names: &[&str]) -> Result<(), Answer> {
    let lacks = |name: &&&str| match &body[**name] {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    match names.iter().find(lacks) {
        Some(name) => Err(errors::bad_request(&format!(
            "The {name} field is required."
        ))),
        None => Ok(()),
    }
}

/// Refuses a value that is none of these.
pub(crate) fn one_of(body: &Value, name: &str, known: &[&str]) -> Result<(), Answer> {
    let value = &body[name];
    match value.as_str().is_some_and(|value| known.contains(&value)) {
        true => Ok(()),
        false => Err(errors::bad_request(&format!(
            "The value {value} is not valid for {name}."
        ))),
    }
}

/// What is sent, over what is cleared or reset where nothing is sent.
pub(crate) fn over(mut blank: Value, body: &Value) -> Value {
    for (name, value) in body.as_object().into_iter().flatten() {
        blank[name] = value.clone();
    }
    blank
}

/// Refuses ids of environments that the space of the request does not have.
pub(crate) fn known_environments(
    octopus: &Octopus,
    address: &Address,
    ids: &Value,
) -> Result<(), Answer> {
    let ids = texts(ids);
    let is_known = |id: &&String| {
        let found = octopus.environments.get(*id);
        found.is_some_and(|found| found.space == address.space())
    };
    match ids.iter().find(|id| !is_known(id)) {
        Some(unknown) => Err(unknown_ids("Environment", &[unknown])),
        None => Ok(()),
    }
}

/// Source for the words: "The following Feed Ids cannot be found" in the server's own description of 2020.5.
pub(crate) fn unknown_ids(what: &str, ids: &[&str]) -> Answer {
    errors::bad_request(&format!(
        "The following {what} Ids cannot be found: {}",
        ids.join(", ")
    ))
}

pub(crate) fn name_taken(name: &str) -> Answer {
    errors::bad_request(&format!(
        "The name '{name}' is in use already. Please choose another name."
    ))
}

pub(crate) fn created(json: Value) -> Answer {
    Answer::json(201, json)
}
