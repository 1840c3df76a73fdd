//! Two looks: candidates become fewer, and nothing that had a machine at either look is one.

use crate::law::always;
use crate::oracle;
use crate::policy::{group as group_of, now, target};
use crate::worlds::{a_look, groups, name, rules};
use octopus_scale_in::reconcile::evidence::{Answers, second_look};
use octopus_scale_in::reconcile::plan::{Deferral, Plan, Reference, Rules};
use octopus_scale_in::reconcile::{Group, Instance, Look, Target, TargetId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{HashMap, HashSet};

fn candidates(look: &Look, plan: &Plan) -> HashSet<TargetId> {
    plan.candidates()
        .map(|(index, _)| look.targets[index].id.clone())
        .collect()
}

/// What became of a registration between two looks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Same,
    Gone,
    Renamed,
    OtherThumbprint,
    OtherRoles,
    OtherEnvironments,
}

impl Fate {
    fn befall(self, earlier: &Target, new_name: &str) -> Option<Target> {
        let mut target = earlier.clone();
        match self {
            Self::Same => {}
            Self::Gone => return None,
            Self::Renamed => target.name = new_name.to_owned(),
            Self::OtherThumbprint => target.thumbprint = None,
            Self::OtherRoles => target.roles = ["web".to_owned(), "db".to_owned()].into(),
            Self::OtherEnvironments => target.environments = ["Environments-2".to_owned()].into(),
        }
        Some(target)
    }
}

/// What happened between two looks.
#[derive(Debug)]
struct Change {
    fates: Vec<Fate>,
    name: String,
    newcomer: bool,
    /// Whether the machines are as before, and if not, which ones there are.
    machines: Option<Vec<Group>>,
    recreated: bool,
    answers: Vec<u8>,
}

fn change() -> BoxedStrategy<Change> {
    let fate = prop_oneof![
        8 => Just(Fate::Same),
        5 => select(vec![Fate::Gone, Fate::Renamed, Fate::OtherThumbprint, Fate::OtherRoles, Fate::OtherEnvironments]),
    ];
    let machines = prop::option::of(vec(groups(), 1).prop_map(|mut one| one.remove(0)));
    let often = prop::bool::weighted;
    (
        vec(fate, 8),
        name(),
        often(0.3),
        machines,
        often(0.1),
        vec(0..8_u8, 8),
    )
        .prop_map(
            |(fates, name, newcomer, machines, recreated, answers)| Change {
                fates,
                name,
                newcomer,
                machines,
                recreated,
                answers,
            },
        )
        .boxed()
}

fn same_group(group: &Group, instances: Vec<Instance>, recreated: bool) -> Group {
    Group {
        identity: Some(if recreated { "another" } else { "one" }.to_owned()),
        instances,
        bystanders: group.bystanders.clone(),
        ..group_of(group.pattern.clone(), Vec::new())
    }
}

/// The look after the change: the same groups, with the same or other machines.
fn later(first: &Look, change: &Change) -> Look {
    let fated = first.targets.iter().zip(&change.fates);
    let mut targets: Vec<Target> = fated
        .filter_map(|(target, fate)| fate.befall(target, &change.name))
        .collect();
    if change.newcomer {
        targets.push(target(99, &change.name));
    }
    let machines = |index: usize, group: &Group| match &change.machines {
        None => group.instances.clone(),
        Some(others) => others
            .get(index)
            .map(|other| other.instances.clone())
            .unwrap_or_default(),
    };
    let groups = first.groups.iter().enumerate();
    Look {
        targets,
        groups: groups
            .map(|(i, g)| same_group(g, machines(i, g), change.recreated && i == 0))
            .collect(),
    }
}

/// Octopus's answers: one in four targets is in use, one in eight referenced.
fn answers(first: &Look, change: &Change) -> Answers {
    let mut answers = Answers::default();
    for (target, answer) in first.targets.iter().zip(&change.answers) {
        match answer {
            0 | 1 => drop(
                answers
                    .in_use
                    .insert(target.id.clone(), Deferral::InUse("Deploy".to_owned())),
            ),
            2 => drop(
                answers
                    .referenced
                    .insert(target.id.clone(), Reference::NotAllVisible),
            ),
            _ => {}
        }
    }
    answers
}

