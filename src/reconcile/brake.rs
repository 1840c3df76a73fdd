//! Reasons to remove nothing at all. A brake holds back every removal of the run, never a part of them.
//!
//! | brake | what lifts it |
//! |---|---|
//! | a listing is empty although the capacity is above 0 | a machine, or capacity 0 |
//! | a machine answers that no listing has; a group's own list names one that the listing lacks | a later run |
//! | machines exist and no target means any of them | one target that does |
//! | more candidates than the limit | a higher limit |

use super::plan::{Plan, Verdict};
use super::{Group, Look, TargetKind};
use std::collections::HashSet;
use std::fmt;

/// A reason not to apply a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brake {
    /// The group lists no machine although it is asked to have some.
    EmptyListing {
        /// The group.
        group: String,
        /// What it is asked to have; `None` if it does not say.
        capacity: Option<u64>,
    },
    /// Machines exist, and no target in scope means any of them.
    NothingMatches {
        /// How many machines.
        machines: usize,
        /// The name of one.
        machine: String,
        /// The name of one target.
        target: String,
    },
    /// The machine of a candidate answers although no listing has it.
    StillAnswers {
        /// The candidate.
        target: String,
        /// Its machine, with its group.
        machine: String,
        /// The state it answered with.
        state: String,
    },
    /// The group's own list names machines that the listing lacks.
    ListingLacks {
        /// The group.
        group: String,
        /// How many are missing.
        missing: usize,
        /// The name of one.
        machine: String,
    },
    /// The group's own list is empty although machines of it are listed.
    OwnListEmpty {
        /// The group.
        group: String,
        /// How many are listed.
        machines: usize,
    },
    /// More candidates than one run may remove.
    OverLimit {
        /// How many candidates.
        candidates: usize,
        /// The limit.
        limit: Limit,
        /// How many targets a percentage is of.
        of: usize,
    },
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

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(limit) => write!(f, "{limit}"),
            Self::Percent(limit) => write!(f, "{limit}%"),
        }
    }
}

/// What is wrong with what was read, whether or not anything would be removed: a brake where something would, else a
/// warning.
#[must_use]
pub fn doubts(look: &Look, plan: &Plan) -> Vec<Brake> {
    let empty = |group: &&Group| group.instances.is_empty() && group.capacity != Some(0);
    let empty = look
        .groups
        .iter()
        .filter(empty)
        .map(|g| Brake::EmptyListing {
            group: g.title.clone(),
            capacity: g.capacity,
        });
    empty.chain(nothing_matches(look, plan)).collect()
}

fn nothing_matches(look: &Look, plan: &Plan) -> Option<Brake> {
    let target = look
        .targets
        .iter()
        .find(|t| t.kind == TargetKind::Machine)?;
    let machine = look.groups.iter().find_map(|g| g.instances.first())?;
    plan.nothing_matches(look).then(|| Brake::NothingMatches {
        machines: look.groups.iter().map(|g| g.instances.len()).sum(),
        machine: machine
            .computer_name
            .as_ref()
            .unwrap_or(&machine.resource_name)
            .clone(),
        target: target.name.clone(),
    })
}

/// More candidates than the limit.
#[must_use]
pub fn over_limit(look: &Look, plan: &Plan, limit: Limit) -> Option<Brake> {
    // What is disabled already counts for no brake: it would loosen a percentage for ever.
    let counts = |(target, verdict): &(&super::Target, &Verdict)| {
        target.kind == TargetKind::Machine && !matches!(verdict, Verdict::Done)
    };
    let of = look
        .targets
        .iter()
        .zip(&plan.verdicts)
        .filter(counts)
        .count();
    let candidates = plan.candidate_count();
    limit
        .is_exceeded_by(candidates, of)
        .then_some(Brake::OverLimit {
            candidates,
            limit,
            of,
        })
}

/// The names a listing has, against those of the group's own list. Each machine of that comes with every name that it has
/// there; one that is listed under any of them is listed.
#[must_use]
pub fn incomplete_listing(group: &Group, own_list: &[Vec<String>]) -> Option<Brake> {
    if own_list.is_empty() && !group.instances.is_empty() {
        return Some(Brake::OwnListEmpty {
            group: group.title.clone(),
            machines: group.instances.len(),
        });
    }
    let fold = |name: &str| name.trim().to_lowercase();
    let machines = group.instances.iter().chain(&group.bystanders);
    let listed: HashSet<String> = machines.map(|i| fold(&i.resource_name)).collect();
    let mut missing = own_list
        .iter()
        .filter(|names| !names.iter().any(|name| listed.contains(&fold(name))));
    let machine = missing.next()?.first()?.clone();
    Some(Brake::ListingLacks {
        group: group.title.clone(),
        missing: missing.count() + 1,
        machine,
    })
}

/// The fact.
impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyListing {
                group,
                capacity: Some(capacity),
            } => {
                write!(
                    f,
                    "{group} lists no instance although its capacity is {capacity}"
                )
            }
            Self::EmptyListing {
                group,
                capacity: None,
            } => {
                write!(
                    f,
                    "{group} lists no instance and does not say what its capacity is"
                )
            }
            Self::NothingMatches {
                machines,
                machine,
                target,
            } => write!(
                f,
                "{machines} instances exist (such as {machine}), and no target in scope (such as {target}) matches any of them"
            ),
            Self::StillAnswers {
                target,
                machine,
                state,
            } => {
                write!(
                    f,
                    "{machine}, the machine of {target}, answers ({state}) although no listing has it"
                )
            }
            Self::ListingLacks {
                group,
                missing,
                machine,
            } => {
                write!(
                    f,
                    "{group} names {missing} of its machines (such as {machine}) that the listing of machines lacks"
                )
            }
            Self::OwnListEmpty { group, machines } => {
                write!(
                    f,
                    "{group} names no machine as its own although {machines} are listed"
                )
            }
            Self::OverLimit {
                candidates,
                limit: limit @ Limit::Count(_),
                ..
            } => {
                write!(
                    f,
                    "{candidates} targets would be removed, and VMSS.Removal.Limit is {limit}"
                )
            }
            Self::OverLimit {
                candidates,
                limit,
                of,
            } => {
                write!(
                    f,
                    "{candidates} of {of} targets would be removed, and VMSS.Removal.Limit is {limit}"
                )
            }
        }
    }
}

impl Brake {
    /// What lifts it.
    #[must_use]
    pub fn lifted_by(&self) -> &'static str {
        match self {
            Self::EmptyListing { .. } => {
                "an instance that is listed, or capacity 0. All Spot instances evicted look like this, and so does a listing that is not complete. If the machines are gone for good, set the capacity to 0"
            }
            Self::NothingMatches { .. } => {
                "one target that matches. Either this is the wrong scale set for these roles, or the targets are registered under names that do not line up with the computer names"
            }
            Self::StillAnswers { .. } | Self::ListingLacks { .. } | Self::OwnListEmpty { .. } => {
                "a later run whose listing is complete. If it stays, ask the cloud's support why the listing is not complete"
            }
            Self::OverLimit { .. } => {
                "a higher VMSS.Removal.Limit, for one run, once you are sure that all of them are gone"
            }
        }
    }
}
