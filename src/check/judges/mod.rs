//! What was read, judged: functions of [`SetUp`] alone, without a client or a clock, in files as a person reads them. What an
//! earlier finding explains is not said again by a later one.

mod by_itself;
mod lines_up;
mod machine_policies;
mod reach;
mod rights;
mod safe;
mod scale_in;
mod schedule_key;
mod tenants;

use super::finding::Finding;
use super::set_up::SetUp;

/// Everything that is found, in the order in which a person reads it.
pub fn judge(set_up: &SetUp) -> Vec<Finding> {
    let mut findings = reach::judge(set_up);
    findings.extend(rights::judge(set_up));
    findings.extend(lines_up::judge(set_up));
    findings.extend(by_itself::judge(set_up));
    findings.extend(scale_in::judge(set_up));
    findings.extend(safe::judge(set_up));
    findings.retain(|finding| !finding.said);
    findings.sort_by_key(|finding| finding.id);
    findings
}
