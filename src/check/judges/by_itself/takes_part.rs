//! Whether the runbook has the step, and whether it takes part in a run here: a step that is left out leaves the run green.

use crate::check::binding::{Binding, SCALE_SET, enabled_steps, own_step};
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::{Action, Process, RunCondition};

/// An action at which each run waits for a person.
const MANUAL: &str = "Octopus.Manual";

const CONDITIONS: &str =
    "Correct it: the runbook's Process > the step > Conditions; then publish the runbook";

pub(super) fn judge(process: &Process, set_up: &SetUp) -> Vec<Finding> {
    let id = Id::Step;
    let Some(action) = own_step(process) else {
        return vec![missing(process, set_up.runbook_name())];
    };
    let name = &action.name;
    if action.disabled {
        return vec![Finding::fail(
            id,
            name,
            "disabled: every run leaves it out",
            "Enable it: the runbook's Process > the step's menu; then publish the runbook",
        )];
    }
    let mut findings = others(process, action);
    findings.push(match left_out(action, set_up) {
        Some(why) => Finding::fail(
            id,
            name,
            format!("{why}: a run here leaves it out, and is green"),
            CONDITIONS,
        ),
        None => by_expression(action, set_up),
    });
    findings
}

/// An approval that a run here would wait for: the name of the step.
pub(super) fn approval<'p>(process: &'p Process, set_up: &SetUp) -> Option<&'p str> {
    let mut manual = process.actions.iter().filter(|it| {
        it.kind.eq_ignore_ascii_case(MANUAL) && !it.disabled && left_out(it, set_up).is_none()
    });
    manual.next().map(|it| it.name.as_str())
}

fn missing(process: &Process, runbook: &str) -> Finding {
    let mut actions = process.actions.iter();
    let librarys = actions.find(|it| it.property_names().any(|name| name == SCALE_SET));
    let found = match librarys {
        Some(it) => format!(
            "step {} is of the Library's template, which this program's replaces",
            it.name
        ),
        None => "no step of it runs octopus-scale-in".to_owned(),
    };
    let action = "Add the step template to the runbook's process (docs/set-up-by-hand.md#7-make-the-runbook); the Library's step keeps its bindings where it is swapped";
    Finding::fail(Id::Step, runbook, found, action)
}

fn others(process: &Process, judged: &Action) -> Vec<Finding> {
    let others = enabled_steps(process).filter(|it| it.name != judged.name);
    let others: Vec<&str> = others.map(|it| it.name.as_str()).collect();
    match others[..] {
        [] => Vec::new(),
        _ => vec![Finding::warn(
            Id::Step,
            others.join(", "),
            format!(
                "not looked at: only {} is, the first of several",
                judged.name
            ),
            "Give each step a runbook of its own, and check each; or compare them by hand",
        )],
    }
}

/// Why a run in the environment leaves an action out for sure.
fn left_out(action: &Action, set_up: &SetUp) -> Option<&'static str> {
    let here = set_up.environment_id()?;
    let limits = &action.limits;
    let has = |ids: &[String]| ids.iter().any(|id| id.eq_ignore_ascii_case(here));
    let of_others = !limits.environments.is_empty() && !has(&limits.environments);
    let of_tenants = !limits.tenant_tags.is_empty() && set_up.draft.tenant.is_none();
    let after_failure = limits.conditions.contains(&RunCondition::Failure);
    let reasons = [
        (of_others, "it is for other environments"),
        (has(&limits.excluded), "it is not for this environment"),
        (of_tenants, "it is for tenants"),
        (after_failure, "it runs only where a step before has failed"),
    ];
    let mut reasons = reasons.into_iter().filter(|(is, _)| *is);
    reasons.next().map(|(_, why)| why)
}

/// What its expressions come to.
fn by_expression(action: &Action, set_up: &SetUp) -> Finding {
    let (id, name) = (Id::Step, &action.name);
    let step = set_up.project.step.known();
    let expressions = step.map(|step| step.expressions.as_slice());
    for (text, comes_to) in expressions.unwrap_or_default() {
        match comes_to {
            Binding::Value(value) if is_true(value) => {}
            Binding::Value(_) => {
                let found = format!(
                    "it runs only where '{text}' is true, which it is not: a run here leaves it out, and is green"
                );
                return Finding::fail(id, name, found, CONDITIONS);
            }
            Binding::Unset | Binding::Secret | Binding::OnlyWhenRun(_) | Binding::Undefined(_) => {
                let found = format!("could not be seen: it runs only where {text} is true");
                return Finding::warn(id, name, found, CONDITIONS);
            }
        }
    }
    Finding::pass(id, name, "the runbook has it")
}

/// What Octopus takes for true (octopus.com/docs, "Variable filters", truthy and falsy values).
fn is_true(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty() && value != "0" && !value.eq_ignore_ascii_case("false")
}
