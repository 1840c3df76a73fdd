//! The parts of a set-up, in the order in which they are done: each rests on those before it.

use crate::check::needs::Extent;
use crate::settings::SetupFlags;

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

    /// Whether `--only` and `--skip` choose it.
    #[must_use]
    pub fn is_chosen(self, flags: &SetupFlags) -> bool {
        let lists = |list: &[String]| list.iter().any(|it| Self::named(it) == Some(self));
        (flags.only.is_empty() || lists(&flags.only)) && !lists(&flags.skip)
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
            Self::Policy
            | Self::Assignment
            | Self::Template
            | Self::Variables
            | Self::GuidedFailure => Extent::Here,
            Self::Runbook | Self::Step | Self::Publication | Self::Schedule => Extent::OfProject,
        }
    }

    /// Without these a list may leave out silently what is there: its own things, and those that it is planned from.
    #[must_use]
    pub fn sees_with(self) -> &'static [(&'static str, Extent)] {
        const POLICIES: (&str, Extent) = ("MachinePolicyView", Extent::Here);
        const TEMPLATES: (&str, Extent) = ("ActionTemplateView", Extent::Here);
        const RUNBOOKS: (&str, Extent) = ("RunbookView", Extent::OfProject);
        const VARIABLES: (&str, Extent) = ("VariableView", Extent::OfProject);
        match self {
            Self::Policy => &[POLICIES],
            Self::Assignment => &[("MachineView", Extent::Here), POLICIES],
            Self::Template => &[TEMPLATES],
            Self::Runbook => &[RUNBOOKS],
            Self::Variables => &[VARIABLES, RUNBOOKS],
            Self::Step => &[RUNBOOKS, TEMPLATES],
            Self::Publication => &[RUNBOOKS, TEMPLATES, VARIABLES],
            Self::Schedule => &[("TriggerView", Extent::OfProject), RUNBOOKS],
            // What is there is read by its id.
            Self::GuidedFailure => &[],
        }
    }

    /// Without these it has nothing to stand on: they are there, or are made in the same run.
    #[must_use]
    pub fn stands_on(self) -> &'static [Self] {
        match self {
            Self::Policy | Self::Template | Self::Runbook | Self::GuidedFailure => &[],
            Self::Assignment => &[Self::Policy],
            Self::Variables | Self::Schedule => &[Self::Runbook],
            Self::Step => &[Self::Template, Self::Runbook],
            Self::Publication => &[Self::Template, Self::Runbook, Self::Step],
        }
    }
}
