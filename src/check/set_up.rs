//! Everything that was read, for the judges: values, and of each whether it could be seen.

use super::binding::Binding;
use super::finding::Finding;
use super::id::Id;
use super::seen::Seen;
use crate::azure::Clock;
use crate::octopus::EnvironmentRoles;
use crate::octopus::set_up::{
    Action, ApiKey, AzureAccount, DeploymentSettings, EnvironmentPlace, Freeze, Greeting, Kept,
    MachinePolicy, Process, Project, Published, Rights, Runbook, RunbookRun, SnapshotChanges,
    StepTemplate, Trigger, User, Variable, Worker, WorkerPool,
};
use crate::reconcile::others::OtherGroup;
use crate::reconcile::snapshot::{ScalingGroup, Target};
use crate::settings::{Draft, HealthyTargets};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

/// What stands for an id of an account that is not looked at here.
pub const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A set-up, as far as it could be seen.
#[derive(Debug)]
pub struct SetUp {
    /// This machine's time when Octopus was greeted.
    pub now: SystemTime,
    /// The address of Octopus Server.
    pub address: String,
    /// The space, as it was told.
    pub space_told: String,
    /// The environment, as it was told.
    pub environment_told: String,
    /// The runbook, as it was told, where it was.
    pub runbook_told: Option<String>,
    /// What a run would be told: by hand, and for the rest by the step.
    pub draft: Draft,
    /// Octopus Server.
    pub octopus: Seen<Greeting>,
    /// Who checks.
    pub checker: Seen<User>,
    /// What their key is set with.
    pub checkers_name: &'static str,
    /// What whoever checks may.
    pub checkers_rights: Seen<Rights>,
    /// What whoever checks signs in with, where that is not what the schedule does.
    pub checkers_key: Seen<OctopusKey>,
    /// The schedule's key.
    pub schedule: Seen<Access>,
    /// The id of the space.
    pub space: Seen<String>,
    /// The environment.
    pub environment: Seen<EnvironmentPlace>,
    /// The machine policies of the space.
    pub policies: Seen<Vec<MachinePolicy>>,
    /// The triggers of all projects of the space.
    pub triggers: Seen<Vec<Trigger>>,
    /// The ids of the tenants of the space.
    pub tenants: Seen<Vec<String>>,
    /// When nothing is deployed to the environment.
    pub freezes: Seen<Vec<Freeze>>,
    /// Targets in scope, and which tags those of the environment carry.
    pub targets: Seen<TargetsSeen>,
    /// What Azure has.
    pub azure: AzureSide,
    /// What somebody named with `--project` and `--runbook`.
    pub project: ProjectSide,
}

/// The targets in scope.
#[derive(Debug)]
pub struct TargetsSeen {
    /// They.
    pub in_scope: Vec<Arc<Target>>,
    /// The ids of their machine policies; `None` for the default one.
    pub policies: Seen<BTreeSet<Option<String>>>,
    /// What the environment's targets carry.
    pub tags: EnvironmentRoles,
}

/// Who has a key, and what it may.
#[derive(Debug)]
pub struct Access {
    /// Whose it is.
    pub user: User,
    /// What that user may.
    pub rights: Seen<Rights>,
    /// What it is.
    pub credential: Seen<OctopusKey>,
}

/// What somebody signs in with.
#[derive(Debug)]
pub enum OctopusKey {
    /// A token, which ends by itself soon.
    Token,
    /// A key; several, where it cannot be told which of the user's it is. None where the server shows none.
    OneOf(Vec<ApiKey>),
}

/// What Azure has.
#[derive(Debug, Default)]
pub struct AzureSide {
    /// The scale sets of a run, each with what people call it.
    pub groups: Vec<(String, Seen<ScalingGroup>)>,
    /// The others that the account sees; `None` where nobody asked.
    pub others: Option<Seen<OthersSeen>>,
    /// What the time was by its last answer.
    pub clock: Option<Clock>,
}

/// The other scale sets.
#[derive(Debug, Default)]
pub struct OthersSeen {
    /// They, with their names' patterns.
    pub groups: Vec<OtherGroup>,
    /// How many scale sets were seen in all, those of a run included.
    pub seen: usize,
    /// Why subscriptions could not be listed.
    pub unlisted: Vec<String>,
}

