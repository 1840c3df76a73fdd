//! From a path to what it asks for: users, and what is kept as documents. Octopus compares the words of a path without regard
//! to case.

use super::documents::Shape;
use super::routes::Address;
use crate::matcher::Route;

/// Reads what stands below `/api` or below a space.
pub(crate) fn read(method: &str, rest: &[&str], address: &mut Address) {
    let lower: Vec<String> = rest.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if method != "GET" {
        written(method, rest, &lower, address);
    } else if !people(rest, &lower, address)
        && !single(rest, &lower, address)
        && !on_branch(rest, &lower, address)
    {
        listed(rest, &lower, address);
    }
}

/// What is made, changed or removed. Whatever stands in the path before the resource is its owner.
fn written(method: &str, rest: &[&str], lower: &[&str], address: &mut Address) {
    let last = rest.last().copied().unwrap_or_default();
    let (route, owner, id) = match (method, lower) {
        ("POST", ["machinepolicies"]) => (Route::CreateMachinePolicy, None, ""),
        ("PUT", ["machinepolicies", _]) => (Route::PutMachinePolicy, None, last),
        ("PUT", ["environments", _]) => (Route::PutEnvironment, None, last),
        ("PUT", ["projects", _]) => (Route::PutProject, None, last),
        ("PUT", ["projects", _, "deploymentsettings"]) => {
            (Route::PutDeploymentSettings, Some(rest[1]), "")
        }
        ("POST", ["actiontemplates"]) => (Route::CreateActionTemplate, None, ""),
        ("PUT", ["actiontemplates", _]) => (Route::PutActionTemplate, None, last),
        ("POST", ["runbooks"]) => (Route::CreateRunbook, None, ""),
        ("POST", ["projects", _, "runbooks"]) => (Route::CreateRunbook, Some(rest[1]), ""),
        ("PUT", ["runbooks", _]) => (Route::PutRunbook, None, last),
        ("PUT", ["projects", _, "runbooks", _]) => (Route::PutRunbook, Some(rest[1]), last),
        ("PUT", ["runbookprocesses", _]) => (Route::PutRunbookProcess, None, last),
        ("PUT", ["projects", _, "runbookprocesses", _]) => {
            (Route::PutRunbookProcess, Some(rest[1]), last)
        }
        ("PUT", ["variables", _]) => (Route::PutVariableSet, None, last),
        ("PUT", ["projects", _, "variables"]) => (Route::PutProjectVariables, Some(rest[1]), ""),
        ("POST", ["runbooksnapshots"]) => (Route::CreateRunbookSnapshot, None, ""),
        ("POST", ["projects", _, "runbooksnapshots"]) => {
            (Route::CreateRunbookSnapshot, Some(rest[1]), "")
        }
        ("POST", ["runbooksnapshots", _, "snapshot-variables"]) => {
            (Route::UpdateSnapshotVariables, None, rest[1])
        }
        ("POST", ["projecttriggers"]) => (Route::CreateTrigger, None, ""),
        ("POST", ["projects", _, "triggers"]) => (Route::CreateTrigger, Some(rest[1]), ""),
        ("PUT", ["projecttriggers", _]) => (Route::PutTrigger, None, last),
        ("PUT", ["projects", _, "triggers", _]) => (Route::PutTrigger, Some(rest[1]), last),
        ("DELETE", ["projecttriggers", _]) => (Route::DeleteTrigger, None, last),
        ("DELETE", ["projects", _, "triggers", _]) => (Route::DeleteTrigger, Some(rest[1]), last),
        _ => return,
    };
    address.route = route;
    address.owner = owner.map(str::to_owned);
    address.id = id.to_owned();
}

fn people(rest: &[&str], lower: &[&str], address: &mut Address) -> bool {
    let (route, id, all) = match lower {
        ["users", _] => (Route::User, rest[1], false),
        ["users", _, "permissions"] => (Route::Permissions, rest[1], false),
        ["users", _, "apikeys"] => (Route::ApiKeys, rest[1], false),
        ["permissions", "all"] => (Route::AllPermissions, "", true),
        ["userroles"] => (Route::UserRoles, "", false),
        ["userroles", "all"] => (Route::UserRoles, "", true),
        ["teams"] => (Route::Teams, "", false),
        ["teams", "all"] => (Route::Teams, "", true),
        ["deploymentfreezes"] => (Route::DeploymentFreezes, "", false),
        _ => return false,
    };
    address.route = route;
    address.id = id.to_owned();
    address.all = all;
    true
}

