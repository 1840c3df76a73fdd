//! What a person wants to know, in the order in which it is asked: the findings stand below these.

/// What a person wants to know, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Whether the servers answer.
    Reach,
    /// What the keys may.
    May,
    /// Whether targets and machines are the same.
    LinesUp,
    /// Whether the runbook runs without anybody.
    ByItself,
    /// Whether it does no harm.
    Safe,
}

impl Concern {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reach => "Can it reach both servers?",
            Self::May => "May it?",
            Self::LinesUp => "Do targets and machines line up?",
            Self::ByItself => "Will it run by itself?",
            Self::Safe => "Is it safe?",
        }
    }
}
