//! From a path to what it asks for. Resource Manager compares paths without regard to case.

use crate::http::{Call, decode};
use crate::matcher::Route;

/// What a path names; parts that it has not are empty.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub route: Route,
    pub tenant: String,
    pub subscription: String,
    pub group: String,
    /// The scale set.
    pub set: String,
    /// The instance or the virtual machine.
    pub machine: String,
}

pub(crate) fn parse(call: &Call) -> Address {
    let segments: Vec<String> = call
        .path
        .trim_end_matches('/')
        .split('/')
        .skip(1)
        .map(decode)
        .collect();
    let lower: Vec<String> = segments
        .iter()
        .map(|segment| segment.to_ascii_lowercase())
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let mut address = Address {
        route: Route::Unknown,
        tenant: String::new(),
        subscription: String::new(),
        group: String::new(),
        set: String::new(),
        machine: String::new(),
    };
    let name = |at: usize| segments[at].clone();
    address.route = match (call.method.as_str(), lower.as_slice()) {
        // The two addresses over plain HTTP; Azure proper speaks HTTPS alone.
        ("GET", ["msi", "token"]) if call.origin.starts_with("http:") => Route::ManagedIdentity,
        ("GET", ["metadata", "identity", "oauth2", "token"])
            if call.origin.starts_with("http:") =>
        {
            Route::Metadata
        }
        _ if call.origin.starts_with("http:") => Route::Unknown,
        ("POST", [_, "oauth2", "v2.0", "token"]) => {
            address.tenant = name(0);
            Route::Token
        }
        ("GET", [_, "v2.0", ".well-known", "openid-configuration"]) => {
            address.tenant = name(0);
            Route::OpenIdConfiguration
        }
        ("GET", ["metadata", "endpoints"]) => Route::CloudEndpoints,
        ("GET", ["subscriptions"]) => Route::Subscriptions,
        (
            "GET",
            [
                "subscriptions",
                _,
                "providers",
                "microsoft.compute",
                "virtualmachinescalesets",
            ],
        ) => {
            address.subscription = name(1);
            Route::ScaleSets
        }
        (
            "GET",
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.compute",
                rest @ ..,
            ],
        ) => {
            address.subscription = name(1);
            address.group = name(3);
            let (route, set, machine) = in_group(rest);
            address.set = set.map(|at| name(6 + at)).unwrap_or_default();
            address.machine = machine.map(|at| name(6 + at)).unwrap_or_default();
            route
        }
        _ => Route::Unknown,
    };
    address
}

/// The route, and where the names of the scale set and of the machine stand.
fn in_group(rest: &[&str]) -> (Route, Option<usize>, Option<usize>) {
    match rest {
        ["virtualmachinescalesets"] => (Route::GroupScaleSets, None, None),
        ["virtualmachinescalesets", _] => (Route::ScaleSet, Some(1), None),
        ["virtualmachinescalesets", _, "virtualmachines"] => (Route::Instances, Some(1), None),
        ["virtualmachinescalesets", _, "virtualmachines", _] => {
            (Route::PointRead, Some(1), Some(3))
        }
        ["virtualmachines"] => (Route::GroupVms, None, None),
        ["virtualmachines", _] => (Route::GroupVm, None, Some(1)),
        _ => (Route::Unknown, None, None),
    }
}
