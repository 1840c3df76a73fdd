//! Interruptions: guided failures that wait for an answer. Source: octopus.com/docs/api, "Interruptions".

use super::envelope::{link, page};
use super::query::Query;
use super::routes::Address;
use super::{Octopus, errors};
use crate::clock::{self, Time};
use crate::http::{Answer, Call};
use crate::world::SPACE;
use serde_json::{Value, json};

/// A task that waits for an answer.
#[derive(Clone, Debug)]
pub struct Interruption {
    /// `Interruptions-1`, ...
    pub id: String,
    /// The id of the task that waits.
    pub task: String,
    /// The id of the element of the task's log that failed.
    pub correlation: String,
    /// Whether it still waits.
    pub pending: bool,
    /// Who has taken responsibility: `Users-21` is the owner of the key.
    pub responsible: Option<String>,
    /// The answers on offer: `Fail`, `Retry`, `Ignore`, `Exclude`.
    pub choices: Vec<String>,
    /// The answer that was given.
    pub guidance: Option<String>,
    /// When it came up.
    pub created: Time,
    /// What it says; the machine stands only here and in the log.
    pub text: String,
}

impl Octopus {
    /// Lets a step fail on a machine, in guided failure mode; returns the interruption's id.
    pub fn guided_failure(&mut self, task: &str, correlation: &str, machine: &str) -> String {
        let id = self.next_id("Interruptions");
        let interruption = Interruption {
            id: id.clone(),
            task: task.to_owned(),
            correlation: correlation.to_owned(),
            pending: true,
            responsible: None,
            choices: ["Fail", "Retry", "Ignore", "Exclude"]
                .map(str::to_owned)
                .to_vec(),
            guidance: None,
            created: self.now(),
            text: format!("The step failed on {machine} in the current task."),
        };
        self.interruptions.insert(id.clone(), interruption);
        id
    }
}

/// The owner of the key.
const OWNER: &str = "Users-21";

pub(crate) fn list(octopus: &Octopus, call: &Call, address: &Address) -> Result<Answer, Answer> {
    let query = Query::read(call, &["ids", "pendingOnly", "regarding", "skip", "take"])?;
    let pending_only = query.boolean("pendingOnly")?.unwrap_or(false);
    let mut found: Vec<&Interruption> = octopus.interruptions.values().collect();
    found.retain(|interruption| {
        address.space() == SPACE
            && (interruption.pending || !pending_only)
            && query.any("ids", [interruption.id.as_str()].into_iter())
            && query.any(
                "regarding",
                related(octopus, interruption).iter().map(String::as_str),
            )
    });
    found.sort_by_key(|interruption| std::cmp::Reverse(interruption.created));
    page(octopus, call, &query, "Interruption", &found, |found| {
        to_json(octopus, found)
    })
    .map(Answer::ok)
}

pub(crate) fn claim(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let found = octopus
        .interruptions
        .get_mut(&address.id)
        .ok_or_else(|| errors::not_found(&address.id))?;
    found.responsible = Some(OWNER.to_owned());
    Ok(Answer::ok(
        json!({ "Id": OWNER, "Username": "scale-in", "IsService": true }),
    ))
}

/// Takes the form's values: `Guidance`, which is one of the choices, and `Notes`.
pub(crate) fn submit(
    octopus: &mut Octopus,
    call: &Call,
    address: &Address,
) -> Result<Answer, Answer> {
    Query::read(call, &[])?;
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|_| errors::bad_request("The body is not JSON."))?;
    let found = octopus
        .interruptions
        .get_mut(&address.id)
        .ok_or_else(|| errors::not_found(&address.id))?;
    if !found.pending {
        return Err(errors::bad_request(
            "The interruption has been answered already.",
        ));
    }
    if found.responsible.as_deref() != Some(OWNER) {
        return Err(errors::bad_request(
            "Take responsibility for the interruption first.",
        ));
    }
    let guidance = body
        .get("Guidance")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !found.choices.iter().any(|choice| choice == guidance) {
        return Err(errors::bad_request(&format!(
            "'{guidance}' is not one of the choices."
        )));
    }
    found.guidance = Some(guidance.to_owned());
    found.pending = false;
    let answered = found.clone();
    Ok(Answer::ok(to_json(octopus, &answered)))
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

fn to_json(octopus: &Octopus, interruption: &Interruption) -> Value {
    let own = link(
        octopus,
        SPACE,
        &format!("interruptions/{}", interruption.id),
    );
    let buttons: Vec<Value> = interruption
        .choices
        .iter()
        .map(|choice| json!({ "Text": choice, "Value": choice }))
        .collect();
    json!({
        "Id": interruption.id,
        "SpaceId": SPACE,
        "Type": "GuidedFailure",
        "Title": "Guided failure",
        "Created": clock::octopus(interruption.created),
        "IsPending": interruption.pending,
        "TaskId": interruption.task,
        "CorrelationId": interruption.correlation,
        "RelatedDocumentIds": related(octopus, interruption),
        "ResponsibleTeamIds": [],
        "ResponsibleUserId": interruption.responsible,
        "CanTakeResponsibility": true,
        "HasResponsibility": interruption.responsible.as_deref() == Some(OWNER),
        "IsLinkedToOtherInterruption": false,
        "Form": {
            "Values": { "Instructions": interruption.text, "Guidance": interruption.guidance, "Notes": Value::Null },
            "Elements": [
                { "Name": "Instructions", "IsValueRequired": false,
                  "Control": { "Type": "Paragraph", "Text": interruption.text, "ResolveLinks": false } },
                { "Name": "Notes", "IsValueRequired": false,
                  "Control": { "Type": "TextArea", "Label": "Notes" } },
                { "Name": "Guidance", "IsValueRequired": true,
                  "Control": { "Type": "SubmitButtonGroup", "Buttons": buttons } },
            ],
        },
        "Links": { "Self": own, "Submit": format!("{own}/submit"), "Responsible": format!("{own}/responsible") },
    })
}
