//! What can go wrong, and which exit code it ends with, in one place.

pub use crate::cause::{
    Cause, Distrust, RetryAfter, Speaker, Unreached, in_detail, tidy, to_be_trusted,
    without_numbers,
};
use std::fmt;

/// Where it stands which permissions of Octopus a run needs.
pub const PERMISSIONS_IN_OCTOPUS: &str = "https://github.com/octopus-scale-in/octopus-scale-in/blob/main/docs/permissions.md#permissions-in-octopus";
/// The same of Azure.
pub const PERMISSIONS_IN_AZURE: &str = "https://github.com/octopus-scale-in/octopus-scale-in/blob/main/docs/permissions.md#permissions-in-azure";
/// What to do about an answer that this version does not know what to make of.
pub const RUN_AGAIN_OR_UPDATE: &str = "Run again; if it stays, take a newer octopus-scale-in from https://github.com/octopus-scale-in/octopus-scale-in/releases, or report it there. Nothing is removed on such an answer";

/// How the process ends. Part of the contract: runbooks branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Reconciled, or nothing to do, or a dry run that no brake would hold.
    Reconciled = 0,
    /// A defect in the program; what was removed stands in the log.
    Defect = 1,
    /// Settings are missing or wrong; nothing removed.
    Settings = 2,
    /// Azure or Octopus refused, or could not be reached, before the first removal; nothing removed.
    Service = 3,
    /// A brake held the removals back, or would have in a dry run: nothing removed. Or a refusal leaves candidates waiting in
    /// every run: the others are removed.
    Held = 4,
    /// Some or all removals failed, or the run was cancelled or lost its log among them, or one of several scale sets does not
    /// exist; the others are done.
    RemovalsFailed = 5,
    /// Not settled in time; nothing removed.
    NotSettled = 6,
    /// A dry run by hand that was to tell it: a run would remove something, or would if a test allowed it.
    WouldRemove = 7,
    /// Interrupted before the first removal; nothing removed. What shells give for Ctrl-C.
    Interrupted = 130,
}

impl ExitCode {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Reconciled,
        Self::Defect,
        Self::Settings,
        Self::Service,
        Self::Held,
        Self::RemovalsFailed,
        Self::NotSettled,
        Self::WouldRemove,
        Self::Interrupted,
    ];

    /// What it means, in a line.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Reconciled => {
                "reconciled, or nothing to do, or a dry run that no brake would hold"
            }
            Self::Defect => "a defect in the program",
            Self::Settings => "settings are missing or wrong",
            Self::Service => {
                "Azure or Octopus refused, or could not be reached, before the first removal"
            }
            Self::Held => "a brake or a refusal held removals back, or somebody said no",
            Self::RemovalsFailed => {
                "some or all removals failed, or the run was cut short among them, or one of several scale sets does not exist"
            }
            Self::NotSettled => "not settled in time, with --timeout-error-handle Error",
            Self::WouldRemove => "with --dry-run --exit-code: something would be removed",
            Self::Interrupted => "interrupted before the first removal",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// Everything that ends a run early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings are missing, empty, unresolved, contradictory or unparsable: all of them at once.
    #[error("{}", headline(.0))]
    Settings(Vec<Problem>),
    /// A service refused, could not be reached, or answered what cannot be understood.
    #[error(transparent)]
    Service(#[from] Box<ServiceError>),
    /// Standard output was closed before the first removal; by hand, or standard error.
    #[error(
        "Standard output (or, by hand, standard error) was closed, so nobody would have the log of what is removed. Let it stay open until the run has ended."
    )]
    LogLost,
    /// The scale set did not settle within `VMSS.Timeout.Value`, and `VMSS.Timeout.ErrorHandle` is `Error`.
    #[error(
        "Not settled within {minutes} minutes (VMSS.Timeout.Value): {why}. Nothing was removed, because VMSS.Timeout.ErrorHandle is Error. Look at the scale set's scaling operation, or raise VMSS.Timeout.Value; the next run tries again."
    )]
    NotSettled {
        /// The timeout, in minutes.
        minutes: f64,
        /// What was not settled when it was read last.
        why: String,
    },
}

impl Error {
    /// The exit code that this error ends the run with, before the first removal.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::Settings,
            Self::Service(_) | Self::LogLost => ExitCode::Service,
            Self::NotSettled { .. } => ExitCode::NotSettled,
        }
    }
}

impl Error {
    /// The settings that cannot be used, if it is about those.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Settings(problems) => problems,
            Self::Service(_) | Self::LogLost | Self::NotSettled { .. } => &[],
        }
    }
}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The parameter: by hand as it was set or would be, inside Octopus as the step template calls it.
    pub parameter: String,
    /// What is wrong with it and what it should look like.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.parameter, self.what)
    }
}

