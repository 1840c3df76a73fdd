//! What is published, and whether it is what the draft and the variables are today.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{Published, SnapshotChanges};

const PUBLISH: &str = "Publish the runbook: Publish... in its menu";
const UPDATE: &str = "Update the variables of the snapshot (the runbook's Snapshots > the snapshot > Update variables), or publish again";

pub(super) fn judge(set_up: &SetUp, name: &str) -> Vec<Finding> {
    let side = &set_up.project;
    let id = Id::Published;
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
                    process(published, changes, name),
                    variables(published, changes, name),
                ]
            }),
        })
}

/// What a server says of several things together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changed {
    /// One of them has changed.
    Some,
    /// None has.
    None,
    /// None is said to have, and of one nothing is said.
    Untold,
}

impl Changed {
    fn of(all: &[Option<bool>]) -> Self {
        match all {
            _ if all.contains(&Some(true)) => Self::Some,
            _ if all.contains(&None) => Self::Untold,
            _ => Self::None,
        }
    }
}

/// Only newer servers speak of what is in Git: what they do not say has not changed.
fn process(published: &Published, changes: &SnapshotChanges, name: &str) -> Finding {
    let (id, snapshot) = (Id::Published, &published.name);
    let of_git = Some(changes.git_resources.unwrap_or_default());
    match Changed::of(&[changes.process, of_git]) {
        Changed::Some => Finding::warn(
            id,
            name,
            format!(
                "the draft's process is another than that of {snapshot}, which the schedule runs"
            ),
            PUBLISH,
        ),
        Changed::None => Finding::pass(id, name, format!("{snapshot} is the draft")),
        Changed::Untold => Finding::warn(
            id,
            name,
            format!("cannot be told: the server does not say whether {snapshot} is the draft"),
            format!("Compare the process of the snapshot with the draft's. {PUBLISH}"),
        ),
    }
}

fn variables(published: &Published, changes: &SnapshotChanges, name: &str) -> Finding {
    let (id, snapshot) = (Id::PublishedVariables, &published.name);
    match Changed::of(&[changes.variables, changes.library_variables]) {
        Changed::Some => Finding::warn(
            id,
            name,
            format!(
                "variables have changed since {snapshot} was published, keys perhaps among them; the schedule runs with the old ones"
            ),
            UPDATE,
        ),
        Changed::None => Finding::pass(id, name, format!("as {snapshot} has them")),
        Changed::Untold => Finding::warn(
            id,
            name,
            format!(
                "cannot be told: the server does not say whether variables have changed since {snapshot} was published"
            ),
            UPDATE,
        ),
    }
}
