//! Asks what would be lost with a target.
//!
//! Source: Octopus REST API reference, "Deployment targets" (`machines/{id}/singlyScopedVariableDetails`).

use super::client::Octopus;
use super::rows::ScopedVariables;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::TargetId;
use crate::reconcile::plan::Reference;

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
            Err(error) if error.status() == Some(404) => return Ok(None),
            answer => answer?.0,
        };
        if let Some(inner) = answer.resource.take() {
            answer = *inner;
        }
        let Some(owners) = answer.variable_map else {
            return Err(self.unreadable(&attempted, &"it has no VariableMap"));
        };
        let hidden = answer.has_unauthorized_project_variables
            || answer.has_unauthorized_library_variable_set_variables;
        Ok(if !owners.is_empty() {
            Some(Reference::Variables(
                owners.into_iter().map(|(owner, _)| owner).collect(),
            ))
        } else if hidden {
            Some(Reference::NotAllVisible)
        } else {
            None
        })
    }
}
