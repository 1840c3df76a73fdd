//! What the steps that follow are told: which targets to deploy to, and which are held.

use super::identity::Seat;
use super::plan::{Plan, Verdict};
use super::{InstanceState, Look, Participation, Target};
use std::collections::HashSet;
use std::fmt;

/// Why a kept target is not to be deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It is disabled.
    Disabled,
    /// It takes part in the other kind of deployments only.
    OtherKindOfRun(Participation),
    /// The provisioning of its machine failed.
    ProvisioningFailed,
    /// Its machine is off.
    NotRunning,
    /// It was registered before the scale event that the run is about.
    Old,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "it is disabled",
            Self::OtherKindOfRun(Participation::Tenanted) => {
                "it takes part in tenanted deployments only"
            }
            Self::OtherKindOfRun(_) => "it takes part in untenanted deployments only",
            Self::ProvisioningFailed => "the provisioning of its machine failed",
            Self::NotRunning => "its machine is stopped, deallocated or hibernated, or about to be",
            Self::Old => "it was registered before this scale event",
        })
    }
}

/// The kept targets, those to be deployed to and those not, as indices into the look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deployable {
    /// To be deployed to, in the order of Octopus's list.
    pub targets: Vec<usize>,
    /// Kept and yet left out.
    pub left_out: Vec<(usize, LeftOut)>,
}

impl Deployable {
    /// Leaves out what is there already.
    pub fn leave_out(&mut self, is_left_out: impl Fn(usize) -> bool, why: LeftOut) {
        let (out, stay) = self.targets.iter().partition(|index| is_left_out(**index));
        self.targets = stay;
        let out: Vec<usize> = out;
        self.left_out
            .extend(out.into_iter().map(|index| (index, why)));
    }
}

/// Sorts the kept targets. `off` are the machines known to be off; what is not known does not leave anybody out.
#[must_use]
pub fn deployable(look: &Look, plan: &Plan, tenanted_run: bool, off: &HashSet<Seat>) -> Deployable {
    let mut result = Deployable::default();
    for (index, (target, verdict)) in look.targets.iter().zip(&plan.verdicts).enumerate() {
        let Verdict::Kept(seats) = verdict else {
            continue;
        };
        match left_out(look, target, seats, tenanted_run, off) {
            None => result.targets.push(index),
            Some(why) => result.left_out.push((index, why)),
        }
    }
    result
}

fn left_out(
    look: &Look,
    target: &Target,
    seats: &[Seat],
    tenanted_run: bool,
    off: &HashSet<Seat>,
) -> Option<LeftOut> {
    let allowed = match target.participation {
        Participation::Both => true,
        Participation::Tenanted => tenanted_run,
        Participation::Untenanted => !tenanted_run,
    };
    let failed = |seat: &&Seat| look.instance(**seat).state == InstanceState::Failed;
    if !target.enabled {
        Some(LeftOut::Disabled)
    } else if !allowed {
        Some(LeftOut::OtherKindOfRun(target.participation))
    } else if seats.iter().all(|seat| failed(&seat)) {
        Some(LeftOut::ProvisioningFailed)
    } else if seats
        .iter()
        .filter(|seat| !failed(seat))
        .all(|seat| off.contains(seat))
    {
        Some(LeftOut::NotRunning)
    } else {
        None
    }
}
