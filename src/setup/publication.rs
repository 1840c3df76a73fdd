//! What is published: a snapshot of the runbook, which freezes its process and the variables. Nothing of other people's is published
//! along: where the draft differs in more than what `setup` plans, it is theirs to publish.
//!
//! Source: Octopus REST API reference, "Runbook snapshots". Servers read `Publish` in the body, or want the runbook changed
//! afterwards.

use super::content::{steps_of, variables_of, without_own};
use super::document::{Change, Edit, MARK, rows, same, text};
use super::git;
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::runbook;
use super::site::SetupSite;
use super::step;
use super::template::{self, Template};
use super::variables;
use crate::error::ServiceError;
use serde_json::{Value, json};

const PUBLISHED: &str = "PublishedRunbookSnapshotId";

/// What setting up makes of a process and a set of variables.
struct Maker<'a> {
    site: &'a SetupSite<'a>,
    template: &'a Template,
    wanted: &'a Value,
    runbook: &'a Value,
    /// The steps of the draft, as they will be.
    steps: Value,
    /// The variables, as they are.
    variables_now: Value,
    /// The variables, as they will be.
    variables: Value,
}

impl Maker<'_> {
    /// The steps of the draft as they will be, where this run is about them.
    fn draft_of(&self, process: &Value) -> Value {
        match self.site.does(SetupPart::Step) {
            true => self.steps(process),
            false => steps_of(process),
        }
    }

    fn steps(&self, process: &Value) -> Value {
        let edit = step::edited(self.site, process.clone(), self.template, self.wanted);
        steps_of(&edit.now)
    }

    fn variables(&self, set: &Value) -> Value {
        match self.site.does(SetupPart::Variables) {
            true => variables_of(&variables::made_of(
                self.site,
                set,
                text(self.runbook, "Id"),
            )),
            false => variables_of(set),
        }
    }

    fn frozen_process(&self, snapshot: &Value) -> Result<Value, ServiceError> {
        let id = text(snapshot, "FrozenRunbookProcessId");
        self.site.read(&["runbookProcesses", id])
    }

    /// `None` from a server that does not show them.
    fn frozen_variables(&self, snapshot: &Value) -> Result<Option<Value>, ServiceError> {
        variables::frozen(self.site, text(snapshot, "ProjectVariableSetSnapshotId"))
    }
}

/// How what is published stands to what will be there.
enum Stand {
    /// It is that.
    Published,
    /// Somebody else changed the draft; `setup` changes nothing.
    Theirs,
    /// It differs in what `setup` plans alone.
    Ours,
    /// It differs in both.
    Both,
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let subject = format!("publication of {}", runbook::subject(site));
    let row =
        |sign, note: &str| PlanLine::new(SetupPart::Publication, sign, subject.as_str(), note);
    let template = template::look(site)?;
    let Some(wanted) = template.wanted() else {
        return Ok(Proposal::of(row(
            Sign::Open,
            "it waits for the step template",
        )));
    };
    if let Some(note) = git::waits_for_variables(site)? {
        return Ok(Proposal::of(row(Sign::ByHand, &note)));
    }
    let Some(runbook) = site.runbook()? else {
        // A runbook that is yet to be made has the template's packages, and none of anybody else's.
        return Ok(Proposal::of(
            match rows(wanted, "Packages").any(is_versionless) {
                true => row(
                    Sign::Open,
                    "the step template has packages whose versions somebody has to choose. Apply it with --skip publish,schedule, publish it yourself, then setup again",
                ),
                false => row(Sign::Create, ""),
            },
        ));
    };
    let process = site.read(&["runbookProcesses", text(&runbook, "RunbookProcessId")])?;
    let mut maker = Maker {
        site,
        template: &template,
        wanted,
        runbook: &runbook,
        steps: Value::Null,
        variables_now: Value::Null,
        variables: Value::Null,
    };
    maker.steps = maker.draft_of(&process);
    let set = variables::set(site)?;
    maker.variables_now = variables_of(&set);
    maker.variables = maker.variables(&set);
    let id = text(&runbook, PUBLISHED);
    if id.is_empty() {
        return match others(&maker.steps, wanted) {
            0 => published(&maker, row(Sign::Create, ""), None),
            _ => Ok(Proposal::of(row(
                Sign::Open,
                "it has steps of somebody else's that were never published. Publish it yourself, then setup again",
            ))),
        };
    }
    let snapshot = site.read(&["runbookSnapshots", id])?;
    let changes = vec![Change {
        what: "snapshot".into(),
        old: text(&snapshot, "Name").to_owned(),
        new: "a new one".into(),
    }];
    match stand(&maker, &snapshot)? {
        Stand::Published => Ok(Proposal::of(row(Sign::Same, text(&snapshot, "Name")))),
        Stand::Theirs => Ok(Proposal::of(row(
            Sign::Same,
            "somebody changed the draft or its variables since, and has not published that; it is theirs to do",
        ))),
        Stand::Ours => published(
            &maker,
            PlanLine {
                changes,
                ..row(Sign::Change, "")
            },
            Some(&snapshot),
        ),
        Stand::Both => Ok(Proposal::of(row(
            Sign::Open,
            "somebody changed the draft or its variables since, and publishing would publish that along. Publish it yourself, then setup again",
        ))),
    }
}

