//! Waits until the scale sets hold still.

use crate::error::Error;
use crate::octopus::EnvironmentRoles;
use crate::reconcile::{Group, Look, Target};
use crate::settings::TimeoutHandling;
use crate::sight::{Services, Sight};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A pause so short that polling without one (`VMSS_POLL_SECONDS` 0) does not become a flood.
pub(crate) const SHORTEST_POLL: Duration = Duration::from_millis(10);

impl Services<'_> {
    /// A look at scale sets that have settled: none is changing, and no instance is being created or deleted. Settled at the
    /// first look: that look is the evidence. All waiting shares one timeout.
    ///
    /// # Errors
    /// Something could not be read; or the timeout, where that is to be an error.
    pub fn settled_look(&self) -> Result<(Sight, EnvironmentRoles), Error> {
        let started = Instant::now();
        loop {
            let (sight, census) = self.look()?;
            let Some(why) = unsettled(&sight.look.groups) else {
                return Ok((sight, census));
            };
            self.log.info(format_args!(
                "Waiting until the scale set has settled: {why}"
            ));
            let timeout = self.settings.settle_timeout;
            if timeout.is_zero() {
                self.give_up(why)?;
                return Ok((sight, census));
            }
            if let Some(why) = self.wait(started, sight.look.targets, why)? {
                self.give_up(why)?;
                // What was read before the wait is old by now.
                return self.look();
            }
        }
    }

    /// The timeout, as an error where it is to be one.
    fn give_up(&self, why: String) -> Result<(), Error> {
        let minutes = self.settings.settle_timeout.as_secs_f64() / 60.0;
        if self.settings.timeout_handling == TimeoutHandling::Error {
            return Err(Error::NotSettled { minutes, why });
        }
        self.log.warn(format_args!(
            "Not settled within {minutes} minutes (VMSS.Timeout.Value): {why}. Going on with what is there; evidence and brakes still hold"
        ));
        Ok(())
    }

    /// Polls until the scale sets have settled (`None`) or the time is up (why they have not). The targets of the first look
    /// come along to be named if a scale set is deleted meanwhile.
    fn wait(
        &self,
        started: Instant,
        mut targets: Vec<Target>,
        mut why: String,
    ) -> Result<Option<String>, Error> {
        let timeout = self.settings.settle_timeout;
        loop {
            let waited = started.elapsed();
            let Some(left) = timeout.checked_sub(waited).filter(|left| !left.is_zero()) else {
                return Ok(Some(why));
            };
            self.log.progress(percent(waited, timeout), &why);
            sleep(self.settings.tuning.poll.max(SHORTEST_POLL).min(left));
            let Look {
                targets: same,
                groups,
            } = self.look_at_machines(targets)?.look;
            targets = same;
            match unsettled(&groups) {
                Some(still) if still != why => {
                    self.log.info(format_args!("Still waiting: {still}"));
                    why = still;
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
}

fn unsettled(groups: &[Group]) -> Option<String> {
    let reasons: Vec<String> = groups.iter().filter_map(Group::unsettled_because).collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn percent(part: Duration, whole: Duration) -> usize {
    (part.as_secs_f64() / whole.as_secs_f64() * 100.0) as usize
}
