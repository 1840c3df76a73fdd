//! Who asks, and what they may do.

use super::{Octopus, errors};
use crate::http::{Answer, Call};
use crate::matcher::Route;

fn bearer(call: &Call) -> Option<&str> {
    call.header("authorization")?.strip_prefix("Bearer ")
}

/// Whose bucket a request draws on; without a name all share one, as all come from one address.
pub(crate) fn user(call: &Call) -> String {
    call.header("x-octopus-apikey")
        .or_else(|| bearer(call))
        .unwrap_or("anonymous")
        .to_owned()
}

pub(crate) fn check(octopus: &Octopus, call: &Call) -> Result<(), Answer> {
    if let Some(key) = call.header("x-octopus-apikey") {
        return if key == octopus.api_key {
            Ok(())
        } else {
            Err(errors::bad_key())
        };
    }
    match (bearer(call), octopus.access_token.as_deref()) {
        (Some(token), Some(accepted)) if token == accepted => Ok(()),
        _ => Err(errors::not_signed_in()),
    }
}

pub(crate) fn permit(octopus: &Octopus, route: Route) -> Result<(), Answer> {
    let mut needed = needed(route);
    if route == Route::ScopedVariables && octopus.flags_hidden_variables {
        needed = &["MachineView"];
    }
    let missing = needed
        .iter()
        .find(|permission| !octopus.permissions.contains(**permission));
    match missing {
        Some(permission) => Err(errors::missing_permission(permission)),
        None => Ok(()),
    }
}

fn needed(route: Route) -> &'static [&'static str] {
    match route {
        Route::Machines | Route::AllMachines | Route::Machine | Route::Connection => {
            &["MachineView"]
        }
        Route::PutMachine => &["MachineEdit"],
        Route::DeleteMachine => &["MachineDelete"],
        Route::MachineTasks => &["MachineView", "TaskView"],
        Route::ScopedVariables => &["MachineView", "VariableView", "LibraryVariableSetView"],
        Route::Environments | Route::Environment => &["EnvironmentView"],
        Route::Tasks | Route::Task | Route::TaskDetails | Route::TaskLog => &["TaskView"],
        Route::Deployment => &["DeploymentView"],
        Route::RunbookRun => &["RunbookRunView"],
        Route::CreateTask => &["TaskCreate"],
        Route::MachinePolicies | Route::MachinePolicy => &["MachinePolicyView"],
        Route::CancelTask => &["TaskCancel"],
        Route::Events => &["EventView"],
        Route::Interruptions | Route::Interruption | Route::InterruptionResponsible => {
            &["InterruptionView"]
        }
        Route::ClaimInterruption | Route::SubmitInterruption => &["InterruptionSubmit"],
        _ => &[],
    }
}
