//! A report as data: what the HTML shows, and what the JSON is. `docs/report.schema.json` has its shape.

use super::fate::Fate;
use super::text::Text;
use serde::Serialize;

/// A report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The number of this shape; another one where a field changes its meaning or goes.
    pub format: u32,
    /// What wrote it.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// When it was written.
    pub written: String,
    /// Which run it is about.
    pub run: RunFacts,
    /// How that ended.
    pub result: RunResult,
    /// The scale sets that were read.
    pub scale_sets: Vec<ScaleSetFacts>,
    /// Those of the run that are not found.
    pub missing: Vec<MissingFacts>,
    /// The parameters that decided.
    pub settings: Vec<SettingFacts>,
    /// What was asked about all candidates, in that order.
    pub asked: Vec<AskedFacts>,
    /// Every target in scope, in the order of Octopus's list.
    pub targets: Vec<TargetFacts>,
}

/// Which run it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunFacts {
    /// What started it.
    pub kind: RunKind,
    /// Its task.
    pub task: Option<Text>,
    /// The deployment or runbook run.
    pub document: Option<Text>,
    /// The step.
    pub step: Option<Text>,
    /// Octopus Server.
    pub octopus: Text,
    /// Id of the space; by hand also a name.
    pub space: Text,
    /// Id of the environment; by hand also a name.
    pub environment: Text,
    /// Id of the tenant of a tenanted run.
    pub tenant: Option<Text>,
    /// What targets in scope carry.
    pub roles: Vec<Text>,
    /// Whether it changed nothing because it was told so.
    pub dry_run: bool,
    /// What a removal does.
    pub action: ActionWord,
}

/// What started a run.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// A deployment.
    Deployment,
    /// A runbook run.
    RunbookRun,
    /// Somebody at a terminal.
    ByHand,
}

/// What a removal does to a registration.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionWord {
    /// Deletes it.
    Delete,
    /// Disables it.
    Disable,
}

/// How a run ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// The exit code.
    pub exit_code: u8,
    /// The last line of the log.
    pub summary: Text,
    /// The brakes that held every removal.
    pub brakes: Vec<BrakeFacts>,
    /// The error for which the evidence could not be had.
    pub error: Option<Text>,
    /// What somebody should know, and what to do about it.
    pub notices: Vec<NoticeFacts>,
    /// The earlier run that this one repeats, so that nothing was handed out.
    pub duplicate: Option<Text>,
}

/// A brake.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrakeFacts {
    /// The fact.
    pub fact: Text,
    /// What lifts it.
    pub lifted_by: Text,
}

/// What somebody should know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeFacts {
    /// How bad it is.
    pub level: LevelWord,
    /// What it is, and what to do.
    pub text: Text,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelWord {
    /// Good to know.
    Info,
    /// Somebody should look at it.
    Warning,
    /// The step fails because of it.
    Error,
}

/// A scale set.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleSetFacts {
    /// Its id in Azure.
    pub id: Text,
    /// What people call it.
    pub title: Text,
    /// How it is, in a line.
    pub state: Text,
    /// What it is asked to have.
    pub capacity: Option<u64>,
    /// Its instances.
    pub instances: Vec<InstanceFacts>,
}

/// An instance.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceFacts {
    /// The name of its resource.
    pub resource: Text,
    /// What it calls itself.
    pub computer_name: Option<Text>,
    /// Its number in the scale set.
    pub id: Option<Text>,
    /// How far Azure is with it.
    pub state: StateWord,
    /// When it was made.
    pub created: Option<String>,
    /// Ids of the targets whose names mean it.
    pub targets: Vec<Text>,
}

impl InstanceFacts {
    /// What people know it by.
    pub fn name(&self) -> &Text {
        self.computer_name.as_ref().unwrap_or(&self.resource)
    }
}

/// How far Azure is with an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// Being made.
    Creating,
    /// There.
    Present,
    /// There, but its provisioning failed.
    Failed,
    /// Being taken away.
    Deleting,
}

/// A scale set that is not found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingFacts {
    /// Its id, as it would be in Azure.
    pub id: Text,
    /// What people call it.
    pub title: Text,
    /// What Azure said, and what to do.
    pub explanation: Text,
}

/// A parameter.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingFacts {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Text,
}

/// A question about all candidates.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedFacts {
    /// When it was asked.
    pub at: String,
    /// Who was asked.
    pub who: Who,
    /// What was asked.
    pub what: Text,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Azure.
    Azure,
    /// Octopus.
    Octopus,
    /// Both, the targets first.
    OctopusThenAzure,
    /// Nobody: this run compared names.
    ThisRun,
}

/// A target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetFacts {
    /// Its id.
    pub id: Text,
    /// Its name.
    pub name: Text,
    /// What became of it.
    pub fate: Fate,
    /// The word of its verdict; none in a run that made no plan.
    pub verdict: Option<&'static str>,
    /// Why.
    pub reason: Text,
    /// Why it could not be removed.
    pub error: Option<Text>,
    /// When its registration ended.
    pub removed: Option<String>,
    /// What Octopus calls it.
    pub health: HealthWord,
    /// Whether it takes part in deployments.
    pub enabled: bool,
    /// Whether the steps that follow deploy to it.
    pub handed_out: bool,
    /// Why it is kept and yet not deployed to.
    pub left_out: Option<Text>,
    /// What the verdict rests on.
    pub evidence: Vec<Said>,
}

/// What Octopus calls a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthWord {
    /// It answered, and is well.
    Healthy,
    /// It answered, and the check failed.
    Unhealthy,
    /// It did not answer.
    Unavailable,
    /// That is not known.
    Unknown,
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// Who said it.
    pub who: Who,
    /// When that was asked; none where nobody was.
    pub at: Option<String>,
    /// What was said.
    pub says: Text,
}
