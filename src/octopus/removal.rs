//! Removes one registration. The only requests that change anything.
//!
//! Source: Octopus REST API reference, "Deployment targets" (DELETE and PUT `machines/{id}`).

use super::client::Octopus;
use crate::error::{CameBack, Service, ServiceError};
use crate::reconcile::Target;
use crate::reconcile::plan::Action;
use serde_json::{Map, Value};

/// How a removal ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// This run did it.
    Done,
    /// Somebody else already had, or an earlier try of this run whose answer was lost.
    AlreadyGone,
}

impl Octopus {
    /// Removes a registration. One that is not there any more is success.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn remove(
        &self,
        space: &str,
        target: &Target,
        action: Action,
    ) -> Result<Removal, ServiceError> {
        let removed = match action {
            Action::Delete => self.delete(space, target),
            Action::Disable => self.disable(space, target),
        };
        match removed {
            Ok(()) => Ok(Removal::Done),
            Err(error) if error.status() == Some(404) => Ok(Removal::AlreadyGone),
            Err(error) => Err(error),
        }
    }

    fn delete(&self, space: &str, target: &Target) -> Result<(), ServiceError> {
        let url = self.resource(&[space, "machines", &target.id.0], &[]);
        self.send(
            "DELETE",
            &url,
            &[],
            &format!("delete {} ({})", target.name, target.id),
        )
        .map(drop)
    }

    /// Reads the whole registration and writes it back disabled, with everything else as it was.
    fn disable(&self, space: &str, target: &Target) -> Result<(), ServiceError> {
        let attempted = format!("disable {} ({})", target.name, target.id);
        let url = self.resource(&[space, "machines", &target.id.0], &[]);
        let (mut machine, _) = self.get::<Map<String, Value>>(&url, &attempted)?;
        if machine.get("Name").and_then(Value::as_str) != Some(&target.name) {
            return Err(ServiceError {
                service: Service::Octopus,
                attempted,
                came_back: CameBack::NotKnown("target of that name under that id any more".into()),
                next: "It was renamed while this run worked; the next run decides anew".into(),
            });
        }
        machine.insert("IsDisabled".into(), Value::Bool(true));
        let body = Value::Object(machine).to_string();
        self.send("PUT", &url, body.as_bytes(), &attempted)
            .map(drop)
    }
}
