//! The two waits before the plan: until the scale sets hold still, and until every machine has its target.

use super::snapshot::{Clients, Look, Taken, machines_off, take, take_instances};
use crate::console::Console;
use crate::error::Error;
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{ScalingGroup, Snapshot, Target};
use crate::settings::{Settings, TimeoutHandling};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// A snapshot of scale sets that have settled: none is changing, and no instance is being created or deleted. Settled in the
/// first one: that is the evidence. All waiting shares one timeout.
///
/// # Errors
/// Something could not be read; or the timeout, where that is to be an error.
pub fn settled_snapshot(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
) -> Result<Taken, Error> {
    let wait = Wait::begin(settings.settle_timeout, settings.tuning.poll);
    loop {
        let taken = take(clients, settings, Look::First(console))?;
        let Some(why) = unsettled(&taken.snapshot.groups) else {
            return Ok(taken);
        };
        console.info(format_args!(
            "Waiting until the scale set has settled: {why}"
        ));
        if settings.settle_timeout.is_zero() {
            give_up(settings, console, why)?;
            return Ok(taken);
        }
        let targets = taken.snapshot.targets;
        if let Some(why) = poll(clients, settings, console, wait, targets, why)? {
            give_up(settings, console, why)?;
            // What was read before the wait is old by now.
            return take(clients, settings, Look::First(console));
        }
    }
}

/// The timeout, as an error where it is to be one.
fn give_up(settings: &Settings, console: &Console, why: String) -> Result<(), Error> {
    let minutes = settings.settle_timeout.as_secs_f64() / 60.0;
    match settings.timeout_handling {
        TimeoutHandling::Error => Err(Error::NotSettled { minutes, why }),
        TimeoutHandling::Proceed => {
            console.warn(format_args!(
                "Not settled within {minutes} minutes (VMSS.Timeout.Value): {why}. Going on with what is there; evidence and brakes still hold. Look at the scale set's scaling operation if it stays, or raise VMSS.Timeout.Value."
            ));
            Ok(())
        }
    }
}

/// Polls until the scale sets have settled (`None`) or the time is up (why they have not). The targets of the first snapshot
/// come along to be named if a scale set is deleted meanwhile.
fn poll(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    wait: Wait,
    mut targets: Vec<Arc<Target>>,
    mut why: String,
) -> Result<Option<String>, Error> {
    while wait.left().is_some() {
        wait.show(console, &why);
        wait.pause();
        let snapshot = take_instances(clients, settings, targets, Look::First(console))?;
        targets = snapshot.targets;
        match unsettled(&snapshot.groups) {
            Some(still) if still != why => {
                console.info(format_args!("Still waiting: {still}"));
                why = still;
            }
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(why))
}

fn unsettled(groups: &[ScalingGroup]) -> Option<String> {
    let reasons = groups.iter().filter_map(ScalingGroup::unsettled_because);
    let reasons: Vec<String> = reasons.collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// A snapshot in which every instance has its target, or the last one before `VMSS.Registration.TimeoutInMinutes` is over.
/// Who is missing then is named, and is no error.
///
/// # Errors
/// Something could not be read.
pub fn registered_snapshot(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    mut taken: Taken,
) -> Result<Taken, Error> {
    let timeout = settings.registration_timeout;
    let wait = Wait::begin(timeout, settings.tuning.poll);
    if timeout.is_zero() || missing(settings, &taken.snapshot).is_empty() {
        return Ok(taken);
    }
    // Asked once: a machine that is switched off meanwhile only makes the wait longer.
    let off = machines_off(
        &clients.azure,
        settings,
        console,
        &taken.snapshot.groups,
        "All of its machines are waited for.",
    );
    let mut told = Vec::new();
    loop {
        let mut missing = missing(settings, &taken.snapshot);
        missing.retain(|name| !off.has_name(name));
        if missing.is_empty() {
            return Ok(taken);
        }
        if wait.left().is_none() {
            say_missing(settings, console, &missing);
            return Ok(taken);
        }
        if missing != told {
            let names = missing.join(", ");
            console.info(format_args!(
                "Waiting for machines that have no target yet: {names}"
            ));
            told = missing;
        }
        let what = format!("machines without a target: {}", told.len());
        wait.show(console, &what);
        wait.pause();
        taken = take(clients, settings, Look::First(console))?;
    }
}

/// The instances without a target, by the names that people know them by.
fn missing(settings: &Settings, snapshot: &Snapshot) -> Vec<String> {
    let plan = Plan::make(snapshot, settings.rules, SystemTime::now());
    let missing = plan.unregistered(&snapshot.groups);
    missing.iter().map(|it| it.name().to_owned()).collect()
}

fn say_missing(settings: &Settings, console: &Console, missing: &[String]) {
    console.warn(format_args!(
        "After {} minutes (VMSS.Registration.TimeoutInMinutes) these machines have no target that carries the roles: {}. Going on without them. Look at what registers them.",
        settings.registration_timeout.as_secs_f64() / 60.0,
        missing.join(", ")
    ));
}

/// A pause so short that polling without one (`VMSS_POLL_SECONDS` 0) does not become a flood.
const SHORTEST_POLL: Duration = Duration::from_millis(10);

/// A wait that ends at a time.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    started: Instant,
    timeout: Duration,
    poll: Duration,
}

impl Wait {
    /// Begins now, and looks again after each `poll`.
    #[must_use]
    pub fn begin(timeout: Duration, poll: Duration) -> Self {
        Self {
            started: Instant::now(),
            timeout,
            poll: poll.max(SHORTEST_POLL),
        }
    }

    /// Shows how far the wait is.
    pub fn show(&self, console: &Console, what: &str) {
        console.waiting(what, self.started.elapsed(), self.timeout);
    }

    /// What is left; `None` once the time is up.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let left = self.timeout.checked_sub(self.started.elapsed());
        left.filter(|left| !left.is_zero())
    }

    /// Sleeps until it is time to look again.
    pub fn pause(&self) {
        sleep(self.poll.min(self.left().unwrap_or_default()));
    }
}

/// Sleeps until this long after a moment that is past, saying so.
pub fn pause_since(console: &Console, since: Instant, interval: Duration) {
    let left = interval.saturating_sub(since.elapsed());
    if !left.is_zero() {
        console.info(format_args!(
            "Looking again in {} s, to be sure",
            left.as_secs_f64().ceil()
        ));
        if left >= Duration::from_secs(1) {
            console.waiting("until the second look", Duration::ZERO, left);
        }
        sleep(left);
    }
}
