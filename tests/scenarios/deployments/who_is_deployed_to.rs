//! Who is handed to the steps that deploy: of the kept targets those that a deployment could reach.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES};
use crate::support::{Run, settled};
use sandbox::{Fault, Mode, Route, Sandbox, When};

/// Switches the machines to these power states, one after the other; a missing one is not known to Azure.
fn switch(fleet: &Fleet, powers: &[Option<&str>]) {
    for (host, power) in fleet.hosts.iter().zip(powers) {
        let power = power.map(str::to_owned);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web");
            drop(set.edit_vm(host, |machine| machine.power = power));
        });
    }
}

/// The listing of power states, and no other.
fn power_listing(mode: Mode) -> sandbox::Matcher {
    let route = match mode {
        Mode::Uniform => Route::Instances,
        Mode::Flexible => Route::GroupVms,
    };
    route.containing("$expand=instanceView")
}

#[test]
fn a_disabled_target_is_kept_and_left_out() {
    let sandbox = settled(3);
    sandbox.world(|world| drop(world.existing_target("web000001").disabled()));

    reconcile(&sandbox)
        .code(0)
        .verdict("web000001", "kept", "its machine exists")
        .said("kept, and not to be deployed to: web000001 (Machines-2): it is disabled")
        .nothing_held()
        .deployed(&["web000000", "web000002"]);
}

/// A tenant, and one target of every kind: on it alone, on both kinds of deployments, on untenanted ones alone.
fn with_tenant() -> (Sandbox, String) {
    let sandbox = settled(3);
    let tenant = sandbox.world(|world| {
        let tenant = world.octopus.add_tenant("Acme", &[]);
        let connected = |target: sandbox::TargetHandle<'_>, participation: &str| {
            drop(target.tenants(&[&tenant]).participation(participation));
        };
        connected(world.existing_target("web000000"), "Tenanted");
        connected(world.existing_target("web000001"), "TenantedOrUntenanted");
        connected(world.existing_target("web000002"), "Untenanted");
        tenant
    });
    (sandbox, tenant)
}

#[test]
fn a_target_for_tenants_alone_is_left_out_of_an_untenanted_run() {
    let (sandbox, _) = with_tenant();

    reconcile(&sandbox)
        .code(0)
        .verdict("web000000", "kept", "its machine exists")
        .said("web000000 (Machines-1): it takes part in tenanted deployments only")
        .deployed(&["web000001", "web000002"]);
}

#[test]
fn a_target_for_untenanted_runs_alone_is_left_out_of_a_tenanted_run() {
    let (sandbox, tenant) = with_tenant();

    Run::in_runbook(&sandbox)
        .set("OCTOPUS_DEPLOYMENT_TENANT_ID", tenant)
        .reconcile(&sandbox)
        .code(0)
        .said("web000002 (Machines-3): it takes part in untenanted deployments only")
        .deployed(&["web000000", "web000001"]);
}

#[test]
fn a_machine_whose_provisioning_failed_is_kept_and_left_out() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        fleet
            .sandbox
            .world(|world| drop(world.scale_set("web").fail_delete(fleet.host(1))));

        reconcile(&fleet.sandbox)
            .code(0)
            .verdict(fleet.host(1), "kept", "its machine exists")
            .said("the provisioning of its machine failed")
            .deployed(&[fleet.host(0), fleet.host(2)]);
    }
}

#[test]
fn what_is_leaving_or_detached_is_left_out() {
    let fleet = Fleet::of(Mode::Flexible, 4);
    fleet.sandbox.world(|world| {
        let set = world.scale_set("web").begin_scale_in(&[fleet.host(1)]);
        drop(set.detach(fleet.host(2)));
    });

    Run::in_runbook(&fleet.sandbox)
        .set("VMSS_TIMEOUT_VALUE", "0")
        .reconcile(&fleet.sandbox)
        .code(0)
        .verdict(fleet.host(1), "leaving", "its machine is being deleted")
        .verdict(
            fleet.host(2),
            "detached",
            "runs beside the scale set, not in it",
        )
        .deployed(&[fleet.host(0), fleet.host(3)]);
}

#[test]
fn a_deployment_leaves_out_machines_that_are_off_or_on_their_way_there() {
    let off = [
        "stopped",
        "stopping",
        "deallocated",
        "deallocating",
        "hibernated",
        "hibernating",
        "Deallocated",
    ];
    for mode in MODES {
        let fleet = Fleet::of(mode, 8);
        switch(&fleet, &off.map(Some));

        let aftermath = Run::in_deployment(&fleet.sandbox)
            .reconcile(&fleet.sandbox)
            .code(0)
            .nothing_held()
            .deployed(&[fleet.host(7)]);

        for host in &fleet.hosts[..7] {
            let named = format!("kept, and not to be deployed to: {host} (");
            aftermath.outcome.expect_said(&named);
        }
    }
}

#[test]
fn a_deployment_leaves_nobody_out_who_is_not_known_to_be_off() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 4);
        switch(
            &fleet,
            &[Some("running"), Some("starting"), Some("levitating"), None],
        );

        Run::in_deployment(&fleet.sandbox)
            .reconcile(&fleet.sandbox)
            .code(0)
            .deployed(&fleet.hosts);
    }
}

#[test]
fn a_runbook_run_does_not_ask_who_is_off() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 2);
        switch(&fleet, &[Some("deallocated"), Some("stopped")]);

        reconcile(&fleet.sandbox).code(0).deployed(&fleet.hosts);

        assert_eq!(fleet.sandbox.count(power_listing(mode)), 0);
    }
}

#[test]
fn where_power_states_cannot_be_read_nobody_is_left_out_and_a_warning_says_so() {
    let faults = [
        Fault::azure_error(403, "AuthorizationFailed", "No"),
        Fault::status(500),
        Fault::broken_json(),
    ];
    for mode in MODES {
        for fault in &faults {
            let fleet = Fleet::of(mode, 3);
            switch(&fleet, &[Some("deallocated")]);
            fleet.scale_in(&[2]);
            fleet
                .sandbox
                .fault(power_listing(mode), When::Always, fault.clone());

            Run::in_deployment(&fleet.sandbox)
                .without_retries()
                .reconcile(&fleet.sandbox)
                .code(0)
                .removed(&[fleet.host(2)])
                .warned("Nobody is left out")
                .deployed(&[fleet.host(0), fleet.host(1)]);
        }
    }
}

#[test]
fn with_nobody_to_deploy_to_later_steps_are_told_so() {
    let sandbox = settled(2);
    sandbox.world(|world| {
        drop(world.existing_target("web000000").disabled());
        drop(world.scale_set("web").deallocate("web000001"));
    });

    Run::in_deployment(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .nothing_deployed()
        .nothing_held();
}
