//! Proxies between the run and its services: used where they are set, passed by where they are not wanted, and named where
//! they are in the way.

use crate::support::proxy::Proxy;
use crate::support::{Run, base64, expect_untouched, scaled_in, settled};
use sandbox::{Sandbox, Service};

const GONE: [&str; 1] = ["web000001"];
const USER: &str = "svc-octopus";
const PASSWORD: &str = "pr0xy-p4ssword";

/// The run ends with exit 3 and says all of this, and no password.
#[track_caller]
fn fails(sandbox: &Sandbox, run: &Run, sayings: &[&str]) {
    let outcome = run.run().expect_code(3);
    let said = outcome.said("error");
    for saying in sayings {
        assert!(
            said.contains(saying),
            "the error says {saying:?}; it was:\n{said}"
        );
    }
    let encoded = base64(&format!("{USER}:{PASSWORD}"));
    for secret in [PASSWORD, &encoded] {
        assert!(!outcome.stdout.contains(secret), "{secret} was shown");
    }
    expect_untouched(sandbox);
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

    fails(
        &sandbox,
        &run,
        &[
            "Octopus could not be reached",
            "through the proxy 127.0.0.1:9",
        ],
    );

    assert_eq!(sandbox.count(Service::Octopus), 0);
}

#[test]
fn a_proxy_that_wants_a_password_gets_the_one_of_its_address() {
    let credentials: &'static str = base64(&format!("{USER}:{PASSWORD}")).leak();
    let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::wanting(credentials));
    let address = proxy.url_with(&format!("{USER}:{PASSWORD}"));

    Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", &address)
        .set("HTTP_PROXY", &address)
        .set("VMSS_OCTOPUS_URL", sandbox.octopus_http_url())
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);
}

#[test]
fn a_proxy_that_wants_another_password_is_named_without_the_one_that_it_got() {
    for plain in [false, true] {
        let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::wanting("c29tZWJvZHk6ZWxzZQ=="));
        let url = if plain {
            sandbox.octopus_http_url()
        } else {
            sandbox.octopus_url()
        };
        let address = proxy.url_with(&format!("{USER}:{PASSWORD}"));
        let run = Run::in_runbook(&sandbox)
            .set("RUST_LOG", "trace")
            .set("VMSS_OCTOPUS_URL", url)
            .set("HTTPS_PROXY", &address)
            .set("HTTP_PROXY", &address);

        let named = format!("the proxy {} answered 407", proxy.address());
        fails(&sandbox, &run, &[&named, "user name and a password"]);

        assert_eq!(proxy.hosts().len(), 1, "asking again would not have helped");
    }
}

#[test]
fn a_proxy_that_lets_nobody_through_is_named() {
    for (answer, said) in [
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 26\r\n\r\n<html>Access denied</html>",
            "answered 403: it does not let this worker through",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "answered 502",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>Welcome</html>",
            "does not speak https",
        ),
        ("<html>What is HTTP?</html>", "through the proxy"),
        ("", "through the proxy"),
    ] {
        let (sandbox, proxy) = (scaled_in(3, &GONE), Proxy::answering(answer));
        let run = Run::in_runbook(&sandbox)
            .set("HTTPS_PROXY", proxy.url())
            .without_retries();
        fails(
            &sandbox,
            &run,
            &["Octopus could not be reached", proxy.address(), said],
        );
    }
}

#[test]
fn a_network_needs_no_proxy_where_it_is_named() {
    let (sandbox, proxy) = (settled(1), Proxy::start());

    Run::in_runbook(&sandbox)
        .set("HTTPS_PROXY", proxy.url())
        .set("NO_PROXY", "10.0.0.0/8,127.0.0.0/8")
        .run()
        .expect_code(0);

    assert!(proxy.hosts().is_empty(), "{:?}", proxy.hosts());
}

#[test]
fn the_variables_may_be_in_small_letters() {
    let (sandbox, proxy) = (settled(1), Proxy::start());
    Run::in_runbook(&sandbox)
        .set("https_proxy", proxy.url())
        .run()
        .expect_code(0);
    assert_eq!(proxy.hosts().len(), 2);
}

#[test]
fn what_is_no_http_proxy_is_a_wrong_setting_and_not_shown() {
    let sandbox = settled(1);
    for address in [
        format!("socks5://{USER}:{PASSWORD}@127.0.0.1:9"),
        format!("http://{USER}:{PASSWORD}@"),
        format!("//{PASSWORD}//"),
        // Not written as %2F and %23, these end the address.
        format!("http://{USER}:a/{PASSWORD}@127.0.0.1:9"),
        format!("http://{USER}:a#{PASSWORD}@127.0.0.1:9"),
    ] {
        let outcome = Run::in_runbook(&sandbox)
            .set("HTTPS_PROXY", address)
            .run()
            .expect_code(2);
        assert!(outcome.said("error").contains("HTTPS_PROXY"));
        assert!(!outcome.stdout.contains(PASSWORD), "{}", outcome.stdout);
    }
}
