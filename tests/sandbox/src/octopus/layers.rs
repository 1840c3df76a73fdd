//! JSON over JSON: what the sandbox says by itself, and what somebody saved instead.

use serde_json::{Map, Value};

/// Lays values over others: objects are joined at every depth, anything else takes the place of what was there.
pub(crate) fn lay(below: &mut Value, above: &Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay(below.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}

/// What has to be laid over an object to make it say what is wanted.
pub(crate) fn difference(wanted: &Value, below: &Value) -> Map<String, Value> {
    let mut difference = Map::new();
    for (name, value) in wanted.as_object().into_iter().flatten() {
        let own = &below[name];
        if value.is_object() && own.is_object() {
            let inner = self::difference(value, own);
            if !inner.is_empty() {
                difference.insert(name.clone(), inner.into());
            }
        } else if below.get(name) != Some(value) {
            difference.insert(name.clone(), value.clone());
        }
    }
    difference
}
