//! Targets whose machines the scale set does not have, and a scale set elsewhere that could have them.

use crate::support::aftermath::Aftermath;
use crate::support::{Run, scaled_in};
use sandbox::{Fault, Route, Sandbox, When, World};

/// A sandbox, and what else is to be in it.
pub fn arranged(sandbox: Sandbox, change: impl FnOnce(&mut World)) -> Sandbox {
    sandbox.world(change);
    sandbox
}

/// Two machines, and two targets whose machines the scale set does not have: numbers 3 and 4.
pub fn two_strangers() -> Sandbox {
    let sandbox = scaled_in(5, &["web000002", "web000003", "web000004"]);
    arranged(sandbox, |world| world.existing_target("web000002").delete())
}

/// Another scale set with the prefix `web` that has the machine of number 4 alone.
pub fn twin(world: &mut World, name: &str) {
    let twin = world.scale_set(name).prefix("web");
    twin.edit(|set| set.next_id = 4).instances(1);
}

/// Reconciles without a word of the machines themselves, and without trying anything twice.
pub fn by_lists_alone(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .without_retries()
        .set("VMSS_TIMEOUT_VALUE", "0.1")
        .set("VMSS_HEALTHY_HANDLE", "Remove")
        .reconcile(sandbox)
}

/// Reconciles [`two_strangers`] where the list of scale sets fails: nothing is removed, and what lives is deployed to.
pub fn a_faulty_list_holds_everything(when: When, fault: Fault) {
    let sandbox = two_strangers();
    sandbox.fault(Route::ScaleSets, when, fault);

    Run::in_runbook(&sandbox)
        .without_retries()
        .reconcile(&sandbox)
        .code(3)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .deployed(&["web000000", "web000001"]);
}
