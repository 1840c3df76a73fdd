//! What tests of the program may rely on about the stand-in for the Azure CLI.

use crate::client::Client;
use sandbox::{AzureCli, SUBSCRIPTION, Sandbox};
use std::process::{Command, Output, Stdio};

const MANAGEMENT: &str = "https://management.azure.com/.default";

/// Calls `az` as the identity libraries do.
fn az(sandbox: &Sandbox, behaviour: AzureCli, arguments: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("cd /bin && az {arguments}")])
        .env_clear()
        .env("SOME_SECRET", "two\nlines")
        .envs(sandbox.azure_cli(behaviour));
    shell
}

fn get_token(sandbox: &Sandbox, behaviour: AzureCli, options: &str) -> Output {
    let arguments = format!("account get-access-token -o json --scope {options}");
    az(sandbox, behaviour, &arguments).output().unwrap()
}

fn printed(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The status and what the user reads.
fn refused(output: &Output) -> (i32, String) {
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), said)
}

#[test]
fn who_has_signed_in_gets_a_token_that_resource_manager_accepts() {
    let sandbox = Sandbox::start();
    let own = format!("{}/.default", sandbox.azure_url());
    for scope in [
        MANAGEMENT,
        "https://management.core.windows.net//.default",
        &own,
    ] {
        let token = printed(&get_token(&sandbox, AzureCli::SignedIn, scope));
        let bearer = token["accessToken"].as_str().unwrap();
        let reply = Client::of(&sandbox).compute(bearer, "web-rg", "virtualMachines");
        assert_eq!(reply.status, 200, "{scope}");
        assert_eq!(token["tokenType"], "Bearer");
        assert_eq!(token["subscription"], SUBSCRIPTION);
        assert!(token["expires_on"].is_i64());
        assert_eq!(token["expiresOn"].as_str().unwrap().len(), 26);
    }
    let old = printed(&get_token(&sandbox, AzureCli::Old, MANAGEMENT));
    assert!(old["expires_on"].is_null());
    assert!(old["expiresOn"].is_string());
}

#[test]
fn tenant_and_subscription_are_checked_and_exclude_each_other() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.world(|world| world.azure.tenant.clone());
    let ask = |options: &str| {
        get_token(
            &sandbox,
            AzureCli::SignedIn,
            &format!("{MANAGEMENT} {options}"),
        )
    };
    let token = printed(&ask(&format!("--tenant {tenant}")));
    assert_eq!(token["tenant"], tenant.as_str());
    assert!(token["subscription"].is_null());
    printed(&ask(&format!(
        "--subscription {}",
        SUBSCRIPTION.to_uppercase()
    )));

    let says = |options: &str, status: i32, words: &str| {
        let (code, said) = refused(&ask(options));
        assert_eq!(code, status, "{options}");
        assert!(said.contains(words), "{options}: {said}");
    };
    says(
        &format!("--tenant {tenant} --subscription {SUBSCRIPTION}"),
        1,
        "not both",
    );
    says("--tenant elsewhere", 1, "AADSTS90002");
    says(
        "--subscription elsewhere",
        1,
        "Subscription 'elsewhere' not found",
    );
    says("--scope https://graph.example/.default", 1, "AADSTS500011");
    says(
        "--tenannt elsewhere",
        2,
        "unrecognized arguments: --tenannt elsewhere",
    );
}

#[test]
fn what_goes_wrong_is_said_as_az_says_it() {
    let sandbox = Sandbox::start();
    let (code, said) = refused(&get_token(&sandbox, AzureCli::SignedOut, MANAGEMENT));
    assert_eq!(
        (code, said.as_str()),
        (1, "ERROR: Please run 'az login' to setup account.\n")
    );
    let (code, said) = refused(&get_token(&sandbox, AzureCli::Expired, MANAGEMENT));
    assert_eq!(code, 1);
    assert!(
        said.starts_with("ERROR: AADSTS700082: The refresh token has expired"),
        "{said}"
    );
    assert!(
        said.ends_with(&format!("az login --scope {MANAGEMENT}\n")),
        "{said}"
    );

    let rubbish = get_token(&sandbox, AzureCli::Rubbish, MANAGEMENT);
    assert!(rubbish.status.success());
    assert_eq!(rubbish.stdout, b"Welcome to Azure!\n");
    let (code, said) = refused(&get_token(&sandbox, AzureCli::Missing, MANAGEMENT));
    assert_eq!(code, 127, "{said}");
}

#[test]
fn how_it_was_called_is_known() {
    let sandbox = Sandbox::start();
    assert!(sandbox.azure_cli_calls().is_empty());
    let first = az(&sandbox, AzureCli::SignedIn, "--version")
        .output()
        .unwrap();
    assert_eq!(first.status.code(), Some(2));
    get_token(&sandbox, AzureCli::SignedOut, MANAGEMENT);
    let calls = sandbox.azure_cli_calls();
    assert_eq!(calls[0].arguments, ["--version"]);
    assert_eq!(calls[1].option("--scope"), Some(MANAGEMENT));
    let secret = |(name, value): &(String, String)| name == "SOME_SECRET" && value == "two\nlines";
    assert!(calls[1].environment.iter().any(secret));
    assert_eq!(calls.len(), 2);
}

#[test]
fn one_that_hangs_ends_with_the_sandbox() {
    let sandbox = Sandbox::start();
    let mut child = az(&sandbox, AzureCli::Hangs, "account get-access-token")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while sandbox.azure_cli_calls().is_empty() {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    assert!(sandbox.azure_cli_calls()[0].process > 0);
    assert!(child.try_wait().unwrap().is_none());
    drop(sandbox);
    assert!(!child.wait().unwrap().success());
}
