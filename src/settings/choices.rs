//! The words that parameters take, as types.

/// `VMSS.Removal.OwnedOnly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedOnly {
    /// Only targets whose names fit the scale set's pattern are removed.
    Yes,
    /// Any may be.
    No,
}

impl OwnedOnly {
    pub(super) const CHOICES: [(&str, Self); 2] = [("Yes", Self::Yes), ("No", Self::No)];
}

/// `VMSS.BusyTargets.Handle`: a stale target that another task may be using.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusyTargets {
    /// It waits for a later run.
    Defer,
    /// It is removed all the same.
    Remove,
}

impl BusyTargets {
    pub(super) const CHOICES: [(&str, Self); 2] =
        [("Defer", Self::Defer), ("Remove", Self::Remove)];
}

/// `VMSS.Timeout.ErrorHandle`: scale sets that do not settle in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutHandling {
    /// The run goes on with what is there.
    Proceed,
    /// The run ends, and removes nothing.
    Error,
}

impl TimeoutHandling {
    pub(super) const CHOICES: [(&str, Self); 2] =
        [("Proceed", Self::Proceed), ("Error", Self::Error)];
}

/// `VMSS.Problem.Handle`, with `Auto` decided: what brakes and failed removals do to the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemHandling {
    /// They fail it.
    Fail,
    /// They end it with a warning only.
    Warn,
}

/// `VMSS.Duplicate.Handle`: what a duplicate run does beside handing out nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateHandling {
    /// Nothing.
    Proceed,
    /// It cancels its own task.
    Cancel,
}

impl DuplicateHandling {
    pub(super) const CHOICES: [(&str, Self); 2] =
        [("Proceed", Self::Proceed), ("Cancel", Self::Cancel)];
}

/// `VMSS.OldServers.ExcludeFromOutput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcludeOldServers {
    /// Targets that existed before this scale event are left out of the outputs.
    Yes,
    /// They are not.
    No,
}

impl ExcludeOldServers {
    pub(super) const CHOICES: [(&str, Self); 2] = [("Yes", Self::Yes), ("No", Self::No)];
}

/// `VMSS.GuidedFailure.Handle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuidedFailureHandling {
    /// They are left to people.
    None,
    /// Those on targets whose machines are gone are answered with "exclude machine from deployment".
    Exclude,
}

impl GuidedFailureHandling {
    pub(super) const CHOICES: [(&str, Self); 2] =
        [("None", Self::None), ("Exclude", Self::Exclude)];
}
