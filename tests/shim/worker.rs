//! A worker that runs the step: folders, parameters, and PowerShell started as Octopus's Calamari starts it.
//!
//! Source: github.com/OctopusDeploy/Calamari, Bootstrap.ps1 and PowerShellScriptExecutor.cs.

use crate::server::{Answer, Server};
use crate::support::base64;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use step_template::{Release, Template};
use tempfile::TempDir;

/// The version of the release that the template is packed with.
pub const VERSION: &str = "9.8.7";

/// The target triple of this machine's file.
pub fn triple() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "aarch64-unknown-linux-musl",
        _ => "x86_64-unknown-linux-musl",
    }
}

/// The name of this machine's file in the release.
pub fn file_name() -> String {
    format!("octopus-scale-in-{VERSION}-{}", triple())
}

/// A program of these lines of shell.
pub fn program(lines: &str) -> Vec<u8> {
    format!("#!/bin/sh\n{lines}\n").into_bytes()
}

/// A program that writes down how it was called, and ends with this code.
pub fn recorder(code: i32) -> Vec<u8> {
    program(&format!(
        "env -0 >\"$RECORD.$$\"; printf '%s\\0' \"ARGUMENTS=$*\" >>\"$RECORD.$$\"; mv \"$RECORD.$$\" \"$RECORD\"\n\
         echo 'the program ran'; exit {code}"
    ))
}

/// One worker, with a home, a Tentacle's home and a working directory of its own.
pub struct Worker {
    pub folder: TempDir,
    pub server: Server,
    parameters: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    hash: String,
    seconds: u32,
    starter: Vec<String>,
    preamble: String,
}

/// What a step left.
#[derive(Debug)]
pub struct Step {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Worker {
    /// A worker whose template knows this program, and a server that has it.
    pub fn knowing(program: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["home", "tentacle", "work"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let server = Server::start();
        server.answers(
            &format!("/{}", file_name()),
            &[Answer::Whole(program.to_vec())],
        );
        let at = |name: &str| folder.path().join(name).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let environment = [
            ("PATH", path),
            ("HOME", at("home")),
            ("TentacleHome", at("tentacle")),
            ("RECORD", at("record")),
        ];
        let hash = Sha256::digest(program);
        let hash = hash.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self {
            environment: environment.map(|(n, v)| (n.to_owned(), v)).into(),
            parameters: BTreeMap::new(),
            hash,
            seconds: 60,
            starter: Vec::new(),
            preamble: "Set-StrictMode -Version Latest".into(),
            folder,
            server,
        }
    }

    /// A worker that runs a program which writes down how it was called.
    pub fn recording() -> Self {
        Self::knowing(&recorder(0))
    }

    /// An Octopus variable of the step.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Octopus variables of the step.
    pub fn parameters(self, all: &[(&str, &str)]) -> Self {
        all.iter()
            .fold(self, |worker, (name, value)| worker.parameter(name, value))
    }

    /// An environment variable of the worker.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Environment variables of the worker.
    pub fn variables(self, all: &[(&str, &str)]) -> Self {
        all.iter()
            .fold(self, |worker, (name, value)| worker.variable(name, value))
    }

    /// What the release's server answers when it is asked for the program: one after the other, the last one for ever.
    pub fn answered(self, answers: &[Answer]) -> Self {
        self.server.answers(&format!("/{}", file_name()), answers);
        self
    }

    /// Takes an environment variable away.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// How long the template lets a download take.
    pub fn patient_for(mut self, seconds: u32) -> Self {
        self.seconds = seconds;
        self
    }

    /// What the template believes that the program's hash is.
    pub fn believing(mut self, hash: &str) -> Self {
        self.hash = hash.into();
        self
    }

    /// A command that starts PowerShell.
    pub fn started_by(mut self, starter: &[&str]) -> Self {
        self.starter = starter.iter().map(|&part| part.to_owned()).collect();
        self
    }

    /// What PowerShell is told before the step, instead of being strict: where the strict are content, all are.
    pub fn told(mut self, preamble: &str) -> Self {
        self.preamble = preamble.into();
        self
    }

    /// A place of this worker.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The hash that the template knows.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The name of the kept program.
    pub fn kept_name(&self) -> String {
        format!("octopus-scale-in-{VERSION}-{}", self.hash)
    }

    /// Where the program is kept below a folder of this worker.
    pub fn kept_in(&self, folder: &str) -> PathBuf {
        let folder = self.at(folder).join("octopus-scale-in");
        folder.join(self.kept_name())
    }

    /// Puts an executable file somewhere on this worker.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.at(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, bytes).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&file, mode).expect("it can run");
        file
    }

    /// The script body of the template, packed for this worker's release.
    pub fn script(&self) -> String {
        let release = Release {
            version: VERSION.into(),
            base_url: self.server.url().into(),
            seconds: self.seconds,
            sha256: [(triple().to_owned(), self.hash.clone())].into(),
        };
        let packed = Template::read().and_then(|sources| sources.pack(Some(&release)));
        let packed: serde_json::Value =
            serde_json::from_str(&packed.expect("it packs")).expect("JSON");
        let body = &packed["Properties"]["Octopus.Action.Script.ScriptBody"];
        body.as_str().expect("a script").to_owned()
    }

