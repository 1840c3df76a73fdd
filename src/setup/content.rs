//! What a process and a set of variables say, to compare a draft with what is published: without what a server counts, names and
//! adds by itself.

use super::document::{rows, said, without};
use super::properties;
use super::step;
use serde_json::{Value, json};

/// The steps of a process, without what the server counts and names by itself.
#[must_use]
pub fn steps_of(process: &Value) -> Value {
    let mut steps = said(&without(&process["Steps"], &["Id", "Slug", "Links"]));
    without_defaults(&mut steps);
    steps
}

/// The same without the step of this program: what a server adds to a new one is nobody's change.
#[must_use]
pub fn without_own(steps: &Value, wanted: &Value) -> Value {
    let mut process = json!({"Steps": steps});
    if let Some((step, action)) = step::place(&process, wanted) {
        process["Steps"][step]["Actions"][action] = Value::Null;
    }
    process["Steps"].take()
}

/// The variables of a set, in one order. What a secret holds nobody can compare.
#[must_use]
pub fn variables_of(set: &Value) -> Value {
    let shown = |variable: &Value| {
        let mut variable = said(&without(variable, &["Id"]));
        if variable["IsSensitive"] == true {
            variable["Value"] = Value::Null;
        }
        // Fields come in whatever order, and would sort the variables by it.
        variable.sort_all_objects();
        variable
    };
    let mut variables: Vec<Value> = rows(set, "Variables").map(shown).collect();
    variables.sort_by_cached_key(Value::to_string);
    variables.into()
}

/// Servers add this to whatever they save. Source: the provider for Terraform.
fn without_defaults(steps: &mut Value) {
    const TOOLING: &str = "OctopusUseBundledTooling";
    let steps = steps.as_array_mut().into_iter().flatten();
    let actions = steps.filter_map(|step| step["Actions"].as_array_mut());
    for action in actions.flatten() {
        let is_off = properties::text(&action["Properties"], TOOLING)
            .is_some_and(|it| it.eq_ignore_ascii_case("false"));
        if let Some(properties) = action["Properties"].as_object_mut().filter(|_| is_off) {
            properties.remove(TOOLING);
        }
    }
}
