//! What tests of the program may rely on about Azure: tokens, roles, refusals.

use crate::client::Client;
use sandbox::{Access, Read, SUBSCRIPTION, Sandbox, scope};

fn names(rows: &[serde_json::Value]) -> Vec<String> {
    let names = rows.iter().map(|row| row["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[test]
fn what_is_missing_says_which_part_is_missing() {
    let sandbox = Sandbox::start();
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let code = |group: &str, rest: &str| {
        let reply = client.compute(&bearer, group, rest);
        (
            reply.status,
            reply.json()["error"]["code"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        code("web-rg", "virtualMachineScaleSets/nope"),
        (404, "ResourceNotFound".to_owned())
    );
    assert_eq!(
        code("nope", "virtualMachineScaleSets/web"),
        (404, "ResourceGroupNotFound".to_owned())
    );
    let other = SUBSCRIPTION.replace("0001", "0009");
    let list = "providers/Microsoft.Compute/virtualMachineScaleSets?api-version=2024-11-01";
    let reply = client.azure_url(
        &bearer,
        &format!("{}/subscriptions/{other}/{list}", sandbox.azure_url()),
    );
    assert_eq!(reply.json()["error"]["code"], "SubscriptionNotFound");
}

#[test]
fn what_a_caller_spells_wrong_is_refused() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").instances(1);
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let status = |rest: &str| client.compute(&bearer, "web-rg", rest).status;
    assert_eq!(status("virtualMachines?$expand=instanceView"), 400);
    assert_eq!(status("virtualMachines?$filter=name%20eq%20%27web%27"), 400);
    assert_eq!(
        status("virtualMachineScaleSets/web/virtualMachines?$expand=everything"),
        400
    );
    assert_eq!(
        status("virtualMachineScaleSets/web/virtualMachines?take=5"),
        400
    );
    let url = format!(
        "{}{}?api-version=1999-01-01",
        sandbox.azure_url(),
        scope::scale_set("web-rg", "web")
    );
    let reply = client.azure_url(&bearer, &url);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"]["code"], "NoRegisteredProviderFound");
}

#[test]
fn a_token_for_another_audience_is_refused() {
    let sandbox = Sandbox::start();
    let client = Client::of(&sandbox);
    let secret = sandbox.world(|world| world.azure.client_secret.clone());
    let token = client
        .token(&sandbox, &secret, "https%3A%2F%2Fgraph.example%2F.default")
        .ok();
    let reply = client.compute(
        token["access_token"].as_str().unwrap(),
        "web-rg",
        "virtualMachines",
    );
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.json()["error"]["code"],
        "InvalidAuthenticationTokenAudience"
    );

    let bearer = client.bearer(&sandbox);
    sandbox.world(|world| world.azure.expire_tokens());
    let reply = client.compute(&bearer, "web-rg", "virtualMachines");
    assert_eq!(reply.json()["error"]["code"], "ExpiredAuthenticationToken");
}

#[test]
fn a_reader_of_one_group_may_not_list_the_subscription() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").instances(1);
        world.scale_set("other-rg/api").instances(1);
        world.azure.access = Access::nothing().reader(scope::group("web-rg"));
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    let list = format!(
        "{}{}/providers/Microsoft.Compute/virtualMachineScaleSets?api-version=2024-11-01",
        sandbox.azure_url(),
        scope::subscription()
    );
    let refused = client.azure_url(&bearer, &list);
    assert_eq!(refused.status, 403);
    let message = refused.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.contains("does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/read'"));
    assert_eq!(
        client
            .compute(&bearer, "web-rg", "virtualMachineScaleSets")
            .status,
        200
    );
    assert_eq!(
        client
            .compute(&bearer, "other-rg", "virtualMachineScaleSets/api")
            .status,
        403
    );

    // The same list, filtered: no error, and less in it.
    sandbox.world(|world| {
        world.azure.access = Access::nothing().reader(scope::group("web-rg")).filtered()
    });
    let filtered = client.azure_url(&bearer, &list).ok();
    assert_eq!(names(filtered["value"].as_array().unwrap()), ["web"]);
}

#[test]
fn a_right_can_be_missing_by_itself() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        world.scale_set("web").flexible().instances(1);
        world.azure.access = Access::everything().deny(Read::Vms, scope::group("web-rg"));
    });
    let client = Client::of(&sandbox);
    let bearer = client.bearer(&sandbox);
    assert_eq!(
        client.compute(&bearer, "web-rg", "virtualMachines").status,
        403
    );
    assert_eq!(
        client
            .compute(
                &bearer,
                "web-rg",
                "virtualMachineScaleSets/web/virtualMachines"
            )
            .status,
        200
    );
}
