//! Flags: each parameter has one, it wins over its variable, and what is wrong with it stands in the one list of problems, under
//! the name by which a person finds it.

use crate::support::problems::{refused, variable};
use crate::support::{Run, expect_untouched, registered, scaled_in, settled};
use sandbox::Sandbox;

#[test]
fn a_stranger_learns_in_one_run_what_to_set() {
    let problems = refused(&Sandbox::start(), &Run::bare());

    assert_eq!(
        problems.parameters(),
        [
            "--environment",
            "--resource-group",
            "--role",
            "--scale-set",
            "--space",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_SUBSCRIPTION_ID",
            "AZURE_TENANT_ID",
            "OCTOPUS_API_KEY",
            "OCTOPUS_URL",
        ]
    );
    let azure = problems.of("AZURE_CLIENT_SECRET");
    assert!(azure.contains("--azure-credential AzureCli"), "{azure}");
    Run::bare().run().expect_said("octopus-scale-in --help");
}

#[test]
fn everything_but_secrets_can_be_a_flag() {
    let sandbox = scaled_in(3, &["web000001"]);
    let known = sandbox.environment();
    let mut run = Run::by_hand(&sandbox);
    let mut move_to_flag = |parameter: &str, flag: &str| {
        let name = variable(parameter);
        let value = known.iter().find(|(known, _)| *known == name);
        let (_, value) = value.unwrap_or_else(|| panic!("the sandbox sets {name}"));
        let taken = std::mem::replace(&mut run, Run::bare());
        run = taken.without(&name).arguments(&[flag, value]);
    };
    for (parameter, flag) in [
        ("VMSS.ScaleSet.Name", "--scale-set"),
        ("VMSS.ResourceGroup.Name", "--resource-group"),
        ("VMSS.DeploymentTarget.Roles", "--role"),
        ("VMSS.Octopus.Url", "--octopus-url"),
        ("Octopus.Space.Id", "-s"),
        ("Octopus.Environment.Id", "-e"),
        ("VMSS.Azure.Account.TenantId", "--azure-account-tenant-id"),
        ("VMSS.Azure.Account.Client", "--azure-account-client"),
        (
            "VMSS.Azure.Account.SubscriptionNumber",
            "--azure-account-subscription-number",
        ),
    ] {
        move_to_flag(parameter, flag);
    }

    run.run().expect_code(0);

    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
}

#[test]
fn a_flag_wins_over_its_variable() {
    let sandbox = scaled_in(3, &["web000001"]);
    let wrong = Run::by_hand(&sandbox)
        .set("VMSS_SCALESET_NAME", "blue")
        .set("VMSS_REMOVAL_LIMIT", "many")
        .set("OCTOPUS_SPACE", "Elsewhere")
        .set("VMSS_REMOVAL_ACTION", "Delete");

    let run = wrong.arguments(&["--scale-set", "web", "--removal-limit=5"]);
    let run = run.arguments(&["--space", "Default", "--removal-action", "disable"]);
    run.run().expect_code(0).expect_said("Disabled 1 of 1");

    assert_eq!(registered(&sandbox).len(), 3);
}

#[test]
fn lists_are_repeated_or_separated_by_commas() {
    for arguments in [
        &["--role", "web", "--role", "shop"][..],
        &["--role", "web,shop"],
        &["--deployment-target-roles", "web", "--role=shop"],
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        sandbox.world(|world| {
            for name in ["web000000", "web000001", "web000002"] {
                drop(world.existing_target(name).roles(&["web", "shop"]));
            }
            drop(world.target("web000003").roles(&["web"]));
        });
        let run = Run::by_hand(&sandbox).arguments(arguments);

        run.run().expect_code(0).expect_said("3 targets in scope");

        let left = ["web000000", "web000002", "web000003"];
        assert_eq!(registered(&sandbox), left, "{arguments:?}");
    }
}

#[test]
fn a_tenant_can_be_named() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::by_hand(&sandbox).arguments(&["--tenant", "Tenants-7"]);

    run.run().expect_code(0).expect_said("0 targets in scope");

    expect_untouched(&sandbox);
}

