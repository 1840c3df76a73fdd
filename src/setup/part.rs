//! The parts of a set-up, in the order in which they are done: each rests on those before it.

use crate::check::needs::Extent;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetupPart {
    /// The machine policy of the scale set's targets.
    Policy,
    /// Which of today's targets have it.
    Assignment,
    /// The step template.
    Template,
    /// The runbook, empty.
    Runbook,
    /// The six variables of the guide.
    Variables,
    /// The step in the runbook.
    Step,
    /// What is published.
    Publication,
    /// The schedule.
    Schedule,
    /// Guided failure, on the environment or the project.
    GuidedFailure,
}

impl SetupPart {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Policy,
        Self::Assignment,
        Self::Template,
        Self::Runbook,
        Self::Variables,
        Self::Step,
        Self::Publication,
        Self::Schedule,
        Self::GuidedFailure,
    ];

    /// As `--only` and `--skip` call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "machine-policy",
            Self::Assignment => "assignment",
            Self::Template => "step-template",
            Self::Runbook => "runbook",
            Self::Variables => "variables",
            Self::Step => "step",
            Self::Publication => "publish",
            Self::Schedule => "schedule",
            Self::GuidedFailure => "guided-failure",
        }
    }

    /// The part of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|part| part.name().eq_ignore_ascii_case(name.trim()))
    }

    /// What makes, and what changes, its things. Source: octopus.com/docs, "User roles", and the API reference.
    #[must_use]
    pub fn needs(self) -> (&'static str, &'static str) {
        match self {
            Self::Policy => ("MachinePolicyCreate", "MachinePolicyEdit"),
            Self::Assignment => ("MachineEdit", "MachineEdit"),
            Self::Template => ("ActionTemplateCreate", "ActionTemplateEdit"),
            Self::Runbook | Self::Step | Self::Publication => ("RunbookEdit", "RunbookEdit"),
            Self::Variables => ("VariableEdit", "VariableEdit"),
            Self::Schedule => ("TriggerCreate", "TriggerEdit"),
            Self::GuidedFailure => ("EnvironmentEdit", "EnvironmentEdit"),
        }
    }

    /// How far these must reach. Variables are scoped to the environment, but for one.
    #[must_use]
    pub fn reach_of_changes(self) -> Extent {
        match self {
            Self::Variables => Extent::Here,
            Self::Policy
            | Self::Assignment
            | Self::Template
            | Self::Runbook
            | Self::Step
            | Self::Publication
            | Self::Schedule
            | Self::GuidedFailure => self.reach(),
        }
    }

    /// How far a permission to see must reach, so that what is missing is none.
    #[must_use]
    pub fn reach(self) -> Extent {
        match self {
            Self::Policy | Self::Assignment | Self::Template | Self::GuidedFailure => Extent::Here,
            Self::Runbook | Self::Variables | Self::Step | Self::Publication | Self::Schedule => {
                Extent::OfProject
            }
        }
    }

    /// Without this a list may leave out silently what is there.
    #[must_use]
    pub fn sees_with(self) -> &'static str {
        match self {
            Self::Policy => "MachinePolicyView",
            Self::Assignment => "MachineView",
            Self::Template => "ActionTemplateView",
            Self::Runbook | Self::Step | Self::Publication => "RunbookView",
            Self::Variables => "VariableView",
            Self::Schedule => "TriggerView",
            Self::GuidedFailure => "EnvironmentView",
        }
    }
}
