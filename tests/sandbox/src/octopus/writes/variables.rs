//! Sets of variables. Source: octopus.com/docs/api, "Variables"; octopus.com/docs, "Security and un-scoped variables";
//! github.com/OctopusDeploy/OctopusDeploy-Api, `ClearSensitiveVariables.ps1` (an empty text clears a secret);
//! github.com/OctopusDeploy/Issues 2206, 3181 and 3570 (old servers removed what the writer did not see).

use super::{Write, over, required, unknown_ids};
use crate::http::Answer;
use crate::octopus::documents::{Kind, find, text, texts};
use crate::octopus::variables::{Reach, is_secret, shown, without_secret};
use crate::octopus::{Octopus, errors, git};
use serde_json::{Value, json};

/// `variables/{id}`; answers the set as it is now.
pub(super) fn put(write: &mut Write<'_>) -> Result<Answer, Answer> {
    let (id, space) = (write.address.id.as_str(), write.address.space());
    let was = find(write.octopus, Kind::VariableSet, id, space)?.clone();
    if was["IsFrozen"] == true {
        return Err(errors::bad_request(
            "The variables are frozen, and cannot be changed.",
        ));
    }
    let in_git = git::has(write.octopus, text(&was, "OwnerId"), Kind::VariableSet);
    if in_git && !write.octopus.readings.git_variable_set_has_the_secrets {
        return Err(git::refusal(write.octopus));
    }
    let body = write.body()?;
    let now = save(write, &body, &was, in_git)?;
    let wanted = |variable: &Value| !in_git || is_secret(variable);
    let mut shown = shown(write.octopus, write.caller, &now, wanted)?;
    if write.octopus.readings.saved_variables_lack_scope_values {
        shown["ScopeValues"] = Value::Null;
    }
    Ok(Answer::ok(shown))
}

/// `projects/{id}/variables`, the secrets alone where the rest is in Git; answers nothing.
pub(super) fn put_of_project(write: &mut Write<'_>) -> Result<Answer, Answer> {
    if !write.octopus.newer.project_variables {
        return Err(errors::unknown_question());
    }
    let body = write.body()?;
    required(&body, &["ScopeValues", "Variables"])?;
    let project = write.project(&body)?;
    let id = write.octopus.documents.text(project, "VariableSetId");
    let id = id.unwrap_or_default().to_owned();
    let in_git = git::has(write.octopus, project, Kind::VariableSet);
    let space = write.address.space();
    let was = find(write.octopus, Kind::VariableSet, &id, space)?.clone();
    save(write, &body, &was, in_git)?;
    Ok(Answer::ok(json!({})))
}

fn save(
    write: &mut Write<'_>,
    body: &Value,
    was: &Value,
    only_secrets: bool,
) -> Result<Value, Answer> {
    let edit = Reach::to_edit(write.octopus, write.caller, was)?;
    let sight = Reach::to_see(write.octopus, write.caller, was)?;
    write.current(body, was, "these variables")?;
    let Some(sent) = body["Variables"].as_array() else {
        return Err(errors::bad_request("The Variables field is required."));
    };
    let sees = |variable: &Value| {
        (!only_secrets || is_secret(variable)) && sight.reaches(write.octopus, variable)
    };
    let kept = was["Variables"].as_array().cloned().unwrap_or_default();
    let (seen, unseen): (Vec<Value>, Vec<Value>) = kept.iter().cloned().partition(sees);
    let mut taken = Vec::new();
    for sent in sent {
        let same = |own: &&Value| own["Id"].is_string() && own["Id"] == sent["Id"];
        let own = seen.iter().find(same);
        let variable = variable(write, sent, own, was)?;
        if only_secrets && !is_secret(&variable) {
            return Err(errors::bad_request(
                "Only sensitive variables of this project are in the database.",
            ));
        }
        taken.push(variable);
    }
    ids_differ(&taken, &unseen)?;
    let may = |variable: &Value| edit.reaches(write.octopus, variable);
    may_change(&seen, &taken, may)?;
    let lost = write.octopus.readings.unseen_variables_are_lost;
    let in_git = |own: &Value| only_secrets && !is_secret(own);
    let stays = |own: &Value| unseen.contains(own) && (!lost || in_git(own));
    let mut now = was.clone();
    now["Variables"] = joined(&kept, taken, stays).into();
    now["Version"] = (was["Version"].as_u64().unwrap_or(0) + 1).into();
    let documents = &mut write.octopus.documents;
    documents.insert(Kind::VariableSet, now.clone());
    Ok(now)
}

