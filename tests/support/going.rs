//! A run that goes on while a scenario looks at it, and may be interrupted.

use crate::support::outcome::Place;
use crate::support::{Outcome, Run};
use sandbox::{Route, Sandbox};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A run that goes on, and what it says in the end.
pub struct Going {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Going {
    /// Begins it.
    pub fn on(run: &Run) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the run");
        let mut command = run.command(folder.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            child: command.spawn().expect("the binary starts"),
            _folder: folder,
        }
    }

    /// Sends it a signal, by its name.
    pub fn interrupt(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("kill is there").success(), "the run is over");
    }

    /// Waits for the end of a step.
    pub fn end(self) -> Outcome {
        self.end_at(Place::Octopus)
    }

    /// Waits for its end.
    pub fn end_at(self, place: Place) -> Outcome {
        let output = self.child.wait_with_output().expect("the run ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the log is text");
        let code = output.status.code().expect("no signal killed it");
        Outcome::read(code, place, text(output.stdout), text(output.stderr))
    }
}

/// Waits until the sandbox was asked so often.
pub fn once_asked(sandbox: &Sandbox, route: Route, times: usize) {
    let patience = Instant::now() + Duration::from_secs(20);
    while sandbox.count(route) < times {
        assert!(Instant::now() < patience, "the run never asked");
        std::thread::sleep(Duration::from_millis(10));
    }
}
