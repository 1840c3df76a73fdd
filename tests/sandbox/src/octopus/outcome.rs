//! What comes of the test of one target, and how long that takes.

use super::reachable::Reachable;
use super::{HealthCheck, Octopus, Target};
use crate::world::World;
use std::time::Duration;

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The target is in this state.
    Found(String),
    /// Its script mutex was held until its time was up.
    Busy,
    /// It was deleted meanwhile.
    Gone,
}

/// The tests of one health check, as the world is now.
pub(crate) struct Tests {
    reachable: Reachable,
    limit: Duration,
    only_test_connection: bool,
}

impl Tests {
    pub fn of<'a>(
        world: &World,
        check: &HealthCheck,
        targets: impl Iterator<Item = &'a String>,
    ) -> Self {
        Self {
            reachable: Reachable::of(world, targets),
            limit: check.machine_timeout.unwrap_or(Duration::MAX),
            only_test_connection: check.only_test_connection,
        }
    }

    /// How long the test of a target takes.
    pub fn takes(&self, octopus: &Octopus, id: &str) -> Duration {
        let target = octopus.targets.get(id);
        let needed = target.map(|target| self.needs(octopus, target));
        needed.unwrap_or_default().min(self.limit)
    }

    /// How long it would take if nothing ended it.
    fn needs(&self, octopus: &Octopus, target: &Target) -> Duration {
        let own = target.reach.takes;
        let own = own.unwrap_or(octopus.health_checks.takes);
        if self.reachable.answers(target) {
            own.saturating_add(target.reach.busy)
        } else {
            own
        }
    }

    pub fn outcome(&self, octopus: &Octopus, id: &str) -> Outcome {
        let found = |health: &str| Outcome::Found(health.to_owned());
        let Some(target) = octopus.targets.get(id) else {
            return Outcome::Gone;
        };
        let (answers, is_ssh) = (self.reachable.answers(target), target.style == "Ssh");
        if answers && target.reach.busy >= self.limit {
            return Outcome::Busy;
        }
        if !answers || self.needs(octopus, target) > self.limit {
            let is_old = is_ssh && !octopus.knows_unavailable_ssh();
            return found(if is_old { "Unhealthy" } else { "Unavailable" });
        }
        let lacks_bash = is_ssh && target.reach.without_bash && octopus.needs_bash();
        if lacks_bash && self.only_test_connection {
            return found("Unhealthy");
        }
        found(target.reach.finds.as_deref().unwrap_or("Healthy"))
    }

    /// Whether it tests a polling target that does not come by.
    pub fn waits_for(&self, target: &Target) -> bool {
        target.style == "TentacleActive" && !self.reachable.answers(target)
    }
}
