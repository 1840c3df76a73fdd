//! What `check` ends with.

/// How `check` ends. Part of the contract: scripts branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CheckExit {
    /// Nothing failed.
    Fine = 0,
    /// Something failed; or settings are missing or wrong.
    Failed = 2,
    /// A server could not be asked; what could be is shown.
    Unanswered = 3,
}

impl CheckExit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fine, Self::Failed, Self::Unanswered];

    /// What it means, in a line.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Fine => "nothing failed; there may be warnings",
            Self::Failed => "a finding is FAIL, or settings are missing or wrong",
            Self::Unanswered => {
                "Octopus or Azure could not be asked, or not everything; the rest is shown"
            }
        }
    }
}

impl From<CheckExit> for std::process::ExitCode {
    fn from(code: CheckExit) -> Self {
        Self::from(code as u8)
    }
}
