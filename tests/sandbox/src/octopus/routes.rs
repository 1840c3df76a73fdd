//! From a path to what it asks for.

use super::{Octopus, setup_routes};
use crate::http::{Call, decode};
use crate::matcher::Route;
use crate::world::SPACE;

/// What a path names.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub route: Route,
    /// The space in the path; `None` in the forms without one.
    pub space: Option<String>,
    /// The id of the resource; empty where the path has none.
    pub id: String,
    /// The id of what the resource belongs to, where the path names that before it.
    pub owner: Option<String>,
    /// The branch in the path, for what is in Git.
    pub branch: Option<String>,
    /// Whether the path ends in `/all`: an array without an envelope.
    pub all: bool,
    /// Whether the path ends in `/v1`, the form that newer servers wrap.
    pub versioned: bool,
}

impl Address {
    /// The space that the request is about; the forms without one mean the default space.
    pub fn space(&self) -> &str {
        self.space.as_deref().unwrap_or(SPACE)
    }
}

pub(crate) fn parse(octopus: &Octopus, call: &Call) -> Address {
    let mut address = Address {
        route: Route::Unknown,
        space: None,
        id: String::new(),
        owner: None,
        branch: None,
        all: false,
        versioned: false,
    };
    let below = call.path.strip_prefix(octopus.virtual_directory.as_str());
    let Some(path) = below.filter(|path| path.starts_with('/')) else {
        return address;
    };
    let segments: Vec<String> = path
        .trim_end_matches('/')
        .split('/')
        .skip(1)
        .map(decode)
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((&"api", rest)) = segments.split_first() else {
        return address;
    };
    let rest = take_space(rest, &mut address);
    read_rest(call.method.as_str(), rest, &mut address);
    address
}

/// `/api/Spaces-1/machines` and `/api/spaces/Spaces-1/machines` mean the same.
fn take_space<'a>(rest: &'a [&'a str], address: &mut Address) -> &'a [&'a str] {
    match rest {
        [space, rest @ ..] if space.to_ascii_lowercase().starts_with("spaces-") => {
            address.space = Some((*space).to_owned());
            rest
        }
        ["spaces", space, rest @ ..] if !rest.is_empty() => {
            address.space = Some((*space).to_owned());
            rest
        }
        _ => rest,
    }
}

fn read_rest(method: &str, rest: &[&str], address: &mut Address) {
    let mut found = |route, id: &str| {
        address.route = route;
        address.id = id.to_owned();
    };
    match (method, rest) {
        ("GET", []) => found(Route::Root, ""),
        ("GET", ["users", "me"]) => found(Route::Me, ""),
        ("GET", ["spaces"]) => found(Route::Spaces, ""),
        ("GET", ["spaces", "all"]) => {
            found(Route::Spaces, "");
            address.all = true;
        }
        ("GET", ["spaces", id]) => found(Route::Space, id),
        ("GET", ["environments"]) => found(Route::Environments, ""),
        ("GET", ["environments", "all"]) => {
            found(Route::Environments, "");
            address.all = true;
        }
        ("GET", ["environments", id]) => found(Route::Environment, id),
        ("GET", ["environments", id, "machines"]) => found(Route::EnvironmentMachines, id),
        ("GET", ["tenants"]) => found(Route::Tenants, ""),
        ("GET", ["tenants", id]) => found(Route::Tenant, id),
        ("GET", ["machines"]) => found(Route::Machines, ""),
        ("GET", ["machines", "all"]) => found(Route::AllMachines, ""),
        ("GET", ["machines", id]) => found(Route::Machine, id),
        ("PUT", ["machines", id]) => found(Route::PutMachine, id),
        ("DELETE", ["machines", id]) => found(Route::DeleteMachine, id),
        ("GET", ["machines", id, "tasks"]) => found(Route::MachineTasks, id),
        ("GET", ["machines", id, "tasks", "v1"]) => {
            found(Route::MachineTasks, id);
            address.versioned = true;
        }
        ("GET", ["machines", id, "connection"]) => found(Route::Connection, id),
        ("GET", ["machines", id, "singlyScopedVariableDetails"]) => {
            found(Route::ScopedVariables, id)
        }
        ("GET", ["machinepolicies"]) => found(Route::MachinePolicies, ""),
        ("GET", ["machinepolicies", "all"]) => {
            found(Route::MachinePolicies, "");
            address.all = true;
        }
        ("GET", ["machinepolicies", "template"]) => found(Route::MachinePolicyTemplate, ""),
        ("GET", ["machinepolicies", id]) => found(Route::MachinePolicy, id),
        ("GET", ["machinepolicies", id, "machines"]) => found(Route::PolicyMachines, id),
        ("GET", ["machinepolicies", id, "workers"]) => found(Route::PolicyWorkers, id),
        _ => read_activity(method, rest, address),
    }
}

fn read_activity(method: &str, rest: &[&str], address: &mut Address) {
    let (route, id) = match (method, rest) {
        ("GET", ["tasks"]) => (Route::Tasks, ""),
        ("POST", ["tasks"]) => (Route::CreateTask, ""),
        ("GET", ["tasks", id]) => (Route::Task, *id),
        ("GET", ["tasks", id, "details"]) => (Route::TaskDetails, *id),
        ("GET", ["tasks", id, "raw"]) => (Route::TaskLog, *id),
        ("POST", ["tasks", id, "cancel"]) => (Route::CancelTask, *id),
        ("GET", ["deployments"]) => (Route::Deployments, ""),
        ("GET", ["runbookRuns" | "runbookruns"]) => (Route::RunbookRuns, ""),
        ("GET", ["deployments", id]) => (Route::Deployment, *id),
        ("GET", ["runbookRuns" | "runbookruns", id]) => (Route::RunbookRun, *id),
        ("GET", ["events"]) => (Route::Events, ""),
        ("GET", ["interruptions"]) => (Route::Interruptions, ""),
        ("GET", ["interruptions", id]) => (Route::Interruption, *id),
        ("GET", ["interruptions", id, "responsible"]) => (Route::InterruptionResponsible, *id),
        ("PUT", ["interruptions", id, "responsible"]) => (Route::ClaimInterruption, *id),
        ("POST", ["interruptions", id, "submit"]) => (Route::SubmitInterruption, *id),
        _ => return setup_routes::read(method, rest, address),
    };
    address.route = route;
    address.id = id.to_owned();
}
