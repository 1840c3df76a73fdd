//! The step: made of the template, bound to the six variables, dry at first. Of one that is there only these are corrected; other
//! steps stay as they are.
//!
//! Source: Octopus REST API reference, "Runbook processes"; the provider for Terraform, `process_templated_step`: a step holds all
//! of its template's properties beside its parameters, and where they are from.

use super::document::{Change, Edit, rows, same, text};
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign};
use super::properties;
use super::runbook;
use super::site::{NEW, SetupSite};
use super::template::{self, Template};
use super::variables;
use crate::check::own_steps::{PROGRAM, SCALE_SET, SCRIPT};
use crate::error::ServiceError;
use crate::settings::{EVERY, SetupMode};
use serde_json::{Value, json};

/// Nothing is removed while it is `Yes`.
pub const DRY_RUN: &str = "VMSS.DryRun";
const TEMPLATE_ID: &str = "Octopus.Action.Template.Id";
const TEMPLATE_VERSION: &str = "Octopus.Action.Template.Version";
const API_KEY: &str = "VMSS.Octopus.ApiKey";
const SETTLING: &str = "VMSS.Timeout.Value";
const TESTING: &str = "VMSS.Healthy.TimeoutInMinutes";
/// A run waits so long for each at most, where its schedule leaves that much time.
const LONGEST_WAIT: u64 = 5;

