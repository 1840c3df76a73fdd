//! Waits until every machine that can be deployed to has a registered target.

use crate::error::Error;
use crate::octopus::EnvironmentRoles;
use crate::reconcile::Look;
use crate::reconcile::identity::Seat;
use crate::reconcile::plan::Plan;
use crate::reconcile::registration::unregistered;
use crate::settle::{SHORTEST_POLL, percent};
use crate::sight::{Services, Sight};
use std::collections::HashSet;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

impl Services<'_> {
    /// A look at which every machine has its target, or the last one before `VMSS.Registration.TimeoutInMinutes` is over.
    /// Who is missing then is named, and is no error.
    ///
    /// # Errors
    /// Something could not be read.
    pub fn registered_look(
        &self,
        sight: Sight,
        census: EnvironmentRoles,
    ) -> Result<(Sight, EnvironmentRoles), Error> {
        let (started, mut seen) = (Instant::now(), (sight, census));
        let timeout = self.settings.registration_timeout;
        if timeout.is_zero() || self.missing(&seen.0.look).is_empty() {
            return Ok(seen);
        }
        let off = self.off(&seen.0);
        let mut told = Vec::new();
        loop {
            let look = &seen.0.look;
            let missing = self.missing(look).into_iter().map(|seat| name(look, seat));
            let missing: Vec<String> = missing.filter(|name| !off.contains(name)).collect();
            let waited = started.elapsed();
            if missing.is_empty() {
                return Ok(seen);
            }
            let Some(left) = timeout.checked_sub(waited).filter(|left| !left.is_zero()) else {
                self.say_missing(timeout, &missing);
                return Ok(seen);
            };
            if missing != told {
                let names = missing.join(", ");
                self.log.info(format_args!(
                    "Waiting for machines that have no target yet: {names}"
                ));
                told = missing;
            }
            self.log.progress(
                percent(waited, timeout),
                &format!("machines without a target: {}", told.len()),
            );
            sleep(self.settings.tuning.poll.max(SHORTEST_POLL).min(left));
            seen = self.look()?;
        }
    }

    fn missing(&self, look: &Look) -> Vec<Seat> {
        let plan = Plan::make(look, self.settings.rules, SystemTime::now());
        unregistered(look, &plan)
    }

    /// The machines that are off, by name, since the next look may have them in another order. Asked once: a machine that
    /// is switched off meanwhile only makes the wait longer.
    fn off(&self, sight: &Sight) -> HashSet<String> {
        let off = self.machines_off(sight, "All of its machines are waited for");
        off.into_iter()
            .map(|seat| name(&sight.look, seat))
            .collect()
    }

    fn say_missing(&self, timeout: Duration, missing: &[String]) {
        self.log.warn(format_args!(
            "After {} minutes (VMSS.Registration.TimeoutInMinutes) these machines have no target that carries the roles: {}. Going on without them; look at what registers them",
            timeout.as_secs_f64() / 60.0,
            missing.join(", ")
        ));
    }
}

/// What people know a machine by.
fn name(look: &Look, seat: Seat) -> String {
    let instance = look.instance(seat);
    let computer = instance.computer_name.as_ref();
    computer.unwrap_or(&instance.resource_name).clone()
}
