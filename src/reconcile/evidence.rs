//! What else must hold before a registration is removed, and what it spares.
//!
//! A candidate is removed only if all of this holds; candidates only ever become fewer:
//!
//! 1. two complete snapshots, of the same group both times, in neither of which the target matches ([`second_snapshot`]);
//! 2. a second witness: its own instance, asked for by itself, is gone ([`weigh_witnesses`]), or the group's own list names
//!    nothing that the listing lacks ([`super::brake::incomplete_listing`]);
//! 3. no other group has it, by what it lists ([`spare_what_others_have`]) and, where names carry ids, by its own instance
//!    ([`weigh_other_witnesses`]);
//! 4. Octopus does not use it, and nothing in Octopus would be lost with it ([`Answers`]).

use super::brake::Brake;
use super::matching::InstanceIndex;
use super::pattern::{NamePattern, Spelling};
use super::plan::{Deferral, Foreign, Plan, Reference, Row, Verdict};
use super::snapshot::{
    GroupId, Health, Instance, ScalingGroup, SecondWitness, Snapshot, Target, TargetId,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What Octopus said about the candidates. A candidate that is in neither map is free and unreferenced.
#[derive(Debug, Default)]
pub struct Answers {
    /// Those in use, or of which it could not be learned.
    pub in_use: HashMap<TargetId, Deferral>,
    /// Those that variables name alone, or of which it could not be learned.
    pub referenced: HashMap<TargetId, Reference>,
}

/// The plan of the second snapshot, as far as the first allows: what was no candidate then is none now, and a candidate must
/// be one again, unchanged, in the same group.
///
/// `fresh` is the plan of the second snapshot by itself.
#[must_use]
pub fn second_snapshot(
    first: (&Snapshot, &Plan),
    second: &Snapshot,
    fresh: Plan,
    answers: &Answers,
) -> Plan {
    let (first_snapshot, first_plan) = first;
    let rows = first_plan.rows.iter();
    let before: HashMap<&TargetId, &Row> = rows.map(|row| (&row.target.id, row)).collect();
    let recreated = recreated(first_snapshot, second);
    let judge = |row: Row| {
        let verdict = match (&row.verdict, before.get(&row.target.id)) {
            (Verdict::Stale, Some(earlier)) => match &earlier.verdict {
                Verdict::Stale => confirm(&row.target, &earlier.target, recreated, answers),
                Verdict::Kept | Verdict::Leaving | Verdict::Detached(_) => {
                    Verdict::Deferred(Deferral::GoneSinceFirstSnapshot)
                }
                // Spared before, and for a reason that a second snapshot of the same machines does not take away.
                spared @ (Verdict::Ignored
                | Verdict::Done
                | Verdict::Deferred(_)
                | Verdict::Referenced(_)
                | Verdict::Foreign(_)) => spared.clone(),
            },
            (Verdict::Stale, None) => Verdict::Deferred(Deferral::RegisteredMeanwhile),
            (other, _) => other.clone(),
        };
        Row { verdict, ..row }
    };
    Plan {
        rows: fresh.rows.into_iter().map(judge).collect(),
    }
}

/// The title of a group that is another one now, though it has the same name.
fn recreated<'a>(first: &Snapshot, second: &'a Snapshot) -> Option<&'a str> {
    let is_another = |now: &&ScalingGroup| {
        let then = first.group(&now.id);
        then.is_none_or(|then| then.identity != now.identity)
    };
    let another = second.groups.iter().find(is_another);
    another.map(|group| group.title.as_str())
}

/// A candidate that is one in both snapshots: what still spares it.
fn confirm(target: &Target, earlier: &Target, recreated: Option<&str>, said: &Answers) -> Verdict {
    if let Some(what) = target.change_since(earlier) {
        Verdict::Deferred(Deferral::Changed(what))
    } else if let Some(group) = recreated {
        Verdict::Deferred(Deferral::Recreated(group.to_owned()))
    } else if let Some(reference) = said.referenced.get(&target.id) {
        Verdict::Referenced(reference.clone())
    } else if let Some(deferral) = said.in_use.get(&target.id) {
        Verdict::Deferred(deferral.clone())
    } else {
        Verdict::Stale
    }
}

