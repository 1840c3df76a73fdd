//! Why a target has its verdict, in words.

use super::plan::{Deferral, Foreign, Reference, Verdict};
use std::fmt;

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
