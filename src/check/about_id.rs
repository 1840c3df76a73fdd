//! The table of all kinds of findings: what each is called, what it is a part of, and what is right.

use super::concern::Concern;
use super::id::Id;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct AboutId {
    /// The name.
    pub name: &'static str,
    /// What it is a part of.
    pub concern: Concern,
    /// What is right.
    pub expected: &'static str,
}

impl Id {
    /// The table.
    #[must_use]
    #[allow(clippy::too_many_lines)] // It is a table.
    pub fn about(self) -> AboutId {
        use Concern::{ByItself, LinesUp, May, Reach, Safe};
        let row = |name, concern, expected| AboutId {
            name,
            concern,
            expected,
        };
        match self {
            Self::Octopus => row(
                "octopus",
                Reach,
                "Octopus Server answers, in a version that tells all a run asks",
            ),
            Self::OctopusClock => row(
                "octopus-clock",
                Reach,
                "this machine's clock and the server's agree",
            ),
            Self::Space => row("space", Reach, "the space exists"),
            Self::Environment => row("environment", Reach, "the environment exists"),
            Self::Azure => row("azure", Reach, "Azure takes the credential and answers"),
            Self::AzureClock => row(
                "azure-clock",
                Reach,
                "this machine's clock and Azure's agree",
            ),
            Self::CheckingKey => row("checking-key", May, "the key of whoever checks is taken"),
            Self::ScheduleKey => row(
                "schedule-key",
                May,
                "the schedule's key is a service account's",
            ),
            Self::ScheduleKeyExpiry => row(
                "schedule-key-expiry",
                May,
                "the schedule's key is valid for another 30 days",
            ),
            Self::ScheduleKeyAccess => row(
                "schedule-key-access",
                May,
                "the schedule's key may all that its user may",
            ),
            Self::Permission => row(
                "permission",
                May,
                "the schedule's key has it here, without a restriction that hides anything",
            ),
            Self::LeastRights => row(
                "least-rights",
                May,
                "the schedule's key may not administer the server or the space",
            ),
            Self::Settings => row(
                "settings",
                LinesUp,
                "all that a run is told can be understood",
            ),
            Self::Tags => row(
                "tags",
                LinesUp,
                "every target tag (role) is carried by a target",
            ),
            Self::Targets => row(
                "targets",
                LinesUp,
                "targets of the environment carry all the tags",
            ),
            Self::ScaleSet => row(
                "scale-set",
                LinesUp,
                "the scale set can be read, and has settled",
            ),
            Self::Machines => row(
                "machines",
                LinesUp,
                "every machine has a target, and every target a machine",
            ),
            Self::Names => row(
                "names",
                LinesUp,
                "the targets' names are names that only the scale set gives",
            ),
            Self::Project => row(
                "project",
                ByItself,
                "the project exists and is not disabled",
            ),
            Self::Runbook => row(
                "runbook",
                ByItself,
                "the runbook exists and may run in the environment",
            ),
            Self::ChangeControl => row("change-control", ByItself, "no run waits for an approval"),
            Self::RunbookFailure => row(
                "runbook-guided-failure",
                ByItself,
                "guided failure is off for the runbook",
            ),
            Self::PromptedVariables => row(
                "prompted-variables",
                ByItself,
                "no variable must be given by hand",
            ),
            Self::Step => row(
                "step",
                ByItself,
                "the runbook has the step, and it is enabled",
            ),
            Self::StepLocation => row("step-location", ByItself, "the step runs once, on a worker"),
            Self::WorkerPool => row(
                "worker-pool",
                ByItself,
                "a worker of the step's pool is healthy",
            ),
            Self::Parameters => row(
                "parameters",
                ByItself,
                "the step's parameters are bound to variables that exist",
            ),
            Self::AzureAccount => row(
                "azure-account",
                ByItself,
                "the step's Azure account may be used in the environment",
            ),
            Self::Template => row(
                "step-template",
                ByItself,
                "the step is of the newest version of its template",
            ),
            Self::DryRun => row("dry-run", ByItself, "the step's dry run is off"),
            Self::Timeout => row("timeout", ByItself, "a run ends before the next is due"),
            Self::Published => row("published", ByItself, "what is published is the draft"),
            Self::PublishedVariables => row(
                "published-variables",
                ByItself,
                "no variable has changed since it was published",
            ),
            Self::Schedule => row(
                "schedule",
                ByItself,
                "an enabled schedule runs the runbook in the environment at least every hour",
            ),
            Self::Freeze => row(
                "freeze",
                ByItself,
                "nothing: a deployment freeze stops no runbook, which people may not expect",
            ),
            Self::LastRuns => row("last-runs", ByItself, "the last five runs succeeded"),
            Self::Retention => row("retention", ByItself, "the runs of a week are kept"),
            Self::ScaleInToOne => row(
                "scale-in-to-one",
                Safe,
                "after a scale-in to one machine the others' targets would go",
            ),
            Self::ScaleInToZero => row(
                "scale-in-to-zero",
                Safe,
                "after a scale-in to zero all targets of the scale set would go",
            ),
            Self::SamePrefix => row(
                "same-prefix",
                Safe,
                "no other scale set gives the same names",
            ),
            Self::Subscription => row(
                "subscription",
                Safe,
                "all scale sets of the subscription may be listed",
            ),
            Self::MachinePolicy => row(
                "machine-policy",
                Safe,
                "the targets' machine policy tests connections only, at least every 15 minutes",
            ),
            Self::PolicyDeletes => row(
                "machine-policy-deletes",
                Safe,
                "the policy deletes no unavailable machines",
            ),
            Self::PolicyUpdates => row(
                "machine-policy-updates",
                Safe,
                "the policy updates nothing after a health check",
            ),
            Self::NewMachines => row(
                "new-machines",
                Safe,
                "new machines register with a policy of their own",
            ),
            Self::HealthTriggers => row(
                "health-triggers",
                Safe,
                "no trigger starts a deployment when a target's health changes",
            ),
            Self::GuidedFailure => row(
                "guided-failure",
                Safe,
                "guided failure is on for the environment or the project",
            ),
            Self::RequiredSteps => row(
                "required-steps",
                Safe,
                "no step of a deployment is required, so that a machine can be excluded",
            ),
            Self::Options => row("options", Safe, "no option takes away evidence"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::id::Id;
    use std::collections::BTreeSet;

    #[test]
    fn all_of_them_are_there_once_each_in_their_order_and_with_a_name_of_its_own() {
        for (place, id) in Id::ALL.iter().enumerate() {
            assert_eq!(*id as usize, place);
        }
        let names: BTreeSet<&str> = Id::ALL.iter().map(|id| id.about().name).collect();
        assert_eq!(names.len(), Id::ALL.len());
    }

    #[test]
    fn what_belongs_together_stands_together() {
        let concerns = Id::ALL.iter().map(|id| id.about().concern);
        assert!(concerns.is_sorted());
    }
}
