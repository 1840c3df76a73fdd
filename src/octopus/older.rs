//! What a server cannot tell because it does not know the question, as older ones may; and the one question that has an older
//! form: the tasks of a space.
//!
//! Sources: the API description of Octopus Server 2020.5.0-rc.4 (`api/octopus_deploy.json` in
//! github.com/OctopusDeploy/go-octopusdeploy), which has `{space}/tasks`, `{space}/runbookRuns/{id}` and
//! `{space}/machines/{id}/tasks`; the root document of 2019.7 (github.com/OctopusDeploy/OctopusClients,
//! `CannedResponses/2019.7.12`), which has `tasks{?spaces}`.

use super::client::{Listed, Octopus};
use super::gaps::Gap;
use super::task::TaskRow;
use crate::error::ServiceError;
use crate::http::Deadline;
use std::collections::BTreeSet;

/// What this server cannot tell.
#[derive(Debug, Clone)]
pub struct CannotTell {
    /// The server's version, where it told that.
    pub version: Option<String>,
    /// What was asked in vain; never empty.
    pub gaps: BTreeSet<Gap>,
}

impl Octopus {
    /// What this server did not know when it was asked; `None` if it knew everything.
    pub fn cannot_tell(&self, deadline: Deadline) -> Option<CannotTell> {
        let gaps = self.gaps().met();
        (!gaps.is_empty()).then(|| CannotTell {
            version: self.server().version(deadline).ok(),
            gaps,
        })
    }

    /// Reads a listing of the space's tasks. Where the server does not list those of one space, it is asked across spaces, and
    /// those of others are left out; what does not say where it belongs counts as this space's.
    ///
    /// # Errors
    /// Anything but a complete listing.
    pub(super) fn list_tasks(
        &self,
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Listed<TaskRow>, ServiceError> {
        let unknown = if self.gaps().has(Gap::SpaceTasks) {
            None
        } else {
            let listing = (&["tasks"][..], query);
            match self.list(listing, attempted, TaskRow::key, |row| row, deadline) {
                Err(error) if error.is_unknown_question() => Some(error),
                answer => return answer,
            }
        };
        let across = [query, &[("spaces", self.space())]].concat();
        let listing = (&["tasks"][..], &across[..]);
        let server = self.server();
        match server.list(listing, attempted, TaskRow::key, |row| row, deadline) {
            Ok(mut listed) => {
                self.gaps().note(Gap::SpaceTasks);
                listed.rows.retain(|row| row.is_in(self.space()));
                Ok(listed)
            }
            Err(error) if error.is_unknown_question() => {
                self.gaps().note(Gap::Tasks);
                Err(ServiceError {
                    next: "Upgrade Octopus Server, which does not tell which tasks are active, or set VMSS.BusyTargets.Handle to Remove".into(),
                    ..unknown.unwrap_or(error)
                })
            }
            Err(error) => Err(error),
        }
    }
}
