//! What came back, on its way through the SDK's errors and out of them again.

use crate::clock::Difference;
use crate::error::{Cause, Service};
use azure_core::error::{Error, ErrorKind};
use std::io;

/// What came back, on its way through the SDK's errors.
#[derive(Debug, thiserror::Error)]
#[error("{service} {cause}")]
pub(super) struct TransportError {
    pub(super) service: Service,
    pub(super) cause: Cause,
    /// How far this machine's clock is from the service's, where that may be why it refused.
    pub(super) clock: Option<Difference>,
}

impl TransportError {
    pub(super) fn new(service: Service, cause: Cause) -> Self {
        Self {
            service,
            cause,
            clock: None,
        }
    }

    /// As an error of the SDK, which does not try again.
    pub(super) fn into_sdk(self) -> Error {
        let text = self.to_string();
        Error::with_error(ErrorKind::Other, self, text)
    }
}

/// What came back, if our side of the SDK said so somewhere below this error.
pub(super) fn find_in(error: &Error) -> Option<&TransportError> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        // An I/O error is no source of what it holds.
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let held = held.and_then(|held| held.downcast_ref::<TransportError>());
        if let Some(found) = held.or_else(|| error.downcast_ref::<TransportError>()) {
            return Some(found);
        }
        source = error.source();
    }
    None
}

/// What lies at the bottom of an SDK's error; above it stand names that only the SDK's authors know.
pub(super) fn innermost(error: &Error) -> String {
    let mut innermost: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
