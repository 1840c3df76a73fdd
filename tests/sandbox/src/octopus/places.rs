//! Where things are: the server itself, its spaces, environments and tenants.

use super::envelope::{link, page_or_all};
use super::layers::lay;
use super::people::{Caller, Place, Sight};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors};
use crate::http::{Answer, Call};
use serde_json::{Map, Value, json};

/// A space.
#[derive(Clone, Debug)]
pub struct Space {
    /// `Spaces-1`, ...
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `Environments-1`, ...
    pub id: String,
    /// The id of its space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// Whether what fails in it waits for a person, where project and runbook leave that to it.
    pub guided_failure: bool,
    /// Whether a change control system has its word on deployments and runbook runs in it, the project willing.
    pub change_controlled: bool,
    /// Anything else that it should say, or say otherwise: laid over the rest, at every depth.
    pub fields: Map<String, Value>,
}

impl Environment {
    /// Where it is, as far as permissions can be restricted by that.
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            space: &self.space,
            environments: std::slice::from_ref(&self.id),
            ..Place::default()
        }
    }

    /// Whether a permission reaches it.
    pub(crate) fn is_seen(&self, octopus: &Octopus, sight: &Sight) -> bool {
        sight.reaches(octopus, &self.place())
    }
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// `Tenants-1`, ...
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its tags: `Region/West`.
    pub tags: Vec<String>,
}

impl Octopus {
    /// Adds a space; returns its id.
    pub fn add_space(&mut self, name: &str) -> String {
        let id = self.next_id("Spaces");
        self.spaces.insert(
            id.clone(),
            Space {
                id: id.clone(),
                name: name.to_owned(),
            },
        );
        id
    }

    /// Adds an environment to a space; returns its id.
    pub fn add_environment(&mut self, space: &str, name: &str) -> String {
        let id = self.next_id("Environments");
        let environment = Environment {
            id: id.clone(),
            space: space.to_owned(),
            name: name.to_owned(),
            guided_failure: false,
            change_controlled: false,
            fields: Map::new(),
        };
        self.environments.insert(id.clone(), environment);
        id
    }

    /// Adds a tenant; returns its id.
    pub fn add_tenant(&mut self, name: &str, tags: &[&str]) -> String {
        let id = self.next_id("Tenants");
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self.tenants.insert(
            id.clone(),
            Tenant {
                id: id.clone(),
                name: name.to_owned(),
                tags,
            },
        );
        id
    }
}

pub(crate) fn root(octopus: &Octopus) -> Answer {
    let base = format!("{}/api", octopus.virtual_directory);
    Answer::ok(json!({
        "Application": "Octopus Deploy",
        "Version": octopus.version,
        "ApiVersion": "3.0.0",
        "InstallationId": "5a4db0c0-0000-4000-8000-000000000000",
        "IsEarlyAccessProgram": false,
        "Links": {
            "Self": base,
            "CurrentUser": format!("{base}/users/me"),
            "Spaces": format!("{base}/spaces{{/id}}{{?skip,ids,take,partialName}}"),
            "SpaceHome": format!("{base}/{{spaceId}}"),
            "Machines": format!("{base}/machines{{/id}}{{?skip,take,name,ids,partialName,roles}}"),
            "Tasks": format!("{base}/tasks{{/id}}{{?skip,active,environment,tenant,name,running,states,take,ids}}"),
        },
    }))
}

pub(crate) fn spaces(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "name", "partialName", "skip", "take"])?;
    let mut found: Vec<&Space> = octopus.spaces.values().collect();
    found.retain(|space| chosen(&query, &space.id, &space.name));
    found.sort_by_key(|space| space.name.to_lowercase());
    page_or_all(octopus, call, address, &query, "Space", &found, |space| {
        space_json(octopus, space)
    })
    .map(Answer::ok)
}

pub(crate) fn space(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let found = octopus
        .spaces
        .get(&address.id)
        .ok_or_else(|| errors::not_found(&address.id))?;
    Ok(Answer::ok(space_json(octopus, found)))
}

