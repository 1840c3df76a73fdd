//! The schedule: disabled at first, for no tenant, at a minute that the runbook's name decides, so that not all of a server's
//! runbooks begin at once.
//!
//! Source: Octopus REST API reference, "Project triggers"; octopus.com/docs, "Scheduled runbook triggers" (cron lines of six fields,
//! seconds first, which every version takes). Names of time zones are those of the server's system; UTC is on each.

use super::branch::{Branch, on_branch};
use super::document::{Change, Edit, MARK, is_own, lists, rows, same, text};
use super::git;
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::site::{NEW, SetupSite};
use super::variables;
use crate::error::ServiceError;
use crate::settings::{EVERY, SetupMode};
use serde_json::{Value, json};

/// A filter whose times are a cron line.
const BY_CRON: &str = "CronExpressionSchedule";

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    if site.project.runbooks_in_git {
        let branch = Branch::of(site)?;
        return match on_branch(site, &branch)? {
            None => Ok(git::waits(SetupPart::Schedule, &branch)),
            runbook => plan_of(site, runbook.as_ref()),
        };
    }
    let runbook = site.runbook()?;
    let is_published = runbook
        .as_ref()
        .is_some_and(|it| !text(it, "PublishedRunbookSnapshotId").is_empty());
    // Some servers refuse a schedule of what was never published.
    if !is_published && let Some(note) = git::waits_for_variables(site)? {
        let subject = format!("schedule \"{}\"", name(site));
        return Ok(Proposal::of(PlanLine::new(
            SetupPart::Schedule,
            Sign::ByHand,
            subject,
            note,
        )));
    }
    plan_of(site, runbook.as_ref())
}

fn plan_of(site: &SetupSite<'_>, runbook: Option<&Value>) -> Result<Proposal, ServiceError> {
    let name = name(site);
    let Some(found) = found(site, runbook)? else {
        let subject = format!("schedule \"{name}\"");
        let row =
            |sign, note: String| PlanLine::new(SetupPart::Schedule, sign, subject.as_str(), note);
        if triggers(site)?
            .iter()
            .any(|it| same(text(it, "Name"), &name))
        {
            let note = "another trigger has this name. Rename it";
            return Ok(Proposal::of(row(Sign::Open, note.into())));
        }
        let every = site.settings.every.unwrap_or(EVERY);
        let words = format!("every {every} minutes, {}", words(is_live(site)));
        let body = new(site, &name, runbook);
        return Ok(Proposal::create(
            row(Sign::Create, words),
            &["projecttriggers"],
            body,
        ));
    };
    let trigger = site.read(&["projecttriggers", text(&found, "Id")])?;
    Ok(corrected(site, trigger, runbook))
}

/// The schedule that starts the runbook in the environment; of several the one that was made here.
pub fn found(site: &SetupSite<'_>, runbook: Option<&Value>) -> Result<Option<Value>, ServiceError> {
    let all = starting(site, runbook)?.into_iter();
    Ok(all.max_by_key(is_own))
}

/// Whether any schedule starts the runbook in the environment, whoever made it.
pub fn any_is_enabled(site: &SetupSite<'_>, runbook: &Value) -> Result<bool, ServiceError> {
    let all = starting(site, Some(runbook))?;
    Ok(all.iter().any(|it| it["IsDisabled"] != true))
}

/// All that start it there.
fn starting(site: &SetupSite<'_>, runbook: Option<&Value>) -> Result<Vec<Value>, ServiceError> {
    let triggers = triggers(site)?;
    let earlier = variables::earlier_id(site)?;
    let starts = |trigger: &Value| {
        let action = &trigger["Action"];
        let is_schedule = text(&trigger["Filter"], "FilterType").contains("Schedule");
        // Of a runbook in Git it names the slug, or the id that it had.
        let of = text(action, "RunbookId");
        let names = |it: &Value| ["Id", "Slug"].iter().any(|name| same(text(it, name), of));
        let is_earlier = earlier.as_deref().is_some_and(|earlier| same(earlier, of));
        let of_it = runbook.is_some_and(names) || is_earlier;
        is_schedule && of_it && lists(action, "EnvironmentIds", &site.environment.id)
    };
    Ok(triggers.into_iter().filter(|it| starts(it)).collect())
}

/// All triggers of the project.
fn triggers(site: &SetupSite<'_>) -> Result<Vec<Value>, ServiceError> {
    site.list(&["projects", &site.project.id, "triggers"], &[])
}

