//! What goes wrong among the removals, and with the run as a whole.

use crate::support::messages::{Case, Scene, case};
use crate::support::{Run, scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, When};

fn three_gone() -> Sandbox {
    scaled_in(5, &["web000001", "web000002", "web000003"])
}

/// Deleting is answered so.
fn deleting(what: &str, fault: fn() -> Fault) -> Case {
    case(format!("deleting: {what}"), move || {
        let sandbox = three_gone();
        sandbox.fault(Route::DeleteMachine, When::Always, fault());
        Scene::of(sandbox)
    })
}

/// A run that disables, and asks no machine before.
fn disabling(sandbox: Sandbox) -> Scene {
    Scene::of(sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .set("VMSS_HEALTHY_HANDLE", "Remove")
}

/// A scale set that is at work and does not come to its end.
fn updating(sandbox: Sandbox) -> Sandbox {
    sandbox.world(|world| {
        let set = world.scale_set("web");
        drop(set.edit(|set| set.state = "Updating".into()));
    });
    sandbox
}

pub fn cases() -> Vec<Case> {
    let mut cases = removals();
    cases.extend(of_the_run());
    cases
}

fn removals() -> Vec<Case> {
    vec![
        case("MachineDelete is missing, for each target", || {
            let sandbox = three_gone();
            sandbox.world(|world| world.octopus.forbid("MachineDelete"));
            Scene::of(sandbox)
        }),
        case("MachineEdit is missing, for a single target", || {
            let sandbox = scaled_in(3, &["web000001"]);
            sandbox.world(|world| world.octopus.forbid("MachineEdit"));
            disabling(sandbox)
        }),
        case("disabling: a registration of another form", || {
            let sandbox = scaled_in(3, &["web000001"]);
            let strange = Fault::edit(|it| it["Roles"] = 5.into());
            sandbox.fault(Route::Machine, When::Always, strange);
            disabling(sandbox)
        }),
        deleting("500", || Fault::octopus_error(500, "Deadlocked.")),
        deleting("a page of a proxy", || Fault::html(404, "Not Found")),
        deleting("a broken connection", Fault::reset),
    ]
}

fn of_the_run() -> Vec<Case> {
    vec![
        case(
            "the scale set does not settle, and that is an error",
            || {
                let sandbox = updating(scaled_in(3, &["web000001"]));
                Scene::of(sandbox).set("VMSS_TIMEOUT_ERRORHANDLE", "Error")
            },
        ),
        case("the scale set does not settle, and the run goes on", || {
            Scene::of(updating(settled(3)))
        }),
        case("machines do not register", || {
            let sandbox = settled(2);
            sandbox.world(|world| drop(world.scale_set("web").scale_out(1)));
            let run =
                Run::in_deployment(&sandbox).set("VMSS_REGISTRATION_TIMEOUTINMINUTES", "0.02");
            Scene::with(sandbox, run)
        }),
        case("fewer instances are listed than the capacity", || {
            let sandbox = settled(4);
            sandbox.world(|world| drop(world.scale_set("web").evict("web000003")));
            Scene::of(sandbox)
        }),
        case("the run's own task cannot be read", || {
            let sandbox = scaled_in(3, &["web000001"]);
            sandbox.fault(
                Route::Task,
                When::Always,
                Fault::octopus_error(403, "You do not have permission to perform this action."),
            );
            Scene::of(sandbox)
        }),
        case("plain `http` for Octopus", || {
            let sandbox = settled(2);
            let url = sandbox.octopus_http_url();
            Scene::of(sandbox).set("VMSS_OCTOPUS_URL", url)
        }),
    ]
}