/// Which parameter is bound to which variable. The account goes by the name of its variable, as the editor's own list gives it.
fn bindings() -> [(&'static str, String); 6] {
    let bound = |variable: &str| format!("#{{{variable}}}");
    [
        (SCALE_SET, bound(variables::SCALE_SETS)),
        ("VMSS.ResourceGroup.Name", bound(variables::RESOURCE_GROUP)),
        ("VMSS.Azure.Account", variables::ACCOUNT.to_owned()),
        ("VMSS.DeploymentTarget.Roles", bound(variables::ROLES)),
        ("VMSS.Octopus.Url", bound(variables::URL)),
        (API_KEY, bound(variables::KEY)),
    ]
}

/// What people call it.
pub fn subject(site: &SetupSite<'_>) -> String {
    format!("step in {}", runbook::subject(site))
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let template = template::look(site)?;
    let row = |sign, note: &str| PlanLine::new(SetupPart::Step, sign, subject(site), note);
    let Some(wanted) = template.wanted() else {
        return Ok(Proposal::of(row(
            Sign::Open,
            "it waits for the step template",
        )));
    };
    let made = row(Sign::Create, &format!("{}, dry run Yes", pool_words(site)));
    let Some(runbook) = site.runbook()? else {
        return Ok(Proposal {
            rows: vec![made],
            writes: Vec::new(),
        });
    };
    let path = ["runbookProcesses", text(&runbook, "RunbookProcessId")];
    let process = site.read(&path)?;
    let is_there = place(&process, wanted).is_some();
    let edit = edited(site, process, &template, wanted);
    let may = runbook::may(site, &runbook);
    let subject = made.subject.clone();
    let mut proposal = Proposal::correct(SetupPart::Step, &subject, &path, edit, may.clone());
    if !is_there && may == May::Yes {
        proposal.rows = vec![made];
    }
    Ok(proposal)
}

/// Of a pool that nobody named the plan says which it is, where whoever sets up may see that.
fn pool_words(site: &SetupSite<'_>) -> String {
    if let Some(pool) = &site.pool {
        return format!("on worker pool {}", pool.name);
    }
    let pools = site.list(&["workerpools"], &[]).unwrap_or_default();
    match pools.iter().find(|it| it["IsDefault"] == true) {
        Some(pool) => format!("on worker pool {}, the default", text(pool, "Name")),
        None => "on the default worker pool".into(),
    }
}

/// The process with the step as it will be. The same of what is published tells whether a draft differs in more than that.
pub fn edited(site: &SetupSite<'_>, process: Value, template: &Template, wanted: &Value) -> Edit {
    let mut edit = Edit::of(process);
    match place(&edit.now, wanted) {
        Some((step, action)) => {
            let mut own = edit.now["Steps"][step]["Actions"][action].clone();
            corrected(site, &mut own, template, wanted, &mut edit.changes);
            edit.now["Steps"][step]["Actions"][action] = own;
        }
        None => {
            edit.changes.push(Change {
                what: "step".into(),
                old: String::new(),
                new: site.settings.runbook.clone(),
            });
            let version = version(template, wanted);
            let new = new(site, wanted, version, &edit.now);
            match edit.now["Steps"].as_array_mut() {
                Some(steps) => steps.push(new),
                None => edit.now["Steps"] = json!([new]),
            }
        }
    }
    edit
}

/// Where the step is: the first that is made of the template, or else that runs this program.
pub fn place(process: &Value, template: &Value) -> Option<(usize, usize)> {
    let own = own(process, template);
    let of_template = |(step, action): &&(usize, usize)| {
        let properties = &process["Steps"][*step]["Actions"][*action]["Properties"];
        is_of(properties, template)
    };
    own.iter().find(of_template).or(own.first()).copied()
}

/// Where all steps of this program are.
pub fn own(process: &Value, template: &Value) -> Vec<(usize, usize)> {
    let runs_it = |properties: &Value| {
        let script = properties::text(properties, SCRIPT);
        script.is_some_and(|it| it.contains(PROGRAM)) && properties.get(SCALE_SET).is_some()
    };
    let is_own = |action: &Value| {
        let properties = &action["Properties"];
        is_of(properties, template) || runs_it(properties)
    };
    let steps = rows(process, "Steps").enumerate();
    let of_step = |(step, it)| {
        let actions = rows(it, "Actions").enumerate();
        let own = actions.filter(|(_, action)| is_own(action));
        own.map(move |(action, _)| (step, action))
            .collect::<Vec<_>>()
    };
    steps.flat_map(of_step).collect()
}

fn is_of(properties: &Value, template: &Value) -> bool {
    let id = properties::text(properties, TEMPLATE_ID);
    id.is_some_and(|id| same(id, text(template, "Id")))
}

/// Whether the steps of a process remove nothing, all of them; `None` where it has none.
pub fn is_dry(process: &Value, template: &Value) -> Option<bool> {
    let own = own(process, template);
    let dry = |(step, action): &(usize, usize)| {
        let properties = &process["Steps"][*step]["Actions"][*action]["Properties"];
        let word = properties::text(properties, DRY_RUN).unwrap_or_default();
        ["yes", "true"].iter().any(|yes| same(word, yes))
    };
    (!own.is_empty()).then(|| own.iter().all(dry))
}

/// The same process, dry.
pub fn make_dry(process: &mut Value, template: &Value) {
    for (step, action) in own(process, template) {
        let properties = &mut process["Steps"][step]["Actions"][action]["Properties"];
        properties::set(properties, DRY_RUN, "Yes".into());
    }
}

/// Whether the template has a parameter of this name; an older one lacks some.
fn is_known(template: &Value, name: &str) -> bool {
    rows(template, "Parameters").any(|it| text(it, "Name") == name)
}

/// What a parameter of the step has to be, where it is not left to whoever changed it.
fn values(site: &SetupSite<'_>) -> Vec<(&'static str, String)> {
    let mut values: Vec<(&str, String)> = bindings().into();
    values.extend(site.settings.parameters.iter().cloned());
    if site.settings.flags.mode == SetupMode::GoLive {
        values.push((DRY_RUN, "No".into()));
    }
    values
}

/// The waits of a step that would not end before the next run is due, where an interval is told and no wait is.
fn shorter_waits(site: &SetupSite<'_>, properties: &Value) -> Vec<(&'static str, String, String)> {
    let Some(every) = site.settings.every else {
        return Vec::new();
    };
    let told = |name: &str| site.settings.parameters.iter().any(|(own, _)| *own == name);
    let read = |name| {
        let word = properties::text(properties, name)?;
        word.trim().parse::<u64>().ok()
    };
    let (Some(settling), Some(testing)) = (read(SETTLING), read(TESTING)) else {
        return Vec::new();
    };
    if settling.saturating_add(testing) < every {
        return Vec::new();
    }
    let longest = longest_wait(every);
    let waits = [(SETTLING, settling), (TESTING, testing)].into_iter();
    let long = waits.filter(|(name, wait)| *wait > longest && !told(name));
    long.map(|(name, wait)| (name, wait.to_string(), longest.to_string()))
        .collect()
}

/// Two of them end before the next run is due.
fn longest_wait(every: u64) -> u64 {
    LONGEST_WAIT.min((every - 1) / 2)
}

/// What a parameter of a new step begins with: together the waits end before the next run is due.
fn beginnings(site: &SetupSite<'_>, wanted: &Value) -> Vec<(String, String)> {
    let every = site.settings.every.unwrap_or(EVERY);
    let wait = longest_wait(every).to_string();
    let mut own: Vec<(String, String)> = [(DRY_RUN, "Yes"), (SETTLING, &wait), (TESTING, &wait)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    for parameter in rows(wanted, "Parameters") {
        let (name, default) = (
            text(parameter, "Name"),
            properties::plain(&parameter["DefaultValue"]),
        );
        if let Some(default) = default
            && !own.iter().any(|(own, _)| own == name)
        {
            own.push((name.to_owned(), default.to_owned()));
        }
    }
    own
}

fn corrected(
    site: &SetupSite<'_>,
    action: &mut Value,
    template: &Template,
    wanted: &Value,
    changes: &mut Vec<Change>,
) {
    let mut change = |what: &str, old: &str, new: &str| {
        changes.push(Change {
            what: what.to_owned(),
            old: old.to_owned(),
            new: new.to_owned(),
        });
    };
    let properties = &mut action["Properties"];
    if update(properties, template, wanted) {
        let old = properties::text(properties, TEMPLATE_VERSION).unwrap_or_default();
        change("version of the step template", old, "the newest");
        let version = version(template, wanted);
        properties::set(properties, TEMPLATE_VERSION, version.into());
        properties::set(properties, TEMPLATE_ID, wanted["Id"].clone());
    }
    for (name, value) in values(site)
        .into_iter()
        .filter(|(name, _)| is_known(wanted, name))
    {
        let old = properties::text(properties, name)
            .unwrap_or_default()
            .to_owned();
        if old != value {
            change(name, shown(name, &old), &value);
            properties::set(properties, name, value.into());
        }
    }
    // Where nothing says so, the template's default removes.
    if is_known(wanted, DRY_RUN) && properties::text(properties, DRY_RUN).is_none() {
        change(DRY_RUN, "", "Yes");
        properties::set(properties, DRY_RUN, "Yes".into());
    }
    for (name, was, wait) in shorter_waits(site, properties) {
        change(name, &was, &wait);
        properties::set(properties, name, wait.into());
    }
    let old = text(action, "WorkerPoolId").to_owned();
    if let Some(pool) = &site.pool
        && !same(&old, &pool.id)
    {
        change("worker pool", &site.pool_named(&old), &pool.name);
        action["WorkerPoolId"] = pool.id.as_str().into();
        action["WorkerPoolVariable"] = "".into();
    }
}

/// What was there, for people: a key that stood there in the clear is none of their business.
fn shown<'a>(name: &str, old: &'a str) -> &'a str {
    let is_in_the_clear = name == API_KEY && !old.is_empty() && !old.contains("#{");
    if is_in_the_clear { "a secret" } else { old }
}

