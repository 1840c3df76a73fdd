//! Verdicts: what is to become of a target, and why, as data. The words for people stand in the report.

use std::fmt;
use std::time::Duration;

/// What is to become of a target, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Stands for no machine of this kind.
    Ignored,
    /// Matches an instance that is not Deleting.
    Kept,
    /// Matches only instances that are being deleted.
    Leaving,
    /// Matches this machine, which runs beside the group.
    Detached(String),
    /// Matches none: to be removed, if all the evidence holds.
    Stale,
    /// Matches none, and is disabled already.
    Done,
    /// Left to a later run.
    Deferred(Deferral),
    /// Octopus reaches it: somebody's machine under a scaling group's name.
    Answers(Reached),
    /// Whether Octopus reaches it is not known.
    Untested(Untested),
    /// Held: variables would be lost with it.
    Referenced(Reference),
    /// Not, or not surely, a machine of this run's groups.
    Foreign(Foreign),
}

/// Why a stale target waits for a later run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deferral {
    /// This task uses it, or may choose it.
    InUse(String),
    /// Whether it is in use could not be learned.
    InUseUnknown(Unanswered),
    /// This part of the registration changed between the two snapshots.
    Changed(&'static str),
    /// Its machine was there in the first snapshot.
    GoneSinceFirstSnapshot,
    /// Its machine was there when its turn came.
    CameBack,
    /// Its registration could not be read once more when its turn came.
    Unread(Unanswered),
    /// It was not there in the first snapshot.
    RegisteredMeanwhile,
    /// A machine whose computer name is not known could be its own.
    NamelessMachine,
    /// It carries the id of a listed machine, which goes by this other name.
    IdIsAnothers(String),
    /// These machines are meant by no target, and one could be its own under another name.
    UnmeantMachine(String),
    /// This group was recreated between the two snapshots.
    Recreated(String),
    /// This group of the run was missing in the first snapshot.
    GroupCame(String),
    /// This group of the run is missing, and could have its machine under a name that nobody knows.
    GroupMissing(String),
    /// All machines are new and none has registered yet.
    MachinesAreNew,
    /// A twin that cannot be seen may have its machine, and Octopus reached that machine.
    TwinUnseen,
    /// Its name only holds one that the group gives, and another group that cannot be seen for want of this may give the
    /// same.
    OthersUnseen(Needs),
    /// Its machine could not be asked for.
    WitnessSilent(Unanswered),
    /// This task waits for an answer about it, or was told to go on without it, and runs.
    GuidedFailure(String),
}

/// A question that was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The question, what came back and what to do next, as one text.
    pub whole: String,
    /// The same without the question: what many targets may share.
    pub why: String,
    /// What the account lacks, where the question was refused for that: it will be refused in every run.
    pub needs: Option<Needs>,
}

/// What an account lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needs {
    /// The permission, or several.
    pub permission: &'static str,
    /// Who has it, in words.
    pub role: &'static str,
}

impl Unanswered {
    /// What came back, as a whole and without the question; and what the account needs if this HTTP status refused it for
    /// want of a permission.
    #[must_use]
    pub fn of(whole: &dyn fmt::Display, why: String, status: Option<u16>, needs: Needs) -> Self {
        Self {
            whole: whole.to_string(),
            why,
            needs: match status {
                Some(401) => Some(Needs::A_VALID_KEY),
                Some(403) => Some(needs),
                Some(_) | None => None,
            },
        }
    }
}

impl From<String> for Unanswered {
    /// For want of something that no server said.
    fn from(why: String) -> Self {
        Self {
            whole: why.clone(),
            why,
            needs: None,
        }
    }
}

impl Needs {
    /// What whoever is not recognised at all needs.
    const A_VALID_KEY: Self = Self {
        permission: "a key, token or secret that is valid",
        role: "what it has is refused altogether",
    };
}

