//! Targets that wait, are held, or are not ours: the row of one of them, and what is said of all.

use crate::support::candidate::{CANDIDATE, candidate, target};
use crate::support::messages::{Case, Scene, case};
use crate::support::strangers::{twin, two_strangers};
use crate::support::{Run, settled};
use sandbox::{Access, Fault, GROUP, Route, Sandbox, When, World, minutes_ago, scope};

/// Something of the candidate's world is so.
fn world(what: &str, change: fn(&mut World)) -> Case {
    case(what, move || Scene::of(candidate(change)).row(CANDIDATE))
}

/// The question about both candidates is answered so.
fn asked(what: &str, route: Route, fault: fn() -> Fault) -> Case {
    case(what, move || {
        let sandbox = candidate(|world| {
            world.deployment().executing_since(minutes_ago(30));
        });
        sandbox.fault(route, When::Always, fault());
        Scene::of(sandbox).row(CANDIDATE)
    })
}

/// A registration without a machine, found healthy half an hour ago.
fn to_test(change: fn(&mut World)) -> Sandbox {
    let sandbox = settled(3);
    sandbox.world(|world| {
        drop(world.target("web000009"));
        change(world);
    });
    sandbox
}

fn refusal() -> Fault {
    Fault::octopus_error(403, "You do not have permission to perform this action.")
}

pub fn cases() -> Vec<Case> {
    let mut cases = of_octopus();
    cases.extend(of_the_machine());
    cases.extend(of_others());
    cases
}

fn of_octopus() -> Vec<Case> {
    vec![
        world("TaskView is missing", |world| {
            world.octopus.forbid("TaskView")
        }),
        asked("which tasks are active: 500", Route::Tasks, || {
            Fault::octopus_error(500, "Broken.")
        }),
        asked("the tasks of a target: 403", Route::MachineTasks, refusal),
        asked("the tasks of a target: 503", Route::MachineTasks, || {
            Fault::status(503)
        }),
        world("VariableView is missing", |world| {
            world.octopus.forbid("VariableView")
        }),
        asked(
            "variables of a target: a login page",
            Route::ScopedVariables,
            || Fault::html(200, "Please sign in"),
        ),
        world("variables are hidden", |world| {
            target(world).edit(|target| target.hidden_project_variables = true);
        }),
        world("variables are scoped to it alone", |world| {
            target(world).scoped_variable("Projects-7", "Connection");
        }),
    ]
}

fn of_the_machine() -> Vec<Case> {
    vec![
        case("it answers", || {
            Scene::of(to_test(|world| {
                drop(world.existing_target("web000009").answers())
            }))
            .row("web000009")
        }),
        case("it is disabled, and nobody tests it", || {
            Scene::of(to_test(|world| {
                drop(world.existing_target("web000009").disabled())
            }))
            .row("web000009")
        }),
        case("TaskCreate is missing", || {
            Scene::of(to_test(|world| world.octopus.forbid("TaskCreate"))).row("web000009")
        }),
        case("machine policies cannot be seen", || {
            let sandbox = to_test(|_| {});
            sandbox.fault(Route::MachinePolicies, When::Always, refusal());
            Scene::of(sandbox).row("web000009")
        }),
        case("its machine, by itself: 403", || {
            let sandbox = candidate(|_| {});
            let fault = Fault::azure_error(
                403,
                "AuthorizationFailed",
                "The client does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read'.",
            );
            sandbox.fault(Route::PointRead, When::Always, fault);
            Scene::of(sandbox).row(CANDIDATE)
        }),
        case("its machine, by itself: 503", || {
            let sandbox = candidate(|_| {});
            sandbox.fault(Route::PointRead, When::Always, Fault::status(503));
            Scene::of(sandbox).row(CANDIDATE)
        }),
    ]
}

fn of_others() -> Vec<Case> {
    vec![
        case("its name is none that the scale set gives", || {
            let sandbox = candidate(|world| drop(world.target("reporting")));
            Scene::of(sandbox).row("reporting")
        }),
        case("another scale set may not be seen", || {
            let sandbox = candidate(|world| {
                drop(world.target("web000009-prod"));
                world.azure.access = Access::nothing().reader(scope::group(GROUP));
            });
            Scene::of(sandbox).row("web000009-prod")
        }),
        case("another scale set has its machine", || {
            let sandbox = two_strangers();
            sandbox.world(|world| twin(world, "green-rg/web-green"));
            Scene::of(sandbox).row("web000004")
        }),
        case("older servers", || {
            let sandbox = candidate(|world| {
                world.octopus.grow_old();
                world.deployment().executing_since(minutes_ago(30));
            });
            let run = Run::in_runbook(&sandbox);
            Scene::with(sandbox, run).row(CANDIDATE)
        }),
    ]
}
