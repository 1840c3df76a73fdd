//! `VMSS.Removal.OwnedOnly` = `No`: a name that no scale set gives is taken as the scale set's own, but never while a machine
//! of the scale set has no target: that name could be this very machine's.

use crate::support::aftermath::Aftermath;
use crate::support::strangers::arranged;
use crate::support::{Run, scaled_in};
use sandbox::{Sandbox, World};

fn with_any_name(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .asking_no_machine()
        .reconcile(sandbox)
}

/// Instances 5, 6 and 7. Only the first is registered under its own name.
fn renamed(world: &mut World) {
    world
        .scale_set("web")
        .edit(|set| set.next_id = 5)
        .instances(3);
    for name in ["web000005", "WEBSRV-6491E", "WEBSRV-FAB13"] {
        world.target(name);
    }
}

#[test]
fn machines_that_are_registered_under_names_of_their_own_stay() {
    let sandbox = arranged(Sandbox::start(), renamed);
    with_any_name(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["WEBSRV-6491E", "WEBSRV-FAB13"])
        .verdict("WEBSRV-6491E", "deferred", "web000006")
        .warned("web000006");
}

#[test]
fn where_every_machine_has_a_target_strange_names_go() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        drop(world.target("WEBSRV-6491E"));
    });
    with_any_name(&sandbox)
        .code(0)
        .removed(&["web000002", "WEBSRV-6491E"]);
}

#[test]
fn what_answers_stays_under_any_name() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        drop(world.target("reporting").answers());
    });
    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .verdict("reporting", "answers", "answers");
}
