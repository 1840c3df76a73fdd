//! What tests of the program may rely on about managed identities: App Service and the instance metadata service.

use crate::client::{Client, Reply};
use sandbox::{Access, Fault, Route, Sandbox, When};

const MANAGEMENT: &str = "&resource=https%3A%2F%2Fmanagement.azure.com%2F";

/// Asks the instance metadata service as the documentation shows it.
fn metadata(sandbox: &Sandbox, query: &str) -> Reply {
    metadata_with(sandbox, query, &[("Metadata", "true")])
}

fn metadata_with(sandbox: &Sandbox, query: &str, headers: &[(&str, &str)]) -> Reply {
    let [(name, host)] = &sandbox.metadata_environment()[..] else {
        panic!("one variable says it all");
    };
    assert_eq!(name, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let url = format!("{host}/metadata/identity/oauth2/token?{query}");
    Client::of(sandbox).send("GET", &url, headers, "").unwrap()
}

fn app_service(sandbox: &Sandbox, query: &str) -> Reply {
    let variables = sandbox.managed_identity_environment();
    let url = format!("{}?api-version=2019-08-01{query}", variables[0].1);
    let headers = [("X-IDENTITY-HEADER", variables[1].1.as_str())];
    Client::of(sandbox).send("GET", &url, &headers, "").unwrap()
}

fn reads_machines(sandbox: &Sandbox, token: &serde_json::Value) -> Reply {
    let bearer = token["access_token"].as_str().unwrap();
    Client::of(sandbox).compute(bearer, "web-rg", "virtualMachines")
}

#[test]
fn app_service_gives_a_token_that_resource_manager_accepts() {
    let sandbox = Sandbox::start();
    let token = app_service(&sandbox, MANAGEMENT).ok();
    assert_eq!(reads_machines(&sandbox, &token).status, 200);
    assert_eq!(sandbox.count(Route::ManagedIdentity), 1);
}

#[test]
fn the_metadata_service_answers_in_its_own_shape() {
    let sandbox = Sandbox::start();
    for version in ["2018-02-01", "2019-08-01"] {
        let token = metadata(&sandbox, &format!("api-version={version}{MANAGEMENT}")).ok();
        for text in ["expires_in", "expires_on", "not_before"] {
            assert!(
                token[text].as_str().unwrap().parse::<u64>().is_ok(),
                "{text}"
            );
        }
        assert_eq!(token["token_type"], "Bearer");
        assert_eq!(reads_machines(&sandbox, &token).status, 200);
    }
    assert_eq!(sandbox.count(Route::Metadata), 2);
    sandbox.fault(Route::Metadata, When::Always, Fault::status(410));
    assert_eq!(metadata(&sandbox, "").status, 410);
}

#[test]
fn the_metadata_service_refuses_what_a_proxy_or_a_careless_caller_sends() {
    let sandbox = Sandbox::start();
    let query = format!("api-version=2018-02-01{MANAGEMENT}");
    let refused = |query: &str, headers: &[(&str, &str)]| {
        let reply = metadata_with(&sandbox, query, headers);
        assert_eq!(reply.status, 400, "{query} {headers:?}");
        reply.json()["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&query, &[]), "bad_request_102");
    assert_eq!(refused(&query, &[("Metadata", "True")]), "bad_request_102");
    let forwarded = [("Metadata", "true"), ("X-Forwarded-For", "10.0.0.1")];
    assert_eq!(refused(&query, &forwarded), "invalid_request");
    let good = [("Metadata", "true")];
    assert!(refused("resource=x", &good).contains("api-version"));
    assert_eq!(refused("api-version=2018-02-01", &good), "invalid_request");
    assert_eq!(
        refused(&format!("{query}&clientid=me"), &good),
        "invalid_request"
    );
    assert_eq!(
        refused(&format!("{query}&resource=again"), &good),
        "invalid_request"
    );
}

#[test]
fn only_identities_that_are_assigned_get_a_token() {
    let sandbox = Sandbox::start();
    let web = sandbox.world(|world| world.azure.identities.assign("web-client"));
    let query = |more: &str| format!("api-version=2018-02-01{MANAGEMENT}{more}");
    for id in [
        "client_id=WEB-client",
        &format!("msi_res_id={}", web.resource_id),
    ] {
        metadata(&sandbox, &query(&format!("&{id}"))).ok();
    }
    let token = app_service(
        &sandbox,
        &format!("{MANAGEMENT}&principal_id={}", web.object_id),
    )
    .ok();
    assert_eq!(token["client_id"], "web-client");

    let unknown = metadata(&sandbox, &query("&client_id=another"));
    assert_eq!(unknown.status, 400);
    assert_eq!(unknown.json()["error"], "invalid_request");
    assert_eq!(unknown.json()["error_description"], "Identity not found");
    let unknown = app_service(&sandbox, &format!("{MANAGEMENT}&client_id=another"));
    assert_eq!(unknown.status, 400);
    assert!(
        unknown
            .text
            .contains("No User Assigned or Delegated Managed Identity found")
    );
}

#[test]
fn without_an_identity_of_its_own_the_two_services_differ() {
    let sandbox = Sandbox::start();
    let query = format!("api-version=2018-02-01{MANAGEMENT}");
    sandbox.world(|world| world.azure.identities.system_assigned = false);
    assert_eq!(
        metadata(&sandbox, &query).json()["error_description"],
        "Identity not found"
    );

    sandbox.world(|world| drop(world.azure.identities.assign("only")));
    metadata(&sandbox, &query).ok();
    let refused = app_service(&sandbox, MANAGEMENT);
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["message"],
        "Unable to load requested managed identity."
    );

    sandbox.world(|world| drop(world.azure.identities.assign("second")));
    let refused = metadata(&sandbox, &query);
    assert!(
        refused
            .text
            .contains("Multiple user assigned identities exist")
    );
}

#[test]
fn a_refusal_of_resource_manager_names_the_identity_that_asked() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.azure.identities.assign("web-client");
        world.azure.access = Access::nothing();
    });
    let token = app_service(&sandbox, &format!("{MANAGEMENT}&client_id=web-client")).ok();
    let refused = reads_machines(&sandbox, &token);
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("The client 'web-client'"));
}
