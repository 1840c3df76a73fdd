//! A plan: what is to become of every target in scope, and what that rests on.

use super::ownership::Proof;
use super::snapshot::{GroupId, Health, Instance, InstanceState, ScalingGroup, Target};
use super::verdict::{Deferral, Needs, Verdict};
use super::witness::{InstanceAnswer, InstanceQuestion};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

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
    /// Those that its name means, and that are being deleted.
    pub going: Vec<Arc<Instance>>,
    /// The groups that give such a name; of a stale target none only without `OwnedOnly`.
    pub owners: Vec<Owner>,
    /// What is known of whether the machine itself answers.
    pub machine: MachineWord,
    /// How long before this was asked Octopus had checked the target, where it was asked and says so.
    pub checked_ago: Option<Duration>,
    /// What the second witness said of the instances that its name may stand for.
    pub heard: Vec<(InstanceQuestion, InstanceAnswer)>,
}

/// What is known of whether a candidate's machine itself answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MachineWord {
    /// Nobody asked.
    #[default]
    Unasked,
    /// Octopus calls it unavailable.
    Unavailable,
    /// A test that this run asked for found it unavailable; Octopus called it so, which old servers do in another word.
    FoundUnavailable(Health),
    /// It shares the endpoint of a kept target: what answers there is that one.
    SharesEndpoint,
}

/// A group that gives a target's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The group.
    pub group: GroupId,
    /// The ids of the instances that the name may stand for; empty where the group's names carry none.
    pub instance_ids: BTreeSet<String>,
    /// How much that name proves.
    pub proof: Proof,
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

    /// What somebody is asked whether to do.
    #[must_use]
    pub fn to_do(self) -> &'static str {
        match self {
            Self::Delete => "Remove",
            Self::Disable => "Disable",
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

impl Row {
    /// Whether the target would be removed.
    #[must_use]
    pub fn is_candidate(&self) -> bool {
        self.verdict == Verdict::Stale
    }

    /// How much it proves that some group gives the target's name; `None` where none does.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        self.evidence.owners.iter().map(|owner| owner.proof).min()
    }
}

impl Plan {
    /// The targets that would be removed.
    pub fn candidates(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_candidate())
    }

    /// The targets that are kept.
    pub fn kept(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.verdict == Verdict::Kept)
    }

    /// What the account needs for those that wait because a question was refused, each with their names.
    #[must_use]
    pub fn refusals(&self) -> BTreeMap<Needs, Vec<&str>> {
        let mut refusals: BTreeMap<Needs, Vec<&str>> = BTreeMap::new();
        for row in &self.rows {
            if let Some(needs) = row.verdict.needs() {
                refusals.entry(needs).or_default().push(&row.target.name);
            }
        }
        refusals
    }

    /// How many targets a percentage is of: those that stand for a machine. What is disabled already counts for no brake: it
    /// would loosen a percentage for ever.
    #[must_use]
    pub fn counted(&self) -> usize {
        let counts = |row: &&Row| row.target.connection().is_some() && row.verdict != Verdict::Done;
        self.rows.iter().filter(counts).count()
    }

    /// How many targets would be removed.
    #[must_use]
    pub fn candidate_count(&self) -> usize {
        self.candidates().count()
    }

    /// The instances that a target's name means, those that are being deleted included.
    #[must_use]
    pub fn meant(&self) -> MatchedInstances {
        let evidence = self.rows.iter().map(|row| &row.evidence);
        let meant = evidence.flat_map(|it| it.kept_by.iter().chain(&it.going));
        MatchedInstances(meant.map(Arc::as_ptr).collect())
    }

    /// The instances that keep a target.
    #[must_use]
    pub fn matched(&self) -> MatchedInstances {
        let kept_by = self.rows.iter().flat_map(|row| &row.evidence.kept_by);
        MatchedInstances(kept_by.map(Arc::as_ptr).collect())
    }

    /// Instances of which a target may be expected exist, and no target matches any instance: wrong group, or names that do
    /// not line up.
    #[must_use]
    pub fn nothing_matches(&self, groups: &[ScalingGroup]) -> bool {
        groups.iter().any(|group| group.awake().next().is_some())
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
    /// The most of `of` targets that are allowed.
    #[must_use]
    pub fn count_of(self, of: usize) -> usize {
        match self {
            Self::Count(limit) => limit,
            Self::Percent(limit) => limit * of / 100,
        }
    }

    /// Whether `candidates` of `of` targets are more than the limit. Equal is allowed.
    #[must_use]
    pub fn is_exceeded_by(self, candidates: usize, of: usize) -> bool {
        match self {
            Self::Count(limit) => candidates > limit,
            Self::Percent(limit) => candidates * 100 > limit * of,
        }
    }
}