/// Steps that are not this program's.
fn others(steps: &Value, wanted: &Value) -> usize {
    let process = json!({"Steps": steps});
    let actions: usize = rows(&process, "Steps")
        .map(|step| rows(step, "Actions").count())
        .sum();
    actions - usize::from(step::place(&process, wanted).is_some())
}

/// Whether a part of what is published differs in what is theirs, and in what is ours.
#[derive(Clone, Copy)]
struct Differs {
    theirs: bool,
    ours: bool,
}

fn stand(maker: &Maker<'_>, snapshot: &Value) -> Result<Stand, ServiceError> {
    let process = maker.frozen_process(snapshot)?;
    let since = since(maker.site, snapshot)?;
    let made = maker.steps(&process);
    let is_made = match step::place(&process, maker.wanted) {
        Some(_) => made == maker.steps,
        None => without_own(&made, maker.wanted) == without_own(&maker.steps, maker.wanted),
    };
    let steps = Differs {
        theirs: !is_made,
        ours: made != steps_of(&process),
    };
    let variables = match maker.frozen_variables(snapshot)? {
        Some(set) => by_content(maker, &set, &since),
        None => by_flag(maker, &since)?,
    };
    let of_library = since["IsLibraryVariableSetModified"] == true;
    let ours = steps.ours || variables.ours;
    let theirs = steps.theirs || variables.theirs || (of_library && ours);
    Ok(match (theirs, ours) {
        (false, false) => Stand::Published,
        (false, true) => Stand::Ours,
        (true, false) => Stand::Theirs,
        (true, true) => Stand::Both,
    })
}

/// What the server says was saved since the snapshot was made.
fn since(site: &SetupSite<'_>, snapshot: &Value) -> Result<Value, ServiceError> {
    let id = text(snapshot, "Id");
    site.ask(&["runbookSnapshots", id, "runbookRuns", "template"])
}

/// Whether a snapshot lacks the key that this run stores anew, or will. What the key is nobody sees, but for when it was saved.
fn lacks_the_key(site: &SetupSite<'_>, since: &Value) -> bool {
    site.rotates() && (is_saved(site, since) || !site.has_written(SetupPart::Variables))
}

/// Whether variables were saved since, where the server says so; else whether this run has published nothing yet.
fn is_saved(site: &SetupSite<'_>, since: &Value) -> bool {
    let said = since["IsVariableSetModified"].as_bool();
    said.unwrap_or_else(|| !site.has_written(SetupPart::Publication))
}

fn by_content(maker: &Maker<'_>, set: &Value, since: &Value) -> Differs {
    let (frozen, made) = (variables_of(set), maker.variables(set));
    // What looks the same and was saved since may hold another secret, which is not to be published along.
    let is_saved = since["IsVariableSetModified"] == true;
    let is_hidden = is_saved && frozen == maker.variables_now && !maker.site.rotates();
    Differs {
        theirs: made != maker.variables
            || (is_hidden && !maker.site.has_written(SetupPart::Variables)),
        ours: made != frozen || lacks_the_key(maker.site, since),
    }
}

/// What the server says of variables that it does not show: whether they were saved since. By this run they were, where it did.
fn by_flag(maker: &Maker<'_>, since: &Value) -> Result<Differs, ServiceError> {
    let site = maker.site;
    let has_written = site.has_written(SetupPart::Variables);
    let set = variables::set(site)?;
    let (lines, _) = variables::planned(site, &set, text(maker.runbook, "Id"));
    let is_saved = is_saved(site, since);
    Ok(Differs {
        theirs: is_saved && !has_written,
        ours: (is_saved && has_written)
            || lines.iter().any(|line| line.sign.changes())
            || lacks_the_key(site, since),
    })
}