/// What somebody named with `--project` and `--runbook`.
#[derive(Debug)]
pub struct ProjectSide {
    /// The project.
    pub project: Seen<Project>,
    /// How it deploys.
    pub settings: Seen<DeploymentSettings>,
    /// What its deployments do.
    pub deployments: Seen<Process>,
    /// The variables of the library variable sets that it includes, and after them its own: of two whose scope is as narrow, the
    /// later holds.
    pub variables: Seen<Vec<Variable>>,
    /// The library variable sets that could not be read.
    pub unread_libraries: Vec<Library>,
    /// Its triggers.
    pub triggers: Seen<Vec<Trigger>>,
    /// The runbook.
    pub runbook: Seen<Runbook>,
    /// What was published of it; `None` where nothing was.
    pub published: Seen<Option<Published>>,
    /// What has changed since.
    pub changes: Seen<SnapshotChanges>,
    /// What was published beside what is there now, where the server does not say what has changed.
    pub compared: NowAndThen,
    /// What a schedule runs; where nothing is published, the draft.
    pub process: Seen<Process>,
    /// The steps in it that run this program here, that one first which is about what was asked.
    pub steps: Seen<Vec<StepSeen>>,
    /// How the runbook went.
    pub runs: Seen<Vec<RunbookRun>>,
}

impl ProjectSide {
    /// Whether nothing is published: a schedule runs the latest commit of the default branch.
    pub fn runs_latest_commit(&self) -> bool {
        self.project.known().is_some_and(|it| it.runbooks_in_git)
    }

    /// The steps that run this program here, as far as they were read.
    pub fn known_steps(&self) -> &[StepSeen] {
        self.steps.known().map_or(&[], Vec::as_slice)
    }

    /// Of these the one that is about what was asked.
    pub fn step(&self) -> Option<&StepSeen> {
        self.known_steps().first()
    }

    /// Those that are not disabled.
    pub fn enabled_steps(&self) -> impl Iterator<Item = &StepSeen> {
        let all = self.known_steps().iter();
        all.filter(|step| !step.action.disabled)
    }
}

/// What was published beside what is there now; `None` where the server says itself whether they differ.
#[derive(Debug, Default)]
pub struct NowAndThen {
    /// What the runbook does.
    pub process: Option<Vec<Pair>>,
    /// Its variables, set by set.
    pub variables: Option<Vec<Pair>>,
}

/// The same thing now and when it was published; `None` where there is no such thing, of both where nothing tells which they are.
#[derive(Debug)]
pub struct Pair {
    /// Now.
    pub now: Seen<Option<Kept>>,
    /// Then.
    pub then: Seen<Option<Kept>>,
}

/// A library variable set that the project includes.
#[derive(Debug)]
pub struct Library {
    /// Its name; its id, where that could not be seen.
    pub name: String,
    /// What it holds.
    pub variables: Seen<Vec<Variable>>,
}

/// The step that runs this program.
#[derive(Debug)]
pub struct StepSeen {
    /// It.
    pub action: Action,
    /// The variable that holds its Azure account, where there is one of that name.
    pub account_variable: Option<Variable>,
    /// The expressions that it runs by, each with what it comes to.
    pub expressions: Vec<(String, Binding)>,
    /// Its parameters, each with what it is bound to.
    pub bindings: Vec<(&'static str, Binding)>,
    /// What a run that it starts is told, secrets aside.
    pub draft: Draft,
    /// The template that it was made of, as it is in the space now; `None` where it was made of none.
    pub template: Seen<Option<StepTemplate>>,
    /// The Azure account that it names.
    pub account: Seen<AzureAccount>,
    /// The pool that its worker is of, with its workers.
    pub pool: Seen<Pool>,
    /// What the server says of itself at the address that it is bound to, where that is another than was asked.
    pub elsewhere: Option<Seen<Greeting>>,
}

/// Whether a step with these parameters signs in with an account of Octopus.
pub fn signs_in_with_account(bindings: &[(&'static str, Binding)]) -> bool {
    let mut named = bindings.iter();
    let bound = named.find(|(name, _)| *name == "VMSS.Azure.Credential");
    match bound.map(|(_, bound)| bound) {
        None | Some(Binding::Unset) => true,
        Some(Binding::Value(word)) => {
            let word = word.trim();
            word.is_empty() || word.eq_ignore_ascii_case("Account")
        }
        Some(Binding::Secret | Binding::OnlyWhenRun(_) | Binding::Undefined(_)) => false,
    }
}

/// A parameter whose value is not known: it cannot be seen, or not be understood.
#[derive(Debug, Clone, Copy)]
pub struct UnseenParameter<'a> {
    name: &'a str,
    bound: &'a Binding,
}

impl StepSeen {
    /// Whether a scale set of it is named without its subscription, which is the account's then; `None` where that cannot be told.
    pub fn takes_the_accounts_subscription(&self) -> Option<bool> {
        let mut scale_sets = self.draft.scale_sets.as_deref()?.iter();
        Some(scale_sets.any(|it| it.subscription == NO_ID))
    }

    /// The first of these parameters that is bound to something that cannot be seen or understood: what a run makes of it is not
    /// known.
    pub fn first_unseen(&self, names: &[&str]) -> Option<UnseenParameter<'_>> {
        let mut named = self
            .bindings
            .iter()
            .filter(|(name, _)| names.contains(name));
        let unclear = named.find(|(name, bound)| match bound {
            Binding::Unset | Binding::Value(_) => self.refuses(name),
            Binding::Secret | Binding::OnlyWhenRun(_) | Binding::Undefined(_) => true,
        });
        unclear.map(|(name, bound)| UnseenParameter { name, bound })
    }

    /// Whether a run would end for want of this parameter, or because of what it says.
    fn refuses(&self, name: &str) -> bool {
        let mut problems = self.draft.problems.iter().chain(&self.draft.missing);
        problems.any(|it| it.parameter == name)
    }

    /// Whether a finding `parameters` says why one of these is not known.
    pub fn explains(&self, names: &[&str]) -> bool {
        self.first_unseen(names).is_some() || names.iter().any(|name| self.refuses(name))
    }
}

impl UnseenParameter<'_> {
    /// What is not known for want of it. What it is bound to is said among the parameters.
    pub fn finding(self, id: Id, subject: &str) -> Finding {
        Finding {
            id,
            subject: subject.to_owned(),
            said: true,
            ..self.of_parameters()
        }
    }