    /// Starts the step.
    pub fn start(&self) -> Running {
        self.start_script(&self.script())
    }

    /// Runs another script to its end, as this worker's step.
    pub fn run_script(&self, script: &str) -> Step {
        self.start_script(script).end()
    }

    fn start_script(&self, body: &str) -> Running {
        // Octopus hands secrets over in an encrypted file; here they are in a folder that no test looks into.
        let outside = tempfile::tempdir().expect("a folder");
        let script = outside.path().join("Script.ps1");
        std::fs::write(&script, body).expect("a file");
        let bootstrap = outside.path().join("Bootstrap.ps1");
        std::fs::write(&bootstrap, self.bootstrap(&script)).expect("a file");
        let command = format!(
            "Set-PSDebug -Trace 0; Try {{. {{. '{}'; if ((test-path variable:global:lastexitcode)) {{ exit $LastExitCode }}}};}} catch {{ throw }}",
            bootstrap.display()
        );
        let words = ["-ExecutionPolicy", "Unrestricted", "-Command", &command];
        let child = self.powershell(&words).spawn().expect("PowerShell starts");
        Running { child, outside }
    }

    /// PowerShell on this worker.
    pub fn powershell(&self, arguments: &[&str]) -> Command {
        let starter = self.starter.iter().map(String::as_str);
        let mut words = starter.chain(["pwsh", "-NoProfile", "-NoLogo", "-NonInteractive"]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).args(arguments).env_clear();
        command.envs(&self.environment).current_dir(self.at("work"));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        command
    }

    /// What Calamari does before and after a script, as far as a script can notice.
    fn bootstrap(&self, script: &Path) -> String {
        let mut text = String::from(
            "$ErrorActionPreference = 'Stop'\n$PSNativeCommandArgumentPassing = 'Legacy'\n\
             $OctopusParameters = New-Object 'System.Collections.Generic.Dictionary[string,string]' ([System.StringComparer]::OrdinalIgnoreCase)\n",
        );
        for (name, value) in &self.parameters {
            let value = base64(value);
            let _ = writeln!(
                text,
                "$OctopusParameters['{name}'] = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{value}'))"
            );
        }
        // Where the environment names a proxy, Calamari's own settings miss it on Linux.
        text.push_str(
            "$proxy = New-Object System.Net.WebProxy\n$proxy.Credentials = [System.Net.CredentialCache]::DefaultCredentials\n\
             [System.Net.WebRequest]::DefaultWebProxy = $proxy\n[System.Net.Http.HttpClient]::DefaultProxy = $proxy\n",
        );
        let (told, script) = (&self.preamble, script.display());
        let _ = writeln!(
            text,
            "{told}\ntry {{ . '{script}' }} catch {{ [Console]::Error.WriteLine(\"$_\"); exit 1 }}\n\
             if ((test-path variable:global:lastexitcode)) {{ exit $LastExitCode }}"
        );
        text
    }

    /// Runs the step to its end.
    pub fn run(&self) -> Step {
        self.start().end()
    }

    /// How the program was called in the last step: its environment, and its arguments as `ARGUMENTS`.
    pub fn record(&self) -> HashMap<String, String> {
        let record = std::fs::read_to_string(self.at("record")).expect("the program ran");
        let pairs = record.split('\0').filter_map(|pair| pair.split_once('='));
        pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
    }

    /// Whether the program ran.
    pub fn has_run(&self) -> bool {
        self.at("record").exists()
    }
}

/// A step under way.
pub struct Running {
    child: Child,
    outside: TempDir,
}

impl Running {
    pub fn end(self) -> Step {
        let output = self.child.wait_with_output().expect("it ends");
        drop(self.outside);
        Step::of(&output)
    }

    /// Waits for the next line of its output.
    pub fn line(&mut self) -> String {
        let stdout = self.child.stdout.as_mut().expect("it is piped");
        let bytes = std::io::Read::bytes(stdout).map_while(Result::ok);
        let line: Vec<u8> = bytes.take_while(|&byte| byte != b'\n').collect();
        String::from_utf8_lossy(&line).into_owned()
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it as an operating system does, without a word.
    pub fn kill(mut self) {
        self.child.kill().expect("it is there");
        let _ = self.child.wait();
    }
}

impl Step {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The step's log says this.
    #[track_caller]
    pub fn said(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "{words:?}: {}", self.stdout);
        self
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stderr, "", "nothing goes to standard error");
        self
    }

    /// The step failed before the program ran, and says why.
    #[track_caller]
    pub fn not_started(self, worker: &Worker, saying: &[&str]) {
        let step = self.code(10);
        assert!(!worker.has_run(), "the program ran: {}", step.stdout);
        let always = ["##octopus[stdout-error]", "Nothing was removed."];
        saying
            .iter()
            .chain(&always)
            .fold(step, |step, words| step.said(words));
    }
}
