//! What it takes to change something in Octopus.

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
