//! How Octopus tests its targets, and what a test finds at a target.
//!
//! Sources: octopus.com/docs, "Run a health check" and "Machine policies"; github.com/OctopusDeploy/Issues, each named
//! where it counts.

use super::reachable::Reachable;
use super::target::TargetHandle;
use super::{Octopus, Target, Task};
use crate::clock::{self, Time};
use crate::world::World;
use std::time::Duration;

/// How the server tests targets. The documentation leaves some of it open: those are switches.
#[derive(Clone, Debug)]
pub struct HealthChecks {
    /// How long the test of a target takes that does not say so itself.
    pub takes: Duration,
    /// How long a health check waits in the queue; `Duration::MAX` keeps it there.
    pub waits_in_queue: Duration,
    /// How many targets one health check tests at a time.
    pub at_once: usize,
    /// What the server makes of `OnlyTestConnection`.
    pub only_test_connection: OnlyTestConnection,
    /// What becomes of a target whose script mutex is held until its time is up.
    pub busy_targets: BusyTargets,
    /// Whether the server knows `machines/{id}/connection`, which otherwise is 404.
    pub knows_connection: bool,
    /// Whether `machines/{id}/connection` says `LastChecked`.
    pub says_last_checked: bool,
    /// How much later lists of targets show what a health check found; `Duration::MAX` for never.
    pub lists_are_late: Duration,
    /// Whether a target that does not exist is refused with 400. Otherwise the check goes on without it.
    pub refuses_unknown_targets: bool,
    /// How a health check ends whose `Timeout` is over.
    pub state_at_timeout: String,
}

impl Default for HealthChecks {
    fn default() -> Self {
        Self {
            takes: Duration::from_millis(50),
            waits_in_queue: Duration::from_millis(20),
            at_once: 20,
            only_test_connection: OnlyTestConnection::Known,
            busy_targets: BusyTargets::Skipped,
            knows_connection: true,
            says_last_checked: true,
            lists_are_late: Duration::ZERO,
            refuses_unknown_targets: false,
            state_at_timeout: "TimedOut".to_owned(),
        }
    }
}

/// What a server makes of `OnlyTestConnection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyTestConnection {
    /// It only tests the connection.
    Known,
    /// It is too old to know the word, and runs the script of the policy.
    Ignored,
    /// It is too old to know the word, and answers 400.
    Refused,
}

/// What becomes of a target whose script mutex is held until `MachineTimeout` is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusyTargets {
    /// Skipped with a warning; its state and `LastChecked` stay. Issues 3142.
    Skipped,
    /// The task fails with "The task was cancelled"; its state and `LastChecked` stay. Issues 8563.
    Cancelled,
    /// The same, and the target is Unhealthy.
    Unhealthy,
}

/// What a health check meets at a target.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whether it answers; where nothing is said, if a machine of its name exists in Azure and is running.
    pub answers: Option<bool>,
    /// How long its test takes, whatever comes of it.
    pub takes: Option<Duration>,
    /// For how long its script mutex is held, counted from the begin of its test.
    pub busy: Duration,
    /// What a check finds where it answers: `HasWarnings`, `Unhealthy`; Healthy where nothing is said.
    pub finds: Option<String>,
    /// An SSH host without bash fails the connection test of newer servers. Issues 9142.
    pub without_bash: bool,
}

