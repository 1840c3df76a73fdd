//! Health checks: when a target was checked last, what its machine policy does, and a task that tests connections. Asking
//! for one is the writer's.
//!
//! Sources: Octopus REST API reference, "Deployment targets" (`machines/{id}/connection`), "Machine policies", "Tasks";
//! `HealthCheckTaskArguments` of the TypeScript client (github.com/OctopusDeploy/api-client.ts); github.com/OctopusDeploy/Issues
//! 7559 (SSH).

use super::activity::CLOCK_TICK;
use super::client::{Octopus, Server};
use super::gaps::Gap;
use super::targets::read_health;
use super::task::TaskRow;
use crate::clock::{rfc3339, shown};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::machine_word::{OwnState, Policies, UnhealthySsh};
use crate::reconcile::snapshot::{Health, TargetId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// A health check that runs for longer than this hangs: it is awaited no more.
const LONGEST_RUN: Duration = Duration::from_secs(15 * 60);

/// When a target was checked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastCheck {
    /// This long ago, by the server's own clock.
    Ago(Duration),
    /// The same, and it answered then: a list that calls it unavailable is late.
    AgoOnline(Duration),
    /// The server does not say, or does not know the question.
    Unknown,
    /// The target is not registered any more.
    Gone,
}

/// What the last connection to a target was like.
struct LastConnection {
    checked: Option<SystemTime>,
    /// The server's clock, where it tells it.
    now: Option<SystemTime>,
    /// It answered then, whatever a list says.
    was_online: bool,
}

impl LastConnection {
    /// How long ago that was, by the server's own clock. A time that this says is still to come is none.
    fn last_check(&self) -> LastCheck {
        let (Some(at), Some(now)) = (self.checked, self.now) else {
            return LastCheck::Unknown;
        };
        let ago = match now.duration_since(at) {
            Ok(ago) => ago,
            Err(ahead) if ahead.duration() > CLOCK_TICK => return LastCheck::Unknown,
            Err(_) => Duration::ZERO,
        };
        if self.was_online {
            LastCheck::AgoOnline(ago)
        } else {
            LastCheck::Ago(ago)
        }
    }
}

/// What a test of connections is told.
#[derive(Debug, Clone)]
pub struct HealthCheckOrder<'a> {
    /// What it is about. Never empty: no ids would mean all targets of the space.
    pub targets: Vec<&'a TargetId>,
    /// What people read in Octopus, and what tells it from others.
    pub description: &'a str,
    /// How long it may take in all.
    pub timeout: Duration,
    /// How long the test of one target may take.
    pub machine_timeout: Duration,
    /// When it is of no use any more if it has not begun, by the server's clock.
    pub expires: Option<SystemTime>,
}

impl HealthCheckOrder<'_> {
    pub(super) fn body(&self, space: &str) -> Value {
        let ids = self.targets.iter().map(|id| id.0.as_str());
        json!({
            "Name": "Health",
            "Description": self.description,
            "SpaceId": space,
            "QueueTimeExpiry": self.expires.map(shown),
            "Arguments": {
                "MachineIds": ids.collect::<Vec<_>>(),
                "Timeout": span(self.timeout),
                "MachineTimeout": span(self.machine_timeout),
                "OnlyTestConnection": true,
            },
        })
    }
}

/// A span as .NET reads it: `hh:mm:ss`, and what is left of a second as `.fffffff`.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = match time.subsec_nanos() / 100 {
        0 => String::new(),
        ticks => format!(".{ticks:07}"),
    };
    format!("{hours:02}:{minutes:02}:{:02}{rest}", seconds % 60)
}

