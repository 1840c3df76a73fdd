//! The way to the file: redirects, certificates, proxies.

use crate::download::path;
use crate::promises;
use crate::server::{Answer, Server};
use crate::worker::{Worker, recorder};
use sandbox::{Fault, Matcher, Sandbox, When};

promises! { PROMISES:
    a_redirect_of_the_release_is_followed,
    a_redirect_in_a_circle_is_given_up,
    https_is_believed_where_its_certificate_is,
    https_is_not_believed_without_its_certificate,
    https_never_leads_to_plain_http,
    the_proxy_of_the_environment_is_asked_with_its_login,
    a_proxy_that_wants_a_login_is_said_without_any_secret,
    a_proxy_that_is_no_address_is_said_without_any_secret,
    what_needs_no_proxy_is_asked_without_one,
    what_is_no_exception_is_asked_of_the_proxy,
}

fn a_redirect_of_the_release_is_followed() {
    let worker = Worker::recording();
    let server = &worker.server;
    let there = format!("{}/there?signature=SIGNATURE", server.url());
    server.answers(&path(), &[Answer::Redirect("/elsewhere".into())]);
    server.answers("/elsewhere", &[Answer::Redirect(there)]);
    let file = Answer::Whole(recorder(0));
    server.answers("/there?signature=SIGNATURE", &[file]);
    let step = worker.run().code(0);
    assert!(worker.has_run());
    assert!(!step.stdout.contains("SIGNATURE"), "{}", step.stdout);
}

fn a_redirect_in_a_circle_is_given_up() {
    let worker = Worker::recording().answered(&[Answer::Redirect(path())]);
    let circle = format!("it led on to {}{}", worker.server.url(), path());
    worker.run().not_started(&worker, &[&circle]);
    assert_eq!(worker.server.asked().len(), 6);
}

/// A worker whose mirror speaks https, and what the mirror answers.
fn secured(answer: Fault) -> (Worker, Sandbox) {
    let sandbox = Sandbox::start();
    sandbox.fault(Matcher::any(), When::Always, answer);
    let worker = Worker::recording()
        .parameter("VMSS.Download.BaseUrl", &sandbox.octopus_url())
        .variable("SSL_CERT_FILE", &sandbox.ca_file().display().to_string());
    (worker, sandbox)
}

fn https_is_believed_where_its_certificate_is() {
    let (worker, _sandbox) = secured(Fault::bytes(200, recorder(0)));
    worker.run().code(0).said("Downloaded https://");
    assert!(worker.has_run());
}

fn https_is_not_believed_without_its_certificate() {
    let (worker, sandbox) = secured(Fault::bytes(200, recorder(0)));
    let worker = worker.without("SSL_CERT_FILE");
    worker.run().not_started(&worker, &["certificate"]);
    assert_eq!(sandbox.count(Matcher::any()), 0, "a stranger was asked");
}

fn https_never_leads_to_plain_http() {
    let plain = Worker::recording();
    let there = format!("{}{}?signature=SIGNATURE", plain.server.url(), path());
    let (worker, _sandbox) = secured(Fault::redirect(&there));
    let there = format!("it led on to {}{}, which is", plain.server.url(), path());
    worker
        .run()
        .not_started(&worker, &[&there, "which is not https"]);
    assert!(plain.server.asked().is_empty(), "it went there");
}

/// A worker that reaches its mirror through this proxy alone.
fn behind(proxy: &str) -> Worker {
    Worker::recording()
        .parameter("VMSS.Download.BaseUrl", "http://mirror.invalid")
        .variable("HTTP_PROXY", proxy)
}

fn the_proxy_of_the_environment_is_asked_with_its_login() {
    let proxy = Server::start();
    let there = format!("http://mirror.invalid{}", path());
    let file = Answer::ForLogin("a user:p@ss:word", recorder(0));
    proxy.answers(&there, &[file]);
    let login = "http://a%20user:p%40ss%3Aword@";
    let worker = behind(&proxy.url().replace("http://", login));
    worker.run().code(0);
    assert!(worker.has_run());
}

fn a_proxy_that_wants_a_login_is_said_without_any_secret() {
    let proxy = Server::start();
    let file = Answer::ForLogin("somebody:else", recorder(0));
    proxy.answers(&format!("http://mirror.invalid{}", path()), &[file]);
    let worker = behind(&proxy.url().replace("http://", "http://user:PASSWORD@"));
    let step = worker.run();
    assert!(!step.stdout.contains("PASSWORD"), "{}", step.stdout);
    step.not_started(&worker, &["the proxy asks for a login"]);
}

fn a_proxy_that_is_no_address_is_said_without_any_secret() {
    let worker = behind("http://user:PASSWORD@proxy:port");
    let step = worker.run();
    assert!(!step.stdout.contains("PASSWORD"), "{}", step.stdout);
    step.not_started(&worker, &["HTTP_PROXY of this worker is no address"]);
}

fn what_needs_no_proxy_is_asked_without_one() {
    for exceptions in ["example.com, *.0.0.1", "127.0.0.0/8"] {
        let worker = Worker::recording()
            .variable("http_proxy", "http://127.0.0.1:9")
            .variable("no_proxy", exceptions);
        worker.run().code(0);
    }
}

fn what_is_no_exception_is_asked_of_the_proxy() {
    let worker = Worker::recording()
        .variable("HTTP_PROXY", "127.0.0.1:9")
        .variable("NO_PROXY", "27.0.0.1,10.0.0.0/8,localhost");
    worker.run().not_started(&worker, &["Could not download"]);
}
