//! What it takes to change something.

/// `VMSS.DryRun`, or `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Change nothing.
    Yes,
    /// Change what is to be changed.
    No,
}

/// Permission to send a request that is not GET. Only the writer can have one, and not in a dry run.
#[derive(Debug)]
pub(in crate::octopus) struct WritePermit(());

impl WritePermit {
    pub(super) fn unless(dry_run: DryRun) -> Option<Self> {
        match dry_run {
            DryRun::Yes => None,
            DryRun::No => Some(Self(())),
        }
    }
}

/// What became of a request that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<T> {
    /// It was sent, and this is what came of it.
    Done(T),
    /// It was not sent, because the run is dry.
    DryRun,
}
