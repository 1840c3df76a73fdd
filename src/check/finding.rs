//! A finding: what was looked at, what was found, and what to do.

use super::id::Id;
use crate::error::{Cause, Service, ServiceError};

/// How a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingStatus {
    /// As it should be.
    Pass,
    /// A run works, and somebody should look at it; or it could not be seen.
    Warn,
    /// A run would fail, never happen, or do harm.
    Fail,
}

impl FindingStatus {
    /// The word it is shown with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind it is.
    pub id: Id,
    /// How it is.
    pub status: FindingStatus,
    /// What it is about: a server, a user, a policy, a variable.
    pub subject: String,
    /// What was found.
    pub found: String,
    /// What to do; empty where nothing is to be done.
    pub action: String,
    /// A server did not answer.
    pub unanswered: bool,
    /// An earlier finding explains it: it is not shown.
    pub said: bool,
    /// How it calls settings.
    pub names: SettingNames,
}

/// How a finding calls settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingNames {
    /// As whoever reads it does.
    AsRead,
    /// By the names of parameters, as errors do: whoever shows it calls them otherwise.
    ByParameter,
}

impl Finding {
    /// As it should be.
    pub fn pass(id: Id, subject: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            id,
            status: FindingStatus::Pass,
            subject: subject.into(),
            found: found.into(),
            action: String::new(),
            unanswered: false,
            said: false,
            names: SettingNames::AsRead,
        }
    }

    /// Somebody should look at it.
    pub fn warn(
        id: Id,
        subject: impl Into<String>,
        found: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            status: FindingStatus::Warn,
            action: action.into(),
            ..Self::pass(id, subject, found)
        }
    }

    /// It would not work, or do harm.
    pub fn fail(
        id: Id,
        subject: impl Into<String>,
        found: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            status: FindingStatus::Fail,
            ..Self::warn(id, subject, found, action)
        }
    }

    /// Nothing is known of it, because whoever checks lacks this permission.
    pub fn hidden(id: Id, subject: impl Into<String>, permission: &str) -> Self {
        let found = format!("could not be seen: your key lacks {permission}");
        Self::warn(id, subject, found, with_a_key_that_has(permission))
    }

    /// Nothing is known of it, because a list may lack what is there.
    pub fn out_of_sight(id: Id, subject: impl Into<String>, why: &str, permission: &str) -> Self {
        let found = format!("could not be seen: {why}, and lists leave out the rest silently");
        let whole = format!("{permission} without restriction");
        Self::warn(id, subject, found, with_a_key_that_has(&whole))
    }

    /// Nothing is known of it, because a question was refused, for want of this permission, or not answered.
    pub fn unseen(
        id: Id,
        subject: impl Into<String>,
        error: &ServiceError,
        permission: &str,
    ) -> Self {
        let next = match (error.status(), error.service) {
            (Some(403), _) => with_a_key_that_has(permission),
            (Some(404), Service::Octopus) => gone_or_hidden(permission),
            (_, _) => error.next.clone(),
        };
        let found = error.answer();
        let found = format!("could not be seen: {}", found.trim_end_matches('.'));
        Self {
            unanswered: !is_an_answer(error),
            names: SettingNames::ByParameter,
            ..Self::warn(id, subject, found, next)
        }
    }

    /// What somebody named is not there; or whoever checks may not see it, for want of this permission.
    pub fn missing(
        id: Id,
        subject: impl Into<String>,
        error: &ServiceError,
        permission: &str,
    ) -> Self {
        match error.status() {
            Some(403) => Self::unseen(id, subject, error, permission),
            Some(404) if !matches!(id, Id::Space | Id::Environment) => Self {
                action: gone_or_hidden(permission),
                ..Self::refused(id, subject, error)
            },
            _ => Self::refused(id, subject, error),
        }
    }

    /// What a run needs is not there, or refused.
    pub fn refused(id: Id, subject: impl Into<String>, error: &ServiceError) -> Self {
        let found = error.answer();
        Self {
            unanswered: !is_an_answer(error),
            names: SettingNames::ByParameter,
            ..Self::fail(id, subject, found.trim_end_matches('.'), error.next.clone())
        }
    }

    /// The same, where without it a server cannot be asked anything.
    pub fn unreached(id: Id, subject: impl Into<String>, error: &ServiceError) -> Self {
        Self {
            unanswered: true,
            ..Self::refused(id, subject, error)
        }
    }
}

fn with_a_key_that_has(permission: &str) -> String {
    format!("Check with a key that has {permission}, such as an administrator's (OCTOPUS_API_KEY)")
}

/// What was just named by the server itself, or is called by its id, is not found: the address is right.
fn gone_or_hidden(permission: &str) -> String {
    format!(
        "It is gone, or hidden from your key: look for it in Octopus, and put another in its place where it was deleted; or check with a key that has {permission}"
    )
}

/// The server heard the question and said no, or that there is no such thing.
fn is_an_answer(error: &ServiceError) -> bool {
    match &error.cause {
        Cause::Refused { status, .. } => matches!(status, 400 | 401 | 403 | 404),
        Cause::NotKnown(_) | Cause::Partial(_) => true,
        Cause::Silent(_)
        | Cause::Redirected { .. }
        | Cause::Unreachable(..)
        | Cause::Unreadable(_)
        | Cause::Untrusted(..)
        | Cause::Failed(_)
        | Cause::Incomplete(_)
        | Cause::OutOfTime
        | Cause::Aged
        | Cause::Halted => false,
    }
}
