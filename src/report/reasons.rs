//! Why a target has its verdict, in words for people. What many targets may share stands in [`super::shared`].

use crate::reconcile::verdict::{Deferral, Foreign, Needs, Reached, Reference, Untested, Verdict};
use std::fmt;

/// The reason.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => f.write_str("not a Tentacle or SSH target"),
            Self::Kept => f.write_str("its machine exists"),
            Self::Leaving => {
                f.write_str("its machine is being deleted; a later run removes the registration")
            }
            Self::Detached(machine) => {
                write!(f, "machine {machine} runs beside the scale set, not in it")
            }
            Self::Stale => f.write_str("no machine of this name exists"),
            Self::Done => f.write_str("no machine of this name exists, and it is disabled already"),
            Self::Deferred(deferral) => deferral.fmt(f),
            Self::Answers(reached) => reached.fmt(f),
            Self::Untested(untested) => untested.fmt(f),
            Self::Referenced(reference) => reference.fmt(f),
            Self::Foreign(foreign) => foreign.fmt(f),
        }
    }
}

impl fmt::Display for Deferral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(task) => write!(f, "in use by {task}; a later run removes it"),
            Self::InUseUnknown(_) => f.write_str("whether a task uses it could not be learned"),
            Self::Changed(what) => write!(f, "its {what} changed while this run looked"),
            Self::GoneSinceFirstSnapshot => f.write_str("its machine was there at the first look; a later run decides"),
            Self::Unread(_) => f.write_str("how it is when its turn comes could not be learned"),
            Self::CameBack => f.write_str("its machine is there when its turn comes; a later run decides"),
            Self::RegisteredMeanwhile => {
                f.write_str("registered while this run looked, and no machine of this name exists; a later run decides")
            }
            Self::NamelessMachine => f.write_str(
                "a machine whose computer name Azure does not tell could be its own; register that machine, or look at it",
            ),
            Self::IdIsAnothers(machine) => write!(
                f,
                "it carries the number of {machine}, which exists, so nothing says that its own machine is gone; a later run decides",
            ),
            Self::UnmeantMachine(machine) => write!(
                f,
                "no target in scope has the name of {machine}, which the scale set lists, and which could be this one's machine under another name; register it, or look at it",
            ),
            Self::Recreated(group) => write!(f, "{group} was recreated while this run looked"),
            Self::GroupCame(group) => {
                write!(f, "{group} was not found at the first look, and is there now; a later run decides")
            }
            Self::GroupMissing(group) => {
                write!(f, "no scale set of this run gives such a name, and it could be of {group}, which is not found")
            }
            Self::MachinesAreNew => {
                f.write_str("no machine has registered yet and all are younger than 30 minutes; a later run decides")
            }
            Self::TwinUnseen => f.write_str(
                "Octopus last found it healthy, and a scale set that this account may not see could have its machine",
            ),
            Self::OthersUnseen(_) => f.write_str(
                "its name only holds one that the scale set gives, no kept target is decorated so, and a scale set that this account may not see could give the same",
            ),
            Self::WitnessSilent(_) => f.write_str("whether its own machine is there could not be learned"),
            Self::GuidedFailure(task) => write!(f, "part of a guided failure of {task}, which still runs; a later run removes it"),
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no machine of this name exists, and yet it answers: ")?;
        match self {
            Self::Tested => f.write_str("Octopus tested its connection now"),
            Self::Checked(ago) => {
                write!(
                    f,
                    "Octopus checked it {} minutes ago",
                    (ago.as_secs() + 30) / 60
                )
            }
        }
    }
}

impl fmt::Display for Untested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no machine of this name exists, but Octopus does not surely call it unavailable; ",
        )?;
        match self {
            Self::Left => f.write_str("it waits for a health check that does"),
            Self::InDeployment => f.write_str(
                "a deployment does not test it: a runbook with this step does, or the next health check of its machine policy",
            ),
            Self::DryRun => f.write_str("a dry run tests nothing, and a test would decide"),
            Self::PolicyDeletes => f.write_str(
                "a test would itself delete it, because its machine policy, as far as it can be seen, deletes unavailable targets; the policy's next health check decides",
            ),
            Self::Disabled => f.write_str(
                "Octopus tests no disabled targets: enable it, delete it by hand, or have it removed unasked for once",
            ),
            Self::BeyondLimit => f.write_str("no more are tested than one run may remove; a later run decides"),
            Self::NoTest(_) => f.write_str("it could not be tested"),
            Self::NoWord(why) => write!(f, "its test came to no result: {why}; a later run decides"),
            Self::BesideNoWord(control) => write!(
                f,
                "the test found it unavailable, but {control}, tested beside it to see whether Octopus reaches anything there, could not be tested; a later run decides",
            ),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variables(owners) => {
                write!(
                    f,
                    "variables of {} are scoped to it alone and would be lost; rescope them first",
                    owners.join(", ")
                )
            }
            Self::NotAllVisible(Needs { permission, .. }) => write!(
                f,
                "variables that this account may not see could be scoped to it alone; give it {permission}",
            ),
            Self::Unknown(_) => {
                f.write_str("whether variables are scoped to it alone could not be learned")
            }
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameDoesNotFit => f.write_str(
                "no machine of this name exists, but it is not a name the scale set gives",
            ),
            Self::HasMachineElsewhere(group) => write!(f, "{group} has its machine"),
            Self::ElsewhereUnreadable(group, _) => {
                write!(f, "{group} may have its machine and could not be read")
            }
            Self::NamelessElsewhere(group) => write!(
                f,
                "{group} has a machine whose computer name Azure does not tell, and which could be its own"
            ),
            Self::NameFitsElsewhere(group) => write!(f, "it is a name that {group} gives"),
            Self::OfMissingGroup(group) => write!(f, "may be of {group}, which is not found"),
        }
    }
}
