//! What is learned about the candidates only ever makes them fewer.

use crate::law::{Holds, always};
use crate::oracle;
use crate::policy::{now, of_any_prefix, words};
use crate::worlds::{a_snapshot, instance, pattern, rules, unanswered};
use octopus_scale_in::reconcile::evidence::{InstanceAnswer, instances_to_ask, weigh_witnesses};
use octopus_scale_in::reconcile::others::{
    Listing, OtherGroup, OtherInstances, instances_to_ask_of, must_be_listed, own_list_differs,
    spare_what_others_have, spare_where_twins_are_unseen, weigh_other_witnesses,
};
use octopus_scale_in::reconcile::own_list::Disagreement;
use octopus_scale_in::reconcile::plan::{Evidence, Plan};
use octopus_scale_in::reconcile::snapshot::{
    GroupId, Health, Instance, ScalingGroup, SecondWitness,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// No target is a candidate that was none before, and no verdict but a candidate's is touched.
fn only_fewer(before: &Plan, after: &Plan) -> Holds {
    let ids = |plan: &Plan| -> Vec<String> {
        let ids = plan.rows.iter().map(|row| row.target.id.to_string());
        ids.collect()
    };
    prop_assert_eq!(ids(before), ids(after));
    for (before, after) in before.rows.iter().zip(&after.rows) {
        prop_assert!(
            before.is_candidate() || before.verdict == after.verdict,
            "{:?} was no candidate, and its verdict changed",
            after.target.name
        );
        if after.is_candidate() {
            // What was heard since only adds to it.
            let added = after.evidence.heard.strip_prefix(&*before.evidence.heard);
            prop_assert!(added.is_some(), "what was heard is forgotten");
            let heard = before.evidence.heard.clone();
            let after = Evidence {
                heard,
                ..after.evidence.clone()
            };
            prop_assert_eq!(&before.evidence, &after, "why it is stale changed");
        }
    }
    Ok(())
}

/// Another scale set: what its machines are called, and its machines or nothing where they could not be read.
type Other = (OtherGroup, Option<Vec<Instance>>);

/// A machine in it or beside it, which tells how it calls itself or does not.
fn machine_elsewhere() -> BoxedStrategy<Instance> {
    let of = |(its, named, instance): (bool, bool, Instance)| Instance {
        group: its.then(|| GroupId::new("other")),
        computer_name: instance.computer_name.clone().filter(|_| named),
        ..instance
    };
    let named = prop::bool::weighted(0.6);
    (any::<bool>(), named, instance()).prop_map(of).boxed()
}

/// What is known of a scale set's names, and of which not even the prefix is, so that nobody reads it.
fn others() -> BoxedStrategy<Vec<Other>> {
    let machines = prop::option::weighted(0.7, vec(machine_elsewhere(), 0..4));
    let unsaid = pattern().prop_map(|pattern| (of_any_prefix(pattern), None));
    let other = prop_oneof![9 => (pattern(), machines), 1 => unsaid];
    let other = other.prop_map(|(pattern, machines)| {
        (
            OtherGroup {
                id: GroupId::new("other"),
                title: "scale set other".to_owned(),
                pattern,
                second_witness: SecondWitness::EachInstance,
            },
            machines,
        )
    });
    vec(other, 0..3).boxed()
}

#[test]
fn what_another_scale_set_has_or_may_have_is_no_candidate() {
    always(
        (a_snapshot(), rules(), others(), any::<bool>()),
        |(snapshot, rules, others, all_seen), cases| {
            let before = Plan::make(&snapshot, rules, now());
            let mut plan = before.clone();
            let wanted = others
                .iter()
                .filter(|(group, _)| must_be_listed(group, &plan));
            let listings: Vec<Listing<'_>> = wanted.map(listing).collect();
            spare_what_others_have(&mut plan, &listings);
            if !all_seen {
                spare_where_twins_are_unseen(&mut plan);
            }
            only_fewer(&before, &plan)?;
            let spared = words(&before) != words(&plan);
            cases.count("spared because another has it", spared && all_seen);
            cases.count(
                "still a candidate beside another scale set",
                !listings.is_empty() && plan.candidate_count() > 0,
            );
            for row in plan.candidates() {
                let (target, evidence) = (&row.target, &row.evidence);
                prop_assert!(
                    all_seen || target.health == Health::Unavailable,
                    "a twin that is not seen may have it"
                );
                for (group, machines) in &others {
                    let may_be = !oracle::held(&group.pattern, &target.name).is_empty();
                    let has =
                        |m: &Vec<Instance>| m.iter().any(|i| oracle::matches(&target.name, i));
                    let its = may_be && machines.as_ref().is_none_or(has);
                    prop_assert!(!its, "{:?} may be the other scale set's", target.name);
                    let only_its = evidence.owners.is_empty()
                        && oracle::owned(&group.pattern, &[], &target.name).is_some();
                    prop_assert!(
                        !only_its,
                        "{:?} is a name of the other scale set",
                        target.name
                    );
                    let nameless = machines.iter().flatten().any(|machine| {
                        let its = machine.group.is_some()
                            || oracle::gives(&group.pattern, &machine.resource_name);
                        machine.computer_name.is_none() && its
                    });
                    let lettered = oracle::lettered(&group.pattern);
                    let could_be = !oracle::held(&lettered, &target.name).is_empty();
                    prop_assert!(
                        !(nameless && could_be),
                        "{:?} could be a machine that tells nobody its name",
                        target.name
                    );
                }
            }
            Ok(())
        },
    );
}

fn own_list() -> BoxedStrategy<Vec<Vec<String>>> {
    let names = instance().prop_map(|machine| oracle::names_of(&machine).cloned().collect());
    vec(names, 0..3).boxed()
}

#[test]
fn a_listing_is_complete_only_with_all_that_the_own_list_names() {
    let listed = vec(machine_elsewhere(), 0..5);
    always((listed, own_list()), |(listed, own_list), cases| {
        let own = listed.iter().filter(|it| it.group.is_some()).count();
        let is_listed = |names: &Vec<String>| {
            let same = |name: &String, machine: &Instance| {
                oracle::letters(name) == oracle::letters(&machine.resource_name)
            };
            names.iter().any(|it| listed.iter().any(|i| same(it, i)))
        };
        let missing = own_list.iter().filter(|names| !is_listed(names)).count();
        let expected = own_list.is_empty() && own > 0 || missing > 0;
        cases.count("both agree", !expected && own > 0);
        cases.count("one is missing", missing == 1);
        cases.count("the own list is empty", own_list.is_empty() && own > 0);
        match own_list_differs(&listed, &own_list) {
            None => prop_assert!(!expected, "a machine is not listed, and nobody noticed"),
            Some(Disagreement::OwnListEmpty { instances }) => {
                prop_assert!(own_list.is_empty());
                prop_assert_eq!(instances, own);
            }
            Some(Disagreement::ListingLacks {
                missing: told,
                machine,
            }) => {
                prop_assert_eq!(told, missing);
                let named = own_list.iter().find(|names| names.contains(&machine));
                prop_assert!(named.is_some());
            }
        }
        Ok(())
    });
}

fn listing((group, machines): &Other) -> Listing<'_> {
    let instances = machines
        .clone()
        .map(|it| OtherInstances::of(it, &group.pattern));
    (group, instances.ok_or("403".to_owned().into()))
}

