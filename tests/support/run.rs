//! A run of the real binary against a sandbox.

use crate::support::failure;
use crate::support::outcome::{Outcome, Place};
use sandbox::{RequestLog, Sandbox};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The file that [`Run::reporting`] asks for.
const REPORT: &str = "report.json";

/// What the binary is started with: the sandbox's environment, short waits, and what a scenario adds.
pub struct Run {
    /// The build of the program.
    pub binary: PathBuf,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
    requests: Option<RequestLog>,
}

impl Run {
    /// A run in a terminal.
    pub fn by_hand(sandbox: &Sandbox) -> Self {
        let mut environment: BTreeMap<String, String> = sandbox.environment().into_iter().collect();
        for (name, seconds) in [
            ("VMSS_CONFIRM_SECONDS", "0.05"),
            ("VMSS_POLL_SECONDS", "0.05"),
            ("VMSS_RETRY_SECONDS", "20"),
        ] {
            environment.insert(name.into(), seconds.into());
        }
        Self {
            environment,
            requests: Some(sandbox.request_log()),
            ..Self::bare()
        }
    }

    /// A run that is told nothing at all.
    pub fn bare() -> Self {
        Self {
            binary: env!("CARGO_BIN_EXE_octopus-scale-in").into(),
            environment: BTreeMap::new(),
            arguments: Vec::new(),
            requests: None,
        }
    }

    /// A step of a runbook run, whose task the sandbox knows.
    pub fn in_runbook(sandbox: &Sandbox) -> Self {
        let (task, run) = sandbox.world(|world| {
            let task = world.runbook_run().executing_since(sandbox::seconds_ago(5));
            (task.id(), task.document())
        });
        Self::by_hand(sandbox)
            .set("OCTOPUS_TASK_ID", task)
            .set("OCTOPUS_RUNBOOKRUN_ID", run)
    }

    /// A step of a deployment, whose task the sandbox knows.
    pub fn in_deployment(sandbox: &Sandbox) -> Self {
        let (task, deployment) = sandbox.world(|world| {
            let task = world.deployment().executing_since(sandbox::seconds_ago(5));
            (task.id(), task.document())
        });
        Self::by_hand(sandbox)
            .set("OCTOPUS_TASK_ID", task)
            .set("OCTOPUS_DEPLOYMENT_ID", deployment)
    }

    /// Sets an environment variable.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Takes an environment variable away.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Adds an argument.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    fn place(&self) -> Place {
        match self.task().trim() {
            "" => Place::ByHand,
            _ => Place::Octopus,
        }
    }

    /// Adds several.
    pub fn arguments(self, arguments: &[&str]) -> Self {
        arguments.iter().fold(self, |run, it| run.argument(it))
    }

    /// Asks for the report in a file of its own, which a run writes even if nothing is worth one.
    pub fn reporting(&self) -> Self {
        let mut arguments = self.arguments.clone();
        arguments.extend(["--report".to_owned(), REPORT.to_owned()]);
        Self {
            binary: self.binary.clone(),
            environment: self.environment.clone(),
            arguments,
            requests: self.requests.clone(),
        }
    }

    /// The run's own task, if it has one.
    pub fn task(&self) -> String {
        self.environment
            .get("OCTOPUS_TASK_ID")
            .cloned()
            .unwrap_or_default()
    }

    /// The command, for scenarios that start it themselves.
    pub fn command(&self, folder: &std::path::Path) -> Command {
        self.prepare(Command::new(&self.binary), folder)
    }

    fn prepare(&self, mut command: Command, folder: &std::path::Path) -> Command {
        failure::run_begins(self.requests.as_ref());
        command
            .env_clear()
            .envs(&self.environment)
            .args(&self.arguments)
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run(&self) -> Outcome {
        self.finish(|folder| self.command(folder))
    }

    /// The same by another command, which starts the binary.
    pub fn run_by(&self, mut starter: Command) -> Outcome {
        starter.arg(&self.binary);
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.finish(|folder| {
            let mut command = self.prepare(starter, folder);
            if !self.environment.contains_key("PATH") {
                command.env("PATH", path);
            }
            command
        })
    }

    fn finish(&self, command: impl FnOnce(&std::path::Path) -> Command) -> Outcome {
        let folder = tempfile::tempdir().expect("a folder for the run");
        let output = command(folder.path()).output().expect("the binary starts");
        let stdout = String::from_utf8(output.stdout).expect("the log is text");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().expect("the binary ended by itself");
        let mut outcome = Outcome::read(code, self.place(), stdout, stderr);
        outcome.report = std::fs::read_to_string(folder.path().join(REPORT)).ok();
        failure::run_ended(&outcome);
        outcome
    }
}
