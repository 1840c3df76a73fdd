//! What a step's parameters are bound to, by the project's variables: pure, and only as much of Octopus's expressions as people
//! bind parameters with.

use crate::octopus::set_up::{Action, Variable};

/// Variables may refer to each other so often.
const DEPTH: usize = 8;

/// What overrides every mode of guided failure. Source: Octopus documentation, "Guided failures";
/// github.com/OctopusDeploy/Issues 9564.
const OVERRIDES: [&str; 2] = ["Octopus.UseGuidedFailure", "OctopusUseGuidedFailure"];

/// What a parameter is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: the default holds.
    Unset,
    /// This text.
    Value(String),
    /// A secret: nobody may read it.
    Secret,
    /// A variable that Octopus itself fills in when it runs, and that is not known here, or an expression that only Octopus reads.
    OnlyWhenRun(String),
    /// A variable that is not among those that can be seen for this place.
    Undefined(String),
}

/// Where a variable must hold.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    /// The id of the environment.
    pub environment: &'a str,
    /// Whose process it is: the id of the runbook; of the project, for its deployments.
    pub owner: &'a str,
}

/// What a text comes to there.
#[must_use]
pub fn resolved(text: &str, variables: &[Variable], at: Spot<'_>) -> Binding {
    evaluate(text, variables, at, DEPTH)
}

/// What the parameter of this action is bound to there.
#[must_use]
pub fn binding(action: &Action, parameter: &str, variables: &[Variable], at: Spot<'_>) -> Binding {
    if action.is_secret(parameter) {
        return Binding::Secret;
    }
    match action.property(parameter) {
        None => Binding::Unset,
        Some(text) => evaluate(text, variables, at, DEPTH),
    }
}

/// The variable of this name that holds there: the one of the narrowest scope.
#[must_use]
pub fn variable<'v>(name: &str, variables: &'v [Variable], at: Spot<'_>) -> Option<&'v Variable> {
    let named = variables
        .iter()
        .filter(|it| it.name.eq_ignore_ascii_case(name));
    let holding = named.filter(|it| holds(it, at));
    holding.max_by_key(|it| it.scope.values().filter(|ids| !ids.is_empty()).count())
}

/// Whether a variable holds there. A step on a worker has no role, no machine and no channel: what is scoped to these holds elsewhere.
#[must_use]
pub fn holds(variable: &Variable, at: Spot<'_>) -> bool {
    variable.scope.iter().all(|(kind, ids)| {
        let has = |id: &str| ids.iter().any(|it| it.eq_ignore_ascii_case(id));
        match kind.as_str() {
            _ if ids.is_empty() => true,
            "Environment" => has(at.environment),
            "ProcessOwner" => has(at.owner),
            _ => false,
        }
    })
}

/// The variable that holds there and overrides every mode of guided failure, and whether it switches it on; `None` where that is not
/// known. Which of both names wins is not documented: where they differ, nothing is known.
#[must_use]
pub fn guided_failure_override<'v>(
    variables: &'v [Variable],
    at: Spot<'_>,
) -> Option<(&'v Variable, Option<bool>)> {
    let held = OVERRIDES
        .iter()
        .filter_map(|it| variable(it, variables, at));
    let said = held.map(|it| (it, switch(it, variables, at)));
    said.reduce(|one, other| match (one.1, other.1) {
        (Some(_), None) => other,
        (Some(this), Some(that)) if this != that => (one.0, None),
        (_, _) => one,
    })
}

/// What a variable of yes and no says; `None` where that cannot be seen, or is neither.
fn switch(held: &Variable, variables: &[Variable], at: Spot<'_>) -> Option<bool> {
    if held.secret {
        return None;
    }
    match resolved(held.value.as_deref().unwrap_or_default(), variables, at) {
        Binding::Value(text) => text.trim().to_lowercase().parse().ok(),
        Binding::Unset | Binding::Secret | Binding::OnlyWhenRun(_) | Binding::Undefined(_) => None,
    }
}

