//! Spaces and environments: by id to explain an empty or refused listing, by name for people at a terminal.

use super::client::Octopus;
use super::rows::Named;
use crate::error::{CameBack, Service, ServiceError};

/// Where the run looks for targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Space id, such as `Spaces-1`.
    pub space: String,
    /// Environment id, such as `Environments-1`.
    pub environment: String,
}

impl Octopus {
    /// Turns names into ids. What has the shape of an id is taken as one and not looked up.
    ///
    /// # Errors
    /// No space or environment has that name, or the list could not be read.
    pub fn scope_by_hand(&self, space: &str, environment: &str) -> Result<Scope, ServiceError> {
        let space = self.id_of("space", "Spaces-", space, &["spaces"])?;
        let environment = self.id_of(
            "environment",
            "Environments-",
            environment,
            &[&space, "environments"],
        )?;
        Ok(Scope { space, environment })
    }

    fn id_of(
        &self,
        what: &str,
        prefix: &str,
        name: &str,
        listing: &[&str],
    ) -> Result<String, ServiceError> {
        let number = name
            .get(prefix.len()..)
            .filter(|_| name[..prefix.len()].eq_ignore_ascii_case(prefix));
        if number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            return Ok(name.to_owned());
        }
        let attempted = format!("find {what} '{name}'");
        let all = self.list(
            listing,
            &[("partialName", name)],
            &attempted,
            |row: &Named| &row.id,
            |row| row,
        )?;
        let found = all
            .rows
            .into_iter()
            .find(|row| row.name.eq_ignore_ascii_case(name) || row.id.eq_ignore_ascii_case(name));
        found.map(|row| row.id).ok_or_else(|| ServiceError {
            service: Service::Octopus,
            attempted,
            came_back: CameBack::NotKnown(format!("{what} of that name")),
            next: format!("Check the {what}'s name, and that the key may see it"),
        })
    }

    /// Asks whether the environment exists, for when a listing of targets came back empty or refused; if it does not, or
    /// may not be seen, whether that is because of the space.
    ///
    /// # Errors
    /// What the server says of the one that it does not know or does not show.
    pub fn check_scope(&self, scope: &Scope) -> Result<(), ServiceError> {
        let Scope { space, environment } = scope;
        let attempted = format!("find environment {environment} in space {space}");
        let Err(error) = self.get::<Named>(
            &self.resource(&[space, "environments", environment], &[]),
            &attempted,
        ) else {
            return Ok(());
        };
        let attempted = format!("find space {space}");
        match self.get::<Named>(&self.resource(&["spaces", space], &[]), &attempted) {
            Err(of_space) if of_space.status() == Some(404) => Err(ServiceError {
                next: "Check Octopus.Space.Id (by hand: OCTOPUS_SPACE), and that the key may see that space".into(),
                ..of_space
            }),
            _ if error.status() == Some(404) => Err(ServiceError {
                next: "Check Octopus.Environment.Id, and that the key may see that environment".into(),
                ..error
            }),
            _ => Err(error),
        }
    }
}
