//! What Octopus keeps, as JSON: read whole and written whole, with other values for what was planned alone. A field that nobody here
//! knows is kept.
//!
//! Source: Octopus REST API reference: a PUT replaces, and what it leaves out is cleared.

use super::plan::Change;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What `setup` says in the description of what it makes, by which it knows it again.
pub const MARK: &str = "Made by octopus-scale-in setup";

/// What the server writes anew with each answer; `ScopeValues` are the names of whatever a variable may be scoped to.
const VOLATILE: [&str; 4] = ["Links", "LastModifiedOn", "LastModifiedBy", "ScopeValues"];

/// A text of a document; empty where there is none.
#[must_use]
pub fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

/// Whether two names mean the same: Octopus does not tell capital letters apart.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The rows of a list.
pub fn rows<'a>(json: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    json[field].as_array().into_iter().flatten()
}

/// Whether a list has this id.
#[must_use]
pub fn lists(json: &Value, field: &str, id: &str) -> bool {
    rows(json, field).any(|it| it.as_str().is_some_and(|it| same(it, id)))
}

/// Whether `setup` made it.
#[must_use]
pub fn is_own(json: &Value) -> bool {
    text(json, "Description").contains(MARK)
}

/// Without what the server writes anew with each answer.
#[must_use]
pub fn settled(json: &Value) -> Value {
    without(json, &VOLATILE)
}

/// Without these fields, at any depth.
#[must_use]
pub fn without(json: &Value, fields: &[&str]) -> Value {
    match json {
        Value::Object(map) => {
            let kept = map
                .iter()
                .filter(|(name, _)| !fields.contains(&name.as_str()));
            let kept = kept.map(|(name, value)| (name.clone(), without(value, fields)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.iter().map(|item| without(item, fields)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json.clone(),
    }
}

/// Without what says nothing, and in the order of its names: a server may add such fields with the next save, and order them anew.
#[must_use]
pub fn said(json: &Value) -> Value {
    let says = |it: &Value| match it {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    match json {
        Value::Object(fields) => {
            let told = fields
                .iter()
                .map(|(name, value)| (name.clone(), said(value)));
            let told: BTreeMap<_, _> = told.filter(|(_, value)| says(value)).collect();
            Value::Object(told.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(said).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json.clone(),
    }
}

/// A document, what it was, and what was changed.
#[derive(Debug, Clone)]
pub struct Edit {
    was: Value,
    /// As it will be.
    pub now: Value,
    /// What was changed.
    pub changes: Vec<Change>,
}

impl Edit {
    /// Of what was read.
    #[must_use]
    pub fn of(was: Value) -> Self {
        Self {
            now: was.clone(),
            was,
            changes: Vec::new(),
        }
    }

    /// Sets one value, by the names that lead to it; what people call it is said where it is another one than before.
    pub fn set(&mut self, what: &str, path: &[&str], value: Value) {
        let place = place(&mut self.now, path);
        if *place == value {
            return;
        }
        self.changes.push(Change {
            what: what.to_owned(),
            old: shown(place),
            new: shown(&value),
        });
        *place = value;
    }

    /// What it was, what it will be, and what was changed.
    #[must_use]
    pub fn into_parts(self) -> (Value, Value, Vec<Change>) {
        (self.was, self.now, self.changes)
    }
}

/// The place that the names lead to; it is made where it is not there.
fn place<'a>(json: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(json, |json, name| {
        if !json.is_object() {
            *json = Value::Object(Map::new());
        }
        &mut json[*name]
    })
}

/// A value, for people.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
