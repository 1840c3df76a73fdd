//! What would be lost with a target: the variables that are scoped to it alone.
//!
//! Source: Octopus REST API reference, "Deployment targets" (`machines/{id}/singlyScopedVariableDetails`).

use super::client::Octopus;
use super::gaps::Gap;
use super::permissions;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::snapshot::TargetId;
use crate::reconcile::verdict::Reference;
use serde::Deserialize;

impl Octopus {
    /// Whether variables are scoped to this target alone. A server that does not know the question answers no.
    ///
    /// # Errors
    /// No answer, or one that cannot be understood.
    pub fn variables_of(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<Option<Reference>, ServiceError> {
        let attempted = format!("read which variables are scoped to {target} alone");
        let path = ["machines", &target.0, "singlyScopedVariableDetails"];
        let mut answer = match self.get::<ScopedVariables>(&path, &[], &attempted, deadline) {
            Err(error) if error.is_unknown_question() => {
                // Or the target is not registered any more. Each is asked: of what it alone hides, the others know nothing.
                if !self.gaps().has(Gap::ScopedVariables) && self.has(target, deadline) {
                    self.gaps().note(Gap::ScopedVariables);
                }
                return Ok(None);
            }
            answer => answer?.0,
        };
        if let Some(inner) = answer.resource.take() {
            answer = *inner;
        }
        let Some(owners) = answer.variable_map else {
            return Err(self.unreadable(&attempted, &"it has no VariableMap"));
        };
        let flags = [
            answer.has_unauthorized_project_variables,
            answer.has_unauthorized_library_variable_set_variables,
        ];
        let hidden = flags.contains(&Some(true));
        Ok(if !owners.is_empty() {
            Some(Reference::Variables(
                owners.into_iter().map(|(owner, _)| owner).collect(),
            ))
        } else if hidden {
            Some(Reference::NotAllVisible(permissions::VARIABLES))
        } else {
            None
        })
    }
}

/// The variables that are scoped to one target alone, by project or variable set. Newer servers wrap it, too.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScopedVariables {
    #[serde(default)]
    has_unauthorized_project_variables: Option<bool>,
    #[serde(default)]
    has_unauthorized_library_variable_set_variables: Option<bool>,
    #[serde(default)]
    variable_map: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    resource: Option<Box<Self>>,
}
