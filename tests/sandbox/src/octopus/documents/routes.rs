//! Lists of documents, and one document, over HTTP. What the caller may not see is left out of a list without a word.

use super::{Kind, Shape, text, texts};
use crate::http::{Answer, Call};
use crate::octopus::envelope::{link, page_or_all};
use crate::octopus::people::{Caller, Place, Sight};
use crate::octopus::query::Query;
use crate::octopus::routes::Address;
use crate::octopus::{Octopus, errors, git, projects, runbooks, templates};
use serde_json::{Value, json};

/// The list of a kind: of the space, or of the one that the path names before it (`projects/Projects-1/runbooks`).
pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let shape = Shape::of(address.route).ok_or_else(|| errors::no_such_address(call))?;
    let mut known = vec!["ids", "partialName", "skip", "take"];
    known.extend(shape.filters.iter().map(|(name, _)| *name));
    let query = Query::read(call, &known)?;
    let within = within(octopus, shape, address, caller)?;
    let sight = caller.sight(octopus, shape.view);
    let mut found: Vec<&Value> = octopus.documents.of(shape.kind).collect();
    found.retain(|json| {
        is_in(json, address.space())
            && within
                .as_ref()
                .is_none_or(|(field, id)| holds(json, field, |own| own == id))
            && chosen(octopus, shape, &query, json)
            && !git::is_in_git(octopus, shape.kind, json)
            && sees(octopus, &sight, shape.kind, json)
    });
    found.sort_by_cached_key(|json| text(json, "Name").to_lowercase());
    let render = |json: &&Value| {
        let mut row = shown(octopus, shape.kind, json);
        if let Some(fields) = row
            .as_object_mut()
            .filter(|_| octopus.readings.lists_lack_last_modified)
        {
            fields.retain(|name, _| !name.starts_with("LastModified"));
        }
        row
    };
    page_or_all(octopus, call, address, &query, shape.item, &found, render).map(Answer::ok)
}

/// The field that a nested list goes by, with the id that it has to have.
fn within(
    octopus: &Octopus,
    shape: &Shape,
    address: &Address,
    caller: &Caller,
) -> Result<Option<(&'static str, String)>, Answer> {
    let Some(owner) = &address.owner else {
        return Ok(None);
    };
    let (kind, field) = match shape.kind {
        Kind::Worker => (Kind::WorkerPool, "WorkerPoolIds"),
        Kind::RunbookSnapshot if owner.starts_with("Runbooks-") => (Kind::Runbook, "RunbookId"),
        _ => (Kind::Project, "ProjectId"),
    };
    let json = find(octopus, kind, owner, address.space())?;
    if kind == Kind::Project {
        need(octopus, caller, "ProjectView", Kind::Project, json)?;
        git::refuse_plain(octopus, text(json, "Id"), shape.kind)?;
    }
    Ok(Some((field, text(json, "Id").to_owned())))
}

fn chosen(octopus: &Octopus, shape: &Shape, query: &Query, json: &Value) -> bool {
    // A server that does not know a filter gives everything.
    let filters_work = shape.kind != Kind::Trigger || octopus.newer.trigger_filters;
    query.any("ids", [text(json, "Id")].into_iter())
        && query.part("partialName", text(json, "Name"))
        && shape.filters.iter().all(|(name, field)| {
            let wanted = query.list(name).filter(|_| filters_work);
            wanted.is_none_or(|wanted| {
                holds(json, field, |own| {
                    wanted.iter().any(|one| one.eq_ignore_ascii_case(own))
                })
            })
        })
}

/// Whether a field, a text or a list of texts, has a value that fits.
fn holds(json: &Value, field: &str, fits: impl Fn(&str) -> bool) -> bool {
    let value = match field.starts_with('/') {
        true => json.pointer(field),
        false => json.get(field),
    };
    match value {
        Some(Value::String(text)) => fits(text),
        Some(list) => texts(list).iter().any(|own| fits(own)),
        None => false,
    }
}

/// One document of the kind that the route is about.
pub(crate) fn one(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let shape = Shape::of(address.route).ok_or_else(|| errors::no_such_address(call))?;
    let json = find(octopus, shape.kind, &address.id, address.space())?;
    need(octopus, caller, shape.view, shape.kind, json)?;
    if git::is_in_git(octopus, shape.kind, json) {
        return Err(git::refusal(octopus));
    }
    Ok(Answer::ok(shown(octopus, shape.kind, json)))
}

/// A document of this kind in this space, by its id or its slug.
pub(crate) fn find<'a>(
    octopus: &'a Octopus,
    kind: Kind,
    id: &str,
    space: &str,
) -> Result<&'a Value, Answer> {
    let documents = &octopus.documents;
    let by_slug = || documents.of(kind).find(|json| text(json, "Slug") == id);
    let found = documents.get_as(kind, id).or_else(by_slug);
    let found = found.filter(|json| is_in(json, space));
    found.ok_or_else(|| errors::not_found(id))
}

/// Freezes belong to no space.
fn is_in(json: &Value, space: &str) -> bool {
    json["SpaceId"].as_str().is_none_or(|own| own == space)
}

/// Refuses what a permission does not reach.
pub(crate) fn need(
    octopus: &Octopus,
    caller: &Caller,
    permission: &str,
    kind: Kind,
    json: &Value,
) -> Result<(), Answer> {
    let environments = environments(octopus, kind, json);
    let place = place(kind, json, &environments);
    caller.need_at(octopus, permission, &place, text(json, "Id"))
}

fn sees(octopus: &Octopus, sight: &Sight, kind: Kind, json: &Value) -> bool {
    let environments = environments(octopus, kind, json);
    sight.reaches(octopus, &place(kind, json, &environments))
}

/// Where a document is, as far as a permission can be restricted by that.
fn place<'a>(kind: Kind, json: &'a Value, environments: &'a [String]) -> Place<'a> {
    let project = match kind {
        Kind::Project => json["Id"].as_str(),
        _ => json["ProjectId"].as_str(),
    };
    Place {
        space: text(json, "SpaceId"),
        project,
        environments,
        tenants: &[],
    }
}

/// An account without environments is for all of them.
fn environments(octopus: &Octopus, kind: Kind, json: &Value) -> Vec<String> {
    let own = texts(&json["EnvironmentIds"]);
    let for_all = own.is_empty() && !octopus.readings.free_accounts_need_a_free_grant;
    match kind {
        Kind::Account if for_all => octopus.environments.keys().cloned().collect(),
        Kind::Account => own,
        _ => Vec::new(),
    }
}

/// A document as the server answers it.
pub(crate) fn shown(octopus: &Octopus, kind: Kind, json: &Value) -> Value {
    let mut shown = match kind {
        Kind::Runbook => runbooks::shown(octopus, json),
        Kind::ActionTemplate | Kind::ActionTemplateVersion => templates::shown(octopus, json),
        Kind::Project => projects::shown(octopus, json),
        _ => json.clone(),
    };
    let shape = super::SHAPES.iter().find(|shape| shape.kind == kind);
    if let Some(shape) = shape {
        let path = format!("{}/{}", shape.path, text(json, "Id"));
        shown["Links"] = json!({ "Self": link(octopus, text(json, "SpaceId"), &path) });
    }
    shown
}
