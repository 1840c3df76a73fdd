//! What the step is bound to: its parameters, and the Azure account.

use crate::check::binding::Binding;
use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::Seen;
use crate::check::set_up::{SetUp, StepSeen};
use crate::error::Problem;
use crate::octopus::set_up::AzureAccount;

const ACCOUNT: &str = "VMSS.Azure.Account";
const KEY: &str = "VMSS.Octopus.ApiKey";
const URL: &str = "VMSS.Octopus.Url";

const BIND: &str = "Correct it in the runbook's Process > the step, or in the project's Variables; then publish the runbook";

pub(super) fn judge(set_up: &SetUp) -> Vec<Finding> {
    let Some(step) = set_up
        .project
        .step
        .known()
        .filter(|step| !step.action.disabled)
    else {
        return Vec::new();
    };
    let mut findings =
        set_up
            .project
            .variables
            .judged(Id::Parameters, &step.action.name, "VariableView", |_| {
                parameters(set_up, step)
            });
    findings.extend(account(set_up, step));
    findings
}

fn parameters(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let mut findings = undefined(set_up, step);
    findings.extend(problems(step));
    findings.extend(key_in_clear(step));
    findings.extend(others(set_up, step));
    if findings.is_empty() {
        findings.push(all_bound(step));
    }
    findings
}

fn all_bound(step: &StepSeen) -> Finding {
    let unseen = step
        .bindings
        .iter()
        .filter(|(_, it)| *it == Binding::Secret);
    let unseen: Vec<&str> = unseen.map(|(name, _)| *name).collect();
    let found = match unseen[..] {
        [] => "all can be understood".to_owned(),
        _ => format!(
            "all can be understood; what {} holds cannot be seen",
            unseen.join(", ")
        ),
    };
    Finding::pass(Id::Parameters, &step.action.name, found)
}

/// A variable that cannot be seen may be hidden, or be of a library variable set.
fn undefined(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let project = set_up.project.project.known();
    let from_library = project.is_some_and(|it| it.has_library_sets);
    let may_be_there = from_library || !set_up.sees_all_variables();
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
            true => Finding::warn(
                Id::Parameters,
                *parameter,
                format!("{found}, as far as can be seen"),
                BIND,
            ),
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
        .filter(|(_, it)| is_open(it))
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
fn is_open(binding: &Binding) -> bool {
    match binding {
        Binding::Undefined(_) | Binding::OnlyWhenRun(_) => true,
        Binding::Unset | Binding::Value(_) | Binding::Secret => false,
    }
}

/// A key that stands in the step itself, or in a variable that is no secret, is everybody's.
fn key_in_clear(step: &StepSeen) -> Option<Finding> {
    let (_, binding) = step.bindings.iter().find(|(name, _)| *name == KEY)?;
    matches!(binding, Binding::Value(_)).then(|| {
        Finding::fail(
            Id::Parameters,
            KEY,
            "a key that everybody can read who may see the project",
            "Replace the key, store the new one in a sensitive variable, and bind the parameter to it",
        )
    })
}

/// What was asked about by hand is what the step is about.
fn others(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let by_hand = &set_up.draft;
    let names = |it: &crate::settings::Draft| {
        let ids = it.scale_sets.as_deref().unwrap_or_default().iter();
        let mut names: Vec<String> = ids.map(|id| id.to_string().to_lowercase()).collect();
        names.sort();
        names
    };
    let tags = |it: &crate::settings::Draft| {
        let tags = it.roles.as_deref().unwrap_or_default().iter();
        let mut tags: Vec<String> = tags.map(|tag| tag.to_lowercase()).collect();
        tags.sort();
        tags
    };
    let pairs = [
        ("VMSS.ScaleSet.Name", names(by_hand), names(&step.draft)),
        (
            "VMSS.DeploymentTarget.Roles",
            tags(by_hand),
            tags(&step.draft),
        ),
    ];
    let differ = pairs
        .into_iter()
        .filter(|(_, asked, bound)| !asked.is_empty() && !bound.is_empty() && asked != bound);
    let finding = |(parameter, asked, bound): (&str, Vec<String>, Vec<String>)| {
        Finding::fail(
            Id::Parameters,
            parameter,
            format!(
                "the step is about {}, and this check about {}",
                bound.join(", "),
                asked.join(", ")
            ),
            BIND,
        )
    };
    differ.map(finding).collect()
}

fn account(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let subject = step.action.property(ACCOUNT).unwrap_or(ACCOUNT);
    match (&set_up.project.account, step.action.property(ACCOUNT)) {
        // A credential of the worker itself needs none.
        (_, None) => Vec::new(),
        (Seen::NotAsked(_), Some(named)) if set_up.project.variables.known().is_some() => {
            vec![Finding::fail(
                Id::AzureAccount,
                named,
                "no variable of that name holds an Azure account in this environment",
                "Give the parameter the name of a variable of the type Azure Account, such as Project.Azure.Account, without #{}",
            )]
        }
        (seen, Some(_)) => seen.judged(Id::AzureAccount, subject, "AccountView", |it| {
            vec![may_be_used(it, set_up, subject)]
        }),
    }
}

fn may_be_used(account: &AzureAccount, set_up: &SetUp, named: &str) -> Finding {
    let (id, name) = (Id::AzureAccount, &account.name);
    let here = set_up.environment_id().unwrap_or_default();
    let allowed = account.environments.is_empty()
        || account
            .environments
            .iter()
            .any(|it| it.eq_ignore_ascii_case(here));
    let settings = "Deploy > Manage > Accounts > the account > Restrictions";
    if !allowed {
        return Finding::fail(
            id,
            name,
            "it may not be used in this environment",
            format!("Add the environment to it: {settings}"),
        );
    }
    if !account.untenanted && set_up.draft.tenant.is_none() {
        return Finding::fail(
            id,
            name,
            "it may only be used for a tenant",
            format!("Allow it without one: {settings}"),
        );
    }
    if named.contains("#{") {
        return Finding::warn(
            id,
            name,
            format!(
                "it is named by the expression {named}, which not every version of Octopus reads"
            ),
            "Give the parameter the variable's name alone, without #{}",
        );
    }
    Finding::pass(id, name, "it may be used here")
}