pub(crate) fn environments(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "name", "partialName", "skip", "take"])?;
    let mut found: Vec<&Environment> = octopus.environments.values().collect();
    let sight = caller.sight(octopus, "EnvironmentView");
    found.retain(|environment| {
        environment.space == address.space()
            && chosen(&query, &environment.id, &environment.name)
            && environment.is_seen(octopus, &sight)
    });
    found.sort_by_key(|environment| environment.name.to_lowercase());
    let render = |environment: &&Environment| environment_json(octopus, environment);
    page_or_all(
        octopus,
        call,
        address,
        &query,
        "Environment",
        &found,
        render,
    )
    .map(Answer::ok)
}

pub(crate) fn environment(
    octopus: &Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let found = find_environment(octopus, address)?;
    caller.need_at(octopus, "EnvironmentView", &found.place(), &found.id)?;
    Ok(Answer::ok(environment_json(octopus, found)))
}

/// The environment that the path names.
pub(crate) fn find_environment<'a>(
    octopus: &'a Octopus,
    address: &Address,
) -> Result<&'a Environment, Answer> {
    let found = octopus.environments.get(&address.id);
    let found = found.filter(|found| found.space == address.space());
    found.ok_or_else(|| errors::not_found(&address.id))
}

fn chosen(query: &Query, id: &str, name: &str) -> bool {
    query.any("ids", [id].into_iter())
        && query
            .text("name")
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
        && query.part("partialName", name)
}

fn space_json(octopus: &Octopus, space: &Space) -> Value {
    json!({
        "Id": space.id,
        "Name": space.name,
        "Slug": slug(&space.name),
        "Description": "",
        "IsDefault": space.id == crate::world::SPACE,
        "TaskQueueStopped": false,
        "SpaceManagersTeams": [],
        "SpaceManagersTeamMembers": [],
        "Links": {
            "Self": format!("{}/api/spaces/{}", octopus.virtual_directory, space.id),
            "SpaceHome": format!("{}/api/{}", octopus.virtual_directory, space.id),
        },
    })
}

pub(crate) fn environment_json(octopus: &Octopus, environment: &Environment) -> Value {
    let own = link(
        octopus,
        &environment.space,
        &format!("environments/{}", environment.id),
    );
    let mut extensions = Vec::new();
    if environment.change_controlled {
        // Source: `extensions` in github.com/OctopusDeploy/go-octopusdeploy.
        extensions.push(json!({
            "ExtensionId": "servicenow-integration",
            "Values": { "ServiceNowChangeControlled": true },
        }));
    }
    let mut shown = json!({
        "Id": environment.id,
        "Name": environment.name,
        "Slug": slug(&environment.name),
        "Description": "",
        "SpaceId": environment.space,
        "SortOrder": 0,
        "UseGuidedFailure": environment.guided_failure,
        "AllowDynamicInfrastructure": true,
        "EnvironmentTags": [],
        "ExtensionSettings": extensions,
        "Links": {
            "Machines": format!("{own}/machines{{?skip,take,partialName,roles,isDisabled,healthStatuses}}"),
            "SinglyScopedVariableDetails": format!("{own}/singlyScopedVariableDetails"),
            "Self": own,
        },
    });
    lay(&mut shown, &environment.fields.clone().into());
    shown
}

/// The tenants that the caller sees.
pub(crate) fn tenants(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "name", "partialName", "skip", "take"])?;
    let sight = caller.sight(octopus, "TenantView");
    let mut found: Vec<&Tenant> = octopus.tenants.values().collect();
    found.retain(|tenant| {
        let place = Place {
            space: address.space(),
            tenants: std::slice::from_ref(&tenant.id),
            ..Place::default()
        };
        chosen(&query, &tenant.id, &tenant.name) && sight.reaches(octopus, &place)
    });
    page_or_all(octopus, call, address, &query, "Tenant", &found, |tenant| {
        tenant_json(tenant)
    })
    .map(Answer::ok)
}

pub(crate) fn tenant(octopus: &Octopus, address: &Address) -> Result<Answer, Answer> {
    let found = octopus.tenants.get(&address.id);
    let found = found.ok_or_else(|| errors::not_found(&address.id))?;
    Ok(Answer::ok(tenant_json(found)))
}

fn tenant_json(tenant: &Tenant) -> Value {
    json!({
        "Id": tenant.id,
        "Name": tenant.name,
        "SpaceId": crate::world::SPACE,
        "TenantTags": tenant.tags,
        "ProjectEnvironments": {},
        "IsDisabled": false,
    })
}

/// Lower case, with hyphens for everything that is no letter or digit.
pub(crate) fn slug(name: &str) -> String {
    let letters: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    letters
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
