//! Deployment targets over HTTP. Source: octopus.com/docs/api, "Deployment Targets".

mod shown;

pub(crate) use shown::{listed, to_json};

use super::envelope::{page, page_of};
use super::people::{Caller, Place};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, Target, errors, policies, writes};
use crate::http::{Answer, Call};
use crate::matcher::Route;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const FILTERS: [&str; 19] = [
    "commStyles",
    "deploymentTargetTypes",
    "environmentIds",
    "healthStatuses",
    "ids",
    "isDisabled",
    "name",
    "operatingSystemNames",
    "partialName",
    "roles",
    "shellNames",
    "skip",
    "take",
    "targetTags",
    "tenantIds",
    "tenantTags",
    "thumbprint",
    "deploymentId",
    "healthStatus",
];

pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &FILTERS)?;
    let disabled = query.boolean("isDisabled")?;
    let mut found = seen(octopus, address, caller);
    found.retain(|target| {
        disabled.is_none_or(|wanted| wanted == target.disabled) && chosen(&query, target)
    });
    sort_by_name(&mut found);
    page(octopus, call, &query, "Machine", &found, |target| {
        listed(octopus, target)
    })
    .map(Answer::ok)
}

/// The targets of the space that the caller sees; a list says nothing of others.
fn seen<'a>(octopus: &'a Octopus, address: &Address, caller: &Caller) -> Vec<&'a Target> {
    let sight = caller.sight(octopus, "MachineView");
    let all = octopus.targets.values();
    let seen = all.filter(|target| {
        let here = target.space == address.space();
        here && (sight.is_free() || sight.reaches(octopus, &place(target)))
    });
    seen.collect()
}

/// Where a target is, as far as permissions can be restricted by that.
pub(crate) fn place(target: &Target) -> Place<'_> {
    Place {
        space: &target.space,
        project: None,
        environments: &target.environments,
        tenants: &target.tenants,
    }
}

/// Those of one environment or of one policy; of an environment come twenty to a page.
pub(crate) fn nested(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &FILTERS)?;
    let of_environment = address.route == Route::EnvironmentMachines;
    let known = match of_environment {
        true => octopus.environments.contains_key(&address.id),
        false => octopus.machine_policies.contains_key(&address.id),
    };
    if !known {
        return Err(errors::not_found(&address.id));
    }
    let mut found = seen(octopus, address, caller);
    found.retain(|target| match of_environment {
        true => target.environments.contains(&address.id) && chosen(&query, target),
        false => target.policy == address.id && chosen(&query, target),
    });
    sort_by_name(&mut found);
    let usual = if of_environment { 20 } else { 30 };
    page_of(
        octopus,
        call,
        &query,
        ("Machine", usual),
        &found,
        |target| listed(octopus, target),
    )
    .map(Answer::ok)
}

pub(crate) fn all(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "thumbprint"])?;
    let mut found = seen(octopus, address, caller);
    found.retain(|target| chosen(&query, target));
    sort_by_name(&mut found);
    Ok(Answer::ok(
        found
            .into_iter()
            .map(|target| listed(octopus, target))
            .collect(),
    ))
}

fn sort_by_name(targets: &mut [&Target]) {
    targets.sort_by_cached_key(|target| target.name.to_lowercase());
}

/// A list of roles, environments and so on means any of them.
fn chosen(query: &Query, target: &Target) -> bool {
    let roles = || target.roles.iter().map(String::as_str);
    query.any("ids", [target.id.as_str()].into_iter())
        && query.any(
            "environmentIds",
            target.environments.iter().map(String::as_str),
        )
        && query.any("roles", roles())
        && query.any("targetTags", roles())
        && query.any("tenantIds", target.tenants.iter().map(String::as_str))
        && query.any("tenantTags", target.tenant_tags.iter().map(String::as_str))
        && query.any("commStyles", [target.style.as_str()].into_iter())
        && query.any("healthStatuses", [target.listed_health()].into_iter())
        && query
            .text("name")
            .is_none_or(|name| name.eq_ignore_ascii_case(&target.name))
        && query
            .text("thumbprint")
            .is_none_or(|wanted| target.thumbprint.as_deref() == Some(wanted))
        && query.part("partialName", &target.name)
}

pub(crate) fn find<'a>(octopus: &'a Octopus, address: &Address) -> Result<&'a Target, Answer> {
    let found = octopus
        .targets
        .get(&address.id)
        .filter(|target| target.space == address.space());
    found.ok_or_else(|| errors::not_found(&address.id))
}

pub(crate) fn get(octopus: &Octopus, address: &Address, caller: &Caller) -> Result<Answer, Answer> {
    let target = find(octopus, address)?;
    caller.need_at(octopus, "MachineView", &place(target), &target.id)?;
    Ok(Answer::ok(to_json(octopus, target)))
}

/// Whether a change of the target is within a permission: in all of its environments, or in one.
fn may_change(
    octopus: &Octopus,
    caller: &Caller,
    permission: &str,
    target: &Target,
) -> Result<(), Answer> {
    let sight = caller.sight(octopus, permission);
    let may = match octopus.readings.changes_need_every_environment {
        true => sight.reaches_all(octopus, &place(target)),
        false => sight.reaches(octopus, &place(target)),
    };
    match may {
        true => Ok(()),
        false => Err(errors::missing_permission(permission)),
    }
}

