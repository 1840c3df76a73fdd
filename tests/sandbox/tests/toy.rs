//! The sandbox as a program: what it says, and what can be done to its world while it runs.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A sandbox that is served, with a temporary folder of its own for what it writes down.
struct Served {
    process: Child,
    folder: TempDir,
    /// What it printed until it was ready.
    environment: String,
}

impl Served {
    fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), options)
    }

    fn start_in(folder: TempDir, options: &[&str]) -> Self {
        let log = std::fs::File::create(folder.path().join("said")).unwrap();
        let mut process = program(&folder)
            .arg("serve")
            .args(options)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut environment = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        while !environment.contains("# Running") {
            let read = lines.read_line(&mut environment).unwrap();
            assert_ne!(read, 0, "it ended before it was ready: {environment}");
        }
        Self {
            process,
            folder,
            environment,
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).unwrap()
    }

    fn try_command(&self, words: &[&str]) -> Output {
        program(&self.folder).args(words).output().unwrap()
    }

    #[track_caller]
    fn command(&self, words: &[&str]) -> String {
        let output = self.try_command(words);
        let said = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}{errors}");
        said
    }

    #[track_caller]
    fn refusal(&self, words: &[&str]) -> String {
        let output = self.try_command(words);
        assert!(!output.status.success(), "{words:?} was done");
        String::from_utf8(output.stderr).unwrap()
    }

    fn variable(&self, name: &str) -> String {
        let begins = format!("export {name}='");
        let mut lines = self.environment.lines();
        let value = lines.find_map(|line| line.strip_prefix(&begins)?.strip_suffix('\''));
        value
            .unwrap_or_else(|| panic!("{name} is in {}", self.environment))
            .to_owned()
    }

    /// The names of Octopus's targets, asked for over plain HTTP.
    fn targets(&self) -> Vec<String> {
        let rows = self.octopus("/api/Spaces-1/machines?skip=0&take=100");
        let rows = rows["Items"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["Name"].as_str().unwrap().to_owned())
            .collect()
    }

    fn octopus(&self, path: &str) -> Value {
        let address = self.octopus_address();
        let key = self.variable("VMSS_OCTOPUS_APIKEY");
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Octopus-ApiKey: {key}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    fn octopus_address(&self) -> String {
        let url = self.variable("VMSS_OCTOPUS_URL");
        url.strip_prefix("http://")
            .expect("served with --http")
            .to_owned()
    }

    fn azure_address(&self) -> String {
        let url = self.variable("VMSS_AZURE_ACCOUNT_RESOURCEMANAGEMENTENDPOINTBASEURI");
        url.strip_prefix("https://").unwrap().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    for name in ["TMPDIR", "TMP", "TEMP"] {
        program.env(name, folder.path());
    }
    program.env("SANDBOX_DOES_NOT_WAIT", "1");
    program
}

#[test]
fn serve_says_what_to_type_next_in_both_shells_and_what_can_be_changed() {
    let said = Served::start(&[]).said();
    for words in [
        "eval \"$(",
        " env)\"",
        "env --powershell | Out-String | Invoke-Expression",
        "--dry-run",
        "sandbox scale-in COUNT",
        "sandbox stop octopus|azure",
        "Scale set web: 5 instances",
        "Ctrl-C here stops both",
    ] {
        assert!(said.contains(words), "{words}:\n{said}");
    }
}

#[test]
fn both_services_take_connections_when_it_says_that_it_runs() {
    let served = Served::start(&["--http"]);
    TcpStream::connect(served.octopus_address()).unwrap();
    TcpStream::connect(served.azure_address()).unwrap();
}

#[test]
fn the_environment_is_the_same_for_both_shells_and_in_the_file() {
    let served = Served::start(&[]);
    let pairs = |text: &str, before: &str, between: &str| -> Vec<(String, String)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(before));
        lines
            .map(|line| line.split_once(between).unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let file = pairs(&served.environment, "export ", "=");
    assert!(
        file.iter().any(|(name, _)| name == "SSL_CERT_FILE"),
        "{file:?}"
    );
    assert_eq!(pairs(&served.command(&["env"]), "export ", "="), file);
    let powershell = served.command(&["env", "--powershell"]);
    assert_eq!(pairs(&powershell, "$env:", " = "), file);
}

#[test]
fn machines_go_and_their_targets_stay() {
    let served = Served::start(&["--http"]);
    let before = served.targets();

    let said = served.command(&["scale-in", "2"]);

    assert!(said.contains("Gone: web000004, web000006."), "{said}");
    assert_eq!(served.targets(), before);
    let status = served.command(&["status"]);
    assert!(status.contains("3 instances"), "{status}");
    assert!(
        status.contains("web000004, web000005, web000006"),
        "{status}"
    );
    let row = served.octopus("/api/Spaces-1/machines/Machines-7");
    assert_eq!(row["Name"], "web000006");
    assert_eq!(row["HealthStatus"], "Unavailable", "Octopus has noticed");
}

#[test]
fn machines_come_and_register() {
    let served = Served::start(&["--http"]);
    let before = served.targets().len();

    let said = served.command(&["scale-out", "3"]);

    assert!(said.contains("web000007, web000008, web000009"), "{said}");
    let targets = served.targets();
    assert_eq!(targets.len(), before + 3);
    assert!(targets.contains(&"web000009".to_owned()), "{targets:?}");
}

#[test]
fn what_is_published_has_run() {
    let empty = Served::start(&["--empty", "--http"]);
    let refusal = empty.refusal(&["ran"]);
    assert!(refusal.contains("No runbook is published"), "{refusal}");

    let served = Served::start(&["--guide", "--http"]);
    let runs = || {
        let path = "/api/Spaces-1/tasks?name=RunbookRun&environment=Environments-1&skip=0&take=30";
        served.octopus(path)["TotalResults"].as_u64().unwrap()
    };
    let before = runs();
    let said = served.command(&["ran"]);
    assert!(said.contains("Remove scaled-in targets"), "{said}");
    assert_eq!(runs(), before + 1);
}

#[test]
fn a_service_that_is_stopped_refuses_connections_and_comes_back_at_its_address() {
    let served = Served::start(&["--http"]);
    let connects = |address: String| TcpStream::connect(address).is_ok();

    served.command(&["stop", "octopus"]);
    assert!(!connects(served.octopus_address()));
    assert!(connects(served.azure_address()));
    let status = served.command(&["status"]);
    assert!(status.contains("Octopus is stopped."), "{status}");

    served.command(&["stop", "azure"]);
    assert!(!connects(served.azure_address()));

    served.command(&["start", "octopus"]);
    assert!(connects(served.octopus_address()));
    assert!(!served.targets().is_empty());
}

#[test]
fn a_stop_ends_connections_that_are_open() {
    let served = Served::start(&["--http"]);
    let mut open = TcpStream::connect(served.octopus_address()).unwrap();
    open.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    // One whole exchange, so that the connection is surely the server's.
    open.write_all(b"GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    assert_ne!(open.read(&mut [0; 4096]).unwrap(), 0);

    served.command(&["stop", "octopus"]);

    let mut rest = Vec::new();
    let ended = open.read_to_end(&mut rest);
    let kind = ended.as_ref().err().map(std::io::Error::kind);
    assert_ne!(
        kind,
        Some(std::io::ErrorKind::WouldBlock),
        "it is still open"
    );
}

#[test]
fn every_answer_can_be_made_late() {
    let served = Served::start(&["--http"]);
    let takes = || {
        let began = Instant::now();
        served.targets();
        began.elapsed()
    };
    served.command(&["slow", "700ms"]);
    assert!(takes() >= Duration::from_millis(700));
    let status = served.command(&["status"]);
    assert!(status.contains("Every answer takes 700ms."), "{status}");
    served.command(&["slow", "0"]);
    assert!(takes() < Duration::from_millis(700));
}

#[test]
fn reset_brings_everything_back() {
    let served = Served::start(&["--http"]);
    let (before, status) = (served.targets(), served.command(&["status"]));
    for words in [
        &["scale-in", "3"][..],
        &["scale-out", "9"],
        &["slow", "1s"],
        &["stop", "octopus"],
    ] {
        served.command(words);
    }

    served.command(&["reset"]);

    assert_eq!(served.targets(), before);
    let first = |text: &str| text.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(first(&served.command(&["status"])), first(&status));
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let served = Served::start(&["--http"]);
    let before = served.targets();
    for (words, why) in [
        (&["scale-in", "6"][..], "has 5 instances, and cannot lose 6"),
        (&["scale-in", "-1"], "no number from 1 to 10000"),
        (&["scale-out", "10001"], "no number from 1 to 10000"),
        (&["stop", "moon"], "neither octopus nor azure"),
        (&["slow", "11m"], "no time up to ten minutes"),
        (&["slow", "NaN"], "no time up to ten minutes"),
        (&["scale-in"], "The sandbox knows these"),
        (&["frobnicate"], "Usage: sandbox story"),
    ] {
        let refusal = served.refusal(words);
        assert!(refusal.contains(why), "{words:?}: {refusal}");
    }
    assert_eq!(served.targets(), before);
}

#[test]
fn without_a_sandbox_a_command_says_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(&folder).arg("status").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("No sandbox is running") && said.contains("sandbox serve"),
        "{said}"
    );
}

