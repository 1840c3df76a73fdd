//! Interruptions, and how a test arranges them.

use super::{Octopus, Task, TaskKind};
use crate::clock::Time;

/// A task that waits for an answer.
#[derive(Clone, Debug)]
pub struct Interruption {
    /// `Interruptions-1`, ...
    pub id: String,
    /// `GuidedFailure`, `ManualIntervention`, `PullRequestCompletion`, `ArgoCDApplicationSync` or
    /// `KubernetesResourceVerification`; servers before 2023 do not say.
    pub kind: Option<String>,
    /// What it is called.
    pub title: String,
    /// The id of the task that waits.
    pub task: String,
    /// The id of the element of the task's log that failed.
    pub correlation: Option<String>,
    /// Whether it still waits.
    pub pending: bool,
    /// Who has taken responsibility: `Users-21` is the owner of the key.
    pub responsible: Option<String>,
    /// Whether the owner of the key may take responsibility.
    pub may_take: bool,
    /// It belongs to a child deployment, and is completed when the one of the parent is.
    pub linked: bool,
    /// The element of the form that has the buttons: `Guidance`, or `Result` in manual interventions.
    pub element: String,
    /// The answers on offer: `Fail`, `Retry`, `Ignore`, `Exclude`.
    pub choices: Vec<String>,
    /// The answer that was given.
    pub guidance: Option<String>,
    /// The notes that came with it.
    pub notes: Option<String>,
    /// When it came up.
    pub created: Time,
    /// What it says; the machine stands only here and in the log.
    pub text: String,
}

impl Octopus {
    /// Lets a step fail on a machine, in guided failure mode; returns the interruption's id.
    pub fn guided_failure(&mut self, task: &str, correlation: &str, machine: &str) -> String {
        InterruptionHandle::begin(self, task, correlation, "Deploy the web site", machine).id()
    }
}

/// One interruption in the hands of a test.
pub struct InterruptionHandle<'a> {
    octopus: &'a mut Octopus,
    id: String,
}

impl<'a> InterruptionHandle<'a> {
    /// A guided failure as a server of 2024 wrote it; the text ends the machine's name with a space and a quote.
    /// Source: the tests of github.com/OctopusSolutionsEngineering/OctopusCopilot.
    pub(crate) fn begin(
        octopus: &'a mut Octopus,
        task: &str,
        correlation: &str,
        step: &str,
        machine: &str,
    ) -> Self {
        let id = octopus.next_id("Interruptions");
        let interruption = Interruption {
            id: id.clone(),
            kind: Some("GuidedFailure".to_owned()),
            title: title(octopus.tasks.get(task)),
            task: task.to_owned(),
            correlation: Some(correlation.to_owned()),
            pending: true,
            responsible: None,
            may_take: true,
            linked: false,
            element: "Guidance".to_owned(),
            choices: ["Fail", "Retry", "Ignore", "Exclude"]
                .map(str::to_owned)
                .to_vec(),
            guidance: None,
            notes: None,
            created: octopus.now(),
            text: text(step, machine),
        };
        octopus.interruptions.insert(id.clone(), interruption);
        Self { octopus, id }
    }

    pub(crate) fn find(octopus: &'a mut Octopus, id: &str) -> Self {
        let known = octopus.interruptions.contains_key(id);
        assert!(known, "there is no interruption {id}");
        Self {
            octopus,
            id: id.to_owned(),
        }
    }

    /// `Interruptions-1`, ...
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Changes any field.
    pub fn edit(self, change: impl FnOnce(&mut Interruption)) -> Self {
        let found = self.octopus.interruptions.get_mut(&self.id);
        change(found.expect("the interruption of a handle exists"));
        self
    }

    /// Its text names this machine instead.
    pub fn saying(self, step: &str, machine: &str) -> Self {
        self.edit(|interruption| interruption.text = text(step, machine))
    }

    /// A person has taken responsibility.
    pub fn held_by(self, user: &str) -> Self {
        self.edit(|interruption| interruption.responsible = Some(user.to_owned()))
    }

    /// It belongs to a child deployment.
    pub fn linked(self) -> Self {
        self.edit(|interruption| interruption.linked = true)
    }

    /// The step does not offer to exclude the machine: it runs on a worker, or is required.
    pub fn without_exclude(self) -> Self {
        self.edit(|interruption| interruption.choices.retain(|choice| choice != "Exclude"))
    }

    /// Makes it a manual intervention, which asks whether to go on. Source: the same tests.
    pub fn manual(self) -> Self {
        self.edit(|interruption| {
            interruption.kind = Some("ManualIntervention".to_owned());
            interruption.title = "Approve deployment".to_owned();
            interruption.element = "Result".to_owned();
            interruption.choices = ["Proceed", "Abort"].map(str::to_owned).to_vec();
        })
    }

    /// Somebody has answered it.
    pub fn answered(self, guidance: &str) -> Self {
        self.edit(|interruption| {
            interruption.guidance = Some(guidance.to_owned());
            interruption.pending = false;
        })
    }
}

fn title(task: Option<&Task>) -> String {
    let what = match task.map(|task| task.kind) {
        Some(TaskKind::RunbookRun) => "Run Maintenance on",
        _ => "Deploy Web shop release 0.0.11 to",
    };
    format!("{what} Production requires failure guidance")
}

fn text(step: &str, machine: &str) -> String {
    format!(
        "'{step} (type Run a Script) on {machine} ' in the current task failed. What would you like to do?"
    )
}
