//! Standard output and standard error, for whoever reads them.

use super::audience::{Answer, Audience, ByHand, Detail, Level, ResultForm};
use super::interrupt::{Effect, Interrupt};
use super::text::{self, safe};
use crate::clock::elapsed;
use crate::error::{Error, ExitCode};
use crate::secret::{hide_keys, hide_secrets};
use log::LevelFilter;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Output,
    Error,
}

/// Standard output and, by hand, standard error, for whoever reads them.
#[derive(Debug)]
pub struct Console {
    audience: Audience,
    /// Details were asked for in one way or the other.
    details: bool,
    /// Nobody wants colours.
    plain: bool,
    /// A progress bar stands on the current line.
    bar: Mutex<bool>,
    /// A stream is gone.
    lost: AtomicBool,
    interrupt: Interrupt,
}

impl Console {
    /// For this audience.
    #[must_use]
    pub fn new(audience: Audience) -> Arc<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let filter = std::env::var("RUST_LOG").unwrap_or_default();
        let details = match audience {
            Audience::Octopus => true,
            Audience::ByHand(ByHand { detail, .. }) => match detail {
                Detail::Errors => false,
                Detail::Usual => filter.contains("debug") || filter.contains("trace"),
                Detail::Requests | Detail::Everything => true,
            },
        };
        Arc::new(Self {
            audience,
            details,
            plain: set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb"),
            bar: Mutex::new(false),
            lost: AtomicBool::new(false),
            interrupt: Interrupt::default(),
        })
    }

    /// Sends what libraries say to this log, as far as it is asked for: in `RUST_LOG`, or by hand with flags. Inside Octopus
    /// the requests of this program are verbose lines by default.
    pub fn install_diagnostics(self: &Arc<Self>) {
        let mut builder = env_logger::Builder::new();
        // Without a default of its own the logger would show the errors of every library.
        builder.filter_level(LevelFilter::Off);
        let detail = match self.audience {
            Audience::Octopus => Detail::Requests,
            Audience::ByHand(ByHand { detail, .. }) => detail,
        };
        match detail {
            Detail::Errors | Detail::Usual => {}
            Detail::Requests => {
                builder.filter_module(env!("CARGO_CRATE_NAME"), LevelFilter::Debug);
            }
            Detail::Everything => {
                builder.filter_level(LevelFilter::Debug);
            }
        }
        if detail != Detail::Errors {
            builder.parse_default_env();
        }
        let log = Arc::clone(self);
        builder
            .target(env_logger::Target::Pipe(Box::new(Pipe(Arc::clone(self)))))
            .format(move |out, record| {
                let line = format!("{}: {}", record.target(), record.args());
                let text = log.render(Stream::Error, Level::Verbose, &[line]);
                out.write_all(text.as_bytes())
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
        self.lines(Stream::Error, level, lines);
    }

    /// Lines of the result: what is, or would be, done. By hand they alone are on standard output.
    pub fn result(&self, level: Level, lines: &[String]) {
        let stream = match self.audience {
            Audience::ByHand(ByHand {
                result: ResultForm::Document,
                ..
            }) => Stream::Error,
            Audience::Octopus | Audience::ByHand(_) => Stream::Output,
        };
        self.lines(stream, level, lines);
    }

    /// The result as a document in JSON, where that was asked for.
    pub fn document(&self, json: &str) {
        let text = text::harmless_json(&hide_keys(json)) + "\n";
        self.write(Stream::Output, &text);
    }

    fn lines(&self, stream: Stream, level: Level, lines: &[String]) {
        let shown = match (self.audience, level) {
            (Audience::ByHand(it), Level::Info | Level::Highlight | Level::Warning) => {
                stream == Stream::Output || it.detail > Detail::Errors
            }
            (_, Level::Verbose) => self.details,
            (_, Level::Error) | (Audience::Octopus, _) => true,
        };
        if shown && !lines.is_empty() {
            self.write(stream, &self.render(stream, level, lines));
        }
    }

    /// Whether a person is there to be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        match self.audience {
            Audience::Octopus => false,
            Audience::ByHand(_) => {
                std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
            }
        }
    }

    /// Whether what is said as the result stands on the terminal where a person is asked.
    #[must_use]
    pub fn shows_result(&self) -> bool {
        match self.audience {
            Audience::Octopus => true,
            Audience::ByHand(ByHand { result, .. }) => {
                result == ResultForm::Lines && std::io::stdout().is_terminal()
            }
        }
    }

    /// Asks a question that is answered with yes or no. No answer is a no.
    #[must_use]
    pub fn ask(&self, question: &str) -> Answer {
        let question = safe(&self.in_their_words(question));
        self.write(Stream::Error, &format!("{question} [y/N] "));
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        if !answer.ends_with('\n') {
            self.write(Stream::Error, "\n");
        }
        match (read, answer.trim().to_ascii_lowercase().as_str()) {
            (Ok(_), "y" | "yes") => Answer::Yes,
            (Ok(_) | Err(_), _) => Answer::No,
        }
    }

    /// A text that somebody asked for, such as the help, on standard output.
    pub fn page(&self, plain: &str, coloured: &str) {
        let coloured = self.colours(Stream::Output).then_some(coloured);
        self.write(Stream::Output, &hide_secrets(coloured.unwrap_or(plain)));
    }

    /// What is wrong with the command line, in a form of its own; inside Octopus lines like others.
    pub fn refuse(&self, plain: &str, coloured: &str) {
        match self.audience {
            Audience::Octopus => {
                let lines: Vec<String> = plain.lines().map(str::to_owned).collect();
                self.block(Level::Error, &lines);
            }
            Audience::ByHand(_) => {
                let coloured = self.colours(Stream::Error).then_some(coloured);
                self.write(Stream::Error, &hide_secrets(coloured.unwrap_or(plain)));
            }
        }
    }

    fn colours(&self, stream: Stream) -> bool {
        let terminal = match stream {
            Stream::Output => std::io::stdout().is_terminal(),
            Stream::Error => std::io::stderr().is_terminal(),
        };
        terminal && !self.plain
    }

    fn in_their_words(&self, line: &str) -> String {
        match self.audience {
            Audience::Octopus => line.to_owned(),
            Audience::ByHand(ByHand { words, .. }) => words(line),
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
                let attributes = [("percentage", &*percentage), ("message", &message)];
                self.write(
                    Stream::Output,
                    &text::service_message("progress", &attributes),
                );
            }
            // A pipe or a file has no use for a bar; what happens has lines of its own.
            Audience::ByHand(ByHand { detail, .. }) => {
                if detail > Detail::Errors && std::io::stderr().is_terminal() {
                    self.write(Stream::Error, &text::bar(percentage, &message));
                    *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = true;
                }
            }
        }
    }

    /// Sets an output variable of the step; by hand a detail.
    pub fn output(&self, name: &str, value: &str) {
        let value = hide_keys(value);
        match self.audience {
            Audience::Octopus => self.write(
                Stream::Output,
                &text::service_message("setVariable", &[("name", name), ("value", &value)]),
            ),
            Audience::ByHand(_) => self.verbose(format_args!("{name} = {value}")),
        }
    }

    /// Writes the report where Octopus collects it after the step, and leaves it there. A terminal has none.
    pub fn attach_report(&self, name: &str, lines: &[String]) {
        match self.audience {
            Audience::Octopus => {}
            Audience::ByHand(_) => return,
        }
        let text: String = lines.iter().map(|line| safe(line) + "\n").collect();
        let written =
            std::path::absolute(name).and_then(|path| std::fs::write(&path, &text).map(|()| path));
        match written.as_deref().map(Path::to_str) {
            Ok(Some(path)) => {
                let length = text.len().to_string();
                let artifact = [("path", path), ("name", name), ("length", length.as_str())];
                self.write(
                    Stream::Output,
                    &text::service_message("createArtifact", &artifact),
                );
            }
            Ok(None) => self
                .warn("The report could not be attached: the working directory's name is no text"),
            Err(error) => self.warn(format_args!("The report could not be written: {error}")),
        }
    }

    fn render(&self, stream: Stream, level: Level, lines: &[String]) -> String {
        let lines = lines.iter();
        match self.audience {
            Audience::Octopus => text::octopus_lines(level.mode(), lines.map(|line| safe(line))),
            Audience::ByHand(ByHand { words, .. }) => {
                let (word, code) = level.style();
                let code = code.filter(|_| self.colours(stream));
                text::terminal_lines(word, code, lines.map(|line| safe(&words(line))))
            }
        }
    }

    /// Whether somebody will not have the rest of the log. By hand either stream counts, as soon as a line did not reach it:
    /// one holds what was to be removed, the other what was.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// One write per message, so that threads do not mix them. That the reader is gone ends no run by itself: it may be in the
    /// middle of something.
    fn write(&self, stream: Stream, message: &str) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut *bar) {
            let _ = write_to(&mut std::io::stderr().lock(), text::CLEAR_LINE);
        }
        let stream = match self.audience {
            Audience::Octopus => Stream::Output,
            Audience::ByHand(_) => stream,
        };
        let written = match stream {
            Stream::Output => write_to(&mut std::io::stdout().lock(), message),
            Stream::Error => write_to(&mut std::io::stderr().lock(), message),
        };
        if written.is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

fn write_to(out: &mut impl Write, message: &str) -> std::io::Result<()> {
    out.write_all(message.as_bytes()).and_then(|()| out.flush())
}

/// Where diagnostics go: a line at a time, between the other lines.
struct Pipe(Arc<Console>);

impl Write for Pipe {
    fn write(&mut self, lines: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        self.0.write(Stream::Error, &text);
        Ok(lines.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
