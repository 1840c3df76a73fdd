//! Which scale sets are meant, and with which account, cloud and endpoints they are read.

use crate::support::problems::{refused, variable};
use crate::support::{Run, registered, scaled_in, settled};
use sandbox::{GROUP, Route, SUBSCRIPTION, Sandbox};

const ELSEWHERE: &str = "00000000-e15e-4b0c-8000-000000000009";
const IDENTITY: [(&str, &str); 3] = [
    ("VMSS_AZURE_ACCOUNT_TENANTID", "AZURE_TENANT_ID"),
    ("VMSS_AZURE_ACCOUNT_CLIENT", "AZURE_CLIENT_ID"),
    ("VMSS_AZURE_ACCOUNT_PASSWORD", "AZURE_CLIENT_SECRET"),
];

/// The account of the sandbox under the Azure SDK's names instead of the template's.
fn with_names_of_the_sdk(sandbox: &Sandbox, mut run: Run) -> Run {
    for (name, value) in sandbox.environment() {
        if let Some((ours, theirs)) = IDENTITY.iter().find(|(ours, _)| *ours == name) {
            run = run.without(ours).set(theirs, value);
        }
    }
    run.without("VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER")
        .set("AZURE_SUBSCRIPTION_ID", SUBSCRIPTION)
}

/// The paths of the scale sets that were read, in order.
fn scale_sets_read(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests_to(Route::ScaleSet);
    requests.into_iter().map(|request| request.path).collect()
}

fn path(subscription: &str, group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
    )
}

#[test]
fn a_scale_set_is_a_name_or_a_group_and_a_name_or_a_full_id() {
    let full = path(SUBSCRIPTION, GROUP, "web");
    let shouted = full.to_uppercase();
    for (entry, group) in [
        ("web", Some(GROUP)),
        ("web-rg/web", None),
        (" web-rg / web ", Some("another-rg")),
        (&full, None),
        (&format!("{full}/"), Some("another-rg")),
        (&shouted, None),
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", entry);
        let run = run.set("VMSS_RESOURCEGROUP_NAME", group.unwrap_or_default());

        let outcome = run.run().expect_code(0);

        assert_eq!(outcome.removed(), ["web000001"], "the scale set {entry:?}");
    }
}

#[test]
fn several_scale_sets_are_read_each_once() {
    let sandbox = settled(2);
    sandbox.world(|world| {
        let blue = world.scale_set("blue-rg/blue").instances(1).list();
        let far = world
            .subscription(ELSEWHERE)
            .scale_set("far-rg/far")
            .instances(1)
            .list();
        world.register_all(&[blue, far].concat());
    });
    let far = path(ELSEWHERE, "far-rg", "far");
    let entries = format!("web, blue-rg/blue ,, WEB,web-rg/web,{far},BLUE-RG/blue");

    let outcome = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", entries)
        .run();

    let outcome = outcome.expect_code(0);
    assert_eq!(
        outcome.deployed(),
        ["blue000000", "far000000", "web000000", "web000001"]
    );
    let read = [
        path(SUBSCRIPTION, GROUP, "web"),
        path(SUBSCRIPTION, "blue-rg", "blue"),
        far,
    ];
    assert_eq!(scale_sets_read(&sandbox), read);
}

#[test]
fn full_ids_alone_need_neither_group_nor_subscription() {
    let sandbox = settled(1);
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", path(SUBSCRIPTION, GROUP, "web"))
        .without("VMSS_RESOURCEGROUP_NAME")
        .without("VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER");

    run.run().expect_code(0);
}

#[test]
fn what_is_no_scale_set_is_refused_by_its_own_words() {
    let sandbox = Sandbox::start();
    let of_another_kind = path(SUBSCRIPTION, GROUP, "web").replace("ScaleSets", "s");
    for entry in [
        "a/b/c",
        "web/",
        "rg/..",
        "..",
        "/web",
        "/subscriptions/5/resourceGroups/rg",
        &of_another_kind,
    ] {
        let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", format!("web,{entry}"));
        let problems = refused(&sandbox, &run);
        let what = problems.only("VMSS.ScaleSet.Name");
        assert!(what.contains(&format!("'{entry}'")), "{what}");
    }
}

#[test]
fn the_entry_that_lacks_a_group_is_named() {
    let sandbox = Sandbox::start();
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "blue-rg/blue,green")
        .without("VMSS_RESOURCEGROUP_NAME");

    let problems = refused(&sandbox, &run);

    let what = problems.only("VMSS.ResourceGroup.Name");
    assert!(what.contains("'green'"), "{what}");
}