fn headline(problems: &[Problem]) -> String {
    let plural = if problems.len() == 1 {
        "setting needs"
    } else {
        "settings need"
    };
    format!(
        "{} {plural} attention before anything can be done; nothing was changed.",
        problems.len()
    )
}

/// The services that a run talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Octopus Server.
    Octopus,
    /// Azure Resource Manager.
    Azure,
    /// Microsoft Entra ID, which issues the tokens for Azure.
    EntraId,
    /// The endpoint of a managed identity, which issues them on Azure's own machines.
    ManagedIdentity,
    /// The Kubernetes cluster, which issues what Entra ID takes for a secret.
    WorkloadIdentity,
    /// The Azure CLI of this machine.
    AzureCli,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Octopus => "Octopus",
            Self::Azure => "Azure",
            Self::EntraId => "Entra ID",
            Self::ManagedIdentity => "The managed identity's endpoint",
            Self::WorkloadIdentity => "The workload identity",
            Self::AzureCli => "The Azure CLI",
        })
    }
}

/// A request that did not get a usable answer: what was attempted, what came back, and what to do next.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Could not {attempted}{}. {service} {cause}.{}", at(.host), advice(.next))]
pub struct ServiceError {
    /// Who was asked.
    pub service: Service,
    /// What was attempted, as a verb phrase: `read scale set web`.
    pub attempted: String,
    /// Where: its host, and the port if that is no usual one. Empty where nobody was asked over the network, or several were.
    pub host: Box<str>,
    /// What came back.
    pub cause: Cause,
    /// What to check or do next; may be empty.
    pub next: String,
}

fn at(host: &str) -> String {
    if host.is_empty() {
        String::new()
    } else {
        format!(" at {host}")
    }
}

fn advice(next: &str) -> String {
    if next.is_empty() {
        String::new()
    } else {
        format!(" {}.", next.trim_end_matches('.'))
    }
}

impl ServiceError {
    /// What came back, and what to do next: what may be the same for many questions.
    #[must_use]
    pub fn came_back(&self) -> String {
        format!("{} {}.{}", self.service, self.cause, advice(&self.next))
    }

    /// What came back alone.
    #[must_use]
    pub fn answer(&self) -> String {
        format!("{} {}.", self.service, self.cause)
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.cause {
            Cause::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// It was given up for want of time: of the deadline, not of this one request.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        matches!(self.cause, Cause::OutOfTime)
    }

    /// The same, naming the permission that is missing where the server refused.
    #[must_use]
    pub fn needing(self, permission: &str) -> Self {
        match self.status() {
            Some(403) => Self {
                next: format!(
                    "Give the service account a role with {permission} in this space (Configuration > Teams); {PERMISSIONS_IN_OCTOPUS} names one"
                ),
                ..self
            },
            _ => self,
        }
    }

    /// Whether the server did what it was asked for all the same, is not known: its answer was lost, or says so little.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        match &self.cause {
            Cause::Refused { status, .. } => *status >= 500 || *status == 408,
            Cause::Unreachable(..) | Cause::Unreadable(_) | Cause::OutOfTime => true,
            Cause::Silent(_)
            | Cause::Redirected { .. }
            | Cause::Untrusted(..)
            | Cause::Failed(_)
            | Cause::Incomplete(_)
            | Cause::NotKnown(_)
            | Cause::Partial(_)
            | Cause::Aged
            | Cause::Halted => false,
        }
    }

    /// It was not sent, because the run was interrupted or cancelled.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        matches!(self.cause, Cause::Halted)
    }

    /// Octopus itself says that there is no such thing. A page of a proxy, or an answer without a word, does not.
    #[must_use]
    pub fn is_own_not_found(&self) -> bool {
        matches!(
            &self.cause,
            Cause::Refused {
                status: 404,
                speaker: Speaker::Service,
                ..
            }
        )
    }

    /// The server does not know what it was asked: no page of a proxy says so.
    #[must_use]
    pub fn is_unknown_question(&self) -> bool {
        matches!(
            &self.cause,
            Cause::Refused {
                status: 404,
                speaker: Speaker::Service | Speaker::Nobody,
                ..
            }
        )
    }

    /// The server would not be asked so often, to the end of the time for trying.
    #[must_use]
    pub fn is_too_often(&self) -> bool {
        self.status() == Some(429) || matches!(self.cause, Cause::Silent(_) | Cause::Aged)
    }

    /// The server understood who asks, or did not, and says no: a missing permission, or a wrong key.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }
}
