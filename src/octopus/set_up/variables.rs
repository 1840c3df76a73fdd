//! A project's variables as far as the caller may see them, those of the library included, and the Azure accounts that they name.
//!
//! Sources: Octopus REST API reference, "Variables", "Library variable sets", "Accounts".

use super::super::client::Octopus;
use super::places::Project;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::workers::both;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A variable.
#[derive(Debug, Clone, Default)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; `None` where it is a secret or empty.
    pub value: Option<String>,
    /// Nobody may read its value.
    pub secret: bool,
    /// What its value is: `String`, `AzureAccount`, `WorkerPool`.
    pub kind: String,
    /// Where it holds: kinds of scope (`Environment`, `ProcessOwner`, ...) and the ids of each.
    pub scope: BTreeMap<String, Vec<String>>,
    /// Whoever starts a run must give its value.
    pub prompted: Prompted,
    /// The library variable set that it is of; `None` for the project's own.
    pub library: Option<String>,
}

impl Variable {
    /// Its name, and whose it is where that is not the project.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.library {
            None => self.name.clone(),
            Some(set) => format!("{} (library variable set {set})", self.name),
        }
    }

    /// Whether it holds the id of an Azure account.
    #[must_use]
    pub fn holds_azure_account(&self) -> bool {
        self.kind.eq_ignore_ascii_case("AzureAccount")
    }
}

/// A library variable set.
#[derive(Debug, Clone)]
pub struct LibrarySet {
    /// Its name.
    pub name: String,
    /// The id of its variables; `None` where it is a script module, which holds none.
    pub variables: Option<String>,
}

/// Whether whoever starts a run is asked for the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prompted {
    /// Nobody is.
    #[default]
    No,
    /// Somebody is, and may leave it empty.
    Optional,
    /// Somebody must give one.
    Required,
}

/// An Azure account.
#[derive(Debug, Clone, Default)]
pub struct AzureAccount {
    /// Its name.
    pub name: String,
    /// What it is: `AzureServicePrincipal`, `AzureOidc`, or an account of something else.
    pub kind: String,
    /// The cloud of Azure that it is of; empty for the usual one.
    pub cloud: String,
    /// The subscription it names.
    pub subscription: Option<String>,
    /// What it lacks to sign in with.
    pub lacks: Vec<&'static str>,
    /// The environments it may be used in; empty for all.
    pub environments: Vec<String>,
    /// Whether it may be used without a tenant.
    pub untenanted: bool,
}

impl Octopus {
    /// The variables of a set that the caller may see. One that is not among them may be hidden.
    ///
    /// # Errors
    /// They could not be read.
    pub fn variables_in(
        &self,
        set: &str,
        deadline: Deadline,
    ) -> Result<Vec<Variable>, ServiceError> {
        let attempted = format!("read the variables {set}");
        self.variables_at(&["variables", set], &attempted, deadline)
    }

    /// The variables of a project that the caller may see. Of those that are kept in Git the secrets are not.
    ///
    /// # Errors
    /// They could not be read.
    pub fn project_variables(
        &self,
        project: &Project,
        deadline: Deadline,
    ) -> Result<Vec<Variable>, ServiceError> {
        if !project.variables_in_git {
            return self.variables_in(&project.variables(), deadline);
        }
        let attempted = format!("read the variables of project {}", project.name);
        let read = |in_git| {
            let path = project.below(in_git, &["variables"]);
            self.variables_at(&path, &attempted, deadline)
        };
        let (in_git, secrets) = both(|| read(true), || read(false));
        Ok([in_git?, secrets?].concat())
    }

