//! In an empty project one command makes the whole of the guide, and each thing is as the guide and the contract have it.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{
    ACCOUNT, MARK, POLICY, SettingUp, differences, expect_values, template_file,
};
use serde_json::{Value, json};

#[test]
fn the_plan_names_each_thing_and_changes_nothing() {
    let setting = SettingUp::new();
    let before = setting.everything();
    let planned = setting.plan(&[]);
    planned.expect_code(0, "a plan is no failure");
    planned.expect_rows(
        &[
            "+ machine policy \"Scale set machines\"",
            "~ 3 targets",
            "+ step template \"VMSS - Remove Deployment Targets Whose Machines Are Gone\"",
            "+ runbook \"Remove scaled-in targets\"",
            "+ variable Project.Azure.Account",
            "+ variable Project.Octopus.Api.Key",
            "+ variable Project.Octopus.Roles",
            "+ variable Project.Octopus.Server.Url",
            "+ variable Project.VMSS.ResourceGroup.Name",
            "+ variable Project.VMSS.ScaleSetName",
            "+ step in runbook \"Remove scaled-in targets\"",
            "+ publication of runbook \"Remove scaled-in targets\"",
            "+ schedule \"Remove scaled-in targets in Production\"",
        ],
        "something of the guide is not planned",
    );
    planned.expect_line(
        "+ step in runbook \"Remove scaled-in targets\": on worker pool Default Worker Pool, the default, dry run Yes",
        "nobody learns on which pool the step runs",
    );
    planned.expect_line(
        &format!(
            "+ variable Project.Azure.Account: {ACCOUNT}, in this environment, for this runbook"
        ),
        "nobody learns where the account may be used",
    );
    setting.expect_changed(&before, &[], "a plan changes something");
    setting.expect_no_write_since(0, "a plan sends more than questions");
}

#[test]
fn all_that_was_planned_is_done_and_told_with_its_place() {
    let setting = SettingUp::new();
    let applied = setting.apply(&[]);
    expect(
        applied.left.is_empty(),
        "a target is said to be left that was not",
        "none",
        applied.left.join(", "),
    );
    let made = setting.made();
    let places: Vec<String> = applied
        .done
        .iter()
        .map(|it| text(it, "place").to_owned())
        .collect();
    for id in [
        &made.policy,
        &made.template,
        &made.runbook,
        &made.process,
        &made.trigger,
    ] {
        expect(
            places.iter().any(|it| it.ends_with(id.as_str())),
            "whoever wants to undo it does not find it",
            id,
            places.join("\n"),
        );
    }
    expect(
        applied.done.len() == 13,
        "something is done and not told, or told and not done",
        13,
        applied.done.len(),
    );
    expect(applied.next.contains("octopus runbook run --space \"Spaces-1\" --project \"Todo\" --name \"Remove scaled-in targets\" --environment \"Production\" --no-prompt"), "nobody learns how to run it dry", "the command", &applied.next);
}

#[test]
fn the_machine_policy_tests_connections_every_15_minutes_and_deletes_nothing() {
    let setting = SettingUp::done();
    let policy = setting.thing(&setting.made().policy);
    expect_values(
        &policy,
        &[
            ("/Name", POLICY.into()),
            ("/IsDefault", false.into()),
            (
                "/MachineHealthCheckPolicy/HealthCheckType",
                "OnlyConnectivity".into(),
            ),
            (
                "/MachineHealthCheckPolicy/HealthCheckInterval",
                "00:15:00".into(),
            ),
            ("/MachineHealthCheckPolicy/HealthCheckCron", Value::Null),
            (
                "/MachineConnectivityPolicy/MachineConnectivityBehavior",
                "MayBeOfflineAndCanBeSkipped".into(),
            ),
            (
                "/MachineCleanupPolicy/DeleteMachinesBehavior",
                "DoNotDelete".into(),
            ),
        ],
        "machines are tested too seldom, or deleted where they are only stopped",
    );
    expect(
        text(&policy, "Description").contains(MARK),
        "setup does not know its own policy again",
        MARK,
        &policy,
    );
    // What the server's own template has beside that is kept.
    for kept in [
        "MachineRpcCallRetryPolicy",
        "MachinePackageCacheRetentionPolicy",
        "MachineUpdatePolicy",
    ] {
        expect(
            policy[kept].is_object(),
            "what this server knows beside the guide is lost",
            kept,
            &policy,
        );
    }
}