#[test]
fn all_that_is_wrong_is_said_in_one_run() {
    let sandbox = Sandbox::start();
    let run = Run::by_hand(&sandbox)
        .set("VMSS_TIMEOUT_VALUE", "soon")
        .set("SSL_CERT_FILE", "/nowhere/to/be/found.pem")
        .set("VMSS_DRY_RUN", "Yes")
        .without("VMSS_OCTOPUS_APIKEY")
        .arguments(&["--removal-limit", "-1", "--healthy-handle", "defr"])
        .arguments(&["--output-format", "jsn", "--report", "report.txt"])
        .arguments(&["--exit-code"]);

    let problems = refused(&sandbox, &run);

    assert_eq!(
        problems.parameters(),
        [
            "--exit-code",
            "--healthy-handle",
            "--output-format",
            "--removal-limit",
            "--report",
            "OCTOPUS_API_KEY",
            "SSL_CERT_FILE",
            "VMSS_DRY_RUN",
            "VMSS_TIMEOUT_VALUE",
        ]
    );
    let said = problems.of("--healthy-handle");
    assert!(said.contains("Check or Defer or Remove"), "{said}");
    assert!(said.contains("Defer is the nearest"), "{said}");
    assert!(problems.of("VMSS_DRY_RUN").contains("VMSS_DRYRUN"));
}

#[test]
fn what_only_the_sign_in_finds_stands_in_the_list_too() {
    let sandbox = Sandbox::start();
    let run = Run::by_hand(&sandbox)
        .arguments(&["--azure-credential", "AzureCli", "--removal-limit", "many"])
        .arguments(&["--azure-account-subscription-number", "my 'subscription'"])
        .without("VMSS_AZURE_ACCOUNT_TENANTID");

    let problems = refused(&sandbox, &run);

    assert_eq!(
        problems.parameters(),
        ["--azure-credential", "--removal-limit"]
    );
}

#[test]
fn a_secret_is_no_flag_and_the_answer_names_the_variable() {
    const KEY: &str = "API-GIVENTOTHEWRONGPLACE";
    for (flag, variable) in [
        ("--octopus-api-key", "OCTOPUS_API_KEY"),
        ("--azure-account-password", "VMSS_AZURE_ACCOUNT_PASSWORD"),
        (
            "--azure-account-open-id-connect-jwt",
            "VMSS_AZURE_ACCOUNT_OPENIDCONNECT_JWT",
        ),
        ("--azure-account", "AZURE_CLIENT_SECRET"),
    ] {
        for arguments in [vec![flag, KEY], vec![&*format!("{flag}={KEY}")], vec![flag]] {
            let sandbox = Sandbox::start();
            let run = Run::by_hand(&sandbox).arguments(&arguments);
            let problems = refused(&sandbox, &run);
            assert!(problems.only(flag).contains(variable), "{problems:?}");
            assert!(!run.run().log.contains(KEY), "{arguments:?}");
        }
    }
}

#[test]
fn a_secret_among_the_arguments_is_not_repeated() {
    let sandbox = Sandbox::start();
    let key = "API-ASECRETTHATISWELLKNOWN";
    let run = Run::by_hand(&sandbox).set("OCTOPUS_API_KEY", key);
    let outcome = run.argument(key).run().expect_code(2);
    assert!(!outcome.log.contains(key), "{}", outcome.log);
}

#[test]
fn inside_octopus_a_setting_goes_by_its_parameters_name() {
    let sandbox = settled(1);
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_LIMIT", "many")
        .without("VMSS_OCTOPUS_APIKEY");
    let problems = refused(&sandbox, &run);
    let named = ["VMSS.Octopus.ApiKey", "VMSS.Removal.Limit"];
    assert_eq!(problems.parameters(), named);
}

