//! What the step's parameters are bound to.

use super::azure_account;
use crate::check::about::differences;
use crate::check::binding::Binding;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::Seen;
use crate::check::set_up::{SetUp, StepSeen, UnseenParameter};
use crate::error::Problem;
use crate::octopus::BaseUrl;
use crate::octopus::set_up::Greeting;

const KEY: &str = "VMSS.Octopus.ApiKey";
const URL: &str = "VMSS.Octopus.Url";

const BIND: &str = "Correct it in the runbook's Process > the step, or in the project's Variables; then publish the runbook";

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let first = set_up.project.step();
    let is_first = |step: &StepSeen| first.is_some_and(|it| std::ptr::eq(it, step));
    let steps = set_up.project.enabled_steps();
    steps
        .flat_map(|step| of_step(set_up, step, is_first(step)))
        .collect()
}

fn of_step(set_up: &SetUp, step: &StepSeen, is_first: bool) -> Vec<Finding> {
    let (id, name) = (Id::Parameters, &step.action.name);
    let variables = &set_up.project.variables;
    let mut findings = variables.judged(id, name, "VariableView", |_| {
        parameters(set_up, step, is_first)
    });
    findings.extend(azure_account::judge(set_up, step));
    if !is_first {
        for finding in findings.iter_mut().filter(|it| it.subject != *name) {
            finding.subject = format!("{} of {name}", finding.subject);
        }
    }
    findings
}

/// That a step is about what was asked is said of the first alone: of others, that they are not.
fn parameters(set_up: &SetUp, step: &StepSeen, is_first: bool) -> Vec<Finding> {
    let mut findings = undefined(set_up, step);
    findings.extend(unresolved(step));
    findings.extend(problems(step));
    findings.extend(key(set_up, step));
    findings.extend(address(set_up, step));
    findings.extend(azure_account::unnamed(step));
    if is_first {
        findings.extend(azure_account::other_subscription(set_up, step));
        findings.extend(others(set_up, step));
    }
    if findings.is_empty() {
        findings.push(all_bound(step));
    }
    findings
}

fn all_bound(step: &StepSeen) -> Finding {
    let has_key = step.bindings.iter().any(|(name, _)| *name == KEY);
    let found = match has_key {
        true => format!("all can be understood; what {KEY} holds cannot be seen"),
        false => "all can be understood".to_owned(),
    };
    Finding::pass(Id::Parameters, &step.action.name, found)
}

/// What only a run knows. The key must be a secret, and the address may be Octopus's own.
fn unresolved(step: &StepSeen) -> Vec<Finding> {
    let is_fine = |name: &str, bound: &Binding| match bound {
        Binding::Secret => name == KEY,
        Binding::OnlyWhenRun(text) => name == URL && text.starts_with("#{Octopus.Web."),
        Binding::Unset | Binding::Value(_) | Binding::Undefined(_) => true,
    };
    let unseen = step
        .bindings
        .iter()
        .filter(|(name, bound)| !is_fine(name, bound))
        .filter_map(|(name, _)| step.first_unseen(&[name]));
    unseen.map(UnseenParameter::of_parameters).collect()
}

/// A variable that cannot be seen may be hidden, or be of a library variable set that could not be read.
fn undefined(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let may_be_there = !set_up.sees_all_variables();
    let all_but_those = set_up.project.unread_libraries.is_empty() && set_up.sees_usual_variables();
    let hedge = match may_be_there && all_but_those {
        true => {
            ", as far as can be seen: one that is scoped to other environments, too, would be hidden from your key"
        }
        false => ", as far as can be seen",
    };
    let named = step
        .bindings
        .iter()
        .filter_map(|(parameter, binding)| match binding {
            Binding::Undefined(name) => Some((parameter, name)),
            Binding::Unset | Binding::Value(_) | Binding::Secret | Binding::OnlyWhenRun(_) => None,
        });
    let finding = |(parameter, name): (&&'static str, &String)| {
        // The address has others that serve, with a warning.
        let found = format!(
            "bound to {name}, which no variable of the project is called in this environment"
        );
        match may_be_there || *parameter == URL {
            true => Finding::warn(Id::Parameters, *parameter, format!("{found}{hedge}"), BIND),
            false => Finding::fail(Id::Parameters, *parameter, found, BIND),
        }
    };
    named.map(finding).collect()
}

