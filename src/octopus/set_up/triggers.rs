//! Triggers: what starts a runbook by a schedule, and what starts deployments when a target's health changes.
//!
//! Sources: Octopus REST API reference, "Project triggers"; github.com/OctopusDeploy/OctopusClients, `Model/Triggers` (filters and actions).

use super::super::client::Octopus;
use super::places::Project;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a trigger may listen to and no health check tells. What is not named here may be of one, such as the group `Machine`. Sources:
/// octopus.com/docs, "Deployment target triggers"; the groups of events of terraform-provider-octopusdeploy.
const HARMLESS_EVENTS: [&str; 4] = [
    "MachineAdded",
    "MachineDeleted",
    "MachineDisabled",
    "MachineEnabled",
];

/// A trigger.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// The project it is in.
    pub project: String,
    /// It starts nothing.
    pub disabled: bool,
    /// What it waits for, where that is time.
    pub schedule: Option<Schedule>,
    /// What it listens to of targets, and may be of a health check.
    pub health_events: Vec<String>,
    /// Only of targets of one of these environments; empty for all.
    pub health_environments: Vec<String>,
    /// Only of targets that carry one of these tags; empty for all.
    pub health_roles: Vec<String>,
    /// By which clock its schedule is due.
    pub clock: String,
    /// What it starts.
    pub action: TriggerAction,
}

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// By a cron line of six fields, seconds first, perhaps with a year.
    Cron(String),
    /// Every so many minutes, from one minute of a day to another.
    Every {
        /// So many.
        minutes: u64,
        /// The first minute of the day, and the last.
        between: (u64, u64),
        /// On these days of the week; Sunday is 0.
        days: BTreeSet<u64>,
    },
    /// In another way.
    Other(String),
}

/// What a trigger starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriggerAction {
    /// The runbook, where it is one.
    pub runbook: Option<String>,
    /// Every runbook that has these tags; only newer servers know that.
    pub runbook_tags: Vec<String>,
    /// In these environments.
    pub environments: Vec<String>,
    /// For each of these tenants, and for those of these tags.
    pub tenants: Vec<String>,
}

