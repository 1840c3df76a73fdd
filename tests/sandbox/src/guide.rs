//! The set-up of Octopus's guide "Scale In Event", complete and right, from which a test changes one thing at a time.

mod before;

pub use before::BeforeSetup;

use crate::clock::{self, Time};
use crate::octopus::{TaskHandle, blank_action, over};
use crate::world::{ENVIRONMENT, GROUP, World};
use serde_json::{Value, json};
use std::time::Duration;

/// The step template that this repository packs. A change of its parameters is a change of the guide's set-up.
const TEMPLATE: &str = include_str!("../../../step-template/octopus-scale-in.json");
/// The variables of the guide that have a value of their own, with their types.
const VARIABLES: [(&str, &str); 6] = [
    ("Project.Azure.Account", "AzureAccount"),
    ("Project.Octopus.Api.Key", "Sensitive"),
    ("Project.Octopus.Roles", "String"),
    ("Project.Octopus.Server.Url", "String"),
    ("Project.VMSS.ResourceGroup.Name", "String"),
    ("Project.VMSS.ScaleSetName", "String"),
];
/// Which parameter of the step is bound to what. The account goes by the name of its variable; the timeout is below the
/// interval of the schedule, as the template's own help asks for.
const BINDINGS: [(&str, &str); 7] = [
    ("VMSS.ScaleSet.Name", "#{Project.VMSS.ScaleSetName}"),
    (
        "VMSS.ResourceGroup.Name",
        "#{Project.VMSS.ResourceGroup.Name}",
    ),
    ("VMSS.Azure.Account", "Project.Azure.Account"),
    ("VMSS.DeploymentTarget.Roles", "#{Project.Octopus.Roles}"),
    ("VMSS.Octopus.Url", "#{Project.Octopus.Server.Url}"),
    ("VMSS.Octopus.ApiKey", "#{Project.Octopus.Api.Key}"),
    ("VMSS.Timeout.Value", "10"),
];

/// Where everything of the guide is, by its ids.
#[derive(Clone, Debug)]
pub struct Guide {
    /// The project `Todo`.
    pub project: String,
    /// Its variables.
    pub variables: String,
    /// Its runbook `Remove scaled-in targets`.
    pub runbook: String,
    /// The process of the runbook, as a draft.
    pub process: String,
    /// The trigger that runs it every 15 minutes.
    pub trigger: String,
    /// The environment `Production`.
    pub environment: String,
    /// The Azure account.
    pub account: String,
    /// The step template.
    pub template: String,
    /// The worker pool that the step runs on, which is the default.
    pub pool: String,
    /// Its only worker.
    pub worker: String,
    /// The machine policy `Auto-scaling` of the targets, by its name.
    pub policy: String,
    /// The service account, which the key of the schedule belongs to.
    pub service_account: String,
    /// The person who sets things up.
    pub administrator: String,
    /// The key of that person; the other one is [`crate::Octopus::api_key`].
    pub administrator_key: String,
}

impl World {
    /// The set-up of the guide, made if it is not there yet: what [`World::before_setup`] makes, machine policy, guided failure
    /// in the environment, six variables, step template, runbook with the step, published snapshot, schedule with five good
    /// runs.
    pub fn guide(&mut self) -> Guide {
        if let Some(guide) = &self.guide {
            return guide.clone();
        }
        let before = self.before_setup();
        let policy = self.make_policy();
        if let Some(environment) = self.octopus.environments.get_mut(ENVIRONMENT) {
            environment.guided_failure = true;
        }
        let template = self.octopus.import_template(&step_template());
        self.make_variables(&before.variables, &before.account);
        let octopus = &mut self.octopus;
        let runbook = octopus.add_runbook(&before.project, "Remove scaled-in targets");
        let process = format!("RunbookProcess-{runbook}");
        self.make_runbook(&runbook, &process, &template);
        let trigger = self
            .octopus
            .add_schedule(&runbook, ENVIRONMENT, "0 0/15 * * * *");
        let guide = Guide {
            project: before.project,
            variables: before.variables,
            runbook,
            process,
            trigger,
            environment: before.environment,
            account: before.account,
            template,
            pool: before.pool,
            worker: before.worker,
            policy,
            service_account: before.service_account,
            administrator: before.administrator,
            administrator_key: before.administrator_key,
        };
        self.publish(&guide.runbook);
        for minutes in [75, 60, 45, 30, 15] {
            let began = clock::minutes_ago(minutes);
            guide.ran(self, "Success", began);
        }
        self.guide = Some(guide.clone());
        guide
    }

    /// The set-up of the guide, where [`World::guide`] has made it.
    pub fn made_guide(&self) -> Option<&Guide> {
        self.guide.as_ref()
    }

    /// The guide lets a policy delete what is unavailable as the other of two ways; with a runbook it is not needed, and takes
    /// the registrations of machines that are only stopped.
    fn make_policy(&mut self) -> String {
        let name = "Auto-scaling";
        let policy = self.machine_policy(name);
        policy.interval = Some(Duration::from_secs(15 * 60));
        policy.only_connectivity = true;
        policy.may_be_offline = true;
        let id = policy.id.clone();
        let roles = &self.roles;
        let targets = self.octopus.targets.values_mut();
        for target in targets.filter(|it| roles.iter().all(|role| it.roles.contains(role))) {
            target.policy.clone_from(&id);
        }
        name.to_owned()
    }