#[test]
fn names_with_odd_characters_reach_azure_as_they_are() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let odd = world
            .scale_set("r\u{f6}d (1)/we?b#%41")
            .prefix("web")
            .instances(1)
            .list();
        world.register_all(&odd);
    });
    let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", "r\u{f6}d (1)/we?b#%41");

    let outcome = run.run().expect_code(0);

    assert_eq!(outcome.deployed(), ["web000000"]);
}

#[test]
fn the_closed_cloud_is_refused_with_that_word() {
    let sandbox = Sandbox::start();
    let run =
        Run::in_runbook(&sandbox).set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", "azuregermancloud");

    let problems = refused(&sandbox, &run);

    let what = problems.only("VMSS.Azure.Account.AzureEnvironment");
    assert!(what.contains("closed"), "{what}");
}

#[test]
fn every_open_cloud_is_accepted() {
    for cloud in ["AzureCloud", "AzureUSGovernment", "azurechinacloud"] {
        let sandbox = settled(1);
        let run = Run::in_runbook(&sandbox).set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", cloud);
        run.run().expect_code(0);
    }
    let sandbox = Sandbox::start();
    let run =
        Run::in_runbook(&sandbox).set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", "AzureMoonCloud");
    let problems = refused(&sandbox, &run);
    let what = problems.only("VMSS.Azure.Account.AzureEnvironment");
    assert!(what.contains("AzureUSGovernment"), "{what}");
}

#[test]
fn azure_is_never_spoken_to_without_tls() {
    let sandbox = Sandbox::start();
    for parameter in [
        "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
        "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
    ] {
        for value in [
            "http://azure.example",
            "azure.example",
            "ftp://azure.example",
            "https://",
            "https://user:LEAKED@azure.example",
        ] {
            let run = Run::in_runbook(&sandbox).set(&variable(parameter), value);
            refused(&sandbox, &run).only(parameter);
            let log = run.run().log;
            assert!(!log.contains("LEAKED"), "a password was shown:\n{log}");
        }
    }
}

#[test]
fn custom_endpoints_may_end_in_a_slash() {
    let sandbox = settled(1);
    let azure = format!("{}/", sandbox.azure_url());
    let run = Run::in_runbook(&sandbox)
        .set(
            "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
            &azure,
        )
        .set("VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI", &azure);

    run.run().expect_code(0);
}

#[test]
fn by_hand_the_names_of_the_azure_sdk_serve() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = with_names_of_the_sdk(&sandbox, Run::by_hand(&sandbox));

    run.run().expect_code(0);

    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
}

#[test]
fn inside_octopus_the_names_of_the_azure_sdk_do_not_count() {
    let sandbox = settled(1);
    let run = with_names_of_the_sdk(&sandbox, Run::in_runbook(&sandbox));

    let problems = refused(&sandbox, &run);

    assert_eq!(
        problems.parameters(),
        [
            "VMSS.Azure.Account.Client",
            "VMSS.Azure.Account.Password",
            "VMSS.Azure.Account.SubscriptionNumber",
            "VMSS.Azure.Account.TenantId",
        ]
    );
}

#[test]
fn half_an_account_is_never_completed_from_the_sdk_names() {
    for (kept, _) in IDENTITY {
        let sandbox = settled(1);
        let mut run = with_names_of_the_sdk(&sandbox, Run::by_hand(&sandbox));
        for (name, value) in sandbox.environment() {
            if name == kept {
                run = run.set(kept, value);
            }
        }

        let problems = refused(&sandbox, &run);

        let mut missing = vec![
            ("--azure-account-client", "VMSS_AZURE_ACCOUNT_CLIENT"),
            (
                "--azure-account-subscription-number",
                "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER",
            ),
            ("--azure-account-tenant-id", "VMSS_AZURE_ACCOUNT_TENANTID"),
            ("VMSS_AZURE_ACCOUNT_PASSWORD", "VMSS_AZURE_ACCOUNT_PASSWORD"),
        ];
        missing.retain(|(_, variable)| *variable != kept);
        let missing: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
        assert_eq!(problems.parameters(), missing, "only {kept} was given");
    }
}

#[test]
fn a_subscription_alone_is_no_account() {
    let sandbox = settled(1);
    let run = with_names_of_the_sdk(&sandbox, Run::by_hand(&sandbox))
        .set("VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER", SUBSCRIPTION)
        .without("AZURE_SUBSCRIPTION_ID");

    run.run().expect_code(0);
}
