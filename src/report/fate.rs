//! What became of a target, as a report groups them.

use super::outcome::{Decision, Hold, Outcome};
use crate::octopus::DryRun;
use crate::reconcile::plan::{RemovalAction, Row};
use crate::reconcile::verdict::Verdict;
use serde::{Serialize, Serializer};

/// What became of a target, in the order in which a report has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its registration is ended.
    Removed,
    /// It would have been, in a run that is not dry.
    WouldRemove,
    /// It was to be removed, and that failed.
    Failed,
    /// It was to be removed, and a brake or a failure holds all removals.
    Held,
    /// It was to be removed, and the run ended before its turn.
    Left,
    /// It waits for a later run.
    Waits,
    /// Octopus reaches it.
    Answers,
    /// It is not this run's.
    NotOurs,
    /// Its machine runs beside the scale set.
    Detached,
    /// It matches no machine that was read, in a run that made no plan.
    MatchesNone,
    /// Its machine is being deleted.
    Leaving,
    /// It is disabled already.
    Done,
    /// Its machine exists.
    Kept,
    /// It stands for no machine.
    Ignored,
}

impl Fate {
    /// Every one, in that order.
    pub const ALL: [Self; 14] = [
        Self::Removed,
        Self::WouldRemove,
        Self::Failed,
        Self::Held,
        Self::Left,
        Self::Waits,
        Self::Answers,
        Self::NotOurs,
        Self::Detached,
        Self::MatchesNone,
        Self::Leaving,
        Self::Done,
        Self::Kept,
        Self::Ignored,
    ];

    /// What became of the target of a row.
    pub fn of(row: &Row, outcome: &Outcome, dry_run: DryRun) -> Self {
        match &row.verdict {
            Verdict::Stale => Self::of_candidate(row, outcome, dry_run),
            Verdict::Deferred(_) | Verdict::Untested(_) | Verdict::Referenced(_) => Self::Waits,
            Verdict::Answers(_) => Self::Answers,
            Verdict::Foreign(_) => Self::NotOurs,
            Verdict::Detached(_) => Self::Detached,
            Verdict::Leaving => Self::Leaving,
            Verdict::Done => Self::Done,
            Verdict::Kept => Self::Kept,
            Verdict::Ignored => Self::Ignored,
        }
    }

    fn of_candidate(row: &Row, outcome: &Outcome, dry_run: DryRun) -> Self {
        let Outcome {
            decision: Decision { hold, .. },
            removals,
            ..
        } = outcome;
        let id = &row.target.id;
        if removals.removed.contains_key(id) {
            return Self::Removed;
        }
        if removals.failed.contains_key(id) {
            return Self::Failed;
        }
        match (hold, dry_run) {
            (Some(Hold::Brakes(_) | Hold::Failure(_)), _) => Self::Held,
            (None, DryRun::Yes) => Self::WouldRemove,
            (None | Some(Hold::Declined), _) => Self::Left,
        }
    }

    /// Whether it is one of what became of those that were to be removed.
    pub fn is_of_candidates(self) -> bool {
        match self {
            Self::Removed | Self::WouldRemove | Self::Failed | Self::Held | Self::Left => true,
            Self::Waits
            | Self::Answers
            | Self::NotOurs
            | Self::Detached
            | Self::MatchesNone
            | Self::Leaving
            | Self::Done
            | Self::Kept
            | Self::Ignored => false,
        }
    }

    /// Whether somebody may ask later why.
    pub fn is_worth_a_report(self) -> bool {
        match self {
            Self::Removed
            | Self::WouldRemove
            | Self::Failed
            | Self::Held
            | Self::Left
            | Self::Waits
            | Self::Answers
            | Self::NotOurs
            | Self::Detached
            | Self::MatchesNone => true,
            Self::Leaving | Self::Done | Self::Kept | Self::Ignored => false,
        }
    }

