//! Nobody carries the roles: that is no error, but somebody should look at the roles.

use crate::support::aftermath::reconcile;
use crate::support::{Run, scaled_in, settled};

const GONE: [&str; 1] = ["web000001"];

#[test]
fn an_environment_without_targets_is_a_warning_that_names_the_roles() {
    let sandbox = settled(0);

    reconcile(&sandbox)
        .code(0)
        .warned("None of the 0 targets of Environments-1 carries the role web-server, vmss-web")
        .nothing_removed()
        .nothing_deployed();
}

#[test]
fn the_role_that_nobody_carries_is_named() {
    let sandbox = scaled_in(2, &GONE);
    Run::in_runbook(&sandbox)
        .set("VMSS_DEPLOYMENTTARGET_ROLES", "web-server,vmss-wbe")
        .reconcile(&sandbox)
        .code(0)
        .warned("None of the 2 targets of Environments-1 carries the role vmss-wbe; check VMSS.DeploymentTarget.Roles")
        .nothing_removed()
        .nothing_deployed();
}

#[test]
fn roles_that_nobody_carries_together_are_named() {
    let sandbox = scaled_in(2, &GONE);
    sandbox.world(|world| drop(world.target("database").roles(&["db-server"])));
    Run::in_runbook(&sandbox)
        .set("VMSS_DEPLOYMENTTARGET_ROLES", "web-server,db-server")
        .reconcile(&sandbox)
        .code(0)
        .warned("none carries all of the roles web-server, db-server")
        .nothing_removed();
}
