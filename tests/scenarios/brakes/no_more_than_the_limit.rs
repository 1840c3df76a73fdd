//! The limit: the most targets that one run may remove.

use crate::support::aftermath::Aftermath;
use crate::support::{Run, scaled_in, settled, shrunk};
use sandbox::Sandbox;

const GONE: [&str; 3] = ["web000001", "web000003", "web000005"];

/// A step of a runbook run with this limit.
fn limited(sandbox: &Sandbox, limit: &str) -> Aftermath {
    Run::in_runbook(sandbox)
        .set("VMSS_REMOVAL_LIMIT", limit)
        .reconcile(sandbox)
}

#[test]
fn more_candidates_than_the_limit_hold_everything_back() {
    let sandbox = scaled_in(7, &GONE);
    limited(&sandbox, "2").braked(
        &GONE,
        "3 targets would be removed, and VMSS.Removal.Limit is 2",
        "a higher VMSS.Removal.Limit",
    );

    limited(&sandbox, "3").code(0).removed(&GONE);
}

#[test]
fn a_percentage_is_not_rounded() {
    // Three of seven are 42.857 percent.
    let sandbox = scaled_in(7, &GONE);
    limited(&sandbox, "42%").braked(
        &GONE,
        "3 of 7 targets would be removed, and VMSS.Removal.Limit is 42%",
        "a higher VMSS.Removal.Limit",
    );

    limited(&sandbox, "43%").code(0).removed(&GONE);
}

#[test]
fn exactly_the_percentage_is_allowed() {
    let (sandbox, hosts) = shrunk(6, 3);
    limited(&sandbox, "49%").code(4).nothing_removed();
    limited(&sandbox, "50%").code(0).removed(&hosts);
}

#[test]
fn a_limit_of_0_allows_nothing() {
    for limit in ["0", "0%"] {
        let sandbox = scaled_in(7, &GONE);
        limited(&sandbox, limit).braked(
            &GONE,
            &format!("VMSS.Removal.Limit is {limit}"),
            "a higher VMSS.Removal.Limit",
        );
    }
}

#[test]
fn a_limit_of_0_is_no_trouble_where_nothing_is_gone() {
    limited(&settled(2), "0").code(0).nothing_removed();
}

#[test]
fn all_of_them_may_go_where_the_limit_says_so() {
    let (sandbox, hosts) = shrunk(3, 3);
    sandbox.world(|world| drop(world.scale_set("web").capacity(0)));

    limited(&sandbox, "100%").code(0).removed(&hosts);
}

#[test]
fn without_a_limit_100_may_go_and_101_may_not() {
    let (sandbox, hosts) = shrunk(110, 101);
    Run::in_runbook(&sandbox).reconcile(&sandbox).braked(
        &hosts,
        "101 targets would be removed, and VMSS.Removal.Limit is 100",
        "a higher VMSS.Removal.Limit",
    );

    let (sandbox, hosts) = shrunk(110, 100);
    let run = Run::in_runbook(&sandbox);
    run.reconcile(&sandbox).code(0).removed(&hosts);
}

#[test]
fn a_percentage_is_of_the_machines_in_scope() {
    let (sandbox, hosts) = shrunk(4, 2);
    sandbox.world(|world| {
        for region in ["eu", "us", "asia", "africa"] {
            world.target(region).cloud_region();
            world.target(&format!("{region}-app")).web_app();
            world
                .target(&format!("{region}-neighbour"))
                .roles(&["api-server"]);
        }
    });
    limited(&sandbox, "49%")
        .code(4)
        .nothing_removed()
        .complained("2 of 4 targets");

    sandbox.world(|world| drop(world.target("jumphost").ssh()));
    // Two of five are 40 percent.
    limited(&sandbox, "39%").code(4).nothing_removed();
    limited(&sandbox, "40%").code(0).removed(&hosts);
}

#[test]
fn what_another_scale_set_has_does_not_count() {
    let sandbox = scaled_in(7, &GONE);
    sandbox.world(|world| {
        // A twin with the same prefix, of which only the last machine is left.
        let twin = world.scale_set("other-rg/twin").prefix("web").instances(6);
        drop(twin.scale_in(&[
            "web000000",
            "web000001",
            "web000002",
            "web000003",
            "web000004",
        ]));
    });

    limited(&sandbox, "2")
        .code(0)
        .removed(&["web000001", "web000003"])
        .held(&["web000005"]);
}

#[test]
fn what_is_disabled_already_does_not_count_towards_disabling() {
    let sandbox = scaled_in(7, &GONE);
    let disable = |limit: &str| {
        Run::in_runbook(&sandbox)
            .set("VMSS_REMOVAL_ACTION", "Disable")
            .set("VMSS_REMOVAL_LIMIT", limit)
            .run()
    };
    disable("3").expect_code(0);
    sandbox.world(|world| {
        world.scale_set("web").remove("web000006");
        world.check_all();
    });

    let outcome = disable("1").expect_code(0);

    assert_eq!(outcome.removed(), ["web000006"]);
}
