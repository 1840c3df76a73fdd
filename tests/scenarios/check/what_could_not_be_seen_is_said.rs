//! What whoever checks may not see is said as such, with the permission that shows it, and never passes.

use crate::support::Run;
use crate::support::check::{Checked, Guided};
use sandbox::Grant;

/// A check with the key of somebody who may see everything but this.
fn without(permission: &str) -> Checked {
    let guided = Guided::but(|world, guide| {
        drop(world.user(&guide.administrator).forbid(permission));
    });
    guided.check()
}

#[test]
fn each_permission_that_is_missing_hides_what_it_shows() {
    for (permission, hidden) in [
        ("MachineView", &["WARN targets"][..]),
        ("MachinePolicyView", &["WARN machine-policy"]),
        ("ProjectView", &["WARN project"]),
        ("RunbookView", &["WARN runbook"]),
        ("ProcessView", &["WARN required-steps"]),
        ("TriggerView", &["WARN schedule", "WARN health-triggers"]),
        (
            "VariableView",
            &["WARN prompted-variables", "WARN parameters"],
        ),
        ("AccountView", &["WARN azure-account"]),
        ("WorkerView", &["WARN worker-pool"]),
        ("ActionTemplateView", &["WARN step-template"]),
    ] {
        let checked = without(permission);
        checked.expect_only(hidden, &format!("without {permission}"));
        checked.expect_code(0);
        let (_, id) = hidden[0].split_once(' ').expect("a status and an id");
        checked.expect_says(id, "could not be seen");
        checked.expect_says(id, permission);
    }
}

#[test]
fn a_list_that_is_empty_for_want_of_a_permission_is_no_empty_list() {
    for permission in [
        "TriggerView",
        "TaskView",
        "MachineView",
        "WorkerView",
        "MachinePolicyView",
    ] {
        let guided = Guided::but(|world, guide| {
            world.octopus.readings.lists_refuse = false;
            drop(world.user(&guide.administrator).forbid(permission));
        });
        let checked = guided.check();
        let odd = checked.odd();
        assert!(
            !odd.iter().any(|it| it.starts_with("FAIL")),
            "{permission}: {odd:?}"
        );
        assert!(
            !odd.is_empty(),
            "nobody is told that {permission} is missing"
        );
    }
}

#[test]
fn without_the_schedules_key_nothing_of_it_passes() {
    let guided = Guided::new();
    let checked = Checked::of(guided.run().without("VMSS_OCTOPUS_APIKEY").run());
    let unasked = [
        "WARN schedule-key",
        "WARN schedule-key-expiry",
        "WARN schedule-key-access",
        "WARN permission",
        "WARN least-rights",
    ];
    checked.expect_only(&unasked, "nobody knows the schedule's key");
    checked.expect_says("schedule-key", "Set VMSS_OCTOPUS_APIKEY");
    checked.expect_says(
        "least-rights",
        "the smallest role has MachineView, MachineDelete",
    );
    checked.expect_code(0);
}

#[test]
fn without_a_runbook_the_rest_is_judged() {
    let guided = Guided::new();
    let run = || {
        let run = Run::by_hand(&guided.sandbox).arguments(&["check", "-f", "json"]);
        run.set("OCTOPUS_API_KEY", &guided.guide.administrator_key)
    };
    let checked = Checked::of(run().run());
    checked.expect_only(&["WARN project"], "there is no project yet");
    let checked = Checked::of(run().arguments(&["-p", "Todo"]).run());
    checked.expect_only(&["WARN runbook"], "there is no runbook yet");
    checked.expect_code(0);
}

#[test]
fn without_an_account_nothing_of_azure_passes() {
    let guided = Guided::new();
    let run = guided.run().without("VMSS_AZURE_ACCOUNT_PASSWORD");
    let checked = Checked::of(run.run());
    checked.expect_only(&["WARN azure"], "nobody signs in to Azure");
    checked.expect_says("azure", "az login");
    checked.expect_code(0);
}

#[test]
fn a_variable_that_may_be_hidden_is_not_missing() {
    let guided = Guided::but(|world, guide| {
        let here = Grant::environments(&[&guide.environment]);
        let administrator = world.user(&guide.administrator);
        drop(administrator.restrict("VariableView", here));
        guide.parameter(world, "VMSS.Removal.Limit", Some("#{Project.Limit}"));
        guide.publish(world);
    });
    let checked = guided.check();
    checked.expect_says("parameters", "bound to Project.Limit");
    checked.expect_says("parameters", "as far as can be seen");
    let found = checked.odd();
    assert!(!found.iter().any(|it| it.starts_with("FAIL")), "{found:?}");
}

#[test]
fn what_an_option_is_bound_to_and_nobody_sees_is_not_its_default() {
    for (name, id) in [
        ("VMSS.DryRun", "dry-run"),
        ("VMSS.Timeout.Value", "timeout"),
        ("VMSS.Healthy.Handle", "options"),
    ] {
        let guided = Guided::but(|world, guide| {
            guide.parameter(world, name, Some("#{Octopus.Release.Notes}"));
            guide.publish(world);
        });
        let checked = guided.check();
        checked.expect_only(&["WARN parameters"], "only a run knows");
        checked.expect_says(
            "parameters",
            &format!("could not be seen: {name} is bound to"),
        );
        checked.expect_no_pass(id);
    }
}

#[test]
fn what_only_a_run_resolves_is_not_called_understood() {
    for (text, name) in [
        (
            "#{Project.VMSS.ScaleSetName | ToUpper}",
            "VMSS.ScaleSet.Name",
        ),
        ("#{Octopus.Enviroment.Name}", "VMSS.ScaleSet.Name"),
        ("#{Octopus.Api.Key}", "VMSS.Octopus.ApiKey"),
    ] {
        let guided = Guided::but(|world, guide| {
            guide.parameter(world, name, Some(text));
            guide.publish(world);
        });
        let checked = guided.check();
        checked.expect_only(&["WARN parameters"], text);
        checked.expect_says(
            "parameters",
            &format!("could not be seen: {name} is bound to {text}"),
        );
    }
}

#[test]
fn what_octopus_says_of_the_place_is_resolved() {
    let guided = Guided::but(|world, guide| {
        let name = "Project.VMSS.ScaleSetName";
        let here = "#{Octopus.Environment.Name}-#{Octopus.Environment.Id}-#{Octopus.Space.Id}";
        guide.variable(world, name, |it| it["Value"] = here.into());
        guide.publish(world);
    });
    let checked = guided.check();
    checked.expect_only(&["FAIL parameters"], "it is another scale set");
    checked.expect_says("parameters", "production-environments-1-spaces-1");
}

#[test]
fn a_secret_where_none_is_needed_is_not_taken_for_its_stars() {
    for name in ["Project.Octopus.Roles", "Project.VMSS.ScaleSetName"] {
        let guided = Guided::but(|world, guide| {
            guide.variable(world, name, |it| {
                it["Type"] = "Sensitive".into();
                it["IsSensitive"] = true.into();
            });
            guide.publish(world);
        });
        let checked = guided.check();
        checked.expect_only(&["WARN parameters"], name);
        checked.expect_says("parameters", "is bound to a secret");
    }
}

#[test]
fn a_secret_is_not_seen_and_that_is_said() {
    let checked = Guided::new().check();
    checked.expect_says(
        "parameters",
        "what VMSS.Octopus.ApiKey holds cannot be seen",
    );
}
