//! The step template is what its sources say, what Octopus's Library accepts, and what the contract promises.

use octopus_scale_in::error::Error;
use octopus_scale_in::settings::{Flags, Settings, variable_name};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use step_template::{Release, SCRIPT, Template};

/// The parameters of the Library template that this one replaces, with their defaults.
/// Source: github.com/OctopusDeploy/Library, azure-check-vmss-provision-status.json.
const OF_THE_LIBRARY: [(&str, &str); 11] = [
    ("VMSS.ScaleSet.Name", ""),
    ("VMSS.ResourceGroup.Name", ""),
    ("VMSS.Azure.Account", ""),
    ("VMSS.DeploymentTarget.Roles", ""),
    ("VMSS.Octopus.Url", "#{Octopus.Web.ServerUri}"),
    ("VMSS.Octopus.ApiKey", ""),
    ("VMSS.Timeout.Value", "30"),
    ("VMSS.Timeout.ErrorHandle", "Proceed"),
    ("VMSS.Duplicate.TimeInMinutes", "3"),
    ("VMSS.Duplicate.Handle", "Proceed"),
    ("VMSS.OldServers.ExcludeFromOutput", "No"),
];
/// What the contract adds, with its defaults.
const OF_THE_CONTRACT: [(&str, &str); 12] = [
    ("VMSS.DryRun", "No"),
    ("VMSS.Removal.Action", "Delete"),
    ("VMSS.Removal.Limit", "100"),
    ("VMSS.Removal.OwnedOnly", "Yes"),
    ("VMSS.BusyTargets.Handle", "Defer"),
    ("VMSS.ReferencedTargets.Handle", "Hold"),
    ("VMSS.Healthy.Handle", "Check"),
    ("VMSS.Healthy.TimeoutInMinutes", "5"),
    ("VMSS.Problem.Handle", "Auto"),
    ("VMSS.Registration.TimeoutInMinutes", "0"),
    ("VMSS.GuidedFailure.Handle", "None"),
    ("VMSS.Azure.Credential", "Account"),
];
/// What the script itself needs.
const OF_THE_SCRIPT: [(&str, &str); 3] = [
    ("VMSS.Binary.Path", ""),
    ("VMSS.Download.BaseUrl", ""),
    ("VMSS.Cache.Folder", ""),
];
/// The fields that Octopus expands an account to, and its own variables, as far as the contract uses them.
const EXPANDED: [&str; 20] = [
    "VMSS.Azure.Account.SubscriptionNumber",
    "VMSS.Azure.Account.Client",
    "VMSS.Azure.Account.TenantId",
    "VMSS.Azure.Account.Password",
    "VMSS.Azure.Account.OpenIdConnect.Jwt",
    "VMSS.Azure.Account.AzureEnvironment",
    "VMSS.Azure.Account.ResourceManagementEndpointBaseUri",
    "VMSS.Azure.Account.ActiveDirectoryEndpointBaseUri",
    "Octopus.Space.Id",
    "Octopus.Environment.Id",
    "Octopus.Deployment.Tenant.Id",
    "Octopus.Deployment.Tenant.Tags",
    "Octopus.Deployment.Id",
    "Octopus.Deployment.Trigger.Id",
    "Octopus.RunbookRun.Id",
    "Octopus.Task.Id",
    "Octopus.Step.Name",
    "Octopus.Machine.Id",
    "Octopus.Web.ServerUri",
    "Octopus.Web.BaseUrl",
];

fn committed() -> &'static str {
    include_str!("../../../step-template/octopus-scale-in.json")
}

fn template() -> Value {
    serde_json::from_str(committed()).expect("the committed template is JSON")
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is a text in {value}"))
}

#[test]
fn the_committed_template_is_what_its_sources_make() {
    let packed = Template::read().and_then(|sources| sources.pack(None));
    assert!(
        packed.as_deref() == Ok(committed()),
        "step-template/octopus-scale-in.json is out of date: refresh it with `cargo run -p step-template`"
    );
}

#[test]
fn the_committed_template_holds_no_hash_and_says_so_when_it_is_run() {
    let sources = Template::read().expect("the sources can be read");
    let bare = sources.pack(None).expect("it can be packed");
    assert!(
        !bare.contains("x86_64-unknown-linux-musl' ="),
        "there is a hash in it"
    );
    assert!(SCRIPT.contains("This is the development template"));
}

