//! Standard output, for whoever reads it.

use super::interrupt::{Effect, Interrupt};
use super::text::{self, safe};
use crate::clock::elapsed;
use crate::error::{Error, ExitCode};
use crate::secret::hide_keys;
use log::LevelFilter;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Octopus,
    Terminal {
        colour: bool,
        bar: bool,
        verbose: bool,
    },
}

/// Standard output, for whoever reads it.
#[derive(Debug)]
pub struct Console {
    audience: Audience,
    /// A progress bar stands on the current line.
    bar: Mutex<bool>,
    /// Standard output is gone.
    lost: AtomicBool,
    interrupt: Interrupt,
}

impl Console {
    /// Inside Octopus if `Octopus.Task.Id` is set.
    #[must_use]
    pub fn new(inside_octopus: bool) -> Arc<Self> {
        let terminal = std::io::stdout().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let verbose = std::env::var("RUST_LOG")
            .is_ok_and(|filter| filter.contains("debug") || filter.contains("trace"));
        let in_terminal = Audience::Terminal {
            colour: terminal && !plain,
            bar: terminal,
            verbose,
        };
        let audience = if inside_octopus {
            Audience::Octopus
        } else {
            in_terminal
        };
        Arc::new(Self {
            audience,
            bar: Mutex::new(false),
            lost: AtomicBool::new(false),
            interrupt: Interrupt::default(),
        })
    }

    /// Sends what libraries say to this log, as far as `RUST_LOG` asks for it; inside Octopus, by default, the requests of
    /// this program as verbose lines.
    pub fn install_diagnostics(self: &Arc<Self>) {
        let log = Arc::clone(self);
        let level = if self.audience == Audience::Octopus {
            LevelFilter::Debug
        } else {
            LevelFilter::Off
        };
        env_logger::Builder::new()
            .filter_module(env!("CARGO_CRATE_NAME"), level)
            .parse_default_env()
            .target(env_logger::Target::Stdout)
            .format(move |out, record| {
                let line = format!("{}: {}", record.target(), record.args());
                out.write_all(log.render(Level::Verbose, &[line], true).as_bytes())
            })
            .try_init()
            .unwrap_or_else(|_| log::debug!("diagnostics go to a logger that was there before"));
    }

    /// From now on a panic in any thread ends the whole process with [`ExitCode::Defect`], and asks people to report it:
    /// half a run must not go on.
    pub fn end_on_panics(self: &Arc<Self>) {
        let console = Arc::clone(self);
        std::panic::set_hook(Box::new(move |panic| {
            console.say(Level::Error, format_args!(
                "This is a defect in octopus-scale-in {}: {panic}. Please report it with this log. What was removed before stands above",
                env!("CARGO_PKG_VERSION")
            ));
            exit(i32::from(ExitCode::Defect as u8));
        }));
    }

    /// From now on Ctrl-C, and what else asks programs to end, ends the run: at once before the first removal, and after it so
    /// that no further one begins. Asked twice, it ends wherever it is.
    pub fn end_on_interrupts(self: &Arc<Self>) {
        let console = Arc::clone(self);
        let interrupted = move || {
            let (effect, _held) = console.interrupt.happened();
            let (line, code) = match effect {
                Effect::AtOnce => ("Interrupted. Nothing was removed", ExitCode::Interrupted),
                Effect::NoFurtherRemoval => {
                    return console.warn("Interrupted. What has begun is ended, and no further removal begins; interrupt once more to end at once");
                }
                Effect::WhereverItIs => (
                    "Interrupted again. What was removed before stands above; of what was under way nobody knows",
                    ExitCode::RemovalsFailed,
                ),
            };
            console.say(Level::Error, line);
            exit(i32::from(code as u8));
        };
        if let Err(error) = ctrlc::set_handler(interrupted) {
            self.warn(format_args!(
                "An interrupt would end this run without a word: {error}"
            ));
        }
    }

    /// Removals begin: from now on an interrupt does not end the run in the middle.
    pub fn removals_begin(&self) {
        self.interrupt.removals_begin();
    }