/// How it is known that Octopus reaches a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It was asked to test the connection, and did.
    Tested,
    /// A check by itself found so, this long ago.
    Checked(Duration),
}

/// Why it is not known whether Octopus reaches a target that it does not surely call unavailable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untested {
    /// It is left to Octopus's own health checks.
    Left,
    /// The same in a deployment, where nobody waits for a dead machine.
    InDeployment,
    /// A dry run tests nothing: a test would decide.
    DryRun,
    /// Its machine policy deletes unavailable targets, so that the test itself would delete.
    PolicyDeletes,
    /// Octopus tests no disabled targets.
    Disabled,
    /// More would have been tested than one run may remove.
    BeyondLimit,
    /// The test could not be had.
    NoTest(Unanswered),
    /// The test has no word of it.
    NoWord(&'static str),
    /// The kept target that was tested beside it, to see whether Octopus reaches anything there, has no word of it either.
    BesideNoWord(String),
}

/// Why a stale target is held for the variables that name it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// These projects and variable sets scope variables to it alone.
    Variables(Vec<String>),
    /// The account may not see everything that could, for want of this.
    NotAllVisible(Needs),
    /// Octopus could not say.
    Unknown(Unanswered),
}

/// Why a target that matches no instance is not this run's to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// The name fits no group of the run.
    NameDoesNotFit,
    /// Another group has its machine.
    HasMachineElsewhere(String),
    /// Another group may have its machine, and could not be read: which, and why.
    ElsewhereUnreadable(String, Unanswered),
    /// Another group has a machine whose computer name is not known, and that may be called so.
    NamelessElsewhere(String),
    /// The name fits another group and none of this run's.
    NameFitsElsewhere(String),
    /// It is named after this group of the run, which does not exist.
    OfMissingGroup(String),
}

impl Verdict {
    /// The word that the plan, the report and the documentation call it by.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Kept => "kept",
            Self::Leaving => "leaving",
            Self::Detached(_) => "detached",
            Self::Stale => "stale",
            Self::Done => "done",
            Self::Deferred(_) => "deferred",
            Self::Answers(_) => "answers",
            Self::Untested(_) => "untested",
            Self::Referenced(_) => "referenced",
            Self::Foreign(_) => "foreign",
        }
    }

    /// What the account needs, where the target waits because a question was refused: it will be refused in every run.
    #[must_use]
    pub fn needs(&self) -> Option<Needs> {
        match self {
            Self::Deferred(Deferral::OthersUnseen(needs))
            | Self::Referenced(Reference::NotAllVisible(needs)) => Some(*needs),
            other => other.unanswered()?.needs,
        }
    }

    /// The question that was not answered, where the target waits for that.
    #[must_use]
    pub fn unanswered(&self) -> Option<&Unanswered> {
        match self {
            Self::Deferred(
                Deferral::InUseUnknown(unanswered)
                | Deferral::WitnessSilent(unanswered)
                | Deferral::Unread(unanswered),
            )
            | Self::Referenced(Reference::Unknown(unanswered))
            | Self::Untested(Untested::NoTest(unanswered)) => Some(unanswered),
            Self::Deferred(_)
            | Self::Referenced(_)
            | Self::Untested(_)
            | Self::Answers(_)
            | Self::Ignored
            | Self::Kept
            | Self::Leaving
            | Self::Detached(_)
            | Self::Stale
            | Self::Done
            | Self::Foreign(_) => None,
        }
    }

    /// Kept out of removal although no machine of the group stands behind it: what people may want to look after.
    #[must_use]
    pub fn is_held(&self) -> bool {
        match self {
            Self::Detached(_)
            | Self::Deferred(_)
            | Self::Answers(_)
            | Self::Untested(_)
            | Self::Referenced(_)
            | Self::Foreign(_) => true,
            Self::Ignored | Self::Kept | Self::Leaving | Self::Stale | Self::Done => false,
        }
    }
}
