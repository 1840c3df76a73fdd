//! What Octopus answers, as narrow structs: what is not named here is never held in memory.
//!
//! Source: Octopus REST API reference, pages "Deployment targets", "Tasks", "Deployments", "Runbook runs", "Spaces",
//! "Environments". Enums are strings, since servers know values that this program does not.

use super::task_state::TaskState;
use crate::clock::rfc3339;
use crate::reconcile::usage::{Reach, TaskKind};
use crate::reconcile::{Participation, Target, TargetId, TargetKind};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

/// A page of a listing. Newer servers put the page of some listings into an object of one property.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResourcePage<T> {
    #[serde(default = "Option::default")]
    items: Option<Vec<T>>,
    #[serde(default)]
    total_results: Option<usize>,
    #[serde(default = "Option::default")]
    resource_collection: Option<Box<Self>>,
}

impl<T> ResourcePage<T> {
    /// The rows and the total of the listing; `None` if this is no page.
    pub(super) fn into_parts(self) -> Option<(Vec<T>, usize)> {
        match self.resource_collection {
            Some(page) => page.into_parts(),
            None => Some((self.items?, self.total_results?)),
        }
    }
}

/// The variables that are scoped to one target alone, by project or variable set. Newer servers wrap it, too.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScopedVariables {
    #[serde(default)]
    pub(super) has_unauthorized_project_variables: bool,
    #[serde(default)]
    pub(super) has_unauthorized_library_variable_set_variables: bool,
    #[serde(default)]
    pub(super) variable_map: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    pub(super) resource: Option<Box<Self>>,
}

/// An error body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OctopusErrorRow {
    pub(super) error_message: Option<String>,
    #[serde(default)]
    pub(super) errors: Option<Vec<String>>,
}

/// A space, an environment: something with an id and a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
}

/// A deployment target.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetRow {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    thumbprint: Option<String>,
    #[serde(default)]
    pub(super) space_id: Option<String>,
    #[serde(default)]
    pub(super) environment_ids: Option<Vec<String>>,
    #[serde(default)]
    pub(super) roles: Option<Vec<String>>,
    #[serde(default)]
    pub(super) tenant_ids: Option<Vec<String>>,
    #[serde(default)]
    pub(super) tenant_tags: Option<Vec<String>>,
    #[serde(default)]
    tenanted_deployment_participation: Option<String>,
    #[serde(default)]
    health_status: Option<String>,
    #[serde(default)]
    is_disabled: Option<bool>,
    #[serde(default)]
    endpoint: Option<Endpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(default)]
    communication_style: Option<String>,
    #[serde(default)]
    thumbprint: Option<String>,
    #[serde(default)]
    fingerprint: Option<String>,
}

impl TargetRow {
    pub(super) fn into_target(self, interner: &mut Interner) -> Target {
        let endpoint = self.endpoint;
        let style = endpoint
            .as_ref()
            .and_then(|e| e.communication_style.as_deref())
            .unwrap_or_default();
        let is = |styles: &[&str]| styles.iter().any(|s| s.eq_ignore_ascii_case(style));
        let kind = if is(&["TentaclePassive", "TentacleActive", "Ssh"]) {
            TargetKind::Machine
        } else {
            TargetKind::Other
        };
        let health = self.health_status.unwrap_or_default();
        let participation = match self.tenanted_deployment_participation.as_deref() {
            Some(p) if p.eq_ignore_ascii_case("Tenanted") => Participation::Tenanted,
            Some(p) if p.eq_ignore_ascii_case("Untenanted") => Participation::Untenanted,
            // What servers that know no tenants leave out must not leave anybody out.
            Some(_) | None => Participation::Both,
        };
        let of_endpoint = endpoint.and_then(|e| e.thumbprint.or(e.fingerprint));
        Target {
            id: TargetId(self.id),
            name: self.name,
            thumbprint: self.thumbprint.filter(|t| !t.is_empty()).or(of_endpoint),
            environments: interner.shared(self.environment_ids.unwrap_or_default()),
            roles: interner.shared(self.roles.unwrap_or_default()),
            kind,
            answers_health_checks: ["Healthy", "HasWarnings"]
                .iter()
                .any(|h| h.eq_ignore_ascii_case(&health)),
            enabled: !self.is_disabled.unwrap_or_default(),
            participation,
        }
    }
}

/// Lists of words that many rows have in common, each held once.
#[derive(Debug, Default)]
pub(super) struct Interner(HashSet<Arc<[String]>>);

impl Interner {
    fn shared(&mut self, list: Vec<String>) -> Arc<[String]> {
        if let Some(known) = self.0.get(list.as_slice()) {
            return Arc::clone(known);
        }
        let list: Arc<[String]> = list.into();
        self.0.insert(Arc::clone(&list));
        list
    }
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaskRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    pub(super) state: String,
    #[serde(default)]
    queue_time: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    #[serde(default)]
    pub(super) project_id: Option<String>,
    #[serde(default)]
    pub(super) arguments: Option<TaskArguments>,
}

/// What a task is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaskArguments {
    #[serde(default)]
    pub(super) deployment_id: Option<String>,
    #[serde(default)]
    pub(super) runbook_run_id: Option<String>,
}

impl TaskRow {
    pub(super) fn state(&self) -> TaskState {
        TaskState::read(&self.state)
    }

    /// What tells it from other rows.
    pub(super) fn key(&self) -> &str {
        &self.id
    }

    /// What kind of run it is the task of; `None` for other tasks.
    pub(super) fn kind(&self) -> Option<TaskKind> {
        let name = self.name.as_deref().unwrap_or_default();
        let is = |kind: &str| name.eq_ignore_ascii_case(kind);
        if is("Deploy") {
            Some(TaskKind::Deployment)
        } else if is("RunbookRun") {
            Some(TaskKind::RunbookRun)
        } else {
            None
        }
    }

    pub(super) fn queued_at(&self) -> Option<SystemTime> {
        time(self.queue_time.as_deref())
    }

    pub(super) fn started_at(&self) -> Option<SystemTime> {
        time(self.start_time.as_deref())
    }
}

fn time(text: Option<&str>) -> Option<SystemTime> {
    text.and_then(rfc3339)
}

/// A deployment or a runbook run: which machines it is limited to, and which it leaves out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReachRow {
    environment_id: String,
    #[serde(default)]
    specific_machine_ids: Option<Vec<String>>,
    #[serde(default)]
    excluded_machine_ids: Option<Vec<String>>,
}

impl ReachRow {
    pub(super) fn into_reach(self) -> Reach {
        let ids =
            |ids: Option<Vec<String>>| ids.unwrap_or_default().into_iter().map(TargetId).collect();
        Reach {
            environment: self.environment_id,
            only: ids(self.specific_machine_ids),
            without: ids(self.excluded_machine_ids),
        }
    }
}
