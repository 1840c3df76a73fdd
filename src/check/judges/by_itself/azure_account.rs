//! The Azure account that the step names.

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::seen::Seen;
use crate::check::set_up::{SetUp, StepSeen};
use crate::octopus::set_up::AzureAccount;

const ACCOUNT: &str = "VMSS.Azure.Account";

pub(super) fn judge(set_up: &SetUp, step: &StepSeen) -> Vec<Finding> {
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
