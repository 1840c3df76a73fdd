//! May it? Who checks, whose the schedule's key is, when it ends, and what its user may.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::{Extent, Has, Need, Site, needs_of};
use crate::check::seen::Seen;
use crate::check::set_up::{Access, SetUp};
use crate::clock::shown;
use crate::error::ServiceError;
use crate::octopus::set_up::{AccessLevel, ApiKey, Rights};
use std::time::Duration;

/// Whoever rotates a key wants to know a month before.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// What lets a key change who may what.
const POWERS: [&str; 6] = [
    "AdministerSystem",
    "UserEdit",
    "UserRoleEdit",
    "TeamEdit",
    "SpaceEdit",
    "SpaceCreate",
];

const NEW_KEY: &str = "Make a new key (Configuration > Users > the service account > API Keys), store it in the project's variable, and publish the runbook again";

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings: Vec<Finding> = checker(set_up).into_iter().collect();
    match &set_up.schedule {
        Seen::Known(access) => findings.extend(schedule(set_up, access)),
        Seen::Refused(error) => {
            findings.push(refused(error));
        }
        Seen::NotAsked(_) => findings.extend(not_asked(set_up)),
    }
    findings
}

/// The advice means this key, and not that of whoever checks.
fn refused(error: &ServiceError) -> Finding {
    const VARIABLE: &str = "VMSS_OCTOPUS_APIKEY";
    Finding {
        action: error.next.replace("VMSS.Octopus.ApiKey", VARIABLE),
        ..Finding::refused(Id::ScheduleKey, VARIABLE, error)
    }
}

/// What is known without the key: what a run needs.
fn not_asked(set_up: &SetUp) -> Vec<Finding> {
    let ids = [
        Id::ScheduleKey,
        Id::ScheduleKeyExpiry,
        Id::ScheduleKeyAccess,
        Id::Permission,
        Id::LeastRights,
    ];
    let unasked = |id| {
        let schedule = &set_up.schedule;
        schedule.judged(id, "the schedule's key", "", |_| Vec::new())
    };
    let mut findings: Vec<Finding> = ids.into_iter().flat_map(unasked).collect();
    if let Some(least) = findings.last_mut() {
        let smallest = smallest_role(&needs_of(set_up.run()));
        least.found = format!("{}; {smallest}", least.found);
    }
    findings
}

fn checker(set_up: &SetUp) -> Option<Finding> {
    let id = Id::CheckingKey;
    match &set_up.checker {
        Seen::Known(user) => Some(Finding::pass(
            id,
            &user.username,
            "checks with this user's key",
        )),
        Seen::Refused(error) => Some(Finding::unreached(id, "OCTOPUS_API_KEY", error)),
        Seen::NotAsked(_) => None,
    }
}

fn schedule(set_up: &SetUp, access: &Access) -> Vec<Finding> {
    let name = access.user.username.as_str();
    let mut findings = vec![owner(access)];
    findings.extend(
        access
            .keys
            .judged(Id::ScheduleKeyExpiry, name, "a valid key", |keys| {
                vec![expiry(name, keys, set_up)]
            }),
    );
    findings.extend(
        access
            .keys
            .judged(Id::ScheduleKeyAccess, name, "a valid key", |keys| {
                vec![level(name, keys)]
            }),
    );
    findings.extend(
        access
            .rights
            .judged(Id::Permission, name, "a valid key", |rights| {
                permissions(set_up, name, rights)
            }),
    );
    findings
}

fn owner(access: &Access) -> Finding {
    let user = &access.user;
    match user.is_service {
        true => Finding::pass(Id::ScheduleKey, &user.username, "a service account"),
        false => Finding::warn(
            Id::ScheduleKey,
            &user.username,
            "a person's key: the schedule ends when that person leaves, and may all that the person may",
            "Make a service account (Configuration > Users > Create user, 'The user is a service account'), give it the roles, and a key",
        ),
    }
}

/// Of several keys that it may be, the one that ends first counts.
fn expiry(name: &str, keys: &[ApiKey], set_up: &SetUp) -> Finding {
    let id = Id::ScheduleKeyExpiry;
    let which = match keys.len() {
        0 => return Finding::pass(id, name, "a token, which is made anew for each run"),
        1 => "the key",
        _ => "one of the user's keys, of which it cannot be told which is used,",
    };
    let valid = keys
        .iter()
        .filter_map(|key| key.expires)
        .filter(|end| *end > set_up.now);
    let Some(end) = valid.min() else {
        return match keys.iter().any(|key| key.expires.is_none()) {
            true => Finding::pass(id, name, format!("{which} never ends")),
            false => Finding::fail(id, name, format!("{which} has ended"), NEW_KEY),
        };
    };
    let left = end.duration_since(set_up.now).unwrap_or_default();
    let ends = format!(
        "{which} ends {}, in {} days",
        shown(end),
        left.as_secs() / (24 * 3600)
    );
    match left < SOON {
        true => Finding::warn(id, name, ends, NEW_KEY),
        false => Finding::pass(id, name, ends),
    }
}

