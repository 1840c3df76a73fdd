//! Environments and projects, and what of them a run depends on.
//!
//! Sources: Octopus REST API reference, "Environments", "Projects", "Deployment settings"; the change control of both is in
//! `ExtensionSettings` (github.com/OctopusDeploy/go-octopusdeploy, `pkg/environments`, `pkg/projects`).

use super::super::client::Octopus;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Whether a failure waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuidedFailure {
    /// It does.
    On,
    /// It ends the run.
    Off,
    /// What the environment says.
    OfEnvironment,
    /// Nothing is said.
    Unsaid,
}

impl GuidedFailure {
    /// Source: `DefaultGuidedFailureMode`.
    pub(super) fn read(word: Option<&str>) -> Self {
        match word.unwrap_or_default().to_ascii_lowercase().as_str() {
            "on" => Self::On,
            "off" => Self::Off,
            "environmentdefault" => Self::OfEnvironment,
            _ => Self::Unsaid,
        }
    }
}

/// An environment.
#[derive(Debug, Clone)]
pub struct EnvironmentPlace {
    /// `Environments-1`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is called by in Git; empty where the server does not say.
    pub slug: String,
    /// Whether deployments to it wait for a person where something fails.
    pub guided_failure: bool,
    /// Whether a change request must be approved first.
    pub change_control: bool,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// `Projects-1`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The group it is in.
    pub group: Option<String>,
    /// Nothing of it runs.
    pub disabled: bool,
    /// Its variables, where the server says so.
    pub variable_set: Option<String>,
    /// The ids of the library variable sets that are added to these.
    pub library_sets: Vec<String>,
    /// What its deployments do.
    pub deployment_process: Option<String>,
    /// The branch that schedules take, as a path calls it, where it is kept in Git and the server says which that is.
    pub branch: Option<String>,
    /// Whether its deployment process and settings are kept in Git.
    pub in_git: bool,
    /// Whether its variables are.
    pub variables_in_git: bool,
    /// Whether its runbooks are.
    pub runbooks_in_git: bool,
    /// Whether a change request must be approved first.
    pub change_control: bool,
}

impl EnvironmentPlace {
    /// In a list of environments by id, slug or name, as in Git, puts the id for this one.
    pub fn call_by_id(&self, environments: &mut [String]) {
        let names = [&self.slug, &self.name];
        let is_it = |word: &String| names.iter().any(|it| it.eq_ignore_ascii_case(word));
        for word in environments.iter_mut().filter(|word| is_it(word)) {
            word.clone_from(&self.id);
        }
    }
}

impl Project {
    /// The path to what is its; to what is kept in Git on its branch (octopus.com/docs, "Config as Code reference").
    #[must_use]
    pub(super) fn below<'a>(&'a self, in_git: bool, rest: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["projects", self.id.as_str()];
        path.extend(self.branch.as_deref().filter(|_| in_git));
        path.extend(rest);
        path
    }

    /// The id of its variables.
    #[must_use]
    pub fn variables(&self) -> String {
        let usual = || format!("variableset-{}", self.id);
        self.variable_set.clone().unwrap_or_else(usual)
    }
}

/// How a project deploys.
#[derive(Debug, Clone, Copy)]
pub struct DeploymentSettings {
    /// Whether a failure waits for a person.
    pub guided_failure: GuidedFailure,
}

impl Octopus {
    /// Reads an environment.
    ///
    /// # Errors
    /// It could not be read.
    pub fn environment(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<EnvironmentPlace, ServiceError> {
        let attempted = format!("read environment {id}");
        let (row, _) =
            self.get::<EnvironmentRow>(&["environments", id], &[], &attempted, deadline)?;
        Ok(EnvironmentPlace {
            name: row.name.unwrap_or_else(|| row.id.clone()),
            slug: row.slug.unwrap_or_default(),
            id: row.id,
            guided_failure: row.use_guided_failure.unwrap_or_default(),
            change_control: is_change_controlled(row.extension_settings.as_deref()),
        })
    }

    /// Reads a project.
    ///
    /// # Errors
    /// It could not be read.
    pub fn project(&self, id: &str, deadline: Deadline) -> Result<Project, ServiceError> {
        let attempted = format!("read project {id}");
        let (row, _) = self.get::<ProjectRow>(&["projects", id], &[], &attempted, deadline)?;
        let persistence = row.persistence_settings.unwrap_or_default();
        let converted = persistence.conversion_state.unwrap_or_default();
        let is_git = |kind: &str| kind.eq_ignore_ascii_case("VersionControlled");
        let in_git = persistence.r#type.as_deref().is_some_and(is_git);
        Ok(Project {
            name: row.name.unwrap_or_else(|| row.id.clone()),
            id: row.id,
            group: row.project_group_id,
            disabled: row.is_disabled.unwrap_or_default(),
            variable_set: row.variable_set_id,
            library_sets: row.included_library_variable_set_ids.unwrap_or_default(),
            deployment_process: row.deployment_process_id,
            branch: persistence.default_branch.map(|it| reference(&it)),
            in_git,
            variables_in_git: in_git && converted.variables_are_in_git.unwrap_or_default(),
            runbooks_in_git: in_git && converted.runbooks_are_in_git.unwrap_or_default(),
            change_control: is_change_controlled(row.extension_settings.as_deref()),
        })
    }

    /// Reads how a project deploys.
    ///
    /// # Errors
    /// It could not be read.
    pub fn deployment_settings(
        &self,
        project: &Project,
        deadline: Deadline,
    ) -> Result<DeploymentSettings, ServiceError> {
        let attempted = format!("read the deployment settings of project {}", project.name);
        let path = project.below(project.in_git, &["deploymentsettings"]);
        let (row, _) = self.get::<DeploymentSettingsRow>(&path, &[], &attempted, deadline)?;
        Ok(DeploymentSettings {
            guided_failure: GuidedFailure::read(row.default_guided_failure_mode.as_deref()),
        })
    }
}

/// `main` is short for `refs/heads/main`.
fn reference(branch: &str) -> String {
    match branch.starts_with("refs/") {
        true => branch.to_owned(),
        false => format!("refs/heads/{branch}"),
    }
}

/// Jira Service Management and ServiceNow each have a word of their own for it.
fn is_change_controlled(extensions: Option<&[ExtensionRow]>) -> bool {
    let values = extensions.unwrap_or_default().iter();
    let mut values = values.filter_map(|row| row.values.as_ref()).flatten();
    values.any(|(name, value)| name.ends_with("ChangeControlled") && *value == Value::Bool(true))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    slug: Option<String>,
    #[serde(default)]
    use_guided_failure: Option<bool>,
    #[serde(default)]
    extension_settings: Option<Vec<ExtensionRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExtensionRow {
    #[serde(default)]
    values: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProjectRow {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    project_group_id: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
    #[serde(default)]
    variable_set_id: Option<String>,
    #[serde(default)]
    included_library_variable_set_ids: Option<Vec<String>>,
    #[serde(default)]
    deployment_process_id: Option<String>,
    #[serde(default)]
    persistence_settings: Option<PersistenceRow>,
    #[serde(default)]
    extension_settings: Option<Vec<ExtensionRow>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PersistenceRow {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    default_branch: Option<String>,
    #[serde(default)]
    conversion_state: Option<ConversionRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConversionRow {
    #[serde(default)]
    variables_are_in_git: Option<bool>,
    #[serde(default)]
    runbooks_are_in_git: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeploymentSettingsRow {
    #[serde(default)]
    default_guided_failure_mode: Option<String>,
}