#[test]
fn messages_call_a_setting_by_what_their_reader_would_set() {
    let sandbox = scaled_in(3, &["web000001"]);
    let by_hand = Run::by_hand(&sandbox).arguments(&["--removal-limit", "0"]);
    let by_hand = by_hand.run().expect_code(4);
    let inside = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "0");
    let inside = inside.run().expect_code(4);

    let (by_hand, inside) = (by_hand.said("error"), inside.said("error"));
    assert!(by_hand.contains("--removal-limit"), "{by_hand}");
    assert!(!by_hand.contains("VMSS."), "{by_hand}");
    assert!(inside.contains("VMSS.Removal.Limit"), "{inside}");
    assert!(!inside.contains("--"), "{inside}");
}

#[test]
fn the_octopus_clis_access_token_and_environment_serve() {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
    for environment in ["Production", "Environments-1"] {
        let sandbox = scaled_in(3, &["web000001"]);
        sandbox.world(|world| world.octopus.access_token = Some(token.into()));
        let run = Run::by_hand(&sandbox)
            .without("VMSS_OCTOPUS_APIKEY")
            .without("OCTOPUS_ENVIRONMENT_ID")
            .set("OCTOPUS_ACCESS_TOKEN", token)
            .set("OCTOPUS_ENVIRONMENT", environment);

        run.run().expect_code(0);

        assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
    }
}

#[test]
fn an_access_token_that_is_none_is_refused_without_showing_it() {
    let sandbox = Sandbox::start();
    let run = Run::by_hand(&sandbox)
        .without("VMSS_OCTOPUS_APIKEY")
        .set("OCTOPUS_ACCESS_TOKEN", "API-LEAKED");
    let problems = refused(&sandbox, &run);
    assert!(problems.only("OCTOPUS_ACCESS_TOKEN").contains("JWT"));
    assert!(!run.run().log.contains("LEAKED"));
}

#[test]
fn inside_octopus_neither_of_them_counts() {
    let sandbox = settled(1);
    let run = Run::in_runbook(&sandbox)
        .without("VMSS_OCTOPUS_APIKEY")
        .without("OCTOPUS_ENVIRONMENT_ID")
        .set(
            "OCTOPUS_ACCESS_TOKEN",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln",
        )
        .set("OCTOPUS_ENVIRONMENT", "Production");
    let problems = refused(&sandbox, &run);
    let missing = ["Octopus.Environment.Id", "VMSS.Octopus.ApiKey"];
    assert_eq!(problems.parameters(), missing);
}

#[test]
fn a_flag_that_a_script_left_empty_is_not_what_the_variable_says() {
    let sandbox = scaled_in(3, &["web000001"]);
    for flag in [
        "--environment",
        "--scale-set",
        "--tenant",
        "--removal-limit",
    ] {
        let problems = refused(&sandbox, &Run::by_hand(&sandbox).arguments(&[flag, ""]));
        assert!(problems.of(flag).contains("is empty"), "{flag}");
    }
    expect_untouched(&sandbox);
}

#[test]
fn a_secret_flag_is_called_by_what_was_typed() {
    let sandbox = Sandbox::start();
    let run = Run::by_hand(&sandbox).set("OCTOPUS_API_KEY", "API-NOT0A0KEY");
    let problems = refused(&sandbox, &run.arguments(&["--octopus-api-key", "API-X"]));
    assert!(problems.of("--octopus-api-key").contains("is no flag"));
}

#[test]
fn a_dry_run_can_be_said_either_way() {
    for (flag, variable, left) in [("--dry-run=Yes", "No", 3), ("--dry-run=no", "Yes", 2)] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::by_hand(&sandbox).set("VMSS_DRYRUN", variable);
        run.argument(flag).run().expect_code(0);
        assert_eq!(registered(&sandbox).len(), left, "{flag}");
    }
    let sandbox = scaled_in(3, &["web000001"]);
    let problems = refused(
        &sandbox,
        &Run::by_hand(&sandbox).argument("--dry-run=maybe"),
    );
    assert!(problems.of("--dry-run").contains("Yes or No"));
}

#[test]
fn a_tenants_name_is_no_id_of_one() {
    let sandbox = Sandbox::start();
    let problems = refused(
        &sandbox,
        &Run::by_hand(&sandbox).arguments(&["--tenant", "Acme"]),
    );
    assert!(problems.of("--tenant").contains("Tenants-7"));
}
