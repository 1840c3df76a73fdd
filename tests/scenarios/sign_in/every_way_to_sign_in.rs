//! Every way to sign in to Azure, and who signs in where several could.

use crate::support::problems::{refused, variable};
use crate::support::proxy::Proxy;
use crate::support::sign_in::{
    CLIENT, CREDENTIAL, GONE, JWT, PASSWORD, TENANT, by_federated_token, by_managed_identity,
    by_workload_identity, reconciles, token, without_application,
};
use crate::support::{Run, fails, scaled_in};
use sandbox::{Jwt, Route};

const SOMEBODY: &str = "00000000-50bd-4700-8000-000000000042";

#[test]
fn the_token_of_an_octopus_account_signs_in() {
    let sandbox = scaled_in(3, &GONE);
    reconciles(&by_federated_token(&sandbox, &token()));
}

#[test]
fn a_password_wins_over_a_token() {
    let sandbox = scaled_in(3, &GONE);
    let secret = sandbox.world(|world| world.azure.client_secret.clone());
    let stranger = Jwt::of("nobody that Entra ID knows").to_string();
    reconciles(
        &Run::in_runbook(&sandbox)
            .set(JWT, stranger)
            .set(PASSWORD, secret),
    );
}

#[test]
fn what_has_not_the_form_of_a_token_counts_for_nothing() {
    for text in ["not a token", "a.b", "a.b.c.d", "a..c", "a b.c.d"] {
        let sandbox = scaled_in(3, &GONE);
        reconciles(&Run::in_runbook(&sandbox).set(JWT, text));

        let run = Run::in_runbook(&sandbox).set(JWT, text).without(PASSWORD);
        let problems = refused(&sandbox, &run);
        let what = problems.only("VMSS.Azure.Account.OpenIdConnect.Jwt");
        assert!(what.contains("VMSS.Azure.Account.Password"), "{what}");
    }
}

#[test]
fn a_managed_identity_signs_in() {
    let sandbox = scaled_in(3, &GONE);
    for run in by_managed_identity(&sandbox) {
        assert_eq!(run.argument("--dry-run").run().expect_code(0).code, 0);
    }
    assert_eq!(sandbox.count(Route::ManagedIdentity), 1);
    assert_eq!(sandbox.count(Route::Metadata), 1);
    assert_eq!(
        sandbox.count(Route::Token),
        0,
        "it needs no Entra ID of ours"
    );
}

#[test]
fn of_several_managed_identities_the_one_that_is_named_signs_in() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| {
        world.azure.identities.system_assigned = false;
        world.azure.identities.assign(SOMEBODY);
        world
            .azure
            .identities
            .assign("00000000-50bd-4700-8000-000000000043");
    });
    for run in by_managed_identity(&sandbox) {
        run.set(CLIENT, SOMEBODY)
            .argument("--dry-run")
            .run()
            .expect_code(0);
    }
    for run in by_managed_identity(&sandbox) {
        let who = "The managed identity's endpoint answered 400";
        fails(&sandbox, run, &[who, "VMSS.Azure.Account.Client"]);
    }
}

#[test]
fn the_application_of_an_account_is_no_managed_identity() {
    let sandbox = scaled_in(3, &GONE);
    for (field, value) in [(PASSWORD, "anything"), (JWT, &token().to_string())] {
        for run in by_managed_identity(&sandbox) {
            let run = run.set(CLIENT, SOMEBODY).set(field, value);
            run.argument("--dry-run").run().expect_code(0);
        }
    }
    // What only looks like one does not count, so the client is an identity after all.
    for run in by_managed_identity(&sandbox) {
        let run = run.set(CLIENT, SOMEBODY).set(JWT, "not a token");
        fails(
            &sandbox,
            run,
            &["The managed identity's endpoint answered 400"],
        );
    }
}

#[test]
fn a_managed_identity_is_never_asked_through_a_proxy() {
    let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::start());
    for run in by_managed_identity(&sandbox) {
        let run = run.set("HTTP_PROXY", proxy.url());
        run.argument("--dry-run").run().expect_code(0);
    }
    assert!(proxy.hosts().is_empty(), "{:?}", proxy.hosts());
}