/// What has no list, or stands below one thing.
fn single(rest: &[&str], lower: &[&str], address: &mut Address) -> bool {
    let (route, owner, id) = match lower {
        ["variables", _] => (Route::VariableSet, None, rest[1]),
        ["deploymentprocesses", _] => (Route::DeploymentProcess, None, rest[1]),
        ["runbookprocesses", _] | ["projects", _, "runbookprocesses", _] => {
            (Route::RunbookProcess, None, rest[rest.len() - 1])
        }
        ["projects", _, "deploymentprocesses"] => (Route::DeploymentProcess, Some(rest[1]), ""),
        ["projects", _, "deploymentsettings"] => (Route::DeploymentSettings, Some(rest[1]), ""),
        ["projects", _, "variables"] => (Route::ProjectVariables, Some(rest[1]), ""),
        ["actiontemplates", _, "versions", _] => {
            (Route::ActionTemplateVersion, Some(rest[1]), rest[3])
        }
        ["actiontemplates", _, "usage"] => (Route::ActionTemplateUsage, Some(rest[1]), ""),
        ["runbooks", _, "environments"] => (Route::RunbookEnvironments, Some(rest[1]), ""),
        [
            "runbooks" | "runbookprocesses",
            _,
            "runbooksnapshottemplate",
        ] => (Route::SnapshotTemplate, Some(rest[1]), ""),
        ["runbooksnapshots", _, "runbookruns", "template"] => {
            (Route::RunTemplate, Some(rest[1]), "")
        }
        _ => return false,
    };
    address.route = route;
    address.owner = owner.map(str::to_owned);
    address.id = id.to_owned();
    true
}

/// `projects/{id}/{gitRef}/...`
fn on_branch(rest: &[&str], lower: &[&str], address: &mut Address) -> bool {
    let (route, id) = match lower {
        ["projects", _, _, "deploymentsettings"] => (Route::DeploymentSettings, ""),
        ["projects", _, _, "deploymentprocesses"] => (Route::DeploymentProcess, ""),
        ["projects", _, _, "variables"] => (Route::ProjectVariables, ""),
        ["projects", _, _, "runbooks"] => (Route::Runbooks, ""),
        ["projects", _, _, "runbooks", _] => (Route::Runbook, rest[4]),
        ["projects", _, _, "runbookprocesses", _] => (Route::RunbookProcess, rest[4]),
        _ => return false,
    };
    address.route = route;
    address.owner = Some(rest[1].to_owned());
    address.branch = Some(rest[2].to_owned());
    address.id = id.to_owned();
    true
}

/// Lists of documents and one of them; also lists below a project, a runbook or a pool.
fn listed(rest: &[&str], lower: &[&str], address: &mut Address) {
    let found = match lower {
        [path] | [path, "all"] => Shape::at(path).map(|shape| (shape.list, None, "")),
        [path, _] => Shape::at(path).map(|shape| (shape.one, None, rest[1])),
        ["projects", _, "triggers", _] => Some((Route::Trigger, None, rest[3])),
        ["projects", _, "runbooks", _] => Some((Route::Runbook, None, rest[3])),
        ["projects", _, "runbooksnapshots", _] => Some((Route::RunbookSnapshot, None, rest[3])),
        ["projects", _, "triggers"] => Some((Route::Triggers, Some(rest[1]), "")),
        ["projects", _, "runbooks"] => Some((Route::Runbooks, Some(rest[1]), "")),
        ["projects" | "runbooks", _, "runbooksnapshots"] => {
            Some((Route::RunbookSnapshots, Some(rest[1]), ""))
        }
        ["workerpools", _, "workers"] => Some((Route::Workers, Some(rest[1]), "")),
        _ => None,
    };
    if let Some((route, owner, id)) = found {
        address.route = route;
        address.owner = owner.map(str::to_owned);
        address.id = id.to_owned();
        address.all = lower.len() == 2 && lower[1] == "all";
    }
}
