//! Whose certificates are believed: the system's store, `SSL_CERT_FILE` in its place, and never everybody's.

use crate::support::problems;
use crate::support::relay::{Line, Relay};
use crate::support::{Outcome, Run, expect_untouched, scaled_in, settled};
use sandbox::{Matcher, Sandbox, hours, now};
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

const GONE: [&str; 1] = ["web000001"];

/// Nobody was told a secret, and it is said what to do.
#[track_caller]
fn expect_distrust(sandbox: &Sandbox, outcome: Outcome) {
    let said = outcome.expect_code(3).said("error");
    for saying in ["Octopus could not prove who it is", "certificate"] {
        assert!(
            said.contains(saying),
            "the error says {saying:?}; it was:\n{said}"
        );
    }
    expect_untouched(sandbox);
    let asked = sandbox.count(Matcher::any());
    assert_eq!(asked, 0, "the key went to a stranger");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).without("SSL_CERT_FILE");
    let outcome = run.run();

    assert!(outcome.said("error").contains("SSL_CERT_FILE"));
    expect_distrust(&sandbox, outcome);
}

#[test]
fn the_authority_of_one_server_vouches_for_no_other() {
    let (sandbox, stranger) = (scaled_in(3, &GONE), settled(0));
    let ca_file = stranger.ca_file().display().to_string();
    let run = Run::in_runbook(&sandbox).set("SSL_CERT_FILE", ca_file);

    expect_distrust(&sandbox, run.run());
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
fn a_certificate_out_of_its_time_is_not_trusted_and_the_clock_is_told() {
    for (from, until) in [(-48, -24), (24, 48)] {
        let sandbox = Sandbox::with_certificate(now() + hours(from), now() + hours(until));

        let outcome = Run::in_runbook(&sandbox).run();

        let said = outcome.said("error");
        assert!(said.contains("this worker's clock says 20"), "{said}");
        assert!(said.contains("Renew the server's certificate"), "{said}");
        expect_distrust(&sandbox, outcome);
    }
}

#[test]
fn a_folder_without_certificates_is_a_wrong_setting() {
    let sandbox = settled(1);
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::in_runbook(&sandbox)
        .without("SSL_CERT_FILE")
        .set("SSL_CERT_DIR", folder.path().display().to_string());

    problems::refused(&sandbox, &run).only("SSL_CERT_DIR");
}

#[test]
fn a_folder_of_certificates_serves_as_the_store() {
    let sandbox = scaled_in(3, &GONE);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(sandbox.ca_file(), folder.path().join("office.pem")).expect("a copy");
    let run = Run::in_runbook(&sandbox)
        .without("SSL_CERT_FILE")
        .set("SSL_CERT_DIR", folder.path().display().to_string());

    assert_eq!(run.run().expect_code(0).removed(), GONE);
}

/// Every place where a Linux system keeps its certificates. Source: the crate openssl-probe.
const STORES: &str = "/etc/ssl /etc/pki /usr/lib/ssl /usr/local/ssl /usr/share/ssl /usr/local/share /var/ssl /opt/etc/ssl /etc/certs";

/// A command that runs another one where the system's certificate store is this file, or nothing at all: in a namespace of
/// its own. `None`: this machine allows no such namespaces.
fn with_store(certificates: &str) -> Option<Command> {
    let script = format!(
        "for store in {STORES}; do if [ -d $store ]; then mount -t tmpfs none $store || exit 99; fi; done
         if [ -n '{certificates}' ]; then mkdir /etc/ssl/certs && cp '{certificates}' /etc/ssl/certs/ca-certificates.crt; fi
         exec \"$0\" \"$@\""
    );
    let command = || {
        let mut command = Command::new("unshare");
        command.args(["-Urm", "sh", "-c", &script]);
        command
    };
    let tried = command().arg("true").stderr(Stdio::null()).status();
    if tried.is_ok_and(|status| status.success()) {
        return Some(command());
    }
    eprintln!("not tried: this machine allows no mount namespaces (unshare -Urm)");
    None
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_a_store_trusts_the_public_authorities_and_says_so() {
    let sandbox = scaled_in(3, &GONE);
    let run = Run::in_runbook(&sandbox).without("SSL_CERT_FILE");
    let Some(nothing) = with_store("") else {
        return;
    };

    let outcome = run.run_by(nothing);

    let warned = outcome.said("warning");
    assert!(warned.contains("no certificate store"), "{warned}");
    expect_distrust(&sandbox, outcome);
}

#[test]
#[cfg(target_os = "linux")]
fn an_authority_in_the_systems_store_is_trusted() {
    for empty in [false, true] {
        let sandbox = scaled_in(3, &GONE);
        let run = Run::in_runbook(&sandbox).without("SSL_CERT_FILE");
        let run = if empty {
            run.set("SSL_CERT_FILE", "").set("SSL_CERT_DIR", "")
        } else {
            run
        };
        let Some(store) = with_store(&sandbox.ca_file().display().to_string()) else {
            return;
        };

        let outcome = run.run_by(store).expect_code(0);

        assert_eq!(outcome.removed(), GONE);
        assert_eq!(outcome.said("warning"), "");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_certificate_for_another_name_is_not_trusted_and_the_name_is_said_to_be_wrong() {
    let sandbox = scaled_in(3, &GONE);
    let other = Ipv4Addr::new(127, 0, 0, 2).into();
    let relay = Relay::at(other, &sandbox.octopus_url(), 0, Line::Good).expect("an address");

    let outcome = Run::in_runbook(&sandbox)
        .set("VMSS_OCTOPUS_URL", relay.url())
        .run()
        .expect_code(3);

    let said = outcome.said("error");
    assert!(
        said.contains("Use a name that its certificate is valid for"),
        "{said}"
    );
    assert_eq!(
        sandbox.count(Matcher::any()),
        0,
        "the key went to a stranger"
    );
}
