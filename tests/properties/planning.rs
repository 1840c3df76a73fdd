//! One verdict for each target.

use crate::law::always;
use crate::oracle;
use crate::policy::{RULES, now, words};
use crate::worlds::{a_snapshot, rules};
use octopus_scale_in::reconcile::ownership::Proof;
use octopus_scale_in::reconcile::plan::{OwnedOnly, Plan, RemovalAction, Row, Rules};
use octopus_scale_in::reconcile::snapshot::{
    Connection, Instance, InstanceState, ScalingGroup, Snapshot, Target, TargetKind,
};
use octopus_scale_in::reconcile::verdict::{Deferral, Foreign, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[test]
fn no_target_that_matches_a_machine_is_ever_planned_for_removal() {
    always((a_snapshot(), rules()), |(snapshot, rules), cases| {
        let plan = Plan::make(&snapshot, rules, now());
        let matches: Vec<bool> = snapshot
            .targets
            .iter()
            .map(|target| oracle::matches_anything(target, &snapshot))
            .collect();
        cases.count("something matches", matches.contains(&true));
        cases.count("something matches, something else is removed", {
            matches.contains(&true) && plan.candidate_count() > 0
        });
        for row in plan.candidates() {
            let target = &row.target;
            prop_assert!(
                !oracle::matches_anything(target, &snapshot),
                "{:?} has a machine and would be removed",
                target.name
            );
            prop_assert_eq!(target.kind, TargetKind::Machine(Connection::Listening));
            for group in &snapshot.groups {
                let ids = oracle::owned_as(&snapshot, group, &target.name);
                let listed = oracle::with_id(group, &ids.map(|it| it.0).unwrap_or_default());
                prop_assert!(
                    listed.is_empty(),
                    "{:?} has the id of a machine and would be removed",
                    target.name
                );
            }
        }
        Ok(())
    });
}

#[test]
fn no_target_that_is_not_the_scale_sets_own_is_ever_planned_for_removal() {
    always(a_snapshot(), |snapshot, cases| {
        let plan = Plan::make(&snapshot, RULES, now());
        let (mut held, mut known) = (false, false);
        for row in plan.candidates() {
            let (name, owners) = (&row.target.name, &row.evidence.owners);
            prop_assert!(
                !owners.is_empty(),
                "{:?} would be removed for no group",
                name
            );
            for owner in owners {
                let group = snapshot.group(&owner.group).expect("it was read");
                let bare = oracle::held(&group.pattern, name).iter().any(|it| it.bare);
                let own = oracle::owned_as(&snapshot, group, name);
                let ids = owner.instance_ids.iter().cloned().collect();
                held |= !bare;
                known |= !bare && owner.proof == Proof::Plain;
                prop_assert_eq!(
                    Some((ids, owner.proof == Proof::Plain)),
                    own,
                    "{:?} is not the scale set's own in this way and would be removed",
                    name
                );
            }
        }
        let foreign = Verdict::Foreign(Foreign::NameDoesNotFit);
        cases.count("removed", plan.candidate_count() > 0);
        cases.count("removed although decorated", held);
        cases.count("removed in a decoration that is known", known);
        cases.count(
            "left because its name does not fit",
            has_verdict(&plan, &foreign),
        );
        Ok(())
    });
}

fn has_verdict(plan: &Plan, verdict: &Verdict) -> bool {
    plan.rows.iter().any(|row| row.verdict == *verdict)
}

/// Section 3's table, as far as one snapshot decides it; `None` where the name decides.
fn by_the_table(snapshot: &Snapshot, rules: Rules, target: &Target) -> Option<&'static str> {
    let members = || snapshot.groups.iter().flat_map(|g| &g.instances);
    let mut matched = members().filter(|i| oracle::matches(&target.name, i));
    if target.kind == TargetKind::Other {
        Some("ignored")
    } else if snapshot
        .groups
        .iter()
        .any(|g| !oracle::staying(target, g).is_empty())
    {
        Some("kept")
    } else if snapshot
        .groups
        .iter()
        .flat_map(|g| &g.outsiders)
        .any(|i| oracle::matches(&target.name, i))
    {
        Some("detached")
    } else if matched.next().is_some() {
        Some("leaving")
    } else if rules.action == RemovalAction::Disable && !target.enabled {
        Some("done")
    } else {
        None
    }
}

/// What a target may be of which the table says nothing: it matches no machine by name, so its own name decides.
fn by_its_name(snapshot: &Snapshot, rules: Rules, name: &str) -> Vec<&'static str> {
    let groups = snapshot.groups.iter();
    let own = groups.filter_map(|g| Some((g, oracle::owned_as(snapshot, g, name)?.0)));
    let own: Vec<_> = own.collect();
    let listed = own.iter().flat_map(|(g, ids)| oracle::with_id(g, ids));
    let (named, nameless): (Vec<_>, Vec<_>) = listed.partition(|it| it.computer_name.is_some());
    let stays = |it: &&Arc<Instance>| it.state != InstanceState::Deleting;
    if own.is_empty() && rules.owned_only == OwnedOnly::Yes {
        vec!["foreign"]
    } else if nameless.iter().any(stays) {
        vec!["kept"]
    } else if !nameless.is_empty() {
        vec!["leaving"]
    } else if !named.is_empty() {
        vec!["deferred"]
    } else {
        vec!["stale", "deferred"]
    }
}