#[test]
fn the_library_accepts_it() {
    let template = template();
    assert!(!committed().starts_with('\u{feff}'), "no byte order mark");
    for field in [
        "Id",
        "Name",
        "Description",
        "ActionType",
        "LastModifiedBy",
        "Category",
    ] {
        assert!(!text(&template, field).is_empty(), "{field}");
    }
    assert!(text(&template, "Name").len() <= 200);
    assert!(text(&template, "Name").contains(" - "), "noun - verb");
    assert_eq!(template["Category"], "azure");
    assert_eq!(template["Packages"], serde_json::json!([]));
    assert!(!text(&template["$Meta"], "ExportedAt").is_empty());
    assert_eq!(template["$Meta"]["Type"], "ActionTemplate");
    for key in ["FeedId", "GitDependencies", "StepPackageId"] {
        assert!(template[key].is_null(), "{key}");
    }
    let parameters = template["Parameters"].as_array().expect("a list");
    let prefixed = |parameter: &Value| text(parameter, "Name").starts_with("VMSS.");
    assert!(parameters.iter().all(prefixed), "names need a namespace");
    let own = [&template["Id"]];
    let ids = parameters
        .iter()
        .map(|parameter| &parameter["Id"])
        .chain(own);
    let ids: Vec<&str> = ids.map(|id| id.as_str().expect("an id")).collect();
    for id in &ids {
        let groups: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id} is a GUID");
        assert!(
            id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()),
            "{id}"
        );
    }
    let of_an_example = ids
        .iter()
        .any(|id| id.starts_with("abcdef00-") || *id == "00000000-0000-0000-0000-000000000000");
    assert!(!of_an_example, "{ids:?}");
    let different: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "every id is another one");
}

#[test]
fn it_runs_once_on_a_worker_and_needs_nothing_of_azure_there() {
    let template = template();
    assert_eq!(template["ActionType"], "Octopus.Script");
    let properties = &template["Properties"];
    assert_eq!(properties["Octopus.Action.RunOnServer"], "true");
    assert_eq!(properties["Octopus.Action.Script.Syntax"], "PowerShell");
    assert_eq!(properties["Octopus.Action.Script.ScriptSource"], "Inline");
    let script = text(properties, "Octopus.Action.Script.ScriptBody");
    for foreign in ["Import-Module", "Connect-Az", "Get-Az", "az login"] {
        assert!(!script.contains(foreign), "{foreign}");
    }
    assert!(
        !script.contains("#{"),
        "Octopus replaces expressions in a script before it runs"
    );
}

#[test]
fn a_runbook_can_swap_the_step_and_keep_its_bindings() {
    let template = template();
    let parameters = template["Parameters"].as_array().expect("a list");
    let told: Vec<(&str, &str)> = parameters
        .iter()
        .map(|parameter| (text(parameter, "Name"), text(parameter, "DefaultValue")))
        .collect();
    let promised = [&OF_THE_LIBRARY[..], &OF_THE_CONTRACT, &OF_THE_SCRIPT].concat();
    assert_eq!(told, promised);
}

#[test]
fn every_parameter_has_a_label_help_and_the_control_that_it_needs() {
    for parameter in template()["Parameters"].as_array().expect("a list") {
        let name = text(parameter, "Name");
        assert!(!text(parameter, "Label").is_empty(), "{name}");
        assert!(
            text(parameter, "HelpText").len() > 40,
            "{name}: a stranger understands nothing"
        );
        let settings = &parameter["DisplaySettings"];
        let control = text(settings, "Octopus.ControlType");
        let help = text(parameter, "HelpText");
        assert!(
            help.is_ascii() && !help.contains("#{"),
            "{name}: Markdown for everybody"
        );
        let wanted = match name {
            "VMSS.Octopus.ApiKey" => "Sensitive",
            "VMSS.Azure.Account" => "AzureAccount",
            name if settings["Octopus.SelectOptions"].is_string() => {
                let options = text(settings, "Octopus.SelectOptions");
                let default = text(parameter, "DefaultValue");
                let values = options
                    .lines()
                    .map(|option| option.split('|').next().unwrap_or(""));
                assert!(
                    values.collect::<Vec<_>>().contains(&default),
                    "{name}: {options}"
                );
                "Select"
            }
            _ => "SingleLineText",
        };
        assert_eq!(control, wanted, "{name}");
    }
}

#[test]
fn the_program_takes_every_choice_on_offer() {
    for parameter in template()["Parameters"].as_array().expect("a list") {
        let name = text(parameter, "Name");
        let options = &parameter["DisplaySettings"]["Octopus.SelectOptions"];
        for option in options.as_str().unwrap_or_default().lines() {
            let value = option.split('|').next().unwrap_or_default();
            let environment = [(variable_name(name), value.to_owned())].into();
            let Err(Error::Settings(problems)) = Settings::read(&environment, &Flags::default())
            else {
                panic!("one parameter is enough");
            };
            let refused = problems.iter().find(|problem| problem.parameter == name);
            assert_eq!(refused, None, "{name} offers {value}");
        }
    }
}

