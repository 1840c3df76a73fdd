//! What a runbook or a deployment does: steps, and in them actions; and the step template that an action was made of.
//!
//! Sources: Octopus REST API reference, "Runbook processes", "Deployment processes", "Action templates". The value of a property is a
//! string, or for a secret `{HasValue}` (github.com/OctopusDeploy/OctopusClients, `PropertyValueResource`); the reference has an
//! object `{IsSensitive, SensitiveValue, Value}` for each. Both are read.

use super::super::client::Octopus;
use super::places::Project;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use serde_json::{Map, Value};

const STEP_EXPRESSION: &str = "Octopus.Step.ConditionVariableExpression";
const ACTION_EXPRESSION: &str = "Octopus.Action.ConditionVariableExpression";

/// What a runbook or a deployment does.
#[derive(Debug, Clone, Default)]
pub struct Process {
    /// Every action of every step, in order.
    pub actions: Vec<Action>,
}

/// One action of a step.
#[derive(Debug, Clone, Default)]
pub struct Action {
    /// Its id, which variables may be scoped to.
    pub id: String,
    /// Its name.
    pub name: String,
    /// It is left out of every run.
    pub disabled: bool,
    /// Nobody can leave it out of a run.
    pub required: bool,
    /// Its worker pool; empty for the default one.
    pub worker_pool: String,
    /// The variable that names its worker pool; empty where none does.
    pub worker_pool_variable: String,
    /// Its step has target tags: it runs on, or for, each target.
    pub for_targets: bool,
    /// What it is made of: `Octopus.Script`, `Octopus.Manual`.
    pub kind: String,
    /// In which runs it takes part, its being disabled aside.
    pub limits: ActionLimits,
    properties: Map<String, Value>,
}

/// In which runs an action takes part.
#[derive(Debug, Clone, Default)]
pub struct ActionLimits {
    /// The environments it is for; empty for all.
    pub environments: Vec<String>,
    /// The environments it is not for.
    pub excluded: Vec<String>,
    /// The tags of the tenants it is for; empty for all runs.
    pub tenant_tags: Vec<String>,
    /// By what became of the steps before; those of its step and its own.
    pub conditions: Vec<RunCondition>,
}

/// When an action runs, by what became of the steps before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunCondition {
    /// Where none has failed, or whatever became of them.
    Usual,
    /// Only where one has failed.
    Failure,
    /// Where this expression is true.
    Expression(String),
}

impl RunCondition {
    fn read(word: Option<&str>, expression: Option<&str>) -> Self {
        match word.unwrap_or_default().to_ascii_lowercase().as_str() {
            "failure" => Self::Failure,
            "variable" => Self::Expression(expression.unwrap_or_default().trim().to_owned()),
            _ => Self::Usual,
        }
    }
}

impl Action {
    /// An action with these properties.
    #[cfg(test)]
    pub fn new(name: &str, properties: Map<String, Value>) -> Self {
        Self {
            name: name.to_owned(),
            properties,
            ..Self::default()
        }
    }

    /// A property that is no secret, trimmed; an empty one counts as missing.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        let property = self.properties.get(name)?;
        let value = property
            .as_str()
            .or_else(|| property.get("Value")?.as_str());
        value.map(str::trim).filter(|value| !value.is_empty())
    }

    /// Whether the property is set to something that nobody may read.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        let has = |value: &Value| value.get("HasValue") == Some(&Value::Bool(true));
        let is = |value: &Value| has(value) || value.get("SensitiveValue").is_some_and(has);
        self.properties.get(name).is_some_and(is)
    }

    /// The names of its properties.
    pub fn property_names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(String::as_str)
    }

    /// It runs once, on the server or on a worker, as far as it says.
    #[must_use]
    pub fn runs_once(&self) -> bool {
        let on_server = self.property("Octopus.Action.RunOnServer");
        on_server.is_some_and(|it| it.eq_ignore_ascii_case("true")) && !self.for_targets
    }
}

/// A step template of the space.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepTemplate {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// One more for each change; counted by the server.
    #[serde(default)]
    pub version: i64,
}