impl Octopus {
    /// The triggers of a project.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn triggers_of(
        &self,
        project: &Project,
        deadline: Deadline,
    ) -> Result<Vec<Trigger>, ServiceError> {
        let attempted = format!("list the triggers of project {}", project.name);
        let path = ["projects", project.id.as_str(), "triggers"];
        self.triggers_at(&path, &attempted, deadline)
    }

    /// The triggers of every project of the space.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn all_triggers(&self, deadline: Deadline) -> Result<Vec<Trigger>, ServiceError> {
        let attempted = "list the triggers of the space";
        self.triggers_at(&["projecttriggers"], attempted, deadline)
    }

    fn triggers_at(
        &self,
        path: &[&str],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Vec<Trigger>, ServiceError> {
        let listing = (path, &[][..]);
        let keep = TriggerRow::into_trigger;
        let listed = self.list(listing, attempted, TriggerRow::key, keep, deadline);
        listed.map(|listed| listed.rows)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
    #[serde(default)]
    filter: Option<TriggerFilterRow>,
    #[serde(default)]
    action: Option<TriggerActionRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerFilterRow {
    #[serde(default)]
    filter_type: Option<String>,
    #[serde(default)]
    cron_expression: Option<String>,
    #[serde(default)]
    interval: Option<String>,
    #[serde(default)]
    minute_interval: Option<u64>,
    #[serde(default)]
    run_after: Option<String>,
    #[serde(default)]
    run_until: Option<String>,
    #[serde(default)]
    days_of_week: Option<Vec<String>>,
    #[serde(default)]
    hour_interval: Option<u64>,
    #[serde(default)]
    event_categories: Option<Vec<String>>,
    #[serde(default)]
    event_groups: Option<Vec<String>>,
    #[serde(default)]
    environment_ids: Option<Vec<String>>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    run_type: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    /// Some have a field for each day of the week.
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerActionRow {
    #[serde(default)]
    runbook_id: Option<String>,
    #[serde(default)]
    runbook_tags: Option<Vec<String>>,
    #[serde(default)]
    environment_ids: Option<Vec<String>>,
    #[serde(default)]
    tenant_ids: Option<Vec<String>>,
    #[serde(default)]
    tenant_tags: Option<Vec<String>>,
}

impl TriggerRow {
    fn key(&self) -> &str {
        &self.id
    }

    fn into_trigger(self) -> Trigger {
        let filter = self.filter.unwrap_or_default();
        let action = self.action.unwrap_or_default();
        let schedule = filter.schedule();
        let health_events = filter.health_events();
        let tenants = [action.tenant_ids, action.tenant_tags];
        Trigger {
            name: self.name.unwrap_or_else(|| self.id.clone()),
            project: self.project_id.unwrap_or_default(),
            disabled: self.is_disabled.unwrap_or_default(),
            schedule,
            health_events,
            health_environments: filter.environment_ids.unwrap_or_default(),
            health_roles: filter.roles.unwrap_or_default(),
            clock: filter.timezone.unwrap_or_else(|| "UTC".to_owned()),
            action: TriggerAction {
                runbook: action.runbook_id.filter(|id| !id.is_empty()),
                runbook_tags: action.runbook_tags.unwrap_or_default(),
                environments: action.environment_ids.unwrap_or_default(),
                tenants: tenants.into_iter().flatten().flatten().collect(),
            },
        }
    }
}

impl TriggerFilterRow {
    /// A filter of targets that names no event listens to all.
    fn health_events(&self) -> Vec<String> {
        let kind = self.filter_type.as_deref().unwrap_or_default();
        if !kind.eq_ignore_ascii_case("MachineFilter") {
            return Vec::new();
        }
        let events = [&self.event_categories, &self.event_groups];
        let events = events.into_iter().flatten().flatten();
        if events.clone().next().is_none() {
            return vec!["every event".to_owned()];
        }
        let is_harmless = |event: &&String| {
            let mut harmless = HARMLESS_EVENTS.iter();
            harmless.any(|it| it.eq_ignore_ascii_case(event))
        };
        events.filter(|it| !is_harmless(it)).cloned().collect()
    }

    /// `None` for what waits for an event.
    fn schedule(&self) -> Option<Schedule> {
        let kind = self.filter_type.clone()?;
        if kind.eq_ignore_ascii_case("MachineFilter") || !kind.to_lowercase().contains("schedule") {
            return None;
        }
        if let Some(cron) = &self.cron_expression {
            return Some(Schedule::Cron(cron.clone()));
        }
        let by = self.interval.as_deref().unwrap_or_default();
        let is = |word: &str| by.eq_ignore_ascii_case(word);
        let run_type = self.run_type.as_deref().unwrap_or_default();
        if run_type.eq_ignore_ascii_case("ScheduledTime") {
            return Some(self.once_a_day(&kind));
        }
        Some(match (self.minute_interval, self.hour_interval) {
            (Some(minutes), _) if is("OnceEveryMinute") => self.every(&kind, minutes),
            (_, Some(hours)) if is("OnceHourly") => self.every(&kind, hours.saturating_mul(60)),
            _ => Schedule::Other(kind),
        })
    }

    /// At its time, whatever interval is left over in it.
    fn once_a_day(&self, kind: &str) -> Schedule {
        let start = self.start_time.as_deref().and_then(minute_of_day);
        let at = start.unwrap_or_default();
        Schedule::Every {
            minutes: WHOLE_DAY + 1,
            between: (at, at),
            days: self.days(kind),
        }
    }

    /// A window that ends when it begins is a whole day. What servers make of one that ends before is not documented.
    fn every(&self, kind: &str, minutes: u64) -> Schedule {
        let at = |text: &Option<String>| text.as_deref().and_then(minute_of_day);
        let between = match (at(&self.run_after), at(&self.run_until)) {
            (Some(from), Some(to)) if from > to => {
                let clock = |it: u64| format!("{:02}:{:02}", it / 60, it % 60);
                let (from, to) = (clock(from), clock(to));
                return Schedule::Other(format!("{kind} from {from} until {to}"));
            }
            (Some(from), Some(to)) if from < to => (from, to),
            (_, _) => (0, WHOLE_DAY),
        };
        Schedule::Every {
            minutes,
            between,
            days: self.days(kind),
        }
    }

    /// Most name none for each. Source: `DaysPerWeekScheduledTriggerFilterResource` of OctopusClients for those that do not.
    fn days(&self, kind: &str) -> BTreeSet<u64> {
        let listed = self.days_of_week.as_deref().unwrap_or_default();
        let all = listed.is_empty() && !kind.eq_ignore_ascii_case("DaysPerWeekSchedule");
        let is_one = |day: &str| {
            listed.iter().any(|it| it.eq_ignore_ascii_case(day))
                || self.others.get(day) == Some(&Value::Bool(true))
        };
        let numbered = (0..).zip(DAYS).filter(|(_, day)| all || is_one(day));
        numbered.map(|(number, _)| number).collect()
    }
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The last minute of a day.
const WHOLE_DAY: u64 = 24 * 60 - 1;

/// Of a time with or without a date: `2026-01-01T09:30:00.000Z`, `09:30:00`.
fn minute_of_day(text: &str) -> Option<u64> {
    let clock = text.rsplit('T').next()?;
    let mut numbers = clock.split(':').map(str::parse::<u64>);
    match (numbers.next()?, numbers.next()?) {
        (Ok(hours), Ok(minutes)) if hours < 24 && minutes < 60 => Some(hours * 60 + minutes),
        (_, _) => None,
    }
}
