//! The network between the run and its services: redirects, links, timeouts.

#[path = "common/aftermath.rs"]
mod aftermath;
mod common;
#[path = "common/fleet.rs"]
mod fleet;

use aftermath::reconcile;
use common::{Run, expect_untouched, scaled_in, settled};
use fleet::{Fleet, MODES};
use sandbox::{Fault, Matcher, Mode, Route, Sandbox, When};

const GONE: [&str; 1] = ["web000001"];

/// The run ends with exit 3 and says this.
#[track_caller]
fn fails(sandbox: &Sandbox, run: Run, saying: &str) {
    let outcome = run.run().expect_code(3);
    let said = outcome.said("error");
    assert!(
        said.contains(saying),
        "the error says {saying:?}; it was:\n{said}"
    );
    expect_untouched(sandbox);
}

#[test]
fn a_redirect_is_not_followed_and_said() {
    let sandbox = scaled_in(3, &GONE);
    let stranger = settled(3);
    for (route, there) in [
        (Route::Machines, stranger.octopus_url()),
        (Route::Token, stranger.azure_url()),
        (Route::ScaleSet, stranger.azure_url()),
        (Route::Instances, stranger.azure_url()),
    ] {
        let there = format!("{there}/somewhere");
        sandbox.fault(route, When::Always, Fault::redirect(&there));
        fails(&sandbox, Run::in_runbook(&sandbox), &there);
        sandbox.clear_faults();
    }
    assert_eq!(
        stranger.count(Matcher::any()),
        0,
        "credentials went to a stranger"
    );
}

#[test]
fn the_usual_redirect_from_http_to_https_names_the_setting() {
    let sandbox = scaled_in(3, &GONE);
    let there = format!("{}/api/Spaces-1/machines", sandbox.octopus_url());
    sandbox.fault(Route::Machines, When::Always, Fault::redirect(&there));
    let run = Run::in_runbook(&sandbox).set("VMSS_OCTOPUS_URL", sandbox.octopus_http_url());

    fails(&sandbox, run, "Set VMSS.Octopus.Url");
}

#[test]
fn a_removal_that_is_redirected_failed() {
    let sandbox = scaled_in(3, &GONE);
    sandbox.fault(
        Route::DeleteMachine,
        When::Always,
        Fault::redirect("https://elsewhere.example/"),
    );

    reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .held(&GONE)
        .complained("redirect to https://elsewhere.example/");
}

#[test]
fn a_token_goes_to_no_other_place_whatever_a_link_says() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 3);
        let stranger = settled(3);
        let there = format!("{}/next", stranger.azure_url());
        let elsewhere = move |page: &mut serde_json::Value| page["nextLink"] = there.clone().into();
        let listing = match mode {
            Mode::Uniform => Route::Instances,
            Mode::Flexible => Route::GroupVms,
        };
        fleet
            .sandbox
            .fault(listing, When::Always, Fault::edit(elsewhere));

        fails(
            &fleet.sandbox,
            Run::in_runbook(&fleet.sandbox),
            "another place",
        );

        assert_eq!(
            stranger.count(Matcher::any()),
            0,
            "a token went to a stranger"
        );
    }
}

#[test]
fn a_token_does_not_leave_tls_whatever_a_link_says() {
    let fleet = Fleet::of(Mode::Uniform, 3);
    let there = fleet.sandbox.azure_url().replace("https:", "http:");
    let downgrade =
        move |page: &mut serde_json::Value| page["nextLink"] = format!("{there}/next").into();
    fleet
        .sandbox
        .fault(Route::Instances, When::Always, Fault::edit(downgrade));

    fails(
        &fleet.sandbox,
        Run::in_runbook(&fleet.sandbox),
        "another place",
    );
}

#[test]
fn no_request_waits_for_ever() {
    for stall in [Fault::stall(), Fault::stall_halfway()] {
        for route in [
            Route::Machines,
            Route::Token,
            Route::ScaleSet,
            Route::Instances,
        ] {
            let sandbox = scaled_in(3, &GONE);
            sandbox.fault(route, When::Always, stall.clone());
            let run = Run::in_runbook(&sandbox)
                .set("VMSS_REQUEST_SECONDS", "0.3")
                .set("VMSS_RETRY_SECONDS", "0.4");
            fails(&sandbox, run, "no answer within 0.3 seconds");
        }
    }
}
