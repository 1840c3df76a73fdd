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
    /// Whether variables are scoped to this target alone.
    ///
    /// # Errors
    /// No answer, or one that cannot be understood.
    pub fn variables_of(
        &self,
        target: &TargetId,
        deadline: Deadline,
    ) -> Result<OwnVariables, ServiceError> {
        let attempted = format!("read which variables are scoped to {target} alone");
        let path = ["machines", &target.0, "singlyScopedVariableDetails"];
        let mut answer = match self.get::<ScopedVariables>(&path, &[], &attempted, deadline) {
            Err(error) if error.is_unknown_question() => {
                if !self.gaps().has(Gap::ScopedVariables) && !self.has(target, deadline) {
                    // The target is not registered any more.
                    return Ok(OwnVariables::None);
                }
                self.gaps().note(Gap::ScopedVariables);
                return Ok(OwnVariables::NotTold(error));
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
        self.gaps().note_known(Gap::ScopedVariables);
        Ok(if !owners.is_empty() {
            let owners = owners.into_iter().map(|(owner, _)| owner);
            OwnVariables::Some(Reference::Variables(owners.collect()))
        } else if hidden {
            OwnVariables::Some(Reference::NotAllVisible(permissions::VARIABLES))
        } else {
            OwnVariables::None
        })
    }
}

/// What a server says of the variables that are scoped to one target alone.
#[derive(Debug)]
pub enum OwnVariables {
    /// There are none.
    None,
    /// There are, or may be, some.
    Some(Reference),
    /// It does not know the question: this came back. One that answered it for another target does know it, so this is no
    /// answer then.
    NotTold(ServiceError),
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