    /// The word that stands for it in the JSON, and in a page's anchors.
    pub fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::WouldRemove => "would-remove",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Left => "left",
            Self::Waits => "waits",
            Self::Answers => "answers",
            Self::NotOurs => "not-ours",
            Self::Detached => "detached",
            Self::MatchesNone => "matches-none",
            Self::Leaving => "leaving",
            Self::Done => "done",
            Self::Kept => "kept",
            Self::Ignored => "ignored",
        }
    }

    /// The sign that stands for it where there is no room for words.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Removed => "\u{2212}",
            Self::WouldRemove => "~",
            Self::Failed => "!",
            Self::Held => "=",
            Self::Left => "/",
            Self::Waits => "\u{2026}",
            Self::Answers => "@",
            Self::NotOurs => "?",
            Self::Detached => "&",
            Self::MatchesNone => "#",
            Self::Leaving => "\u{bb}",
            Self::Done => "\u{d7}",
            Self::Kept => "+",
            Self::Ignored => "\u{b7}",
        }
    }

    /// Its colour in a page: those of one kind have one, for signs and words tell them apart.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Removed | Self::WouldRemove => "gone",
            Self::Failed | Self::Held | Self::Left => "bad",
            Self::Waits | Self::Answers | Self::Detached => "wait",
            Self::NotOurs | Self::MatchesNone => "odd",
            Self::Kept => "good",
            Self::Leaving | Self::Done | Self::Ignored => "calm",
        }
    }

    /// What a group of them is called.
    pub fn title(self, action: RemovalAction) -> &'static str {
        match (self, action) {
            (Self::Removed, RemovalAction::Delete) => "Removed",
            (Self::Removed, RemovalAction::Disable) => "Disabled",
            (Self::WouldRemove, RemovalAction::Delete) => "Would be removed",
            (Self::WouldRemove, RemovalAction::Disable) => "Would be disabled",
            (Self::Failed, RemovalAction::Delete) => "Could not be removed",
            (Self::Failed, RemovalAction::Disable) => "Could not be disabled",
            (Self::Held, _) => "Held back",
            (Self::Left, _) => "Left as they are",
            (Self::Waits, _) => "Wait for a later run",
            (Self::Answers, _) => "Answer",
            (Self::NotOurs, _) => "Not ours, or not surely",
            (Self::Detached, _) => "Detached",
            (Self::MatchesNone, _) => "Match no machine that was read",
            (Self::Leaving, _) => "Leaving",
            (Self::Done, _) => "Disabled already",
            (Self::Kept, _) => "Kept",
            (Self::Ignored, _) => "Ignored",
        }
    }

    /// What that means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Removed => "No machine of their names exists, and all the evidence says so.",
            Self::WouldRemove => {
                "No machine of their names exists, and all the evidence says so; this was a dry run, which changes nothing."
            }
            Self::Failed => "They were to go, and Octopus did not do it.",
            Self::Held => "They were to go, but what stands above holds every removal of this run.",
            Self::Left => {
                "They were to go, but the run ended before it was their turn, or the answer to its question was no."
            }
            Self::Waits => {
                "No machine of their names was found, but something speaks against removing them now."
            }
            Self::Answers => {
                "No machine of the scale set has their names, but Octopus reaches them: they are somebody's machines."
            }
            Self::NotOurs => {
                "They match no machine, and their names are not, or not surely, the scale set's."
            }
            Self::Detached => "Their machines run beside the scale set, not in it.",
            Self::MatchesNone => {
                "This is no list of what to delete: a misspelt scale set looks like one that was deleted, and then its machines are alive."
            }
            Self::Leaving => {
                "Their machines are being deleted; a later run removes the registrations."
            }
            Self::Done => "No machine of their names exists, and they are disabled already.",
            Self::Kept => "Their machines exist.",
            Self::Ignored => "They are no Tentacle or SSH targets, so they stand for no machine.",
        }
    }
}

impl Serialize for Fate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Fate;

    #[test]
    fn every_sign_stands_for_one_thing_and_the_documentation_says_for_which() {
        let page = include_str!("../../docs/report.md");
        let signs = page.lines().filter_map(|line| {
            let (sign, _) = line.strip_prefix("| `")?.split_once("` | ")?;
            Some(sign)
        });

        let signs: Vec<&str> = signs.collect();

        assert_eq!(signs, Fate::ALL.map(Fate::sign));
    }
}