#[test]
fn every_target_gets_the_one_verdict_of_the_contracts_table() {
    always((a_snapshot(), rules()), |(snapshot, rules), cases| {
        let plan = Plan::make(&snapshot, rules, now());
        let ids = |it: &Row| it.target.id.clone();
        let (told, asked) = (
            plan.rows.iter().map(ids),
            snapshot.targets.iter().map(|t| t.id.clone()),
        );
        prop_assert!(told.eq(asked), "not one row for each target");
        let words = words(&plan);
        for row in &plan.rows {
            let (target, word) = (&row.target, row.verdict.word());
            let expected = match by_the_table(&snapshot, rules, target) {
                Some(expected) => vec![expected],
                None => by_its_name(&snapshot, rules, &target.name),
            };
            prop_assert!(
                expected.contains(&word),
                "{:?} is {word}, not {expected:?}",
                target.name
            );
        }
        for word in [
            "ignored", "kept", "leaving", "detached", "stale", "done", "deferred", "foreign",
        ] {
            cases.count(word, words.contains(&word));
        }
        let matches_none = |t: &&Arc<Target>| by_the_table(&snapshot, rules, t).is_none();
        let only_its_id = |t: &Arc<Target>| by_its_name(&snapshot, rules, &t.name)[0] == "kept";
        cases.count(
            "kept for its id alone",
            snapshot
                .targets
                .iter()
                .filter(matches_none)
                .any(only_its_id),
        );
        Ok(())
    });
}

#[test]
fn candidates_wait_while_nothing_matches_and_every_machine_is_new_and_not_longer() {
    always((a_snapshot(), rules()), |(snapshot, rules), cases| {
        let plan = Plan::make(&snapshot, rules, now());
        let deferred = has_verdict(&plan, &Verdict::Deferred(Deferral::MachinesAreNew));
        let there = |i: &&Arc<Instance>| i.state != InstanceState::Deleting;
        let machines = snapshot.groups.iter().flat_map(|g| &g.instances);
        let machines: Vec<_> = machines.filter(there).collect();
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
    always((a_snapshot(), rules()), |(snapshot, rules), cases| {
        let plan = Plan::make(&snapshot, rules, now());
        let deferred = Verdict::Deferred(Deferral::NamelessMachine);
        let nameless = |g: &&ScalingGroup| g.instances.iter().any(|i| i.computer_name.is_none());
        cases.count("spared", has_verdict(&plan, &deferred));
        for group in snapshot.groups.iter().filter(nameless) {
            let lettered = oracle::lettered(&group.pattern);
            let could_be = |name: &str| !oracle::held(&lettered, name).is_empty();
            for row in plan.candidates() {
                let name = &row.target.name;
                prop_assert!(
                    !could_be(name),
                    "{name:?} may be a machine that does not tell its name"
                );
            }
        }
        Ok(())
    });
}

/// A verdict and what it rests on without the order of what was read.
fn regardless_of_order(snapshot: &Snapshot, rules: Rules) -> BTreeMap<String, String> {
    let sorted = |each: Vec<String>| {
        let mut each = each;
        each.sort_unstable();
        each
    };
    let told = |row: &Row| match &row.verdict {
        Verdict::Kept => {
            let machines = row.evidence.kept_by.iter().map(|i| format!("{i:?}"));
            format!("kept for {:?}", sorted(machines.collect()))
        }
        Verdict::Stale => {
            let owners = row.evidence.owners.iter().map(|owner| format!("{owner:?}"));
            format!("stale of {:?}", sorted(owners.collect()))
        }
        // Which of several machines is named is no part of the promise.
        Verdict::Detached(_) => "detached".to_owned(),
        other => format!("{other:?}"),
    };
    let plan = Plan::make(snapshot, rules, now());
    let rows = plan.rows.iter();
    rows.map(|row| (row.target.id.to_string(), told(row)))
        .collect()
}

#[test]
fn the_plan_does_not_depend_on_the_order_in_which_anything_was_listed() {
    let turns = || 1..6_usize;
    always(
        (a_snapshot(), rules(), (turns(), turns(), turns())),
        |(mut snapshot, rules, turns), cases| {
            let listed = regardless_of_order(&snapshot, rules);
            turn_round(&mut snapshot.targets, turns.0);
            for group in &mut snapshot.groups {
                turn_round(&mut group.instances, turns.1);
                turn_round(&mut group.outsiders, turns.1);
            }
            turn_round(&mut snapshot.groups, turns.2);
            cases.count("something is kept, something is not", {
                let is_kept = |told: &&String| told.starts_with("kept");
                let kept = listed.values().filter(is_kept).count();
                kept > 0 && kept < listed.len()
            });
            prop_assert_eq!(regardless_of_order(&snapshot, rules), listed);
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

#[test]
fn a_strange_name_goes_only_where_every_listed_machine_is_meant_by_a_target() {
    always(a_snapshot(), |snapshot, cases| {
        let rules = Rules {
            owned_only: OwnedOnly::No,
            ..RULES
        };
        let plan = Plan::make(&snapshot, rules, now());
        let strange = |row: &&Row| row.evidence.owners.is_empty();
        let goes = plan.candidates().any(|row| strange(&row));
        let members = || snapshot.groups.iter().flat_map(|group| &group.instances);
        let is_meant = |instance: &Instance| {
            snapshot.targets.iter().any(|target| {
                target.kind != TargetKind::Other && oracle::matches(&target.name, instance)
                    || snapshot.groups.iter().any(|group| {
                        let ids = oracle::ids_in(&group.pattern, &target.name);
                        instance.id.as_ref().is_some_and(|id| ids.contains(id))
                    })
            })
        };
        cases.count("a strange name goes", goes);
        cases.count(
            "beside a listed machine",
            goes && members().next().is_some(),
        );
        if goes {
            for instance in members() {
                prop_assert!(
                    is_meant(instance),
                    "{:?} is meant by no target, and a strange name would be removed",
                    instance.name()
                );
            }
        }
        Ok(())
    });
}
