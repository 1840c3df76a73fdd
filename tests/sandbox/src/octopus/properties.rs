//! The properties of steps and step templates, whose secrets are never shown. The generated reference and the converters of
//! github.com/OctopusDeploy/OctopusClients and go-octopusdeploy differ in their form.

use super::Octopus;
use serde_json::{Value, json};

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