impl TargetHandle<'_> {
    fn reach(self, change: impl FnOnce(&mut Reach)) -> Self {
        self.edit(|target| change(&mut target.reach))
    }

    /// Its machine answers, whether or not Azure knows it: a permanent server, a machine of somebody else.
    pub fn answers(self) -> Self {
        self.reach(|reach| reach.answers = Some(true))
    }

    /// It answers when its test has taken so long.
    pub fn answers_after(self, delay: Duration) -> Self {
        self.answers().reach(|reach| reach.takes = Some(delay))
    }

    /// Nothing answers there.
    pub fn dead(self) -> Self {
        self.reach(|reach| reach.answers = Some(false))
    }

    /// Nothing answers there, which the server believes after so long.
    pub fn dead_after(self, delay: Duration) -> Self {
        self.dead().reach(|reach| reach.takes = Some(delay))
    }

    /// It runs something else without end, and its test has to wait for that. Issues 8581.
    pub fn busy(self) -> Self {
        self.busy_for(Duration::MAX)
    }

    /// It runs something else for so long after its test has begun.
    pub fn busy_for(self, span: Duration) -> Self {
        self.reach(|reach| reach.busy = span)
    }

    /// A check that reaches it finds it so: `HasWarnings`, `Unhealthy`.
    pub fn found(self, health: &str) -> Self {
        self.reach(|reach| reach.finds = Some(health.to_owned()))
    }

    /// An SSH host without bash.
    pub fn without_bash(self) -> Self {
        self.reach(|reach| reach.without_bash = true)
    }

    /// Sets when it was checked last, by this machine's clock; half an hour ago at first.
    pub fn last_checked(self, at: Time) -> Self {
        self.edit(|target| target.last_checked = Some(at))
    }

    /// It was never checked, and nobody knows how it is.
    pub fn never_checked(self) -> Self {
        self.health("Unknown")
            .edit(|target| target.last_checked = None)
    }

    /// Gives it the machine policy of this name, which must exist.
    pub fn machine_policy(self, name: &str) -> Self {
        let id = self
            .octopus
            .policy_named(name)
            .map(|policy| policy.id.clone());
        let id = id.unwrap_or_else(|| panic!("there is no machine policy named {name}"));
        self.edit(|target| target.policy = id)
    }

    /// Gives it the endpoint (kind, address and thumbprint) of another target: one machine under two names.
    pub fn shares_endpoint_with(self, name: &str) -> Self {
        let mut targets = self.octopus.targets.values();
        let other = targets.find(|target| target.name == name);
        let other = other.unwrap_or_else(|| panic!("there is no target named {name}"));
        let other = other.clone();
        self.edit(|target| {
            target.style = other.style;
            target.uri = other.uri;
            target.thumbprint = other.thumbprint;
        })
    }
}

impl World {
    /// A machine policy has just had all enabled targets checked.
    pub fn check_all(&mut self) {
        let ids: Vec<String> = self.octopus.targets.keys().cloned().collect();
        let reachable = Reachable::of(self, ids.iter());
        for target in self
            .octopus
            .targets
            .values_mut()
            .filter(|target| !target.disabled)
        {
            let health = if reachable.answers(target) {
                "Healthy"
            } else {
                "Unavailable"
            };
            target.health = health.to_owned();
            target.last_checked = Some(clock::now());
        }
    }
}

impl Target {
    /// What lists of targets show.
    pub(crate) fn listed_health(&self) -> &str {
        match &self.listed {
            Some((old, until)) if until.is_none_or(|until| clock::now() < until) => old,
            _ => &self.health,
        }
    }

    /// Since when it is unavailable, where it is.
    pub(crate) fn unavailable_since(&self) -> Time {
        let known = self.unavailable_since.or(self.last_checked);
        known.unwrap_or(self.registered)
    }

    /// Whether it is neither a Tentacle nor an SSH connection: nothing there could fail to answer.
    pub(crate) fn has_no_machine(&self) -> bool {
        !matches!(
            self.style.as_str(),
            "TentaclePassive" | "TentacleActive" | "Ssh"
        )
    }
}

impl Octopus {
    /// The health checks that somebody asked for, oldest first.
    pub fn health_check_tasks(&self) -> Vec<&Task> {
        let tasks = self.tasks.values();
        let mut found: Vec<&Task> = tasks.filter(|task| task.health_check.is_some()).collect();
        found.sort_by_key(|task| task.queued);
        found
    }

    /// An SSH connection that nobody answers was Unhealthy, and is Unavailable since these versions. Issues 7559.
    pub(crate) fn knows_unavailable_ssh(&self) -> bool {
        let (year, line, build) = self.version_parts();
        match (year, line) {
            (2021, 3) => build >= 12944,
            (2022, 1) => build >= 2801,
            (2022, 2) => build >= 6529,
            (2022, 3) => build >= 1704,
            other => other > (2022, 3),
        }
    }

    /// Since this version a connection test runs bash over SSH. Issues 9142.
    pub(crate) fn needs_bash(&self) -> bool {
        self.version_parts() >= (2024, 2, 5864)
    }

    fn version_parts(&self) -> (u64, u64, u64) {
        let mut parts = self.version.split('.');
        let mut part = || {
            let digits = parts.next().unwrap_or_default();
            digits.parse().unwrap_or_default()
        };
        (part(), part(), part())
    }
}

#[cfg(test)]
mod tests {
    use super::Octopus;

    #[test]
    fn each_line_of_releases_learned_it_with_a_build_of_its_own() {
        let knows = |version: &str| {
            let octopus = Octopus {
                version: version.to_owned(),
                ..Octopus::default()
            };
            octopus.knows_unavailable_ssh()
        };
        for version in ["2021.3.12944", "2022.1.2801", "2022.4.1", "2026.3.1204"] {
            assert!(knows(version), "{version}");
        }
        for version in ["2020.6.1", "2021.2.99999", "2021.3.12943", "2022.3.1703"] {
            assert!(!knows(version), "{version}");
        }
    }
}