#[test]
fn targets_with_the_default_policy_take_the_new_one_and_keep_all_else() {
    let setting = SettingUp::new();
    let before = setting.everything();
    setting.apply(&["--only", "machine-policy,assignment"]);
    let policy = setting
        .sandbox
        .world(|world| world.machine_policy(POLICY).id.clone());
    setting.expect_changed(
        &before,
        &["Machines-*", &policy],
        "more is changed than which policy targets have",
    );
    let now = setting.everything();
    let targets = now.iter().filter(|(id, _)| id.starts_with("Machines-"));
    for (id, target) in targets {
        let mut expected = before.get(id).cloned().unwrap_or_default();
        expected["MachinePolicyId"] = policy.as_str().into();
        let lost = differences(Some(&expected), Some(target));
        expect(
            lost.is_empty(),
            "a target loses something with its policy",
            "another policy alone",
            lost,
        );
    }
}

#[test]
fn the_step_template_is_the_file_without_what_belongs_to_another_server() {
    let setting = SettingUp::done();
    let (file, template) = (template_file(), setting.thing(&setting.made().template));
    for same in [
        "Name",
        "Description",
        "ActionType",
        "Properties",
        "Parameters",
        "Packages",
    ] {
        expect(
            template[same] == file[same],
            "the step does something else than that of the release",
            &file[same],
            &template[same],
        );
    }
    for foreign in ["$Meta", "Category", "LastModifiedBy"] {
        expect(
            template.get(foreign).is_none()
                || template[foreign] != file[foreign]
                || file.get(foreign).is_none(),
            "what belongs to another server is sent",
            "none",
            &template[foreign],
        );
    }
}

#[test]
fn the_runbook_runs_in_this_environment_for_no_tenant_without_guided_failure() {
    let setting = SettingUp::done();
    let runbook = setting.thing(&setting.made().runbook);
    expect_values(
        &runbook,
        &[
            ("/ProjectId", setting.before.project.as_str().into()),
            ("/EnvironmentScope", "Specified".into()),
            ("/Environments", json!(["Environments-1"])),
            ("/MultiTenancyMode", "Untenanted".into()),
            ("/DefaultGuidedFailureMode", "Off".into()),
            (
                "/ConnectivityPolicy/AllowDeploymentsToNoTargets",
                true.into(),
            ),
            ("/RunRetentionPolicy/Strategy", "Count".into()),
            ("/RunRetentionPolicy/QuantityToKeep", 30.into()),
            ("/RunRetentionPolicy/Unit", "Days".into()),
            ("/RunRetentionPolicy/ShouldKeepForever", false.into()),
        ],
        "runs wait for a person, are for the wrong place, or are gone on Monday",
    );
    expect(
        text(&runbook, "Description").contains(MARK),
        "setup does not know its own runbook again",
        MARK,
        &runbook,
    );
}