/// The candidates that the later snapshot has no more: already done by somebody else.
pub fn gone_since<'a>(plan: &'a Plan, later: &Snapshot) -> impl Iterator<Item = &'a Target> {
    let there: HashSet<TargetId> = later.targets.iter().map(|t| t.id.clone()).collect();
    let candidates = plan.candidates().map(|row| &*row.target);
    candidates.filter(move |target| !there.contains(&target.id))
}

/// A question for the second witness: does this instance answer?
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceQuestion {
    /// The candidate.
    pub target: TargetId,
    /// The group.
    pub group: GroupId,
    /// The instance's id in the group.
    pub instance_id: String,
}

/// What the cloud said when one instance was asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceAnswer {
    /// It does not exist.
    Gone,
    /// It is being deleted.
    Deleting,
    /// It exists, in this state.
    Exists(String),
    /// It could not be asked, for this reason.
    Silent(String),
}

/// The instances to ask for: every id that a candidate's name may stand for, in every group whose pattern it fits.
#[must_use]
pub fn instances_to_ask(plan: &Plan) -> Vec<InstanceQuestion> {
    let ask = |row: &Row| -> Vec<InstanceQuestion> {
        let owners = row.evidence.owners.iter();
        let named = owners.flat_map(|o| o.instance_ids.iter().map(|id| (&o.group, id)));
        let question = |(group, id): (&GroupId, &String)| InstanceQuestion {
            target: row.target.id.clone(),
            group: group.clone(),
            instance_id: id.clone(),
        };
        named.map(question).collect()
    };
    plan.candidates().flat_map(ask).collect()
}

/// Weighs what the instances answered: gone is what it takes; anything else spares the candidate, and an instance that
/// answers although no listing has it is a brake.
#[must_use]
pub fn weigh_witnesses(
    snapshot: &Snapshot,
    plan: &mut Plan,
    heard: &[(InstanceQuestion, InstanceAnswer)],
) -> Vec<Brake> {
    let mut by_target: HashMap<&TargetId, Vec<(&InstanceQuestion, &InstanceAnswer)>> =
        HashMap::new();
    for (question, answer) in heard {
        let of_target = by_target.entry(&question.target).or_default();
        of_target.push((question, answer));
    }
    let mut brakes = Vec::new();
    for row in &mut plan.rows {
        for (question, answer) in by_target.get(&row.target.id).into_iter().flatten() {
            match answer {
                InstanceAnswer::Gone => {}
                InstanceAnswer::Deleting => row.verdict = Verdict::Leaving,
                InstanceAnswer::Silent(why) => {
                    row.verdict = Verdict::Deferred(Deferral::WitnessSilent(why.clone()));
                }
                InstanceAnswer::Exists(state) => brakes.push(Brake::StillAnswers {
                    target: row.target.name.clone(),
                    instance: title(snapshot, question),
                    state: state.clone(),
                }),
            }
        }
    }
    brakes
}

fn title(snapshot: &Snapshot, question: &InstanceQuestion) -> String {
    let group = snapshot.group(&question.group);
    let group = group.map_or(question.group.as_str(), |group| &group.title);
    format!("instance {} of {group}", question.instance_id)
}

/// A group that is not of this run.
#[derive(Debug, Clone)]
pub struct OtherGroup {
    /// Which one it is.
    pub id: GroupId,
    /// What people call it.
    pub title: String,
    /// What its instances are called.
    pub pattern: NamePattern,
    /// How its cloud can be asked a second time about a machine that is not listed.
    pub second_witness: SecondWitness,
}

/// The instances of a group that is not of this run.
#[derive(Debug, Default)]
pub struct OtherInstances {
    index: InstanceIndex,
    ids: HashSet<String>,
}

impl OtherInstances {
    /// These.
    #[must_use]
    pub fn of(instances: Vec<Instance>) -> Self {
        let ids = instances.iter().filter_map(|i| i.id.clone()).collect();
        let index = InstanceIndex::of(instances.into_iter().map(Arc::new).collect());
        Self { index, ids }
    }
}

/// A group that is not of this run, with its instances, or why they could not be read.
pub type Listing<'a> = (&'a OtherGroup, Result<OtherInstances, String>);

/// Whether the other group's pattern fits a candidate, so that its instances must be listed. Generous: a group too many
/// costs a request, one too few a live registration.
#[must_use]
pub fn must_be_listed(other: &OtherGroup, plan: &Plan) -> bool {
    let fits = |row| gives_name_of(other, row, Spelling::EitherCase);
    plan.candidates().any(fits)
}

