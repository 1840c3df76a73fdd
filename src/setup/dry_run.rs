//! Whether a dry run of what would go live has succeeded: of what is published, in this environment, since its last change.
//!
//! Source: Octopus REST API reference, "Tasks" (`Arguments.RunbookRunId`), "Runbook runs" (`RunbookSnapshotId`).

use super::content::{steps_of, variables_of};
use super::document::{rows, same, text};
use super::site::SetupSite;
use super::step;
use super::template;
use super::variables;
use crate::clock::rfc3339;
use crate::error::ServiceError;
use serde_json::Value;

/// The runs that are looked at, the newest first.
const RUNS: &str = "30";

/// What proves that what would go live was seen dry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryProof {
    /// A run that succeeded.
    Given,
    /// None: no such run.
    NoRun,
    /// None: the draft is another than what is published, and so than what ran.
    OtherDraft,
}

/// A run counts that did the same as what is published would, but dry: what goes live differs from it in that alone.
pub fn proof(site: &SetupSite<'_>) -> Result<DryProof, ServiceError> {
    let Some(runbook) = site.runbook()? else {
        return Ok(DryProof::NoRun);
    };
    let template = template::look(site)?;
    let Some(wanted) = template.wanted() else {
        return Ok(DryProof::NoRun);
    };
    let id = text(&runbook, "PublishedRunbookSnapshotId");
    if id.is_empty() {
        return Ok(DryProof::NoRun);
    }
    let published = site.read(&["runbookSnapshots", id])?;
    let goal = Frozen::read(site, &published, wanted)?;
    if !goal.is_of(site, &runbook, wanted)? {
        return Ok(DryProof::OtherDraft);
    }
    for run in runs(site, &runbook)? {
        match has_proven(site, &run, &goal, wanted) {
            // Its snapshot is gone.
            Err(error) if error.is_own_not_found() => {}
            Ok(false) => {}
            Ok(true) => return Ok(DryProof::Given),
            Err(error) => return Err(error),
        }
    }
    Ok(DryProof::NoRun)
}

/// A run of the published snapshot itself, which is dry. Where an earlier `--go-live` got as far as publishing, a dry run of what
/// differs from that in the dry run alone.
fn has_proven(
    site: &SetupSite<'_>,
    run: &Value,
    goal: &Frozen,
    wanted: &Value,
) -> Result<bool, ServiceError> {
    let of = text(run, "RunbookSnapshotId");
    let is_it = same(of, &goal.id);
    if goal.is_dry {
        return Ok(is_it && is_after(text(run, "Created"), &goal.changed));
    }
    let snapshot = site.read(&["runbookSnapshots", of])?;
    let ran = Frozen::read(site, &snapshot, wanted)?;
    let is_alike = ran.steps == goal.steps
        && match (&ran.variables, &goal.variables) {
            (Some(ran), Some(goal)) => ran == goal,
            (_, _) => is_unsaved_since(site, of)?,
        };
    Ok(ran.is_dry && is_alike && is_after(text(run, "Created"), &ran.changed))
}

/// A server that does not show what variables were says whether they were saved since.
fn is_unsaved_since(site: &SetupSite<'_>, snapshot: &str) -> Result<bool, ServiceError> {
    let path = ["runbookSnapshots", snapshot, "runbookRuns", "template"];
    Ok(site.ask(&path)?["IsVariableSetModified"] == false)
}

/// Whether a run began after its snapshot was changed last. What cannot be read proves nothing.
fn is_after(began: &str, changed: &str) -> bool {
    let times = (rfc3339(began), rfc3339(changed));
    changed.is_empty() || matches!(times, (Some(began), Some(changed)) if began >= changed)
}

/// What a snapshot froze.
struct Frozen {
    /// The snapshot's id.
    id: String,
    /// Whether its step removes nothing.
    is_dry: bool,
    /// Its steps, as dry ones.
    steps: Value,
    /// Its variables, from a server that shows them.
    variables: Option<Value>,
    /// When its variables were updated last, where the server says so; a run of it follows its making.
    changed: String,
}

impl Frozen {
    fn read(site: &SetupSite<'_>, snapshot: &Value, wanted: &Value) -> Result<Self, ServiceError> {
        let mut process =
            site.read(&["runbookProcesses", text(snapshot, "FrozenRunbookProcessId")])?;
        let set = variables::frozen(site, text(snapshot, "ProjectVariableSetSnapshotId"))?;
        let is_dry = step::is_dry(&process, wanted).unwrap_or_default();
        step::make_dry(&mut process, wanted);
        Ok(Self {
            id: text(snapshot, "Id").to_owned(),
            is_dry,
            steps: steps_of(&process),
            variables: set.map(|set| variables_of(&set)),
            changed: text(snapshot, "LastModifiedOn").to_owned(),
        })
    }
}

impl Frozen {
    /// Whether the draft is this, but for the dry run.
    fn is_of(
        &self,
        site: &SetupSite<'_>,
        runbook: &Value,
        wanted: &Value,
    ) -> Result<bool, ServiceError> {
        let mut process = site.read(&["runbookProcesses", text(runbook, "RunbookProcessId")])?;
        step::make_dry(&mut process, wanted);
        let is_same = match &self.variables {
            Some(frozen) => *frozen == variables_of(&variables::set(site)?),
            None => is_unsaved_since(site, &self.id)?,
        };
        Ok(is_same && steps_of(&process) == self.steps)
    }
}

/// The runs in the environment that succeeded, the newest first.
pub fn runs(site: &SetupSite<'_>, runbook: &Value) -> Result<Vec<Value>, ServiceError> {
    let query = [
        ("name", "RunbookRun"),
        ("runbook", text(runbook, "Id")),
        ("environment", site.environment.id.as_str()),
        ("take", RUNS),
    ];
    let page = site.page(&["tasks"], &query)?;
    let succeeded = rows(&page, "Items").filter(|it| text(it, "State") == "Success");
    let ids = succeeded.map(|task| text(&task["Arguments"], "RunbookRunId").to_owned());
    let ids: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
    let mut all = Vec::new();
    for id in &ids {
        match site.read(&["runbookRuns", id]) {
            // A task may be kept longer than what it ran.
            Err(error) if error.is_own_not_found() => {}
            run => all.push(run?),
        }
    }
    // Whatever a server makes of the question; and a run that left steps out proves nothing.
    let counts = |run: &Value| {
        same(text(run, "EnvironmentId"), &site.environment.id)
            && rows(run, "SkipActions").next().is_none()
    };
    Ok(all.into_iter().filter(counts).collect())
}
