//! Whether the dry run may be turned off: only where everything else is as it should be, and a dry run of what is published has
//! succeeded since its last change.
//!
//! Source: Octopus REST API reference, "Tasks" (`Arguments.RunbookRunId`), "Runbook runs" (`RunbookSnapshotId`).

use super::branch::{Branch, on_branch};
use super::content::{steps_of, variables_of};
use super::document::{lists, rows, same, text};
use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::properties;
use super::runbook;
use super::schedule;
use super::site::SetupSite;
use super::step::{self, DRY_RUN};
use super::template;
use super::variables;
use crate::clock::rfc3339;
use crate::error::ServiceError;
use serde_json::Value;

/// The runs that are looked at, the newest first.
const RUNS: &str = "30";

/// What stands against it; none where nothing does.
pub fn refusals(site: &SetupSite<'_>, plan: &[Proposal]) -> Result<Vec<PlanLine>, ServiceError> {
    let open = |note: String| PlanLine::new(SetupPart::Step, Sign::Open, "going live", note);
    let parts = [SetupPart::Step, SetupPart::Publication, SetupPart::Schedule];
    if parts.iter().any(|part| !site.does(*part)) {
        let note = "it takes step, publish and schedule. Leave --only and --skip out";
        return Ok(vec![open(note.into())]);
    }
    if let Some(note) = never_runs(site)? {
        return Ok(vec![open(note)]);
    }
    let changes = plan
        .iter()
        .flat_map(|it| &it.rows)
        .filter(|row| is_more(row));
    let more: Vec<&str> = changes.map(|row| row.subject.as_str()).collect();
    if !more.is_empty() {
        let note = format!(
            "first let setup --apply finish ({}), and run it dry",
            more.join(", ")
        );
        return Ok(vec![open(note)]);
    }
    if site.project.runbooks_in_git {
        return in_git(site, plan);
    }
    let life = life(site)?;
    if life == Life::Live && !plan.iter().any(Proposal::changes) {
        return Ok(Vec::new());
    }
    match (has_run_dry(site)?, life) {
        (true, _) => Ok(Vec::new()),
        // What would start a run would remove.
        (false, Life::Off | Life::Live) => Ok(vec![open(format!(
            "what is published is not dry, and no dry run of the same has succeeded in {}. Set {DRY_RUN} to Yes in the step, publish, and run that",
            site.environment.name,
        ))]),
        (false, Life::Dry | Life::InGit) => Ok(vec![open(format!(
            "no dry run of what is published has succeeded in {} since its last change. Start one and read its log: {}",
            site.environment.name,
            command(site),
        ))]),
    }
}

/// Why nothing would run, or elsewhere too.
fn never_runs(site: &SetupSite<'_>) -> Result<Option<String>, ServiceError> {
    if site.project.disabled {
        return Ok(Some(
            "the project is disabled, and nothing of it runs. Enable it".into(),
        ));
    }
    let template = template::look(site)?;
    let (Some(runbook), Some(wanted)) = (site.runbook()?, template.wanted()) else {
        return Ok(None);
    };
    let process = site.read(&["runbookProcesses", text(&runbook, "RunbookProcessId")])?;
    let here = site.environment.id.as_str();
    let is_left_out = |action: &Value| {
        let only = rows(action, "Environments").next().is_some();
        action["IsDisabled"] == true
            || lists(action, "ExcludedEnvironments", here)
            || (only && !lists(action, "Environments", here))
    };
    if let Some((step, action)) = step::place(&process, wanted)
        && is_left_out(&process["Steps"][step]["Actions"][action])
    {
        return Ok(Some(
            "the step is disabled, or left out of this environment: no run does anything".into(),
        ));
    }
    let found = schedule::found(site, Some(&runbook))?;
    let starts_more =
        |it: &Value| it["IsDisabled"] == true && rows(&it["Action"], "EnvironmentIds").count() > 1;
    Ok(found.filter(starts_more).map(|it| {
        format!(
            "schedule \"{}\" starts other environments, too. Give each one of its own",
            text(&it, "Name"),
        )
    }))
}

/// What is in Git somebody has to commit; whether that was dry when it ran, the server cannot say.
fn in_git(site: &SetupSite<'_>, plan: &[Proposal]) -> Result<Vec<PlanLine>, ServiceError> {
    let open = |note: String| {
        vec![PlanLine::new(
            SetupPart::Step,
            Sign::Open,
            "going live",
            note,
        )]
    };
    let mut lines = plan.iter().flat_map(|it| &it.rows);
    if lines.any(|row| row.part == SetupPart::Step && row.sign != Sign::Same) {
        return Ok(open(format!(
            "after a dry run that succeeded commit {DRY_RUN} = \"No\", then this again"
        )));
    }
    let runbook = on_branch(site, &Branch::of(site)?)?;
    let has_run = match &runbook {
        Some(runbook) => !runs(site, runbook)?.is_empty(),
        None => false,
    };
    Ok(match has_run {
        true => Vec::new(),
        false => open(format!(
            "no run has succeeded in {} yet. Start one, and read its log: {}",
            site.environment.name,
            command(site)
        )),
    })
}

