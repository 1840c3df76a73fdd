//! Which machines have no registered target yet.

use super::identity::Seat;
use super::plan::{Plan, Verdict};
use super::{InstanceState, Look};
use std::collections::HashSet;

/// The machines that no target means. Failed ones and those being deleted will not register and are none of them.
#[must_use]
pub fn unregistered(look: &Look, plan: &Plan) -> Vec<Seat> {
    let registered: HashSet<&Seat> = plan.verdicts.iter().flat_map(Verdict::seats).collect();
    let seats = look.groups.iter().enumerate().flat_map(|(group, g)| {
        (0..g.instances.len()).map(move |index| Seat {
            group,
            member: true,
            index,
        })
    });
    let missing = |seat: &Seat| match look.instance(*seat).state {
        InstanceState::Failed | InstanceState::Deleting => false,
        InstanceState::Creating | InstanceState::Present => !registered.contains(seat),
    };
    seats.filter(missing).collect()
}
