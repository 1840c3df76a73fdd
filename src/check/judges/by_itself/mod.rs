//! Will it run by itself? The project and the runbook, the step in it, and what starts it.

mod azure_account;
mod bound;
mod compared;
mod in_git;
mod last_runs;
mod published;
mod runbook;
mod schedule;
mod started;
mod step;
mod takes_part;

use crate::check::finding::Finding;
use crate::check::set_up::SetUp;

/// Judges it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = runbook::judge(set_up);
    findings.extend(step::judge(set_up));
    findings.extend(bound::judge(set_up));
    findings.extend(started::judge(set_up));
    findings.extend(in_git::judge(set_up));
    findings
}
