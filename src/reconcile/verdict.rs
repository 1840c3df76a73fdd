//! What is to become of a target, and why, as data and in words.

use super::identity::Seat;
use std::fmt;

/// What is to become of a target, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Stands for no machine of this kind.
    Ignored,
    /// Means these machines, none of them Deleting.
    Kept(Vec<Seat>),
    /// Means only machines that are being deleted.
    Leaving,
    /// Means this machine, which runs beside the group.
    Detached(String),
    /// Means none: to be removed, if all the evidence holds.
    Stale(Claim),
    /// Means none, and is disabled already.
    Done,
    /// Left to a later run.
    Deferred(Deferral),
    /// Held: variables would be lost with it.
    Referenced(Reference),
    /// Not, or not surely, a machine of this run's groups.
    Foreign(Foreign),
}

/// Why a stale target is this run's to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// The name without its decoration, where it carries one.
    pub cores: Vec<String>,
    /// The groups whose pattern the name fits, with the numbers it may stand for. Empty only without `OwnedOnly`.
    pub groups: Vec<(usize, Vec<u64>)>,
}

impl Claim {
    /// The name of the target that claims, as it is and without its decorations.
    pub(super) fn readings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.cores.iter().map(String::as_str).chain([name])
    }
}

/// Why a stale target waits for a later run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deferral {
    /// This task uses it, or may choose it.
    InUse(String),
    /// Whether it is in use could not be learned.
    InUseUnknown(String),
    /// This part of the registration changed between the two looks.
    Changed(&'static str),
    /// Its machine was there at the first look.
    GoneSinceFirstLook,
    /// It was not there at the first look.
    RegisteredMeanwhile,
    /// A machine whose computer name is not known could be its own.
    NamelessMachine,
    /// This group was recreated between the two looks.
    Recreated(String),
    /// All machines are new and none has registered yet.
    MachinesAreNew,
    /// A twin that cannot be seen may have its machine, and Octopus reached that machine.
    TwinUnseen,
    /// Its machine could not be asked for.
    WitnessSilent(String),
    /// This task waits for an answer about it, or was told to go on without it, and runs.
    GuidedFailure(String),
}

/// Why a stale target is held for the variables that name it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// These projects and variable sets scope variables to it alone.
    Variables(Vec<String>),
    /// The account may not see everything that could.
    NotAllVisible,
    /// Octopus could not say.
    Unknown(String),
}

/// Why a target that means no machine is not this run's to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// The name fits no group of the run.
    NameDoesNotFit,
    /// Another group has its machine.
    HasMachineElsewhere(String),
    /// Another group may have its machine, and could not be read: which, and why.
    ElsewhereUnreadable(String, String),
    /// The name fits another group and none of this run's.
    NameFitsElsewhere(String),
}

impl Verdict {
    /// The machines that keep it.
    pub(super) fn seats(&self) -> &[Seat] {
        if let Self::Kept(seats) = self {
            seats
        } else {
            &[]
        }
    }

    /// The word that the plan, the report and the documentation call it by.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Kept(_) => "kept",
            Self::Leaving => "leaving",
            Self::Detached(_) => "detached",
            Self::Stale(_) => "stale",
            Self::Done => "done",
            Self::Deferred(_) => "deferred",
            Self::Referenced(_) => "referenced",
            Self::Foreign(_) => "foreign",
        }
    }

    /// Kept out of removal although no machine of the group stands behind it: what people may want to look after.
    #[must_use]
    pub fn is_held(&self) -> bool {
        match self {
            Self::Detached(_) | Self::Deferred(_) | Self::Referenced(_) | Self::Foreign(_) => true,
            Self::Ignored | Self::Kept(_) | Self::Leaving | Self::Stale(_) | Self::Done => false,
        }
    }
}

/// The reason.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => f.write_str("not a Tentacle or SSH target"),
            Self::Kept(_) => f.write_str("its machine exists"),
            Self::Leaving => {
                f.write_str("its machine is being deleted; a later run removes the registration")
            }
            Self::Detached(machine) => write!(
                f,
                "machine {machine} runs beside the scaling group, not in it"
            ),
            Self::Stale(_) => f.write_str("no machine of this name exists"),
            Self::Done => f.write_str("no machine of this name exists, and it is disabled already"),
            Self::Deferred(deferral) => deferral.fmt(f),
            Self::Referenced(reference) => reference.fmt(f),
            Self::Foreign(foreign) => foreign.fmt(f),
        }
    }
}

impl fmt::Display for Deferral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(task) => write!(f, "in use by {task}; a later run removes it"),
            Self::InUseUnknown(why) => write!(f, "whether a task uses it could not be learned: {why}"),
            Self::Changed(what) => write!(f, "its {what} changed while this run looked"),
            Self::GoneSinceFirstLook => f.write_str("its machine was there at the first look; a later run decides"),
            Self::RegisteredMeanwhile => {
                f.write_str("registered while this run looked, and no machine of this name exists; a later run decides")
            }
            Self::NamelessMachine => f.write_str(
                "a machine whose computer name the cloud does not tell could be its own; register that machine, or look at it",
            ),
            Self::Recreated(group) => write!(f, "{group} was recreated while this run looked"),
            Self::MachinesAreNew => {
                f.write_str("no machine has registered yet and all are younger than 30 minutes; a later run decides")
            }
            Self::TwinUnseen => f.write_str(
                "Octopus last found it healthy, and a scaling group that this account may not see could have its machine",
            ),
            Self::WitnessSilent(why) => write!(f, "whether its own machine answers could not be learned: {why}"),
            Self::GuidedFailure(task) => write!(f, "part of a guided failure of {task}, which still runs; a later run removes it"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variables(owners) => {
                write!(f, "variables of {} are scoped to it alone and would be lost; rescope them first", owners.join(", "))
            }
            Self::NotAllVisible => f.write_str(
                "variables that this account may not see could be scoped to it alone; give it VariableView and LibraryVariableSetView",
            ),
            Self::Unknown(why) => write!(f, "whether variables are scoped to it alone could not be learned: {why}"),
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameDoesNotFit => f.write_str(
                "no machine of this name exists, but it is not a name the scaling group gives",
            ),
            Self::HasMachineElsewhere(group) => write!(f, "{group} has its machine"),
            Self::ElsewhereUnreadable(group, why) => write!(
                f,
                "{group} may have its machine and could not be read: {why}"
            ),
            Self::NameFitsElsewhere(group) => write!(f, "it is a name that {group} gives"),
        }
    }
}
