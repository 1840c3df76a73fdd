//! Accounts, worker pools, library sets, triggers and freezes, as people make them. Source: octopus.com/docs/api, the pages of
//! these names; the structs in github.com/OctopusDeploy/go-octopusdeploy; github.com/OctopusDeploy/OctopusClients.

use super::documents::{Kind, text, texts};
use super::places::slug;
use super::query::Query;
use super::{Octopus, errors};
use crate::clock::{self, Time};
use crate::http::{Answer, Call};
use crate::world::{SPACE, SUBSCRIPTION, World};
use serde_json::{Value, json};

/// How the filter of a schedule is written that runs all day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyForm {
    /// `ContinuousDailySchedule`
    Older,
    /// `DailySchedule` with `RunType`
    Newer,
}

impl World {
    /// Adds an Azure account that signs in with the application and the secret which this world's Azure knows.
    pub fn add_azure_account(&mut self, name: &str) -> String {
        let id = self.octopus.next_id("Accounts");
        let azure = &self.azure;
        let account = json!({
            "Id": id,
            "SpaceId": SPACE,
            "Name": name,
            "Slug": slug(name),
            "Description": "",
            "AccountType": "AzureServicePrincipal",
            "SubscriptionNumber": SUBSCRIPTION,
            "ClientId": azure.client_id,
            "TenantId": azure.tenant,
            "Password": { "HasValue": true, "NewValue": Value::Null, "Hint": Value::Null },
            "AzureEnvironment": "",
            "ResourceManagementEndpointBaseUri": "",
            "ActiveDirectoryEndpointBaseUri": "",
            "EnvironmentIds": [],
            "TenantIds": [],
            "TenantTags": [],
            "TenantedDeploymentParticipation": "Untenanted",
        });
        self.octopus.documents.insert(Kind::Account, account);
        id
    }

    /// Puts the runs of a project in an environment under change control: both have to say so. Source: octopus.com/docs,
    /// "ServiceNow Integration"; the extension settings in github.com/OctopusDeploy/go-octopusdeploy.
    pub fn put_under_change_control(&mut self, project: &str, environment: &str) {
        self.edit(project, |project| {
            project["ExtensionSettings"] = json!([{
                "ExtensionId": "servicenow-integration",
                "Values": {
                    "ServiceNowChangeControlled": true,
                    "ServiceNowConnectionId": "ServiceNow-1",
                    "StandardChangeTemplateName": Value::Null,
                    "AutomaticStateTransition": false,
                },
            }]);
        });
        let environment = self.octopus.environments.get_mut(environment);
        environment
            .expect("the environment exists")
            .change_controlled = true;
    }

    /// Lets an account sign in with OpenID Connect instead of a secret.
    pub fn use_openid_connect(&mut self, account: &str) {
        self.edit(account, |account| {
            account["AccountType"] = "AzureOidc".into();
            account["Audience"] = "api://AzureADTokenExchange".into();
            account["DeploymentSubjectKeys"] =
                json!(["space", "environment", "project", "tenant", "runbook"]);
            account["HealthCheckSubjectKeys"] = json!(["space", "target", "type"]);
            account["AccountTestSubjectKeys"] = json!(["space", "account", "type"]);
            if let Some(fields) = account.as_object_mut() {
                fields.remove("Password");
            }
        });
    }
}

impl Octopus {
    /// Adds a worker pool of machines that somebody else keeps; the first one is the default. Returns its id.
    pub fn add_worker_pool(&mut self, name: &str) -> String {
        let is_default = self.documents.of(Kind::WorkerPool).next().is_none();
        let id = self.next_id("WorkerPools");
        let pool = json!({
            "Id": id,
            "SpaceId": SPACE,
            "Name": name,
            "Slug": slug(name),
            "Description": "",
            "IsDefault": is_default,
            "WorkerPoolType": "StaticWorkers",
            "CanAddWorkers": true,
            "SortOrder": 0,
        });
        self.documents.insert(Kind::WorkerPool, pool);
        id
    }

    /// Makes a worker pool one whose machines Octopus Cloud keeps.
    pub fn make_dynamic(&mut self, pool: &str) {
        self.documents.edit(pool, |pool| {
            pool["WorkerPoolType"] = "DynamicWorkers".into();
            pool["WorkerType"] = "UbuntuDefault".into();
            pool["CanAddWorkers"] = false.into();
        });
    }

    /// Adds a healthy worker to a pool; returns its id.
    pub fn add_worker(&mut self, pool: &str, name: &str) -> String {
        let id = self.next_id("Workers");
        let worker = json!({
            "Id": id,
            "SpaceId": SPACE,
            "Name": name,
            "Slug": slug(name),
            "WorkerPoolIds": [pool],
            "IsDisabled": false,
            "HealthStatus": "Healthy",
            "IsInProcess": false,
            "MachinePolicyId": super::policies::DEFAULT,
            "OperatingSystem": "Ubuntu 24.04",
            "ShellName": "Bash",
            "StatusSummary": "",
            "Endpoint": { "CommunicationStyle": "TentaclePassive" },
        });
        self.documents.insert(Kind::Worker, worker);
        id
    }

    /// Adds a library set without variables; returns its id.
    pub fn add_library_set(&mut self, name: &str) -> String {
        let id = self.next_id("LibraryVariableSets");
        let set = json!({
            "Id": id,
            "SpaceId": SPACE,
            "Name": name,
            "Description": "",
            "ContentType": "Variables",
            "VariableSetId": format!("variableset-{id}"),
            "Templates": [],
        });
        self.documents.insert(Kind::LibraryVariableSet, set);
        self.add_variable_set(&id);
        id
    }

