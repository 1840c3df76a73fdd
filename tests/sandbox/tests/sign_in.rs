//! What tests of the program may rely on about Entra ID: who gets a token, and why another does not.

use crate::client::{Client, Reply};
use sandbox::{Jwt, Sandbox, hours, now};

const SCOPE: &str = "https%3A%2F%2Fmanagement.azure.com%2F.default";

/// The status and the code, for a refusal whose description carries the code too.
fn refused(reply: &Reply) -> (u16, u64) {
    let body = reply.json();
    let code = body["error_codes"][0].as_u64().unwrap();
    let description = body["error_description"].as_str().unwrap();
    assert!(
        description.starts_with(&format!("AADSTS{code}: ")),
        "{description}"
    );
    assert!(description.contains("\r\nTrace ID: "), "{description}");
    (reply.status, code)
}

#[test]
fn a_wrong_secret_is_refused_with_line_breaks_in_the_description() {
    let sandbox = Sandbox::start();
    let reply = Client::of(&sandbox).token(&sandbox, "wrong", SCOPE);
    assert!(reply.text.contains(r"\r\nTrace ID"));
    assert_eq!(reply.json()["error"], "invalid_client");
    assert_eq!(refused(&reply), (401, 7000215));
}

#[test]
fn an_expired_secret_and_no_secret_have_codes_of_their_own() {
    let sandbox = Sandbox::start();
    let secret = sandbox.world(|world| {
        world.azure.client_secret_expired = true;
        world.azure.client_secret.clone()
    });
    let client = Client::of(&sandbox);
    assert_eq!(
        refused(&client.token(&sandbox, &secret, SCOPE)),
        (401, 7000222)
    );
    assert_eq!(
        refused(&client.token(&sandbox, "wrong", SCOPE)),
        (401, 7000215)
    );
    assert_eq!(refused(&client.token(&sandbox, "", SCOPE)), (401, 7000218));
}

#[test]
fn tenant_application_and_scope_are_checked() {
    let sandbox = Sandbox::start();
    let (tenant, id, secret) = sandbox.world(|world| {
        let azure = &world.azure;
        (
            azure.tenant.clone(),
            azure.client_id.clone(),
            azure.client_secret.clone(),
        )
    });
    let client = Client::of(&sandbox);
    assert_eq!(
        refused(&client.token_at("nowhere", &id, &secret, SCOPE)),
        (400, 90002)
    );
    assert_eq!(
        refused(&client.token_at(&tenant, "nobody", &secret, SCOPE)),
        (400, 700016)
    );
    assert_eq!(
        refused(&client.token_at(&tenant, &id, &secret, "nothing")),
        (400, 70011)
    );
    sandbox.world(|world| world.azure.application_disabled = true);
    assert_eq!(
        refused(&client.token_at(&tenant, &id, &secret, SCOPE)),
        (400, 7000112)
    );
}

#[test]
fn a_federated_token_needs_a_matching_record() {
    let sandbox = Sandbox::start();
    let client = Client::of(&sandbox);
    let ours = Jwt::of("space:default:project:web");
    let sign_in = |token: &Jwt| client.assertion(&sandbox, &token.to_string());
    assert_eq!(refused(&sign_in(&ours)), (400, 70021));

    sandbox.world(|world| world.azure.trust(&ours));
    sign_in(&ours).ok();
    assert_eq!(
        refused(&sign_in(&Jwt::of("Space:default:project:web"))),
        (401, 700213)
    );
    assert_eq!(
        refused(&sign_in(&ours.clone().issuer("https://other.example"))),
        (401, 700211)
    );
    assert_eq!(
        refused(&sign_in(
            &ours.clone().audience("https://management.azure.com")
        )),
        (401, 700212)
    );
    assert_eq!(
        refused(&client.assertion(&sandbox, "#{account.OpenIdConnect.Jwt}")),
        (401, 50027)
    );
}

#[test]
fn a_federated_token_is_good_between_its_times_only() {
    let sandbox = Sandbox::start();
    let client = Client::of(&sandbox);
    let token = Jwt::of("space:default:project:web");
    sandbox.world(|world| world.azure.trust(&token));
    for (from, until) in [(-2, -1), (1, 2)] {
        let token = token
            .clone()
            .valid(now() + hours(from), now() + hours(until));
        let reply = client.assertion(&sandbox, &token.to_string());
        assert_eq!(refused(&reply), (401, 700024));
        assert!(reply.text.contains("Current time: "), "{}", reply.text);
    }
}

#[test]
fn a_token_that_the_test_names_is_taken_whatever_its_form_unless_it_contradicts_itself() {
    let sandbox = Sandbox::start();
    let client = Client::of(&sandbox);
    let sign_in = |token: &str| {
        sandbox.world(|world| world.azure.federated_token = Some(token.to_owned()));
        client.assertion(&sandbox, token)
    };
    sign_in("simple.token.here").ok();
    let token = Jwt::of("anybody");
    sign_in(&token.to_string()).ok();
    let old = token.clone().valid(now() + hours(-2), now() + hours(-1));
    assert_eq!(refused(&sign_in(&old.to_string())), (401, 700024));
    let elsewhere = token.audience("https://elsewhere.example");
    assert_eq!(refused(&sign_in(&elsewhere.to_string())), (401, 700212));
}

#[test]
fn a_pod_finds_its_token_in_a_file() {
    let sandbox = Sandbox::start();
    let environment = sandbox.workload_identity_environment();
    let value = |name: &str| {
        let found = environment.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    let token = std::fs::read_to_string(value("AZURE_FEDERATED_TOKEN_FILE")).unwrap();
    Client::of(&sandbox).assertion(&sandbox, &token).ok();
    assert_eq!(
        value("AZURE_AUTHORITY_HOST"),
        format!("{}/", sandbox.azure_url())
    );
    sandbox.world(|world| {
        assert_eq!(value("AZURE_CLIENT_ID"), world.azure.client_id);
        assert_eq!(value("AZURE_TENANT_ID"), world.azure.tenant);
    });
}