/// The text with every `#{variable}` in it replaced.
fn evaluate(text: &str, variables: &[Variable], at: Spot<'_>, depth: usize) -> Binding {
    let Some((before, rest)) = text.split_once("#{") else {
        return Binding::Value(text.to_owned());
    };
    let Some((name, after)) = rest.split_once('}') else {
        return Binding::OnlyWhenRun(text.to_owned());
    };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ' | ':');
    let word = name.trim();
    if depth == 0 || word.is_empty() || !word.chars().all(is_name) {
        return Binding::OnlyWhenRun(text.to_owned());
    }
    let Some(found) = variable(word, variables, at) else {
        return match is_of_octopus(word) {
            true => Binding::OnlyWhenRun(text.to_owned()),
            false => Binding::Undefined(word.to_owned()),
        };
    };
    if found.secret {
        return Binding::Secret;
    }
    let value = found.value.as_deref().unwrap_or_default();
    match evaluate(value, variables, at, depth - 1) {
        Binding::Value(value) => {
            // What follows may hold more of them; what was put in is done.
            match evaluate(after, variables, at, depth - 1) {
                Binding::Value(after) => Binding::Value(format!("{before}{value}{after}")),
                other => other,
            }
        }
        other => other,
    }
}

/// Octopus's own variables, and the statements of its expressions.
fn is_of_octopus(word: &str) -> bool {
    let lower = word.to_lowercase();
    ["octopus.", "if ", "unless ", "each "]
        .iter()
        .any(|it| lower.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::{Binding, Spot, binding, guided_failure_override};
    use crate::octopus::set_up::{Action, Variable};
    use serde_json::{Map, json};

    const HERE: Spot<'_> = Spot {
        environment: "Environments-1",
        owner: "Runbooks-1",
    };

    fn text(name: &str, value: &str) -> Variable {
        Variable {
            name: name.into(),
            value: Some(value.into()),
            ..Variable::default()
        }
    }

    fn scoped(variable: Variable, kind: &str, id: &str) -> Variable {
        let scope = [(kind.to_owned(), vec![id.to_owned()])].into();
        Variable { scope, ..variable }
    }

    fn bound(value: serde_json::Value, variables: &[Variable]) -> Binding {
        let properties: Map<_, _> = [("P".to_owned(), value)].into_iter().collect();
        binding(&Action::new("step", properties), "P", variables, HERE)
    }

    #[test]
    fn a_parameter_is_what_its_variable_is_where_the_runbook_runs() {
        let variables = [
            text("Name", "everywhere"),
            scoped(text("Name", "here"), "Environment", "Environments-1"),
            scoped(text("Name", "there"), "Environment", "Environments-2"),
            scoped(text("Own", "mine"), "ProcessOwner", "Runbooks-1"),
            scoped(text("Role", "web"), "Role", "web"),
            text("Both", "#{Name}-#{Own}"),
            text("Loop", "#{Loop}"),
        ];
        let value = |text: &str| Binding::Value(text.into());
        for (text, is) in [
            ("plain", value("plain")),
            ("#{Name}", value("here")),
            ("#{name}/#{ Own }", value("here/mine")),
            ("#{Both}", value("here-mine")),
            ("#{Role}", Binding::Undefined("Role".into())),
            ("#{Nowhere}", Binding::Undefined("Nowhere".into())),
        ] {
            assert_eq!(bound(json!(text), &variables), is, "{text}");
        }
        for later in [
            "#{Octopus.Web.ServerUri}",
            "#{if Name}x#{/if}",
            "#{Name | ToUpper}",
            "#{open",
        ] {
            let is = Binding::OnlyWhenRun(later.into());
            assert_eq!(bound(json!(later), &variables), is, "{later}");
        }
        assert!(matches!(
            bound(json!("#{Loop}"), &variables),
            Binding::OnlyWhenRun(_)
        ));
    }

    #[test]
    fn what_nobody_may_read_is_a_secret_wherever_it_stands() {
        let secret = Variable {
            secret: true,
            ..text("Key", "")
        };
        assert_eq!(bound(json!("#{Key}"), &[secret]), Binding::Secret);
        let hidden = json!({"HasValue": true, "NewValue": null});
        assert_eq!(bound(hidden, &[]), Binding::Secret);
        assert_eq!(bound(json!("  "), &[]), Binding::Unset);
    }

    #[test]
    fn what_guided_failure_is_switched_by_must_be_seen_and_be_yes_or_no() {
        let [long, short] = ["Octopus.UseGuidedFailure", "OctopusUseGuidedFailure"];
        let secret = Variable {
            secret: true,
            ..text(long, "")
        };
        for (variables, on) in [
            (vec![text(long, "True")], Some(true)),
            (vec![text(short, " false ")], Some(false)),
            (vec![secret.clone()], None),
            (vec![text(long, "")], None),
            (vec![text(long, "yes")], None),
            (vec![text(long, "False"), text(short, "True")], None),
            (vec![text(long, "True"), text(short, "True")], Some(true)),
            (vec![secret, text(short, "False")], None),
        ] {
            let held = guided_failure_override(&variables, HERE).expect("one holds");
            assert_eq!(held.1, on, "{variables:?}");
        }
    }
}
