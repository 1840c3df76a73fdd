//! Which targets a run is about: its environment, all of its roles, its tenant.

use crate::support::aftermath::reconcile;
use crate::support::{Run, scaled_in};
use sandbox::{ENVIRONMENT, SPACE, Sandbox};

/// The scale set `web` of two machines, and targets of two machines that are gone.
fn two_gone() -> Sandbox {
    scaled_in(4, &["web000002", "web000003"])
}

/// A run for a tenant of North that has the tags Region/West and Tier/Gold.
fn for_tenant(sandbox: &Sandbox) -> Run {
    let id = sandbox.world(|world| {
        let tags = ["Region/West", "Tier/Gold"];
        world.octopus.add_tenant("North", &tags)
    });
    Run::in_runbook(sandbox)
        .set("OCTOPUS_DEPLOYMENT_TENANT_ID", id)
        .set("OCTOPUS_DEPLOYMENT_TENANT_TAGS", "Region/West,Tier/Gold")
}

#[test]
fn targets_of_other_environments_are_left_alone() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        world.existing_target("web000002").environments(&[&test]);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .verdicts(&[
            ("web000000", "kept"),
            ("web000001", "kept"),
            ("web000003", "stale"),
        ]);
}

#[test]
fn a_target_of_several_environments_is_in_scope_in_each() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let test = world.octopus.add_environment(SPACE, "Test");
        world
            .existing_target("web000002")
            .environments(&[&test, ENVIRONMENT]);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"]);
}

#[test]
fn targets_of_other_spaces_are_left_alone() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let other = world.octopus.add_space("Other");
        world.existing_target("web000002").space(&other);
    });

    reconcile(&sandbox).code(0).removed(&["web000003"]);
}

#[test]
fn a_target_with_only_some_of_the_roles_is_left_alone() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        world.existing_target("web000002").roles(&["web-server"]);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .verdicts(&[
            ("web000000", "kept"),
            ("web000001", "kept"),
            ("web000003", "stale"),
        ]);
}

#[test]
fn a_tag_is_the_same_with_and_without_its_tag_set() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let roles = ["Roles/web-server", "vmss-web"];
        world.existing_target("web000002").roles(&roles);
        let other = ["Roles/web-server-2", "vmss-web"];
        world.existing_target("web000003").roles(&other);
    });

    for roles in [
        "web-server,vmss-web",
        "roles/web-server,Scale sets/vmss-web",
    ] {
        let end = Run::in_runbook(&sandbox)
            .set("VMSS_DEPLOYMENTTARGET_ROLES", roles)
            .argument("--dry-run")
            .reconcile(&sandbox);
        end.code(0).verdict("web000002", "stale", "no machine");
    }
    reconcile(&sandbox).code(0).removed(&["web000002"]);
}

#[test]
fn a_role_that_only_begins_alike_is_another_role() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let roles = ["web-server", "vmss-web-2"];
        world.existing_target("web000002").roles(&roles);
    });

    reconcile(&sandbox).code(0).removed(&["web000003"]);
}

#[test]
fn further_roles_do_not_take_a_target_out_of_scope() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let roles = ["monitoring", "vmss-web", "web-server"];
        world.existing_target("web000002").roles(&roles);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"]);
}

#[test]
fn roles_are_the_same_in_any_case() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let roles = ["Web-Server", "VMSS-web"];
        world.existing_target("web000002").roles(&roles);
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_DEPLOYMENTTARGET_ROLES", " WEB-server , vmss-WEB ")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"]);
}

#[test]
fn a_tenants_run_sees_the_targets_that_are_connected_to_the_tenant_by_id() {
    let sandbox = two_gone();
    let run = for_tenant(&sandbox);
    sandbox.world(|world| {
        let south = world.octopus.add_tenant("South", &[]);
        world.existing_target("web000001").tenants(&["Tenants-1"]);
        world.existing_target("web000002").tenants(&["Tenants-1"]);
        world.existing_target("web000003").tenants(&[&south]);
    });

    run.reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .nothing_held()
        .deployed(&["web000001"])
        .verdicts(&[("web000001", "kept"), ("web000002", "stale")]);
}

#[test]
fn a_target_of_several_tenants_is_in_scope_for_each() {
    let sandbox = two_gone();
    let run = for_tenant(&sandbox);
    sandbox.world(|world| {
        let south = world.octopus.add_tenant("South", &[]);
        world.existing_target("web000001").tenants(&["Tenants-1"]);
        world
            .existing_target("web000003")
            .tenants(&[&south, "Tenants-1"]);
    });

    run.reconcile(&sandbox).code(0).removed(&["web000003"]);
}

#[test]
fn a_tenants_run_sees_the_targets_whose_every_tag_set_has_a_tag_of_the_tenant() {
    let sandbox = scaled_in(7, &["web000002", "web000003", "web000004", "web000005"]);
    let run = for_tenant(&sandbox);
    sandbox.world(|world| {
        let tagged: [(&str, &[&str]); 5] = [
            ("web000001", &["Region/West"]),
            ("web000002", &["Region/East", "Region/West"]),
            ("web000003", &["region/west", "TIER/gold"]),
            ("web000004", &["Region/West", "Tier/Silver"]),
            ("web000005", &["Region/East"]),
        ];
        for (name, tags) in tagged {
            world.existing_target(name).tenant_tags(tags);
        }
    });

    run.reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"])
        .deployed(&["web000001"])
        .verdicts(&[
            ("web000001", "kept"),
            ("web000002", "stale"),
            ("web000003", "stale"),
        ]);
}

#[test]
fn a_tenants_run_leaves_untenanted_targets_alone() {
    let sandbox = two_gone();
    let run = for_tenant(&sandbox);

    run.reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .nothing_deployed()
        .verdicts::<&str>(&[]);
}

#[test]
fn an_untenanted_run_sees_the_targets_of_all_tenants() {
    let sandbox = scaled_in(5, &["web000002", "web000003", "web000004"]);
    sandbox.world(|world| {
        let north = world.octopus.add_tenant("North", &[]);
        let south = world.octopus.add_tenant("South", &[]);
        world.existing_target("web000002").tenants(&[&north]);
        world.existing_target("web000003").tenants(&[&south]);
        world
            .existing_target("web000004")
            .tenant_tags(&["Region/West"]);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003", "web000004"])
        .nothing_held();
}

#[test]
fn an_untenanted_run_keeps_what_a_tenant_alone_deploys_to_and_hands_it_to_nobody() {
    let sandbox = two_gone();
    sandbox.world(|world| {
        let north = world.octopus.add_tenant("North", &[]);
        world.existing_target("web000001").tenants(&[&north]);
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"])
        .deployed(&["web000000"])
        .verdict("web000001", "kept", "exists");
}
