//! Whether the dry run may be turned off: only where everything else is as it should be, and a dry run of what is published has
//! succeeded since its last change.

use super::branch::{Branch, on_branch};
use super::document::{lists, rows, text};
use super::dry_run::{DryProof, proof, runs};
use super::part::SetupPart;
use super::plan::{PlanLine, Proposal, Sign};
use super::runbook;
use super::schedule;
use super::site::SetupSite;
use super::step::{self, DRY_RUN};
use super::template;
use crate::error::ServiceError;
use serde_json::Value;

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
    let note = match (proof(site)?, life) {
        (DryProof::Given, _) => return Ok(Vec::new()),
        (DryProof::OtherDraft, _) => "the draft is another than what is published, and was never run dry. Publish it (setup --apply), and run that dry".to_owned(),
        // What would start a run would remove.
        (DryProof::NoRun, Life::Off | Life::Live | Life::Unknown) => format!(
            "what is published is not dry, and no dry run of the same has succeeded in {}. Set {DRY_RUN} to Yes in the step, publish, and run that",
            site.environment.name,
        ),
        (DryProof::NoRun, Life::Dry | Life::InGit) => format!(
            "no dry run of what is published has succeeded in {} since its last change. Start one and read its log: {}",
            site.environment.name,
            command(site),
        ),
    };
    Ok(vec![open(note)])
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
    if step::own(&process, wanted).len() > 1 {
        return Ok(Some("it has several steps of this program, and setup knows one alone. Turn off the dry run of each yourself, and publish".into()));
    }
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
    /// What is published has no step of this program, or could not be read.
    Unknown,
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
    let Some(runbook) = site.runbook()? else {
        return Ok(Life::Dry);
    };
    let snapshot = text(&runbook, "PublishedRunbookSnapshotId");
    if snapshot.is_empty() {
        return Ok(Life::Dry);
    }
    let template = template::look(site)?;
    // Without the template the step is known by its script.
    let wanted = template.wanted().unwrap_or(&Value::Null);
    let snapshot = site.read(&["runbookSnapshots", snapshot])?;
    let process = site.read(&[
        "runbookProcesses",
        text(&snapshot, "FrozenRunbookProcessId"),
    ])?;
    let is_enabled = schedule::any_is_enabled(site, &runbook)?;
    Ok(match (step::is_dry(&process, wanted), is_enabled) {
        (Some(true), _) => Life::Dry,
        (Some(false), true) => Life::Live,
        (Some(false), false) => Life::Off,
        (None, _) => Life::Unknown,
    })
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
