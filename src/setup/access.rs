//! Two keys, never one: who sets up, and what is stored for the schedule.

use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::site::SetupSite;
use super::variables::{MAKE_ONE, URL};
use crate::check::needs::{Extent, powers_of};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::set_up::{AccessLevel, ApiKey, Rights, User, keys_in_use};
use crate::octopus::{Octopus, Server};
use crate::secret::Secret;
use crate::settings::GuidedFailurePlace;
use std::sync::Arc;

/// Whose the stored key is, and what it may.
#[derive(Debug)]
pub struct Stored {
    /// Whose it is.
    pub user: User,
    /// What that user may, where the server says so.
    pub rights: Option<Rights>,
}

/// Whether a key whose user may administer is stored all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Powerful {
    /// It is refused.
    Refused,
    /// It is stored: somebody said so.
    Accepted,
}

/// Why a key is not stored; none where nothing stands against it.
pub fn refusals(setter: &User, key: &Secret, stored: &Stored, powerful: Powerful) -> Vec<PlanLine> {
    let name = &stored.user.username;
    let refused = |why: String| {
        PlanLine::new(
            SetupPart::Variables,
            Sign::Open,
            format!("the key of {name}"),
            why,
        )
    };
    if key.is_jwt() {
        return vec![refused("it is an access token, which ends within the hour. Store an API key (VMSS_OCTOPUS_APIKEY)".into())];
    }
    if setter.id.eq_ignore_ascii_case(&stored.user.id) {
        return vec![refused(format!(
            "who sets up and what is stored are one user. {}",
            MAKE_ONE.join(". ")
        ))];
    }
    if !stored.user.is_service {
        return vec![refused(format!(
            "it is a person's, and ends when that person leaves. {}",
            MAKE_ONE.join(". ")
        ))];
    }
    match (&stored.rights, powerful) {
        (_, Powerful::Accepted) => Vec::new(),
        (None, Powerful::Refused) => vec![refused(
            "Octopus does not say what it may. --accept-powerful-key stores it all the same".into(),
        )],
        (Some(rights), Powerful::Refused) => match powers_of(rights)[..] {
            [] => Vec::new(),
            ref powers => vec![refused(format!(
                "it has {}, which the schedule does not need: whoever sees a run's variables may do the same. Take it out of such teams, or store it all the same with --accept-powerful-key",
                powers.join(", "),
            ))],
        },
    }
}

/// Why the key of whoever sets up will not do: what it does not see would be taken for missing, though its user may see that. Servers
/// before 2026.3 have no such keys.
pub fn of_setter(server: &Server, site: &SetupSite<'_>) -> Vec<PlanLine> {
    let key = &site.settings.setter;
    let refused = |why| {
        let note = format!("{why}. Use a key with full access (OCTOPUS_API_KEY)");
        PlanLine::new(SetupPart::Policy, Sign::Open, "your key", note)
    };
    let keys = match (key.is_jwt(), server.api_keys(&site.setter, site.until())) {
        (true, _) => Vec::new(),
        (false, Ok(keys)) => keys,
        // Only these have keys of less than all that their user may.
        (false, Err(_)) if site.snapshots_take_their_own => {
            return vec![refused(
                "what it may of what its user may cannot be read".to_owned(),
            )];
        }
        (false, Err(_)) => Vec::new(),
    };
    let keys = keys_in_use(keys, key);
    let less = |it: &ApiKey| match &it.access {
        AccessLevel::Full => None,
        AccessLevel::ReadOnly => Some("it is read-only".to_owned()),
        AccessLevel::Custom(level) => Some(format!("its access level is {level}")),
    };
    // Of several that cannot be told apart, it may be any.
    let less: Option<Vec<String>> = keys.iter().map(less).collect();
    let less = less.and_then(|all| all.into_iter().next());
    less.map(refused).into_iter().collect()
}

/// What is planned and whoever sets up may not do, so that it is said before the first change.
pub fn lacks(plan: &[(SetupPart, Proposal)], site: &SetupSite<'_>) -> Vec<PlanLine> {
    let mut lacking: Vec<PlanLine> = Vec::new();
    if !site.rights.complete {
        return lacking;
    }
    for (part, proposal) in plan {
        for row in proposal.rows.iter().filter(|row| row.sign.changes()) {
            for (permission, lack) in lacks_for(*part, row, site) {
                let note = format!(
                    "{lack}: {} needs it. The built-in role Space Manager has it",
                    row.subject
                );
                let row =
                    PlanLine::new(*part, Sign::Open, format!("permission {permission}"), note);
                if !lacking.iter().any(|it| it.subject == row.subject) {
                    lacking.push(row);
                }
            }
        }
    }
    lacking
}

/// The permissions that one line takes and that are missing, each with how.
fn lacks_for(part: SetupPart, row: &PlanLine, site: &SetupSite<'_>) -> Vec<(&'static str, String)> {
    let (makes, changes) = part.needs();
    let usual = match row.sign {
        Sign::Create => makes,
        Sign::Change | Sign::Same | Sign::Open | Sign::ByHand => changes,
    };
    let lack = |permission: &'static str, reach| {
        site.lacks(permission, reach).map(|lack| (permission, lack))
    };
    match part {
        // Which of the two it takes is documented nowhere.
        SetupPart::GuidedFailure if is_of_project(site) => {
            let either = lack("ProcessEdit", Extent::OfProject)
                .and_then(|_| lack("ProjectEdit", Extent::OfProject));
            either.into_iter().collect()
        }
        // What is scoped to no environment needs a permission that none limits, or one of its own.
        SetupPart::Variables if row.subject.ends_with(URL) => {
            let either = lack("VariableEdit", Extent::OfProject)
                .and_then(|_| lack("VariableEditUnscoped", Extent::OfProject));
            lack(usual, part.reach_of_changes())
                .or(either)
                .into_iter()
                .collect()
        }
        SetupPart::Publication => {
            let snapshots = lack("RunbookSnapshotCreate", Extent::OfProject)
                .filter(|_| site.snapshots_take_their_own);
            let edits = lack(usual, part.reach_of_changes());
            edits.into_iter().chain(snapshots).collect()
        }
        _ => lack(usual, part.reach_of_changes()).into_iter().collect(),
    }
}

fn is_of_project(site: &SetupSite<'_>) -> bool {
    site.settings.guided_failure == Some(GuidedFailurePlace::Project)
}

/// Whether making a snapshot takes a permission of its own there: from 2026.3 on.
pub fn snapshots_take_their_own(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(year)), Some(Ok(line))) => (year, line) >= (2026, 3),
        _ => false,
    }
}

/// What is asked of the server about the stored key.
pub fn stored(
    server: &Arc<Server>,
    space: &str,
    deadline: Deadline,
) -> Result<Stored, ServiceError> {
    let user = server.me(deadline)?;
    let octopus = Octopus::new(server, space.to_owned());
    let rights = octopus.rights_of(&user, deadline).ok();
    Ok(Stored { user, rights })
}
