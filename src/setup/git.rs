//! What a version-controlled project keeps on a branch is printed for a commit, and the rest is done. Each thing by itself: runbooks
//! may be in the database while variables are in Git.
//!
//! Source: octopus.com/docs, "Config as code reference". Triggers and secrets are in the database always; a schedule runs the
//! latest commit of the default branch.

use super::part::Part;
use super::plan::{Proposal, Row, Sign};
use super::site::Site;
use crate::error::ServiceError;

/// What to do instead, where a part's things are not in the database.
pub fn instead(part: Part, site: &Site<'_>) -> Result<Option<Proposal>, ServiceError> {
    let (variables, runbooks) = (site.project.variables_in_git, site.project.runbooks_in_git);
    let row = |note: &str| {
        Some(Proposal::of(Row::new(
            part,
            Sign::ByHand,
            part.name(),
            note,
        )))
    };
    Ok(match part {
        Part::Policy | Part::Assignment | Part::Template | Part::GuidedFailure => None,
        Part::Variables if variables => row("they are kept in Git"),
        Part::Runbook | Part::Step | Part::Publication | Part::Schedule if runbooks => {
            row("the runbook is kept in Git")
        }
        Part::Variables | Part::Runbook | Part::Step | Part::Publication | Part::Schedule => None,
    })
}
