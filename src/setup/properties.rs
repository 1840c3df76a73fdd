//! Properties of steps and templates. The value of one is a text, or an object for a secret; the reference has an object
//! `{IsSensitive, SensitiveValue, Value}` for each. Both are read, and what is an object stays one.
//!
//! Source: Octopus REST API reference, "Action templates"; github.com/OctopusDeploy/OctopusClients, `PropertyValueResource`.

use serde_json::Value;

const RUN_ON_SERVER: &str = "Octopus.Action.RunOnServer";

/// The text of a value that is no secret; an empty one is none.
#[must_use]
pub fn plain(value: &Value) -> Option<&str> {
    let text = value.as_str().or_else(|| value["Value"].as_str());
    text.filter(|text| !text.is_empty())
}

/// The text of a property that is no secret.
#[must_use]
pub fn text<'a>(properties: &'a Value, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(plain)
}

/// Whether two texts are the same, whatever a server makes of the ends of their lines; none is the same as an empty one.
#[must_use]
pub fn alike(one: Option<&str>, other: Option<&str>) -> bool {
    let lines = |text: Option<&str>| text.unwrap_or_default().replace("\r\n", "\n");
    lines(one) == lines(other)
}

/// Whether a property of a template has the same value in both forms.
#[must_use]
pub fn same_property(name: &str, one: &Value, other: &Value) -> bool {
    let (one, other) = (plain(one), plain(other));
    // Servers and clients write it with a capital letter or without.
    if name == RUN_ON_SERVER {
        let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
        return one.eq_ignore_ascii_case(other);
    }
    alike(one, other)
}

/// Sets a property, in the form that its neighbours have.
pub fn set(properties: &mut Value, name: &str, value: Value) {
    if properties[name].get("Value").is_some() && value.is_string() {
        properties[name]["Value"] = value;
    } else {
        properties[name] = value;
    }
}
