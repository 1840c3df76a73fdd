//! What a run is told.

use crate::azure::{Account, Cloud, ScaleSetId};
use crate::http::RequestTimes;
use crate::octopus::{BaseUrl, DryRun, Tenant};
use crate::reconcile::deploy_list::Tenancy;
use crate::reconcile::plan::{Limit, OwnedOnly, RemovalAction, Rules};
use crate::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that a run is told.
#[derive(Debug)]
pub struct Settings {
    /// The scale sets to reconcile, as one.
    pub scale_sets: Vec<ScaleSetId>,
    /// The account and the cloud to read them with.
    pub account: Account,
    /// Octopus Server.
    pub octopus_url: BaseUrl,
    /// API key or access token of the service account.
    pub octopus_key: Secret,
    /// Space id; by hand also a name.
    pub space: String,
    /// Environment id; by hand also a name.
    pub environment: String,
    /// A target must carry all of them.
    pub roles: Vec<String>,
    /// The tenant of a tenanted run.
    pub tenant: Option<Tenant>,
    /// What verdicts depend on.
    pub rules: Rules,
    /// The most targets that one run may remove.
    pub limit: Limit,
    /// What becomes of a stale target in use.
    pub busy_targets: BusyTargets,
    /// What becomes of a stale target that variables are scoped to alone.
    pub referenced_targets: ReferencedTargets,
    /// What becomes of a stale target that Octopus does not call unavailable.
    pub healthy_targets: HealthyTargets,
    /// How long a test of connections may take in all.
    pub test_timeout: Duration,
    /// What brakes and failed removals do to the step.
    pub problem_handling: ProblemHandling,
    /// How long to wait for the scale sets to settle, in all.
    pub settle_timeout: Duration,
    /// What follows where they do not in time.
    pub timeout_handling: TimeoutHandling,
    /// How long to wait, after that, for every instance to have a registered target.
    pub registration_timeout: Duration,
    /// What of earlier deployments counts.
    pub redeployments: Redeployments,
    /// What becomes of guided failures on targets whose machines are gone.
    pub guided_failures: GuidedFailureHandling,
    /// Whether to change nothing.
    pub dry_run: DryRun,
    /// What started this run.
    pub caller: Caller,
    /// Where the report is written by hand; its ending says in which form.
    pub report: Option<PathBuf>,
    /// Whether somebody at a terminal is asked before anything is removed.
    pub question: Question,
    /// What a dry run that would remove something ends with.
    pub dry_run_exit: DryRunExit,
    /// Times that tests and impatient people shorten.
    pub tuning: Tuning,
    /// What is odd about the settings and yet no problem.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Whether the run is a tenant's.
    #[must_use]
    pub fn tenancy(&self) -> Tenancy {
        match self.tenant {
            Some(_) => Tenancy::Tenanted,
            None => Tenancy::Untenanted,
        }
    }
}

/// What started this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The run's own task; `None` in a terminal.
    pub task: Option<String>,
    /// A deployment, a runbook run, or neither.
    pub kind: CallerKind,
    /// The id of the deployment or of the runbook run.
    pub document: Option<String>,
    /// The trigger that started it, where one did.
    pub trigger: Option<String>,
    /// The name of the step; may be empty.
    pub step: String,
}

/// A deployment, a runbook run, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A step of a deployment: steps that deploy may follow.
    Deployment,
    /// A step of a runbook.
    RunbookRun,
    /// By hand.
    Terminal,
}

/// What of earlier deployments counts: for telling duplicates, and for leaving old targets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redeployments {
    /// A deployment queued again within this after it succeeded may be a duplicate; zero: none is. A target registered
    /// more than this before the run was queued is old.
    pub window: Duration,
    /// What a duplicate does.
    pub duplicates: DuplicateHandling,
    /// Whether old targets are left out of the outputs.
    pub old_servers: ExcludeOldServers,
}

