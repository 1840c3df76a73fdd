//! The schedule's key: whose it is, when it ends, and whether it may all that its user may.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::Seen;
use crate::check::set_up::{Access, OctopusKey};
use crate::clock::shown;
use crate::octopus::set_up::{AccessLevel, ApiKey, KeyEnd};
use std::time::{Duration, SystemTime};

/// Whoever rotates a key wants to know a month before.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

const KEYS: &str = "Configuration > Users > the service account > API Keys";
const NEW_KEY: &str = "Make a new key (Configuration > Users > the service account > API Keys), store it in the project's variable, and publish the runbook again";

pub(super) fn judge(access: &Access, now: SystemTime) -> Vec<Finding> {
    let name = access.user.username.as_str();
    let mut findings = vec![owner(access)];
    findings.extend(match &access.credential {
        Seen::Known(OctopusKey::Token) => {
            let (expiry, level) = (Id::ScheduleKeyExpiry, Id::ScheduleKeyAccess);
            vec![
                Finding::pass(expiry, name, "a token, which is made anew for each run"),
                Finding::pass(level, name, "a token may all that its user may"),
            ]
        }
        Seen::Known(OctopusKey::OneOf(keys)) if keys.is_empty() => of_both(|id| unlisted(id, name)),
        Seen::Known(OctopusKey::OneOf(keys)) => {
            vec![expiry(name, keys, now), level(name, keys)]
        }
        Seen::Refused(error) => of_both(|id| Finding {
            action: by_hand(name),
            ..Finding::unseen(id, name, error, "a valid key")
        }),
        Seen::NotAsked(_) => Vec::new(),
    });
    findings
}

/// The same of when it ends and of what it may.
fn of_both(finding: impl Fn(Id) -> Finding) -> Vec<Finding> {
    [Id::ScheduleKeyExpiry, Id::ScheduleKeyAccess]
        .into_iter()
        .map(finding)
        .collect()
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

fn unlisted(id: Id, name: &str) -> Finding {
    let found = "could not be seen: the server lists no key of this user";
    Finding::warn(id, name, found, by_hand(name))
}

/// What nobody but the user's page tells.
fn by_hand(name: &str) -> String {
    format!("Look at the page of {name} when its key ends and what it may: {KEYS}")
}

fn whose(keys: &[ApiKey]) -> &'static str {
    match keys.len() {
        1 => "the key",
        _ => "one of the user's keys, of which it cannot be told which is used,",
    }
}

/// Of several keys that it may be, the one that ends first counts.
fn expiry(name: &str, keys: &[ApiKey], now: SystemTime) -> Finding {
    let (id, which) = (Id::ScheduleKeyExpiry, whose(keys));
    let unreadable = keys.iter().find_map(|key| match &key.end {
        KeyEnd::Unreadable(text) => Some(text),
        KeyEnd::Never | KeyEnd::At(_) => None,
    });
    if let Some(text) = unreadable {
        let found = format!("{which} ends '{text}', which cannot be read");
        return Finding::warn(id, name, found, by_hand(name));
    }
    let valid = keys.iter().filter_map(|key| match key.end {
        KeyEnd::At(end) => Some(end).filter(|end| *end > now),
        KeyEnd::Never | KeyEnd::Unreadable(_) => None,
    });
    let Some(end) = valid.min() else {
        return match keys.iter().any(|key| key.end == KeyEnd::Never) {
            true => Finding::pass(id, name, format!("{which} never ends")),
            false => Finding::fail(id, name, format!("{which} has ended"), NEW_KEY),
        };
    };
    let left = end.duration_since(now).unwrap_or_default();
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
