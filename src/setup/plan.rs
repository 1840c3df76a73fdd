//! A plan: what there is to say of each thing, and the writes that carry it out. Values alone.

use super::document::Edit;
use super::part::SetupPart;
use serde_json::Value;
use std::fmt;

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is made.
    Create,
    /// It is changed.
    Change,
    /// It stays as it is.
    Same,
    /// Somebody has to decide; until then nothing at all is changed.
    Open,
    /// It is for somebody to do elsewhere; the rest does not wait for it.
    ByHand,
}

impl Sign {
    /// As it is printed.
    #[must_use]
    pub fn shown(self) -> char {
        match self {
            Self::Create => '+',
            Self::Change => '~',
            Self::Same => '=',
            Self::Open | Self::ByHand => '!',
        }
    }

    /// Whether something is made or changed.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Create | Self::Change => true,
            Self::Same | Self::Open | Self::ByHand => false,
        }
    }
}

/// What is changed of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What people call it.
    pub what: String,
    /// What it was; empty for nothing.
    pub old: String,
    /// What it will be.
    pub new: String,
}

/// A line of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// The part it belongs to.
    pub part: SetupPart,
    /// What becomes of it.
    pub sign: Sign,
    /// What it is about, with its name.
    pub subject: String,
    /// What is changed.
    pub changes: Vec<Change>,
    /// What else there is to say; what to do, where a decision is open.
    pub note: String,
    /// What somebody has to commit.
    pub commit: String,
}

/// A request that changes something. What it sends may hold the key, and is never printed.
#[derive(Clone)]
pub enum Write {
    /// Makes something below a path.
    Create {
        /// Where it is made.
        path: Vec<String>,
        /// What it is.
        body: Value,
    },
    /// Replaces something by what was read, with other values for what was planned.
    Replace {
        /// Where it is.
        path: Vec<String>,
        /// What was read.
        was: Value,
        /// What it will be.
        body: Value,
    },
    /// Gives a target another machine policy, unless it has changed meanwhile: then it is left.
    Reassign {
        /// The target's id.
        machine: String,
        /// Its name.
        name: String,
        /// The id of the machine policy it had; `None` where it names none.
        from: Option<String>,
        /// The name of that.
        policy: String,
        /// The id of the one it gets.
        to: String,
    },
}

impl Write {
    /// Where it writes.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Create { path, .. } | Self::Replace { path, .. } => path.join("/"),
            Self::Reassign { machine, .. } => format!("machines/{machine}"),
        }
    }

    /// Whether both take the same target from the same machine policy.
    #[must_use]
    pub fn is_same_move(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Reassign { machine, from, .. },
                Self::Reassign {
                    machine: others,
                    from: others_from,
                    ..
                },
            ) => machine == others && from == others_from,
            _ => false,
        }
    }

    /// Whether both make the same kind of thing, or change the same thing.
    #[must_use]
    pub fn aims_at_what(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.path() == other.path()
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Write({})", self.path())
    }
}

/// What one part says: its lines, and what carries them out, in order.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// The lines.
    pub rows: Vec<PlanLine>,
    /// The writes.
    pub writes: Vec<Write>,
}

/// Whether something may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum May {
    /// It was made by `setup`, or a flag allows it.
    Yes,
    /// It is somebody else's; this flag would allow it.
    NotWithout(String),
}

impl PlanLine {
    /// A line without changes.
    pub fn new(
        part: SetupPart,
        sign: Sign,
        subject: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        Self {
            part,
            sign,
            subject: subject.into(),
            changes: Vec::new(),
            note: note.into(),
            commit: String::new(),
        }
    }
}

impl Proposal {
    /// One line, and nothing to do.
    pub fn of(row: PlanLine) -> Self {
        Self {
            rows: vec![row],
            writes: Vec::new(),
        }
    }

    /// Something that is made below a path.
    pub fn create(row: PlanLine, path: &[&str], body: Value) -> Self {
        Self {
            rows: vec![row],
            writes: vec![Write::Create {
                path: owned(path),
                body,
            }],
        }
    }

    /// Something that is as it is, or corrected where it may be.
    pub fn correct(part: SetupPart, subject: &str, path: &[&str], edit: Edit, may: May) -> Self {
        let (was, body, changes) = edit.into_parts();
        let row = |sign, note: String| PlanLine {
            changes: changes.clone(),
            ..PlanLine::new(part, sign, subject, note)
        };
        match (changes.is_empty(), may) {
            (true, _) => Self::of(row(Sign::Same, String::new())),
            (false, May::NotWithout(flag)) => Self::of(row(
                Sign::Open,
                format!("somebody else made it. {flag} changes it all the same"),
            )),
            (false, May::Yes) => Self {
                rows: vec![row(Sign::Change, String::new())],
                writes: vec![Write::Replace {
                    path: owned(path),
                    was,
                    body,
                }],
            },
        }
    }

    /// Whether a line makes or changes something.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.rows.iter().any(|row| row.sign.changes())
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.writes.is_empty()
    }
}

/// A path whose words are kept.
pub fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|it| (*it).to_owned()).collect()
}
