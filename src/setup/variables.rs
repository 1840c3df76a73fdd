//! The six variables of the guide. What somebody else gave a value is not changed, a secret that is there is not written again, and
//! every other variable is written back as it was read.
//!
//! Source: Octopus REST API reference, "Variables". The value of a secret comes as null and is kept by null; an empty text would
//! clear it.

use super::branch::{Branch, all_variables, on_branch};
use super::document::{Change, is_own, rows, same, text};
use super::part::SetupPart;
use super::plan::{May, PlanLine, Proposal, Sign, Write, owned};
use super::site::{NEW, SetupSite};
pub use super::six::{ACCOUNT, KEY, MAKE_ONE, RESOURCE_GROUP, ROLES, SCALE_SETS, URL};
use super::six::{Scope, Wanted, differences, holds_elsewhere, is_hidden, missing, new, reach};
use super::six::{unsaid, wanted};
use crate::check::binding::{Spot, holds};
use crate::error::ServiceError;
use crate::octopus::set_up::Variable;
use crate::settings::Consent;
use serde_json::Value;

const ELSEWHERE: &str = "it holds in other environments, too. Give this one a value of its own";

/// The variables of the project.
pub fn set(site: &SetupSite<'_>) -> Result<Value, ServiceError> {
    match site.project.variables_in_git {
        true => all_variables(site),
        false => site.read(&["variables", &site.variable_set()]),
    }
}

/// The variables that a snapshot froze; `None` from a server that does not show them.
pub fn frozen(site: &SetupSite<'_>, id: &str) -> Result<Option<Value>, ServiceError> {
    match site.read(&["variables", id]) {
        Err(error) if matches!(error.status(), Some(400 | 404 | 405)) => Ok(None),
        set => set.map(Some),
    }
}

/// Whose process variables may be scoped to: the id of the runbook. Of one in Git the set of variables says what it goes by; else it
/// is the slug.
pub fn owner(site: &SetupSite<'_>, set: &Value) -> Result<String, ServiceError> {
    let in_git = site.project.runbooks_in_git;
    let runbook = match in_git {
        true => on_branch(site, &Branch::of(site)?)?,
        false => site.runbook()?,
    };
    let Some(runbook) = runbook else {
        return Ok(NEW.to_owned());
    };
    let known = known_process(site, set).filter(|_| in_git);
    Ok(known.unwrap_or_else(|| text(&runbook, "Id").to_owned()))
}

/// The id by which a set of variables knows the runbook.
fn known_process(site: &SetupSite<'_>, set: &Value) -> Option<String> {
    let mut processes = rows(&set["ScopeValues"], "Processes");
    let own = processes.find(|it| same(text(it, "Name"), &site.settings.runbook));
    own.map(|it| text(it, "Id").to_owned())
}

/// The id that a runbook of this project had before it was in Git, where anybody knows it.
pub fn earlier_id(site: &SetupSite<'_>) -> Result<Option<String>, ServiceError> {
    if !site.project.runbooks_in_git || site.is_blind_to(SetupPart::Variables).is_some() {
        return Ok(None);
    }
    Ok(known_process(site, &set(site)?))
}

/// The value that a variable of this name has where the runbook runs; `None` where there is none, or nobody may read it.
pub fn held(site: &SetupSite<'_>, name: &str) -> Result<Option<String>, ServiceError> {
    let set = set(site)?;
    let at = holding(&set, name, site, &owner(site, &set)?);
    Ok(at.and_then(|at| set["Variables"][at]["Value"].as_str().map(str::to_owned)))
}

/// Whether there is a variable of this name where the runbook runs.
pub fn is_there(site: &SetupSite<'_>, name: &str) -> Result<bool, ServiceError> {
    let set = set(site)?;
    Ok(holding(&set, name, site, &owner(site, &set)?).is_some())
}

/// Which of the set's variables of this name holds where the runbook runs: the one of the narrowest scope.
pub fn holding(set: &Value, name: &str, site: &SetupSite<'_>, owner: &str) -> Option<usize> {
    let spot = Spot {
        environment: &site.environment.id,
        owner,
    };
    let named = rows(set, "Variables").enumerate();
    let named = named.filter(|(_, it)| same(text(it, "Name"), name));
    let narrow = |it: &Value| it["Scope"].as_object().into_iter().flatten().count();
    let holding = named.filter(|(_, it)| holds(&scope_of(it), spot));
    holding.max_by_key(|(_, it)| narrow(it)).map(|(at, _)| at)
}

