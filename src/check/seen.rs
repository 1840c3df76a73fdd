//! What became of a question: that something could not be seen is a case that every judge must decide.

use super::finding::Finding;
use super::id::Id;
use crate::error::ServiceError;

/// What became of a question.
#[derive(Debug, Clone)]
pub enum Seen<T> {
    /// It was answered.
    Known(T),
    /// It was refused, or not answered.
    Refused(Box<ServiceError>),
    /// It was not asked.
    NotAsked(NotAsked),
}

/// Why a question was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAsked {
    /// The schedule's key was not given.
    NoScheduleKey,
    /// No project was named.
    NoProject,
    /// No runbook was named.
    NoRunbook,
    /// It is kept in Git, on a branch.
    InGit,
    /// How tasks call a runbook that is kept in Git is not documented.
    RunsInGit,
    /// Whoever checks lacks this permission: a list would leave out silently what they may not see.
    Lacks(&'static str),
    /// An earlier finding says why.
    AlreadySaid,
}

impl<T> From<Result<T, ServiceError>> for Seen<T> {
    fn from(answer: Result<T, ServiceError>) -> Self {
        match answer {
            Ok(known) => Self::Known(known),
            Err(error) => Self::Refused(Box::new(error)),
        }
    }
}

impl<T> Seen<T> {
    /// What is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(known),
            Self::Refused(_) | Self::NotAsked(_) => None,
        }
    }

    /// A question that needs this answer: where there is none, the finding about this one says why.
    pub fn then<U>(&self, question: impl FnOnce(&T) -> Seen<U>) -> Seen<U> {
        match self {
            Self::Known(known) => question(known),
            Self::Refused(_) | Self::NotAsked(_) => Seen::NotAsked(NotAsked::AlreadySaid),
        }
    }

    /// What is known, judged; or that it could not be seen, for want of this permission.
    pub fn judged(
        &self,
        id: Id,
        subject: &str,
        permission: &str,
        judge: impl FnOnce(&T) -> Vec<Finding>,
    ) -> Vec<Finding> {
        match self {
            Self::Known(known) => judge(known),
            Self::Refused(error) => vec![Finding::unseen(id, subject, error, permission)],
            Self::NotAsked(why) => why.finding(id, subject).into_iter().collect(),
        }
    }
}

impl NotAsked {
    /// That it was not asked, and what would have it asked.
    fn finding(self, id: Id, subject: &str) -> Option<Finding> {
        let (found, action) = match self {
            Self::NoScheduleKey => (
                "not asked",
                "Set VMSS_OCTOPUS_APIKEY to the key that the schedule uses (beside OCTOPUS_API_KEY, which is yours)",
            ),
            Self::NoProject => (
                "not asked",
                "Add --project NAME and --runbook NAME, once there are some",
            ),
            Self::NoRunbook => ("not asked", "Add --runbook NAME, once there is one"),
            Self::InGit => (
                "not looked at: it is kept in Git, where a schedule takes the latest commit of the default branch",
                "Compare it by hand with docs/set-up-by-hand.md",
            ),
            Self::RunsInGit => (
                "not looked at: how the server calls runs of a runbook that is kept in Git is not known",
                "Look at its last runs: the runbook's Runs",
            ),
            Self::Lacks(permission) => return Some(Finding::hidden(id, subject, permission)),
            Self::AlreadySaid => return None,
        };
        Some(Finding::warn(id, subject, found, action))
    }
}