/// What the program itself would refuse, but for what stands in the place of what nobody may read.
fn problems(step: &StepSeen) -> Vec<Finding> {
    let known: Vec<&str> = step
        .bindings
        .iter()
        .filter(|(name, it)| is_open(name, it))
        .map(|(it, _)| *it)
        .collect();
    let problems = step.draft.problems.iter().chain(&step.draft.missing);
    let counts = |it: &&Problem| {
        let name = it.parameter.as_str();
        !name.starts_with("AZURE_") && !known.contains(&name)
    };
    let finding = |it: &Problem| Finding::fail(Id::Parameters, &it.parameter, &it.what, BIND);
    problems.filter(counts).map(finding).collect()
}

/// Said already, or only Octopus knows.
fn is_open(name: &str, binding: &Binding) -> bool {
    match binding {
        Binding::Undefined(_) | Binding::OnlyWhenRun(_) => true,
        Binding::Secret => name != KEY,
        Binding::Unset | Binding::Value(_) => false,
    }
}

/// A key that stands in the step itself, or in a variable that is no secret, is everybody's. A name without `#{}` is no key.
fn key(set_up: &SetUp, step: &StepSeen) -> Option<Finding> {
    let (_, binding) = step.bindings.iter().find(|(name, _)| *name == KEY)?;
    let Binding::Value(text) = binding else {
        return None;
    };
    // That it is empty was said.
    if text.trim().is_empty() {
        return None;
    }
    let variables = set_up.project.variables.known()?;
    if variables
        .iter()
        .any(|it| it.name.eq_ignore_ascii_case(text))
    {
        let found = "the name of a variable, and not what the variable holds";
        let action = "Write the name between #{ and }: the runbook's Process > the step; then publish the runbook";
        return Some(Finding::fail(Id::Parameters, KEY, found, action));
    }
    Some(Finding::fail(
        Id::Parameters,
        KEY,
        "a key that everybody can read who may see the project",
        "Replace the key, store the new one in a sensitive variable, and bind the parameter to it",
    ))
}

/// The address is that of the server which was asked; one server may have several.
fn address(set_up: &SetUp, step: &StepSeen) -> Option<Finding> {
    const CORRECT: &str =
        "Set it to #{Octopus.Web.ServerUri}, or check with its address; then publish the runbook";
    let id = Id::Parameters;
    let (_, binding) = step.bindings.iter().find(|(name, _)| *name == URL)?;
    let Binding::Value(text) = binding else {
        return None;
    };
    if text.trim().is_empty() {
        let found = "bound to what is empty: a run takes Octopus.Web.ServerUri, with a warning";
        return Some(Finding::warn(id, URL, found, CORRECT));
    }
    if let Err(why) = BaseUrl::parse(text) {
        let found = format!("'{text}' is no address: {why}");
        return Some(Finding::fail(id, URL, found, CORRECT));
    }
    let theirs = step.elsewhere.as_ref()?;
    let installation = |seen: &Seen<Greeting>| seen.known().and_then(|it| it.installation.clone());
    let differ = format!("{text}, and this check asked {}", set_up.address);
    match (installation(theirs), installation(&set_up.octopus)) {
        (Some(theirs), Some(asked)) if theirs.eq_ignore_ascii_case(&asked) => None,
        (Some(_), Some(_)) => {
            let found = format!("{differ}, which is another server");
            Some(Finding::fail(id, URL, found, CORRECT))
        }
        (theirs, _) => {
            let why = match theirs {
                Some(_) => "the server does not say which installation it is",
                None => {
                    "nobody says there which installation it is, as far as this machine reaches"
                }
            };
            let found =
                format!("{differ}: cannot be told whether they are one server, since {why}");
            Some(Finding::warn(id, URL, found, CORRECT))
        }
    }
}

/// What was asked about by hand is what the step is about.
fn others(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let differ = differences(&set_up.draft, &step.draft).into_iter();
    let finding = |(parameter, asked, bound): (&str, String, String)| {
        let found = format!("the step is about {bound}, and this check about {asked}");
        Finding::fail(Id::Parameters, parameter, found, BIND)
    };
    differ.map(finding).collect()
}
