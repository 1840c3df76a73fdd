//! Whoever issues the tokens for Azure: Entra ID, a managed identity, a workload identity, the Azure CLI.

use crate::support::messages::{Case, Scene, case};
use crate::support::sign_in::{
    CREDENTIAL, GONE, JWT, by_federated_token, by_managed_identity, by_workload_identity, token,
    with, without_application,
};
use crate::support::{Run, scaled_in};
#[cfg(unix)]
use sandbox::AzureCli;
use sandbox::{Fault, Jwt, Route, Sandbox, When};

const AUTHORITY: &str = "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI";

fn gone() -> Sandbox {
    scaled_in(3, &GONE)
}

/// Azure is so.
fn azure(what: &str, change: fn(&mut sandbox::Azure)) -> Case {
    case(format!("Entra ID: {what}"), move || {
        let sandbox = gone();
        sandbox.world(|world| change(&mut world.azure));
        Scene::of(sandbox)
    })
}

/// Entra ID answers so.
fn entra_id(what: &str, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Case {
    case(format!("Entra ID: {what}"), move || {
        let sandbox = gone();
        sandbox.fault(Route::Token, When::Always, fault());
        Scene::of(sandbox)
    })
}

/// The metadata service of a machine answers so.
fn identity(what: &str, fault: impl Fn() -> Fault + Send + Sync + 'static) -> Case {
    case(format!("managed identity: {what}"), move || {
        let sandbox = gone();
        sandbox.fault(Route::Metadata, When::Always, fault());
        let [_, run] = by_managed_identity(&sandbox);
        Scene::with(sandbox, run)
    })
}

pub fn cases() -> Vec<Case> {
    let mut cases = of_entra_id();
    cases.extend(of_identities());
    #[cfg(unix)]
    cases.extend(of_azure_cli());
    cases
}

fn of_entra_id() -> Vec<Case> {
    vec![
        case("Entra ID: nobody listens at the address", || {
            Scene::of(gone()).set(AUTHORITY, "https://127.0.0.1:9")
        }),
        case("Entra ID: no such host", || {
            Scene::of(gone()).set(AUTHORITY, "https://login.invalid")
        }),
        case("Entra ID: a wrong secret", || {
            Scene::of(gone()).set("VMSS_AZURE_ACCOUNT_PASSWORD", "the-secret-of-last-year")
        }),
        azure("the secret has expired", |it| {
            it.client_secret_expired = true
        }),
        azure("the application is disabled", |it| {
            it.application_disabled = true
        }),
        case("Entra ID: no such tenant", || {
            Scene::of(gone()).set(
                "VMSS_AZURE_ACCOUNT_TENANTID",
                "00000000-0000-4000-8000-00000000dead",
            )
        }),
        case("Entra ID: no such application", || {
            Scene::of(gone()).set(
                "VMSS_AZURE_ACCOUNT_CLIENT",
                "00000000-0000-4000-8000-00000000dead",
            )
        }),
        case("Entra ID: a federated token of another subject", || {
            let sandbox = gone();
            let run = by_federated_token(&sandbox, &token());
            let run = run.set(JWT, Jwt::of("somebody else").to_string());
            Scene::with(sandbox, run)
        }),
        entra_id("403 of something else", || {
            Fault::html(403, "Blocked by the firewall")
        }),
        entra_id("429", || Fault::status(429)),
        entra_id("500", || Fault::status(500)),
        entra_id("503", || Fault::status(503)),
        entra_id("a login page with 200", || {
            Fault::html(200, "Please sign in")
        }),
        entra_id("nothing", || Fault::bytes(200, "")),
        entra_id("half of the JSON", Fault::broken_json),
        entra_id("no token", || Fault::bytes(200, "{}")),
        entra_id("a token that is none", || {
            Fault::bytes(200, "{\"access_token\":\"a b\"}")
        }),
        entra_id("a lifetime that is none", || {
            Fault::bytes(200, "{\"access_token\":\"t\",\"expires_in\":\"soon\"}")
        }),
        entra_id("a redirect", || {
            Fault::redirect("https://login.example.com/")
        }),
        entra_id("a broken connection", Fault::reset),
    ]
}

fn of_identities() -> Vec<Case> {
    vec![
        case("managed identity: no such endpoint", || {
            let sandbox = gone();
            let [run, _] = by_managed_identity(&sandbox);
            let run = run
                .without("IDENTITY_ENDPOINT")
                .set("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9/");
            Scene::with(sandbox, run)
        }),
        identity("400", || {
            Fault::status(400).json(serde_json::json!({"error": "invalid_request", "error_description": "Identity not found"}))
        }),
        identity("403", || Fault::status(403)),
        identity("404", || Fault::status(404)),
        identity("429", || Fault::status(429)),
        identity("500", || Fault::status(500)),
        identity("nothing", || Fault::bytes(200, "")),
        identity("no token", || Fault::bytes(200, "{}")),
        case("workload identity: an empty file", || {
            let sandbox = gone();
            let run = by_workload_identity(&sandbox);
            std::fs::write(sandbox.folder().join("federated-token"), "").expect("a file");
            Scene::with(sandbox, run)
        }),
        case("workload identity: no file", || {
            let sandbox = gone();
            let run =
                by_workload_identity(&sandbox).set("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file");
            Scene::with(sandbox, run)
        }),
        case(
            "workload identity: a token that Entra ID does not trust",
            || {
                let sandbox = gone();
                let run = by_workload_identity(&sandbox);
                let stranger = Jwt::of("system:serviceaccount:elsewhere:worker").to_string();
                std::fs::write(sandbox.folder().join("federated-token"), stranger).expect("a file");
                Scene::with(sandbox, run)
            },
        ),
    ]
}

#[cfg(unix)]
fn of_azure_cli() -> Vec<Case> {
    let cli = |what: &str, behaviour| {
        case(format!("Azure CLI: {what}"), move || {
            let sandbox = gone();
            let run: Run = with(&sandbox, sandbox.azure_cli(behaviour));
            let run = without_application(run).set(CREDENTIAL, "AzureCli");
            Scene::with(sandbox, run).set("VMSS_REQUEST_SECONDS", "2")
        })
    };
    vec![
        cli("it is not installed", AzureCli::Missing),
        cli("nobody has logged in", AzureCli::SignedOut),
        cli("somebody has, long ago", AzureCli::Expired),
        cli("an old version", AzureCli::Old),
        cli("no JSON", AzureCli::Rubbish),
        cli("no answer in time", AzureCli::Hangs),
    ]
}
