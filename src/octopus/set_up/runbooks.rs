//! Runbooks, what of them is published, and how they went.
//!
//! Sources: Octopus REST API reference, "Runbooks", "Runbook snapshots" (`runbookSnapshots/{id}/runbookRuns/template` says what has changed
//! since), "Tasks".

use super::super::client::Octopus;
use super::super::task::TaskState;
use super::places::{GuidedFailure, Project};
use crate::clock::rfc3339;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::{Deserialize, Deserializer};
use std::time::SystemTime;

/// The runs that are looked at.
const LAST_RUNS: &str = "5";

/// A runbook.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// `Runbooks-1`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does when it is run as a draft.
    pub process: Option<String>,
    /// What a schedule runs.
    pub published: Option<String>,
    /// Whether a failure waits for a person.
    pub guided_failure: GuidedFailure,
    /// Where it may run.
    pub scope: EnvironmentScope,
    /// Whether it may run without a tenant.
    pub untenanted: bool,
    /// How many of its runs are kept.
    pub retention: Retention,
}

/// Where a runbook may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentScope {
    /// In every environment.
    All,
    /// In these.
    Specified(Vec<String>),
    /// In those of the project's lifecycles.
    OfLifecycles,
}

/// How many runs are kept, in each environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// All.
    Forever,
    /// So many runs.
    Runs(u64),
    /// Those of so many days.
    Days(u64),
}

/// What was published.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Published {
    /// `RunbookSnapshots-1`.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it does.
    #[serde(rename = "FrozenRunbookProcessId", default)]
    pub process: Option<String>,
    /// The id of the project's variables as they were then.
    #[serde(rename = "ProjectVariableSetSnapshotId", default)]
    pub variables: Option<String>,
    /// Of the library variable sets' as they were then.
    #[serde(rename = "LibraryVariableSetSnapshotIds", default)]
    pub libraries: Option<Vec<String>>,
}

/// What has changed since something was published.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnapshotChanges {
    /// What the runbook does.
    #[serde(rename = "IsRunbookProcessModified", default)]
    pub process: Option<bool>,
    /// The project's variables.
    #[serde(rename = "IsVariableSetModified", default)]
    pub variables: Option<bool>,
    /// Those of library variable sets.
    #[serde(rename = "IsLibraryVariableSetModified", default)]
    pub library_variables: Option<bool>,
    /// What the runbook takes from Git; only newer servers say.
    #[serde(rename = "IsGitResourceModified", default)]
    pub git_resources: Option<bool>,
    /// The ids of the environments in which it may be run.
    #[serde(rename = "PromoteTo", default, deserialize_with = "ids_of")]
    pub promote_to: Option<Vec<String>>,
}

