//! What is published: a snapshot of the runbook, which freezes its process and the variables. Nothing of other people's is published
//! along: where the draft differs in more than what `setup` plans, it is theirs to publish.
//!
//! Source: Octopus REST API reference, "Runbook snapshots". Servers read `Publish` in the body, or want the runbook changed
//! afterwards.

use super::document::{Edit, MARK, rows, said, same, text, without};
use super::git;
use super::part::SetupPart;
use super::plan::{Change, May, PlanLine, Proposal, Sign};
use super::properties;
use super::runbook;
use super::site::SetupSite;
use super::step;
use super::template::{self, Template};
use super::variables;
use crate::error::ServiceError;
use serde_json::{Value, json};

const PUBLISHED: &str = "PublishedRunbookSnapshotId";

/// What is published, or would be.
struct Content {
    steps: Value,
    variables: Value,
}

impl Content {
    /// Without what the server counts and names by itself. What a secret holds nobody can compare.
    fn of(process: &Value, set: &Value) -> Self {
        let hidden = |variable: &Value| {
            let mut variable = said(&without(variable, &["Id"]));
            if variable["IsSensitive"] == true {
                variable["Value"] = Value::Null;
            }
            variable
        };
        let mut variables: Vec<Value> = rows(set, "Variables").map(hidden).collect();
        variables.sort_by_cached_key(Value::to_string);
        let mut steps = said(&without(&process["Steps"], &["Id", "Slug", "Links"]));
        without_defaults(&mut steps);
        Self {
            steps,
            variables: variables.into(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.steps == other.steps && self.variables == other.variables
    }
}

/// Servers add this to whatever they save. Source: the provider for Terraform.
fn without_defaults(steps: &mut Value) {
    const TOOLING: &str = "OctopusUseBundledTooling";
    let steps = steps.as_array_mut().into_iter().flatten();
    let actions = steps.filter_map(|step| step["Actions"].as_array_mut());
    for action in actions.flatten() {
        let is_off = properties::text(&action["Properties"], TOOLING)
            .is_some_and(|it| it.eq_ignore_ascii_case("false"));
        if let Some(properties) = action["Properties"].as_object_mut().filter(|_| is_off) {
            properties.remove(TOOLING);
        }
    }
}

/// What setting up makes of a process and a set of variables.
struct Maker<'a> {
    site: &'a SetupSite<'a>,
    template: &'a Template,
    wanted: &'a Value,
    runbook: &'a Value,
}

impl Maker<'_> {
    /// The draft as it will be, by the parts that are done.
    fn draft(&self, process: &Value, set: &Value) -> Content {
        match self.site.does(SetupPart::Step) {
            true => self.made_of(process, set),
            false => Content::of(process, &self.variables(set)),
        }
    }

    /// What setting up makes of a content.
    fn made_of(&self, process: &Value, set: &Value) -> Content {
        let edit = step::edited(self.site, process.clone(), self.template, self.wanted);
        Content::of(&edit.now, &self.variables(set))
    }

    fn variables(&self, set: &Value) -> Value {
        match self.site.does(SetupPart::Variables) {
            true => variables::made_of(self.site, set, text(self.runbook, "Id")),
            false => set.clone(),
        }
    }

    /// The frozen process and variables of a snapshot.
    fn frozen(&self, snapshot: &Value) -> Result<(Value, Value), ServiceError> {
        let process = self
            .site
            .read(&["runbookProcesses", text(snapshot, "FrozenRunbookProcessId")])?;
        let set = self
            .site
            .read(&["variables", text(snapshot, "ProjectVariableSetSnapshotId")])?;
        Ok((process, set))
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
            Sign::ByHand,
            "it waits for the step template",
        )));
    };
    if let Some(note) = git::waits_for_variables(site)? {
        return Ok(Proposal::of(row(Sign::ByHand, &note)));
    }
    let Some(runbook) = site.runbook()? else {
        return Ok(Proposal::of(row(Sign::Create, "")));
    };
    let maker = Maker {
        site,
        template: &template,
        wanted,
        runbook: &runbook,
    };
    let process = site.read(&["runbookProcesses", text(&runbook, "RunbookProcessId")])?;
    let set = site.variables()?;
    let draft = maker.draft(&process, &set);
    let id = text(&runbook, PUBLISHED);
    if id.is_empty() {
        return match others(&draft.steps, wanted) {
            0 => published(&maker, row(Sign::Create, ""), &draft, None),
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
    match stand(&maker, &draft, &snapshot)? {
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
            &draft,
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

fn stand(maker: &Maker<'_>, draft: &Content, snapshot: &Value) -> Result<Stand, ServiceError> {
    let site = maker.site;
    let (process, set) = maker.frozen(snapshot)?;
    let frozen = Content::of(&process, &set);
    let rotates = site.rotates();
    if frozen.is(draft) && !rotates {
        return Ok(Stand::Published);
    }
    let since = since(site, snapshot)?;
    let made = maker.made_of(&process, &set);
    // What looks the same and was saved since holds another secret.
    let is_hidden = since["IsVariableSetModified"] == true && frozen.variables == draft.variables;
    let is_theirs =
        !made.is(draft) || since["IsLibraryVariableSetModified"] == true || (is_hidden && !rotates);
    // Once the key is stored anew, what is published looks the same and holds the old one.
    let is_outdated = rotates && (is_hidden || !site.rotated.get());
    let is_ours = !made.is(&frozen) || is_outdated;
    Ok(match (is_theirs, is_ours) {
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

/// A new snapshot; or the one that an earlier run made and could not publish.
fn published(
    maker: &Maker<'_>,
    row: PlanLine,
    draft: &Content,
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
    if let Some(made) = unpublished(maker, draft)? {
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

/// A snapshot of this very content that was made here and is not published.
fn unpublished(maker: &Maker<'_>, draft: &Content) -> Result<Option<Value>, ServiceError> {
    let (site, runbook) = (maker.site, maker.runbook);
    let path = ["runbooks", text(runbook, "Id"), "runbookSnapshots"];
    let all = site.list(&path, &[])?;
    let own = all.into_iter().filter(|it| {
        text(it, "Notes").contains(MARK) && !same(text(it, "Id"), text(runbook, PUBLISHED))
    });
    let newest = own.max_by_key(|it| text(it, "Assembled").to_owned());
    let is_still_to_rotate = site.rotates() && !site.rotated.get();
    let Some(newest) = newest.filter(|_| !is_still_to_rotate) else {
        return Ok(None);
    };
    let (process, set) = maker.frozen(&newest)?;
    // What looks the same and was saved since may hold another secret.
    let is_it = Content::of(&process, &set).is(draft)
        && since(site, &newest)?["IsVariableSetModified"] != true;
    Ok(is_it.then_some(newest))
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
