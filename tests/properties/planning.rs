//! One verdict for each target.

use crate::law::always;
use crate::oracle;
use crate::policy::{RULES, now, words};
use crate::worlds::{a_look, rules};
use octopus_scale_in::reconcile::identity::{NamePattern, Seat, Suffix};
use octopus_scale_in::reconcile::plan::{Action, Deferral, Foreign, Plan, Rules, Verdict};
use octopus_scale_in::reconcile::{Group, Instance, InstanceState, Look, Target, TargetKind};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

#[test]
fn no_target_that_matches_a_machine_is_ever_planned_for_removal() {
    always((a_look(), rules()), |(look, rules), cases| {
        let plan = Plan::make(&look, rules, now());
        let matches: Vec<bool> = look
            .targets
            .iter()
            .map(|target| oracle::matches_anything(target, &look))
            .collect();
        cases.count("something matches", matches.contains(&true));
        cases.count("something matches, something else is removed", {
            matches.contains(&true) && plan.candidate_count() > 0
        });
        for (index, _) in plan.candidates() {
            let target = &look.targets[index];
            prop_assert!(
                !matches[index],
                "{:?} has a machine and would be removed",
                target.name
            );
            prop_assert_eq!(target.kind, TargetKind::Machine);
            for group in &look.groups {
                let numbers = oracle::fits(&group.pattern, &target.name, false).unwrap_or_default();
                let listed = oracle::with_number(group, &numbers);
                prop_assert!(
                    listed.is_empty(),
                    "{:?} has the number of a machine and would be removed",
                    target.name
                );
            }
        }
        Ok(())
    });
}

#[test]
fn no_target_that_is_not_the_scale_sets_own_is_ever_planned_for_removal() {
    always(a_look(), |look, cases| {
        let plan = Plan::make(&look, RULES, now());
        let plainly =
            |name: &str, group: &Group| oracle::fits(&group.pattern, name, false).is_some();
        let mut decorated = false;
        for (index, claim) in plan.candidates() {
            let name = &look.targets[index].name;
            prop_assert!(
                !claim.groups.is_empty(),
                "{:?} would be removed for no group",
                name
            );
            for (group, _) in &claim.groups {
                let group = &look.groups[*group];
                decorated |= !plainly(name, group);
                prop_assert!(
                    oracle::owned_as(&look, group, name).is_some(),
                    "{name:?} is not the scale set's own and would be removed"
                );
            }
        }
        let foreign = Verdict::Foreign(Foreign::NameDoesNotFit);
        cases.count("removed", plan.candidate_count() > 0);
        cases.count("removed although decorated, or in small letters", decorated);
        cases.count(
            "left because its name does not fit",
            plan.verdicts.contains(&foreign),
        );
        Ok(())
    });
}

/// Section 3's table, as far as one look decides it; `None` where the name decides.
fn by_the_table(look: &Look, rules: Rules, target: &Target) -> Option<&'static str> {
    let members = || look.groups.iter().flat_map(|g| &g.instances);
    let mut meant = members().filter(|i| oracle::is_meant(&target.name, i));
    if target.kind == TargetKind::Other {
        Some("ignored")
    } else if look
        .groups
        .iter()
        .any(|g| !oracle::staying(target, g).is_empty())
    {
        Some("kept")
    } else if look
        .groups
        .iter()
        .flat_map(|g| &g.bystanders)
        .any(|i| oracle::is_meant(&target.name, i))
    {
        Some("detached")
    } else if meant.next().is_some() {
        Some("leaving")
    } else if rules.action == Action::Disable && !target.enabled {
        Some("done")
    } else {
        None
    }
}

/// What a target may be of which the table says nothing: it means no machine by name, so its own name decides. Which of the
/// decorations that several machines share is the one that counts is nowhere promised.
fn by_its_name(look: &Look, rules: Rules, name: &str) -> Vec<&'static str> {
    let plainly = |g: &Group| oracle::fits(&g.pattern, name, false);
    let listed =
        |g: &Group, numbers: Option<_>| oracle::with_number(g, &numbers.unwrap_or_default());
    let groups = || look.groups.iter();
    let certain: Vec<InstanceState> = groups().flat_map(|g| listed(g, plainly(g))).collect();
    let possible = groups().flat_map(|g| listed(g, oracle::owned_as(look, g, name)));
    if certain
        .iter()
        .any(|state| *state != InstanceState::Deleting)
    {
        return vec!["kept"];
    } else if !certain.is_empty() {
        return vec!["leaving", "kept"];
    }
    let mut words = vec!["stale", "deferred"];
    if rules.owned_only && !groups().any(|g| plainly(g).is_some()) {
        words.push("foreign");
    }
    if possible.count() > 0 {
        words.extend(["kept", "leaving"]);
    }
    words
}

#[test]
fn every_target_gets_the_one_verdict_of_the_contracts_table() {
    always((a_look(), rules()), |(look, rules), cases| {
        let plan = Plan::make(&look, rules, now());
        prop_assert_eq!(plan.verdicts.len(), look.targets.len());
        let words = words(&plan);
        for (target, word) in look.targets.iter().zip(&words) {
            let expected = match by_the_table(&look, rules, target) {
                Some(expected) => vec![expected],
                None => by_its_name(&look, rules, &target.name),
            };
            prop_assert!(
                expected.contains(word),
                "{:?} is {word}, not {expected:?}",
                target.name
            );
        }
        for word in [
            "ignored", "kept", "leaving", "detached", "stale", "done", "deferred", "foreign",
        ] {
            cases.count(word, words.contains(&word));
        }
        let means_none = |t: &&Target| by_the_table(&look, rules, t).is_none();
        let only_its_number = |t: &Target| by_its_name(&look, rules, &t.name)[0] == "kept";
        cases.count(
            "kept for its number alone",
            look.targets.iter().filter(means_none).any(only_its_number),
        );
        Ok(())
    });
}

