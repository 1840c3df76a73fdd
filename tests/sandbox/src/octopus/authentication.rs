//! Who asks, and what a route needs at the least. What lies beyond the restrictions of a permission is for the route itself.

use super::documents::Shape;
use super::people::{ApiKey, Caller, SERVICE_ACCOUNT, User};
use super::routes::Address;
use super::{Octopus, errors};
use crate::http::{Answer, Call};
use crate::matcher::Route;

fn bearer(call: &Call) -> Option<&str> {
    call.header("authorization")?.strip_prefix("Bearer ")
}

/// Whose bucket a request draws on: a user has one for all keys. Without a name all share one, as all come from one address.
pub(crate) fn user(octopus: &Octopus, call: &Call) -> String {
    match check(octopus, call) {
        Ok(caller) => caller.user,
        Err(_) => {
            let name = call.header("x-octopus-apikey").or_else(|| bearer(call));
            name.unwrap_or("anonymous").to_owned()
        }
    }
}

/// The user of the key or the token, which has to work.
pub(crate) fn check(octopus: &Octopus, call: &Call) -> Result<Caller, Answer> {
    if let Some(clear) = call.header("x-octopus-apikey") {
        let mut users = octopus.users.values().filter(|user| user.is_active);
        let found = users.find_map(|user| Some((user, valid_key(octopus, user, clear)?)));
        let (user, key) = found.ok_or_else(errors::bad_key)?;
        return Ok(Caller {
            user: user.id.clone(),
            read_only: key.access_level == "ReadOnly",
            only: key.only.clone(),
        });
    }
    let token = bearer(call).ok_or_else(errors::not_signed_in)?;
    let mut users = octopus.users.values().filter(|user| user.is_active);
    let found = users.find(|user| {
        let own = user.access_token.as_deref() == Some(token);
        let shared = octopus.access_token.as_deref() == Some(token);
        own || (shared && user.id == SERVICE_ACCOUNT)
    });
    let user = found.ok_or_else(errors::not_signed_in)?;
    Ok(Caller {
        user: user.id.clone(),
        read_only: false,
        only: None,
    })
}

/// An expired key is as good as a wrong one.
fn valid_key<'a>(octopus: &Octopus, user: &'a User, clear: &str) -> Option<&'a ApiKey> {
    let now = octopus.now();
    let mut keys = user.keys.iter();
    keys.find(|key| key.clear(octopus) == clear && key.expires.is_none_or(|expires| now < expires))
}

/// Refuses a caller who has one of the permissions nowhere in the space, and a key that may only read.
pub(crate) fn permit(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<(), Answer> {
    if caller.read_only && call.method != "GET" {
        return Err(errors::read_only_key());
    }
    let route = address.route;
    let mut needed = needed(route);
    if route == Route::ScopedVariables && octopus.flags_hidden_variables {
        needed = &["MachineView"];
    }
    if !octopus.readings.lists_refuse && is_listing(route) {
        return Ok(());
    }
    for permission in needed {
        caller.need(octopus, permission, address.space())?;
    }
    match Shape::of(route) {
        Some(shape) => caller.need(octopus, shape.view, address.space()),
        None => Ok(()),
    }
}

fn needed(route: Route) -> &'static [&'static str] {
    match route {
        Route::Machines
        | Route::AllMachines
        | Route::Machine
        | Route::Connection
        | Route::PolicyMachines
        | Route::EnvironmentMachines => &["MachineView"],
        Route::PutMachine => &["MachineEdit"],
        Route::DeleteMachine => &["MachineDelete"],
        Route::MachineTasks => &["MachineView", "TaskView"],
        Route::ScopedVariables => &["MachineView", "VariableView", "LibraryVariableSetView"],
        Route::Environments | Route::Environment => &["EnvironmentView"],
        Route::Tasks | Route::Task | Route::TaskDetails | Route::TaskLog => &["TaskView"],
        Route::Deployment | Route::Deployments => &["DeploymentView"],
        Route::RunbookRun | Route::RunbookRuns => &["RunbookRunView"],
        Route::CreateTask => &["TaskCreate"],
        Route::MachinePolicies | Route::MachinePolicy | Route::MachinePolicyTemplate => {
            &["MachinePolicyView"]
        }
        Route::PolicyWorkers => &["WorkerView"],
        Route::CancelTask => &["TaskCancel"],
        Route::Events => &["EventView"],
        Route::Interruptions | Route::Interruption | Route::InterruptionResponsible => {
            &["InterruptionView"]
        }
        Route::ClaimInterruption | Route::SubmitInterruption => &["InterruptionSubmit"],
        Route::UserRoles => &["UserRoleView"],
        Route::Teams => &["TeamView"],
        Route::ActionTemplateVersion | Route::ActionTemplateUsage => &["ActionTemplateView"],
        Route::Tenants | Route::Tenant => &["TenantView"],
        _ => needed_to_set_up(route),
    }
}

/// Where a permission differs by what is asked for, the route itself sees to it.
fn needed_to_set_up(route: Route) -> &'static [&'static str] {
    match route {
        Route::CreateMachinePolicy => &["MachinePolicyCreate"],
        Route::PutMachinePolicy => &["MachinePolicyEdit"],
        Route::PutEnvironment => &["EnvironmentEdit"],
        Route::PutProject => &["ProjectEdit"],
        Route::CreateActionTemplate => &["ActionTemplateCreate"],
        Route::PutActionTemplate => &["ActionTemplateEdit"],
        Route::CreateRunbook | Route::PutRunbook | Route::PutRunbookProcess => &["RunbookEdit"],
        Route::CreateTrigger => &["TriggerCreate"],
        Route::PutTrigger => &["TriggerEdit"],
        Route::DeleteTrigger => &["TriggerDelete"],
        _ => &[],
    }
}

/// Whether the route leaves out by itself what the caller may not see.
fn is_listing(route: Route) -> bool {
    let others = [
        Route::Machines,
        Route::AllMachines,
        Route::Environments,
        Route::Tasks,
        Route::Deployments,
        Route::RunbookRuns,
        Route::Events,
        Route::Interruptions,
    ];
    others.contains(&route) || Shape::of(route).is_some_and(|shape| shape.list == route)
}