    /// That it could not be seen, among the parameters.
    pub fn of_parameters(self) -> Finding {
        let bound = match self.bound {
            Binding::Secret => "a secret",
            Binding::OnlyWhenRun(text) | Binding::Undefined(text) => text,
            Binding::Unset | Binding::Value(_) => "nothing",
        };
        let found = format!("could not be seen: {} is bound to {bound}", self.name);
        let action = "Look what it holds in this environment: the project's Variables";
        Finding::warn(Id::Parameters, self.name, found, action)
    }
}

/// A worker pool and its workers.
#[derive(Debug)]
pub struct Pool {
    /// It.
    pub pool: WorkerPool,
    /// Its workers.
    pub workers: Vec<Worker>,
}

impl SetUp {
    /// The id of the environment, where it was found.
    pub fn environment_id(&self) -> Option<&str> {
        self.environment.known().map(|it| it.id.as_str())
    }

    /// What a run would be told: by the step, where there is one that can be understood.
    pub fn run(&self) -> &Draft {
        let step = self.project.step();
        step.map_or(&self.draft, |step| self.run_of(step))
    }

    /// What a run of this step would be told, where it can be understood.
    pub fn run_of<'a>(&'a self, step: &'a StepSeen) -> &'a Draft {
        match step.draft.problems.is_empty() {
            true => &step.draft,
            false => &self.draft,
        }
    }

    /// What the runs of all steps would be told.
    pub fn runs(&self) -> Vec<&Draft> {
        match self.project.known_steps() {
            [] => vec![&self.draft],
            steps => steps.iter().map(|step| self.run_of(step)).collect(),
        }
    }

    /// Whether a run has connections tested.
    pub fn tests_connections(&self) -> bool {
        let runs = self.runs();
        let mut tests = runs.iter().map(|run| run.healthy_targets);
        tests.any(|it| it == HealthyTargets::Check)
    }

    /// Whether somebody named a runbook, be it there or not.
    pub fn asks_about_a_runbook(&self) -> bool {
        self.runbook_told.is_some()
    }

    /// The name of the runbook, for people.
    pub fn runbook_name(&self) -> &str {
        self.project
            .runbook
            .known()
            .map_or("the runbook", |it| &it.name)
    }

    /// The scale sets that were read.
    pub fn groups(&self) -> Vec<ScalingGroup> {
        let groups = self.azure.groups.iter();
        groups
            .filter_map(|(_, group)| group.known().cloned())
            .collect()
    }

    /// The targets in scope and the scale sets that were read, where any was.
    pub fn lined_up(&self) -> Option<(&TargetsSeen, Vec<ScalingGroup>)> {
        let groups = self.groups();
        let targets = self.targets.known().filter(|_| !groups.is_empty());
        targets.map(|targets| (targets, groups))
    }

    /// Whether all scale sets were read: whose a target is that matches none of them is not known otherwise.
    pub fn all_groups_are_known(&self) -> bool {
        let mut groups = self.azure.groups.iter();
        groups.all(|(_, group)| group.known().is_some())
    }
}