/// One that somebody switched off stays off, and one that is on stays on, until somebody goes live.
fn corrected(site: &SetupSite<'_>, trigger: Value, runbook: Option<&Value>) -> Proposal {
    let subject = format!("schedule \"{}\"", text(&trigger, "Name"));
    let id = text(&trigger, "Id").to_owned();
    let own = is_own(&trigger);
    let may = match (own, runbook) {
        (true, _) => May::Yes,
        (false, Some(runbook)) => match site.adopts_runbook() {
            true => May::Yes,
            false => May::NotWithout(format!("--adopt \"{}\"", text(runbook, "Name"))),
        },
        (false, None) => May::NotWithout("--adopt".into()),
    };
    let mut edit = Edit::of(trigger);
    if let Some(every) = site.settings.every.filter(|it| !is_every(&edit.now, *it)) {
        let old = times(&edit.now["Filter"]);
        edit.now["Filter"] = filter(site, every);
        edit.changes.push(Change {
            what: "times".into(),
            old,
            new: times(&edit.now["Filter"]),
        });
    }
    for of_tenants in ["TenantIds", "TenantTags"] {
        if rows(&edit.now["Action"], of_tenants).next().is_some() {
            edit.set("tenants", &["Action", of_tenants], json!([]));
        }
    }
    if is_live(site) && edit.now["IsDisabled"] == true {
        edit.set("disabled", &["IsDisabled"], false.into());
    }
    let state = words(edit.now["IsDisabled"] != true).to_owned();
    let mut proposal = Proposal::correct(
        SetupPart::Schedule,
        &subject,
        &["projecttriggers", &id],
        edit,
        may,
    );
    for row in proposal
        .rows
        .iter_mut()
        .filter(|row| row.sign == Sign::Same)
    {
        row.note.clone_from(&state);
    }
    proposal
}

fn is_live(site: &SetupSite<'_>) -> bool {
    site.settings.flags.mode == SetupMode::GoLive
}

fn words(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}

fn name(site: &SetupSite<'_>) -> String {
    format!("{} in {}", site.settings.runbook, site.environment.name)
}

fn new(site: &SetupSite<'_>, name: &str, runbook: Option<&Value>) -> Value {
    let every = site.settings.every.unwrap_or(EVERY);
    json!({
        "Name": name,
        "Description": format!("{MARK}."),
        "ProjectId": site.project.id,
        "SpaceId": site.octopus.space(),
        "IsDisabled": !is_live(site),
        "Filter": filter(site, every),
        "Action": {
            "ActionType": "RunRunbook",
            "RunbookId": runbook.map_or(NEW, |it| text(it, "Id")),
            "EnvironmentIds": [site.environment.id],
            "TenantIds": [],
            "TenantTags": [],
        },
    })
}

/// When a schedule is due.
fn filter(site: &SetupSite<'_>, every: u64) -> Value {
    json!({
        "FilterType": BY_CRON,
        "CronExpression": cron(&site.settings.runbook, every),
        "Timezone": "UTC",
    })
}

/// When a schedule is due, for people. What is no cron line is shown whole, since the old value is needed to undo it.
fn times(filter: &Value) -> String {
    match is_cron(filter) {
        true => format!(
            "{} {}",
            text(filter, "CronExpression"),
            text(filter, "Timezone")
        ),
        false => filter.to_string(),
    }
}

fn is_cron(filter: &Value) -> bool {
    same(text(filter, "FilterType"), BY_CRON)
}

/// Six fields, seconds first.
fn cron(runbook: &str, every: u64) -> String {
    format!("0 {}/{every} * * * *", minute(runbook, every))
}

/// The same name always has the same minute.
fn minute(name: &str, every: u64) -> u64 {
    // FNV-1a, since the standard library's hash may be another one in its next version.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % every
}

/// Whether a schedule is due so often, at whatever minute.
fn is_every(trigger: &Value, every: u64) -> bool {
    let filter = &trigger["Filter"];
    if !is_cron(filter) {
        let is_by_minutes = same(text(filter, "Interval"), "OnceEveryMinute");
        return is_by_minutes && filter["MinuteInterval"] == every;
    }
    let mut fields = text(filter, "CronExpression").split_whitespace();
    let minutes = fields.nth(1).unwrap_or_default();
    let step = minutes.split_once('/');
    step.and_then(|(_, step)| step.parse().ok()) == Some(every)
}
