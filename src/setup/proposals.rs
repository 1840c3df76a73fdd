//! What each part proposes, from what is there now.

use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::site::SetupSite;
use super::{
    assignment, git, guided_failure, policy, publication, runbook, schedule, step, template,
    variables,
};
use crate::error::ServiceError;

/// Whether somebody chose this part, or left none out.
pub fn is_chosen(site: &SetupSite<'_>, part: SetupPart) -> bool {
    let flags = &site.settings.flags;
    let is_in = |list: &[String]| list.iter().any(|it| SetupPart::named(it) == Some(part));
    (flags.only.is_empty() || is_in(&flags.only)) && !is_in(&flags.skip)
}

/// What each chosen part proposes.
pub fn all(site: &SetupSite<'_>) -> Result<Vec<(SetupPart, Proposal)>, ServiceError> {
    let chosen = SetupPart::ALL.into_iter();
    let chosen = chosen.filter(|part| is_chosen(site, *part));
    let proposal = |part| one(part, site).map(|proposal| (part, proposal));
    chosen.map(proposal).collect()
}

/// What one part proposes, from what is there now. What may be hidden is not taken for missing.
pub fn one(part: SetupPart, site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    if part != SetupPart::GuidedFailure
        && let Some(why) = site.is_blind_to(part)
    {
        return Ok(Proposal::of(PlanLine::new(
            part,
            Sign::Open,
            part.name(),
            why,
        )));
    }
    if let Some(elsewhere) = git::instead(part, site)? {
        return Ok(elsewhere);
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
