//! Tasks, with the deployment or runbook run that each belongs to, and how a test arranges them.

use super::Octopus;
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
    /// What went wrong.
    pub error: String,
    /// Its log.
    pub log: Vec<LogNode>,
}

/// One element of a task's log.
#[derive(Clone, Debug, Default)]
pub struct LogNode {
    /// Its id, which an interruption names as its correlation.
    pub id: String,
    /// A step, an action or a machine.
    pub name: String,
    /// `Success`, `Running`, `Failed`, ...
    pub status: String,
    /// The lines, each with its category: `Verbose`, `Info`, `Highlight`, `Warning`, `Error`.
    pub lines: Vec<(String, String)>,
    /// The elements below.
    pub children: Vec<LogNode>,
}

impl Task {
    /// Whether it waits or runs.
    pub fn is_active(&self) -> bool {
        matches!(
            self.state.as_str(),
            "New" | "Queued" | "Executing" | "Cancelling"
        )
    }
}

impl LogNode {
    /// What Octopus makes of a script's standard output: lines by category, service messages left out.
    pub fn of_output(id: &str, step: &str, output: &str) -> Self {
        let mut category = "Info";
        let mut lines = Vec::new();
        for line in output.lines() {
            match line.trim().strip_prefix("##octopus[stdout-") {
                Some(mode) => category = category_of(mode.trim_end_matches(']')),
                None if line.trim_start().starts_with("##octopus[") => {}
                None => lines.push((category.to_owned(), line.to_owned())),
            }
        }
        let status = "Success".to_owned();
        Self {
            id: id.to_owned(),
            name: step.to_owned(),
            status,
            lines,
            children: Vec::new(),
        }
    }
}

fn category_of(mode: &str) -> &'static str {
    match mode {
        "verbose" => "Verbose",
        "highlight" => "Highlight",
        "warning" => "Warning",
        "error" => "Error",
        "wait" => "Wait",
        _ => "Info",
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
        let since = octopus.now() - time::Duration::MINUTE;
        let task = Task {
            id: id.clone(),
            kind,
            space: SPACE.to_owned(),
            state: "Executing".to_owned(),
            queued: since,
            started: Some(since),
            completed: None,
            environment: ENVIRONMENT.to_owned(),
            tenant: None,
            project: "Projects-1".to_owned(),
            document,
            specific: Vec::new(),
            excluded: Vec::new(),
            deployed_to: Vec::new(),
            named: Vec::new(),
            error: String::new(),
            log: Vec::new(),
        };
        octopus.tasks.insert(id.clone(), task);
        Self { octopus, id }
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

    /// Adds a step to the log, from what its script printed.
    pub fn log(self, step: &str, output: &str) -> Self {
        let id = format!("{}_{step}", self.id);
        self.edit(|task| task.log.push(LogNode::of_output(&id, step, output)))
    }

    /// Adds an element to the log.
    pub fn log_node(self, node: LogNode) -> Self {
        self.edit(|task| task.log.push(node))
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::LogNode;

    #[test]
    fn output_becomes_lines_by_category() {
        let output = "plain\n##octopus[stdout-verbose]\nquiet\n##octopus[setVariable name='x']\n##octopus[stdout-default]\nend";
        let lines = LogNode::of_output("a", "Check", output).lines;
        let lines: Vec<_> = lines
            .iter()
            .map(|(category, text)| (category.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            lines,
            [("Info", "plain"), ("Verbose", "quiet"), ("Info", "end")]
        );
    }
}