#[test]
fn the_help_warns_of_what_costs_a_night() {
    let sources = Template::read().expect("the sources can be read");
    let help = |name: &str| {
        let found = sources
            .parameters
            .iter()
            .find(|parameter| parameter.name == name);
        found.map_or("", |parameter| parameter.help.as_str())
    };
    for (name, words) in [
        ("VMSS.Timeout.Value", "below the interval of the schedule"),
        (
            "VMSS.Registration.TimeoutInMinutes",
            "together below the interval",
        ),
        ("VMSS.Duplicate.Handle", "may stop later automatic ones"),
        ("VMSS.Duplicate.TimeInMinutes", "EventView"),
        ("VMSS.OldServers.ExcludeFromOutput", "EventView"),
        (
            "VMSS.GuidedFailure.Handle",
            "InterruptionView, InterruptionSubmit and TaskView",
        ),
        ("VMSS.Azure.Account", "2024.3.11643"),
        ("VMSS.Azure.Account", "**Reader**"),
        ("VMSS.Removal.Limit", "removes **none**"),
        ("VMSS.Removal.OwnedOnly", "What answers stays"),
        ("VMSS.Removal.OwnedOnly", "without a computer name prefix"),
        (
            "VMSS.Healthy.Handle",
            "TaskCreate, MachineEdit and MachinePolicyView",
        ),
        (
            "VMSS.Healthy.Handle",
            "In a deployment *Check* works as *Defer*",
        ),
        (
            "VMSS.Healthy.TimeoutInMinutes",
            "together below the interval",
        ),
        ("VMSS.Octopus.ApiKey", "VariableView"),
        ("VMSS.Binary.Path", "nothing checks its hash"),
        ("VMSS.Download.BaseUrl", "must have the SHA-256"),
        ("VMSS.Cache.Folder", "must allow execution"),
    ] {
        assert!(help(name).contains(words), "{name}: {words}");
    }
    for parameter in &sources.parameters {
        let unfinished = parameter.help.contains("This version");
        assert!(!unfinished, "{}: a promise of less", parameter.name);
    }
    let template = template();
    let description = text(&template, "Description");
    for promise in [
        "Gate later steps on `VMSSHasServersToDeployTo`, never on the list of ids",
        "What it does",
        "What it never does",
        "Permissions",
        "Exit codes",
        "Reader",
        "Environment Manager, Project Viewer and Deployment Creator",
    ] {
        assert!(description.contains(promise), "{promise}");
    }
}

#[test]
fn the_program_is_given_what_the_contract_names_and_nothing_else() {
    let list = SCRIPT
        .split_once("$ScaleInVariables = @(")
        .and_then(|(_, rest)| rest.split_once("\n)"));
    let (list, _) = list.expect("the script has a list");
    let passed: BTreeSet<&str> = list.split('\'').skip(1).step_by(2).collect();
    let parameters = OF_THE_LIBRARY
        .iter()
        .chain(&OF_THE_CONTRACT)
        .map(|(name, _)| *name);
    let promised: BTreeSet<&str> = parameters.chain(EXPANDED).collect();
    assert_eq!(passed, promised);
}

#[test]
fn a_release_is_packed_with_its_own_address_and_hashes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (linux, windows) = ("AB".repeat(32), "cd".repeat(32));
    let sums = format!(
        "{linux}  octopus-scale-in-1.2.3-x86_64-unknown-linux-musl\n\
         {windows} *octopus-scale-in-1.2.3-x86_64-pc-windows-gnu.exe\n\
         {windows}  octopus-scale-in-1.2.2-x86_64-unknown-linux-musl\n"
    );
    std::fs::write(folder.path().join("SHA256SUMS"), sums).expect("a file");

    let release = Release::read(folder.path(), "1.2.3", "https://example.com/o'fork/it/");
    let release = release.expect("it can be read");

    let hashes = [
        ("x86_64-pc-windows-gnu", windows),
        ("x86_64-unknown-linux-musl", linux.to_lowercase()),
    ];
    let hashes: BTreeMap<_, _> = hashes.map(|(t, h)| (t.to_owned(), h)).into();
    assert_eq!(release.sha256, hashes);
    let packed = Template::read().and_then(|sources| sources.pack(Some(&release)));
    let packed: Value = serde_json::from_str(&packed.expect("it packs")).expect("JSON");
    let script = text(&packed["Properties"], "Octopus.Action.Script.ScriptBody");
    for part in [
        "Version = '1.2.3'",
        "BaseUrl = 'https://example.com/o''fork/it/releases/download/v1.2.3'",
        "'x86_64-unknown-linux-musl' = 'abab",
    ] {
        assert!(script.contains(part), "{part}:\n{}", &script[..600]);
    }
}

#[test]
fn a_folder_without_the_release_is_not_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Release::read(folder.path(), "1.2.3", "https://example.com").is_err());
    let name = "octopus-scale-in-1.2.3-x86_64-unknown-linux-musl";
    let sums = [
        format!("{}  another\n", "ab".repeat(32)),
        format!("{}  {name}\n", "ab".repeat(31)),
        format!("{}  {name}\n", "xy".repeat(32)),
        format!("{name}\n"),
    ];
    for sums in sums {
        std::fs::write(folder.path().join("SHA256SUMS"), &sums).expect("a file");
        let release = Release::read(folder.path(), "1.2.3", "https://example.com");
        assert!(release.is_err(), "{sums}");
    }
}
