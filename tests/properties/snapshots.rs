//! Two snapshots: candidates become fewer, and nothing that had a machine in either of them is one.

use crate::law::always;
use crate::oracle;
use crate::policy::{members, now, target};
use crate::worlds::{a_snapshot, groups, name, rules, unanswered};
use octopus_scale_in::reconcile::evidence::{Answers, second_snapshot, spare_what_is_used};
use octopus_scale_in::reconcile::plan::{Plan, Rules};
use octopus_scale_in::reconcile::snapshot::{Instance, ScalingGroup, Snapshot, Target, TargetId};
use octopus_scale_in::reconcile::verdict::{Deferral, Reference};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

fn candidates(plan: &Plan) -> HashSet<TargetId> {
    plan.candidates().map(|row| row.target.id.clone()).collect()
}

/// What became of a registration between two snapshots.
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
    fn befall(self, earlier: &Target, new_name: &str) -> Option<Arc<Target>> {
        let mut target = earlier.clone();
        match self {
            Self::Same => {}
            Self::Gone => return None,
            Self::Renamed => target.name = new_name.to_owned(),
            Self::OtherThumbprint => target.thumbprint = None,
            Self::OtherRoles => target.roles = ["web".to_owned(), "db".to_owned()].into(),
            Self::OtherEnvironments => target.environments = ["Environments-2".to_owned()].into(),
        }
        Some(Arc::new(target))
    }
}

/// What happened between two snapshots.
#[derive(Debug)]
struct Change {
    fates: Vec<Fate>,
    name: String,
    newcomer: bool,
    /// Whether the machines are as before, and if not, which ones there are.
    machines: Option<Vec<ScalingGroup>>,
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

fn same_group(group: &ScalingGroup, instances: &[Arc<Instance>], recreated: bool) -> ScalingGroup {
    let instances = instances.iter().map(|i| Instance::clone(i)).collect();
    ScalingGroup {
        identity: Some(if recreated { "another" } else { "one" }.to_owned()),
        instances: members(&group.id, instances),
        ..group.clone()
    }
}

/// The snapshot after the change: the same groups, with the same or other machines.
fn later(first: &Snapshot, change: &Change) -> Snapshot {
    let fated = first.targets.iter().zip(&change.fates);
    let mut targets: Vec<Arc<Target>> = fated
        .filter_map(|(target, fate)| fate.befall(target, &change.name))
        .collect();
    if change.newcomer {
        targets.push(Arc::new(target(99, &change.name)));
    }
    let others = |index: usize| -> &[Arc<Instance>] {
        let others = change.machines.iter().flatten().nth(index);
        others.map_or(&[], |other| &other.instances)
    };
    let changed = |(index, group): (usize, &ScalingGroup)| {
        let instances = match &change.machines {
            None => &group.instances,
            Some(_) => others(index),
        };
        same_group(group, instances, change.recreated && index == 0)
    };
    Snapshot {
        targets,
        groups: first.groups.iter().enumerate().map(changed).collect(),
        ..Snapshot::default()
    }
}

/// Octopus's answers: one in four targets is in use, one in eight referenced.
fn answers(first: &Snapshot, change: &Change) -> Answers {
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
                    .insert(target.id.clone(), Reference::Unknown(unanswered("403"))),
            ),
            _ => {}
        }
    }
    answers
}

struct TwoSnapshots {
    first: Snapshot,
    before: Plan,
    second: Snapshot,
    after: Plan,
    answers: Answers,
}

fn two_snapshots(first: Snapshot, change: &Change, rules: Rules) -> TwoSnapshots {
    let (second, answers) = (later(&first, change), answers(&first, change));
    let before = Plan::make(&first, rules, now());
    let fresh = Plan::make(&second, rules, now());
    let mut spared = before.clone();
    spare_what_is_used(&mut spared, &answers);
    let after = second_snapshot((&first, &spared), &second, fresh);
    TwoSnapshots {
        first,
        before,
        second,
        after,
        answers,
    }
}

#[test]
fn a_second_snapshot_never_makes_a_candidate() {
    always(
        (a_snapshot(), change(), rules()),
        |(first, change, rules), cases| {
            let both = two_snapshots(first, &change, rules);
            let before = candidates(&both.before);
            let alone = candidates(&Plan::make(&both.second, rules, now()));
            let after = candidates(&both.after);
            cases.count(
                "a candidate in the second snapshot only",
                !alone.is_subset(&before),
            );
            cases.count(
                "a candidate in the first snapshot only",
                !before.is_subset(&alone),
            );
            cases.count("a candidate to the end", !after.is_empty());
            prop_assert_eq!(both.after.rows.len(), both.second.targets.len());
            prop_assert!(
                after.is_subset(&before),
                "the second snapshot made a candidate"
            );
            prop_assert!(
                after.is_subset(&alone),
                "what the second snapshot spares would be removed"
            );
            Ok(())
        },
    );
}

#[test]
fn what_has_a_machine_in_either_snapshot_is_no_candidate() {
    always(
        (a_snapshot(), change(), rules()),
        |(first, change, rules), cases| {
            let both = two_snapshots(first, &change, rules);
            let after = candidates(&both.after);
            let has_machine = |snapshot: &Snapshot, id: &TargetId| {
                snapshot
                    .targets
                    .iter()
                    .any(|t| t.id == *id && oracle::matches_anything(t, snapshot))
            };
            let of_both = both.second.targets.iter().map(|t| &t.id);
            let then_not_now =
                |id: &TargetId| has_machine(&both.first, id) && !has_machine(&both.second, id);
            cases.count(
                "had a machine in the first snapshot only",
                of_both.clone().any(then_not_now),
            );
            cases.count(
                "had one in the second snapshot only",
                of_both
                    .clone()
                    .any(|id| has_machine(&both.second, id) && !has_machine(&both.first, id)),
            );
            for id in &after {
                prop_assert!(
                    !has_machine(&both.first, id) && !has_machine(&both.second, id),
                    "{id} has a machine"
                );
            }
            Ok(())
        },
    );
}

#[test]
fn a_registration_that_changed_between_the_snapshots_or_that_octopus_needs_is_no_candidate() {
    always(
        (a_snapshot(), change(), rules()),
        |(first, change, rules), cases| {
            let both = two_snapshots(first, &change, rules);
            let before = candidates(&both.before);
            let after = candidates(&both.after);
            let fates: HashMap<&TargetId, Fate> = both
                .first
                .targets
                .iter()
                .map(|t| &t.id)
                .zip(change.fates.clone())
                .collect();
            let name = |snapshot: &Snapshot, id: &TargetId| {
                snapshot
                    .targets
                    .iter()
                    .find(|t| t.id == *id)
                    .map(|t| t.name.clone())
            };
            let is_other = |id: &TargetId| match fates[id] {
                Fate::Same => false,
                Fate::Renamed => name(&both.first, id) != name(&both.second, id),
                _ => true,
            };
            let is_needed = |id: &TargetId| {
                both.answers.in_use.contains_key(id) || both.answers.referenced.contains_key(id)
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
