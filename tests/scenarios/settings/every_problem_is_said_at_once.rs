//! Parameters: what is missing, empty, unresolved or wrong is said all at once, and nobody is asked anything before.

use crate::support::problems::{refused, variable};
use crate::support::{Run, expect_untouched, registered, scaled_in, settled};
use sandbox::Sandbox;

/// What a step cannot do without, with the example that its message gives.
const REQUIRED: [(&str, &str); 11] = [
    ("Octopus.Environment.Id", "Environments-1"),
    ("Octopus.Space.Id", "Spaces-1"),
    ("VMSS.Azure.Account.Client", "-0000-4000-8000-"),
    ("VMSS.Azure.Account.Password", "client secret"),
    ("VMSS.Azure.Account.SubscriptionNumber", "-0000-4000-8000-"),
    ("VMSS.Azure.Account.TenantId", "-0000-4000-8000-"),
    ("VMSS.DeploymentTarget.Roles", "azure-todo-web-server"),
    ("VMSS.Octopus.ApiKey", "API key"),
    ("VMSS.Octopus.Url", "https://octopus.example.com"),
    ("VMSS.ResourceGroup.Name", "rg-todo-production"),
    ("VMSS.ScaleSet.Name", "todo-web"),
];

/// Every parameter and system variable that this version reads, but the server's address.
const RESOLVED: [&str; 41] = [
    "Octopus.Deployment.Id",
    "Octopus.Deployment.Tenant.Id",
    "Octopus.Deployment.Tenant.Tags",
    "Octopus.Deployment.Trigger.Id",
    "Octopus.Environment.Id",
    "Octopus.RunbookRun.Id",
    "Octopus.Space.Id",
    "Octopus.Task.Id",
    "VMSS.Azure.Account",
    "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
    "VMSS.Azure.Account.AzureEnvironment",
    "VMSS.Azure.Account.Client",
    "VMSS.Azure.Account.Password",
    "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
    "VMSS.Azure.Account.SubscriptionNumber",
    "VMSS.Azure.Account.TenantId",
    "VMSS.Azure.Credential",
    "VMSS.BusyTargets.Handle",
    "VMSS.DeploymentTarget.Roles",
    "VMSS.DryRun",
    "VMSS.Duplicate.Handle",
    "VMSS.Duplicate.TimeInMinutes",
    "VMSS.GuidedFailure.Handle",
    "VMSS.Healthy.Handle",
    "VMSS.Healthy.TimeoutInMinutes",
    "VMSS.Octopus.ApiKey",
    "VMSS.OldServers.ExcludeFromOutput",
    "VMSS.Problem.Handle",
    "VMSS.ReferencedTargets.Handle",
    "VMSS.Registration.TimeoutInMinutes",
    "VMSS.Removal.Action",
    "VMSS.Removal.Limit",
    "VMSS.Removal.OwnedOnly",
    "VMSS.ResourceGroup.Name",
    "VMSS.ScaleSet.Name",
    "VMSS.Timeout.ErrorHandle",
    "VMSS.Timeout.Value",
    "VMSS_CONFIRM_SECONDS",
    "VMSS_POLL_SECONDS",
    "VMSS_REQUEST_SECONDS",
    "VMSS_RETRY_SECONDS",
];

/// The optional parameters, for which an empty value means the default.
const OPTIONAL: [&str; 16] = [
    "VMSS.BusyTargets.Handle",
    "VMSS.DryRun",
    "VMSS.Duplicate.Handle",
    "VMSS.Duplicate.TimeInMinutes",
    "VMSS.GuidedFailure.Handle",
    "VMSS.Healthy.Handle",
    "VMSS.Healthy.TimeoutInMinutes",
    "VMSS.OldServers.ExcludeFromOutput",
    "VMSS.Problem.Handle",
    "VMSS.ReferencedTargets.Handle",
    "VMSS.Registration.TimeoutInMinutes",
    "VMSS.Removal.Action",
    "VMSS.Removal.Limit",
    "VMSS.Removal.OwnedOnly",
    "VMSS.Timeout.ErrorHandle",
    "VMSS.Timeout.Value",
];

#[test]
fn everything_that_is_missing_is_said_in_one_run() {
    let run = Run::bare().set("OCTOPUS_TASK_ID", "ServerTasks-1");

    let problems = refused(&Sandbox::start(), &run);

    assert_eq!(problems.parameters(), REQUIRED.map(|(name, _)| name));
}

#[test]
fn what_is_missing_is_named_with_an_example() {
    let sandbox = Sandbox::start();
    for (parameter, example) in REQUIRED {
        let run = Run::in_runbook(&sandbox).without(&variable(parameter));
        let problems = refused(&sandbox, &run);
        let what = problems.only(parameter);
        assert!(
            what.starts_with("is missing") && what.contains(example),
            "{parameter}: {what}"
        );
    }
}

