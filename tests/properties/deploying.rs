//! Who is deployed to.

use crate::law::always;
use crate::policy::{RULES, now};
use crate::worlds::a_look;
use octopus_scale_in::reconcile::identity::Seat;
use octopus_scale_in::reconcile::outputs::deployable;
use octopus_scale_in::reconcile::plan::{Plan, Verdict};
use octopus_scale_in::reconcile::{InstanceState, Look, Participation};
use proptest::prelude::*;
use std::collections::HashSet;

/// The machines that are off: those whose bit is set.
fn off(look: &Look, bits: u64) -> HashSet<Seat> {
    let groups = look.groups.iter().enumerate();
    let seats = groups.flat_map(|(group, g)| {
        (0..g.instances.len()).map(move |index| Seat {
            group,
            member: true,
            index,
        })
    });
    let is_off = |(bit, _): &(usize, Seat)| bits >> (bit % 64) & 1 == 1;
    seats
        .enumerate()
        .filter(is_off)
        .map(|(_, seat)| seat)
        .collect()
}

/// Enabled, allowed in this kind of run, and with a machine that is neither Failed nor known to be off.
fn serves(look: &Look, plan: &Plan, index: usize, tenanted: bool, off: &HashSet<Seat>) -> bool {
    let Verdict::Kept(seats) = &plan.verdicts[index] else {
        return false;
    };
    let runs =
        |seat: &Seat| look.instance(*seat).state != InstanceState::Failed && !off.contains(seat);
    let other_kind = if tenanted {
        Participation::Untenanted
    } else {
        Participation::Tenanted
    };
    let target = &look.targets[index];
    target.enabled && target.participation != other_kind && seats.iter().any(runs)
}

#[test]
fn exactly_the_kept_targets_that_serve_are_deployed_to_in_the_order_of_octopus() {
    let values = (a_look(), any::<bool>(), any::<u64>());
    always(values, |(look, tenanted, bits), cases| {
        let (plan, off) = (Plan::make(&look, RULES, now()), off(&look, bits));
        let result = deployable(&look, &plan, tenanted, &off);
        let (expected, others): (Vec<usize>, Vec<usize>) = (0..look.targets.len())
            .filter(|index| matches!(plan.verdicts[*index], Verdict::Kept(_)))
            .partition(|index| serves(&look, &plan, *index, tenanted, &off));
        let left_out: Vec<usize> = result.left_out.iter().map(|(index, _)| *index).collect();
        cases.count("deployed to", !expected.is_empty());
        cases.count("left out", !others.is_empty());
        prop_assert_eq!(result.targets, expected);
        prop_assert_eq!(left_out, others, "a kept target is left out without a word");
        Ok(())
    });
}