/// What is added, removed or different needs the permission where it was and where it is now.
fn may_change(was: &[Value], now: &[Value], may: impl Fn(&Value) -> bool) -> Result<(), Answer> {
    let gone = was.iter().filter(|own| !now.contains(own));
    let new = now.iter().filter(|own| !was.contains(own));
    match gone.chain(new).all(may) {
        true => Ok(()),
        false => Err(errors::missing_permission("VariableEdit")),
    }
}

/// The variables in the order in which they were; new ones at the end.
fn joined(kept: &[Value], mut taken: Vec<Value>, stays: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut all = Vec::new();
    for own in kept {
        let at = taken.iter().position(|sent| sent["Id"] == own["Id"]);
        match at {
            Some(at) => all.push(taken.remove(at)),
            None if stays(own) => all.push(own.clone()),
            None => {}
        }
    }
    all.append(&mut taken);
    all
}

fn ids_differ(taken: &[Value], unseen: &[Value]) -> Result<(), Answer> {
    let mut ids: Vec<&str> = unseen.iter().map(|own| text(own, "Id")).collect();
    for variable in taken {
        let id = text(variable, "Id");
        if ids.contains(&id) {
            return Err(errors::bad_request(&format!(
                "There is more than one variable of the id {id}."
            )));
        }
        ids.push(id);
    }
    Ok(())
}

/// A variable as it is kept, of what was sent. What comes back as it was shown stays as it is.
fn variable(
    write: &mut Write<'_>,
    sent: &Value,
    own: Option<&Value>,
    set: &Value,
) -> Result<Value, Answer> {
    if let Some(own) = own.filter(|own| without_secret(own) == *sent) {
        return Ok(own.clone());
    }
    required(sent, &["Name"])?;
    let blank = json!({
        "Value": Value::Null,
        "Description": "",
        "Type": "String",
        "IsSensitive": false,
        "IsEditable": true,
        "Scope": {},
        "Prompt": Value::Null,
    });
    let mut variable = over(blank, sent);
    if text(&variable, "Id").is_empty() {
        variable["Id"] = write.octopus.next_guid().into();
    }
    if is_secret(&variable) || variable["Type"] == "Sensitive" {
        variable["IsSensitive"] = true.into();
        variable["Type"] = "Sensitive".into();
        let secret = own.filter(|own| is_secret(own));
        if variable["Value"].is_null() {
            variable["Value"] = secret.map(|own| own["Value"].clone()).unwrap_or_default();
        }
    }
    let value = text(&variable, "Value");
    let is_account = variable["Type"] == "AzureAccount" && value.starts_with("Accounts-");
    if is_account && !write.is_known(Kind::Account, value) {
        return Err(unknown_ids("Account", &[value]));
    }
    known_scope(write, &variable["Scope"], text(set, "OwnerId"))?;
    let scope = variable["Scope"].as_object().into_iter().flatten();
    let beyond = scope
        .filter(|(key, ids)| key.as_str() != "Environment" && !texts(ids).is_empty())
        .count();
    if !variable["Prompt"].is_null() && beyond > 0 {
        return Err(errors::bad_request(
            "A prompted variable can be scoped to environments alone.",
        ));
    }
    Ok(variable)
}

fn known_scope(write: &Write<'_>, scope: &Value, owner: &str) -> Result<(), Answer> {
    write.known_environments(&scope["Environment"])?;
    let octopus: &Octopus = write.octopus;
    let machine = |id: &str| octopus.targets.contains_key(id);
    let process = |id: &str| {
        let runbook = octopus.documents.get_as(Kind::Runbook, id);
        id == owner || runbook.is_some_and(|it| text(it, "ProjectId") == owner)
    };
    for (key, what, known) in [
        ("Machine", "Machine", &machine as &dyn Fn(&str) -> bool),
        ("ProcessOwner", "Process Owner", &process),
    ] {
        let ids = texts(&scope[key]);
        if let Some(unknown) = ids.iter().find(|id| !known(id)) {
            return Err(unknown_ids(what, &[unknown]));
        }
    }
    Ok(())
}
