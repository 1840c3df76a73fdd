//! A plan: what is to become of every target in scope, and why, as data and in words.

use super::snapshot::{GroupId, Instance, InstanceState, ScalingGroup, Target};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// What is to become of every target in scope.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// One for each target, in the order of Octopus's list.
    pub rows: Vec<Row>,
}

/// A target, what is to become of it, and the evidence for that.
#[derive(Debug, Clone)]
pub struct Row {
    /// The target.
    pub target: Arc<Target>,
    /// What is to become of it.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub evidence: Evidence,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The instances that keep the target.
    pub kept_by: Vec<Arc<Instance>>,
    /// The groups that give such a name; of a stale target none only without `OwnedOnly`.
    pub owners: Vec<Owner>,
    /// The name without its decoration, where it carries one.
    pub undecorated: Vec<String>,
}

/// A group that gives a target's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The group.
    pub group: GroupId,
    /// The ids of the instances that the name may stand for; empty where the group's names carry none.
    pub instance_ids: Vec<String>,
}

/// The settings that a verdict depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What a removal does to a registration.
    pub action: RemovalAction,
    /// Whether only names that fit a group's pattern are ever removed.
    pub owned_only: OwnedOnly,
}

/// What a removal does to a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalAction {
    /// Deletes it.
    Delete,
    /// Disables it, which can be taken back.
    Disable,
}

impl RemovalAction {
    /// What is done to registrations, at the beginning of a line.
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Self::Delete => "Removing",
            Self::Disable => "Disabling",
        }
    }

    /// What a registration is when it is done.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Delete => "removed",
            Self::Disable => "disabled",
        }
    }
}

/// Whether only names that fit a group's pattern are ever removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedOnly {
    /// Only those.
    Yes,
    /// Any that matches no instance.
    No,
}

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
    InUseUnknown(String),
    /// This part of the registration changed between the two snapshots.
    Changed(&'static str),
    /// Its machine was there in the first snapshot.
    GoneSinceFirstSnapshot,
    /// It was not there in the first snapshot.
    RegisteredMeanwhile,
    /// A machine whose computer name is not known could be its own.
    NamelessMachine,
    /// This group was recreated between the two snapshots.
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

/// Why a target that matches no instance is not this run's to remove.
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
    /// Every word, in the order in which people read how many there are of each.
    pub const WORDS: [&'static str; 9] = [
        "kept",
        "leaving",
        "detached",
        "stale",
        "done",
        "deferred",
        "referenced",
        "foreign",
        "ignored",
    ];

    /// The word that the plan, the report and the documentation call it by; one of [`Self::WORDS`].
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
            Self::Referenced(_) => "referenced",
            Self::Foreign(_) => "foreign",
        }
    }

    /// Kept out of removal although no machine of the group stands behind it: what people may want to look after.
    #[must_use]
    pub fn is_held(&self) -> bool {
        match self {
            Self::Detached(_) | Self::Deferred(_) | Self::Referenced(_) | Self::Foreign(_) => true,
            Self::Ignored | Self::Kept | Self::Leaving | Self::Stale | Self::Done => false,
        }
    }
}

/// The reason.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => f.write_str("not a Tentacle or SSH target"),
            Self::Kept => f.write_str("its machine exists"),
            Self::Leaving => {
                f.write_str("its machine is being deleted; a later run removes the registration")
            }
            Self::Detached(machine) => write!(
                f,
                "machine {machine} runs beside the scaling group, not in it"
            ),
            Self::Stale => f.write_str("no machine of this name exists"),
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
            Self::GoneSinceFirstSnapshot => f.write_str("its machine was there at the first look; a later run decides"),
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

impl Row {
    /// Whether the target would be removed.
    #[must_use]
    pub fn is_candidate(&self) -> bool {
        self.verdict == Verdict::Stale
    }

    /// The name of the target, as it is and without its decorations.
    pub(super) fn readings(&self) -> impl Iterator<Item = &str> + Clone {
        let undecorated = self.evidence.undecorated.iter().map(String::as_str);
        undecorated.chain([self.target.name.as_str()])
    }
}

impl Plan {
    /// The targets that would be removed.
    pub fn candidates(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_candidate())
    }

    /// How many targets would be removed.
    #[must_use]
    pub fn candidate_count(&self) -> usize {
        self.candidates().count()
    }

    /// The instances that keep a target.
    #[must_use]
    pub fn matched(&self) -> MatchedInstances {
        let kept_by = self.rows.iter().flat_map(|row| &row.evidence.kept_by);
        MatchedInstances(kept_by.map(Arc::as_ptr).collect())
    }

    /// Instances exist, and no target matches any: wrong group, or names that do not line up.
    #[must_use]
    pub fn nothing_matches(&self, groups: &[ScalingGroup]) -> bool {
        groups.iter().any(|g| !g.instances.is_empty())
            && !self
                .rows
                .iter()
                .any(|row| matches!(row.verdict, Verdict::Kept | Verdict::Leaving))
    }

    /// The instances of the snapshot that no target matches. Failed ones and those being deleted will not register and are
    /// none of them.
    #[must_use]
    pub fn unregistered<'a>(&self, groups: &'a [ScalingGroup]) -> Vec<&'a Arc<Instance>> {
        let registered = self.matched();
        let missing = |instance: &&Arc<Instance>| match instance.state {
            InstanceState::Failed | InstanceState::Deleting => false,
            InstanceState::Creating | InstanceState::Present => !registered.contains(instance),
        };
        let instances = groups.iter().flat_map(|group| &group.instances);
        instances.filter(missing).collect()
    }

    /// Leaves those candidates to a later run for which `why` has a reason.
    pub fn defer_candidates(&mut self, why: impl Fn(&Row) -> Option<Deferral>) {
        for row in self.rows.iter_mut().filter(|row| row.is_candidate()) {
            if let Some(deferral) = why(row) {
                row.verdict = Verdict::Deferred(deferral);
            }
        }
    }
}

/// Instances of one snapshot, told apart even where they are alike.
#[derive(Debug)]
pub struct MatchedInstances(HashSet<*const Instance>);

impl MatchedInstances {
    /// Whether this instance of the snapshot is among them.
    #[must_use]
    pub fn contains(&self, instance: &Arc<Instance>) -> bool {
        self.0.contains(&Arc::as_ptr(instance))
    }
}

/// The most targets that one run may remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    Count(usize),
    /// So many in a hundred of the Tentacle and SSH targets in scope, unrounded.
    Percent(usize),
}

impl Limit {
    /// Whether `candidates` of `of` targets are more than the limit. Equal is allowed.
    #[must_use]
    pub fn is_exceeded_by(self, candidates: usize, of: usize) -> bool {
        match self {
            Self::Count(limit) => candidates > limit,
            Self::Percent(limit) => candidates * 100 > limit * of,
        }
    }
}
