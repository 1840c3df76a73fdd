//! Tasks, with the deployment or runbook run that each belongs to, and how a test arranges them.

use super::interruption::InterruptionHandle;
use super::log::{self, LogNode};
use super::{Event, HealthCheck, Octopus};
use crate::clock::Time;
use crate::world::{ENVIRONMENT, SPACE};

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// A deployment.
    Deploy,
    /// A runbook run.
    RunbookRun,
    /// A health check.
    Health,
}

impl TaskKind {
    /// As Octopus names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deploy => "Deploy",
            Self::RunbookRun => "RunbookRun",
            Self::Health => "Health",
        }
    }
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// `ServerTasks-1`, ...
    pub id: String,
    /// What it is for.
    pub kind: TaskKind,
    /// What it was said to be; where nothing was said, that follows from what it is for.
    pub description: Option<String>,
    /// The id of its space.
    pub space: String,
    /// `Queued`, `Executing`, `Cancelling`, `Success`, `Failed`, `Canceled` or `TimedOut`.
    pub state: String,
    /// When it was or will be queued.
    pub queued: Time,
    /// When it began.
    pub started: Option<Time>,
    /// When it ended.
    pub completed: Option<Time>,
    /// The id of its environment.
    pub environment: String,
    /// The id of its tenant.
    pub tenant: Option<String>,
    /// The id of its project.
    pub project: String,
    /// The id of its runbook; empty for other tasks.
    pub runbook: String,
    /// The id of the snapshot that it runs; empty for other tasks.
    pub snapshot: String,
    /// The id of its deployment or runbook run; empty for other tasks.
    pub document: String,
    /// The deployment is limited to these targets, where there are any.
    pub specific: Vec<String>,
    /// The deployment leaves these targets out.
    pub excluded: Vec<String>,
    /// The targets that the deployment went to.
    pub deployed_to: Vec<String>,
    /// The targets in whose history the task stands.
    pub named: Vec<String>,
    /// It waits for somebody to approve it.
    pub unapproved: bool,
    /// What it tests, and how far it has come, where somebody asked for a health check.
    pub health_check: Option<HealthCheck>,
    /// What went wrong.
    pub error: String,
    /// Its log.
    pub log: Vec<LogNode>,
    /// The runs before this one: a deployment that is queued again may run under the same task, with a log of its own
    /// below the earlier ones. Source: octopus.com/docs, "Keeping deployment targets up to date".
    pub earlier: Vec<PastRun>,
}

/// A run of a task that has been queued again since.
#[derive(Clone, Debug)]
pub struct PastRun {
    /// When it was queued.
    pub queued: Time,
    /// When it began.
    pub started: Option<Time>,
    /// When it ended.
    pub completed: Option<Time>,
    /// How it ended: `Success`, `Failed`, `Canceled`, `TimedOut`.
    pub state: String,
    /// Its log.
    pub log: Vec<LogNode>,
}

impl Task {
    /// Whether it waits or runs.
    pub fn is_active(&self) -> bool {
        matches!(
            self.state.as_str(),
            "New" | "Queued" | "Executing" | "Cancelling"
        )
    }

    /// Whether it runs.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "Executing" | "Cancelling")
    }

    /// All its runs, the newest last.
    pub(crate) fn runs(&self) -> Vec<PastRun> {
        let newest = PastRun {
            queued: self.queued,
            started: self.started,
            completed: self.completed,
            state: self.state.clone(),
            log: self.log.clone(),
        };
        self.earlier.iter().cloned().chain([newest]).collect()
    }

    /// The id of the log of its newest run.
    pub(crate) fn log_id(&self) -> String {
        log::root_id(&self.id, self.earlier.len())
    }
}

/// One task in the hands of a test.
pub struct TaskHandle<'a> {
    octopus: &'a mut Octopus,
    id: String,
}

impl<'a> TaskHandle<'a> {
    pub(crate) fn begin(octopus: &'a mut Octopus, kind: TaskKind) -> Self {
        let id = octopus.next_id("ServerTasks");
        let document = match kind {
            TaskKind::Deploy => octopus.next_id("Deployments"),
            TaskKind::RunbookRun => octopus.next_id("RunbookRuns"),
            TaskKind::Health => String::new(),
        };
        let of_runbook = |id: &str| match kind {
            TaskKind::RunbookRun => id.to_owned(),
            _ => String::new(),
        };
        let since = octopus.now() - time::Duration::MINUTE;
        let task = Task {
            id: id.clone(),
            kind,
            description: None,
            space: SPACE.to_owned(),
            state: "Executing".to_owned(),
            queued: since,
            started: Some(since),
            completed: None,
            environment: ENVIRONMENT.to_owned(),
            tenant: None,
            project: "Projects-1".to_owned(),
            runbook: of_runbook("Runbooks-1"),
            snapshot: of_runbook("RunbookSnapshots-1"),
            document,
            specific: Vec::new(),
            excluded: Vec::new(),
            deployed_to: Vec::new(),
            named: Vec::new(),
            unapproved: false,
            health_check: None,
            error: String::new(),
            log: Vec::new(),
            earlier: Vec::new(),
        };
        octopus.tasks.insert(id.clone(), task);
        Self { octopus, id }
    }

    pub(crate) fn find(octopus: &'a mut Octopus, id: &str) -> Self {
        assert!(octopus.tasks.contains_key(id), "there is no task {id}");
        Self {
            octopus,
            id: id.to_owned(),
        }
    }

