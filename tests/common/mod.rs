//! What every scenario shares: a run of the real binary against a sandbox, and what came of it.

#![allow(dead_code, missing_docs)]

use sandbox::{Route, Sandbox};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What the binary is started with: the sandbox's environment, short waits, and what a scenario adds.
pub struct Run {
    binary: PathBuf,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
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
            ..Self::bare()
        }
    }

    /// A run that is told nothing at all.
    pub fn bare() -> Self {
        Self {
            binary: env!("CARGO_BIN_EXE_octopus-scale-in").into(),
            environment: BTreeMap::new(),
            arguments: Vec::new(),
        }
    }

    /// Another build of the same program.
    pub fn of_binary(mut self, binary: &std::path::Path) -> Self {
        self.binary = binary.into();
        self
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
        Outcome::read(code, stdout, stderr, folder)
    }
}

/// What came of a run.
pub struct Outcome {
    /// The exit code.
    pub code: i32,
    /// Everything on standard output, as it was.
    pub stdout: String,
    /// Everything on standard error, which nothing is to be on.
    pub stderr: String,
    /// Lines by level: `default`, `verbose`, `highlight`, `warning`, `error` (inside Octopus), else all `default`.
    pub lines: Vec<(String, String)>,
    /// Output variables, from service messages or from the terminal's lines.
    pub outputs: HashMap<String, String>,
    /// Attached files: name and text.
    pub artifacts: Vec<(String, String)>,
    /// Progress messages: percentage and text.
    pub progress: Vec<(String, String)>,
}

impl Outcome {
    fn read(code: i32, stdout: String, stderr: String, _folder: tempfile::TempDir) -> Self {
        let mut outcome = Self {
            code,
            stderr,
            lines: Vec::new(),
            outputs: HashMap::new(),
            artifacts: Vec::new(),
            progress: Vec::new(),
            stdout: String::new(),
        };
        let mut level = "default".to_owned();
        for line in stdout.lines() {
            match line
                .strip_prefix("##octopus[")
                .and_then(|rest| rest.strip_suffix(']'))
            {
                Some(message) => outcome.service_message(message, &mut level),
                None => outcome.plain_line(&level, line),
            }
        }
        outcome.stdout = stdout;
        outcome
    }

    fn plain_line(&mut self, level: &str, line: &str) {
        if let Some((name, value)) = line.split_once(" = ")
            && name.starts_with("VMSS")
        {
            self.outputs.insert(name.into(), value.into());
        }
        self.lines.push((level.into(), line.into()));
    }

    fn service_message(&mut self, message: &str, level: &mut String) {
        let mut words = message.split(' ');
        let name = words.next().unwrap_or_default();
        let attributes: HashMap<String, String> = words.map(attribute).collect();
        let of = |key: &str| attributes.get(key).cloned().unwrap_or_default();
        match name {
            "setVariable" => drop(self.outputs.insert(of("name"), of("value"))),
            "progress" => self.progress.push((of("percentage"), of("message"))),
            "createArtifact" => {
                let text = std::fs::read_to_string(of("path"))
                    .expect("the report is where the message says");
                assert_eq!(
                    of("length"),
                    text.len().to_string(),
                    "the report has the length that the message says"
                );
                self.artifacts.push((of("name"), text));
            }
            mode => {
                *level = mode
                    .strip_prefix("stdout-")
                    .unwrap_or_else(|| panic!("an unknown service message: {message}"))
                    .into()
            }
        }
    }

    /// An output variable, which must be set.
    pub fn output(&self, name: &str) -> &str {
        self.outputs
            .get(name)
            .unwrap_or_else(|| panic!("{name} is set; the log was:\n{}", self.stdout))
    }

