//! Whether a server answers at all, what it says of itself, and when nothing is deployed.
//!
//! Source: Octopus REST API reference, "Deployment freezes".

use super::super::client::Server;
use crate::clock::rfc3339;
use crate::error::ServiceError;
use crate::http::Deadline;
use serde::Deserialize;
use std::time::SystemTime;

/// What a server says of itself before anybody asks for anything.
#[derive(Debug)]
pub struct Greeting {
    /// Such as `2026.3.1204`.
    pub version: String,
    /// Which installation it is, whatever address it was asked at (`InstallationId`).
    pub installation: Option<String>,
    /// Its clock, where it tells it.
    pub clock: Option<SystemTime>,
}

/// A time in which nothing is deployed.
#[derive(Debug, Clone)]
pub struct Freeze {
    /// Its name.
    pub name: String,
    /// From then on.
    pub start: Option<SystemTime>,
    /// Until then.
    pub end: Option<SystemTime>,
}

impl Server {
    /// The deployment freezes of an environment, those to come included; `None` where the server knows none.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn freezes(
        &self,
        environment: &str,
        deadline: Deadline,
    ) -> Result<Option<Vec<Freeze>>, ServiceError> {
        let query = [("environmentIds", environment)];
        let attempted = "list the deployment freezes";
        let page = self.get::<FreezesPage>(&["deploymentfreezes"], &query, attempted, deadline);
        match page {
            Ok((page, _)) => Ok(Some(
                page.deployment_freezes
                    .into_iter()
                    .map(FreezeRow::into_freeze)
                    .collect(),
            )),
            Err(error) if error.is_unknown_question() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks for nothing but who is there. Takes no key to be answered.
    ///
    /// # Errors
    /// It could not be reached, or is no Octopus Server.
    pub fn greeting(&self, deadline: Deadline) -> Result<Greeting, ServiceError> {
        let (row, reply) =
            self.get::<GreetingRow>(&[], &[], "ask whether Octopus Server is there", deadline)?;
        Ok(Greeting {
            version: row.version,
            installation: row.installation_id,
            clock: reply.date(),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FreezesPage {
    deployment_freezes: Vec<FreezeRow>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FreezeRow {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    end: Option<String>,
}

impl FreezeRow {
    fn into_freeze(self) -> Freeze {
        Freeze {
            name: self.name.unwrap_or_default(),
            start: self.start.as_deref().and_then(rfc3339),
            end: self.end.as_deref().and_then(rfc3339),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GreetingRow {
    version: String,
    #[serde(default)]
    installation_id: Option<String>,
}