    fn make_variables(&mut self, set: &str, account: &str) {
        for (name, kind) in VARIABLES {
            let value = match name {
                "Project.Azure.Account" => account.to_owned(),
                "Project.Octopus.Api.Key" => self.octopus.api_key.clone(),
                "Project.Octopus.Roles" => self.roles.join(","),
                "Project.Octopus.Server.Url" => "#{Octopus.Web.ServerUri}".to_owned(),
                "Project.VMSS.ResourceGroup.Name" => GROUP.to_owned(),
                _ => self.scale_set_name.clone(),
            };
            self.octopus.add_variable(set, name, kind, &value);
        }
    }

    fn make_runbook(&mut self, runbook: &str, process: &str, template: &str) {
        self.edit(runbook, |runbook| {
            runbook["EnvironmentScope"] = "Specified".into();
            runbook["Environments"] = json!([ENVIRONMENT]);
            runbook["RunRetentionPolicy"] = json!({
                "Strategy": "Count",
                "QuantityToKeep": 30,
                "Unit": "Days",
                "ShouldKeepForever": false,
            });
        });
        let template = self.document(template).clone();
        self.edit(process, |process| {
            process["Steps"] = json!([step(&template)])
        });
    }
}

/// The file that this repository packs, as JSON.
fn step_template() -> Value {
    serde_json::from_str(TEMPLATE).expect("the step template is JSON")
}

/// A step as the editor makes it of a template: its properties, the parameters, and where they are from. Source: the provider
/// for Terraform; github.com/OctopusDeploy/OctopusDeploy-Api, `AddCommunityStepTemplateToProcess.ps1`.
fn step(template: &Value) -> Value {
    let mut properties = template["Properties"].clone();
    let parameters = template["Parameters"].as_array().into_iter().flatten();
    for parameter in parameters {
        let name = parameter["Name"].as_str().unwrap_or_default();
        let bound = BINDINGS.iter().find(|(own, _)| *own == name);
        let value = match bound {
            Some((_, value)) => Value::from(*value),
            None => parameter["DefaultValue"].clone(),
        };
        if value.as_str().is_some_and(|value| !value.is_empty()) {
            properties[name] = value;
        }
    }
    properties["Octopus.Action.Template.Id"] = template["Id"].clone();
    properties["Octopus.Action.Template.Version"] = template["Version"].to_string().into();
    let own = json!({
        "Id": "5a4db0c0-0000-4000-8000-00000000aa02",
        "Name": "Remove scaled-in targets",
        "Slug": "remove-scaled-in-targets",
        "ActionType": template["ActionType"],
        "Properties": properties,
    });
    let action = over(blank_action(), &own);
    json!({
        "Id": "5a4db0c0-0000-4000-8000-00000000aa01",
        "Name": "Remove scaled-in targets",
        "Slug": "remove-scaled-in-targets",
        "Condition": "Success",
        "StartTrigger": "StartAfterPrevious",
        "PackageRequirement": "LetOctopusDecide",
        "Properties": {},
        "Actions": [action],
    })
}

impl Guide {
    /// Changes the step in the draft; the snapshot that is published stays as it is until [`Guide::publish`].
    pub fn step(&self, world: &mut World, change: impl FnOnce(&mut Value)) {
        world.edit(&self.process, |process| change(&mut process["Steps"][0]));
    }

    /// Sets a parameter of the step in the draft, or takes it out.
    pub fn parameter(&self, world: &mut World, name: &str, value: Option<&str>) {
        self.step(world, |step| {
            let properties = step["Actions"][0]["Properties"].as_object_mut();
            let properties = properties.expect("the step has properties");
            match value {
                Some(value) => properties.insert(name.to_owned(), value.into()),
                None => properties.remove(name),
            };
        });
    }

    /// Changes one variable of the project; the snapshot that is published stays as it is until [`Guide::publish`].
    pub fn variable(&self, world: &mut World, name: &str, change: impl FnOnce(&mut Value)) {
        world.edit(&self.variables, |set| {
            let all = set["Variables"].as_array_mut().into_iter().flatten();
            let mut named = all.filter(|variable| variable["Name"] == name);
            change(
                named
                    .next()
                    .unwrap_or_else(|| panic!("there is no variable {name}")),
            );
        });
    }

    /// Removes one variable of the project.
    pub fn remove_variable(&self, world: &mut World, name: &str) {
        world.edit(&self.variables, |set| {
            let all = set["Variables"].as_array_mut();
            all.expect("a set has variables")
                .retain(|variable| variable["Name"] != name);
        });
    }

    /// Publishes the runbook as it is now; returns the id of the snapshot.
    pub fn publish(&self, world: &mut World) -> String {
        world.publish(&self.runbook)
    }

    /// The id of the snapshot that is published.
    pub fn published(&self, world: &World) -> Option<String> {
        world.published(&self.runbook)
    }

    /// A run of the published snapshot that began then and took a minute: `Success`, `Failed`, `Canceled`.
    pub fn ran<'a>(&self, world: &'a mut World, state: &str, began: Time) -> TaskHandle<'a> {
        world.runbook_ran(&self.runbook, &self.environment, state, began)
    }

    /// Takes all runs away.
    pub fn never_ran(&self, world: &mut World) {
        let runbook = &self.runbook;
        world
            .octopus
            .tasks
            .retain(|_, task| task.runbook != *runbook);
    }

    /// All snapshots of the runbook, the oldest first.
    pub fn snapshots(&self, world: &World) -> Vec<String> {
        world.snapshots(&self.runbook)
    }
}