#[test]
fn a_worker_that_has_no_identity_is_told_what_to_choose() {
    let sandbox = scaled_in(3, &GONE);
    for name in ["IDENTITY_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST"] {
        let [run, _] = by_managed_identity(&sandbox);
        let run = run
            .without("IDENTITY_ENDPOINT")
            .set(name, "http://127.0.0.1:9/");
        let who = "The managed identity's endpoint could not be reached";
        fails(&sandbox, run, &[who, "VMSS.Azure.Credential = Account"]);
    }
}

#[test]
fn an_endpoint_that_is_none_is_a_wrong_setting() {
    let sandbox = scaled_in(3, &GONE);
    for (name, parameter) in [
        ("IDENTITY_ENDPOINT", "VMSS.Azure.Credential"),
        (
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        ),
    ] {
        let [run, _] = by_managed_identity(&sandbox);
        refused(&sandbox, &run.set(name, "no address")).only(parameter);
    }
}

#[test]
fn a_pod_signs_in_by_its_own_environment() {
    let sandbox = scaled_in(3, &GONE);
    let run = by_workload_identity(&sandbox);
    // Another account's fields say nothing of a pod; only its cloud and its subscription count.
    reconciles(&run.set(CLIENT, SOMEBODY).set(TENANT, "elsewhere.example"));
}

#[test]
fn a_pod_knows_its_cloud_by_the_address_of_entra_id() {
    let sandbox = scaled_in(3, &GONE);
    let run = by_workload_identity(&sandbox);
    reconciles(&run.without("VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI"));
}

#[test]
fn what_a_pod_lacks_is_said_by_name() {
    let sandbox = scaled_in(3, &GONE);
    for name in [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
    ] {
        let run = by_workload_identity(&sandbox).without(name);
        refused(&sandbox, &run).only(name);
    }
    let run = by_workload_identity(&sandbox).set("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token");
    let problems = refused(&sandbox, &run);
    let what = problems.only("AZURE_FEDERATED_TOKEN_FILE");
    assert!(what.contains("/nowhere/token"), "{what}");
}

#[test]
fn the_token_of_a_pod_is_read_when_it_is_needed() {
    let sandbox = scaled_in(3, &GONE);
    let environment = sandbox.workload_identity_environment();
    let file = environment
        .into_iter()
        .find(|(name, _)| name == "AZURE_FEDERATED_TOKEN_FILE");
    let file = file.expect("a file").1;
    let run = by_workload_identity(&sandbox);
    sandbox.after(Route::Machines, 1, move |_| {
        std::fs::remove_file(file).expect("there was a token");
    });
    let who = "The workload identity failed: its token file";
    fails(&sandbox, run, &["to read scale set web", who]);
}

#[test]
fn an_empty_token_of_a_pod_is_not_sent() {
    let sandbox = scaled_in(3, &GONE);
    let file = sandbox.folder().join("empty-token");
    std::fs::write(&file, "\n").expect("a file");
    let run = by_workload_identity(&sandbox)
        .set("AZURE_FEDERATED_TOKEN_FILE", file.display().to_string());

    fails(&sandbox, run, &["The workload identity failed", "is empty"]);

    assert_eq!(sandbox.count(Route::Token), 0);
}

#[test]
fn an_unresolved_expression_is_a_mistake_in_fields_that_nobody_needs_too() {
    let sandbox = scaled_in(3, &GONE);
    for parameter in [
        "VMSS.Azure.Account.TenantId",
        "VMSS.Azure.Account.Client",
        "VMSS.Azure.Account.Password",
        "VMSS.Azure.Account.OpenIdConnect.Jwt",
    ] {
        let [run, _] = by_managed_identity(&sandbox);
        for run in [run, by_workload_identity(&sandbox)] {
            let run = run.set(&variable(parameter), "#{Azure.Field}");
            refused(&sandbox, &run).only(parameter);
        }
    }
}