/// Times that tests and impatient people shorten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Between two readings of a scale set that is not settled.
    pub poll: Duration,
    /// Between the two snapshots that a removal needs.
    pub confirm: Duration,
    /// One phase of the run; the two waits and the removals are not bound by it.
    pub phase: Duration,
    /// What a request may take.
    pub requests: RequestTimes,
}

/// Whether somebody at a terminal is asked before anything is removed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Where there is a terminal.
    #[default]
    Asked,
    /// `--no-prompt`.
    Never,
}

/// What a dry run that would remove something ends with.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum DryRunExit {
    /// 0, as one that would not.
    #[default]
    Plain,
    /// `--exit-code`: 7.
    Telling,
}

pub(super) const YES_OR_NO: [(&str, DryRun); 2] = [("Yes", DryRun::Yes), ("No", DryRun::No)];
pub(super) const REMOVAL_ACTIONS: [(&str, RemovalAction); 2] = [
    ("Delete", RemovalAction::Delete),
    ("Disable", RemovalAction::Disable),
];
pub(super) const OWNED_ONLY: [(&str, OwnedOnly); 2] =
    [("Yes", OwnedOnly::Yes), ("No", OwnedOnly::No)];
/// `Auto` depends on what started the run.
pub(super) const PROBLEMS: [(&str, Option<ProblemHandling>); 3] = [
    ("Auto", None),
    ("Fail", Some(ProblemHandling::Fail)),
    ("Warn", Some(ProblemHandling::Warn)),
];

/// `VMSS.Azure.Credential`: who signs in.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Account,
    ManagedIdentity,
    WorkloadIdentity,
    AzureCli,
}

pub(super) const KINDS: [(&str, Kind); 4] = [
    ("Account", Kind::Account),
    ("ManagedIdentity", Kind::ManagedIdentity),
    ("WorkloadIdentity", Kind::WorkloadIdentity),
    ("AzureCli", Kind::AzureCli),
];

/// One of them is closed.
pub(super) const CLOUDS: [(&str, Option<Cloud>); 4] = [
    ("AzureCloud", Some(Cloud::Public)),
    ("AzureUSGovernment", Some(Cloud::UsGovernment)),
    ("AzureChinaCloud", Some(Cloud::China)),
    ("AzureGermanCloud", None),
];

/// `VMSS.BusyTargets.Handle`: a stale target that another task may be using.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusyTargets {
    /// It waits for a later run.
    Defer,
    /// It is removed all the same.
    Remove,
}

impl BusyTargets {
    pub(super) const CHOICES: [(&'static str, Self); 2] =
        [("Defer", Self::Defer), ("Remove", Self::Remove)];
}

/// `VMSS.ReferencedTargets.Handle`: a stale target that variables are scoped to alone, which would be lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferencedTargets {
    /// It is held.
    Hold,
    /// It is removed all the same; nobody asks.
    Remove,
}

impl ReferencedTargets {
    pub(super) const CHOICES: [(&'static str, Self); 2] =
        [("Hold", Self::Hold), ("Remove", Self::Remove)];
}

/// `VMSS.Healthy.Handle`: a stale target that Octopus does not surely call unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthyTargets {
    /// Octopus tests its connection now, and it is removed only if that finds it unavailable.
    Check,
    /// It waits for a health check.
    Defer,
    /// Nobody asks.
    Remove,
}

impl HealthyTargets {
    pub(super) const CHOICES: [(&'static str, Self); 3] = [
        ("Check", Self::Check),
        ("Defer", Self::Defer),
        ("Remove", Self::Remove),
    ];
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
    pub(super) const CHOICES: [(&'static str, Self); 2] =
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
    pub(super) const CHOICES: [(&'static str, Self); 2] =
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
    pub(super) const CHOICES: [(&'static str, Self); 2] = [("Yes", Self::Yes), ("No", Self::No)];
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
    pub(super) const CHOICES: [(&'static str, Self); 2] =
        [("None", Self::None), ("Exclude", Self::Exclude)];
}