/// A new snapshot; or the one that an earlier run made and could not publish.
fn published(
    maker: &Maker<'_>,
    row: PlanLine,
    before: Option<&Value>,
) -> Result<Proposal, ServiceError> {
    let (site, runbook) = (maker.site, maker.runbook);
    if let May::NotWithout(flag) = runbook::may(site, runbook) {
        let note = format!("somebody else made the runbook. {flag} publishes it all the same");
        return Ok(Proposal::of(PlanLine {
            sign: Sign::Open,
            note,
            ..row
        }));
    }
    if let Some(made) = unpublished(maker)? {
        let mut edit = Edit::of(runbook.clone());
        edit.set("snapshot", &[PUBLISHED], text(&made, "Id").into());
        let path = ["runbooks", text(runbook, "Id")];
        let mut proposal =
            Proposal::correct(SetupPart::Publication, &row.subject, &path, edit, May::Yes);
        proposal.rows = vec![row];
        return Ok(proposal);
    }
    let path = [
        "runbookProcesses",
        text(runbook, "RunbookProcessId"),
        "runbookSnapshotTemplate",
    ];
    let next = site.ask(&path)?;
    let Some(packages) = selected(&next, before) else {
        let note = "it uses packages whose versions somebody has to choose. Publish it yourself, then setup again";
        return Ok(Proposal::of(PlanLine {
            sign: Sign::Open,
            note: note.into(),
            ..row
        }));
    };
    let body = json!({
        "ProjectId": site.project.id,
        "RunbookId": runbook["Id"],
        "SpaceId": site.octopus.space(),
        "Name": next["NextNameIncrement"],
        "Notes": format!("{MARK}."),
        "SelectedPackages": packages,
        "SelectedGitResources": before.map_or_else(|| json!([]), |it| list(it, "SelectedGitResources")),
        "Publish": "true",
    });
    Ok(Proposal::create(row, &["runbookSnapshots"], body))
}

fn list(json: &Value, field: &str) -> Value {
    rows(json, field).cloned().collect()
}

/// A snapshot of this very content that is not published: of this run, or of an earlier one. A server that does not list them has
/// none of these.
fn unpublished(maker: &Maker<'_>) -> Result<Option<Value>, ServiceError> {
    let (site, runbook) = (maker.site, maker.runbook);
    if let Some(id) = site.snapshot.borrow().as_deref()
        && !same(id, text(runbook, PUBLISHED))
    {
        return site.read(&["runbookSnapshots", id]).map(Some);
    }
    let path = ["runbooks", text(runbook, "Id"), "runbookSnapshots"];
    let all = match site.list(&path, &[]) {
        Err(error) if matches!(error.status(), Some(404 | 405)) => Vec::new(),
        all => all?,
    };
    let own = all.into_iter().filter(|it| {
        let is_published = same(text(it, "Id"), text(runbook, PUBLISHED));
        text(it, "Notes").contains(MARK) && !is_published
    });
    let newest = own.max_by_key(|it| text(it, "Assembled").to_owned());
    let Some(newest) = newest else {
        return Ok(None);
    };
    let since = since(site, &newest)?;
    // What looks the same and was saved since may hold another secret.
    if lacks_the_key(site, &since) || since["IsVariableSetModified"] == true {
        return Ok(None);
    }
    let steps = steps_of(&maker.frozen_process(&newest)?);
    let variables = maker
        .frozen_variables(&newest)?
        .map(|set| variables_of(&set));
    let is_it = steps == maker.steps && variables.as_ref() == Some(&maker.variables);
    Ok(is_it.then_some(newest))
}

/// Whether the version of a template's package is chosen with each snapshot.
fn is_versionless(package: &Value) -> bool {
    text(package, "Version").is_empty()
}

/// The versions of the packages that the steps take, as what is published has them; `None` where one is new. One whose version is
/// fixed must not be named.
fn selected(next: &Value, before: Option<&Value>) -> Option<Value> {
    let is_free = |it: &&Value| text(it, "FixedVersion").is_empty();
    let chosen = |package: &Value| {
        let mut known = before
            .into_iter()
            .flat_map(|it| rows(it, "SelectedPackages"));
        let is_it = |it: &&Value| {
            let names = ["ActionName", "PackageReferenceName"];
            names
                .iter()
                .all(|name| text(it, name) == text(package, name))
        };
        known.find(is_it).cloned()
    };
    rows(next, "Packages").filter(is_free).map(chosen).collect()
}