impl Octopus {
    /// When a target was checked last.
    ///
    /// # Errors
    /// It could not be read.
    pub fn last_check(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<LastCheck, ServiceError> {
        match self.connection(target, deadline)? {
            Some(connection) => Ok(connection.last_check()),
            // Either the server does not know the question, or the target.
            None => Ok(match self.health(target, deadline)? {
                Some(_) => {
                    self.gaps().note(Gap::LastCheck);
                    LastCheck::Unknown
                }
                None => LastCheck::Gone,
            }),
        }
    }

    /// A target's own state: lists may be late. `None`: it is not registered any more.
    ///
    /// # Errors
    /// It could not be read.
    pub fn own_state(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<Option<OwnState>, ServiceError> {
        // In this order: a state that is younger than its date is none of an older check.
        let connection = self.connection(target, deadline)?;
        let health = self.health(target, deadline)?;
        Ok(health.map(|health| OwnState {
            health,
            last_checked: connection.and_then(|it| it.checked),
        }))
    }

    /// Whether the target is surely registered.
    pub(super) fn has(&self, target: &TargetId, deadline: Deadline) -> bool {
        matches!(self.health(target, deadline), Ok(Some(_)))
    }

    fn health(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<Option<Health>, ServiceError> {
        let attempted = format!("read how {target} is");
        let path = ["machines", &target.0];
        match self.get::<StateRow>(&path, &[], &attempted, deadline) {
            Err(error) if error.is_own_not_found() => Ok(None),
            answer => {
                let health = answer?.0.health_status.unwrap_or_default();
                Ok(Some(read_health(&health)))
            }
        }
    }

    /// `None` where there is no such thing.
    fn connection(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<Option<LastConnection>, ServiceError> {
        let attempted = format!("read when {target} was checked last");
        let path = ["machines", &target.0, "connection"];
        let (row, reply) = match self.get::<ConnectionRow>(&path, &[], &attempted, deadline) {
            Err(error) if error.is_unknown_question() => return Ok(None),
            answer => answer?,
        };
        let unreadable = || self.unreadable(&attempted, &"LastChecked is no time");
        let checked = row.last_checked.filter(|text| !text.is_empty());
        let checked = checked.map(|text| rfc3339(&text).ok_or_else(unreadable));
        let status = row.status.unwrap_or_default();
        Ok(Some(LastConnection {
            checked: checked.transpose()?,
            now: reply.date(),
            was_online: status.eq_ignore_ascii_case("Online"),
        }))
    }

    /// The machine policies of the space, by what they do with unavailable targets.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn machine_policies(&self, deadline: Deadline) -> Result<Policies, ServiceError> {
        let attempted = "list the machine policies";
        let listing = (&["machinepolicies"][..], &[][..]);
        let listed = self.list(listing, attempted, PolicyRow::key, |row| row, deadline);
        let rows = listed?.rows;
        let ids = |which: &dyn Fn(&&PolicyRow) -> bool| {
            let rows = rows.iter().filter(which);
            rows.map(|row| row.id.clone()).collect()
        };
        Ok(Policies {
            all: ids(&|_| true),
            deleting: ids(&|row| !row.surely_deletes_nothing()),
            default: rows
                .iter()
                .find(|row| row.is_default == Some(true))
                .map(|row| row.id.clone()),
        })
    }

    /// A health check whose description begins so, that has not ended and does not hang; and the server's clock, where it tells
    /// it.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn unfinished_health_check(
        &self,
        description: &str,
        deadline: Deadline,
    ) -> Result<(Option<String>, Option<SystemTime>), ServiceError> {
        let query = [("name", "Health"), ("active", "true")];
        let begins = |row: &TaskRow, now: Option<SystemTime>| {
            let described = row.description.as_deref().unwrap_or_default();
            let runs_for = now.zip(row.started_at());
            let runs_for = runs_for.and_then(|(now, started)| now.duration_since(started).ok());
            let hangs = runs_for.is_some_and(|time| time > LONGEST_RUN);
            described.starts_with(description) && !row.state().is_over() && !hangs
        };
        self.find_health_check(&query, begins, deadline)
    }

    /// The health check of exactly this description, whatever its state.
    ///
    /// # Errors
    /// The tasks could not be listed.
    pub fn health_check_called(
        &self,
        description: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, ServiceError> {
        let query = [("name", "Health"), ("description", description)];
        let is_it = |row: &TaskRow, _| row.description.as_deref() == Some(description);
        Ok(self.find_health_check(&query, is_it, deadline)?.0)
    }

    fn find_health_check(
        &self,
        query: &[(&str, &str)],
        is_it: impl Fn(&TaskRow, Option<SystemTime>) -> bool,
        deadline: Deadline,
    ) -> Result<(Option<String>, Option<SystemTime>), ServiceError> {
        let attempted = "list the health checks of the space";
        let listed = self.list_tasks(query, attempted, deadline)?;
        let now = listed.answered;
        let found = listed.rows.into_iter().find(|row| is_it(row, now));
        Ok((found.map(|row| row.id), now))
    }

    /// What this server means where it calls an SSH target unhealthy. Where its version is not known: reached.
    pub fn unhealthy_ssh(&self, deadline: Deadline) -> UnhealthySsh {
        match self.server().version(deadline) {
            Ok(version) if predates_unavailable_ssh(&version) => UnhealthySsh::PerhapsNot,
            Ok(_) | Err(_) => UnhealthySsh::Reached,
        }
    }
}

impl Server {
    /// Its version, such as `2026.3.1204`.
    ///
    /// # Errors
    /// It could not be read.
    pub(super) fn version(&self, deadline: Deadline) -> Result<String, ServiceError> {
        let attempted = "read the server's version";
        let (row, _) = self.get::<RootRow>(&[], &[], attempted, deadline)?;
        Ok(row.version)
    }
}

/// Whether an SSH target that nobody answers is unhealthy there. Each line of releases learned otherwise with a build of its
/// own (Issues 7559).
fn predates_unavailable_ssh(version: &str) -> bool {
    const LEARNED: [((u32, u32), u32); 4] = [
        ((2021, 3), 12944),
        ((2022, 1), 2801),
        ((2022, 2), 6529),
        ((2022, 3), 1704),
    ];
    let mut numbers = version.split(['.', '-', '+']).map(str::parse::<u32>);
    let (Some(Ok(year)), Some(Ok(line)), Some(Ok(build))) =
        (numbers.next(), numbers.next(), numbers.next())
    else {
        return false;
    };
    let learned = LEARNED.iter().find(|(of, _)| *of == (year, line));
    learned.map_or((year, line) < (2021, 3), |(_, first)| build < *first)
}

/// When a target was tested last.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConnectionRow {
    #[serde(default)]
    last_checked: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StateRow {
    #[serde(default)]
    health_status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RootRow {
    version: String,
}

/// A machine policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyRow {
    id: String,
    #[serde(default)]
    is_default: Option<bool>,
    #[serde(default)]
    machine_cleanup_policy: Option<CleanupRow>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CleanupRow {
    #[serde(default)]
    delete_machines_behavior: Option<String>,
}

impl PolicyRow {
    /// What tells it from other rows.
    fn key(&self) -> &str {
        &self.id
    }

    fn surely_deletes_nothing(&self) -> bool {
        let cleanup = self.machine_cleanup_policy.as_ref();
        let behavior = cleanup.and_then(|row| row.delete_machines_behavior.as_deref());
        behavior.is_some_and(|it| it.eq_ignore_ascii_case("DoNotDelete"))
    }
}

#[cfg(test)]
mod tests {
    use super::{predates_unavailable_ssh, span};
    use std::time::Duration;

    #[test]
    fn each_line_of_releases_learned_with_a_build_of_its_own_that_ssh_can_be_unavailable() {
        for (version, predates) in [
            ("2018.10.1", true),
            ("2021.3.12943", true),
            ("2021.3.12944", false),
            ("2022.1.2800", true),
            ("2022.2.6529", false),
            ("2022.3.1703", true),
            ("2022.4.1", false),
            ("2026.3.1204-hotfix.1", false),
            ("", false),
            ("unknown", false),
        ] {
            assert_eq!(predates_unavailable_ssh(version), predates, "{version}");
        }
    }

    #[test]
    fn spans_are_written_as_the_server_reads_them() {
        for (millis, written) in [
            (300_000, "00:05:00"),
            (150_500, "00:02:30.5000000"),
            (1, "00:00:00.0010000"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), written);
        }
    }
}