    /// A comma-separated output variable.
    pub fn names(&self, output: &str) -> Vec<&str> {
        self.output(output)
            .split(',')
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The targets that the steps that follow deploy to.
    pub fn deployed(&self) -> Vec<&str> {
        self.names("VMSSDeploymentTargetNames")
    }

    /// The targets that this run removed.
    pub fn removed(&self) -> Vec<&str> {
        self.names("VMSSRemovedTargetNames")
    }

    /// The targets that somebody should look at.
    pub fn held(&self) -> Vec<&str> {
        self.names("VMSSHeldTargetNames")
    }

    /// Everything that was said at a level.
    pub fn said(&self, level: &str) -> String {
        let of_level = self
            .lines
            .iter()
            .filter(|(l, _)| l == level)
            .map(|(_, line)| line.as_str());
        of_level.collect::<Vec<_>>().join("\n")
    }

    /// The exit code is the expected one; if not, the whole log tells why.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "the exit code; the log was:\n{}{}",
            self.stdout, self.stderr
        );
        assert_eq!(self.stderr, "", "nothing goes to standard error");
        self
    }

    /// The log says this, at whatever level.
    #[track_caller]
    pub fn expect_said(&self, text: &str) -> &Self {
        assert!(
            self.stdout.contains(text),
            "the log says {text:?}; it was:\n{}",
            self.stdout
        );
        self
    }
}

fn attribute(word: &str) -> (String, String) {
    let (key, value) = word
        .split_once('=')
        .unwrap_or_else(|| panic!("an attribute: {word}"));
    let bytes = base64_decode(value.trim_matches('\''));
    (
        key.into(),
        String::from_utf8(bytes).expect("attributes are UTF-8"),
    )
}

/// As service messages write text.
pub fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=three.len() {
            let digit = bits >> (18 - 6 * place) & 63;
            encoded.push(char::from(DIGITS[digit as usize]));
        }
        encoded.push_str(&"=="[..3 - three.len()]);
    }
    encoded
}

/// RFC 4648, by hand: a test that decodes with the library that encoded would believe its mistakes.
fn base64_decode(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("not base64: {other}"),
    };
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for c in text.bytes().filter(|c| *c != b'=') {
        bits = bits << 6 | u32::from(digit(c));
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("eight bits"));
        }
    }
    bytes
}

/// A scale set `web` of so many instances, all registered.
pub fn settled(instances: u64) -> Sandbox {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(instances).list();
        world.register_all(&machines);
    });
    sandbox
}

/// The same, from which these instances were scaled in since.
pub fn scaled_in(instances: u64, gone: &[&str]) -> Sandbox {
    let sandbox = settled(instances);
    sandbox.world(|world| drop(world.scale_set("web").scale_in(gone)));
    sandbox
}

/// So many registered machines, of which so many are gone since; the names of those gone.
pub fn shrunk(targets: u64, gone: usize) -> (Sandbox, Vec<String>) {
    let sandbox = settled(targets);
    let gone = sandbox.world(|world| {
        let mut hosts = world.scale_set("web").hosts();
        hosts.truncate(gone);
        drop(world.scale_set("web").scale_in(&hosts));
        hosts
    });
    (sandbox, gone)
}

/// The names of the targets that Octopus has left.
pub fn registered(sandbox: &Sandbox) -> Vec<String> {
    sandbox.world(|world| world.target_names())
}

/// Nothing was changed: no registration deleted, none written.
#[track_caller]
pub fn expect_untouched(sandbox: &Sandbox) {
    let writes = sandbox.count(Route::DeleteMachine) + sandbox.count(Route::PutMachine);
    assert_eq!(
        writes, 0,
        "a run that must not change anything changed a registration"
    );
}

/// The run ends with exit 3 and says all of this; nobody's registration was touched, no later step was told anything.
#[track_caller]
pub fn fails(sandbox: &Sandbox, run: Run, sayings: &[&str]) {
    let outcome = run.set("VMSS_RETRY_SECONDS", "0").run().expect_code(3);
    let said = outcome.said("error");
    for saying in sayings {
        assert!(
            said.contains(saying),
            "the error says {saying:?}; it was:\n{said}"
        );
    }
    assert!(outcome.outputs.is_empty(), "{:?}", outcome.outputs);
    expect_untouched(sandbox);
}
