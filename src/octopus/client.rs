//! The client that everything else here asks with: a server, and a space of it.

use super::server::{Listed, Server};
use super::writer::WritePermit;
use crate::error::ServiceError;
use crate::http::{Deadline, Method, Reply};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// One space of Octopus Server. It only reads; what changes something is [`super::Writer`]'s.
#[derive(Debug, Clone)]
pub struct Octopus {
    server: Arc<Server>,
    space: String,
}

impl Octopus {
    /// Prepares the client for the space of this id; nothing is sent yet.
    #[must_use]
    pub fn new(server: &Arc<Server>, space: String) -> Self {
        Self {
            server: Arc::clone(server),
            space,
        }
    }

    /// The id of the space, such as `Spaces-1`.
    #[must_use]
    pub fn space(&self) -> &str {
        &self.space
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        [&[self.space.as_str()], below].concat()
    }

    /// Reads one resource of the space; and the reply it came with, without its body.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        attempted: &str,
        deadline: Deadline,
    ) -> Result<(T, Reply), ServiceError> {
        self.server
            .get(&self.path(path), query, attempted, deadline)
    }

    /// Reads a listing of the space, as [`Server::list`] does.
    pub(super) fn list<T: DeserializeOwned, R>(
        &self,
        (path, query): (&[&str], &[(&str, &str)]),
        attempted: &str,
        key: impl Fn(&T) -> &str,
        keep: impl FnMut(T) -> R,
        deadline: Deadline,
    ) -> Result<Listed<R>, ServiceError> {
        let path = self.path(path);
        self.server
            .list((&path, query), attempted, key, keep, deadline)
    }

    /// Changes something in the space: method, path and body.
    pub(super) fn change(
        &self,
        permit: &WritePermit,
        (method, path, body): (Method, &[&str], &[u8]),
        attempted: &str,
        deadline: Deadline,
    ) -> Result<Reply, ServiceError> {
        let path = self.path(path);
        self.server
            .change(permit, (method, &path, body), attempted, deadline)
    }

    pub(super) fn unreadable(&self, attempted: &str, why: &dyn std::fmt::Display) -> ServiceError {
        self.server.unreadable(attempted, why)
    }
}
