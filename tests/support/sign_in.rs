//! Every way to sign in to Azure, and how a run with it ends.

use crate::support::Run;
use sandbox::{Jwt, Sandbox};

pub const GONE: [&str; 1] = ["web000001"];
pub const CREDENTIAL: &str = "VMSS_AZURE_CREDENTIAL";
pub const TENANT: &str = "VMSS_AZURE_ACCOUNT_TENANTID";
pub const CLIENT: &str = "VMSS_AZURE_ACCOUNT_CLIENT";
pub const PASSWORD: &str = "VMSS_AZURE_ACCOUNT_PASSWORD";
pub const JWT: &str = "VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT";

/// A run in a runbook, with this environment as well.
pub fn with(sandbox: &Sandbox, environment: Vec<(String, String)>) -> Run {
    let run = Run::in_runbook(sandbox);
    environment
        .into_iter()
        .fold(run, |run, (name, value)| run.set(&name, value))
}

/// The same without an application among the account's fields.
pub fn without_application(run: Run) -> Run {
    run.without(TENANT).without(CLIENT).without(PASSWORD)
}

/// A run on a machine that has an identity: of App Service, and one of the metadata service.
pub fn by_managed_identity(sandbox: &Sandbox) -> [Run; 2] {
    [
        sandbox.managed_identity_environment(),
        sandbox.metadata_environment(),
    ]
    .map(|environment| {
        without_application(with(sandbox, environment)).set(CREDENTIAL, "ManagedIdentity")
    })
}

/// A run in a pod that its cluster gives a token.
pub fn by_workload_identity(sandbox: &Sandbox) -> Run {
    let run = with(sandbox, sandbox.workload_identity_environment());
    without_application(run).set(CREDENTIAL, "WorkloadIdentity")
}

/// A run with an account that has a token, which the application trusts.
pub fn by_federated_token(sandbox: &Sandbox, token: &Jwt) -> Run {
    sandbox.world(|world| world.azure.trust(token));
    let run = Run::in_runbook(sandbox).without(PASSWORD);
    run.set(JWT, token.to_string())
}

/// What Octopus makes for a run of this space.
pub fn token() -> Jwt {
    Jwt::of("space:default:project:reconcile")
}

/// The run removes what is gone.
#[track_caller]
pub fn reconciles(run: &Run) {
    assert_eq!(run.run().expect_code(0).removed(), GONE);
}