fn answer() -> BoxedStrategy<InstanceAnswer> {
    prop_oneof![
        6 => Just(InstanceAnswer::Gone),
        1 => Just(InstanceAnswer::Deleting),
        1 => Just(InstanceAnswer::Exists("Succeeded".to_owned())),
        1 => Just(InstanceAnswer::Silent(unanswered("503"))),
    ]
    .boxed()
}

#[test]
fn a_candidate_is_removed_only_if_every_machine_that_its_name_may_stand_for_is_gone() {
    always(
        (a_snapshot(), rules(), vec(answer(), 16)),
        |(snapshot, rules, answers), cases| {
            let before = Plan::make(&snapshot, rules, now());
            let mut plan = before.clone();
            let heard: Vec<_> = instances_to_ask(&plan)
                .into_iter()
                .zip(answers.into_iter().cycle())
                .collect();
            let brakes = weigh_witnesses(&snapshot, &mut plan, &heard);
            only_fewer(&before, &plan)?;
            let exists = heard
                .iter()
                .filter(|(_, answer)| matches!(answer, InstanceAnswer::Exists(_)))
                .count();
            prop_assert_eq!(
                brakes.len(),
                exists,
                "a machine that answers holds everything"
            );
            cases.count("a brake", exists > 0);
            cases.count(
                "all gone",
                !heard.is_empty()
                    && heard
                        .iter()
                        .all(|(_, answer)| *answer == InstanceAnswer::Gone),
            );
            for row in plan.candidates() {
                let target = &row.target;
                let asked = |group: &ScalingGroup, id: &String| {
                    heard.iter().any(|(question, answer)| {
                        let asked = (&question.target, &question.group, &question.instance_id);
                        asked == (&target.id, &group.id, id)
                            && matches!(answer, InstanceAnswer::Gone | InstanceAnswer::Exists(_))
                    })
                };
                for group in &snapshot.groups {
                    let ids = oracle::owned_as(&snapshot, group, &target.name);
                    let ids = ids.map(|(ids, _)| ids).unwrap_or_default();
                    prop_assert!(
                        ids.iter().all(|id| asked(group, id)),
                        "{:?} would be removed, and not every machine of its name is gone",
                        target.name
                    );
                }
            }
            Ok(())
        },
    );
}

#[test]
fn a_machine_of_another_scale_set_that_answers_for_itself_is_no_candidate_whatever_is_listed() {
    always(
        (a_snapshot(), rules(), pattern(), vec(answer(), 16)),
        |(snapshot, rules, pattern, answers), cases| {
            let other = OtherGroup {
                id: GroupId::new("other"),
                title: "scale set other".to_owned(),
                pattern,
                second_witness: SecondWitness::EachInstance,
            };
            let before = Plan::make(&snapshot, rules, now());
            let mut plan = before.clone();
            let questions = instances_to_ask_of(&other, &plan).into_iter();
            let heard: Vec<_> = questions.zip(answers.into_iter().cycle()).collect();
            weigh_other_witnesses(&[&other], &mut plan, &heard);
            only_fewer(&before, &plan)?;
            cases.count("spared because one answers", words(&before) != words(&plan));
            cases.count("asked, and all gone", {
                !heard.is_empty() && heard.iter().all(|(_, it)| *it == InstanceAnswer::Gone)
            });
            for row in plan.candidates() {
                let ids = oracle::ids_in(&other.pattern, &row.target.name);
                let is_gone = |id: &String| {
                    heard.iter().any(|(question, answer)| {
                        let asked = (&question.target, &question.instance_id);
                        asked == (&row.target.id, id) && *answer == InstanceAnswer::Gone
                    })
                };
                prop_assert!(
                    ids.iter().all(is_gone),
                    "{:?} would be removed, and the other scale set may have its machine",
                    row.target.name
                );
            }
            Ok(())
        },
    );
}
