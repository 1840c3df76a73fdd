//! A runbook that is kept in Git: its triggers are in the database all the same, and what cannot be judged is said.

use super::schedule::Started;
use super::started;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::{NotAsked, Seen};
use crate::check::set_up::SetUp;

/// What stands on a branch, or is called there by a name that only the branch tells.
const NOT_LOOKED_AT: [Id; 5] = [
    Id::RunbookFailure,
    Id::Step,
    Id::Timeout,
    Id::LastRuns,
    Id::Retention,
];

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let runbook = &set_up.project.runbook;
    let (Seen::NotAsked(NotAsked::InGit), Some(name)) = (runbook, &set_up.runbook_told) else {
        return Vec::new();
    };
    let not_looked_at = |id| runbook.judged(id, name, "RunbookView", |_| Vec::new());
    let mut findings: Vec<Finding> = NOT_LOOKED_AT.into_iter().flat_map(not_looked_at).collect();
    let slug = slug_of(name);
    let started = Started {
        id: &slug,
        is_certain: false,
        name,
    };
    findings.extend(started::schedules(set_up, started));
    findings.extend(started::freezes(set_up));
    findings
}

/// What a server makes of a name: small letters and digits, and a hyphen for all between them.
fn slug_of(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}
