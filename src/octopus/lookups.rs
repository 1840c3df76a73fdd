//! Spaces and environments: by id to explain an empty or refused listing, by name for people at a terminal.

use super::client::{Octopus, Server};
use crate::error::{Cause, Service, ServiceError};
use crate::http::Deadline;
use crate::spelling::{names_of, nearest};
use serde::Deserialize;

impl Server {
    /// The id of a space that is called by its name, or by its id, which is not looked up.
    ///
    /// # Errors
    /// No space has that name, or the list could not be read.
    pub fn space_id(&self, name: &str, deadline: Deadline) -> Result<String, ServiceError> {
        let kind = ("space", "Spaces-", "Octopus.Space.Id");
        id_of(self, &["spaces"], kind, name, deadline)
    }
}

impl Octopus {
    /// The same for an environment of the space.
    ///
    /// # Errors
    /// No environment has that name, or the list could not be read.
    pub fn environment_id(&self, name: &str, deadline: Deadline) -> Result<String, ServiceError> {
        let listing = [self.space(), "environments"];
        let kind = ("environment", "Environments-", "Octopus.Environment.Id");
        id_of(self.server(), &listing, kind, name, deadline)
    }

    /// The same for a project of the space.
    ///
    /// # Errors
    /// No project has that name, or the list could not be read.
    pub fn project_id(&self, name: &str, deadline: Deadline) -> Result<String, ServiceError> {
        let listing = [self.space(), "projects"];
        self.id_in(
            &listing,
            ("project", "Projects-", "--project"),
            name,
            deadline,
        )
    }

    /// The ids of the tenants that the caller may see.
    ///
    /// # Errors
    /// They could not be listed.
    pub fn tenant_ids(&self, deadline: Deadline) -> Result<Vec<String>, ServiceError> {
        let listing = (&["tenants"][..], &[][..]);
        let listed = self.list(
            listing,
            "list the tenants",
            |row: &Named| &row.id,
            |row| row.id,
            deadline,
        );
        listed.map(|listed| listed.rows)
    }

    /// The id of what is called by a name in a listing: what it is, what its ids begin with, what it is set with.
    pub(super) fn id_in(
        &self,
        listing: &[&str],
        kind: (&str, &str, &str),
        name: &str,
        deadline: Deadline,
    ) -> Result<String, ServiceError> {
        id_of(self.server(), listing, kind, name, deadline)
    }

    /// Asks whether the environment exists, for when a listing of targets came back empty or refused; if it does not, or
    /// may not be seen, whether that is because of the space.
    ///
    /// # Errors
    /// What the server says of the one that it does not know or does not show.
    pub fn check_scope(&self, environment: &str, deadline: Deadline) -> Result<(), ServiceError> {
        let space = self.space();
        let attempted = format!("look up environment {environment} in space {space}");
        let path = ["environments", environment];
        let Err(error) = self.get::<Named>(&path, &[], &attempted, deadline) else {
            return Ok(());
        };
        let attempted = format!("look up space {space}");
        let of_space = self
            .server()
            .get::<Named>(&["spaces", space], &[], &attempted, deadline);
        match of_space {
            Err(of_space) if of_space.status() == Some(404) => Err(ServiceError {
                next: "Check Octopus.Space.Id, and that the key may see that space".into(),
                ..of_space
            }),
            _ if error.status() == Some(404) => Err(ServiceError {
                next: "Check Octopus.Environment.Id, and that the key may see that environment"
                    .into(),
                ..error
            }),
            _ => Err(error),
        }
    }
}

/// The id of what is called by a name in a listing. What has the shape of an id (its prefix and a number) is taken as one.
fn id_of(
    server: &Server,
    listing: &[&str],
    (what, prefix, parameter): (&str, &str, &str),
    name: &str,
    deadline: Deadline,
) -> Result<String, ServiceError> {
    let number = name
        .get(prefix.len()..)
        .filter(|_| name[..prefix.len()].eq_ignore_ascii_case(prefix));
    if number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(name.to_owned());
    }
    let attempted = format!("look up {what} '{name}' by its name");
    let list = |query: &[(&str, &str)]| {
        let listing = (listing, query);
        server.list(listing, &attempted, Named::id, |row| row, deadline)
    };
    let alike = list(&[("partialName", name)])?.rows;
    let is_meant =
        |row: &&Named| row.name.eq_ignore_ascii_case(name) || row.id.eq_ignore_ascii_case(name);
    if let Some(found) = alike.iter().find(is_meant) {
        return Ok(found.id.clone());
    }
    // Only to help with the name: that it is not known is known.
    let others = list(&[]).map(|all| all.rows).unwrap_or_default();
    let names = || others.iter().map(|row| row.name.as_str());
    let next = match nearest(name, names()) {
        Some(nearest) => format!(
            "Set {parameter} to one of these: {}; the nearest name is {nearest}",
            names_of(names())
        ),
        None => format!("Check {parameter}, and that the key may see any {what}"),
    };
    Err(ServiceError {
        service: Service::Octopus,
        attempted,
        host: server.host().into(),
        cause: Cause::NotKnown(format!("{what} of that name")),
        next,
    })
}

/// A space, an environment: something with an id and a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    id: String,
    #[serde(default)]
    name: String,
}

impl Named {
    fn id(&self) -> &str {
        &self.id
    }
}
