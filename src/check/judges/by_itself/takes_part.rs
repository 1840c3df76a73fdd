//! Whether the runbook has the step, and whether it takes part in a run here: a step that is left out leaves the run green.

use crate::check::about::differences;
use crate::check::binding::Binding;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::own_steps::{RunsAt, SCALE_SET, left_out, own_steps};
use crate::check::set_up::{SetUp, StepSeen};
use crate::octopus::set_up::{Action, Process};

/// An action at which each run waits for a person.
const MANUAL: &str = "Octopus.Manual";

const CONDITIONS: &str =
    "Correct it: the runbook's Process > the step > Conditions; then publish the runbook";

pub(super) fn judge(process: &Process, set_up: &SetUp) -> Vec<Finding> {
    let own = own_steps(process, runs_at(set_up));
    if own.is_empty() {
        return vec![missing(process, set_up.runbook_name())];
    }
    let mut findings: Vec<Finding> = own.into_iter().map(|it| of_action(it, set_up)).collect();
    findings.extend(not_looked_at(set_up));
    findings
}

fn of_action(action: &Action, set_up: &SetUp) -> Finding {
    let (id, name) = (Id::Step, &action.name);
    if action.disabled {
        return Finding::fail(
            id,
            name,
            "disabled: every run leaves it out",
            "Enable it: the runbook's Process > the step's menu; then publish the runbook",
        );
    }
    match left_out(action, runs_at(set_up)) {
        Some(why) => Finding::fail(
            id,
            name,
            format!("{why}: a run here leaves it out, and is green"),
            CONDITIONS,
        ),
        None => by_expression(action, set_up),
    }
}

fn runs_at(set_up: &SetUp) -> RunsAt<'_> {
    RunsAt {
        environment: set_up.environment_id(),
        tenanted: set_up.draft.tenant.is_some(),
    }
}

/// Steps for other scale sets are judged, and what they are about is not: that takes a check of its own.
fn not_looked_at(set_up: &SetUp) -> Vec<Finding> {
    let [first, others @ ..] = set_up.project.known_steps() else {
        return Vec::new();
    };
    let finding = |step: &StepSeen| {
        let differ = differences(&step.draft, &first.draft);
        let (_, own, asked) = differ.first()?;
        Some(Finding::warn(
            Id::Step,
            &step.action.name,
            format!(
                "it is about {own}, and what is said here of machines and targets about {asked}"
            ),
            "Check once more about these: add --scale-set NAME, --resource-group NAME and --role TAG of this step",
        ))
    };
    others.iter().filter_map(finding).collect()
}

/// An approval that a run here would wait for: the name of the step.
pub(super) fn approval<'p>(process: &'p Process, set_up: &SetUp) -> Option<&'p str> {
    let mut manual = process.actions.iter().filter(|it| {
        it.kind.eq_ignore_ascii_case(MANUAL)
            && !it.disabled
            && left_out(it, runs_at(set_up)).is_none()
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

/// What its expressions come to.
fn by_expression(action: &Action, set_up: &SetUp) -> Finding {
    let (id, name) = (Id::Step, &action.name);
    let mut steps = set_up.project.known_steps().iter();
    let step = steps.find(|step| step.action.name == *name);
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
