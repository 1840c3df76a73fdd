//! Every way to sign in to Azure, and what is said when one of them fails.

mod common;

use common::{Run, scaled_in};
use sandbox::{Route, Sandbox};

const GONE: [&str; 1] = ["web000001"];
const JWT: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
const TENANT: &str = "VMSS_AZURE_ACCOUNT_TENANTID";
const CLIENT: &str = "VMSS_AZURE_ACCOUNT_CLIENT";
const PASSWORD: &str = "VMSS_AZURE_ACCOUNT_PASSWORD";
const TOKEN: &str = "VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT";

/// A run in a runbook whose account has no field but its subscription.
fn without_account(sandbox: &Sandbox) -> Run {
    Run::in_runbook(sandbox)
        .without(TENANT)
        .without(CLIENT)
        .without(PASSWORD)
}

/// A run by a managed identity of App Service.
fn by_managed_identity(sandbox: &Sandbox) -> Run {
    let run = without_account(sandbox).set("VMSS_AZURE_CREDENTIAL", "ManagedIdentity");
    let environment = sandbox.managed_identity_environment();
    environment
        .into_iter()
        .fold(run, |run, (name, value)| run.set(&name, value))
}

#[track_caller]
fn reconciles(run: &Run) {
    let outcome = run.run().expect_code(0);
    assert_eq!(outcome.removed(), GONE);
}

#[test]
fn the_token_of_an_octopus_account_signs_in() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| world.azure.federated_token = Some(JWT.into()));

    reconciles(&Run::in_runbook(&sandbox).without(PASSWORD).set(TOKEN, JWT));
}

#[test]
fn a_managed_identity_signs_in() {
    let sandbox = scaled_in(3, &GONE);
    reconciles(&by_managed_identity(&sandbox));
    assert_eq!(
        sandbox.count(Route::Token),
        0,
        "it needs no Entra ID of ours"
    );
}
