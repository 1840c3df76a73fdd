//! What a server keeps of a process or a set of variables, as it has it: to be compared with what a snapshot froze of it.
//!
//! Sources: Octopus REST API reference, "Runbook processes", "Variables".

use super::super::client::Octopus;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde_json::{Map, Value};

/// What tells nothing of the content.
const BESIDE: [&str; 4] = ["Id", "Links", "LastModifiedOn", "LastModifiedBy"];

/// The steps of a process, or the variables of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// One more each time it is saved; a frozen copy has that of what was copied.
    pub version: Option<u64>,
    /// What it holds, without what differs from copy to copy.
    pub rows: Vec<Value>,
}

impl Octopus {
    /// A process of a runbook, of the draft or frozen.
    ///
    /// # Errors
    /// It could not be read.
    pub fn kept_process(&self, id: &str, deadline: Deadline) -> Result<Kept, ServiceError> {
        self.kept((["runbookProcesses", id], "Steps"), deadline)
    }

    /// A set of variables as far as the caller may see them, as it is now or frozen.
    ///
    /// # Errors
    /// It could not be read.
    pub fn kept_variables(&self, id: &str, deadline: Deadline) -> Result<Kept, ServiceError> {
        self.kept((["variables", id], "Variables"), deadline)
    }

    fn kept(
        &self,
        (path, rows): ([&str; 2], &str),
        deadline: Deadline,
    ) -> Result<Kept, ServiceError> {
        let attempted = format!("read {} to compare it", path[1]);
        let (mut read, _) = self.get::<Map<String, Value>>(&path, &[], &attempted, deadline)?;
        let rows = match read.remove(rows) {
            Some(Value::Array(rows)) => rows.into_iter().map(content).collect(),
            _ => Vec::new(),
        };
        let version = read.get("Version").and_then(Value::as_u64);
        Ok(Kept { version, rows })
    }
}

/// What is null is as good as missing.
fn content(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let counts = |(name, value): &(String, Value)| {
                !BESIDE.contains(&name.as_str()) && !value.is_null()
            };
            let fields = fields.into_iter().filter(counts);
            Value::Object(fields.map(|(name, it)| (name, content(it))).collect())
        }
        Value::Array(all) => all.into_iter().map(content).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
