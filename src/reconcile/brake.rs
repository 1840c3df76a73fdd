//! Reasons to remove nothing at all. A brake holds back every removal of the run, never a part of them.
//!
//! | brake | what lifts it |
//! |---|---|
//! | a listing is empty although the capacity is above 0 | an instance, or capacity 0 |
//! | an instance answers that no listing has; a group's own list names one that the listing lacks | a later run |
//! | instances exist, one of them for half an hour, and no target matches any; also where nothing would be removed | one target that does |
//! | Octopus reaches nothing there: not the control of its test, or no kept target at all | a kept target that answers |
//! | more candidates than the limit | a higher limit |

use super::deploy_list::Tenancy;
use super::own_list::{self, Disagreement};
use super::plan::{Limit, MachineWord, Plan, Row};
use super::snapshot::{Health, Instance, ScalingGroup};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

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
        /// The names of one, that of its resource last.
        instance: Vec<String>,
        /// The name of one target, if there is any.
        target: Option<String>,
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

/// While all instances are younger than this, that no target matches any only says that they are about to register.
const INSTANCES_ARE_NEW: Duration = Duration::from_secs(30 * 60);

impl Brake {
    /// Whether it is judged. Where nothing would be removed the same fact is a warning; but a set-up in which nothing can line
    /// up would be green for ever. A tenant may have no machine there.
    #[must_use]
    pub fn is_judged(&self, candidates: usize, tenancy: Tenancy) -> bool {
        match self {
            Self::NothingMatches { .. } => candidates > 0 || tenancy == Tenancy::Untenanted,
            Self::EmptyListing { .. }
            | Self::StillAnswers { .. }
            | Self::ListingLacks { .. }
            | Self::OwnListEmpty { .. }
            | Self::ControlSilent { .. }
            | Self::NobodyAnswers { .. }
            | Self::OverLimit { .. } => candidates > 0,
        }
    }
}

/// What is wrong with what was read, whether or not anything would be removed.
///
/// `now` only tells new instances from old ones.
#[must_use]
pub fn doubts(groups: &[ScalingGroup], plan: &Plan, now: SystemTime) -> Vec<Brake> {
    let empty = |group: &&ScalingGroup| group.instances.is_empty() && group.capacity != Some(0);
    let empty = groups.iter().filter(empty).map(|g| Brake::EmptyListing {
        group: g.title.clone(),
        capacity: g.capacity,
    });
    empty.chain(nothing_matches(groups, plan, now)).collect()
}

fn nothing_matches(groups: &[ScalingGroup], plan: &Plan, now: SystemTime) -> Option<Brake> {
    if !plan.nothing_matches(groups) || all_are_new(groups, now) {
        return None;
    }
    let mut targets = plan.rows.iter().map(|row| &row.target);
    let target = targets.find(|target| target.connection().is_some());
    let instance = groups.iter().find_map(|group| group.awake().next())?;
    let names = instance
        .computer_name
        .iter()
        .chain([&instance.resource_name]);
    Some(Brake::NothingMatches {
        instances: groups.iter().map(|group| group.awake().count()).sum(),
        instance: names.cloned().collect(),
        target: target.map(|target| target.name.clone()),
    })
}

/// Every instance of which a target may be expected is known to be new.
pub(super) fn all_are_new(groups: &[ScalingGroup], now: SystemTime) -> bool {
    let is_new = |instance: &Arc<Instance>| {
        let age = instance
            .created
            .map(|created| now.duration_since(created).unwrap_or_default());
        age.is_some_and(|age| age < INSTANCES_ARE_NEW)
    };
    groups.iter().flat_map(ScalingGroup::awake).all(is_new)
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