/// Takes over the template's own properties; whether any differed, or the template is another one, or a newer.
fn update(properties: &mut Value, template: &Template, wanted: &Value) -> bool {
    let id = properties::text(properties, TEMPLATE_ID).unwrap_or_default();
    let number = properties::text(properties, TEMPLATE_VERSION).unwrap_or_default();
    let mut differs = !same(id, text(wanted, "Id")) || number != version(template, wanted);
    for (name, value) in wanted["Properties"].as_object().into_iter().flatten() {
        if !properties::same_property(name, &properties[name], value) {
            properties::set(properties, name, value.clone());
            differs = true;
        }
    }
    differs
}

/// What is to be changed will have another number.
fn version(template: &Template, wanted: &Value) -> String {
    match template.changes() {
        true => NEW.to_owned(),
        false => number(wanted),
    }
}

/// A step names it as a text.
pub fn number(template: &Value) -> String {
    match &template["Version"] {
        Value::String(text) => text.clone(),
        number => number.to_string(),
    }
}

/// A new one, beside what the process has.
pub fn new(site: &SetupSite<'_>, wanted: &Value, version: String, process: &Value) -> Value {
    let mut properties = json!({});
    for (name, value) in wanted["Properties"].as_object().into_iter().flatten() {
        properties[name.as_str()] = properties::plain(value).into();
    }
    let values = values(site)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    for (name, value) in beginnings(site, wanted).into_iter().chain(values) {
        if is_known(wanted, &name) {
            properties[name.as_str()] = value.into();
        }
    }
    properties[TEMPLATE_ID] = wanted["Id"].clone();
    properties[TEMPLATE_VERSION] = version.into();
    let name = free_name(&site.settings.runbook, process);
    json!({
        "Name": name,
        "Condition": "Success",
        "StartTrigger": "StartAfterPrevious",
        "PackageRequirement": "LetOctopusDecide",
        "Properties": {},
        "Actions": [{
            "Name": name,
            "ActionType": wanted["ActionType"],
            "IsDisabled": false,
            "IsRequired": false,
            "WorkerPoolId": site.pool.as_ref().map_or("", |it| it.id.as_str()),
            "WorkerPoolVariable": "",
            "Container": {"Image": null, "FeedId": null},
            "Environments": [],
            "ExcludedEnvironments": [],
            "Channels": [],
            "TenantTags": [],
            "Packages": wanted.get("Packages").cloned().unwrap_or_else(|| json!([])),
            "CanBeUsedForProjectVersioning": false,
            "Condition": "Success",
            "Properties": properties,
        }],
    })
}

/// Names of steps are unique, whatever their letters.
fn free_name(name: &str, process: &Value) -> String {
    let is_taken = |name: &str| {
        let steps = rows(process, "Steps");
        let mut names = steps.flat_map(|step| rows(step, "Actions").chain([step]));
        names.any(|it| same(text(it, "Name"), name))
    };
    let others = (2..).map(|number| format!("{name} {number}"));
    let mut all = std::iter::once(name.to_owned()).chain(others);
    all.find(|name| !is_taken(name))
        .unwrap_or_else(|| name.to_owned())
}