/// Whether a line is about more than the dry run, its publication, and the schedule's being off.
fn is_more(row: &PlanLine) -> bool {
    let whats = || row.changes.iter().map(|change| change.what.as_str());
    match (row.part, row.sign) {
        (_, Sign::Same | Sign::Open | Sign::ByHand) => false,
        (SetupPart::Step, Sign::Change) => whats().any(|what| what != DRY_RUN),
        (SetupPart::Publication, Sign::Change) => false,
        (SetupPart::Schedule, Sign::Change) => whats().any(|what| what != "disabled"),
        (_, Sign::Create | Sign::Change) => true,
    }
}

/// What a schedule would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is in Git, where nothing is published.
    InGit,
    /// Nothing is published, or what is published is dry.
    Dry,
    /// What is published removes, and no schedule starts it here.
    Off,
    /// What is published removes, and a schedule starts it here.
    Live,
}

/// What a schedule would do now.
pub fn life(site: &SetupSite<'_>) -> Result<Life, ServiceError> {
    if site.project.runbooks_in_git {
        return Ok(Life::InGit);
    }
    let runbook = site.runbook()?;
    let template = template::look(site)?;
    let (Some(runbook), Some(wanted)) = (runbook, template.wanted()) else {
        return Ok(Life::Dry);
    };
    let snapshot = text(&runbook, "PublishedRunbookSnapshotId");
    if snapshot.is_empty() {
        return Ok(Life::Dry);
    }
    let snapshot = site.read(&["runbookSnapshots", snapshot])?;
    let process = site.read(&[
        "runbookProcesses",
        text(&snapshot, "FrozenRunbookProcessId"),
    ])?;
    if step::is_dry(&process, wanted) != Some(false) {
        return Ok(Life::Dry);
    }
    let found = schedule::found(site, Some(&runbook))?;
    let is_enabled = found.is_some_and(|it| it["IsDisabled"] != true);
    Ok(if is_enabled { Life::Live } else { Life::Off })
}

/// A runbook that is live elsewhere cannot be run dry here first.
pub fn is_live_elsewhere(
    site: &SetupSite<'_>,
    plan: &[(SetupPart, Proposal)],
) -> Result<Vec<PlanLine>, ServiceError> {
    let is_new_here = |row: &PlanLine| {
        let mut changes = row.changes.iter();
        row.part == SetupPart::Runbook && changes.any(|it| it.what == runbook::ENVIRONMENTS)
    };
    let mut lines = plan.iter().flat_map(|(_, it)| &it.rows);
    if !lines.any(is_new_here) || matches!(life(site)?, Life::Dry | Life::InGit) {
        return Ok(Vec::new());
    }
    let note = format!(
        "it is live elsewhere, and no run in {} could be dry first. Give this environment one of its own: --runbook NAME",
        site.environment.name
    );
    let line = PlanLine::new(SetupPart::Runbook, Sign::Open, runbook::subject(site), note);
    Ok(vec![line])
}

/// What starts a run of what is published. Source: github.com/OctopusDeploy/cli, `octopus runbook run`.
pub fn command(site: &SetupSite<'_>) -> String {
    format!(
        "octopus runbook run --space \"{}\" --project \"{}\" --name \"{}\" --environment \"{}\" --no-prompt; or Run... in the runbook's menu",
        site.settings.space, site.project.name, site.settings.runbook, site.environment.name,
    )
}

/// A run counts that did the same as what is published would, but dry: what goes live differs from it in that alone.
fn has_run_dry(site: &SetupSite<'_>) -> Result<bool, ServiceError> {
    let Some(runbook) = site.runbook()? else {
        return Ok(false);
    };
    let template = template::look(site)?;
    let Some(wanted) = template.wanted() else {
        return Ok(false);
    };
    let id = text(&runbook, "PublishedRunbookSnapshotId");
    if id.is_empty() {
        return Ok(false);
    }
    let published = site.read(&["runbookSnapshots", id])?;
    let goal = Frozen::read(site, &published, wanted)?;
    for run in runs(site, &runbook)? {
        match has_proven(site, &run, &goal, wanted) {
            // Its snapshot is gone.
            Err(error) if error.is_own_not_found() => {}
            Ok(false) => {}
            Ok(true) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
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
            // A server that does not show them says whether they were saved since.
            (_, _) => {
                let path = ["runbookSnapshots", of, "runbookRuns", "template"];
                site.ask(&path)?["IsVariableSetModified"] == false
            }
        };
    Ok(ran.is_dry && is_alike && is_after(text(run, "Created"), &ran.changed))
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
        if let Some((step, action)) = step::place(&process, wanted) {
            let properties = &mut process["Steps"][step]["Actions"][action]["Properties"];
            properties::set(properties, DRY_RUN, "Yes".into());
        }
        Ok(Self {
            id: text(snapshot, "Id").to_owned(),
            is_dry,
            steps: steps_of(&process),
            variables: set.map(|set| variables_of(&set)),
            changed: text(snapshot, "LastModifiedOn").to_owned(),
        })
    }
}

/// The runs in the environment that succeeded, the newest first.
fn runs(site: &SetupSite<'_>, runbook: &Value) -> Result<Vec<Value>, ServiceError> {
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
    let all = ids.iter().map(|id| site.read(&["runbookRuns", id]));
    let all: Vec<Value> = all.collect::<Result<_, _>>()?;
    // Whatever a server makes of the question; and a run that left steps out proves nothing.
    let counts = |run: &Value| {
        same(text(run, "EnvironmentId"), &site.environment.id)
            && rows(run, "SkipActions").next().is_none()
    };
    Ok(all.into_iter().filter(counts).collect())
}