impl Octopus {
    /// What a runbook does, or did when it was published: a snapshot has a process of its own.
    ///
    /// # Errors
    /// It could not be read.
    pub fn runbook_process(&self, id: &str, deadline: Deadline) -> Result<Process, ServiceError> {
        let attempted = format!("read the process {id}");
        self.process_at(&["runbookProcesses", id], &attempted, deadline)
    }

    /// What a runbook of this slug does that is kept in Git.
    ///
    /// # Errors
    /// It could not be read.
    pub fn process_in_git(
        &self,
        project: &Project,
        slug: &str,
        deadline: Deadline,
    ) -> Result<Process, ServiceError> {
        let attempted = format!("read the process of {slug}");
        let path = project.below(true, &["runbookProcesses", slug]);
        self.process_at(&path, &attempted, deadline)
    }

    /// What a project's deployments do.
    ///
    /// # Errors
    /// It could not be read.
    pub fn deployment_process(
        &self,
        project: &Project,
        deadline: Deadline,
    ) -> Result<Process, ServiceError> {
        let attempted = format!("read the deployment process of {}", project.name);
        let path = match (&project.deployment_process, project.in_git) {
            (_, true) => project.below(true, &["deploymentprocesses"]),
            (Some(id), false) => vec!["deploymentprocesses", id],
            (None, false) => return Ok(Process::default()),
        };
        self.process_at(&path, &attempted, deadline)
    }

    fn process_at(
        &self,
        path: &[&str],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Process, ServiceError> {
        let (row, _) = self.get::<ProcessRow>(path, &[], attempted, deadline)?;
        let steps = row.steps.unwrap_or_default().into_iter();
        Ok(Process {
            actions: steps.flat_map(StepRow::into_actions).collect(),
        })
    }

    /// A step template of the space.
    ///
    /// # Errors
    /// It could not be read.
    pub fn step_template(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<StepTemplate, ServiceError> {
        let attempted = format!("read step template {id}");
        let answer = self.get(&["actiontemplates", id], &[], &attempted, deadline);
        answer.map(|(template, _)| template)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessRow {
    #[serde(default)]
    steps: Option<Vec<StepRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StepRow {
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    #[serde(default)]
    condition: Option<String>,
    #[serde(default)]
    actions: Option<Vec<ActionRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionRow {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    action_type: Option<String>,
    #[serde(default)]
    condition: Option<String>,
    #[serde(default)]
    environments: Option<Vec<String>>,
    #[serde(default)]
    excluded_environments: Option<Vec<String>>,
    #[serde(default)]
    tenant_tags: Option<Vec<String>>,
    #[serde(default)]
    is_disabled: Option<bool>,
    #[serde(default)]
    is_required: Option<bool>,
    #[serde(default)]
    worker_pool_id: Option<String>,
    #[serde(default)]
    worker_pool_variable: Option<String>,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

impl StepRow {
    fn into_actions(self) -> Vec<Action> {
        let properties = self.properties.unwrap_or_default();
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        let roles = text("Octopus.Action.TargetRoles").unwrap_or_default();
        let condition = RunCondition::read(self.condition.as_deref(), text(STEP_EXPRESSION));
        let actions = self.actions.unwrap_or_default().into_iter();
        let action = |row: ActionRow| Action {
            for_targets: !roles.trim().is_empty(),
            ..row.into_action(condition.clone())
        };
        actions.map(action).collect()
    }
}

impl ActionRow {
    fn into_action(self, of_step: RunCondition) -> Action {
        let properties = self.properties.unwrap_or_default();
        let expression = properties.get(ACTION_EXPRESSION).and_then(Value::as_str);
        let own = RunCondition::read(self.condition.as_deref(), expression);
        Action {
            id: self.id.unwrap_or_default(),
            name: self.name.unwrap_or_default(),
            disabled: self.is_disabled.unwrap_or_default(),
            required: self.is_required.unwrap_or_default(),
            worker_pool: self.worker_pool_id.unwrap_or_default(),
            worker_pool_variable: self.worker_pool_variable.unwrap_or_default(),
            for_targets: false,
            kind: self.action_type.unwrap_or_default(),
            limits: ActionLimits {
                environments: self.environments.unwrap_or_default(),
                excluded: self.excluded_environments.unwrap_or_default(),
                tenant_tags: self.tenant_tags.unwrap_or_default(),
                conditions: vec![of_step, own],
            },
            properties,
        }
    }
}