#[test]
fn the_environment_is_waited_for_while_serve_is_still_being_built() {
    let folder = tempfile::tempdir().unwrap();
    let mut early = program(&folder);
    early.arg("env").env_remove("SANDBOX_DOES_NOT_WAIT");
    let early = early
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    let served = Served::start_in(folder, &[]);

    let said = String::from_utf8(early.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(said, served.command(&["env"]));
    assert!(said.contains("export VMSS_OCTOPUS_URL="), "{said}");
}

#[test]
fn two_sandboxes_are_told_apart_by_their_ports() {
    let port = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port().to_string()
    };
    let (first_port, second_port) = (port(), port());
    let first = Served::start(&["--port", &first_port]);
    let second = Served::start(&["--port", &second_port]);
    assert!(
        first.said().contains(&format!("--port {first_port}")),
        "{}",
        first.said()
    );

    // From anywhere: the folder of the other one has nothing to do with it.
    first.command(&["scale-out", "1", "--port", &second_port]);

    let status = |of: &Served| of.command(&["status"]);
    assert!(status(&first).contains("5 instances"), "{}", status(&first));
    assert!(
        status(&second).contains("6 instances"),
        "{}",
        status(&second)
    );
}

#[cfg(unix)]
#[test]
fn the_story_shows_what_it_builds() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\necho \"cargo $*\"\nexit 1\n").unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();

    let told = program(&folder)
        .arg("story")
        .env("CARGO", &cargo)
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&told.stdout);
    assert!(
        said.contains("Now cargo builds the program itself"),
        "{said}"
    );
    assert!(
        said.contains("cargo build --workspace --bins"),
        "not silently: {said}"
    );
    let why = String::from_utf8_lossy(&told.stderr);
    assert!(why.contains("could not be built; see above"), "{why}");
}