/// Whether somebody may have this target tested: it is enough to edit it in one environment.
pub(crate) fn may_test(octopus: &Octopus, caller: &Caller, target: &str) -> bool {
    let target = octopus.targets.get(target);
    let sight = caller.sight(octopus, "MachineEdit");
    target.is_none_or(|target| sight.reaches(octopus, &place(target)))
}

pub(crate) fn delete(
    octopus: &mut Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let target = find(octopus, address)?;
    may_change(octopus, caller, "MachineDelete", target)?;
    let id = target.id.clone();
    octopus.targets.remove(&id);
    Ok(Answer::ok(json!({})))
}

/// Takes the whole resource. What the body leaves out is emptied, and what it must have is asked for. A target that names no
/// policy gets the default one. Source: octopus.com/docs/api, "Deployment Targets".
pub(crate) fn put(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let mut changed = find(octopus, address)?.clone();
    may_change(octopus, caller, "MachineEdit", &changed)?;
    let body = writes::body(octopus, call, address)?;
    changed.policy = policies::default(octopus, &changed.space);
    apply(&mut changed, body.as_object().unwrap_or(&Map::new()))?;
    if !octopus.machine_policies.contains_key(&changed.policy) {
        return Err(writes::unknown_ids("Machine Policy", &[&changed.policy]));
    }
    writes::known_environments(octopus, address, &body["EnvironmentIds"])?;
    may_change(octopus, caller, "MachineEdit", &changed)?;
    let answer = to_json(octopus, &changed);
    octopus.targets.insert(changed.id.clone(), changed);
    Ok(Answer::ok(answer))
}

/// Its policy is as it is where the body names none.
fn apply(target: &mut Target, body: &Map<String, Value>) -> Result<(), Answer> {
    let required = |name: &str| {
        let value = body.get(name).filter(|value| !value.is_null());
        value.ok_or_else(|| errors::bad_request(&format!("The {name} field is required.")))
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    target.name = required("Name")?.as_str().unwrap_or_default().to_owned();
    target.environments = texts(required("EnvironmentIds")?);
    target.roles = texts(required("Roles")?);
    let style = required("Endpoint")?
        .get("CommunicationStyle")
        .and_then(Value::as_str);
    target.style = style
        .ok_or_else(|| errors::bad_request("The endpoint has no communication style."))?
        .to_owned();
    target.tenants = body.get("TenantIds").map(texts).unwrap_or_default();
    target.tenant_tags = body.get("TenantTags").map(texts).unwrap_or_default();
    target.participation =
        text("TenantedDeploymentParticipation").unwrap_or_else(|| "Untenanted".to_owned());
    target.disabled = body
        .get("IsDisabled")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    target.thumbprint = text("Thumbprint");
    target.uri = text("Uri");
    if let Some(policy) = text("MachinePolicyId") {
        target.policy = policy;
    }
    target.extra = body
        .iter()
        .filter(|(name, _)| !known(name))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    if target.name.is_empty() || target.environments.is_empty() || target.roles.is_empty() {
        return Err(errors::bad_request(
            "A target needs a name, an environment and a role.",
        ));
    }
    Ok(())
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Source: octopus.com/docs/api, "Deployment Targets", the last but one request on that page.
pub(crate) fn scoped_variables(
    octopus: &Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    if !octopus.knows_scoped_variables {
        return Err(errors::unknown_question());
    }
    let target = find(octopus, address)?;
    let may = |name: &str| {
        let sight = caller.sight(octopus, name);
        sight.reaches_into(address.space())
    };
    let (sees_library, sees_projects) = (may("LibraryVariableSetView"), may("VariableView"));
    let of_library = |owner: &str| owner.starts_with("LibraryVariableSets-");
    let owners = || target.scoped_variables.keys();
    let seen: BTreeMap<_, _> = target
        .scoped_variables
        .iter()
        .filter(|(owner, _)| {
            if of_library(owner) {
                sees_library
            } else {
                sees_projects
            }
        })
        .collect();
    let unseen_library = !sees_library && owners().any(|owner| of_library(owner));
    let unseen_projects = !sees_projects && owners().any(|owner| !of_library(owner));
    let details = json!({
        "HasUnauthorizedLibraryVariableSetVariables": target.hidden_library_variables || unseen_library,
        "HasUnauthorizedProjectVariables": target.hidden_project_variables || unseen_projects,
        "VariableMap": seen,
    });
    Ok(Answer::ok(if octopus.wraps_answers {
        json!({ "Resource": details })
    } else {
        details
    }))
}

fn known(field: &str) -> bool {
    const KNOWN: [&str; 28] = [
        "Architecture",
        "Endpoint",
        "EnvironmentIds",
        "HasLatestCalamari",
        "HealthStatus",
        "Id",
        "MachineId",
        "IsDisabled",
        "IsInProcess",
        "LastModifiedBy",
        "LastModifiedOn",
        "Links",
        "MachinePolicyId",
        "Name",
        "OperatingSystem",
        "OperatingSystemVersion",
        "Roles",
        "ShellName",
        "ShellVersion",
        "SkipInitialHealthCheck",
        "Slug",
        "SpaceId",
        "StatusSummary",
        "TenantIds",
        "TenantTags",
        "TenantedDeploymentParticipation",
        "Thumbprint",
        "Uri",
    ];
    KNOWN.contains(&field)
}
