//! The network between the run and its services: redirects, links, timeouts.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, MODES};
use crate::support::relay::{Line, Relay};
use crate::support::{Run, expect_untouched, scaled_in, settled};
use sandbox::{Fault, Matcher, Mode, Route, Sandbox, When};
use std::net::Ipv6Addr;

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

const OCTOPUS: &str = "VMSS_OCTOPUS_URL";
const RESOURCE_MANAGER: &str = "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI";
const ENTRA_ID: &str = "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI";

/// A run that reaches one of its services over a line.
fn over(sandbox: &Sandbox, service: &str, first: usize, line: Line) -> (Relay, Run) {
    let there = if service == OCTOPUS {
        sandbox.octopus_url()
    } else {
        sandbox.azure_url()
    };
    let relay = Relay::to(&there, first, line);
    let run = Run::in_runbook(sandbox).set(service, relay.url());
    // Azure is known by its own address only.
    sandbox.world(|world| world.azure.audiences.push(relay.url()));
    (relay, run)
}

#[test]
fn a_handshake_that_breaks_is_begun_again() {
    for service in [OCTOPUS, RESOURCE_MANAGER, ENTRA_ID] {
        for line in [Line::Dead, Line::Cut] {
            let sandbox = scaled_in(3, &GONE);
            let (relay, run) = over(&sandbox, service, 2, line);

            run.reconcile(&sandbox).code(0).removed(&GONE);

            assert!(relay.connections() > 2, "{service}");
        }
    }
}

#[test]
fn what_does_not_speak_tls_is_said() {
    for service in [OCTOPUS, RESOURCE_MANAGER, ENTRA_ID] {
        for answer in [
            "HTTP/1.1 400 Bad Request\r\n\r\nplain HTTP",
            "SSH-2.0-OpenSSH_9.9\r\n",
        ] {
            let sandbox = scaled_in(3, &GONE);
            let (relay, run) = over(&sandbox, service, usize::MAX, Line::Foreign(answer));

            fails(&sandbox, run, "what answers does not speak https");

            assert_eq!(relay.connections(), 1, "asking again would not have helped");
        }
    }
}

#[test]
fn a_slow_line_is_a_line() {
    let sandbox = scaled_in(3, &GONE);
    let (_octopus, run) = over(&sandbox, OCTOPUS, usize::MAX, Line::Slow);
    let (relay, _) = over(&sandbox, RESOURCE_MANAGER, usize::MAX, Line::Slow);

    run.set(RESOURCE_MANAGER, relay.url())
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);
}

#[test]
fn addresses_may_be_of_ipv6() {
    let sandbox = scaled_in(3, &GONE);
    let local = |url: &str| Relay::at(Ipv6Addr::LOCALHOST.into(), url, 0, Line::Good);
    let relays = [sandbox.octopus_url(), sandbox.azure_url()].map(|url| local(&url));
    let [Some(octopus), Some(azure)] = relays else {
        eprintln!("not tried: this machine has no IPv6");
        return;
    };
    sandbox.world(|world| world.azure.audiences.push(azure.url()));

    Run::in_runbook(&sandbox)
        .set(OCTOPUS, octopus.url())
        .set(RESOURCE_MANAGER, azure.url())
        .set(ENTRA_ID, azure.url())
        .set("HTTPS_PROXY", "http://127.0.0.1:9")
        .set("NO_PROXY", "::1")
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);
}

#[test]
fn a_name_that_does_not_resolve_is_said() {
    for (service, who) in [
        (OCTOPUS, "Octopus"),
        (RESOURCE_MANAGER, "Azure"),
        (ENTRA_ID, "Entra ID"),
    ] {
        let sandbox = scaled_in(3, &GONE);
        // A label longer than 63 characters fails before any name server is asked.
        let run = Run::in_runbook(&sandbox)
            .set(service, format!("https://{}.invalid", "x".repeat(64)))
            .without_retries();
        fails(
            &sandbox,
            run,
            &format!("{who} could not be reached: the name does not resolve"),
        );
    }
}
