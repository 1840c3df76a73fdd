//! Signing in as whoever is logged in to the Azure CLI.

use crate::support::problems::refused;
use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::{AzureCli, Sandbox};
use std::time::{Duration, Instant};

const GONE: [&str; 1] = ["web000001"];
const TENANT: &str = "VMSS_AZURE_ACCOUNT_TENANTID";

/// A run beside an `az` that behaves like this, without anything of an account but its subscription.
fn beside(sandbox: &Sandbox, behaviour: AzureCli) -> Run {
    let run = Run::in_runbook(sandbox)
        .without(TENANT)
        .without("VMSS_AZURE_ACCOUNT_CLIENT")
        .without("VMSS_AZURE_ACCOUNT_PASSWORD")
        .set("VMSS_AZURE_CREDENTIAL", "AzureCli");
    let environment = sandbox.azure_cli(behaviour);
    environment
        .into_iter()
        .fold(run, |run, (name, value)| run.set(&name, value))
}

#[test]
fn whoever_is_logged_in_reconciles_with_one_call() {
    let sandbox = scaled_in(3, &GONE);

    let outcome = beside(&sandbox, AzureCli::SignedIn).run().expect_code(0);

    assert_eq!(outcome.removed(), GONE);
    let calls = sandbox.azure_cli_calls();
    assert_eq!(calls.len(), 1, "a call takes seconds");
    let scope = format!("{}/.default", sandbox.azure_url());
    assert_eq!(calls[0].option("--scope"), Some(scope.as_str()));
}

#[test]
fn the_tenant_is_asked_for_or_else_that_of_the_subscription() {
    let sandbox = scaled_in(3, &GONE);
    let tenant = sandbox.world(|world| world.azure.tenant.clone());
    let run = beside(&sandbox, AzureCli::SignedIn);
    run.run().expect_code(0);
    run.set(TENANT, &tenant).run().expect_code(0);

    let asked = sandbox.azure_cli_calls();
    let asked = asked
        .iter()
        .map(|call| (call.option("--tenant"), call.option("--subscription")));
    let expected = [
        (None, Some(sandbox::SUBSCRIPTION)),
        (Some(tenant.as_str()), None),
    ];
    assert_eq!(asked.collect::<Vec<_>>(), expected);
}

#[test]
fn a_tenant_that_is_none_is_a_wrong_setting_and_reaches_no_shell() {
    let sandbox = scaled_in(3, &GONE);
    for tenant in ["a b", "$(id)", "x;id", "\"", "`id`"] {
        let run = beside(&sandbox, AzureCli::SignedIn).set(TENANT, tenant);
        refused(&sandbox, &run).only("VMSS.Azure.Account.TenantId");
    }
    assert!(sandbox.azure_cli_calls().is_empty());
}

#[test]
fn a_subscription_that_is_none_reaches_no_shell() {
    let sandbox = scaled_in(3, &GONE);
    for subscription in ["$(id)", "x;id", "\"&id&\"", "`id`"] {
        let run = beside(&sandbox, AzureCli::SignedIn)
            .set("VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER", subscription);
        let outcome = run.run();
        assert!(matches!(outcome.code, 2 | 3), "{}", outcome.stdout);
    }
    assert!(sandbox.azure_cli_calls().is_empty());
}

#[test]
fn what_goes_wrong_is_said_in_its_own_words_with_the_way_out() {
    for (behaviour, said) in [
        (
            AzureCli::SignedOut,
            "Please run 'az login' to setup account",
        ),
        (AzureCli::Expired, "AADSTS700082"),
        (AzureCli::Missing, "there is no az on the PATH"),
        (AzureCli::Old, "2.54.0"),
        (AzureCli::Rubbish, "cannot be understood"),
    ] {
        let sandbox = scaled_in(3, &GONE);
        let outcome = beside(&sandbox, behaviour).run().expect_code(3);
        let error = outcome.said("error");
        for words in [
            "to read scale set web",
            "The Azure CLI",
            said,
            "VMSS.Azure.Credential = Account",
        ] {
            assert!(error.contains(words), "{behaviour:?}, {words:?}:\n{error}");
        }
        expect_untouched(&sandbox);
    }
}

#[test]
fn one_that_hangs_is_waited_for_no_longer_than_for_a_request() {
    let sandbox = scaled_in(3, &GONE);
    let run = beside(&sandbox, AzureCli::Hangs).set("VMSS_REQUEST_SECONDS", "2");
    let outcome = run.run().expect_code(3);
    let error = outcome.said("error");
    assert!(
        error.contains("The Azure CLI failed: no answer within 2 seconds"),
        "{error}"
    );
    let process = sandbox.azure_cli_calls()[0].process;
    let patience = Instant::now() + Duration::from_secs(20);
    while still_runs(process) && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!still_runs(process), "it was left behind on the worker");
}

/// A process that was killed and that nobody has taken note of yet (`Z`) runs no more. Linux alone tells.
fn still_runs(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").starts_with(" Z"))
}

#[test]
fn one_that_floods_is_not_kept_in_memory() {
    let sandbox = scaled_in(3, &GONE);
    let mut little_memory = std::process::Command::new("/bin/sh");
    little_memory.args(["-c", "ulimit -v 1048576 && exec \"$0\" \"$@\""]);
    let run = beside(&sandbox, AzureCli::Floods);

    let outcome = run.run_by(little_memory).expect_code(3);

    let said = outcome.said("error");
    assert!(said.contains("The Azure CLI failed: xxx"), "{said:.500}");
    assert!(said.len() < 5000, "{} bytes", said.len());
}

#[test]
fn it_is_given_no_secret_of_ours() {
    let sandbox = scaled_in(3, &GONE);
    let key = sandbox.world(|world| world.octopus.api_key.clone());
    let run = beside(&sandbox, AzureCli::SignedIn)
        .set(
            "VMSS_AZURE_ACCOUNT_PASSWORD",
            "a-password-that-is-not-needed",
        )
        .set("HTTPS_PROXY", "")
        .set("HOME", "/home/somebody");
    run.run().expect_code(0);

    let call = &sandbox.azure_cli_calls()[0];
    let environment = format!("{:?} {:?}", call.environment, call.arguments);
    for secret in [key.as_str(), "a-password-that-is-not-needed"] {
        assert!(!environment.contains(secret), "{secret}: {environment}");
    }
    assert!(
        environment.contains("/home/somebody"),
        "it needs the rest: {environment}"
    );
}