#[test]
fn a_required_value_of_spaces_is_missing() {
    let sandbox = Sandbox::start();
    for (parameter, _) in REQUIRED {
        for empty in ["", "  "] {
            let run = Run::in_runbook(&sandbox).set(&variable(parameter), empty);
            let problems = refused(&sandbox, &run);
            assert!(problems.only(parameter).starts_with("is missing"));
        }
    }
}

#[test]
fn a_list_of_nothing_is_missing() {
    let sandbox = Sandbox::start();
    for parameter in ["VMSS.ScaleSet.Name", "VMSS.DeploymentTarget.Roles"] {
        let run = Run::in_runbook(&sandbox).set(&variable(parameter), " , ,");
        let problems = refused(&sandbox, &run);
        assert!(problems.only(parameter).starts_with("is missing"));
    }
}

#[test]
fn an_empty_optional_value_means_the_default() {
    let sandbox = scaled_in(3, &["web000001"]);
    let mut run = Run::in_runbook(&sandbox);
    for parameter in OPTIONAL {
        run = run.set(&variable(parameter), "");
    }

    let outcome = run.run().expect_code(0);

    assert_eq!(outcome.removed(), ["web000001"]);
}

#[test]
fn every_unresolved_expression_is_said_in_one_run() {
    let sandbox = Sandbox::start();
    let mut run = Run::in_runbook(&sandbox);
    for parameter in RESOLVED {
        run = run.set(&variable(parameter), "#{Project.Not.Defined}");
    }

    let problems = refused(&sandbox, &run);

    assert_eq!(problems.parameters(), RESOLVED);
    for parameter in RESOLVED {
        let what = problems.of(parameter);
        assert!(
            what.contains("#{Project.Not.Defined}"),
            "{parameter}: {what}"
        );
    }
}

#[test]
fn an_expression_within_a_value_is_unresolved_too() {
    let sandbox = settled(2);
    let run = Run::in_runbook(&sandbox).set("VMSS_RESOURCEGROUP_NAME", "rg-#{Region}-web");

    let problems = refused(&sandbox, &run);

    let what = problems.only("VMSS.ResourceGroup.Name");
    assert!(what.contains("rg-#{Region}-web"), "{what}");
}

#[test]
fn what_stands_beside_an_expression_in_a_secret_is_not_shown() {
    let sandbox = Sandbox::start();
    for parameter in ["VMSS.Octopus.ApiKey", "VMSS.Azure.Account.Password"] {
        for value in ["KEEPTHIS#{Rest}", "#{Start}KEEPTHIS", "#{KEEPTHIS#{Rest}"] {
            let run = Run::in_runbook(&sandbox).set(&variable(parameter), value);
            refused(&sandbox, &run).only(parameter);
            let log = run.run().log;
            assert!(!log.contains("KEEPTHIS"), "a secret was shown:\n{log}");
        }
    }
}

#[test]
fn choices_are_read_in_any_case_and_true_and_false_as_yes_and_no() {
    for yes in ["Yes", "YES", "yes", "True", "true", " tRUE "] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::in_runbook(&sandbox).set("VMSS_DRYRUN", yes);
        run.run().expect_code(0).expect_said("Would remove 1");
        expect_untouched(&sandbox);
    }
    for no in ["No", "no", "False", "FALSE"] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::in_runbook(&sandbox).set("VMSS_DRYRUN", no);
        run.run().expect_code(0);
        assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
    }
}

#[test]
fn every_choice_names_what_it_takes() {
    let sandbox = Sandbox::start();
    for (parameter, choices) in [
        (
            "VMSS.Azure.Credential",
            "Account or ManagedIdentity or WorkloadIdentity or AzureCli",
        ),
        ("VMSS.BusyTargets.Handle", "Defer or Remove"),
        ("VMSS.DryRun", "Yes or No"),
        ("VMSS.Duplicate.Handle", "Proceed or Cancel"),
        ("VMSS.GuidedFailure.Handle", "None or Exclude"),
        ("VMSS.Healthy.Handle", "Check or Defer or Remove"),
        ("VMSS.OldServers.ExcludeFromOutput", "Yes or No"),
        ("VMSS.Problem.Handle", "Auto or Fail or Warn"),
        ("VMSS.ReferencedTargets.Handle", "Hold or Remove"),
        ("VMSS.Removal.Action", "Delete or Disable"),
        ("VMSS.Removal.OwnedOnly", "Yes or No"),
        ("VMSS.Timeout.ErrorHandle", "Proceed or Error"),
    ] {
        let run = Run::in_runbook(&sandbox).set(&variable(parameter), "Perhaps");
        let problems = refused(&sandbox, &run);
        let what = problems.only(parameter);
        assert!(
            what.contains("'Perhaps'") && what.contains(choices),
            "{parameter}: {what}"
        );
    }
}

