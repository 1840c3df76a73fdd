//! What else must hold before a registration is removed, and what it spares.
//!
//! A candidate is removed only if all of this holds; candidates only ever become fewer:
//!
//! 1. two complete looks, of the same group both times, in neither of which the target means a machine ([`second_look`]);
//! 2. a second witness: its own machine, asked for by itself, is gone ([`hear_members`]), or the group's own list names
//!    nothing that the listing lacks ([`super::brake::incomplete_listing`]);
//! 3. no other group has it ([`spare_what_others_have`]);
//! 4. Octopus does not use it, and nothing in Octopus would be lost with it ([`Answers`]).

use super::brake::Brake;
use super::identity::{Letters, Machines, NamePattern};
use super::plan::{Claim, Deferral, Foreign, Plan, Reference, Verdict};
use super::{Look, Target, TargetId};
use std::collections::HashMap;

/// What Octopus said about the candidates. A candidate that is in neither map is free and unreferenced.
#[derive(Debug, Default)]
pub struct Answers {
    /// Those in use, or of which it could not be learned.
    pub in_use: HashMap<TargetId, Deferral>,
    /// Those that variables name alone, or of which it could not be learned.
    pub referenced: HashMap<TargetId, Reference>,
}

/// The verdicts of the second look, as far as the first allows: what was no candidate then is none now, and a candidate
/// must be one again, unchanged, in the same group.
///
/// `fresh` is the plan of the second look by itself.
#[must_use]
pub fn second_look(first: (&Look, &Plan), second: &Look, fresh: Plan, answers: &Answers) -> Plan {
    let (first_look, first_plan) = first;
    let before: HashMap<&TargetId, (&Target, &Verdict)> = first_look
        .targets
        .iter()
        .zip(&first_plan.verdicts)
        .map(|(t, v)| (&t.id, (t, v)))
        .collect();
    let judge = |(target, verdict): (&Target, Verdict)| match (verdict, before.get(&target.id)) {
        (Verdict::Stale(claim), Some((earlier, Verdict::Stale(_)))) => {
            confirm(first_look, second, target, earlier, claim, answers)
        }
        (
            Verdict::Stale(_),
            Some((_, Verdict::Kept(_) | Verdict::Leaving | Verdict::Detached(_))),
        ) => Verdict::Deferred(Deferral::GoneSinceFirstLook),
        (Verdict::Stale(_), None) => Verdict::Deferred(Deferral::RegisteredMeanwhile),
        // Spared before, and for a reason that a second look at the same machines does not take away.
        (Verdict::Stale(_), Some((_, spared))) => (*spared).clone(),
        (other, _) => other,
    };
    Plan {
        verdicts: second
            .targets
            .iter()
            .zip(fresh.verdicts)
            .map(judge)
            .collect(),
    }
}

/// A candidate that is one at both looks: what still spares it.
fn confirm(
    first: &Look,
    second: &Look,
    target: &Target,
    earlier: &Target,
    claim: Claim,
    answers: &Answers,
) -> Verdict {
    let recreated = second
        .groups
        .iter()
        .zip(&first.groups)
        .find(|(now, then)| now.identity != then.identity);
    if let Some(what) = target.change_since(earlier) {
        Verdict::Deferred(Deferral::Changed(what))
    } else if let Some((group, _)) = recreated {
        Verdict::Deferred(Deferral::Recreated(group.title.clone()))
    } else if let Some(reference) = answers.referenced.get(&target.id) {
        Verdict::Referenced(reference.clone())
    } else if let Some(deferral) = answers.in_use.get(&target.id) {
        Verdict::Deferred(deferral.clone())
    } else {
        Verdict::Stale(claim)
    }
}

/// The targets of the first look that the second no longer has: already done by somebody else.
#[must_use]
pub fn gone_since<'a>(first: &'a Look, second: &Look) -> Vec<&'a Target> {
    let there: std::collections::HashSet<&TargetId> =
        second.targets.iter().map(|t| &t.id).collect();
    first
        .targets
        .iter()
        .filter(|t| !there.contains(&t.id))
        .collect()
}

/// A question for the second witness: does this machine of this group answer?
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// The candidate, as an index into the look.
    pub target: usize,
    /// The group, as an index into the look.
    pub group: usize,
    /// Its number in the group.
    pub number: u64,
}

/// What the cloud said when one machine was asked for by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It does not exist.
    Gone,
    /// It is being deleted.
    Deleting,
    /// It exists, in this state.
    Exists(String),
    /// It could not be asked, for this reason.
    Silent(String),
}

/// The machines to ask for: every number that a candidate's name may stand for, in every group whose pattern it fits.
#[must_use]
pub fn members_to_ask(plan: &Plan) -> Vec<Member> {
    let ask = |(target, claim): (usize, &Claim)| -> Vec<Member> {
        let numbers = claim
            .groups
            .iter()
            .flat_map(|(group, numbers)| numbers.iter().map(move |n| (*group, *n)));
        numbers
            .map(|(group, number)| Member {
                target,
                group,
                number,
            })
            .collect()
    };
    plan.candidates().flat_map(ask).collect()
}

