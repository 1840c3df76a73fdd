//! The writer, and each of its requests.
//!
//! Sources: Octopus REST API reference, "Deployment targets" (DELETE and PUT `machines/{id}`), "Tasks" (`tasks/{id}/cancel`),
//! "Interruptions" (`interruptions/{id}/responsible` and `.../submit`).

use super::permit::{DryRun, WritePermit, Written};
use crate::error::{Cause, Service, ServiceError};
use crate::http::{Deadline, Method};
use crate::octopus::activity_rows::{InterruptionRow, UserRow};
use crate::octopus::client::Octopus;
use crate::octopus::interruptions::{EXCLUDE, needs_permission};
use crate::reconcile::Target;
use crate::reconcile::guided_failure::Interruption;
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

/// Who has taken responsibility, where Octopus did not say.
pub const OWN_ACCOUNT: &str = "this run's service account";

/// Changes what is in one space, unless the run is dry.
#[derive(Debug)]
pub struct Writer {
    octopus: Octopus,
    dry_run: DryRun,
}

impl Writer {
    /// Prepares it; nothing is sent yet.
    #[must_use]
    pub fn new(octopus: &Octopus, dry_run: DryRun) -> Self {
        Self {
            octopus: octopus.clone(),
            dry_run,
        }
    }

    /// Removes a registration. One that is not there any more is success.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn remove(
        &self,
        target: &Target,
        action: Action,
        deadline: Deadline,
    ) -> Result<Written<Removal>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let removed = match action {
            Action::Delete => self.delete(&permit, target, deadline),
            Action::Disable => self.disable(&permit, target, deadline),
        };
        match removed {
            Ok(()) => Ok(Written::Done(Removal::Done)),
            Err(error) if error.status() == Some(404) => Ok(Written::Done(Removal::AlreadyGone)),
            Err(error) => Err(error),
        }
    }

    fn delete(
        &self,
        permit: &WritePermit,
        target: &Target,
        deadline: Deadline,
    ) -> Result<(), ServiceError> {
        let attempted = format!("delete {} ({})", target.name, target.id);
        let path = ["machines", &target.id.0];
        let request = (Method::Delete, &path[..], &b""[..]);
        let sent = self.octopus.change(permit, request, &attempted, deadline);
        sent.map(drop)
    }

    /// Reads the whole registration and writes it back disabled, with everything else as it was.
    fn disable(
        &self,
        permit: &WritePermit,
        target: &Target,
        deadline: Deadline,
    ) -> Result<(), ServiceError> {
        let attempted = format!("disable {} ({})", target.name, target.id);
        let path = ["machines", &target.id.0];
        let read = self.octopus.get(&path, &[], &attempted, deadline);
        let (mut machine, _): (Map<String, Value>, _) = read?;
        if machine.get("Name").and_then(Value::as_str) != Some(&target.name) {
            return Err(ServiceError {
                service: Service::Octopus,
                attempted,
                cause: Cause::NotKnown("target of that name under that id any more".into()),
                next: "It was renamed while this run worked; the next run decides anew".into(),
            });
        }
        machine.insert("IsDisabled".into(), Value::Bool(true));
        let body = Value::Object(machine).to_string();
        let request = (Method::Put, &path[..], body.as_bytes());
        let sent = self.octopus.change(permit, request, &attempted, deadline);
        sent.map(drop)
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn cancel(&self, task: &str, deadline: Deadline) -> Result<Written<()>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let request = (Method::Post, &["tasks", task, "cancel"][..], &b"{}"[..]);
        let attempted = format!("cancel {task}");
        let sent = self.octopus.change(&permit, request, &attempted, deadline);
        sent.map_err(|error| error.needing("TaskCancel"))?;
        Ok(Written::Done(()))
    }

    /// Takes responsibility for an interruption; tells who has it now.
    ///
    /// # Errors
    /// The server refused: somebody else was faster, or the permission is missing.
    pub fn take_responsibility(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<Written<String>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let path = ["interruptions", id, "responsible"];
        let request = (Method::Put, &path[..], &b"{}"[..]);
        let attempted = format!("take responsibility for {id}");
        let sent = self.octopus.change(&permit, request, &attempted, deadline);
        let reply = sent.map_err(needs_permission)?;
        // Who it is only serves the log.
        let user = serde_json::from_slice::<UserRow>(&reply.body).ok();
        let title = user.map_or_else(|| OWN_ACCOUNT.into(), UserRow::into_title);
        Ok(Written::Done(title))
    }

    /// Answers an interruption: the task goes on without the machine.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn exclude(
        &self,
        interruption: &Interruption,
        note: &str,
        deadline: Deadline,
    ) -> Result<Written<()>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let field = interruption.exclude_field.as_deref().unwrap_or("Guidance");
        let values = [(field, EXCLUDE), ("Notes", note)];
        let values: Map<String, Value> = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let body = Value::Object(values).to_string();
        let path = ["interruptions", &interruption.id, "submit"];
        let request = (Method::Post, &path[..], body.as_bytes());
        let attempted = format!("answer {} with '{EXCLUDE}'", interruption.id);
        let sent = self.octopus.change(&permit, request, &attempted, deadline);
        let reply = sent.map_err(needs_permission)?;
        // A login page may answer in its place.
        let now = serde_json::from_slice::<InterruptionRow>(&reply.body);
        match now {
            Ok(now) if now.is_pending == Some(false) => Ok(Written::Done(())),
            Ok(_) => Err(self.octopus.unreadable(&attempted, &"it is pending still")),
            Err(error) => Err(self.octopus.unreadable(&attempted, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Deadline, DryRun, Octopus, Writer, Written};
    use crate::http::{Http, RequestTimes};
    use crate::octopus::{BaseUrl, Server};
    use crate::reconcile::guided_failure::Interruption;
    use crate::reconcile::{Participation, Target, TargetId, TargetKind};
    use crate::secret::Secret;
    use std::sync::Arc;
    use std::time::Duration;

    /// A writer that nothing answers.
    fn writer(dry_run: DryRun) -> Writer {
        let times = RequestTimes {
            request: Duration::from_millis(200),
            retry: Duration::ZERO,
        };
        let http = Arc::new(Http::new(times).expect("a client"));
        let nobody = BaseUrl::parse("http://127.0.0.1:1").expect("an address");
        let server = Arc::new(Server::new(&http, nobody, Secret::new("API-NOBODY")));
        Writer::new(&Octopus::new(&server, "Spaces-1".into()), dry_run)
    }

    fn target() -> Target {
        Target {
            id: TargetId("Machines-1".into()),
            name: "web1".into(),
            thumbprint: None,
            environments: [].into(),
            roles: [].into(),
            kind: TargetKind::Machine,
            answers_health_checks: false,
            enabled: true,
            participation: Participation::Both,
        }
    }

    fn failure() -> Interruption {
        Interruption {
            id: "Interruptions-1".into(),
            title: String::new(),
            guided_failure: true,
            pending: true,
            task: String::new(),
            element: String::new(),
            held_by: None,
            is_ours: false,
            linked: false,
            may_take: true,
            exclude_field: None,
            excludes: false,
            text: String::new(),
        }
    }

    /// Whether each request was held back by the dry run; what was sent has failed.
    fn held_back(writer: &Writer) -> Vec<bool> {
        fn dry<T>(sent: Result<Written<T>, super::ServiceError>) -> bool {
            matches!(sent, Ok(Written::DryRun))
        }
        let none = Deadline::NONE;
        vec![
            dry(writer.remove(&target(), Action::Delete, none)),
            dry(writer.remove(&target(), Action::Disable, none)),
            dry(writer.cancel("ServerTasks-1", none)),
            dry(writer.take_responsibility("Interruptions-1", none)),
            dry(writer.exclude(&failure(), "gone", none)),
        ]
    }

    #[test]
    fn a_dry_writer_sends_nothing() {
        assert_eq!(held_back(&writer(DryRun::Yes)), [true; 5]);
        assert_eq!(held_back(&writer(DryRun::No)), [false; 5]);
    }
}
