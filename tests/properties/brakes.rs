//! Reasons to remove nothing at all.

use crate::law::always;
use crate::planning::matches_a_member;
use crate::policy::{now, words};
use crate::worlds::{a_snapshot, rules};
use octopus_scale_in::reconcile::brake::{Brake, doubts, over_limit};
use octopus_scale_in::reconcile::deploy_list::Tenancy;
use octopus_scale_in::reconcile::plan::{Limit, Plan};
use octopus_scale_in::reconcile::snapshot::{Instance, InstanceState};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_limit_is_exceeded_exactly_when_arithmetic_without_rounding_says_so() {
    let of = prop_oneof![
        0..250_usize,
        (0..10_000_usize).prop_map(|hundreds| hundreds * 100)
    ];
    let near = (0..=100_usize, of, -2..=2_i64).prop_map(|(limit, of, off)| {
        let exact = i64::try_from(limit * of / 100).expect("small");
        (limit, of, usize::try_from(exact + off).unwrap_or_default())
    });
    always(near, |(limit, of, candidates), cases| {
        let [limit_, of_, candidates_] = [limit, of, candidates].map(|n| n as u128);
        let more = candidates_ * 100 > limit_ * of_;
        cases.count("more", more);
        cases.count("equal", candidates_ * 100 == limit_ * of_);
        cases.count("not more", !more);
        prop_assert_eq!(Limit::Percent(limit).is_exceeded_by(candidates, of), more);
        prop_assert_eq!(
            Limit::Count(limit).is_exceeded_by(candidates, of),
            candidates > limit
        );
        Ok(())
    });
}

#[test]
fn a_percentage_is_of_the_machines_in_scope_less_those_that_are_done() {
    always(
        (a_snapshot(), rules(), 0..=100_usize),
        |(snapshot, rules, percent), cases| {
            let plan = Plan::make(&snapshot, rules, now());
            let of = words(&plan)
                .iter()
                .filter(|word| !["ignored", "done"].contains(word))
                .count();
            let candidates = plan.candidate_count();
            let limit = Limit::Percent(percent);
            let expected = (candidates * 100 > percent * of).then_some(Brake::OverLimit {
                candidates,
                limit,
                of,
            });
            cases.count("over the limit", expected.is_some());
            cases.count("within the limit", expected.is_none() && candidates > 0);
            prop_assert_eq!(over_limit(&plan, limit), expected);
            Ok(())
        },
    );
}

#[test]
fn an_empty_listing_and_machines_that_nobody_matches_are_doubts_and_nothing_else_is() {
    always((a_snapshot(), rules()), |(snapshot, rules), cases| {
        let plan = Plan::make(&snapshot, rules, now());
        let doubts = doubts(&snapshot.groups, &plan, now());
        let empty = snapshot
            .groups
            .iter()
            .filter(|g| g.instances.is_empty() && g.capacity != Some(0))
            .count();
        let is_empty = |doubt: &&Brake| matches!(doubt, Brake::EmptyListing { .. });
        prop_assert_eq!(doubts.iter().filter(is_empty).count(), empty);
        let there = |i: &&Arc<Instance>| i.state != InstanceState::Deleting;
        let all = || {
            snapshot
                .groups
                .iter()
                .flat_map(|g| &g.instances)
                .filter(there)
        };
        let machines = all().next().is_some();
        let half_an_hour = Duration::from_secs(30 * 60);
        let is_old = |i: &Instance| i.created.is_none_or(|at| at + half_an_hour <= now());
        let one_is_old = all().any(|i| is_old(i));
        let nobody = machines && one_is_old && !matches_a_member(&plan);
        let is_nobody = |doubt: &&Brake| matches!(doubt, Brake::NothingMatches { .. });
        prop_assert_eq!(doubts.iter().filter(is_nobody).count(), usize::from(nobody));
        cases.count("an empty listing", empty > 0);
        cases.count("nobody matches a machine", nobody);
        cases.count(
            "nobody matches, and all machines are new",
            machines && !one_is_old,
        );
        for doubt in &doubts {
            let judged = [Tenancy::Untenanted, Tenancy::Tenanted].map(|it| doubt.is_judged(0, it));
            prop_assert_eq!(judged, [is_nobody(&doubt), false]);
            prop_assert!(doubt.is_judged(1, Tenancy::Tenanted));
        }
        cases.count("no doubt", doubts.is_empty());
        Ok(())
    });
}
