//! Where Octopus Server is, with which key it is asked, and how people at a terminal may name things.

use crate::support::problems::refused;
use crate::support::{Run, registered, scaled_in, settled};
use sandbox::{Route, Sandbox, Service};

#[test]
fn the_address_may_end_in_a_slash_or_in_api() {
    let sandbox = settled(1);
    let url = sandbox.octopus_url();
    for end in ["", "/", "/api", "/api/", "/API//"] {
        let run = Run::by_hand(&sandbox).set("VMSS_OCTOPUS_URL", format!(" {url}{end} "));
        run.run().expect_code(0);
    }
}

#[test]
fn octopus_may_sit_in_a_virtual_directory() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| world.octopus.virtual_directory = "/apps/octo".into());
    let url = sandbox.octopus_url();
    for end in ["", "/", "/api", "/api/"] {
        let run = Run::by_hand(&sandbox).set("VMSS_OCTOPUS_URL", format!("{url}{end}"));
        run.run().expect_code(0);
    }
    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
}

#[test]
fn an_address_that_was_not_resolved_gives_way_to_the_servers_own_with_a_warning() {
    for unusable in ["#{Server.Base.Uri}", "https://#{Host}/", ""] {
        let sandbox = settled(1);
        let run = Run::in_runbook(&sandbox)
            .set("VMSS_OCTOPUS_URL", unusable)
            .set("OCTOPUS_WEB_SERVERURI", sandbox.octopus_url())
            .set("OCTOPUS_WEB_BASEURL", "https://wrong.invalid");

        let outcome = run.run().expect_code(0);

        let warning = outcome.said("warning");
        assert!(warning.contains("VMSS.Octopus.Url"), "{warning}");
        assert!(warning.contains("Octopus.Web.ServerUri"), "{warning}");
    }
}

#[test]
fn by_hand_the_servers_own_address_serves_too() {
    let sandbox = settled(1);
    let run = Run::by_hand(&sandbox)
        .without("VMSS_OCTOPUS_URL")
        .set("OCTOPUS_WEB_SERVERURI", sandbox.octopus_url());

    let outcome = run.run().expect_code(0);

    outcome.expect_said("warning: OCTOPUS_URL is not set");
}

#[test]
fn the_last_resort_is_the_base_url() {
    for unusable in ["", "#{Octopus.Web.ServerUri}"] {
        let sandbox = settled(1);
        let run = Run::in_runbook(&sandbox)
            .without("VMSS_OCTOPUS_URL")
            .set("OCTOPUS_WEB_SERVERURI", unusable)
            .set("OCTOPUS_WEB_BASEURL", sandbox.octopus_url());

        let outcome = run.run().expect_code(0);

        let warning = outcome.said("warning");
        assert!(warning.contains("Octopus.Web.BaseUrl"), "{warning}");
    }
}

#[test]
fn an_address_that_nothing_can_replace_is_missing() {
    let sandbox = settled(1);
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_OCTOPUS_URL", "#{Server.Base.Uri}")
        .set("OCTOPUS_WEB_SERVERURI", "#{Octopus.Web.ServerUri}");

    let problems = refused(&sandbox, &run);

    let problem = problems.only("VMSS.Octopus.Url");
    assert!(problem.contains("#{Server.Base.Uri}"), "{problem}");
}

#[test]
fn what_is_no_address_of_a_server_is_refused_without_showing_it() {
    let sandbox = Sandbox::start();
    for url in [
        "octopus.example.com",
        "ftp://octopus.example.com",
        "https://b\u{fc}cher.example.com/LEAKED",
        "https://",
        "https://user:LEAKED@octopus.example.com",
        "https://octopus.example.com/app#/Spaces-1/LEAKED",
        "https://octopus.example.com/?key=LEAKED",
    ] {
        let run = Run::by_hand(&sandbox).set("VMSS_OCTOPUS_URL", url);
        refused(&sandbox, &run).only("VMSS_OCTOPUS_URL");
        let log = run.run().log;
        assert!(!log.contains("LEAKED"), "a secret was shown:\n{log}");
    }
}

#[test]
fn plain_http_works_with_a_warning() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::in_runbook(&sandbox).set("VMSS_OCTOPUS_URL", sandbox.octopus_http_url());

    let outcome = run.run().expect_code(0);

    assert!(outcome.said("warning").contains("plain HTTP"));
    assert_eq!(outcome.removed(), ["web000001"]);
}