/// What is written down, where it is.
#[cfg(unix)]
fn notes(folder: &TempDir) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect()
}

#[cfg(unix)]
#[test]
fn where_commands_go_is_written_down_for_the_user_alone_and_goes_with_the_sandbox() {
    use std::os::unix::fs::PermissionsExt;
    for signal in ["INT", "TERM"] {
        let mut served = Served::start(&[]);
        let written = notes(&served.folder);
        assert_eq!(written.len(), 1, "{written:?}");
        let mode = written[0].metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{mode:o}");

        let process = served.process.id().to_string();
        Command::new("kill")
            .args(["-s", signal, &process])
            .status()
            .unwrap();

        assert!(
            served.process.wait().unwrap().success(),
            "it ends well after {signal}"
        );
        let left = std::fs::read_dir(served.folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["said"], "nothing of it is left after {signal}");
    }
}

#[cfg(unix)]
#[test]
fn what_others_may_have_written_down_is_not_believed() {
    use std::os::unix::fs::PermissionsExt;
    let served = Served::start(&[]);
    let note = notes(&served.folder).remove(0);
    std::fs::set_permissions(&note, std::fs::Permissions::from_mode(0o666)).unwrap();
    let refusal = served.refusal(&["status"]);
    assert!(refusal.contains("others may have written it"), "{refusal}");
}

#[test]
fn with_the_guide_two_keys_are_in_the_environment() {
    let served = Served::start(&["--guide"]);
    assert!(served.environment.contains("export OCTOPUS_API_KEY='API-"));
    assert!(
        served
            .environment
            .contains("export VMSS_OCTOPUS_APIKEY='API-")
    );
    let empty = Served::start(&["--empty"]);
    assert!(empty.environment.contains("export OCTOPUS_API_KEY='API-"));
    let plain = Served::start(&[]);
    assert!(!plain.environment.contains("export OCTOPUS_API_KEY="));
}