#[test]
fn by_hand_the_names_of_the_azure_sdk_name_a_managed_identity_too() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| drop(world.azure.identities.assign(SOMEBODY)));
    let environment = sandbox.metadata_environment();
    let run = environment
        .into_iter()
        .fold(Run::by_hand(&sandbox), |run, (name, value)| {
            run.set(&name, value)
        });
    let run = without_application(run).set(CREDENTIAL, "ManagedIdentity");

    run.set("AZURE_CLIENT_ID", SOMEBODY).run().expect_code(0);

    let asked = &sandbox.requests_to(Route::Metadata)[0];
    assert!(asked.query.contains(SOMEBODY), "{}", asked.query);
}

#[test]
fn by_hand_a_subscription_is_all_that_the_other_credentials_need_of_an_account() {
    const SUBSCRIPTION: &str = "VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER";
    let sandbox = scaled_in(3, &GONE);
    let by_sdk = |run: Run| {
        run.without(SUBSCRIPTION)
            .set("AZURE_SUBSCRIPTION_ID", sandbox::SUBSCRIPTION)
    };
    for run in by_managed_identity(&sandbox) {
        let by_hand = run
            .without("OCTOPUS_TASK_ID")
            .without("OCTOPUS_RUNBOOKRUN_ID");
        by_sdk(by_hand).argument("--dry-run").run().expect_code(0);
    }
    for run in by_managed_identity(&sandbox) {
        let inside = by_sdk(run);
        refused(&sandbox, &inside).only("VMSS.Azure.Account.SubscriptionNumber");
    }
}

#[test]
fn every_cloud_has_its_own_addresses_and_audience() {
    for (cloud, entra_id, resource_manager, audience) in [
        (
            "AzureCloud",
            "login.microsoftonline.com",
            "management.azure.com",
            "management.azure.com",
        ),
        (
            "azureusgovernment",
            "login.microsoftonline.us",
            "management.usgovcloudapi.net",
            "management.core.usgovcloudapi.net",
        ),
        (
            "AzureChinaCloud",
            "login.chinacloudapi.cn",
            "management.chinacloudapi.cn",
            "management.chinacloudapi.cn",
        ),
    ] {
        let sandbox = scaled_in(3, &GONE);
        let [machine, _] = by_managed_identity(&sandbox);
        for (run, host) in [
            (Run::in_runbook(&sandbox), entra_id),
            (machine, resource_manager),
        ] {
            let proxy = Proxy::answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            let run = run
                .without("VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI")
                .without("VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI")
                .set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", cloud)
                .set("HTTPS_PROXY", proxy.url())
                .set("NO_PROXY", "127.0.0.1");
            run.run().expect_code(3);
            assert_eq!(proxy.hosts(), [format!("{host}:443")]);
        }
        let asked = &sandbox.requests_to(Route::ManagedIdentity)[0].query;
        assert!(asked.contains(audience), "{cloud}: {asked}");
    }
}

#[test]
fn an_authority_may_have_a_path() {
    const AUTHORITY: &str = "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI";
    let sandbox = scaled_in(3, &GONE);
    let tenant = sandbox.world(|world| world.azure.tenant.clone());
    let there = sandbox.azure_url();
    // What a portal shows as the address of an authority ends with the tenant.
    reconciles(&Run::in_runbook(&sandbox).set(AUTHORITY, format!("{there}/{tenant}/")));

    let gateway = Run::in_runbook(&sandbox).set(AUTHORITY, format!("{there}/gateway"));
    gateway.run().expect_code(3);

    let asked = sandbox.requests();
    let expected = format!("/gateway/{tenant}/oauth2/v2.0/token");
    assert!(
        asked.iter().any(|request| request.path == expected),
        "the sandbox knows no {expected}, which it was to be asked for"
    );
}

#[test]
fn the_address_of_a_known_cloud_means_that_cloud() {
    let sandbox = scaled_in(3, &GONE);
    let [machine, _] = by_managed_identity(&sandbox);
    let proxy = Proxy::answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    let run = machine
        .set(
            "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
            "https://management.usgovcloudapi.net/",
        )
        .set("HTTPS_PROXY", proxy.url())
        .set("NO_PROXY", "127.0.0.1");
    run.run().expect_code(3);
    let asked = &sandbox.requests_to(Route::ManagedIdentity)[0].query;
    assert!(
        asked.contains("management.core.usgovcloudapi.net"),
        "{asked}"
    );
}