    /// Adds a variable to a set, unscoped; returns its id.
    pub fn add_variable(&mut self, set: &str, name: &str, kind: &str, value: &str) -> String {
        let id = self.next_guid();
        let variable = json!({
            "Id": id,
            "Name": name,
            "Value": value,
            "Description": "",
            "Type": kind,
            "IsSensitive": kind == "Sensitive",
            "IsEditable": true,
            "Scope": {},
            "Prompt": Value::Null,
        });
        self.documents.edit(set, |set| {
            if let Some(all) = set["Variables"].as_array_mut() {
                all.push(variable);
            }
        });
        id
    }

    /// Adds a trigger that runs a runbook in an environment by the clock; returns its id.
    pub fn add_schedule(&mut self, runbook: &str, environment: &str, cron: &str) -> String {
        let action = json!({
            "ActionType": "RunRunbook",
            "RunbookId": runbook,
            "EnvironmentIds": [environment],
            "TenantIds": [],
            "TenantTags": [],
        });
        let filter = json!({
            "FilterType": "CronExpressionSchedule",
            "CronExpression": cron,
            "Timezone": "UTC",
        });
        let project = self.documents.text(runbook, "ProjectId");
        let project = project.unwrap_or_default().to_owned();
        self.add_trigger(&project, "Every 15 minutes", &filter, &action)
    }

    /// Lets a schedule run every so many minutes all day instead, in the form of older servers or in that of newer ones.
    pub fn run_all_day(&mut self, trigger: &str, minutes: u64, form: DailyForm) {
        let all = [
            "Sunday",
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
        ];
        let mut filter = json!({
            "Interval": "OnceEveryMinute",
            "MinuteInterval": minutes,
            "HourInterval": Value::Null,
            "RunAfter": "2026-01-01T00:00:00.000",
            "RunUntil": "2026-01-01T23:59:00.000",
            "Timezone": "UTC",
        });
        match form {
            DailyForm::Older => {
                filter["FilterType"] = "ContinuousDailySchedule".into();
                filter["DaysOfWeek"] = json!(all);
            }
            DailyForm::Newer => {
                filter["FilterType"] = "DailySchedule".into();
                filter["RunType"] = "Continuously".into();
            }
        }
        self.documents
            .edit(trigger, |trigger| trigger["Filter"] = filter);
    }

    /// Adds a trigger that deploys to targets of which one of these groups of events tells, such as `MachineHealthChanged`;
    /// returns its id.
    pub fn add_target_trigger(&mut self, project: &str, event_groups: &[&str]) -> String {
        let action = json!({ "ActionType": "AutoDeploy", "ShouldRedeployWhenMachineHasBeenDeployedTo": false });
        let filter = json!({
            "FilterType": "MachineFilter",
            "EnvironmentIds": [],
            "Roles": [],
            "EventGroups": event_groups,
            "EventCategories": [],
        });
        self.add_trigger(project, "New machines", &filter, &action)
    }

    fn add_trigger(&mut self, project: &str, name: &str, filter: &Value, action: &Value) -> String {
        let id = self.next_id("ProjectTriggers");
        let trigger = json!({
            "Id": id,
            "SpaceId": SPACE,
            "ProjectId": project,
            "Name": name,
            "Description": "",
            "IsDisabled": false,
            "Filter": filter,
            "Action": action,
        });
        self.documents.insert(Kind::Trigger, trigger);
        id
    }

    /// Freezes deployments of a project in an environment between these times; returns the freeze's id.
    pub fn add_freeze(
        &mut self,
        project: &str,
        environment: &str,
        from: Time,
        until: Time,
    ) -> String {
        let id = self.next_id("DeploymentFreezes");
        let freeze = json!({
            "Id": id,
            "Name": "Nothing goes out",
            "Start": clock::octopus(from),
            "End": clock::octopus(until),
            "ProjectEnvironmentScope": { project: [environment] },
            "TenantProjectEnvironmentScope": [],
            "RecurringSchedule": Value::Null,
        });
        self.documents.insert(Kind::Freeze, freeze);
        id
    }
}

/// `/api/deploymentfreezes`, which knows no spaces. Source: octopus.com/docs/api, "Deployment Freeze".
pub(crate) fn freezes(octopus: &Octopus, call: &Call) -> Result<Answer, Answer> {
    if !octopus.newer.deployment_freezes {
        return Err(errors::unknown_question());
    }
    let known = [
        "environmentIds",
        "ids",
        "includeComplete",
        "partialName",
        "projectIds",
        "skip",
        "status",
        "take",
    ];
    let query = Query::read(call, &known)?;
    let complete = query.boolean("includeComplete")?.unwrap_or(true);
    let now = octopus.now();
    let mut found: Vec<&Value> = octopus.documents.of(Kind::Freeze).collect();
    found.retain(|freeze| {
        let scope = freeze["ProjectEnvironmentScope"].as_object();
        let projects = scope.into_iter().flat_map(|scope| scope.keys());
        let environments: Vec<String> = scope
            .into_iter()
            .flat_map(|scope| scope.values())
            .flat_map(texts)
            .collect();
        let over = clock::read(text(freeze, "End")).is_some_and(|end| end < now);
        query.any("ids", [text(freeze, "Id")].into_iter())
            && query.part("partialName", text(freeze, "Name"))
            && query.any("projectIds", projects.map(String::as_str))
            && query.any("environmentIds", environments.iter().map(String::as_str))
            && (complete || !over)
    });
    let skip = query.number("skip")?.unwrap_or(0);
    let take = query.number("take")?.unwrap_or(30);
    let page: Vec<&&Value> = found.iter().skip(skip).take(take).collect();
    Ok(Answer::ok(
        json!({ "DeploymentFreezes": page, "Count": found.len() }),
    ))
}