#[test]
fn a_key_goes_into_octopus_own_header() {
    let sandbox = settled(1);

    Run::by_hand(&sandbox).run().expect_code(0);

    let key = sandbox.world(|world| world.octopus.api_key.clone());
    for request in sandbox.requests_to(Service::Octopus) {
        assert_eq!(request.header("x-octopus-apikey"), Some(key.as_str()));
        assert_eq!(request.authorization(), None);
    }
}

#[test]
fn an_access_token_is_sent_as_a_bearer_token() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
    let sandbox = settled(1);
    sandbox.world(|world| world.octopus.access_token = Some(token.into()));
    let run = Run::by_hand(&sandbox).set("VMSS_OCTOPUS_APIKEY", token);

    run.run().expect_code(0);

    for request in sandbox.requests_to(Service::Octopus) {
        assert_eq!(request.header("x-octopus-apikey"), None);
        assert_eq!(request.authorization(), Some(&*format!("Bearer {token}")));
    }
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
    let sandbox = Sandbox::start();
    for key in ["API-LEAKED KEY", "API-LEAKED\nKEY", "API-LEAKED\u{20ac}"] {
        let run = Run::by_hand(&sandbox).set("VMSS_OCTOPUS_APIKEY", key);
        refused(&sandbox, &run).only("VMSS_OCTOPUS_APIKEY");
        let log = run.run().log;
        assert!(!log.contains("LEAKED"), "a secret was shown:\n{log}");
    }
}

/// A run whose server, key and space go by the names of Octopus's own command line.
fn with_names_of_the_octopus_cli(sandbox: &Sandbox, run: Run, space: &str) -> Run {
    let key = sandbox.world(|world| world.octopus.api_key.clone());
    run.without("VMSS_OCTOPUS_URL")
        .without("VMSS_OCTOPUS_APIKEY")
        .without("OCTOPUS_SPACE_ID")
        .set("OCTOPUS_URL", sandbox.octopus_url())
        .set("OCTOPUS_API_KEY", key)
        .set("OCTOPUS_SPACE", space)
}

#[test]
fn by_hand_the_names_of_the_octopus_cli_serve_without_a_warning() {
    for space in ["Spaces-1", "Default", "dEFAULT"] {
        for environment in ["Environments-1", "Production", "PRODUCTION"] {
            let sandbox = scaled_in(3, &["web000001"]);
            let run = with_names_of_the_octopus_cli(&sandbox, Run::by_hand(&sandbox), space)
                .set("OCTOPUS_ENVIRONMENT_ID", environment)
                .argument("-v");

            let outcome = run.run().expect_code(0);

            assert_eq!(outcome.removed(), ["web000001"], "{space}, {environment}");
            assert!(!outcome.log.contains("warning"), "{}", outcome.log);
        }
    }
}

#[test]
fn a_name_is_the_whole_name() {
    let sandbox = settled(1);
    sandbox.world(|world| {
        world.octopus.add_space("Default (old)");
        world.octopus.add_environment("Spaces-1", "Production EU");
        world.target("elsewhere").environments(&["Environments-2"]);
    });
    let run = with_names_of_the_octopus_cli(&sandbox, Run::by_hand(&sandbox), "Default")
        .set("OCTOPUS_ENVIRONMENT_ID", "Production")
        .argument("-v");

    let outcome = run.run().expect_code(0);

    assert_eq!(outcome.deployed(), ["web000000"]);
}

#[test]
fn the_longer_names_win_over_those_of_the_octopus_cli() {
    let sandbox = settled(1);
    let run = Run::by_hand(&sandbox)
        .set("OCTOPUS_URL", "https://wrong.invalid")
        .set("OCTOPUS_API_KEY", "API-WRONG")
        .set("OCTOPUS_SPACE", "Wrong");

    run.run().expect_code(0);
}

#[test]
fn inside_octopus_the_names_of_the_octopus_cli_do_not_count() {
    let sandbox = settled(1);
    let run = with_names_of_the_octopus_cli(&sandbox, Run::in_runbook(&sandbox), "Spaces-1");

    let problems = refused(&sandbox, &run);

    let missing = [
        "Octopus.Space.Id",
        "VMSS.Octopus.ApiKey",
        "VMSS.Octopus.Url",
    ];
    assert_eq!(problems.parameters(), missing);
}

#[test]
fn inside_octopus_nothing_is_looked_up_by_name() {
    let sandbox = scaled_in(2, &["web000001"]);
    let run = Run::in_runbook(&sandbox).set("OCTOPUS_ENVIRONMENT_ID", "Production");

    run.run().expect_code(3);

    assert_eq!(sandbox.count(Route::Environments), 0);
    assert_eq!(registered(&sandbox), ["web000000", "web000001"]);
}
