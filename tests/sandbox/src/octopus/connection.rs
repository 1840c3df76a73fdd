//! When a target was tested last, and what came of it. Source: octopus.com/docs/api, "Machines".

use super::envelope::link;
use super::people::Caller;
use super::routes::Address;
use super::{Octopus, errors, machines};
use crate::clock;
use crate::http::Answer;
use serde_json::{Value, json};

pub(crate) fn get(octopus: &Octopus, address: &Address, caller: &Caller) -> Result<Answer, Answer> {
    if !octopus.health_checks.knows_connection {
        return Err(errors::unknown_question());
    }
    let target = machines::find(octopus, address)?;
    caller.need_at(octopus, "MachineView", &machines::place(target), &target.id)?;
    let checked = target
        .last_checked
        .map(|at| clock::octopus(at + octopus.clock_ahead));
    let (status, category, message) = match target.health.as_str() {
        "Unavailable" => ("Offline", "Error", "No connection could be made."),
        "Unknown" => ("Unknown", "Info", "It has not been checked yet."),
        _ => ("Online", "Info", "Connection successful."),
    };
    let log = json!([{
        "Category": category,
        "OccurredAt": checked,
        "MessageText": message,
        "Detail": "",
        "Number": 1,
    }]);
    let own = format!("machines/{}/connection", target.id);
    let mut connection = json!({
        "Id": Value::Null,
        "MachineId": target.id,
        "Status": status,
        "CurrentTentacleVersion": "8.2.2187",
        "LastChecked": checked,
        "Logs": if checked.is_some() { log } else { json!([]) },
        "LastModifiedBy": Value::Null,
        "LastModifiedOn": Value::Null,
        "Links": { "Self": link(octopus, &target.space, &own) },
    });
    if let Some(fields) = connection.as_object_mut()
        && !octopus.health_checks.says_last_checked
    {
        fields.remove("LastChecked");
    }
    Ok(Answer::ok(connection))
}
