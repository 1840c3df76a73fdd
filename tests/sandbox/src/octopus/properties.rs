//! The properties of steps and step templates, whose secrets are never shown. The generated reference and the converters of
//! github.com/OctopusDeploy/OctopusClients and go-octopusdeploy differ in their form.

use super::{Octopus, errors};
use crate::http::Answer;
use serde_json::{Map, Value, json};

/// Puts a secret's place-holder where one is, and all of them into the form that was chosen.
pub(crate) fn show(octopus: &Octopus, properties: &mut Value) {
    let all = properties.as_object_mut().into_iter();
    for value in all.flat_map(|all| all.values_mut()) {
        let is_secret = value.is_object();
        if is_secret {
            *value = hidden();
        }
        if octopus.readings.properties_are_objects {
            *value = match is_secret {
                true => {
                    json!({ "IsSensitive": true, "SensitiveValue": value, "Value": Value::Null })
                }
                false => {
                    json!({ "IsSensitive": false, "SensitiveValue": Value::Null, "Value": value })
                }
            };
        }
    }
}

/// What stands for a secret.
pub(crate) fn hidden() -> Value {
    json!({ "HasValue": true, "NewValue": Value::Null, "Hint": Value::Null })
}

/// Properties as they are kept, of what a client sent in either form: a secret that is sent as its place-holder stays what it
/// is, one with a `NewValue` becomes that, and what has no value goes.
pub(crate) fn take(sent: &Value, kept: &Value) -> Result<Value, Answer> {
    let mut taken = Map::new();
    for (name, value) in sent.as_object().into_iter().flatten() {
        if let Some(value) = take_one(value, &kept[name])? {
            taken.insert(name.clone(), value);
        }
    }
    Ok(taken.into())
}

/// The same for one value.
pub(crate) fn take_one(sent: &Value, kept: &Value) -> Result<Option<Value>, Answer> {
    let value = match (sent.get("IsSensitive"), sent["IsSensitive"] == true) {
        (None, _) => sent,
        (Some(_), true) => &sent["SensitiveValue"],
        (Some(_), false) => &sent["Value"],
    };
    match value {
        Value::Null => Ok(None),
        Value::String(_) => Ok(Some(value.clone())),
        Value::Object(secret) if secret.contains_key("HasValue") => Ok(match &value["NewValue"] {
            Value::String(new) if new.is_empty() => None,
            Value::String(_) => Some(json!({ "HasValue": true, "NewValue": value["NewValue"] })),
            _ => Some(kept.clone()).filter(|kept| value["HasValue"] == true && !kept.is_null()),
        }),
        _ => Err(errors::bad_request("Validation failed.")),
    }
}
