//! Nobody carries the roles: nothing can ever be removed so, and the run says which roles there are.

use crate::support::aftermath::reconcile;
use crate::support::{Run, scaled_in, settled};

const GONE: [&str; 1] = ["web000001"];

#[test]
fn an_environment_without_targets_is_a_warning_that_names_the_roles_where_there_is_no_machine_either()
 {
    let sandbox = settled(0);

    reconcile(&sandbox)
        .code(0)
        .warned("No deployment target at all is registered in Environments-1")
        .warned("the roles web-server, vmss-web")
        .nothing_removed()
        .nothing_deployed();
}

#[test]
fn the_role_that_nobody_carries_is_named() {
    let sandbox = scaled_in(2, &GONE);
    Run::in_runbook(&sandbox)
        .set("VMSS_DEPLOYMENTTARGET_ROLES", "web-server,vmss-wbe")
        .reconcile(&sandbox)
        .code(4)
        .complained("None of the 2 targets of Environments-1 carries the role vmss-wbe. Check VMSS.DeploymentTarget.Roles")
        .complained("they carry vmss-web, web-server; vmss-web is the nearest to vmss-wbe")
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
        .code(4)
        .complained("none carries all of the roles web-server, db-server")
        .nothing_removed();
}
