//! Whom to ask, and until when.

use crate::check::seen::{NotAsked, Seen};
use crate::error::ServiceError;
use crate::http::{Deadline, Http};
use crate::octopus::set_up::{EnvironmentPlace, Rights};
use crate::octopus::{Octopus, Server};
use crate::settings::CheckSettings;
use std::sync::Arc;

/// The answer, if whoever asks has this permission: without it a list may leave out silently what they may not see.
pub(super) fn with<T>(
    rights: &Seen<Rights>,
    permission: &'static str,
    question: impl FnOnce() -> Result<T, ServiceError>,
) -> Seen<T> {
    unless_lacking(rights, permission, || question().into())
}

/// The same of a question that may not be asked for other reasons.
pub(super) fn unless_lacking<T>(
    rights: &Seen<Rights>,
    permission: &'static str,
    question: impl FnOnce() -> Seen<T>,
) -> Seen<T> {
    let known = rights.known().filter(|rights| rights.complete);
    let grants = |rights: &Rights| {
        rights
            .grants
            .get(permission)
            .is_some_and(|it| !it.is_empty())
    };
    match known.is_none_or(grants) {
        true => question(),
        false => Seen::NotAsked(NotAsked::Lacks(permission)),
    }
}

/// Whom to ask, and until when.
pub(super) struct Asking<'a> {
    pub(super) settings: &'a CheckSettings,
    pub(super) http: Arc<Http>,
    pub(super) server: Arc<Server>,
    pub(super) deadline: Deadline,
    /// Whether it is asked about a tenant's run.
    pub(super) tenanted: bool,
}

/// Whom to ask, and where.
pub(super) struct InSpace<'a> {
    pub(super) asking: &'a Asking<'a>,
    pub(super) octopus: &'a Octopus,
    pub(super) environment: &'a Seen<EnvironmentPlace>,
    /// What whoever asks may.
    pub(super) rights: &'a Seen<Rights>,
}
