//! Two keys, never one: who sets up, and what is stored for the schedule.

use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::site::SetupSite;
use super::variables::{MAKE_ONE, URL};
use crate::check::needs::{Extent, powers_of};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::octopus::set_up::{Rights, User};
use crate::octopus::{Octopus, Server};
use crate::secret::Secret;
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

/// What is planned and whoever sets up may not do, so that it is said before the first change.
pub fn lacks(plan: &[(SetupPart, Proposal)], site: &SetupSite<'_>) -> Vec<PlanLine> {
    let mut lacking: Vec<PlanLine> = Vec::new();
    for (part, proposal) in plan {
        let (makes, changes) = part.needs();
        for row in &proposal.rows {
            let needed = match row.sign {
                Sign::Create => makes,
                Sign::Change => changes,
                Sign::Same | Sign::Open | Sign::ByHand => continue,
            };
            if !site.rights.complete {
                continue;
            }
            let Some(lack) = lack_of(site, *part, row, needed) else {
                continue;
            };
            let note = format!(
                "{lack}: {} needs it. The built-in role Space Manager has it",
                row.subject
            );
            let row = PlanLine::new(*part, Sign::Open, format!("permission {needed}"), note);
            if !lacking.iter().any(|it| it.subject == row.subject) {
                lacking.push(row);
            }
        }
    }
    lacking
}

/// One of the variables holds everywhere, which takes more.
fn lack_of(site: &SetupSite<'_>, part: SetupPart, line: &PlanLine, needed: &str) -> Option<String> {
    let is_everywhere = line.subject.ends_with(URL);
    let reach = match part {
        SetupPart::Variables if is_everywhere => part.reach(),
        _ => part.reach_of_changes(),
    };
    let lack = site.lacks(needed, reach)?;
    let otherwise = site.lacks("VariableEditUnscoped", Extent::OfProject);
    match (is_everywhere, otherwise) {
        (true, None) => None,
        (_, _) => Some(lack),
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
