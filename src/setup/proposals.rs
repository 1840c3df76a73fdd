//! What each part proposes, from what is there now.

use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::site::SetupSite;
use super::{
    assignment, git, guided_failure, policy, publication, runbook, schedule, step, template,
    variables,
};
use crate::error::ServiceError;

/// What each chosen part proposes.
pub fn all(site: &SetupSite<'_>) -> Result<Vec<(SetupPart, Proposal)>, ServiceError> {
    let chosen = SetupPart::ALL.into_iter();
    let chosen = chosen.filter(|part| site.does(*part));
    let proposal = |part| one(part, site).map(|proposal| (part, proposal));
    chosen.map(proposal).collect()
}

/// What one part proposes, from what is there now. What may be hidden is not taken for missing.
pub fn one(part: SetupPart, site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let open = |why| {
        Ok(Proposal::of(PlanLine::new(
            part,
            Sign::Open,
            part.name(),
            why,
        )))
    };
    if let Some(why) = site.is_blind_to(part) {
        return open(why);
    }
    if let Some(elsewhere) = git::instead(part, site)? {
        return Ok(elsewhere);
    }
    if let Some(other) = left_out(part, site)? {
        return open(format!(
            "it needs the part {}, which is not there and is left out of this run",
            other.name()
        ));
    }
    match part {
        SetupPart::Policy => policy::plan(site),
        SetupPart::Assignment => assignment::plan(site),
        SetupPart::Template => template::plan(site),
        SetupPart::Runbook => runbook::plan(site),
        SetupPart::Variables if site.project.variables_in_git => git::variables(site),
        SetupPart::Variables => variables::plan(site),
        SetupPart::Step => step::plan(site),
        SetupPart::Publication => publication::plan(site),
        SetupPart::Schedule => schedule::plan(site),
        SetupPart::GuidedFailure => guided_failure::plan(site),
    }
}

/// What a part stands on, where it is not there and this run leaves it out.
fn left_out(part: SetupPart, site: &SetupSite<'_>) -> Result<Option<SetupPart>, ServiceError> {
    for other in part.stands_on().iter().filter(|other| !site.does(**other)) {
        let is_new = |row: &PlanLine| row.sign == Sign::Create;
        let has_no_file = *other == SetupPart::Template && template::look(site)?.wanted().is_none();
        if has_no_file || one(*other, site)?.rows.iter().any(is_new) {
            return Ok(Some(*other));
        }
    }
    Ok(None)
}