/// Of several keys that it may be, the one that may least counts.
fn level(name: &str, keys: &[ApiKey]) -> Finding {
    let id = Id::ScheduleKeyAccess;
    let full = "Make a key with full access (Configuration > Users > the service account > API Keys); what it may is the user's roles";
    let read_only = keys.iter().any(|key| key.access == AccessLevel::ReadOnly);
    let custom = keys.iter().find_map(|key| match &key.access {
        AccessLevel::Custom(level) => Some(level),
        AccessLevel::Full | AccessLevel::ReadOnly => None,
    });
    match (keys.len(), read_only, custom) {
        (0 | 1, true, _) => {
            Finding::fail(id, name, "a read-only key, which can remove nothing", full)
        }
        (_, true, _) => Finding::warn(
            id,
            name,
            "one of the user's keys is read-only, and it cannot be told which is used",
            full,
        ),
        (_, false, Some(level)) => Finding::warn(
            id,
            name,
            format!(
                "a key of access level {level}, which may do less than the permissions below say"
            ),
            full,
        ),
        (_, false, None) => Finding::pass(id, name, "full access to what the user may"),
    }
}

fn permissions(set_up: &SetUp, name: &str, rights: &Rights) -> Vec<Finding> {
    let Some(environment) = set_up.environment_id() else {
        return Vec::new();
    };
    let project = set_up.project.project.known();
    let site = Site {
        environment,
        project: project.map(|it| (it.id.as_str(), it.group.as_deref())),
        tenant: set_up.draft.tenant.as_ref().map(|it| it.id.as_str()),
    };
    let needs = needs_of(set_up.run());
    let judged = needs.iter().map(|need| permission(need, rights, site));
    let least = least_rights(name, &needs, rights);
    judged.chain([least]).collect()
}

fn permission(need: &Need, rights: &Rights, site: Site<'_>) -> Finding {
    let (id, subject, role) = (Id::Permission, need.permission, need.role());
    let give = format!(
        "Give the service account's team the built-in role {role} for the space and the environment, not restricted to projects or tenants (Configuration > Teams), or a role of your own with {subject}"
    );
    match need.in_rights(rights, site) {
        Has::Whole => Finding::pass(id, subject, format!("granted, {}", need.what_for)),
        Has::Nothing | Has::Restricted(_) if !rights.complete => Finding::warn(
            id,
            subject,
            "cannot be told: the server says that its list of permissions is not complete",
            "Look at the user's page: Configuration > Users > the service account > Permissions",
        ),
        Has::Nothing => Finding::fail(id, subject, format!("missing, {}", need.what_for), give),
        Has::Restricted(to) => {
            let found = format!("restricted to {to}: {}", short_of(need.reach));
            // What variables may not be seen, the server says itself, and the target waits.
            match need.permission {
                "VariableView" | "LibraryVariableSetView" => {
                    Finding::warn(id, subject, found, give)
                }
                _ => Finding::fail(id, subject, found, give),
            }
        }
    }
}

fn short_of(reach: Extent) -> &'static str {
    match reach {
        Extent::Here => "it does not reach all targets here",
        Extent::AllOfEnvironment => "lists leave out silently what a key may not see",
    }
}

fn least_rights(name: &str, needs: &[Need], rights: &Rights) -> Finding {
    let id = Id::LeastRights;
    let smallest = smallest_role(needs);
    let granted = |power: &&str| {
        let of_system = rights.of_system.iter().any(|it| it == power);
        of_system
            || rights
                .grants
                .get(*power)
                .is_some_and(|grants| !grants.is_empty())
    };
    let powers: Vec<&str> = POWERS.into_iter().filter(|power| granted(power)).collect();
    match powers[..] {
        [] => Finding::pass(id, name, smallest),
        _ => Finding::warn(
            id,
            name,
            format!(
                "it has {}, which the schedule does not need; {smallest}",
                powers.join(", ")
            ),
            "Take the service account out of the teams that give it these (Configuration > Teams)",
        ),
    }
}

fn smallest_role(needs: &[Need]) -> String {
    let list: Vec<&str> = needs.iter().map(|need| need.permission).collect();
    format!("the smallest role has {}", list.join(", "))
}