/// As far as its scope is concerned.
fn scope_of(variable: &Value) -> Variable {
    let ids = |ids: &Value| {
        let ids = ids.as_array().into_iter().flatten();
        ids.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let scopes = variable["Scope"].as_object().into_iter().flatten();
    Variable {
        scope: scopes.map(|(kind, it)| (kind.clone(), ids(it))).collect(),
        ..Variable::default()
    }
}

pub fn plan(site: &SetupSite<'_>) -> Result<Proposal, ServiceError> {
    let set = set(site)?;
    let owner = owner(site, &set)?;
    let (rows, edit) = planned(site, &set, &owner);
    let changes = rows
        .iter()
        .any(|row| matches!(row.sign, Sign::Create | Sign::Change));
    let write = Write::Replace {
        path: owned(&["variables", &site.variable_set()]),
        was: set,
        body: edit,
    };
    Ok(Proposal {
        rows,
        writes: if changes { vec![write] } else { Vec::new() },
    })
}

/// The set as it will be, with a line for each of the six. A key is written anew once in a run.
pub fn planned(site: &SetupSite<'_>, set: &Value, owner: &str) -> (Vec<PlanLine>, Value) {
    let rotates = site.allows(Consent::RotateKey) && !site.has_written(SetupPart::Variables);
    edited(site, set, owner, rotates)
}

/// What this run makes of a set that was frozen with a snapshot, done already or not: it is no change of somebody else's. Of what
/// is in Git it makes the key alone.
pub fn made_of(site: &SetupSite<'_>, set: &Value, owner: &str) -> Value {
    let (_, body) = edited(site, set, owner, site.allows(Consent::RotateKey));
    match site.project.variables_in_git {
        true => only_key(set, &body),
        false => body,
    }
}

fn edited(site: &SetupSite<'_>, set: &Value, owner: &str, rotates: bool) -> (Vec<PlanLine>, Value) {
    let mut body = set.clone();
    let lines = wanted(site)
        .into_iter()
        .map(|it| one(site, &it, &mut body, (owner, rotates)));
    (lines.collect(), body)
}

/// Of a set of secrets as it will be, what was there, and the key.
pub fn only_key(was: &Value, body: &Value) -> Value {
    let is_ours = |it: &&Value| same(text(it, "Name"), KEY);
    let others = rows(was, "Variables").filter(|it| !is_ours(it));
    let mut secrets = was.clone();
    secrets["Variables"] = others
        .chain(rows(body, "Variables").filter(is_ours))
        .cloned()
        .collect();
    secrets
}

/// What was told for a variable.
pub fn told(site: &SetupSite<'_>, name: &str) -> Option<String> {
    let mut all = wanted(site).into_iter().filter(|it| !it.is_secret());
    all.find(|it| it.name == name).and_then(|it| it.value)
}

fn one(
    site: &SetupSite<'_>,
    wanted: &Wanted,
    set: &mut Value,
    (owner, rotates): (&str, bool),
) -> PlanLine {
    let subject = format!("variable {}", wanted.name);
    let row =
        |sign, note: String| PlanLine::new(SetupPart::Variables, sign, subject.as_str(), note);
    let Some(at) = holding(set, wanted.name, site, owner) else {
        return match &wanted.value {
            None => unsaid(wanted, row(Sign::Open, missing(wanted).to_owned())),
            Some(value) => {
                if let Some(all) = set["Variables"].as_array_mut() {
                    all.push(new(site, wanted, value, owner));
                }
                row(
                    Sign::Create,
                    format!("{}, {}", wanted.shown, reach(wanted.scope)),
                )
            }
        };
    };
    let variable = &mut set["Variables"][at];
    if wanted.is_secret() {
        return secret((site, rotates), wanted, variable, row);
    }
    let changes = differences(wanted, variable);
    if changes.is_empty() {
        return row(Sign::Same, String::new());
    }
    let open = |why: String| PlanLine {
        changes: changes.clone(),
        ..row(Sign::Open, why)
    };
    // No flag helps there.
    if holds_elsewhere(wanted, variable) {
        return open(ELSEWHERE.into());
    }
    let Some(value) = &wanted.value else {
        return open(wanted.untold().into());
    };
    match may(site, wanted, variable) {
        May::NotWithout(flag) if is_hidden(variable) => open(format!(
            "it is a secret: what it holds nobody can see. Make it text, or {flag} does"
        )),
        May::NotWithout(flag) => open(match used_by(site, wanted) {
            Some(other) => format!(
                "runbook \"{other}\" uses it, too. {flag} changes it for both; a scale set of its own needs a project of its own"
            ),
            None => format!("somebody else gave it this value. {flag} changes it all the same"),
        }),
        May::Yes => {
            wanted.put(variable, value);
            PlanLine {
                changes,
                ..row(Sign::Change, String::new())
            }
        }
    }
}

fn secret(
    (site, rotates): (&SetupSite<'_>, bool),
    wanted: &Wanted,
    variable: &mut Value,
    row: impl Fn(Sign, String) -> PlanLine,
) -> PlanLine {
    let is_secret = is_hidden(variable);
    match (is_secret, rotates, &wanted.value, may(site, wanted, variable)) {
        (true, false, ..) => row(Sign::Same, "what it holds nobody can see".into()),
        _ if holds_elsewhere(wanted, variable) => row(Sign::Open, ELSEWHERE.into()),
        (_, true, None, _) => unsaid(wanted, row(Sign::Open, missing(wanted).to_owned())),
        (false, _, _, May::NotWithout(flag)) => {
            row(Sign::Open, format!("it is no secret: everybody who may see variables reads the key. {flag} with --rotate-key makes it one"))
        }
        (false, false, ..) => row(Sign::Open, "it is no secret: everybody who may see variables reads the key. --rotate-key makes it one".into()),
        (true, true, Some(_), May::NotWithout(flag)) => {
            row(Sign::Open, format!("somebody else stored this key. {flag} changes it all the same"))
        }
        (_, true, Some(key), May::Yes) => {
            wanted.put(variable, key);
            let change = Change {
                what: "value".into(),
                old: "a secret".into(),
                new: wanted.shown.clone(),
            };
            PlanLine { changes: vec![change], ..row(Sign::Change, String::new()) }
        }
    }
}

fn may(site: &SetupSite<'_>, wanted: &Wanted, variable: &Value) -> May {
    let mut replaced = site.settings.flags.replaced.iter();
    let is_own = is_own(variable) && used_by(site, wanted).is_none();
    match is_own || replaced.any(|name| same(name, wanted.name)) {
        true => May::Yes,
        false => May::NotWithout(format!("--replace {}", wanted.name)),
    }
}

/// Another runbook that was set up in this project, whose scale set a variable of the environment names, too.
fn used_by<'a>(site: &'a SetupSite<'_>, wanted: &Wanted) -> Option<&'a str> {
    let is_shared = wanted.scope == Scope::Environment;
    let mut others = site.other_runbooks.iter();
    others.next().filter(|_| is_shared).map(String::as_str)
}
