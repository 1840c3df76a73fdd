//! What is published, and whether it is what the draft and the variables are today.

use super::compared::{Comparison, compare};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{Published, SnapshotChanges};
use crate::report::names_of;

const PUBLISH: &str = "Publish the runbook: Publish... in its menu";
const UPDATE: &str = "Update the variables of the snapshot (the runbook's Snapshots > the snapshot > Update variables), or publish again";

pub(super) fn judge(set_up: &SetUp, name: &str) -> Vec<Finding> {
    let side = &set_up.project;
    let id = Id::Published;
    if side.runs_latest_commit() {
        let branch = side.project.known().and_then(|it| it.branch.as_deref());
        let branch = branch.unwrap_or("the default branch");
        let found = format!(
            "kept in Git, where nothing is published: a schedule runs the latest commit of {branch}; where a line here says to publish, commit there"
        );
        return vec![Finding::pass(id, name, found)];
    }
    side.published
        .judged(id, name, "RunbookView", |published| match published {
            None => vec![Finding::fail(
                id,
                name,
                "nothing is published, so a schedule has nothing to run",
                PUBLISH,
            )],
            Some(published) => side.changes.judged(id, name, "RunbookRunView", |changes| {
                vec![
                    process(published, changes, set_up, name),
                    variables(published, changes, set_up, name),
                ]
            }),
        })
}

/// What is known of several things together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changed {
    /// One of them has changed.
    Some,
    /// None has.
    None,
    /// None is known to have, and of one nothing is known.
    Untold,
}

impl Changed {
    /// As the server tells it; where it does not, as comparing shows it.
    fn of(told: &[Option<bool>], comparison: &Comparison) -> Self {
        if told.contains(&Some(true)) {
            return Self::Some;
        }
        if !told.contains(&None) {
            return Self::None;
        }
        match comparison {
            Comparison::Differs(_) => Self::Some,
            Comparison::Same => Self::None,
            Comparison::AsFarAsSeen(_) | Comparison::Unknown => Self::Untold,
        }
    }
}

/// What differs, or why it is not known whether anything does.
fn more(comparison: &Comparison) -> String {
    match comparison {
        Comparison::Differs(names) => format!(": {}", names_of(names.iter().map(String::as_str))),
        Comparison::AsFarAsSeen(secrets) if !secrets.is_empty() => format!(
            "; it differs in nothing that can be seen, and the values of secrets cannot: {}",
            names_of(secrets.iter().map(String::as_str))
        ),
        Comparison::AsFarAsSeen(_) => "; it differs in nothing that can be seen".to_owned(),
        Comparison::Same | Comparison::Unknown => String::new(),
    }
}

/// Only newer servers speak of what is in Git: what they do not say has not changed.
fn process(
    published: &Published,
    changes: &SnapshotChanges,
    set_up: &SetUp,
    name: &str,
) -> Finding {
    let (id, snapshot) = (Id::Published, &published.name);
    let of_git = Some(changes.git_resources.unwrap_or_default());
    let compared = compare(set_up.project.compared.process.as_deref(), true);
    let more = more(&compared);
    match Changed::of(&[changes.process, of_git], &compared) {
        Changed::Some => Finding::warn(
            id,
            name,
            format!(
                "the draft's process is another than that of {snapshot}, which the schedule runs{more}"
            ),
            PUBLISH,
        ),
        Changed::None => Finding::pass(id, name, format!("{snapshot} is the draft")),
        Changed::Untold => Finding::warn(
            id,
            name,
            format!(
                "cannot be told: the server does not say whether {snapshot} is the draft{more}"
            ),
            format!("Compare the process of the snapshot with the draft's. {PUBLISH}"),
        ),
    }
}

fn variables(
    published: &Published,
    changes: &SnapshotChanges,
    set_up: &SetUp,
    name: &str,
) -> Finding {
    let (id, snapshot) = (Id::PublishedVariables, &published.name);
    let compared = compare(
        set_up.project.compared.variables.as_deref(),
        set_up.sees_all_variables(),
    );
    let more = more(&compared);
    match Changed::of(&[changes.variables, changes.library_variables], &compared) {
        Changed::Some => Finding::warn(
            id,
            name,
            format!(
                "variables have changed since {snapshot} was published, keys perhaps among them; the schedule runs with the old ones{more}"
            ),
            UPDATE,
        ),
        Changed::None => Finding::pass(id, name, format!("as {snapshot} has them")),
        Changed::Untold => Finding::warn(
            id,
            name,
            format!(
                "cannot be told: the server does not say whether variables have changed since {snapshot} was published{more}"
            ),
            UPDATE,
        ),
    }
}
