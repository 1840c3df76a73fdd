//! The network between the run and its services: certificates, redirects, links, timeouts, proxies.

#[path = "common/aftermath.rs"]
mod aftermath;
mod common;
#[path = "common/fleet.rs"]
mod fleet;
#[path = "common/problems.rs"]
mod problems;
#[path = "common/proxy.rs"]
mod proxy;

use aftermath::reconcile;
use common::{Run, expect_untouched, scaled_in, settled};
use fleet::{Fleet, MODES};
use proxy::Proxy;
use sandbox::{Fault, Matcher, Mode, Route, Sandbox, Service, When};

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
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).without("SSL_CERT_FILE");

    fails(&sandbox, run, "certificate");

    assert_eq!(
        sandbox.count(Matcher::any()),
        0,
        "the key went to a stranger"
    );
}

#[test]
fn the_authority_of_one_server_vouches_for_no_other() {
    let (sandbox, stranger) = (scaled_in(3, &GONE), settled(0));
    let ca_file = stranger.ca_file().display().to_string();
    let run = Run::in_runbook(&sandbox).set("SSL_CERT_FILE", ca_file);

    fails(&sandbox, run, "certificate");

    assert_eq!(
        sandbox.count(Matcher::any()),
        0,
        "the key went to a stranger"
    );
}

#[test]
fn a_certificate_file_that_is_none_is_a_wrong_setting() {
    let sandbox = settled(1);
    let folder = tempfile::tempdir().expect("a folder");
    let garbage = folder.path().join("ca.pem");
    std::fs::write(&garbage, "no certificate").expect("a file");
    for path in [&garbage, &folder.path().join("missing.pem")] {
        let run = Run::in_runbook(&sandbox).set("SSL_CERT_FILE", path.display().to_string());
        problems::refused(&sandbox, &run).only("SSL_CERT_FILE");
    }
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

#[test]
fn proxies_are_used_for_all_services() {
    let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::start());

    Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", proxy.url())
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);

    let mut hosts =
        [sandbox.octopus_url(), sandbox.azure_url()].map(|url| url.replace("https://", ""));
    hosts.sort();
    assert_eq!(proxy.hosts(), hosts);
}

#[test]
fn what_needs_no_proxy_is_reached_directly() {
    let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::start());

    Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", proxy.url())
        .set("NO_PROXY", "localhost,127.0.0.1")
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);

    assert!(proxy.hosts().is_empty(), "{:?}", proxy.hosts());
}

#[test]
fn a_list_of_what_needs_no_proxy_may_have_spaces() {
    let (sandbox, proxy) = (settled(1), Proxy::start());

    Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", proxy.url())
        .set("NO_PROXY", "localhost, 127.0.0.1 ")
        .run()
        .expect_code(0);

    assert!(proxy.hosts().is_empty(), "{:?}", proxy.hosts());
}

#[test]
fn plain_http_and_https_have_a_proxy_each() {
    let (sandbox, plain, secure) = (scaled_in(3, &GONE), Proxy::start(), Proxy::start());

    Run::in_runbook(&sandbox)
        .set("VMSS_OCTOPUS_URL", sandbox.octopus_http_url())
        .set("HTTP_PROXY", plain.url())
        .set("HTTPS_PROXY", secure.url())
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);

    assert_eq!(
        plain.hosts(),
        [sandbox.octopus_http_url().replace("http://", "")]
    );
    assert_eq!(
        secure.hosts(),
        [sandbox.azure_url().replace("https://", "")]
    );
}

#[test]
fn a_proxy_that_is_not_there_is_a_service_that_cannot_be_reached() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", "http://127.0.0.1:9")
        .without_retries();

    fails(&sandbox, run, "Octopus could not be reached");

    assert_eq!(sandbox.count(Service::Octopus), 0);
}
