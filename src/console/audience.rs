//! Who reads, how much they want, and how much a line matters.

use crate::error::ExitCode;
use std::fmt;
use std::sync::Arc;

/// Who reads.
#[derive(Debug, Clone)]
pub enum Audience {
    /// Octopus, which has the whole log from standard output.
    Octopus,
    /// A person at a terminal, or a script of theirs.
    ByHand(ByHand),
}

/// What a person at a terminal wants to see.
#[derive(Clone)]
pub struct ByHand {
    /// How much.
    pub detail: Detail,
    /// What standard output holds.
    pub result: ResultForm,
    /// Calls settings by what they would set.
    pub words: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// The document that says why a run ended early.
    pub ended: fn(&str, ExitCode) -> String,
}

impl fmt::Debug for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { detail, result, .. } = self;
        write!(f, "ByHand {{ {detail:?}, {result:?} }}")
    }
}

/// How much of what a run says is shown by hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Errors only.
    Errors,
    /// What everybody should read.
    #[default]
    Usual,
    /// Details, and the requests of this program.
    Requests,
    /// What the libraries say, too.
    Everything,
}

/// What standard output holds by hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum ResultForm {
    /// The result's lines.
    #[default]
    Lines,
    /// One document: what would be the result's lines goes to standard error.
    Document,
}

impl ResultForm {
    /// The words that stand for it.
    pub const CHOICES: [(&'static str, Self); 2] =
        [("table", Self::Lines), ("json", Self::Document)];

    /// The one that a word stands for, in any case of letters.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let mut choices = Self::CHOICES.iter();
        let found = choices.find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
        found.map(|(_, form)| *form)
    }
}

/// What a person says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Do not. No answer says the same.
    No,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For whoever looks into details.
    Verbose,
    /// For every reader.
    Info,
    /// For the summary of the task.
    Highlight,
    /// Somebody should look at it.
    Warning,
    /// The step fails because of it.
    Error,
}

impl Level {
    /// The service message that makes Octopus show it so.
    pub(super) fn mode(self) -> Option<&'static str> {
        match self {
            Self::Verbose => Some("stdout-verbose"),
            Self::Info => None,
            Self::Highlight => Some("stdout-highlight"),
            Self::Warning => Some("stdout-warning"),
            Self::Error => Some("stdout-error"),
        }
    }

    /// The word and the ANSI code that a terminal shows it with.
    pub(super) fn style(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Verbose => ("", Some("2")),
            Self::Info => ("", None),
            Self::Highlight => ("", Some("1")),
            Self::Warning => ("warning: ", Some("33")),
            Self::Error => ("error: ", Some("31")),
        }
    }
}