    /// Whether somebody asked the run to end, so that no further removal may begin.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_ending()
    }

    /// One line.
    pub fn say(&self, level: Level, line: impl Display) {
        self.block(level, &[line.to_string()]);
    }

    /// Lines that belong together.
    pub fn block(&self, level: Level, lines: &[String]) {
        if !lines.is_empty() {
            self.write(&self.render(level, lines, false));
        }
    }

    /// A line for whoever looks into details.
    pub fn verbose(&self, line: impl Display) {
        self.say(Level::Verbose, line);
    }

    /// A line for every reader.
    pub fn info(&self, line: impl Display) {
        self.say(Level::Info, line);
    }

    /// A line that somebody should look at.
    pub fn warn(&self, line: impl Display) {
        self.say(Level::Warning, line);
    }

    /// Prints why a run ended early, and gives its exit code.
    pub fn explain(&self, error: &Error) -> ExitCode {
        self.say(Level::Error, error);
        if let Error::Settings(problems) = error {
            let lines = problems.iter().map(|problem| format!("  {problem}"));
            self.block(Level::Error, &lines.collect::<Vec<String>>());
        }
        error.exit_code()
    }

    /// Something is waited for: how long already, and how long at most. That is no part of a work that is done, so Octopus's bar
    /// stays where it is.
    pub fn waiting(&self, what: &str, so_far: Duration, at_most: Duration) {
        let (so_far, at_most) = (elapsed(so_far), elapsed(at_most));
        self.progress(0, &format!("{what}: {so_far} of at most {at_most}"));
    }

    /// How far the removals are.
    pub fn progress(&self, percentage: usize, message: &str) {
        let percentage = percentage.min(100);
        let message = safe(message);
        match self.audience {
            Audience::Octopus => {
                let percentage = percentage.to_string();
                self.write(&text::service_message(
                    "progress",
                    &[("percentage", &percentage), ("message", &message)],
                ));
            }
            Audience::Terminal { bar: true, .. } => {
                self.write(&text::bar(percentage, &message));
                *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = true;
            }
            // A pipe or a file has no use for a bar; what happens has lines of its own.
            Audience::Terminal { bar: false, .. } => {}
        }
    }

    /// Sets an output variable of the step; in a terminal, shows it.
    pub fn output(&self, name: &str, value: &str) {
        let value = hide_keys(value);
        match self.audience {
            Audience::Octopus => self.write(&text::service_message(
                "setVariable",
                &[("name", name), ("value", &value)],
            )),
            Audience::Terminal { .. } => self.info(format_args!("{name} = {value}")),
        }
    }

    /// Names a file of the working directory that Octopus is to collect after the step. A terminal collects nothing.
    pub fn attach(&self, file: &Path, length: usize) {
        if self.audience != Audience::Octopus {
            return;
        }
        let length = length.to_string();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match std::path::absolute(file).as_deref().map(Path::to_str) {
            Ok(Some(path)) => {
                let artifact = [("path", path), ("name", &name), ("length", &length)];
                self.write(&text::service_message("createArtifact", &artifact));
            }
            Ok(None) => self
                .warn("The report could not be attached: the working directory's name is no text"),
            Err(error) => self.warn(format_args!("The report could not be attached: {error}")),
        }
    }

    fn render(&self, level: Level, lines: &[String], asked_for: bool) -> String {
        let lines = lines.iter().map(|line| safe(line));
        match self.audience {
            Audience::Octopus => text::octopus_lines(level.mode(), lines),
            Audience::Terminal { verbose: false, .. } if level == Level::Verbose && !asked_for => {
                String::new()
            }
            Audience::Terminal { colour, .. } => {
                let (word, code) = level.style();
                text::terminal_lines(word, code.filter(|_| colour), lines)
            }
        }
    }

    /// Whether standard output is gone: whoever read it will not have the rest of the log.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// One write per message, so that threads do not mix them. That the reader is gone ends no run by itself: it may be in the
    /// middle of something.
    fn write(&self, message: &str) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = std::io::stdout().lock();
        if std::mem::take(&mut *bar) {
            let _ = out.write_all(text::CLEAR_LINE.as_bytes());
        }
        let written = out.write_all(message.as_bytes()).and_then(|()| out.flush());
        if written.is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For whoever looks into details.
    Verbose,
    /// For every reader.
    Info,
    /// For the summary of the task.
    Highlight,
    /// Somebody should look at it.
    Warning,
    /// The step fails because of it.
    Error,
}

impl Level {
    /// The service message that makes Octopus show it so.
    fn mode(self) -> Option<&'static str> {
        match self {
            Self::Verbose => Some("stdout-verbose"),
            Self::Info => None,
            Self::Highlight => Some("stdout-highlight"),
            Self::Warning => Some("stdout-warning"),
            Self::Error => Some("stdout-error"),
        }
    }

    /// The word and the ANSI code that a terminal shows it with.
    fn style(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Verbose => ("", Some("2")),
            Self::Info => ("", None),
            Self::Highlight => ("", Some("1")),
            Self::Warning => ("warning: ", Some("33")),
            Self::Error => ("error: ", Some("31")),
        }
    }
}
