//! Interruptions over HTTP: a list, one, taking responsibility, answering. Source: octopus.com/docs/api, "Interruptions".
//! The form is that of real servers, in the tests of github.com/OctopusSolutionsEngineering/OctopusCopilot.

use super::envelope::{link, page};
use super::people::{self, Caller, Place, User};
use super::query::Query;
use super::routes::Address;
use super::{Interruption, Octopus, errors, tasks};
use crate::clock;
use crate::http::{Answer, Call};
use crate::world::SPACE;
use serde_json::{Value, json};

pub(crate) fn list(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "pendingOnly", "regarding", "skip", "take"])?;
    let pending_only = query.boolean("pendingOnly")?.unwrap_or(false);
    let sight = caller.sight(octopus, "InterruptionView");
    let mut found: Vec<&Interruption> = octopus.interruptions.values().collect();
    found.retain(|interruption| {
        let task = octopus.tasks.get(&interruption.task);
        let place = task.map_or_else(Place::default, tasks::place);
        address.space() == space(octopus, interruption)
            && (interruption.pending || !pending_only)
            && query.any("ids", [interruption.id.as_str()].into_iter())
            && query.any(
                "regarding",
                related(octopus, interruption).iter().map(String::as_str),
            )
            && (sight.is_free() || sight.reaches(octopus, &place))
    });
    found.sort_by_key(|interruption| std::cmp::Reverse(interruption.created));
    page(octopus, call, &query, "Interruption", &found, |found| {
        to_json(octopus, found, caller)
    })
    .map(Answer::ok)
}

/// The space of the task that waits.
fn space<'a>(octopus: &'a Octopus, interruption: &Interruption) -> &'a str {
    let task = octopus.tasks.get(&interruption.task);
    task.map_or(SPACE, |task| task.space.as_str())
}

fn find<'a>(octopus: &'a Octopus, address: &Address) -> Result<&'a Interruption, Answer> {
    let found = octopus.interruptions.get(&address.id);
    let found = found.filter(|found| address.space() == space(octopus, found));
    found.ok_or_else(|| errors::not_found(&address.id))
}

pub(crate) fn get(octopus: &Octopus, address: &Address, caller: &Caller) -> Result<Answer, Answer> {
    find(octopus, address).map(|found| Answer::ok(to_json(octopus, found, caller)))
}

pub(crate) fn responsible(
    octopus: &Octopus,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let user = find(octopus, address)?.responsible.as_deref();
    let shown = user.map_or(Value::Null, |id| user_json(octopus, id, caller));
    Ok(Answer::ok(shown))
}

/// Only who may take responsibility can; whose it was before does not matter, as far as the documentation says.
pub(crate) fn claim(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let mut found = find(octopus, address)?.clone();
    if !found.may_take {
        return Err(errors::error(
            403,
            "You are not in one of the teams that may take responsibility for this interruption.",
        ));
    }
    if !found.pending {
        return Err(errors::bad_request(
            "The interruption has been answered already.",
        ));
    }
    found.responsible = Some(caller.user.clone());
    octopus.interruptions.insert(found.id.clone(), found);
    Ok(Answer::ok(user_json(octopus, &caller.user, caller)))
}

/// Takes the form's values: the buttons' element, which is one of the choices, and `Notes`.
pub(crate) fn submit(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|_| errors::bad_request("The body is not JSON."))?;
    let mut found = find(octopus, address)?.clone();
    if !found.pending {
        return Err(errors::bad_request(
            "The interruption has been answered already.",
        ));
    }
    if found.responsible.as_deref() != Some(&caller.user) {
        return Err(errors::bad_request(
            "Take responsibility for the interruption first.",
        ));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let guidance = text(&found.element).unwrap_or_default();
    if !found.choices.contains(&guidance) {
        return Err(errors::bad_request(&format!(
            "'{guidance}' is not one of the choices."
        )));
    }
    found.guidance = Some(guidance);
    found.notes = text("Notes");
    found.pending = false;
    let answer = Answer::ok(to_json(octopus, &found, caller));
    octopus.interruptions.insert(found.id.clone(), found);
    Ok(answer)
}

/// A machine is not among them.
fn related(octopus: &Octopus, interruption: &Interruption) -> Vec<String> {
    let mut ids = vec![interruption.task.clone()];
    if let Some(task) = octopus.tasks.get(&interruption.task) {
        ids.extend([
            task.document.clone(),
            task.project.clone(),
            task.environment.clone(),
        ]);
    }
    ids
}

/// Somebody whom a test only names is a person.
fn user_json(octopus: &Octopus, id: &str, caller: &Caller) -> Value {
    let mut somebody = User::new(id, "somebody");
    somebody.display_name = "Somebody".to_owned();
    let user = octopus.users.get(id).unwrap_or(&somebody);
    people::routes::to_json(octopus, user, id == caller.user)
}

/// Until it is answered, the values are null: what it says stands in the elements.
fn to_json(octopus: &Octopus, interruption: &Interruption, caller: &Caller) -> Value {
    let space = space(octopus, interruption);
    let own = link(
        octopus,
        space,
        &format!("interruptions/{}", interruption.id),
    );
    let mut json = json!({
        "Id": interruption.id,
        "SpaceId": space,
        "Title": interruption.title,
        "Created": clock::octopus(interruption.created),
        "IsPending": interruption.pending,
        "TaskId": interruption.task,
        "CorrelationId": interruption.correlation,
        "RelatedDocumentIds": related(octopus, interruption),
        "ResponsibleTeamIds": [],
        "ResponsibleUserId": interruption.responsible,
        "CanTakeResponsibility": interruption.may_take,
        "HasResponsibility": interruption.responsible.as_deref() == Some(&caller.user),
        "IsLinkedToOtherInterruption": interruption.linked,
        "Form": form(interruption),
        "Links": { "Self": own, "Submit": format!("{own}/submit"), "Responsible": format!("{own}/responsible") },
    });
    if let Some(kind) = &interruption.kind {
        json["Type"] = kind.as_str().into();
    }
    json
}

fn form(interruption: &Interruption) -> Value {
    let buttons: Vec<Value> = interruption
        .choices
        .iter()
        .map(|choice| {
            json!({ "Text": choice, "Value": choice, "RequiresConfirmation": choice == "Abort" })
        })
        .collect();
    let mut values = json!({ "Instructions": Value::Null, "Notes": interruption.notes });
    values[&interruption.element] = json!(interruption.guidance);
    json!({
        "Values": values,
        "Elements": [
            { "Name": "Instructions", "IsValueRequired": false,
              "Control": { "Type": "Paragraph", "Text": interruption.text, "ResolveLinks": false } },
            { "Name": "Notes", "IsValueRequired": false,
              "Control": { "Type": "TextArea", "Label": "Notes" } },
            { "Name": interruption.element, "IsValueRequired": interruption.element == "Guidance",
              "Control": { "Type": "SubmitButtonGroup", "Buttons": buttons } },
        ],
    })
}
