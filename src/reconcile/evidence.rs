//! What else must hold before a registration is removed, and what it spares.
//!
//! A candidate is removed only if all of this holds; candidates only ever become fewer:
//!
//! 1. two complete snapshots, of the same group both times, in neither of which the target matches ([`second_snapshot`]);
//! 2. a second witness: its own instance, asked for by itself, is gone ([`weigh_witnesses`]), or the group's own list names
//!    nothing that the listing lacks ([`super::brake::incomplete_listing`]);
//! 3. no other group has it ([`super::others`]);
//! 4. the machine itself does not answer ([`super::machine_word`]);
//! 5. Octopus does not use it, and nothing in Octopus would be lost with it ([`Answers`]).

use super::brake::Brake;
use super::machine_word;
use super::plan::{Plan, Row};
use super::snapshot::{GroupId, ScalingGroup, Snapshot, Target, TargetId};
use super::verdict::{Deferral, Reference, Verdict};
pub use super::witness::{InstanceAnswer, InstanceQuestion};
use std::collections::{HashMap, HashSet};

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
pub fn second_snapshot(first: (&Snapshot, &Plan), second: &Snapshot, fresh: Plan) -> Plan {
    let (first_snapshot, first_plan) = first;
    let rows = first_plan.rows.iter();
    let before: HashMap<&TargetId, &Row> = rows.map(|row| (&row.target.id, row)).collect();
    let change = group_change(first_snapshot, second);
    let judge = |mut row: Row| {
        let earlier = before.get(&row.target.id);
        if let Some(Row { evidence, .. }) = earlier {
            row.evidence.machine = evidence.machine;
            row.evidence.checked_ago = evidence.checked_ago;
            row.evidence.heard.clone_from(&evidence.heard);
        }
        let verdict = match (&row.verdict, earlier) {
            (Verdict::Stale, Some(earlier)) => match &earlier.verdict {
                Verdict::Stale => confirm(&row.target, &earlier.target, change.as_ref()),
                Verdict::Kept | Verdict::Leaving | Verdict::Detached(_) => {
                    Verdict::Deferred(Deferral::GoneSinceFirstSnapshot)
                }
                // Spared before, and for a reason that a second snapshot of the same machines does not take away.
                spared @ (Verdict::Ignored
                | Verdict::Done
                | Verdict::Deferred(_)
                | Verdict::Answers(_)
                | Verdict::Untested(_)
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

/// A group that was not there before, or is another one now, though it has the same name.
fn group_change(first: &Snapshot, second: &Snapshot) -> Option<Deferral> {
    let change = |now: &ScalingGroup| match first.group(&now.id) {
        None => Some(Deferral::GroupCame(now.title.clone())),
        Some(then) if then.identity != now.identity => Some(Deferral::Recreated(now.title.clone())),
        Some(_) => None,
    };
    second.groups.iter().find_map(change)
}

/// A candidate that is one in both snapshots: what still spares it.
fn confirm(target: &Target, earlier: &Target, group_change: Option<&Deferral>) -> Verdict {
    if let Some(what) = changed(target, earlier) {
        Verdict::Deferred(Deferral::Changed(what))
    } else if let Some(change) = group_change {
        Verdict::Deferred(change.clone())
    } else {
        Verdict::Stale
    }
}

/// Spares what Octopus uses, and what something in Octopus would be lost with.
pub fn spare_what_is_used(plan: &mut Plan, said: &Answers) {
    for row in plan.rows.iter_mut().filter(|row| row.is_candidate()) {
        let id = &row.target.id;
        if let Some(reference) = said.referenced.get(id) {
            row.verdict = Verdict::Referenced(reference.clone());
        } else if let Some(deferral) = said.in_use.get(id) {
            row.verdict = Verdict::Deferred(deferral.clone());
        }
    }
}

/// What is another thing since. A target that was switched on or off is, too: what Octopus says of a disabled one is old.
fn changed(now: &Target, earlier: &Target) -> Option<&'static str> {
    let switched = (now.enabled != earlier.enabled).then_some("state, enabled or disabled,");
    now.change_since(earlier).or(switched)
}

/// What a later reading of a candidate's registration says against removing it.
#[must_use]
pub fn registration_says(row: &Row, now: &Target) -> Option<Verdict> {
    match changed(now, &row.target) {
        Some(what) => Some(Verdict::Deferred(Deferral::Changed(what))),
        None => machine_word::taken_back(row.evidence.machine, now, now.health),
    }
}

/// What a candidate's own instance says against removing it, when it is asked for once more.
#[must_use]
pub fn instance_says(answer: InstanceAnswer) -> Option<Verdict> {
    match answer {
        InstanceAnswer::Gone => None,
        InstanceAnswer::Deleting => Some(Verdict::Leaving),
        InstanceAnswer::Exists(_) => Some(Verdict::Deferred(Deferral::CameBack)),
        InstanceAnswer::Silent(why) => Some(Verdict::Deferred(Deferral::WitnessSilent(why))),
    }
}

/// The candidates that the later snapshot has no more: already done by somebody else.
pub fn gone_since<'a>(plan: &'a Plan, later: &Snapshot) -> impl Iterator<Item = &'a Target> {
    let there: HashSet<TargetId> = later.targets.iter().map(|t| t.id.clone()).collect();
    let candidates = plan.candidates().map(|row| &*row.target);
    candidates.filter(move |target| !there.contains(&target.id))
}

/// The instances to ask for: every id that a candidate's name may stand for, in every group whose pattern it fits.
#[must_use]
pub fn instances_to_ask(plan: &Plan) -> Vec<InstanceQuestion> {
    plan.candidates().flat_map(instances_of).collect()
}

/// Those of one candidate.
#[must_use]
pub fn instances_of(row: &Row) -> Vec<InstanceQuestion> {
    let owners = row.evidence.owners.iter();
    let named = owners.flat_map(|o| o.instance_ids.iter().map(|id| (&o.group, id)));
    let question = |(group, id): (&GroupId, &String)| InstanceQuestion {
        target: row.target.id.clone(),
        group: group.clone(),
        instance_id: id.clone(),
    };
    named.map(question).collect()
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
            let heard = ((*question).clone(), (*answer).clone());
            row.evidence.heard.push(heard);
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
