//! Scale sets as most scenarios want them, and what is registered in the end.

use crate::support::Run;
use crate::support::failure::expect;
use sandbox::{Route, Sandbox};

/// A scale set `web` of so many instances, all registered.
pub fn settled(instances: u64) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(instances).list();
        world.register_all(&machines);
    });
    sandbox
}

/// The same, from which these instances were scaled in since; Octopus has noticed that they do not answer.
pub fn scaled_in(instances: u64, gone: &[&str]) -> Sandbox {
    let sandbox = settled(instances);
    sandbox.world(|world| {
        drop(world.scale_set("web").scale_in(gone));
        world.check_all();
    });
    sandbox
}

/// So many registered machines, of which so many are gone since; the names of those gone.
pub fn shrunk(targets: u64, gone: usize) -> (Sandbox, Vec<String>) {
    let sandbox = settled(targets);
    let gone = sandbox.world(|world| {
        let mut hosts = world.scale_set("web").hosts();
        hosts.truncate(gone);
        drop(world.scale_set("web").scale_in(&hosts));
        world.check_all();
        hosts
    });
    (sandbox, gone)
}

/// The names of the targets that Octopus has left.
pub fn registered(sandbox: &Sandbox) -> Vec<String> {
    sandbox.world(|world| world.target_names())
}

/// Nothing was changed: no registration deleted, none written.
#[track_caller]
pub fn expect_untouched(sandbox: &Sandbox) {
    let writes = sandbox.count(Route::DeleteMachine) + sandbox.count(Route::PutMachine);
    expect(
        writes == 0,
        "a run that must not change anything changed registrations",
        "no DELETE and no PUT of a target",
        format!("{writes}"),
    );
}

/// The run ends with exit 3 and says all of this; nobody's registration was touched, no later step was told anything.
#[track_caller]
pub fn fails(sandbox: &Sandbox, run: Run, sayings: &[&str]) {
    let outcome = run.set("VMSS_RETRY_SECONDS", "0").run().expect_code(3);
    for saying in sayings {
        outcome.expect_said_at("error", saying);
    }
    expect(
        outcome.outputs.is_empty(),
        "a run that read nothing told later steps something",
        "no output variables",
        format!("{:?}", outcome.outputs),
    );
    expect_untouched(sandbox);
}