#[test]
fn minutes_and_seconds_take_decimals_and_0() {
    let sandbox = settled(1);
    for value in ["0", "0.0", "0.5", "1.25", " 30 ", "1440"] {
        let run = Run::in_runbook(&sandbox)
            .set("VMSS_TIMEOUT_VALUE", value)
            .set("VMSS_DUPLICATE_TIMEINMINUTES", value)
            .set("VMSS_REGISTRATION_TIMEOUTINMINUTES", value)
            .set("VMSS_POLL_SECONDS", value)
            .set("VMSS_CONFIRM_SECONDS", value);
        run.run().expect_code(0);
    }
}

#[test]
fn what_is_no_number_of_minutes_or_seconds_is_refused() {
    let sandbox = Sandbox::start();
    for parameter in [
        "VMSS.Timeout.Value",
        "VMSS.Duplicate.TimeInMinutes",
        "VMSS.Registration.TimeoutInMinutes",
        "VMSS_POLL_SECONDS",
        "VMSS_CONFIRM_SECONDS",
        "VMSS_REQUEST_SECONDS",
        "VMSS_RETRY_SECONDS",
    ] {
        for value in ["soon", "-1", "1,5", "30m", "NaN", "inf", "1e300"] {
            let run = Run::in_runbook(&sandbox).set(&variable(parameter), value);
            let problems = refused(&sandbox, &run);
            let what = problems.only(parameter);
            assert!(what.contains(&format!("'{value}'")), "{parameter}: {what}");
        }
    }
}

#[test]
fn a_limit_is_a_whole_number_or_a_whole_percentage() {
    let sandbox = settled(1);
    for value in ["0", "100", "1000000", "0%", "50%", "100%", " 7 "] {
        let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", value);
        run.run().expect_code(0);
    }
    for value in [
        "101%",
        "-1",
        "1.5",
        "12.5%",
        "%",
        "half",
        "50 percent",
        "0x10",
    ] {
        let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", value);
        let problems = refused(&sandbox, &run);
        let what = problems.only("VMSS.Removal.Limit");
        assert!(what.contains(&format!("'{value}'")), "{what}");
    }
}

#[test]
fn a_step_that_runs_on_every_target_is_refused_with_the_setting_to_change() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::in_deployment(&sandbox).set("OCTOPUS_MACHINE_ID", "Machines-1");

    let problems = refused(&sandbox, &run);

    let what = problems.only("Octopus.Machine.Id");
    assert!(what.contains("Run once on a worker"), "{what}");
}

#[test]
fn what_scale_events_during_deployments_ask_for_is_taken_everywhere() {
    let sandbox = settled(1);
    for (parameter, values) in [
        ("VMSS.Duplicate.Handle", ["Cancel", "proceed"]),
        ("VMSS.Duplicate.TimeInMinutes", ["0.5", "0"]),
        ("VMSS.GuidedFailure.Handle", ["Exclude", "none"]),
        ("VMSS.OldServers.ExcludeFromOutput", ["Yes", "True"]),
        ("VMSS.Registration.TimeoutInMinutes", ["0.5", "0"]),
    ] {
        for value in values {
            for run in [Run::by_hand, Run::in_runbook, Run::in_deployment] {
                let run = run(&sandbox).set(&variable(parameter), value);
                run.run().expect_code(0);
            }
        }
    }
}

#[test]
fn several_wrong_values_are_said_in_one_run() {
    let sandbox = Sandbox::start();
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_SCALESET_NAME", "a/b/c")
        .set("VMSS_TIMEOUT_VALUE", "soon")
        .set("VMSS_REMOVAL_LIMIT", "many")
        .set("VMSS_AZURE_ACCOUNT_AZUREENVIRONMENT", "AzureGermanCloud")
        .set(
            "VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI",
            "http://a.example",
        )
        .set(
            "VMSS_AZURE_ACCOUNT_ACTIVEDIRECTORYENDPOINTBASEURI",
            "http://b.example",
        )
        .set("VMSS_OCTOPUS_URL", "octopus");

    let problems = refused(&sandbox, &run);

    assert_eq!(
        problems.parameters(),
        [
            "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
            "VMSS.Azure.Account.AzureEnvironment",
            "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
            "VMSS.Octopus.Url",
            "VMSS.Removal.Limit",
            "VMSS.ScaleSet.Name",
            "VMSS.Timeout.Value",
        ]
    );
}

/// A run that was to be a dry one would be a real one.
#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_refused_rather_than_ignored() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = scaled_in(3, &["web000001"]);
    let folder = tempfile::tempdir().expect("a folder for the run");
    let mut command = Run::in_runbook(&sandbox).command(folder.path());
    command.env("VMSS_DRYRUN", std::ffi::OsStr::from_bytes(b"Yes\xff"));

    let output = command.output().expect("the binary starts");

    assert_eq!(output.status.code(), Some(2));
    expect_untouched(&sandbox);
}

#[test]
fn a_test_of_connections_takes_fourteen_minutes_at_most() {
    let sandbox = Sandbox::start();
    let parameter = "VMSS.Healthy.TimeoutInMinutes";
    let run = Run::in_runbook(&sandbox).set(&variable(parameter), "14.1");
    let problems = refused(&sandbox, &run);
    assert!(problems.only(parameter).contains("14"));
}
