//! Reasons to remove nothing at all. A brake holds back every removal of the run, never a part of them.
//!
//! | brake | what lifts it |
//! |---|---|
//! | a listing is empty although the capacity is above 0 | an instance, or capacity 0 |
//! | an instance answers that no listing has; a group's own list names one that the listing lacks | a later run |
//! | instances exist and no target matches any | one target that does |
//! | Octopus reaches nothing there: not the control of its test, or no kept target at all | a kept target that answers |
//! | more candidates than the limit | a higher limit |

use super::own_list::{self, Disagreement};
use super::plan::{Limit, MachineWord, Plan, Row};
use super::snapshot::{Health, ScalingGroup};
use std::sync::Arc;

/// A reason not to apply a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brake {
    /// The group lists no instance although it is asked to have some.
    EmptyListing {
        /// The group.
        group: String,
        /// What it is asked to have; `None` if it does not say.
        capacity: Option<u64>,
    },
    /// Instances exist, and no target in scope matches any.
    NothingMatches {
        /// How many instances.
        instances: usize,
        /// The name of one.
        instance: String,
        /// The name of one target.
        target: String,
    },
    /// The instance of a candidate answers although no listing has it.
    StillAnswers {
        /// The candidate.
        target: String,
        /// Its instance, with its group.
        instance: String,
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
        instances: usize,
    },
    /// A kept target does not answer that was tested to see whether Octopus reaches anything there.
    ControlSilent {
        /// Its name.
        control: String,
    },
    /// Octopus calls every kept target unavailable.
    NobodyAnswers {
        /// How many are kept and enabled.
        kept: usize,
        /// The name of one.
        target: String,
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

/// What is wrong with what was read, whether or not anything would be removed: a brake where something would, else a
/// warning.
#[must_use]
pub fn doubts(groups: &[ScalingGroup], plan: &Plan) -> Vec<Brake> {
    let empty = |group: &&ScalingGroup| group.instances.is_empty() && group.capacity != Some(0);
    let empty = groups.iter().filter(empty).map(|g| Brake::EmptyListing {
        group: g.title.clone(),
        capacity: g.capacity,
    });
    empty.chain(nothing_matches(groups, plan)).collect()
}

fn nothing_matches(groups: &[ScalingGroup], plan: &Plan) -> Option<Brake> {
    let mut targets = plan.rows.iter().map(|row| &row.target);
    let target = targets.find(|target| target.connection().is_some())?;
    let instance = groups.iter().find_map(|g| g.instances.first())?;
    let brake = || Brake::NothingMatches {
        instances: groups.iter().map(|g| g.instances.len()).sum(),
        instance: instance.name().to_owned(),
        target: target.name.clone(),
    };
    plan.nothing_matches(groups).then(brake)
}

/// Octopus calls every kept target unavailable, so that this says nothing of a candidate. Only where a candidate rests on
/// what Octopus says, and no control has answered; disabled ones are tested by nobody.
#[must_use]
pub fn nobody_answers(plan: &Plan) -> Option<Brake> {
    let asked = |row: &Row| row.evidence.machine != MachineWord::Unasked;
    let kept = plan.kept().map(|row| &row.target);
    let kept: Vec<_> = kept.filter(|target| target.enabled).collect();
    let brake = || {
        Some(Brake::NobodyAnswers {
            kept: kept.len(),
            target: kept.first()?.name.clone(),
        })
    };
    let silent = kept.iter().all(|it| it.health == Health::Unavailable);
    (silent && plan.candidates().any(asked))
        .then(brake)
        .flatten()
}

/// More candidates than the limit.
#[must_use]
pub fn over_limit(plan: &Plan, limit: Limit) -> Option<Brake> {
    let of = plan.counted();
    let candidates = plan.candidate_count();
    let brake = Brake::OverLimit {
        candidates,
        limit,
        of,
    };
    limit.is_exceeded_by(candidates, of).then_some(brake)
}

/// What a listing has, against the group's own list.
#[must_use]
pub fn incomplete_listing(group: &ScalingGroup, own_list: &[Vec<String>]) -> Option<Brake> {
    let machines = group.machines().map(Arc::as_ref);
    let title = group.title.clone();
    own_list::compare(machines, own_list).map(|difference| match difference {
        Disagreement::OwnListEmpty { instances } => Brake::OwnListEmpty {
            group: title,
            instances,
        },
        Disagreement::ListingLacks { missing, machine } => Brake::ListingLacks {
            group: title,
            missing,
            machine,
        },
    })
}