#[test]
fn six_variables_are_scoped_as_narrowly_as_they_can_be() {
    let setting = SettingUp::done();
    let (made, set) = (setting.made(), setting.thing(&setting.before.variables));
    let own = json!({"Environment": ["Environments-1"], "ProcessOwner": [made.runbook]});
    let here = json!({"Environment": ["Environments-1"]});
    let key = setting.sandbox.world(|world| world.octopus.api_key.clone());
    let expected = [
        (
            "Project.Azure.Account",
            "AzureAccount",
            setting.before.account.clone(),
            &own,
        ),
        ("Project.Octopus.Api.Key", "Sensitive", key, &own),
        (
            "Project.Octopus.Roles",
            "String",
            "web-server,vmss-web".to_owned(),
            &here,
        ),
        (
            "Project.Octopus.Server.Url",
            "String",
            "#{Octopus.Web.ServerUri}".to_owned(),
            &json!({}),
        ),
        (
            "Project.VMSS.ResourceGroup.Name",
            "String",
            sandbox::GROUP.to_owned(),
            &here,
        ),
        (
            "Project.VMSS.ScaleSetName",
            "String",
            "web".to_owned(),
            &here,
        ),
    ];
    let variables = set["Variables"].as_array().cloned().unwrap_or_default();
    expect(
        variables.len() == expected.len(),
        "the project has other variables than the guide's",
        expected.len(),
        &set,
    );
    for ((name, kind, value, scope), variable) in expected.into_iter().zip(variables) {
        expect_values(
            &variable,
            &[
                ("/Name", name.into()),
                ("/Type", kind.into()),
                ("/Value", value.into()),
                ("/Scope", scope.clone()),
                ("/IsSensitive", (kind == "Sensitive").into()),
            ],
            "a variable holds the wrong thing, or reaches further than it has to",
        );
        expect(
            text(&variable, "Description").contains(MARK),
            "setup does not know its own variable again",
            MARK,
            &variable,
        );
    }
}

#[test]
fn the_step_is_made_of_the_template_bound_to_the_variables_and_dry() {
    let setting = SettingUp::done();
    let made = setting.made();
    let (process, template) = (setting.thing(&made.process), setting.thing(&made.template));
    let action = &process["Steps"][0]["Actions"][0];
    expect_values(
        action,
        &[
            ("/ActionType", "Octopus.Script".into()),
            ("/WorkerPoolId", "".into()),
            ("/Environments", json!([])),
            ("/IsDisabled", false.into()),
        ],
        "the step does not run, or elsewhere",
    );
    let properties = &action["Properties"];
    for (name, value) in template["Properties"].as_object().into_iter().flatten() {
        expect(
            properties[name] == *value,
            "the step does something else than its template",
            value,
            &properties[name],
        );
    }
    for (name, value) in [
        ("Octopus.Action.Template.Id", made.template.as_str()),
        ("Octopus.Action.Template.Version", "0"),
        ("VMSS.ScaleSet.Name", "#{Project.VMSS.ScaleSetName}"),
        (
            "VMSS.ResourceGroup.Name",
            "#{Project.VMSS.ResourceGroup.Name}",
        ),
        ("VMSS.Azure.Account", "Project.Azure.Account"),
        ("VMSS.DeploymentTarget.Roles", "#{Project.Octopus.Roles}"),
        ("VMSS.Octopus.Url", "#{Project.Octopus.Server.Url}"),
        ("VMSS.Octopus.ApiKey", "#{Project.Octopus.Api.Key}"),
        ("VMSS.DryRun", "Yes"),
    ] {
        expect(
            properties[name] == value,
            format!("the step has another {name} than the guide"),
            value,
            &properties[name],
        );
    }
    // Both waits together end before the next run is due.
    let minutes = |name: &str| text(properties, name).parse::<u64>().unwrap_or(99);
    let waits = minutes("VMSS.Timeout.Value") + minutes("VMSS.Healthy.TimeoutInMinutes");
    expect(
        waits < 15,
        "a run still waits when the next is due, and runs queue up",
        "less than 15 minutes",
        waits,
    );
}

#[test]
fn what_is_published_is_the_draft() {
    let setting = SettingUp::done();
    let made = setting.made();
    let everything = setting.everything();
    let runbook = &everything[&made.runbook];
    let published = text(runbook, "PublishedRunbookSnapshotId");
    let snapshot = everything.get(published).cloned().unwrap_or_default();
    let frozen = &everything[text(&snapshot, "FrozenRunbookProcessId")];
    expect(
        frozen["Steps"] == everything[&made.process]["Steps"],
        "the schedule runs another step than the draft",
        &everything[&made.process]["Steps"],
        &frozen["Steps"],
    );
    let variables = &everything[text(&snapshot, "ProjectVariableSetSnapshotId")];
    expect(
        variables["Variables"] == everything[&setting.before.variables]["Variables"],
        "the schedule runs with other variables than the project's",
        "all six",
        &variables["Variables"],
    );
}
