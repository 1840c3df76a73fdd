//! Whom to ask, and until when.

use crate::http::{Deadline, Http};
use crate::octopus::Server;
use crate::settings::CheckSettings;
use std::sync::Arc;

/// Whom to ask, and until when.
pub(super) struct Asking<'a> {
    pub(super) settings: &'a CheckSettings,
    pub(super) http: Arc<Http>,
    pub(super) server: Arc<Server>,
    pub(super) deadline: Deadline,
}
