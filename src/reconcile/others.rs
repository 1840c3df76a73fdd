//! Does another group have a candidate's machine: a group that is not of this run, and gives such names.
//!
//! By what it lists ([`spare_what_others_have`]), and by a second witness, since one listing may be short
//! ([`weigh_other_witnesses`]).

use super::matching::InstanceIndex;
use super::own_list::{self, Disagreement};
use super::ownership::{LearnedPattern, Proof};
use super::pattern::NamePattern;
use super::plan::{Plan, Row};
use super::snapshot::{GroupId, Health, Instance, SecondWitness, TargetId};
use super::verdict::{Deferral, Foreign, Needs, Unanswered, Verdict};
use super::witness::{InstanceAnswer, InstanceQuestion};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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

/// The instances of a group that is not of this run, and the machines beside it, which are of no group.
#[derive(Debug, Default)]
pub struct OtherInstances {
    index: InstanceIndex,
    ids: HashSet<String>,
    /// One of which the cloud does not tell how it calls itself.
    nameless: bool,
}

impl OtherInstances {
    /// These, of a group that gives such names.
    #[must_use]
    pub fn of(instances: Vec<Instance>, pattern: &NamePattern) -> Self {
        let ids = instances.iter().filter_map(|i| i.id.clone()).collect();
        // Of those beside it, it may have been one that the group made.
        let its = |i: &Instance| i.group.is_some() || pattern.gives_resource(&i.resource_name);
        let is_nameless = |i: &Instance| i.computer_name.is_none() && its(i);
        let nameless = instances.iter().any(is_nameless);
        let index = InstanceIndex::of(instances.into_iter().map(Arc::new).collect());
        Self {
            index,
            ids,
            nameless,
        }
    }
}

/// A group that is not of this run, with its instances, or why they could not be read.
pub type Listing<'a> = (&'a OtherGroup, Result<OtherInstances, Unanswered>);

/// Whether the other group may give a candidate's name, so that its instances must be listed. Generous: a group too many
/// costs a request, one too few a live registration.
#[must_use]
pub fn must_be_listed(other: &OtherGroup, plan: &Plan) -> bool {
    plan.candidates()
        .any(|row| other.pattern.may_give(&row.target.name))
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
        Health::Healthy | Health::Unhealthy => Some(Deferral::TwinUnseen),
        Health::Unavailable | Health::Unknown => None,
    });
}

/// Spares the candidates of which the name alone proves too little where not all groups may be seen, for want of this.
pub fn spare_where_others_must_be_seen(plan: &mut Plan, needs: Needs) {
    plan.defer_candidates(|row| match row.proof() {
        Some(Proof::OthersMustBeSeen) => Some(Deferral::OthersUnseen(needs)),
        Some(Proof::Plain) | None => None,
    });
}

fn claimed_by(
    other: &OtherGroup,
    listed: &Result<OtherInstances, Unanswered>,
    row: &Row,
) -> Option<Foreign> {
    let name = &row.target.name;
    match listed {
        Ok(instances) if instances.index.has_match(name) || has_id(other, instances, row) => {
            Some(Foreign::HasMachineElsewhere(other.title.clone()))
        }
        // It may be called so, and nobody can tell.
        Ok(instances) if instances.nameless && other.pattern.has_computer_name_without_id(name) => {
            Some(Foreign::NamelessElsewhere(other.title.clone()))
        }
        Err(why) if other.pattern.may_give(name) => Some(Foreign::ElsewhereUnreadable(
            other.title.clone(),
            why.clone(),
        )),
        // Without `OwnedOnly` a name counts as this run's only if no other group gives it.
        Ok(_) if row.proof().is_none() && owns(&other.pattern, name) => {
            Some(Foreign::NameFitsElsewhere(other.title.clone()))
        }
        Ok(_) | Err(_) => None,
    }
}

/// Whether a name is another group's own, of which no kept target is known.
fn owns(pattern: &NamePattern, name: &str) -> bool {
    LearnedPattern::learn(pattern, &[]).own(name).is_some()
}

/// Whether the other group lists an instance of the id that the name stands for there, whatever that is called.
fn has_id(other: &OtherGroup, instances: &OtherInstances, row: &Row) -> bool {
    ids_in_name(other, row).any(|id| instances.ids.contains(&id))
}

fn ids_in_name<'a>(other: &'a OtherGroup, row: &'a Row) -> impl Iterator<Item = String> + 'a {
    let standing = other.pattern.names_in(&row.target.name);
    standing.filter_map(|it| it.id)
}

/// Whether the other group's own list has to agree with its listing, since that may be short: where names carry no ids, no
/// instance can be asked for by itself.
#[must_use]
pub fn own_list_must_agree(other: &OtherGroup, plan: &Plan) -> bool {
    match other.second_witness {
        SecondWitness::EachInstance => false,
        SecondWitness::OwnList => must_be_listed(other, plan),
    }
}

/// How another group's own list differs from its listing.
#[must_use]
pub fn own_list_differs(listed: &[Instance], own_list: &[Vec<String>]) -> Option<Disagreement> {
    own_list::compare(listed.iter(), own_list)
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
