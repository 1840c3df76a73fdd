//! Whether a server answers at all, and what it says of itself.

use super::super::client::Server;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use std::time::SystemTime;

/// What a server says of itself before anybody asks for anything.
#[derive(Debug)]
pub struct Greeting {
    /// Such as `2026.3.1204`.
    pub version: String,
    /// Its clock, where it tells it.
    pub clock: Option<SystemTime>,
}

impl Server {
    /// Asks for nothing but who is there. Takes no key to be answered.
    ///
    /// # Errors
    /// It could not be reached, or is no Octopus Server.
    pub fn greeting(&self, deadline: Deadline) -> Result<Greeting, ServiceError> {
        let (row, reply) =
            self.get::<GreetingRow>(&[], &[], "ask whether Octopus Server is there", deadline)?;
        Ok(Greeting {
            version: row.version,
            clock: reply.date(),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GreetingRow {
    version: String,
}