fn ids_of<'de, D: Deserializer<'de>>(places: D) -> Result<Option<Vec<String>>, D::Error> {
    let places = Option::<Vec<PlaceRow>>::deserialize(places)?;
    Ok(places.map(|all| all.into_iter().map(|it| it.id).collect()))
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct RunbookRun {
    /// The id of its task.
    pub task: String,
    /// What became of it.
    pub state: TaskState,
    /// It waits for somebody.
    pub waits: bool,
    /// When it began; where it has not, when it came into the queue.
    pub since: Option<SystemTime>,
}

impl Octopus {
    /// Reads a runbook: of the database by its id, in Git by its slug.
    ///
    /// # Errors
    /// It could not be read.
    pub fn runbook(
        &self,
        project: &Project,
        id: &str,
        deadline: Deadline,
    ) -> Result<Runbook, ServiceError> {
        let attempted = format!("read runbook {id}");
        let path = match project.runbooks_in_git {
            true => project.below(true, &["runbooks", id]),
            false => vec!["runbooks", id],
        };
        let (row, _) = self.get::<RunbookRow>(&path, &[], &attempted, deadline)?;
        Ok(row.into_runbook())
    }

    /// Reads what was published.
    ///
    /// # Errors
    /// It could not be read.
    pub fn published(&self, id: &str, deadline: Deadline) -> Result<Published, ServiceError> {
        let attempted = format!("read the published snapshot {id}");
        let answer = self.get(&["runbookSnapshots", id], &[], &attempted, deadline);
        answer.map(|(snapshot, _)| snapshot)
    }

    /// What has changed since it was published.
    ///
    /// # Errors
    /// The server could not say.
    pub fn changes_since(
        &self,
        snapshot: &str,
        deadline: Deadline,
    ) -> Result<SnapshotChanges, ServiceError> {
        let attempted = format!("ask what has changed since {snapshot} was published");
        let path = ["runbookSnapshots", snapshot, "runbookRuns", "template"];
        let answer = self.get(&path, &[], &attempted, deadline);
        answer.map(|(changes, _)| changes)
    }

    /// The last runs in an environment, the newest first.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn last_runs(
        &self,
        runbook: &Runbook,
        environment: &str,
        deadline: Deadline,
    ) -> Result<Vec<RunbookRun>, ServiceError> {
        let attempted = format!("list the last runs of runbook {}", runbook.name);
        let query = [
            ("name", "RunbookRun"),
            ("runbook", runbook.id.as_str()),
            ("environment", environment),
            ("take", LAST_RUNS),
        ];
        let (page, _) = self.get::<RunsPage>(&["tasks"], &query, &attempted, deadline)?;
        let rows = page.items.unwrap_or_default().into_iter();
        Ok(rows.map(RunRow::into_run).collect())
    }

    /// The id of a runbook that is called by its name or its id; in Git its slug.
    ///
    /// # Errors
    /// None has that name, or the list could not be read.
    pub fn runbook_id(
        &self,
        project: &Project,
        name: &str,
        deadline: Deadline,
    ) -> Result<String, ServiceError> {
        let mut listing = vec![self.space()];
        listing.extend(project.below(project.runbooks_in_git, &["runbooks"]));
        self.id_in(
            &listing,
            ("runbook", "Runbooks-", "--runbook"),
            name,
            deadline,
        )
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PlaceRow {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RunbookRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    runbook_process_id: Option<String>,
    #[serde(default)]
    published_runbook_snapshot_id: Option<String>,
    #[serde(default)]
    default_guided_failure_mode: Option<String>,
    #[serde(default)]
    environment_scope: Option<String>,
    #[serde(default)]
    environments: Option<Vec<String>>,
    #[serde(default)]
    multi_tenancy_mode: Option<String>,
    #[serde(default)]
    run_retention_policy: Option<RetentionRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RetentionRow {
    #[serde(default)]
    strategy: Option<String>,
    #[serde(default)]
    quantity_to_keep: Option<u64>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    should_keep_forever: Option<bool>,
}

impl RetentionRow {
    /// What a server keeps of a runbook that does not say: 100 runs for each environment.
    const DEFAULT: Retention = Retention::Runs(100);

    fn read(&self) -> Retention {
        let strategy = self.strategy.as_deref().unwrap_or_default();
        if strategy.eq_ignore_ascii_case("Default") {
            return Self::DEFAULT;
        }
        if strategy.eq_ignore_ascii_case("Forever") || self.should_keep_forever == Some(true) {
            return Retention::Forever;
        }
        match (self.quantity_to_keep, self.unit.as_deref()) {
            (Some(count), Some(unit)) if unit.eq_ignore_ascii_case("Days") => {
                Retention::Days(count)
            }
            (Some(count), _) => Retention::Runs(count),
            (None, _) => Self::DEFAULT,
        }
    }
}

impl RunbookRow {
    fn into_runbook(self) -> Runbook {
        let scope = self.environment_scope.unwrap_or_default();
        let scope = match scope.to_ascii_lowercase().as_str() {
            "specified" => EnvironmentScope::Specified(self.environments.unwrap_or_default()),
            "fromprojectlifecycles" => EnvironmentScope::OfLifecycles,
            _ => EnvironmentScope::All,
        };
        let tenancy = self.multi_tenancy_mode.unwrap_or_default();
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        Runbook {
            name: self.name.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            process: said(self.runbook_process_id),
            published: said(self.published_runbook_snapshot_id),
            guided_failure: GuidedFailure::read(self.default_guided_failure_mode.as_deref()),
            scope,
            untenanted: !tenancy.eq_ignore_ascii_case("Tenanted"),
            retention: self.run_retention_policy.unwrap_or_default().read(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RunsPage {
    #[serde(default)]
    items: Option<Vec<RunRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RunRow {
    id: String,
    state: String,
    #[serde(default)]
    queue_time: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    #[serde(default)]
    has_pending_interruptions: Option<bool>,
    #[serde(default)]
    has_pending_preconditions: Option<bool>,
}

impl RunRow {
    fn into_run(self) -> RunbookRun {
        let waits = [
            self.has_pending_interruptions,
            self.has_pending_preconditions,
        ];
        RunbookRun {
            state: TaskState::read(&self.state),
            waits: waits.contains(&Some(true)),
            since: self
                .start_time
                .or(self.queue_time)
                .as_deref()
                .and_then(rfc3339),
            task: self.id,
        }
    }
}