    /// `ServerTasks-1`, ...
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// `Deployments-1` or `RunbookRuns-1`.
    pub fn document(&self) -> String {
        self.octopus.tasks[&self.id].document.clone()
    }

    /// Changes any field.
    pub fn edit(self, change: impl FnOnce(&mut Task)) -> Self {
        change(
            self.octopus
                .tasks
                .get_mut(&self.id)
                .expect("the task of a handle exists"),
        );
        self
    }

    /// Waiting in the queue since then, or until then.
    pub fn queued(self, at: Time) -> Self {
        self.edit(|task| {
            task.state = "Queued".to_owned();
            task.queued = at;
            task.started = None;
        })
    }

    /// Running since then, and queued then.
    pub fn executing_since(self, at: Time) -> Self {
        self.edit(|task| {
            task.state = "Executing".to_owned();
            task.queued = at;
            task.started = Some(at);
        })
    }

    /// Queued, begun and ended at these times, in this state: `Success`, `Failed`, `Canceled`.
    pub fn completed(self, state: &str, queued: Time, ended: Time) -> Self {
        self.edit(|task| {
            task.state = state.to_owned();
            task.queued = queued;
            task.started = Some(queued);
            task.completed = Some(ended);
        })
    }

    /// Taken from the queue then, and running since.
    pub fn began(self, at: Time) -> Self {
        self.edit(|task| {
            task.state = "Executing".to_owned();
            task.started = Some(at);
            task.completed = None;
        })
    }

    /// Over since then, in this state: `Success`, `Failed`, `Canceled`.
    pub fn ended(self, state: &str, at: Time) -> Self {
        self.edit(|task| {
            task.state = state.to_owned();
            task.completed = Some(at);
        })
    }

    /// Queued again then, under the same task: what it was becomes an earlier run, and its log a log above the new one.
    pub fn queued_again(self, at: Time) -> Self {
        self.edit(|task| {
            let past = task.runs().pop();
            task.earlier.extend(past);
            task.log.clear();
            task.state = "Queued".to_owned();
            task.queued = at;
            task.started = None;
            task.completed = None;
        })
    }

    /// Sets the state alone.
    pub fn state(self, state: &str) -> Self {
        self.edit(|task| task.state = state.to_owned())
    }

    /// Puts it into the history of these targets.
    pub fn naming(self, targets: &[&str]) -> Self {
        self.edit(|task| {
            task.named = owned(targets);
            task.deployed_to = owned(targets);
        })
    }

    /// Lets it wait for somebody to approve it.
    pub fn waits_for_approval(self) -> Self {
        self.edit(|task| task.unapproved = true)
    }

    /// Limits the deployment to these targets; their histories do not show it yet.
    pub fn only_to(self, targets: &[&str]) -> Self {
        self.edit(|task| task.specific = owned(targets))
    }

    /// Lets the deployment leave these targets out.
    pub fn excluding(self, targets: &[&str]) -> Self {
        self.edit(|task| task.excluded = owned(targets))
    }

    /// Sets the environment.
    pub fn environment(self, id: &str) -> Self {
        self.edit(|task| task.environment = id.to_owned())
    }

    /// Sets the tenant.
    pub fn tenant(self, id: &str) -> Self {
        self.edit(|task| task.tenant = Some(id.to_owned()))
    }

    /// Makes it run this deployment (once more, where another task has run it).
    pub fn of_document(self, id: &str) -> Self {
        self.edit(|task| task.document = id.to_owned())
    }

    /// Sets the project.
    pub fn project(self, id: &str) -> Self {
        self.edit(|task| task.project = id.to_owned())
    }

    /// Sets what it runs: a runbook, with the snapshot of it.
    pub fn runbook(self, runbook: &str, snapshot: &str) -> Self {
        self.edit(|task| {
            task.runbook = runbook.to_owned();
            task.snapshot = snapshot.to_owned();
        })
    }

    /// Adds a step to the log that ran on a worker, from what its script printed.
    pub fn log(self, step: &str, output: &str) -> Self {
        self.step(step, WORKER, |id| LogNode::of_output(id, WORKER, output))
    }

    /// Adds an element to the log.
    pub fn log_node(self, node: LogNode) -> Self {
        self.edit(|task| task.log.push(node))
    }

    /// Lets a step fail on a machine, in guided failure mode: the task runs on, and waits for an answer.
    pub fn hangs_on(self, step: &str, machine: &str) -> InterruptionHandle<'a> {
        let handle = self.step(step, machine, |id| LogNode::new(id, machine, "Running"));
        let newest = &handle.octopus.tasks[&handle.id].log;
        let element = newest.last().and_then(|step| step.children.last());
        let element = element.expect("the step was just added").id.clone();
        InterruptionHandle::begin(handle.octopus, &handle.id, &element, step, machine)
    }

    fn step(self, step: &str, below: &str, node: impl FnOnce(&str) -> LogNode) -> Self {
        self.edit(|task| {
            let name = format!("Step {}: {step}", task.log.len() + 1);
            let id = log::child_id(&task.log_id(), &name);
            let node = node(&log::child_id(&id, below));
            task.log.push(LogNode::step(&id, &name, node));
        })
    }

    /// Deleted by the retention of tasks; the audit log still tells of it.
    pub fn delete(self) {
        let now = self.octopus.now();
        let task = self.octopus.tasks.remove(&self.id);
        let events = task.iter().flat_map(|task| Event::of_task(task, now));
        self.octopus.events.extend(events);
    }
}

/// The worker that steps run on which run once.
const WORKER: &str = "Worker 1";

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
