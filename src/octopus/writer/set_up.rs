//! What `setup` makes and changes. A thing is written whole: as it was read, with what was planned.

use super::super::client::Address;
use super::{WritePermit, Writer, Written};
use crate::error::ServiceError;
use crate::http::{self, Method, Sending};
use serde_json::{Map, Value};

impl Writer {
    /// Makes something below a path. Sent once: where the answer is lost, whether it was made is to be looked up by its name.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn make(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        body: &Value,
        sending: &mut Sending,
    ) -> Result<Written<Value>, ServiceError> {
        let request = (Method::Create, (path, query), body);
        self.write(request, "make something below", sending)
    }

    /// Writes something in the place of what is there.
    ///
    /// # Errors
    /// The server refused, or did not answer.
    pub fn replace(
        &self,
        path: &[&str],
        body: &Value,
        sending: &mut Sending,
    ) -> Result<Written<Value>, ServiceError> {
        self.write((Method::Put, (path, &[]), body), "change", sending)
    }

    fn write(
        &self,
        (method, (path, query), body): (Method, Address<'_>, &Value),
        verb: &str,
        sending: &mut Sending,
    ) -> Result<Written<Value>, ServiceError> {
        let Some(permit) = WritePermit::unless(self.dry_run) else {
            return Ok(Written::DryRun);
        };
        let attempted = format!("{verb} {}", path.join("/"));
        let body = body.to_string();
        let request = (method, (path, query), body.as_bytes());
        let octopus = &self.octopus;
        let reply = octopus.change(&permit, request, &attempted, sending)?;
        let read = http::object::<Map<String, Value>>(&reply.body);
        let read = read.map_err(|why| self.octopus.unreadable(&attempted, &why))?;
        Ok(Written::Done(Value::Object(read)))
    }
}
