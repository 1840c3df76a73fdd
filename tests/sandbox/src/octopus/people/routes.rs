//! Users, their permissions and their keys over HTTP. Source: octopus.com/docs/api, "Users", "User Permissions", "API Keys",
//! "User Roles" and "Teams".

use super::judge::{grants, has_on_system};
use super::permissions::{self, PERMISSIONS};
use super::{ApiKey, Caller, User, UserRole};
use crate::clock;
use crate::http::{Answer, Call};
use crate::octopus::envelope::{page, page_or_all};
use crate::octopus::query::Query;
use crate::octopus::readings::KeyHint;
use crate::octopus::routes::Address;
use crate::octopus::{Octopus, errors};
use crate::world::SPACE;
use serde_json::{Map, Value, json};

pub(crate) fn me(octopus: &Octopus, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let user = find(octopus, &caller.user)?;
    Ok(Answer::ok(to_json(octopus, user, true)))
}

/// Somebody else needs `UserView`.
pub(crate) fn user(
    octopus: &Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    if address.id != caller.user {
        caller.need(octopus, "UserView", SPACE)?;
    }
    let user = find(octopus, &address.id)?;
    Ok(Answer::ok(to_json(
        octopus,
        user,
        address.id == caller.user,
    )))
}

fn find<'a>(octopus: &'a Octopus, id: &str) -> Result<&'a User, Answer> {
    octopus.users.get(id).ok_or_else(|| errors::not_found(id))
}

/// What the user may do, never what the key leaves of it; and only the caller's own.
pub(crate) fn permissions(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["includeSystem", "spaces"])?;
    let user = own(octopus, address, caller)?;
    let system = query.boolean("includeSystem")?.unwrap_or(false);
    let mut of_spaces = Map::new();
    for permission in PERMISSIONS
        .iter()
        .filter(|name| octopus.newer.knows_permission(name))
    {
        let rows = rows(octopus, user, permission, address, &query);
        if !rows.is_empty() {
            of_spaces.insert((*permission).to_owned(), rows.into());
        }
    }
    let mut of_the_system: Vec<&str> = Vec::new();
    if system {
        let all = octopus.roles.values().flat_map(|role| &role.of_the_system);
        of_the_system = all.map(String::as_str).collect();
        of_the_system.retain(|name| has_on_system(octopus, user, name));
        of_the_system.sort_unstable();
        of_the_system.dedup();
    }
    Ok(Answer::ok(json!({
        "Id": user.id,
        "SpacePermissions": of_spaces,
        "SystemPermissions": of_the_system,
        "Teams": teams_of(user),
        "IsPermissionsComplete": user.permissions_are_complete,
        "IsTeamsComplete": user.permissions_are_complete,
        "Links": {},
    })))
}

/// One row for each grant in each space that was asked for.
fn rows(
    octopus: &Octopus,
    user: &User,
    permission: &str,
    address: &Address,
    query: &Query,
) -> Vec<Value> {
    let asked = |space: &&String| match &address.space {
        Some(only) => only == *space,
        None => query.any("spaces", [space.as_str()].into_iter()),
    };
    let grants = grants(octopus, user, permission);
    let spaces = octopus.spaces.keys().filter(asked);
    let rows = spaces.flat_map(|space| {
        let own = grants
            .iter()
            .filter(|grant| grant.space.as_ref().is_none_or(|own| own == space));
        own.map(|grant| grant.to_json(space)).collect::<Vec<_>>()
    });
    rows.collect()
}

fn own<'a>(octopus: &'a Octopus, address: &Address, caller: &Caller) -> Result<&'a User, Answer> {
    if address.id != caller.user {
        return Err(errors::error(
            403,
            "You do not have permission to perform this action. Only the permissions of the current user can be read.",
        ));
    }
    find(octopus, &address.id)
}

/// The keys of somebody else need `UserEdit`.
pub(crate) fn api_keys(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["skip", "take"])?;
    if address.id != caller.user {
        caller.need(octopus, "UserEdit", SPACE)?;
    }
    let user = find(octopus, &address.id)?;
    let keys: Vec<&ApiKey> = user.keys.iter().collect();
    page(octopus, call, &query, "ApiKey", &keys, |key| {
        key_json(octopus, user, key)
    })
    .map(Answer::ok)
}

