//! What issues the tokens for Azure refuses, or answers what is none; and tokens that end too soon.

use crate::support::sign_in::{
    GONE, JWT, PASSWORD, by_federated_token, by_managed_identity, reconciles, token,
};
use crate::support::{Run, fails, registered, scaled_in};
use sandbox::{Fault, Jwt, Route, When, hours, now};

#[test]
fn what_entra_id_refuses_is_understood_from_the_message_alone() {
    let world = |change: fn(&mut sandbox::Azure)| {
        let sandbox = scaled_in(3, &GONE);
        sandbox.world(|world| change(&mut world.azure));
        sandbox
    };
    let expired = world(|azure| azure.client_secret_expired = true);
    let run = Run::in_runbook(&expired);
    fails(
        &expired,
        run,
        &[
            "Entra ID answered 401",
            "AADSTS7000222",
            "Make a new client secret",
        ],
    );
    let disabled = world(|azure| azure.application_disabled = true);
    let run = Run::in_runbook(&disabled);
    fails(&disabled, run, &["AADSTS7000112", "Enable the application"]);
    let strict = world(|_| {});
    let run = by_federated_token(&strict, &token()).set(JWT, Jwt::of("somebody else").to_string());
    fails(
        &strict,
        run,
        &[
            "AADSTS700213",
            "federated credential",
            "issuer, subject and audience",
        ],
    );
}

#[test]
fn what_is_no_fault_of_the_account_is_not_blamed_on_it() {
    let busy = || Fault::status(503);
    let firewall = || Fault::html(403, "<html>Blocked</html>");
    for (route, answer, said) in [
        (Route::Token, busy(), "service health of Entra ID"),
        (Route::Token, firewall(), "no answer of Entra ID's own"),
        (Route::ScaleSet, busy(), "Azure's service health"),
        (Route::ScaleSet, firewall(), "no answer of Azure's own"),
    ] {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(route, When::Always, answer);
        fails(&sandbox, Run::in_runbook(&sandbox), &[said]);
    }
    let sandbox = scaled_in(3, &GONE);
    sandbox.fault(Route::Metadata, When::Always, busy());
    let [_, run] = by_managed_identity(&sandbox);
    fails(&sandbox, run, &["it is busy, or being updated"]);
}

#[test]
fn a_token_out_of_its_time_names_the_clocks() {
    for (from, until) in [(-3, -2), (2, 3)] {
        let sandbox = scaled_in(3, &GONE);
        let late = token().valid(now() + hours(from), now() + hours(until));
        let run = by_federated_token(&sandbox, &token()).set(JWT, late.to_string());
        fails(
            &sandbox,
            run,
            &["AADSTS700024", "clock", "VMSS.Timeout.Value"],
        );
    }
}

#[test]
fn a_clock_that_is_off_is_said_with_how_far() {
    for (route, status) in [
        (Route::Token, 401),
        (Route::ScaleSet, 401),
        (Route::Token, 400),
    ] {
        for (date, said) in [
            ("Thu, 01 Jan 2015 00:00:00 GMT", "ahead of that service's"),
            ("Thu, 01 Jan 2099 00:00:00 GMT", "behind of that service's"),
        ] {
            let sandbox = scaled_in(3, &GONE);
            let refusal = Fault::status(status).header("Date", date);
            sandbox.fault(route, When::Always, refusal);
            let run = Run::in_runbook(&sandbox);
            fails(
                &sandbox,
                run,
                &["Set this worker's clock right: it is", said],
            );
        }
    }
}

#[test]
fn a_clock_that_is_right_is_not_suspected() {
    let sandbox = scaled_in(3, &GONE);
    let outcome = Run::in_runbook(&sandbox).set(PASSWORD, "wrong").run();
    let said = outcome.expect_code(3).said("error");
    assert!(!said.contains("clock"), "{said}");
}

#[test]
fn a_lifetime_in_any_form_is_taken() {
    let lifetimes = [
        "3599",
        "\"3599\"",
        "9223372036854775807",
        "0",
        "-1",
        "1e300",
        "null",
    ];
    for lifetime in lifetimes {
        let sandbox = scaled_in(3, &GONE);
        let lifetime: serde_json::Value = serde_json::from_str(lifetime).expect("JSON");
        let edit = move |answer: &mut serde_json::Value| answer["expires_in"] = lifetime.clone();
        sandbox.fault(Route::Token, When::Always, Fault::edit(edit));
        reconciles(&Run::in_runbook(&sandbox));
    }
}

#[test]
fn what_is_no_token_is_refused_as_such() {
    for (body, said) in [
        ("{}", "cannot be understood"),
        ("null", "cannot be understood"),
        ("<html>Please log in</html>", "saying: Please log in"),
        (r#"{"access_token":""}"#, "it holds no access token"),
        (
            r#"{"access_token":"t","expires_in":"soon"}"#,
            "(expires_in) is no number of seconds",
        ),
    ] {
        let sandbox = scaled_in(3, &GONE);
        let answer = Fault::bytes(200, body);
        sandbox.fault(Route::Token, When::Always, answer.clone());
        fails(&sandbox, Run::in_runbook(&sandbox), &["Entra ID", said]);
        sandbox.fault(Route::Metadata, When::Always, answer);
        let [_, run] = by_managed_identity(&sandbox);
        fails(&sandbox, run, &["The managed identity's endpoint", said]);
    }
}

#[test]
fn a_token_that_ends_during_the_run_is_replaced() {
    for sign_in in [Route::Token, Route::ManagedIdentity, Route::Metadata] {
        for listing in [Route::Instances, Route::PointRead, Route::ScaleSets] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.on(listing, 1, |world| world.azure.expire_tokens());
            let [app_service, machine] = by_managed_identity(&sandbox);
            reconciles(&match sign_in {
                Route::ManagedIdentity => app_service,
                Route::Metadata => machine,
                _ => Run::in_runbook(&sandbox),
            });
            assert_eq!(sandbox.count(sign_in), 2, "{listing:?}");
        }
    }
}

#[test]
fn a_token_that_azure_never_took_is_not_asked_for_again() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.world(|world| world.azure.audiences.clear());
    let run = Run::in_runbook(&sandbox).set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", "AzureCloud");
    sandbox.fault(Route::ScaleSet, When::Always, Fault::status(401));
    fails(&sandbox, run, &["Azure answered 401", "tenant"]);
    assert_eq!(sandbox.count(Route::Token), 1);
}

#[test]
fn no_refused_sign_in_means_that_a_machine_is_gone() {
    // Tokens that are said to be over at once are asked for before every request.
    let over = |answer: &mut serde_json::Value| answer["expires_in"] = 0.into();
    let requests = {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(Route::Token, When::Always, Fault::edit(over));
        reconciles(&Run::in_runbook(&sandbox));
        sandbox.count(Route::Token)
    };
    assert!(requests > 5, "{requests}");
    for refused in 1..=requests {
        let sandbox = scaled_in(3, &GONE);
        sandbox.fault(Route::Token, When::Always, Fault::edit(over));
        let missing = Fault::status(404).json(serde_json::json!({
            "error": "NotFound", "error_description": "The service is being updated."
        }));
        sandbox.fault(Route::Token, When::From(refused), missing);

        let outcome = Run::in_runbook(&sandbox).run();

        assert_eq!(
            registered(&sandbox).len(),
            3,
            "refused from {refused} on: {}",
            outcome.stdout
        );
    }
}
