//! What only `setup` is told on the command line.

use std::path::PathBuf;

/// How far `setup` goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SetupMode {
    /// It prints a plan.
    #[default]
    Plan,
    /// It carries the plan out.
    Apply,
    /// It turns the dry run off, publishes and enables.
    GoLive,
}

/// What is allowed by a flag of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Change a machine policy that somebody else made, and take targets from another one.
    AdoptPolicy,
    /// Store a key whose user may administer.
    PowerfulKey,
    /// Let the machine policy delete unavailable machines.
    PolicyCleanup,
    /// Store the key anew where there is one.
    RotateKey,
}

impl Consent {
    /// The flag that gives it.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::AdoptPolicy => "--adopt-policy",
            Self::PowerfulKey => "--accept-powerful-key",
            Self::PolicyCleanup => "--policy-cleanup",
            Self::RotateKey => "--rotate-key",
        }
    }
}

/// What the command line says to `setup` alone.
#[derive(Debug, Clone, Default)]
pub struct SetupFlags {
    /// How far it goes.
    pub mode: SetupMode,
    /// What is allowed beside that.
    pub consents: Vec<Consent>,
    /// Runbooks of somebody else's that may be changed.
    pub adopted: Vec<String>,
    /// Variables of somebody else's that may be changed.
    pub replaced: Vec<String>,
    /// The name of the Azure account.
    pub azure_account: Option<String>,
    /// The name of the worker pool.
    pub worker_pool: Option<String>,
    /// The name of the machine policy.
    pub machine_policy: Option<String>,
    /// The step template's file.
    pub template: Option<PathBuf>,
    /// Minutes between two runs.
    pub every: Option<String>,
    /// Where guided failure is switched on: `environment` or `project`.
    pub guided_failure: Option<String>,
    /// The parts that are done.
    pub only: Vec<String>,
    /// The parts that are left out.
    pub skip: Vec<String>,
}
