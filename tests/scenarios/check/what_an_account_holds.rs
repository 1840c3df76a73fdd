//! The step's Azure account: what it must hold, how it may be called, and what takes its place.

use crate::support::check::{Guided, told};
use sandbox::{Fault, Guide, Route, When, World};
use serde_json::{Value, json};

fn account(world: &mut World, guide: &Guide, field: &str, value: Value) {
    world.edit(&guide.account, |it| it[field] = value);
}

fn parameter(world: &mut World, guide: &Guide, name: &str, value: Option<&str>) {
    guide.parameter(world, name, value);
    guide.publish(world);
}

/// A worker that signs in itself, without an account.
fn without_account(world: &mut World, guide: &Guide, credential: &str) {
    guide.parameter(world, "VMSS.Azure.Account", None);
    parameter(world, guide, "VMSS.Azure.Credential", Some(credential));
}

/// The scale set by its full resource id.
fn in_full(world: &mut World, guide: &Guide) {
    let (group, name) = (sandbox::GROUP, world.scale_set_name.clone());
    let subscription = sandbox::SUBSCRIPTION;
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
    );
    guide.variable(world, "Project.VMSS.ScaleSetName", |it| {
        it["Value"] = id.into();
    });
    guide.publish(world);
}

#[test]
fn without_an_account_a_scale_set_names_its_subscription_itself() {
    for credential in ["ManagedIdentity", "WorkloadIdentity"] {
        let by_name = Guided::but(|world, guide| without_account(world, guide, credential));
        let checked = by_name.check();
        checked.expect_only(&["FAIL parameters"], credential);
        checked.expect_says("parameters", "does not name its own");
        checked.expect_code(2);
        let in_full = Guided::but(|world, guide| {
            without_account(world, guide, credential);
            in_full(world, guide);
        });
        in_full.check().expect_only(&[], credential);
    }
}

#[test]
fn an_account_that_lacks_what_a_run_takes_from_it() {
    told(
        "azure-account",
        &[
            (
                "no subscription",
                |world, guide| account(world, guide, "SubscriptionNumber", "".into()),
                &["FAIL azure-account"],
                "it names no subscription",
            ),
            (
                "no subscription, and the scale set names its own",
                |world, guide| {
                    account(world, guide, "SubscriptionNumber", Value::Null);
                    in_full(world, guide);
                },
                &[],
                "it may be used here",
            ),
            (
                "no secret",
                |world, guide| account(world, guide, "Password", json!({ "HasValue": false })),
                &["FAIL azure-account"],
                "it has no client secret",
            ),
            (
                "no application",
                |world, guide| account(world, guide, "ClientId", Value::Null),
                &["FAIL azure-account"],
                "it has no application",
            ),
            (
                "no tenant",
                |world, guide| account(world, guide, "TenantId", "".into()),
                &["FAIL azure-account"],
                "it has no tenant id",
            ),
            (
                "no secret, and the worker signs in itself",
                |world, guide| {
                    account(world, guide, "Password", json!({ "HasValue": false }));
                    let own = Some("ManagedIdentity");
                    parameter(world, guide, "VMSS.Azure.Credential", own);
                },
                &[],
                "it may be used here",
            ),
            (
                "a token instead of a secret",
                |world, guide| world.use_openid_connect(&guide.account),
                &[],
                "it may be used here",
            ),
        ],
    );
}

#[test]
fn how_a_step_calls_its_account() {
    told(
        "azure-account",
        &[(
            "by the id of the account",
            |world, guide| {
                let id = guide.account.clone();
                parameter(world, guide, "VMSS.Azure.Account", Some(&id));
            },
            &["WARN azure-account"],
            "it is named by its id",
        )],
    );
}

#[test]
fn an_account_whose_id_an_older_server_made() {
    let guided = Guided::but(|world, guide| {
        guide.variable(world, "Project.Azure.Account", |it| {
            it["Value"] = "azureserviceprincipal-sub".into();
        });
        guide.publish(world);
    });
    let guide = &guided.guide;
    let account = guided
        .sandbox
        .world(|world| world.document(&guide.account).clone());
    let answer = Fault::status(200).json(account);
    guided.sandbox.fault(Route::Account, When::Always, answer);
    let checked = guided.check();
    checked.expect_only(&[], "an id of another form");
    checked.expect_says("azure-account", "it may be used here");
}