struct TwoLooks {
    first: Look,
    before: Plan,
    second: Look,
    after: Plan,
    answers: Answers,
}

fn two_looks(first: Look, change: &Change, rules: Rules) -> TwoLooks {
    let (second, answers) = (later(&first, change), answers(&first, change));
    let before = Plan::make(&first, rules, now());
    let fresh = Plan::make(&second, rules, now());
    let after = second_look((&first, &before), &second, fresh, &answers);
    TwoLooks {
        first,
        before,
        second,
        after,
        answers,
    }
}

#[test]
fn a_second_look_never_makes_a_candidate() {
    always(
        (a_look(), change(), rules()),
        |(first, change, rules), cases| {
            let looks = two_looks(first, &change, rules);
            let before = candidates(&looks.first, &looks.before);
            let alone = candidates(&looks.second, &Plan::make(&looks.second, rules, now()));
            let after = candidates(&looks.second, &looks.after);
            cases.count(
                "a candidate at the second look only",
                !alone.is_subset(&before),
            );
            cases.count(
                "a candidate at the first look only",
                !before.is_subset(&alone),
            );
            cases.count("a candidate to the end", !after.is_empty());
            prop_assert_eq!(looks.after.verdicts.len(), looks.second.targets.len());
            prop_assert!(after.is_subset(&before), "the second look made a candidate");
            prop_assert!(
                after.is_subset(&alone),
                "what the second look spares would be removed"
            );
            Ok(())
        },
    );
}

#[test]
fn what_has_a_machine_at_either_look_is_no_candidate() {
    always(
        (a_look(), change(), rules()),
        |(first, change, rules), cases| {
            let looks = two_looks(first, &change, rules);
            let after = candidates(&looks.second, &looks.after);
            let has_machine = |look: &Look, id: &TargetId| {
                look.targets
                    .iter()
                    .any(|t| t.id == *id && oracle::matches_anything(t, look))
            };
            let of_both = looks.second.targets.iter().map(|t| &t.id);
            let then_not_now =
                |id: &TargetId| has_machine(&looks.first, id) && !has_machine(&looks.second, id);
            cases.count(
                "had a machine at the first look only",
                of_both.clone().any(then_not_now),
            );
            cases.count(
                "had one at the second look only",
                of_both
                    .clone()
                    .any(|id| has_machine(&looks.second, id) && !has_machine(&looks.first, id)),
            );
            for id in &after {
                prop_assert!(
                    !has_machine(&looks.first, id) && !has_machine(&looks.second, id),
                    "{id} has a machine"
                );
            }
            Ok(())
        },
    );
}

#[test]
fn a_registration_that_changed_between_the_looks_or_that_octopus_needs_is_no_candidate() {
    always(
        (a_look(), change(), rules()),
        |(first, change, rules), cases| {
            let looks = two_looks(first, &change, rules);
            let before = candidates(&looks.first, &looks.before);
            let after = candidates(&looks.second, &looks.after);
            let fates: HashMap<&TargetId, Fate> = looks
                .first
                .targets
                .iter()
                .map(|t| &t.id)
                .zip(change.fates.clone())
                .collect();
            let name = |look: &Look, id: &TargetId| {
                look.targets
                    .iter()
                    .find(|t| t.id == *id)
                    .map(|t| t.name.clone())
            };
            let is_other = |id: &TargetId| match fates[id] {
                Fate::Same => false,
                Fate::Renamed => name(&looks.first, id) != name(&looks.second, id),
                _ => true,
            };
            let is_needed = |id: &TargetId| {
                looks.answers.in_use.contains_key(id) || looks.answers.referenced.contains_key(id)
            };
            cases.count("a candidate changed", before.iter().any(is_other));
            cases.count("a candidate is needed", before.iter().any(is_needed));
            cases.count(
                "a candidate's group was recreated",
                change.recreated && !before.is_empty(),
            );
            prop_assert!(
                !after.iter().any(is_other),
                "it may be another machine's registration now"
            );
            prop_assert!(
                !after.iter().any(is_needed),
                "a task or a variable needs it"
            );
            prop_assert!(
                !change.recreated || after.is_empty(),
                "the group is another one now"
            );
            Ok(())
        },
    );
}
