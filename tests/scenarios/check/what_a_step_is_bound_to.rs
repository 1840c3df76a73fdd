//! A step that is bound to the wrong thing, however it comes to be, is told what it is bound to and what to write instead.

use crate::support::check::Guided;
use sandbox::{Fault, Guide, Route, When, World};
use serde_json::json;

/// What is wrong, how it comes to be, what is found, and in which words.
type Wrong = (
    &'static str,
    fn(&mut World, &Guide),
    &'static str,
    &'static str,
);

/// Each is found alone, and says so.
fn found(wrong: &[Wrong]) {
    for (what, make, odd, words) in wrong {
        let checked = Guided::but(*make).check();
        checked.expect_only(&[odd], what);
        let odd_ones = checked.findings.iter().filter(|it| it["status"] != "PASS");
        assert_eq!(odd_ones.count(), 1, "{what}: said once");
        let (_, id) = odd.split_once(' ').expect("a status and an id");
        checked.expect_says(id, words);
        checked.expect_no_pass(id);
    }
}

fn variable(world: &mut World, guide: &Guide, name: &str, field: &str, value: &str) {
    guide.variable(world, name, |it| it[field] = value.into());
    guide.publish(world);
}

fn account(world: &mut World, guide: &Guide, field: &str, value: &str) {
    world.edit(&guide.account, |it| it[field] = value.into());
}

#[test]
fn an_account_that_is_none_of_azure() {
    found(&[
        (
            "the variable is a text",
            |world, guide| variable(world, guide, "Project.Azure.Account", "Type", "String"),
            "FAIL azure-account",
            "Project.Azure.Account is of type String",
        ),
        (
            "the account is another cloud's",
            |world, guide| account(world, guide, "AccountType", "AmazonWebServicesAccount"),
            "FAIL azure-account",
            "of type AmazonWebServicesAccount",
        ),
        (
            "the account is of a cloud that is closed",
            |world, guide| account(world, guide, "AzureEnvironment", "AzureGermanCloud"),
            "FAIL azure-account",
            "which is closed",
        ),
        (
            "the account was deleted",
            |world, guide| world.remove(&guide.account),
            "FAIL azure-account",
            "there is no such account",
        ),
        (
            "no account, and the step signs in with one",
            |world, guide| {
                guide.parameter(world, "VMSS.Azure.Account", None);
                guide.publish(world);
            },
            "FAIL parameters",
            "signs in with the Azure account",
        ),
    ]);
}

#[test]
fn an_account_of_another_subscription() {
    let other = "99999999-9999-9999-9999-999999999999";
    let checked = Guided::but(|world, guide| {
        account(world, guide, "SubscriptionNumber", other);
    })
    .check();
    checked.expect_only(
        &["WARN parameters"],
        "the account is of another subscription",
    );
    checked.expect_says("parameters", &format!("is of subscription {other}"));
}

#[test]
fn an_address_that_is_not_this_servers() {
    found(&[
        (
            "it is no address",
            |world, guide| address(world, guide, "nonsense"),
            "FAIL parameters",
            "'nonsense' is no address",
        ),
        (
            "it is empty, and a run takes another with a warning",
            |world, guide| address(world, guide, ""),
            "WARN parameters",
            "a run takes Octopus.Web.ServerUri",
        ),
    ]);
}

fn address(world: &mut World, guide: &Guide, address: &str) {
    let name = "Project.Octopus.Server.Url";
    variable(world, guide, name, "Value", address);
}

/// The step calls the sandbox by another address.
fn by_another(call: impl FnOnce(String) -> String) -> Guided {
    let guided = Guided::new();
    let other = call(guided.sandbox.octopus_url());
    guided
        .sandbox
        .world(|world| address(world, &guided.guide, &other));
    guided
}

/// A second name of the sandbox.
fn by_its_other_name() -> Guided {
    by_another(|url| url.replace("127.0.0.1", "localhost"))
}

#[test]
fn another_scheme_or_path_of_the_same_host_is_another_address() {
    let http = by_another(|url| url.replace("https://", "http://"));
    let path = by_another(|url| format!("{url}/elsewhere"));
    for guided in [http, path] {
        // The first is what the check itself is about.
        let gone = Fault::status(404);
        guided.sandbox.fault(Route::Root, When::From(2), gone);
        let checked = guided.check();
        checked.expect_only(&["WARN parameters"], "nobody answers there");
        checked.expect_says("parameters", "whether they are one server");
    }
    by_another(|url| format!("{url}/api/"))
        .check()
        .expect_only(&[], "the same address, written otherwise");
}

#[test]
fn a_second_name_of_this_server_is_right() {
    let guided = by_its_other_name();
    guided.check().expect_only(&[], "one server has two names");
    let requests = guided.sandbox.requests();
    let there = requests.iter().filter(|it| {
        let host = it.header("host").unwrap_or_default();
        host.starts_with("localhost")
    });
    let there: Vec<_> = there.collect();
    assert_eq!(there.len(), 1, "it is asked who it is");
    for header in ["x-octopus-apikey", "authorization"] {
        assert_eq!(there[0].header(header), None, "a key goes to another host");
    }
}

#[test]
fn another_server_is_wrong_and_one_that_does_not_say_who_it_is_may_be_this_one() {
    for (other, odd, words) in [
        (
            json!("another"),
            "FAIL parameters",
            "which is another server",
        ),
        (
            json!(null),
            "WARN parameters",
            "whether they are one server",
        ),
    ] {
        let guided = by_its_other_name();
        // The first is what the check itself is about.
        let says = Fault::edit(move |it| it["InstallationId"] = other.clone());
        guided.sandbox.fault(Route::Root, When::From(2), says);
        let checked = guided.check();
        checked.expect_only(&[odd], words);
        checked.expect_says("parameters", words);
    }
}

#[test]
fn an_address_that_this_machine_does_not_reach_may_be_this_servers() {
    found(&[(
        "nobody answers there",
        |world, guide| {
            address(world, guide, "https://other.example.com");
        },
        "WARN parameters",
        "https://other.example.com, and this check asked",
    )]);
}

#[test]
fn a_key_that_is_only_a_name() {
    found(&[(
        "the parameter is the variable's name",
        |world, guide| {
            let name = Some("Project.Octopus.Api.Key");
            guide.parameter(world, "VMSS.Octopus.ApiKey", name);
            guide.publish(world);
        },
        "FAIL parameters",
        "Write the name between #{ and }",
    )]);
}
