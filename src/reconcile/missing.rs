//! Groups of the run that do not exist, beside others that do. What their machines call themselves is not known, and a misspelt
//! group's are alive.

use super::matching::InstanceIndex;
use super::pattern::{fold, open_starts};
use super::plan::{Plan, Row};
use super::snapshot::MissingGroup;
use super::verdict::{Deferral, Foreign, Verdict};

/// Spares what could be a missing group's: what is named after it, and, where strange names are candidates too, every one that
/// no group gives.
pub fn spare_what_missing_groups_could_have(plan: &mut Plan, missing: &[MissingGroup]) {
    let Some(any) = missing.first() else {
        return;
    };
    for row in &mut plan.rows {
        let is_strange = row.verdict == Verdict::Foreign(Foreign::NameDoesNotFit);
        if !row.is_candidate() && !is_strange {
            continue;
        }
        let mut missing = missing.iter();
        if let Some(group) = missing.find(|group| is_named_after(group, &row.target.name)) {
            row.verdict = Verdict::Foreign(Foreign::OfMissingGroup(group.title.clone()));
        } else if row.is_candidate() && row.evidence.owners.is_empty() {
            row.verdict = Verdict::Deferred(Deferral::GroupMissing(any.title.clone()));
        }
    }
}

/// Whether the name holds the beginning of the group's resource names, at its own beginning or at a boundary.
fn is_named_after(group: &MissingGroup, name: &str) -> bool {
    let (name, beginning) = (fold(name), fold(&group.name) + "_");
    open_starts(&name).any(|start| name[start..].starts_with(&beginning))
}

/// The targets that match no machine, of the plan's groups or of these.
#[must_use]
pub fn matching_none(plan: Plan, others: &InstanceIndex) -> Vec<Row> {
    let unmatched = |row: &Row| match row.verdict {
        Verdict::Stale
        | Verdict::Deferred(_)
        | Verdict::Answers(_)
        | Verdict::Untested(_)
        | Verdict::Referenced(_)
        | Verdict::Foreign(_) => !others.has_match(&row.target.name),
        Verdict::Ignored
        | Verdict::Kept
        | Verdict::Leaving
        | Verdict::Detached(_)
        | Verdict::Done => false,
    };
    plan.rows.into_iter().filter(unmatched).collect()
}
