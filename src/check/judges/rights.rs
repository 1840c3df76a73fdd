//! May it? Who checks, and what the user of the schedule's key may.

use super::{schedule_key, tenants};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::{Extent, Has, Need, needs_of, powers_of};
use crate::check::seen::Seen;
use crate::check::set_up::{Access, SetUp};
use crate::error::ServiceError;
use crate::octopus::set_up::{AccessLevel, Rights};

const KEY: &str = "VMSS.Octopus.ApiKey";
const USER: &str = "Configuration > Users > the service account";

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = checker(set_up);
    match &set_up.schedule {
        Seen::Known(access) => findings.extend(schedule(set_up, access)),
        Seen::Refused(error) => {
            findings.push(refused(error));
        }
        Seen::NotAsked(_) => findings.extend(not_asked(set_up)),
    }
    findings.extend(tenants::unanswered(set_up));
    findings
}

/// The advice means this key, and not that of whoever checks.
fn refused(error: &ServiceError) -> Finding {
    const VARIABLE: &str = "VMSS_OCTOPUS_APIKEY";
    Finding {
        action: error.next.replace(KEY, VARIABLE),
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
        let smallest = smallest_role(&needs_of(&set_up.runs()));
        least.found = format!("{}; {smallest}", least.found);
    }
    findings
}

/// Of a list that is empty it can only be told what that means where it is known what whoever checks may.
fn checker(set_up: &SetUp) -> Vec<Finding> {
    let id = Id::CheckingKey;
    match (&set_up.checker, &set_up.checkers_rights) {
        (Seen::Known(user), Seen::Refused(error)) => vec![Finding {
            action: "Check with another key, or look at each list that is empty by hand".into(),
            ..Finding::unseen(id, &user.username, error, "a valid key")
        }],
        (Seen::Known(user), Seen::Known(_) | Seen::NotAsked(_)) => {
            vec![checks(&user.username, set_up.checkers_access())]
        }
        (Seen::Refused(error), _) => vec![not_taken(error, set_up)],
        (Seen::NotAsked(_), _) => Vec::new(),
    }
}

/// Whoever checks need be no service account.
fn not_taken(error: &ServiceError, set_up: &SetUp) -> Finding {
    let (name, url) = (set_up.checkers_name, &set_up.address);
    let action = match (error.status(), name) {
        (Some(401), "OCTOPUS_API_KEY") => format!(
            "Check {name}: it takes a key of {url} that has not expired, of a user who is active. Make a new one there: the profile of the user > My API Keys"
        ),
        (_, _) => error.next.replace(KEY, name),
    };
    Finding {
        action,
        ..Finding::unreached(Id::CheckingKey, name, error)
    }
}

/// What only checks needs to change nothing, and to see all that its user may.
fn checks(name: &str, access: Option<&AccessLevel>) -> Finding {
    let id = Id::CheckingKey;
    match access {
        None | Some(AccessLevel::Full) => Finding::pass(id, name, "checks with this user's key"),
        Some(AccessLevel::ReadOnly) => Finding::pass(
            id,
            name,
            "checks with this user's key, a read-only one, which is right for check",
        ),
        Some(AccessLevel::Custom(level)) => Finding::warn(
            id,
            name,
            format!(
                "a key of access level {level}, which may see less than its user: what a list lacks may be hidden"
            ),
            "Check with a read-only key, or one with full access: the profile of the user > My API Keys",
        ),
    }
}

fn schedule(set_up: &SetUp, access: &Access) -> Vec<Finding> {
    let name = access.user.username.as_str();
    let mut findings = schedule_key::judge(access, set_up.now);
    findings.extend(match &access.rights {
        Seen::Refused(error) => vec![Finding {
            action: format!("Look at {}: {USER} > Permissions", access.user.username),
            ..Finding::unseen(Id::Permission, name, error, "a valid key")
        }],
        seen => seen.judged(Id::Permission, name, "a valid key", |rights| {
            permissions(set_up, name, rights)
        }),
    });
    findings
}

fn permissions(set_up: &SetUp, name: &str, rights: &Rights) -> Vec<Finding> {
    if set_up.environment.known().is_none() {
        return Vec::new();
    }
    let needs = needs_of(&set_up.runs());
    let judged = needs
        .iter()
        .map(|need| permission(name, need, rights, set_up));
    let least = least_rights(name, &needs, rights);
    judged.chain([least]).collect()
}

fn permission(name: &str, need: &Need, rights: &Rights, set_up: &SetUp) -> Finding {
    let (id, subject, role) = (Id::Permission, need.permission, need.role());
    let give = format!(
        "Give a team of {name} the built-in role {role} {} (Configuration > Teams), or a role of your own with {subject}",
        extent(need.reach)
    );
    match need.in_rights(rights, set_up.site()) {
        Has::Whole => tenants::out_of_reach(name, need, rights, set_up).unwrap_or_else(|| {
            Finding::pass(id, subject, format!("granted to {name}, {}", need.what_for))
        }),
        Has::Nothing | Has::Restricted(_) if !rights.complete => Finding::warn(
            id,
            subject,
            format!(
                "cannot be told: the server says that its list of what {name} may is not complete"
            ),
            "Look at the user's page: Configuration > Users > the service account > Permissions",
        ),
        Has::Nothing => Finding::fail(
            id,
            subject,
            format!("{name} lacks it, {}", need.what_for),
            give,
        ),
        Has::Restricted(to) => {
            let found = format!("{name} has it restricted to {to}: {}", short_of(need.reach));
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

/// How a role is to be given.
fn extent(reach: Extent) -> &'static str {
    match reach {
        Extent::Here | Extent::AllOfEnvironment => {
            "for the space and the environment, not restricted to projects or tenants"
        }
        Extent::OfProject | Extent::Everywhere => {
            "for the space, not restricted to projects, environments or tenants"
        }
    }
}

fn short_of(reach: Extent) -> &'static str {
    match reach {
        Extent::Here => "it does not reach all targets here",
        Extent::AllOfEnvironment => "lists leave out silently what a key may not see",
        Extent::OfProject | Extent::Everywhere => {
            "a variable that is scoped to a target may be hidden, and then the target waits"
        }
    }
}

fn least_rights(name: &str, needs: &[Need], rights: &Rights) -> Finding {
    let id = Id::LeastRights;
    let smallest = smallest_role(needs);
    let powers = powers_of(rights);
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