    fn variables_at(
        &self,
        path: &[&str],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Vec<Variable>, ServiceError> {
        let (row, _) = self.get::<VariableSetRow>(path, &[], attempted, deadline)?;
        let rows = row.variables.unwrap_or_default().into_iter();
        Ok(rows.map(VariableRow::into_variable).collect())
    }

    /// A library variable set.
    ///
    /// # Errors
    /// It could not be read.
    pub fn library_set(&self, id: &str, deadline: Deadline) -> Result<LibrarySet, ServiceError> {
        let attempted = format!("read library variable set {id}");
        let path = ["libraryvariablesets", id];
        let (row, _) = self.get::<LibrarySetRow>(&path, &[], &attempted, deadline)?;
        let kind = row.content_type.unwrap_or_default();
        let usual = || format!("variableset-{id}");
        let is_script = kind.eq_ignore_ascii_case("ScriptModule");
        Ok(LibrarySet {
            name: row.name.unwrap_or_else(|| id.to_owned()),
            variables: (!is_script).then(|| row.variable_set_id.unwrap_or_else(usual)),
        })
    }

    /// An Azure account.
    ///
    /// # Errors
    /// It could not be read.
    pub fn azure_account(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<AzureAccount, ServiceError> {
        let attempted = format!("read account {id}");
        let (row, _) = self.get::<AccountRow>(&["accounts", id], &[], &attempted, deadline)?;
        let lacks = row.lacks();
        let participation = row.tenanted_deployment_participation.unwrap_or_default();
        Ok(AzureAccount {
            lacks,
            name: row.name.unwrap_or(row.id),
            kind: row.account_type.unwrap_or_default(),
            cloud: row.azure_environment.unwrap_or_default(),
            subscription: row.subscription_number.filter(|it| !it.is_empty()),
            environments: row.environment_ids.unwrap_or_default(),
            untenanted: !participation.eq_ignore_ascii_case("Tenanted"),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LibrarySetRow {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    variable_set_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VariableSetRow {
    #[serde(default)]
    variables: Option<Vec<VariableRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VariableRow {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    is_sensitive: Option<bool>,
    #[serde(default)]
    scope: Option<Map<String, Value>>,
    #[serde(default)]
    prompt: Option<PromptRow>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PromptRow {
    #[serde(default)]
    required: Option<bool>,
}

impl VariableRow {
    fn into_variable(self) -> Variable {
        let ids = |value: Value| match value {
            Value::Array(ids) => ids
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        let scope = self.scope.unwrap_or_default().into_iter();
        let kind = self.r#type.unwrap_or_default();
        Variable {
            name: self.name.unwrap_or_default(),
            value: self.value.filter(|value| !value.trim().is_empty()),
            secret: self.is_sensitive.unwrap_or_default() || kind.eq_ignore_ascii_case("Sensitive"),
            kind,
            scope: scope.map(|(kind, value)| (kind, ids(value))).collect(),
            prompted: match self.prompt {
                None => Prompted::No,
                Some(PromptRow {
                    required: Some(true),
                }) => Prompted::Required,
                Some(_) => Prompted::Optional,
            },
            library: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountRow {
    id: String,
    #[serde(default)]
    tenant_id: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    password: Option<PasswordRow>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    account_type: Option<String>,
    #[serde(default)]
    azure_environment: Option<String>,
    #[serde(default)]
    subscription_number: Option<String>,
    #[serde(default)]
    environment_ids: Option<Vec<String>>,
    #[serde(default)]
    tenanted_deployment_participation: Option<String>,
}

/// Only an account that signs in with a client secret has one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordRow {
    #[serde(default)]
    has_value: Option<bool>,
}

impl AccountRow {
    fn lacks(&self) -> Vec<&'static str> {
        let is_empty =
            |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        let password = self.password.as_ref().and_then(|it| it.has_value);
        let lacks = [
            (is_empty(&self.tenant_id), "tenant id"),
            (is_empty(&self.client_id), "application (client) id"),
            (password == Some(false), "client secret"),
        ];
        let lacks = lacks.into_iter().filter(|(lacks, _)| *lacks);
        lacks.map(|(_, what)| what).collect()
    }
}