#[test]
fn candidates_wait_while_nothing_matches_and_every_machine_is_new_and_not_longer() {
    always((a_look(), rules()), |(look, rules), cases| {
        let plan = Plan::make(&look, rules, now());
        let deferred = plan
            .verdicts
            .contains(&Verdict::Deferred(Deferral::MachinesAreNew));
        let machines: Vec<_> = look.groups.iter().flat_map(|g| &g.instances).collect();
        let is_old = |created: SystemTime| created + Duration::from_secs(30 * 60) <= now();
        let all_new = machines
            .iter()
            .all(|m| m.created.is_some_and(|at| !is_old(at)));
        let nothing_matches = !machines.is_empty() && !matches_a_member(&plan);
        cases.count("deferred", deferred);
        cases.count("not deferred although nothing matches", {
            nothing_matches && plan.candidate_count() > 0
        });
        prop_assert!(
            !deferred || nothing_matches && all_new,
            "candidates wait for no reason"
        );
        prop_assert!(
            !(nothing_matches && all_new) || plan.candidate_count() == 0,
            "new machines are about to register"
        );
        Ok(())
    });
}

/// "Not one Tentacle or SSH target in scope matches any instance of any scale set of the run", the other way round.
pub fn matches_a_member(plan: &Plan) -> bool {
    words(plan)
        .iter()
        .any(|word| ["kept", "leaving"].contains(word))
}

#[test]
fn a_machine_that_does_not_tell_its_name_spares_every_candidate_that_it_could_be() {
    always((a_look(), rules()), |(look, rules), cases| {
        let plan = Plan::make(&look, rules, now());
        let deferred = Verdict::Deferred(Deferral::NamelessMachine);
        let is_met = |i: &Instance| look.targets.iter().any(|t| oracle::is_meant(&t.name, i));
        let nameless = |g: &&Group| {
            g.instances
                .iter()
                .any(|i| i.computer_name.is_none() && !is_met(i))
        };
        let lettered = |g: &Group| NamePattern {
            forms: g
                .pattern
                .forms
                .iter()
                .filter(|form| form.suffix == Suffix::SixCapitals)
                .cloned()
                .collect(),
        };
        cases.count("spared", plan.verdicts.contains(&deferred));
        for group in look.groups.iter().filter(nameless) {
            let could_be = |name: &str| oracle::fits(&lettered(group), name, false).is_some();
            for (index, _) in plan.candidates() {
                let name = &look.targets[index].name;
                prop_assert!(
                    !could_be(name),
                    "{name:?} may be a machine that does not tell its name"
                );
            }
        }
        Ok(())
    });
}

/// A verdict without the order of what was read: machines by name, groups by pattern.
fn regardless_of_order(look: &Look, rules: Rules) -> BTreeMap<String, String> {
    let machine = |seat: &Seat| {
        let instance = look.instance(*seat);
        format!("{:?} {:?}", seat.member, instance)
    };
    let told = |verdict: Verdict| match verdict {
        Verdict::Kept(seats) => {
            let mut machines: Vec<String> = seats.iter().map(machine).collect();
            machines.sort_unstable();
            format!("kept for {machines:?}")
        }
        Verdict::Stale(claim) => {
            let mut groups: Vec<String> = claim
                .groups
                .iter()
                .map(|(group, numbers)| format!("{:?} {numbers:?}", look.groups[*group].pattern))
                .collect();
            groups.sort_unstable();
            format!("stale of {groups:?}")
        }
        // Which of several machines is named is no part of the promise.
        Verdict::Detached(_) => "detached".to_owned(),
        other => format!("{other:?}"),
    };
    let plan = Plan::make(look, rules, now());
    let told = plan.verdicts.into_iter().map(told);
    look.targets
        .iter()
        .map(|target| target.id.to_string())
        .zip(told)
        .collect()
}

#[test]
fn the_plan_does_not_depend_on_the_order_in_which_anything_was_listed() {
    let turns = || 1..6_usize;
    always(
        (a_look(), rules(), (turns(), turns(), turns())),
        |(mut look, rules, turns), cases| {
            let listed = regardless_of_order(&look, rules);
            turn_round(&mut look.targets, turns.0);
            for group in &mut look.groups {
                turn_round(&mut group.instances, turns.1);
                turn_round(&mut group.bystanders, turns.1);
            }
            turn_round(&mut look.groups, turns.2);
            cases.count("something is kept, something is not", {
                let is_kept = |told: &&String| told.starts_with("kept");
                let kept = listed.values().filter(is_kept).count();
                kept > 0 && kept < listed.len()
            });
            prop_assert_eq!(regardless_of_order(&look, rules), listed);
            Ok(())
        },
    );
}

fn turn_round<T>(list: &mut [T], by: usize) {
    list.rotate_left(by % list.len().max(1));
    if by % 2 == 1 {
        list.reverse();
    }
}
