//! A run at a terminal: a pseudo-terminal, made by `script` of util-linux.

use crate::support::Run;
use crate::support::failure::expect_says;
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Whoever waits longer for words on the screen waits in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run at a terminal.
pub struct Terminal {
    script: Child,
    keyboard: Option<ChildStdin>,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    folder: TempDir,
}

/// What came of it.
pub struct Session {
    /// The exit code.
    pub code: Option<i32>,
    /// Everything that was on the screen.
    pub screen: String,
    /// What standard output was redirected to.
    pub redirected: String,
}

impl Session {
    /// What stands in the window in the end, line by line.
    pub fn window(&self, columns: u16) -> Vec<String> {
        window(&self.screen, columns)
    }
}

/// What a terminal shows of what was written to it.
fn window(written: &str, columns: u16) -> Vec<String> {
    let some = |count| NonZero::new(count).expect("a window has room");
    let mut terminal = vt100::Parser::new(some(100), some(columns), 0);
    terminal.process(written.as_bytes());
    let rows = terminal.screen().rows(0, columns);
    rows.filter(|row| !row.trim().is_empty()).collect()
}

impl Terminal {
    /// Starts it; standard output is the terminal, too.
    pub fn start(run: &Run) -> Self {
        Self::of(run, "", "")
    }

    /// Starts it in a window of so many columns, and, three seconds later, of so many.
    pub fn of_columns(run: &Run, columns: u16, later: u16) -> Self {
        let resized =
            format!("stty rows 40 cols {columns}; (sleep 3; stty cols {later} </dev/tty) & exec ");
        Self::of(run, &resized, "")
    }

    /// Starts it with standard output in a file.
    pub fn redirected(run: &Run) -> Self {
        Self::with(run, ">redirected")
    }

    /// Starts it with what a shell does at the end of its line.
    pub fn with(run: &Run, redirection: &str) -> Self {
        Self::of(run, "", &format!(" {redirection}"))
    }

    fn of(run: &Run, before: &str, redirection: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the run");
        let command = run.command(folder.path());
        let mut line = command.get_program().to_string_lossy().into_owned();
        for argument in command.get_args() {
            line = format!("{line} {}", argument.to_string_lossy());
        }
        let set = command.get_envs();
        let mut script = Command::new("/usr/bin/script")
            .env_clear()
            .env("TERM", "xterm-256color")
            .envs(set.filter_map(|(name, value)| Some((name, value?))))
            .env("SHELL", "/bin/sh")
            .args([
                "-q",
                "-e",
                "-c",
                &format!("{before}{line}{redirection}"),
                "/dev/null",
            ])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script, of util-linux, is there");
        let mut output = script.stdout.take().expect("it is piped");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&screen);
        let reader = spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            keyboard: script.stdin.take(),
            script,
            screen,
            reader,
            folder,
        }
    }

    /// Waits until these words are on the screen.
    #[track_caller]
    pub fn shows(&self, words: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.screen().contains(words) && Instant::now() < until {
            sleep(Duration::from_millis(10));
        }
        expect_says(
            &self.screen(),
            words,
            "who sits at the terminal waits in vain",
        );
    }

    /// Somebody types this.
    pub fn types(&mut self, text: &str) {
        let keyboard = self.keyboard.as_mut().expect("nobody has left");
        keyboard.write_all(text.as_bytes()).expect("it is typed");
    }

    /// Waits for the end. Whoever is asked from now on gets no answer.
    pub fn ends(mut self) -> Session {
        drop(self.keyboard.take());
        let code = self.script.wait().expect("the run ends").code();
        self.reader.join().expect("the screen can be read");
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        let redirected = std::fs::read_to_string(self.folder.path().join("redirected"));
        Session {
            code,
            screen: String::from_utf8_lossy(&screen).into_owned(),
            redirected: redirected.unwrap_or_default(),
        }
    }

    fn screen(&self) -> String {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&screen).into_owned()
    }
}
