//! What is learned about the candidates only ever makes them fewer.

use crate::law::{Holds, always};
use crate::oracle;
use crate::policy::now;
use crate::worlds::{a_look, instance, pattern, rules};
use octopus_scale_in::reconcile::evidence::{
    Answer, Listing, OtherGroup, groups_to_list, hear_members, members_to_ask,
    spare_what_others_have,
};
use octopus_scale_in::reconcile::identity::Machines;
use octopus_scale_in::reconcile::plan::{Plan, Verdict};
use octopus_scale_in::reconcile::{Instance, Look};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashMap;

/// No target is a candidate that was none before, and no verdict but a candidate's is touched.
fn only_fewer(look: &Look, before: &[Verdict], after: &Plan) -> Holds {
    prop_assert_eq!(before.len(), after.verdicts.len());
    for ((target, before), after) in look.targets.iter().zip(before).zip(&after.verdicts) {
        let was_candidate = matches!(before, Verdict::Stale(_));
        prop_assert!(
            was_candidate || before == after,
            "{:?} was no candidate, and its verdict changed",
            target.name
        );
        if let Verdict::Stale(_) = after {
            prop_assert_eq!(before, after, "why it is stale changed");
        }
    }
    Ok(())
}

/// Another scale set: what its machines are called, and its machines or nothing where they could not be read.
type Other = (OtherGroup, Option<Vec<Instance>>);

fn others() -> BoxedStrategy<Vec<Other>> {
    let machines = prop::option::weighted(0.7, vec(instance(), 0..4));
    let other = (pattern(), machines).prop_map(|(pattern, machines)| {
        (
            OtherGroup {
                title: "scale set other".to_owned(),
                pattern,
            },
            machines,
        )
    });
    vec(other, 0..3).boxed()
}

#[test]
fn what_another_scale_set_has_or_may_have_is_no_candidate() {
    always(
        (a_look(), rules(), others(), any::<bool>()),
        |(look, rules, others, all_seen), cases| {
            let mut plan = Plan::make(&look, rules, now());
            let before = plan.verdicts.clone();
            let (groups, machines): (Vec<OtherGroup>, Vec<Option<Vec<Instance>>>) =
                others.into_iter().unzip();
            let wanted = groups_to_list(&look, &plan, &groups);
            let listing = |index: &usize| -> (usize, Listing) {
                (
                    *index,
                    machines[*index]
                        .as_deref()
                        .map(Machines::listed)
                        .ok_or("403".to_owned()),
                )
            };
            let listings: HashMap<usize, Listing> = wanted.iter().map(listing).collect();
            spare_what_others_have(&look, &mut plan, &groups, &listings, all_seen);
            only_fewer(&look, &before, &plan)?;
            let spared = before != plan.verdicts;
            cases.count("spared because another has it", spared && all_seen);
            cases.count(
                "still a candidate beside another scale set",
                !wanted.is_empty() && plan.candidate_count() > 0,
            );
            for (index, claim) in plan.candidates() {
                let target = &look.targets[index];
                prop_assert!(
                    all_seen || !target.answers_health_checks,
                    "a twin that is not seen may have it"
                );
                for (group, machines) in groups.iter().zip(&machines) {
                    let fits =
                        |name: &String, small| oracle::fits(&group.pattern, name, small).is_some();
                    let mut readings = claim.cores.iter().chain([&target.name]);
                    let has =
                        |m: &Vec<Instance>| m.iter().any(|i| oracle::is_meant(&target.name, i));
                    let its =
                        readings.any(|name| fits(name, true)) && machines.as_ref().is_none_or(has);
                    prop_assert!(!its, "{:?} may be the other scale set's", target.name);
                    let only_its = claim.groups.is_empty() && fits(&target.name, false);
                    prop_assert!(
                        !only_its,
                        "{:?} is a name of the other scale set",
                        target.name
                    );
                }
            }
            Ok(())
        },
    );
}

fn answer() -> BoxedStrategy<Answer> {
    prop_oneof![
        6 => Just(Answer::Gone),
        1 => Just(Answer::Deleting),
        1 => Just(Answer::Exists("Succeeded".to_owned())),
        1 => Just(Answer::Silent("503".to_owned())),
    ]
    .boxed()
}

#[test]
fn a_candidate_is_removed_only_if_every_machine_that_its_name_may_stand_for_is_gone() {
    always(
        (a_look(), rules(), vec(answer(), 16)),
        |(look, rules, answers), cases| {
            let mut plan = Plan::make(&look, rules, now());
            let before = plan.verdicts.clone();
            let members = members_to_ask(&plan);
            let heard: Vec<_> = members
                .into_iter()
                .zip(answers.into_iter().cycle())
                .collect();
            let brakes = hear_members(&look, &mut plan, &heard);
            only_fewer(&look, &before, &plan)?;
            let exists = heard
                .iter()
                .filter(|(_, answer)| matches!(answer, Answer::Exists(_)))
                .count();
            prop_assert_eq!(
                brakes.len(),
                exists,
                "a machine that answers holds everything"
            );
            cases.count("a brake", exists > 0);
            cases.count(
                "all gone",
                !heard.is_empty() && heard.iter().all(|(_, answer)| *answer == Answer::Gone),
            );
            for (index, _) in plan.candidates() {
                let name = &look.targets[index].name;
                let asked = |group: usize, number: u64| {
                    heard.iter().any(|(member, answer)| {
                        (member.target, member.group, member.number) == (index, group, number)
                            && matches!(answer, Answer::Gone | Answer::Exists(_))
                    })
                };
                for (group, g) in look.groups.iter().enumerate() {
                    let numbers = oracle::fits(&g.pattern, name, false).unwrap_or_default();
                    let all = numbers.iter().all(|number| asked(group, *number));
                    prop_assert!(
                        all,
                        "{name:?} would be removed, and not every machine of its name is gone"
                    );
                }
            }
            Ok(())
        },
    );
}
