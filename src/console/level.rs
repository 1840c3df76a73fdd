//! How much a line matters.

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
