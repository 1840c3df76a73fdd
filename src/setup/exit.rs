//! What `setup` ends with.

/// How `setup` ends. Part of the contract: scripts branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SetupExit {
    /// The plan is printed, or carried out.
    Done = 0,
    /// Settings are missing or wrong.
    Settings = 2,
    /// A server could not be asked, or the first change failed; nothing is changed.
    NothingChanged = 3,
    /// Something is somebody else's, or hidden, or a key is not right; nothing is changed.
    Refused = 4,
    /// A part is done; what, and what not, is said.
    StoppedHalfway = 5,
}

impl SetupExit {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Done,
        Self::Settings,
        Self::NothingChanged,
        Self::Refused,
        Self::StoppedHalfway,
    ];

    /// What it means, in a line.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "planned, or done",
            Self::Settings => "settings are missing or wrong",
            Self::NothingChanged => {
                "Octopus could not be asked, or the first change failed: nothing is changed"
            }
            Self::Refused => {
                "a decision is open, such as what somebody else made: nothing is changed"
            }
            Self::StoppedHalfway => "stopped halfway: what is done, and what is not, is said",
        }
    }
}

impl From<SetupExit> for std::process::ExitCode {
    fn from(code: SetupExit) -> Self {
        Self::from(code as u8)
    }
}
