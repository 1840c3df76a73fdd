//! A scale set that is not found, and no other beside it: the message helps whoever misspelt a name, and is never a list of
//! what to delete.

use crate::support::strangers::arranged;
use crate::support::{Run, expect_untouched, fails, settled};
use sandbox::{Access, GROUP, Read, Route, Sandbox, scope};

/// The scale set `web-vmss` of three machines, all registered; a target of a machine of nobody's, and one of a machine of `api`.
fn web_vmss() -> Sandbox {
    arranged(Sandbox::start(), |world| {
        let machines = world
            .scale_set("web-vmss")
            .prefix("web")
            .instances(3)
            .list();
        world.register_all(&machines);
        let machines = world.scale_set("api-rg/api").instances(1).list();
        world.register_all(&machines);
        world.target("old-server").health("Unavailable");
        world.target("region").cloud_region();
    })
}

const TARGETS: [&str; 6] = [
    "web000000",
    "web000001",
    "web000002",
    "api000000",
    "old-server",
    "region",
];

fn looking_for(sandbox: &Sandbox, name: &str) -> Run {
    Run::in_runbook(sandbox)
        .set("VMSS_RETRY_SECONDS", "0")
        .set("VMSS_SCALESET_NAME", name)
}

#[test]
fn a_missing_one_is_told_with_what_is_there_and_no_targets_name() {
    let sandbox = web_vmss();
    let run = looking_for(&sandbox, "nosuch");

    let outcome = run.run().expect_code(3);
    for name in TARGETS {
        assert!(
            !outcome.stdout.contains(name),
            "a list of what to delete, although a misspelt name looks the same: {}",
            outcome.stdout
        );
    }
    fails(
        &sandbox,
        run,
        &[
            "Could not read scale set nosuch (resource group web-rg)",
            "Resource group web-rg has web-vmss; the nearest name is web-vmss",
            "scale it to 0 and let a run finish",
            "match no instance of the 2 scale sets that this account sees: 1",
        ],
    );
}

#[test]
fn a_missing_ones_report_says_what_octopus_says_of_those_that_match_nothing() {
    let sandbox = web_vmss();

    let outcome = looking_for(&sandbox, "nosuch").run().expect_code(3);

    let report = outcome.report();
    let page = outcome.artifact("html").unwrap_or_default();
    assert!(page.contains("This is no list of what to delete"), "{page}");
    assert!(page.contains("Octopus calls it unavailable"), "{page}");
    let error = report["result"]["error"].as_str().unwrap_or_default();
    assert!(error.contains("nosuch"), "{report:#}");
    let targets = report["targets"].as_array().expect("a list");
    assert_eq!(targets.len(), 1, "{report:#}");
    assert_eq!(targets[0]["name"], "old-server");
    assert_eq!(targets[0]["fate"], "matches-none");
    assert_eq!(targets[0]["health"], "unavailable");
}

#[test]
fn a_missing_one_of_that_very_name_in_another_group_is_named_first() {
    let sandbox = web_vmss();

    fails(
        &sandbox,
        looking_for(&sandbox, "API"),
        &["There is api-rg/api, if that is meant. Resource group web-rg has web-vmss"],
    );
}

#[test]
fn a_missing_group_is_told_where_the_name_is_found() {
    let sandbox = web_vmss();
    let run = looking_for(&sandbox, "web-vmss").set("VMSS_RESOURCEGROUP_NAME", "wep-rg");

    fails(
        &sandbox,
        run,
        &[
            "There is web-rg/web-vmss, if that is meant",
            "Resource group wep-rg has no scale set that this account sees",
        ],
    );
}

#[test]
fn a_missing_one_is_counted_against_the_group_where_no_more_may_be_listed() {
    let sandbox = arranged(web_vmss(), |world| {
        world.azure.access = Access::nothing().reader(scope::group(GROUP));
    });

    fails(
        &sandbox,
        looking_for(&sandbox, "nosuch"),
        &[
            "Resource group web-rg has web-vmss",
            "match no instance of the 1 scale set that could be read (not all could be listed): 2",
        ],
    );
}

#[test]
fn a_missing_one_is_counted_against_what_could_be_read() {
    let sandbox = arranged(web_vmss(), |world| {
        let api = scope::scale_set("api-rg", "api");
        world.azure.access = Access::everything().deny(Read::Instances, api);
    });

    fails(
        &sandbox,
        looking_for(&sandbox, "nosuch"),
        &[
            "match no instance of 1 of the 2 scale sets that this account sees (the others were not read): 2",
        ],
    );
}

#[test]
fn a_missing_one_costs_a_bounded_number_of_requests() {
    let sandbox = arranged(settled(1), |world| {
        for number in 0..40 {
            world.scale_set(&format!("set{number}"));
        }
    });

    fails(
        &sandbox,
        looking_for(&sandbox, "nosuch"),
        &["match no instance of 30 of the 41 scale sets that this account sees"],
    );
    assert_eq!(sandbox.count(Route::Instances), 30);
    expect_untouched(&sandbox);
}
