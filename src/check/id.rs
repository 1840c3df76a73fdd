//! Every kind of finding; what each is called stands in a table of its own.

/// A kind of finding. Their order is that in which a person reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// `octopus`
    Octopus,
    /// `octopus-clock`
    OctopusClock,
    /// `space`
    Space,
    /// `environment`
    Environment,
    /// `azure`
    Azure,
    /// `azure-clock`
    AzureClock,
    /// `checking-key`
    CheckingKey,
    /// `schedule-key`
    ScheduleKey,
    /// `schedule-key-expiry`
    ScheduleKeyExpiry,
    /// `schedule-key-access`
    ScheduleKeyAccess,
    /// `permission`
    Permission,
    /// `least-rights`
    LeastRights,
    /// `settings`
    Settings,
    /// `tags`
    Tags,
    /// `targets`
    Targets,
    /// `scale-set`
    ScaleSet,
    /// `machines`
    Machines,
    /// `names`
    Names,
    /// `project`
    Project,
    /// `runbook`
    Runbook,
    /// `change-control`
    ChangeControl,
    /// `runbook-guided-failure`
    RunbookFailure,
    /// `prompted-variables`
    PromptedVariables,
    /// `step`
    Step,
    /// `step-location`
    StepLocation,
    /// `worker-pool`
    WorkerPool,
    /// `parameters`
    Parameters,
    /// `azure-account`
    AzureAccount,
    /// `step-template`
    Template,
    /// `dry-run`
    DryRun,
    /// `timeout`
    Timeout,
    /// `published`
    Published,
    /// `published-variables`
    PublishedVariables,
    /// `schedule`
    Schedule,
    /// `freeze`
    Freeze,
    /// `last-runs`
    LastRuns,
    /// `retention`
    Retention,
    /// `scale-in-to-one`
    ScaleInToOne,
    /// `scale-in-to-zero`
    ScaleInToZero,
    /// `same-prefix`
    SamePrefix,
    /// `subscription`
    Subscription,
    /// `machine-policy`
    MachinePolicy,
    /// `machine-policy-deletes`
    PolicyDeletes,
    /// `machine-policy-updates`
    PolicyUpdates,
    /// `new-machines`
    NewMachines,
    /// `health-triggers`
    HealthTriggers,
    /// `guided-failure`
    GuidedFailure,
    /// `required-steps`
    RequiredSteps,
    /// `options`
    Options,
}

impl Id {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Octopus,
        Self::OctopusClock,
        Self::Space,
        Self::Environment,
        Self::Azure,
        Self::AzureClock,
        Self::CheckingKey,
        Self::ScheduleKey,
        Self::ScheduleKeyExpiry,
        Self::ScheduleKeyAccess,
        Self::Permission,
        Self::LeastRights,
        Self::Settings,
        Self::Tags,
        Self::Targets,
        Self::ScaleSet,
        Self::Machines,
        Self::Names,
        Self::Project,
        Self::Runbook,
        Self::ChangeControl,
        Self::RunbookFailure,
        Self::PromptedVariables,
        Self::Step,
        Self::StepLocation,
        Self::WorkerPool,
        Self::Parameters,
        Self::AzureAccount,
        Self::Template,
        Self::DryRun,
        Self::Timeout,
        Self::Published,
        Self::PublishedVariables,
        Self::Schedule,
        Self::Freeze,
        Self::LastRuns,
        Self::Retention,
        Self::ScaleInToOne,
        Self::ScaleInToZero,
        Self::SamePrefix,
        Self::Subscription,
        Self::MachinePolicy,
        Self::PolicyDeletes,
        Self::PolicyUpdates,
        Self::NewMachines,
        Self::HealthTriggers,
        Self::GuidedFailure,
        Self::RequiredSteps,
        Self::Options,
    ];
}