/// Weighs what the machines answered: gone is what it takes; anything else spares the candidate, and a machine that
/// answers although no listing has it is a brake.
#[must_use]
pub fn hear_members(look: &Look, plan: &mut Plan, answers: &[(Member, Answer)]) -> Vec<Brake> {
    let mut brakes = Vec::new();
    for (member, answer) in answers {
        let verdict = &mut plan.verdicts[member.target];
        match answer {
            Answer::Gone => {}
            Answer::Deleting => *verdict = Verdict::Leaving,
            Answer::Silent(why) => {
                *verdict = Verdict::Deferred(Deferral::WitnessSilent(why.clone()))
            }
            Answer::Exists(state) => brakes.push(Brake::StillAnswers {
                target: look.targets[member.target].name.clone(),
                machine: format!(
                    "instance {} of {}",
                    member.number, look.groups[member.group].title
                ),
                state: state.clone(),
            }),
        }
    }
    brakes
}

/// A group that is not of this run.
#[derive(Debug, Clone)]
pub struct OtherGroup {
    /// What people call it.
    pub title: String,
    /// What its machines are called.
    pub pattern: NamePattern,
}

/// The machines of a group that is not of this run, or why they could not be read.
pub type Listing = Result<Machines, String>;

/// The other groups whose pattern fits a candidate: the ones whose machines must be listed. Generous: a group too many
/// costs a request, one too few a live registration.
#[must_use]
pub fn groups_to_list(look: &Look, plan: &Plan, others: &[OtherGroup]) -> Vec<usize> {
    let fits = |other: &OtherGroup| {
        plan.candidates().any(|(index, claim)| {
            may_be_of(other, &look.targets[index].name, claim, Letters::EitherCase)
        })
    };
    (0..others.len())
        .filter(|index| fits(&others[*index]))
        .collect()
}

fn may_be_of(other: &OtherGroup, name: &str, claim: &Claim, letters: Letters) -> bool {
    let mut readings = claim.readings(name);
    readings.any(|reading| other.pattern.fit(reading, letters).is_some())
}

/// Spares every candidate that another group has, or may have.
///
/// `listings` are those of the groups that [`groups_to_list`] named. `all_seen`: other groups elsewhere are excluded.
pub fn spare_what_others_have(
    look: &Look,
    plan: &mut Plan,
    others: &[OtherGroup],
    listings: &HashMap<usize, Listing>,
    all_seen: bool,
) {
    let mut listed: Vec<(&OtherGroup, &Listing)> = Vec::new();
    for (index, other) in others.iter().enumerate() {
        listed.extend(listings.get(&index).map(|listing| (other, listing)));
    }
    for (target, verdict) in look.targets.iter().zip(&mut plan.verdicts) {
        let Verdict::Stale(claim) = &*verdict else {
            continue;
        };
        if let Some(foreign) = listed
            .iter()
            .find_map(|(other, listing)| claimed_by(other, listing, target, claim))
        {
            *verdict = Verdict::Foreign(foreign);
        }
    }
    if !all_seen {
        spare_where_twins_are_unseen(look, plan);
    }
}

/// Spares the candidates that Octopus reached last time: where another group cannot be excluded, that says that a machine
/// is there. A health check may say so at any time, so it is asked of every look.
pub fn spare_where_twins_are_unseen(look: &Look, plan: &mut Plan) {
    plan.defer_candidates(|index| {
        look.targets[index]
            .answers_health_checks
            .then_some(Deferral::TwinUnseen)
    });
}

fn claimed_by(
    other: &OtherGroup,
    listing: &Listing,
    target: &Target,
    claim: &Claim,
) -> Option<Foreign> {
    let fits = |letters| may_be_of(other, &target.name, claim, letters);
    match listing {
        Ok(machines)
            if !machines.meant_by(&target.name).is_empty()
                || has_number(other, machines, target, claim) =>
        {
            Some(Foreign::HasMachineElsewhere(other.title.clone()))
        }
        Err(why) if fits(Letters::EitherCase) => Some(Foreign::ElsewhereUnreadable(
            other.title.clone(),
            why.clone(),
        )),
        // Without `OwnedOnly` a name counts as this run's only if no other group gives it.
        Ok(_) if claim.groups.is_empty() && fits(Letters::Capitals) => {
            Some(Foreign::NameFitsElsewhere(other.title.clone()))
        }
        Ok(_) | Err(_) => None,
    }
}

/// Whether the other group lists a machine of the number that the name stands for there, whatever that is called.
fn has_number(other: &OtherGroup, machines: &Machines, target: &Target, claim: &Claim) -> bool {
    let mut readings = claim.readings(&target.name);
    readings.any(|reading| {
        let fit = other
            .pattern
            .fit(reading, Letters::EitherCase)
            .unwrap_or_default();
        fit.numbers
            .iter()
            .any(|number| machines.has_number(*number))
    })
}