fn gives_name_of(other: &OtherGroup, row: &Row, spelling: Spelling) -> bool {
    let mut readings = row.readings();
    readings.any(|reading| other.pattern.fit(reading, spelling).is_some())
}

/// Spares every candidate that another group has, or may have. `listings` are those of the groups that [`must_be_listed`].
pub fn spare_what_others_have(plan: &mut Plan, listings: &[Listing<'_>]) {
    for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
        let mut claims = listings.iter();
        let foreign = claims.find_map(|(other, listed)| claimed_by(other, listed, row));
        if let Some(foreign) = foreign {
            row.verdict = Verdict::Foreign(foreign);
        }
    }
}

/// Spares the candidates that Octopus reached last time: where another group cannot be excluded, that says that a machine
/// is there. A health check may say so at any time, so it is asked of every snapshot.
pub fn spare_where_twins_are_unseen(plan: &mut Plan) {
    plan.defer_candidates(|row| match row.target.health {
        Health::Answered => Some(Deferral::TwinUnseen),
        Health::NotAnswered => None,
    });
}

fn claimed_by(
    other: &OtherGroup,
    listed: &Result<OtherInstances, String>,
    row: &Row,
) -> Option<Foreign> {
    let gives_name = |spelling| gives_name_of(other, row, spelling);
    match listed {
        Ok(instances)
            if instances.index.has_match(&row.target.name) || has_id(other, instances, row) =>
        {
            Some(Foreign::HasMachineElsewhere(other.title.clone()))
        }
        Err(why) if gives_name(Spelling::EitherCase) => Some(Foreign::ElsewhereUnreadable(
            other.title.clone(),
            why.clone(),
        )),
        // Without `OwnedOnly` a name counts as this run's only if no other group gives it.
        Ok(_) if row.evidence.owners.is_empty() && gives_name(Spelling::Exact) => {
            Some(Foreign::NameFitsElsewhere(other.title.clone()))
        }
        Ok(_) | Err(_) => None,
    }
}

/// Whether the other group lists an instance of the id that the name stands for there, whatever that is called.
fn has_id(other: &OtherGroup, instances: &OtherInstances, row: &Row) -> bool {
    ids_in_name(other, row).any(|id| instances.ids.contains(&id))
}

fn ids_in_name<'a>(other: &'a OtherGroup, row: &'a Row) -> impl Iterator<Item = String> + 'a {
    let fit = |reading| other.pattern.fit(reading, Spelling::EitherCase);
    row.readings().filter_map(fit).flat_map(|fit| fit.ids)
}

/// The instances to ask another group for, since its one listing may be short: every id that a candidate's name may stand for
/// there.
#[must_use]
pub fn instances_to_ask_of(other: &OtherGroup, plan: &Plan) -> Vec<InstanceQuestion> {
    let ask = |row: &Row| -> HashSet<InstanceQuestion> {
        let question = |instance_id| InstanceQuestion {
            target: row.target.id.clone(),
            group: other.id.clone(),
            instance_id,
        };
        ids_in_name(other, row).map(question).collect()
    };
    match other.second_witness {
        SecondWitness::EachInstance => plan.candidates().flat_map(ask).collect(),
        SecondWitness::OwnList => Vec::new(),
    }
}

/// Weighs what the instances of other groups answered: gone is what it takes; an answer says that its machine is there.
pub fn weigh_other_witnesses(
    others: &[&OtherGroup],
    plan: &mut Plan,
    heard: &[(InstanceQuestion, InstanceAnswer)],
) {
    let mut claims: HashMap<&TargetId, Foreign> = HashMap::new();
    for (question, answer) in heard {
        let other = others.iter().find(|other| other.id == question.group);
        let title = other.map_or(question.group.as_str(), |other| &other.title);
        let claim = match answer {
            InstanceAnswer::Gone => continue,
            InstanceAnswer::Deleting | InstanceAnswer::Exists(_) => {
                Foreign::HasMachineElsewhere(title.to_owned())
            }
            InstanceAnswer::Silent(why) => {
                Foreign::ElsewhereUnreadable(title.to_owned(), why.clone())
            }
        };
        claims.insert(&question.target, claim);
    }
    for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
        if let Some(claim) = claims.remove(&row.target.id) {
            row.verdict = Verdict::Foreign(claim);
        }
    }
}