fn key_json(octopus: &Octopus, user: &User, key: &ApiKey) -> Value {
    let clear = key.clear(octopus);
    let hint = match octopus.readings.key_hint {
        KeyHint::Beginning => Some(clear.chars().take(9).collect::<String>()),
        KeyHint::End => Some(
            clear
                .chars()
                .skip(clear.chars().count().saturating_sub(4))
                .collect(),
        ),
        KeyHint::None => None,
    };
    let mut json = json!({
        "Id": key.id,
        "Purpose": key.purpose,
        "UserId": user.id,
        "ApiKey": { "HasValue": true, "NewValue": Value::Null, "Hint": hint },
        "Created": clock::octopus(key.created),
        "Expires": key.expires.map(clock::octopus),
        "Links": {},
    });
    if octopus.newer.access_levels {
        json["AccessLevel"] = key.access_level.as_str().into();
        json["LastUsedTimeStamp"] = key.last_used.map(clock::octopus).into();
    }
    json
}

pub(crate) fn all_permissions() -> Result<Answer, Answer> {
    Ok(Answer::ok(permissions::all()))
}

pub(crate) fn roles(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "partialName", "skip", "take"])?;
    let mut found: Vec<&UserRole> = octopus.roles.values().collect();
    found.retain(|role| query.part("partialName", &role.name));
    found.sort_by_key(|role| role.name.to_lowercase());
    let render = |role: &&UserRole| role_json(octopus, role);
    page_or_all(octopus, call, address, &query, "UserRole", &found, render).map(Answer::ok)
}

fn role_json(octopus: &Octopus, role: &UserRole) -> Value {
    let known = |name: &&String| octopus.newer.knows_permission(name);
    json!({
        "Id": role.id,
        "Name": role.name,
        "Description": "",
        "CanBeDeleted": false,
        "GrantedSpacePermissions": role.of_spaces.iter().filter(known).collect::<Vec<_>>(),
        "GrantedSystemPermissions": role.of_the_system,
        "SpacePermissionDescriptions": [],
        "SystemPermissionDescriptions": [],
        "Links": {},
    })
}

/// Each role of a user is a team's here.
fn teams_of(user: &User) -> Vec<Value> {
    let teams = user.roles.iter().enumerate();
    teams
        .map(|(number, own)| {
            json!({
                "Id": format!("Teams-{}-{number}", user.id),
                "Name": format!("{} ({})", own.role, user.username),
                "SpaceId": own.grant.space,
                "IsDirectlyAssigned": true,
                "ExternalSecurityGroups": [],
            })
        })
        .collect()
}

pub(crate) fn teams(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(
        call,
        &[
            "ids",
            "partialName",
            "includeSystem",
            "spaces",
            "skip",
            "take",
        ],
    )?;
    let teams = octopus.users.values().flat_map(|user| {
        let with_members = |mut team: Value| {
            team["MemberUserIds"] = json!([user.id]);
            team
        };
        teams_of(user)
            .into_iter()
            .map(with_members)
            .collect::<Vec<_>>()
    });
    let mut teams: Vec<Value> = teams.collect();
    teams.retain(|team| query.part("partialName", team["Name"].as_str().unwrap_or_default()));
    page_or_all(octopus, call, address, &query, "Team", &teams, Value::clone).map(Answer::ok)
}

pub(crate) fn to_json(octopus: &Octopus, user: &User, is_requestor: bool) -> Value {
    let base = format!("{}/api", octopus.virtual_directory);
    let own = format!("{base}/users/{}", user.id);
    json!({
        "Id": user.id,
        "Username": user.username,
        "DisplayName": user.display_name,
        "IsActive": user.is_active,
        "IsService": user.is_service,
        "IsRequestor": is_requestor,
        "EmailAddress": "",
        "CanPasswordBeEdited": false,
        "Identities": [],
        "Links": {
            "Self": own,
            "Permissions": format!("{own}/permissions{{?spaces,includeSystem}}"),
            "ApiKeys": format!("{own}/apikeys{{?skip,take}}"),
            "Spaces": format!("{own}/spaces"),
        },
    })
}
