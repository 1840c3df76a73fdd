//! The Azure account that the step names.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::Extent;
use crate::check::seen::Seen;
use crate::check::set_up::{SetUp, StepSeen, signs_in_with_account};
use crate::octopus::set_up::{AzureAccount, Variable};

const ACCOUNT: &str = "VMSS.Azure.Account";
/// The types of those that sign in to Azure.
const KINDS: [&str; 2] = ["AzureServicePrincipal", "AzureOidc"];
/// Microsoft closed it in 2021.
const CLOSED: &str = "AzureGermanCloud";

const RESTRICTIONS: &str = "Deploy > Manage > Accounts > the account > Restrictions";
const COMPLETE_IT: &str = "Complete it: Deploy > Manage > Accounts > the account";
const NAME_IT: &str = "Give the parameter the name of a variable of the type Azure Account, such as Project.Azure.Account, without #{}";

pub(super) fn judge(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
    let Some(named) = step.action.property(ACCOUNT) else {
        return Vec::new();
    };
    let id = Id::AzureAccount;
    let is_other = |it: &&Variable| !it.holds_azure_account();
    if let Some(variable) = step.account_variable.as_ref().filter(is_other) {
        let found = format!(
            "its variable {} is of type {}",
            variable.name, variable.kind
        );
        return vec![Finding::fail(id, named, found, NAME_IT)];
    }
    match &step.account {
        Seen::NotAsked(_) if set_up.project.variables.known().is_some() => {
            let hidden = set_up.hidden_variables(id);
            match hidden.is_empty() {
                false => hidden,
                true => {
                    let found =
                        "no variable of that name holds an Azure account in this environment";
                    let none = Finding::fail(id, named, found, NAME_IT);
                    vec![set_up.unless_hidden(none, "VariableView", Extent::OfProject)]
                }
            }
        }
        Seen::Refused(error) if error.status() == Some(404) => {
            let action =
                "Choose another: the project's Variables > the variable; then publish the runbook";
            let gone = Finding::fail(id, named, "there is no such account", action);
            vec![set_up.unless_hidden(gone, "AccountView", Extent::Here)]
        }
        seen => seen.judged(id, named, "AccountView", |it| {
            vec![of_account(it, set_up, step)]
        }),
    }
}

/// A credential of the worker itself needs none.
pub(super) fn unnamed(step: &StepSeen) -> Option<Finding> {
    let is_needed =
        step.action.property(ACCOUNT).is_none() && signs_in_with_account(&step.bindings);
    is_needed.then(|| {
        let found = "empty, and the step signs in with the Azure account that it names";
        Finding::fail(Id::Parameters, ACCOUNT, found, NAME_IT)
    })
}

/// What is said of the scale sets here is said of another subscription than the step's.
pub(super) fn other_subscription(set_up: &SetUp, step: &StepSeen) -> Option<Finding> {
    step.action.property(ACCOUNT)?;
    let theirs = step.account.known()?.subscription.as_deref()?;
    let asked = set_up.draft.scale_sets.as_deref()?;
    let first = asked.first()?;
    let mut all = asked.iter();
    let differs = all.all(|it| !it.subscription.eq_ignore_ascii_case(theirs));
    differs.then(|| {
        Finding::warn(
            Id::Parameters,
            ACCOUNT,
            format!(
                "its account is of subscription {theirs}, and this check was about {}",
                first.subscription
            ),
            "Check with the subscription of the account, or correct the account",
        )
    })
}

fn of_account(account: &AzureAccount, set_up: &SetUp, step: &StepSeen) -> Finding {
    let (id, name) = (Id::AzureAccount, &account.name);
    if !KINDS
        .iter()
        .any(|it| it.eq_ignore_ascii_case(&account.kind))
    {
        let found = format!(
            "it is an account of type {}, which does not sign in to Azure",
            account.kind
        );
        return Finding::fail(id, name, found, NAME_IT);
    }
    if account.cloud.eq_ignore_ascii_case(CLOSED) {
        let found = format!("it is of {CLOSED}, which is closed");
        let action =
            "Correct the account's Azure Environment: Deploy > Manage > Accounts > the account";
        return Finding::fail(id, name, found, action);
    }
    let incomplete = incomplete(account, step);
    incomplete.unwrap_or_else(|| may_be_used(account, set_up, step))
}

/// What it does not hold, and a run takes from it.
fn incomplete(account: &AzureAccount, step: &StepSeen) -> Option<Finding> {
    let (id, name) = (Id::AzureAccount, &account.name);
    if !account.lacks.is_empty() && signs_in_with_account(&step.bindings) {
        let found = format!("it has no {}", account.lacks.join(" and no "));
        return Some(Finding::fail(id, name, found, COMPLETE_IT));
    }
    let found = "it names no subscription, which a scale set's name takes from it";
    match (
        &account.subscription,
        step.takes_the_accounts_subscription(),
    ) {
        (Some(_), _) | (None, Some(false)) => None,
        (None, Some(true)) => Some(Finding::fail(id, name, found, COMPLETE_IT)),
        (None, None) => Some(Finding::warn(id, name, found, COMPLETE_IT)),
    }
}

fn may_be_used(account: &AzureAccount, set_up: &SetUp, step: &StepSeen) -> Finding {
    let (id, name) = (Id::AzureAccount, &account.name);
    let here = set_up.environment_id().unwrap_or_default();
    let mut environments = account.environments.iter();
    let allowed =
        account.environments.is_empty() || environments.any(|it| it.eq_ignore_ascii_case(here));
    if !allowed {
        let action = format!("Add the environment to it: {RESTRICTIONS}");
        return Finding::fail(id, name, "it may not be used in this environment", action);
    }
    if !account.untenanted && set_up.draft.tenant.is_none() {
        let action = format!("Allow it without one: {RESTRICTIONS}");
        return Finding::fail(id, name, "it may only be used for a tenant", action);
    }
    let named = step.action.property(ACCOUNT).unwrap_or_default();
    if step.account_variable.is_none() {
        let found = format!("it is named by its id, {named}, where a step takes a variable's name");
        return Finding::warn(id, name, found, NAME_IT);
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
