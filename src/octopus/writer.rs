//! The only requests to Octopus that change anything. Each begins with the dry run: what is dry sends nothing.
//!
//! Sources: Octopus REST API reference, "Deployment targets" (DELETE and PUT `machines/{id}`), "Tasks" (POST `tasks`, `tasks/{id}/cancel`),
//! "Interruptions" (`interruptions/{id}/responsible` and `.../submit`); and for what `setup` makes, the page of each kind of thing.

mod permit;
mod set_up;

pub use permit::DryRun;
pub(super) use permit::WritePermit;

use super::client::Octopus;
use super::health_check::HealthCheckOrder;
use super::targets::target_of;
use super::task::TaskRow;
use crate::error::ServiceError;
use crate::http::{self, Deadline, Method, Reply, Sending};
use crate::reconcile::evidence;
use crate::reconcile::plan::{RemovalAction, Row};
use crate::reconcile::snapshot::Target;
use crate::reconcile::verdict::Verdict;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// What became of a request that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<T> {
    /// It was sent, and this is what came of it.
    Done(T),
    /// It was not sent, because the run is dry.
    DryRun,
}

/// How a removal ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// This run did it.
    Done,
    /// Somebody else already had, or an earlier try of this run whose answer was lost.
    AlreadyGone,
    /// Nobody did: what the registration says now spares it.
    Spared(Verdict),
}

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

    /// Whether nothing is sent. For callers that would first ask for something which only a real change needs.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.dry_run == DryRun::Yes
    }

    /// Removes a registration. One that is not there any more is success. What is sent is sent while what speaks for it is
    /// fresh.
    ///
    /// # Errors
    /// The server refused, or did not answer; or what speaks for it had aged, which `sending` says.
    pub fn remove(
        &self,
        row: &Row,
        action: RemovalAction,
        sending: &mut Sending,
    ) -> Result<Written<Removal>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let removed = match action {
            RemovalAction::Delete => self
                .delete(&permit, &row.target, sending)
                .map_err(|error| error.needing("MachineDelete")),
            RemovalAction::Disable => self
                .disable(&permit, row, sending)
                .map_err(|error| error.needing("MachineView and MachineEdit")),
        };
        match removed {
            Ok(removal) => Ok(Written::Done(removal)),
            // The answer to an earlier try may have been lost, and that try may have done it.
            Err(error) if error.is_own_not_found() && sending.had_a_try_before() => {
                Ok(Written::Done(Removal::Done))
            }
            Err(error) if error.is_own_not_found() => Ok(Written::Done(Removal::AlreadyGone)),
            Err(error) => Err(error),
        }
    }

    fn delete(
        &self,
        permit: &WritePermit,
        target: &Target,
        sending: &mut Sending,
    ) -> Result<Removal, ServiceError> {
        let attempted = format!("delete {} ({})", target.name, target.id);
        let path = ["machines", &target.id.0];
        let request = (Method::Delete, (&path[..], &[][..]), &b""[..]);
        let reply = self.octopus.change(permit, request, &attempted, sending)?;
        // What it holds is not documented; but the page of a login or a proxy is not the server's.
        if !reply.body.trim_ascii().is_empty() {
            let read = http::json::<IgnoredAny>(&reply.body);
            read.map_err(|why| self.octopus.unreadable(&attempted, &why))?;
        }
        Ok(Removal::Done)
    }

    /// Reads the whole registration and writes it back disabled, with everything else as it was. One that has changed since
    /// it was planned for may stand for another machine, and stays as it is.
    fn disable(
        &self,
        permit: &WritePermit,
        row: &Row,
        sending: &mut Sending,
    ) -> Result<Removal, ServiceError> {
        let target = &row.target;
        let attempted = format!("disable {} ({})", target.name, target.id);
        let path = ["machines", &target.id.0];
        let read = self.octopus.get(&path, &[], &attempted, sending.ends());
        let (mut registration, _): (Map<String, Value>, _) = read?;
        let now = target_of(&registration);
        let now = now.map_err(|_| self.octopus.unreadable(&attempted, &http::OTHER_FORM))?;
        if now.change_since(target).is_none() && !now.enabled {
            return Ok(Removal::AlreadyGone);
        }
        if let Some(verdict) = evidence::registration_says(row, &now) {
            return Ok(Removal::Spared(verdict));
        }
        registration.insert("IsDisabled".into(), Value::Bool(true));
        let body = Value::Object(registration).to_string();
        let request = (Method::Put, (&path[..], &[][..]), body.as_bytes());
        let reply = self.octopus.change(permit, request, &attempted, sending)?;
        let read = http::object::<IgnoredAny>(&reply.body);
        read.map_err(|why| self.octopus.unreadable(&attempted, &why))?;
        Ok(Removal::Done)
    }

    /// Has Octopus test connections, and gives the id of the task. Sent once: where the answer is lost, whether a task was made is to be looked up by its
    /// description.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn test_connections(
        &self,
        order: &HealthCheckOrder<'_>,
        deadline: Deadline,
    ) -> Result<Written<String>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let attempted = "have Octopus test connections";
        if order.targets.is_empty() {
            return Err(self
                .octopus
                .unreadable(attempted, &"no target is named, which would mean all"));
        }
        let body = order.body(self.octopus.space()).to_string();
        let request = (Method::Create, (&["tasks"][..], &[][..]), body.as_bytes());
        let sent = self
            .octopus
            .change(&permit, request, attempted, &mut deadline.into());
        let reply = sent.map_err(|error| {
            error.needing("TaskCreate, and MachineEdit for the environments of the targets,")
        })?;
        let made = http::object::<TaskRow>(&reply.body);
        let made = made.map_err(|why| self.octopus.unreadable(attempted, &why))?;
        Ok(Written::Done(made.id))
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn cancel(&self, task: &str, deadline: Deadline) -> Result<Written<()>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let request = (
            Method::Post,
            (&["tasks", task, "cancel"][..], &[][..]),
            &b"{}"[..],
        );
        let attempted = format!("cancel {task}");
        let sent = self
            .octopus
            .change(&permit, request, &attempted, &mut deadline.into());
        sent.map_err(|error| error.needing("TaskCancel"))?;
        Ok(Written::Done(()))
    }

    /// Takes responsibility for an interruption.
    ///
    /// # Errors
    /// The server refused: somebody else was faster, or the permission is missing.
    pub fn take_responsibility(
        &self,
        id: &str,
        deadline: Deadline,
    ) -> Result<Written<Reply>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let path = ["interruptions", id, "responsible"];
        let request = (Method::Put, (&path[..], &[][..]), &b"{}"[..]);
        let attempted = format!("take responsibility for {id}");
        let sent = self
            .octopus
            .change(&permit, request, &attempted, &mut deadline.into());
        sent.map(Written::Done)
    }

    /// Answers an interruption with the fields of its form, names and values.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn answer(
        &self,
        id: &str,
        form: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Written<Reply>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let fields = form.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        let body = Value::Object(fields.collect()).to_string();
        let path = ["interruptions", id, "submit"];
        let request = (Method::Post, (&path[..], &[][..]), body.as_bytes());
        let sent = self
            .octopus
            .change(&permit, request, attempted, &mut deadline.into());
        sent.map(Written::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Deadline, DryRun, HealthCheckOrder, Octopus, RemovalAction, Row, Value, Verdict, Writer,
        Written,
    };
    use crate::http::{Http, RequestTimes};
    use crate::octopus::{BaseUrl, Server};
    use crate::reconcile::plan::Evidence;
    use crate::reconcile::snapshot::{
        Connection, Health, Participation, Target, TargetId, TargetKind,
    };
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

    fn row() -> Row {
        let target = Target {
            id: TargetId("Machines-1".into()),
            name: "web1".into(),
            thumbprint: None,
            environments: [].into(),
            roles: [].into(),
            kind: TargetKind::Machine(Connection::Listening),
            health: Health::Unavailable,
            address: None,
            machine_policy: None,
            enabled: true,
            participation: Participation::Both,
        };
        Row {
            target: Arc::new(target),
            verdict: Verdict::Stale,
            evidence: Evidence::default(),
        }
    }

    /// Whether each request was held back by the dry run; what was sent has failed.
    fn held_back(writer: &Writer) -> Vec<bool> {
        fn dry<T>(sent: Result<Written<T>, super::ServiceError>) -> bool {
            matches!(sent, Ok(Written::DryRun))
        }
        let none = Deadline::NONE;
        let id = TargetId("Machines-1".into());
        let order = HealthCheckOrder {
            targets: vec![&id],
            description: "",
            timeout: Duration::ZERO,
            machine_timeout: Duration::ZERO,
            expires: None,
        };
        vec![
            dry(writer.remove(&row(), RemovalAction::Delete, &mut none.into())),
            dry(writer.remove(&row(), RemovalAction::Disable, &mut none.into())),
            dry(writer.test_connections(&order, none)),
            dry(writer.cancel("ServerTasks-1", none)),
            dry(writer.take_responsibility("Interruptions-1", none)),
            dry(writer.answer(
                "Interruptions-1",
                &[("Guidance", "Exclude")],
                "answer",
                none,
            )),
            dry(writer.make(&["runbooks"], &[], &Value::Null, &mut none.into())),
            dry(writer.replace(&["runbooks", "Runbooks-1"], &Value::Null, &mut none.into())),
        ]
    }

    #[test]
    fn a_dry_writer_sends_nothing() {
        assert_eq!(held_back(&writer(DryRun::Yes)), [true; 8]);
        assert_eq!(held_back(&writer(DryRun::No)), [false; 8]);
    }
}
