//! Standard output and standard error, for whoever reads them.

use super::audience::{Audience, ByHand, Detail, Level, ResultForm};
use super::interrupt::Interrupt;
use super::status::{self, Manner, StatusLine};
use super::text::{self, safe};
use crate::error::{Error, ExitCode, without_numbers};
use crate::http::Watch;
use crate::secret::{hide_keys, hide_secrets};
use ::console::Term;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Output,
    Error,
}

impl Stream {
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Output => std::io::stdout().is_terminal(),
            Self::Error => std::io::stderr().is_terminal(),
        }
    }

    /// The width of its window, where it has one.
    fn width(self) -> Option<usize> {
        let window = match self {
            Self::Output => Term::stdout(),
            Self::Error => Term::stderr(),
        };
        let size = window.size_checked();
        size.map(|(_, columns)| usize::from(columns))
    }
}

/// Standard output and, by hand, standard error, for whoever reads them.
#[derive(Debug)]
pub struct Console {
    pub(super) audience: Audience,
    /// Details were asked for in one way or the other.
    details: bool,
    /// Nobody wants colours.
    plain: bool,
    status: StatusLine,
    /// A stream is gone.
    lost: AtomicBool,
    has_document: AtomicBool,
    /// A question waits at the end of its line.
    asking: AtomicBool,
    pub(super) interrupt: Interrupt,
}

impl Console {
    /// For this audience.
    #[must_use]
    pub fn new(audience: Audience) -> Arc<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let filter = std::env::var("RUST_LOG").unwrap_or_default();
        let details = match &audience {
            Audience::Octopus => true,
            Audience::ByHand(ByHand { detail, .. }) => match detail {
                Detail::Errors => false,
                Detail::Usual => filter.contains("debug") || filter.contains("trace"),
                Detail::Requests | Detail::Everything => true,
            },
        };
        let plain = set("NO_COLOR").is_some() || set("TERM").is_some_and(|term| term == "dumb");
        let manner = match &audience {
            Audience::ByHand(ByHand { detail, .. })
                if *detail > Detail::Errors && std::io::stderr().is_terminal() =>
            {
                match plain {
                    true => Manner::Staying,
                    false => Manner::Changing,
                }
            }
            Audience::ByHand(_) | Audience::Octopus => Manner::Hidden,
        };
        Arc::new(Self {
            audience,
            details,
            plain,
            status: StatusLine::new(manner),
            lost: AtomicBool::new(false),
            has_document: AtomicBool::new(false),
            asking: AtomicBool::new(false),
            interrupt: Interrupt::default(),
        })
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
        self.lines(self.result_stream(), level, lines);
    }

    /// A line of the result in which everything is called as it should be already.
    pub fn finding(&self, level: Level, line: &str) {
        let stream = Stream::Output;
        let text = self.render_as_is(stream, level, &[line.to_owned()]);
        self.write(stream, &text);
    }

    pub(super) fn result_stream(&self) -> Stream {
        match self.result_form() {
            ResultForm::Lines => Stream::Output,
            ResultForm::Document => Stream::Error,
        }
    }

    /// In which form standard output holds the result.
    #[must_use]
    pub fn result_form(&self) -> ResultForm {
        match &self.audience {
            Audience::Octopus => ResultForm::Lines,
            Audience::ByHand(ByHand { result, .. }) => *result,
        }
    }

    /// Why the run ended early, as a document where one was asked for and there is none yet.
    pub fn early_end(&self, why: &str, code: ExitCode) {
        match &self.audience {
            Audience::ByHand(ByHand {
                result: ResultForm::Document,
                ended,
                ..
            }) => self.document(&ended(why, code)),
            Audience::ByHand(_) | Audience::Octopus => {}
        }
    }

    /// The result as a document in JSON. There is one: a second is not written.
    pub fn document(&self, json: &str) {
        if !self.has_document.swap(true, Ordering::Relaxed) {
            self.write(Stream::Output, &hide_keys(json));
        }
    }

    fn lines(&self, stream: Stream, level: Level, lines: &[String]) {
        let shown = match (&self.audience, level) {
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

    /// A text that somebody asked for, such as the help, on standard output.
    pub fn page(&self, plain: &str, coloured: &str) {
        let coloured = self.colours(Stream::Output).then_some(coloured);
        self.write(Stream::Output, &hide_secrets(coloured.unwrap_or(plain)));
    }

    /// What is wrong with the command line, in a form of its own; inside Octopus lines like others.
    pub fn refuse(&self, plain: &str, coloured: &str) {
        match &self.audience {
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
        stream.is_terminal() && !self.plain
    }

    /// The line with settings called as whoever reads it calls them.
    #[must_use]
    pub fn in_their_words(&self, line: &str) -> String {
        match &self.audience {
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
        match &self.audience {
            Audience::Octopus => self.octopus_progress(0, &status::waiting(what, so_far, at_most)),
            Audience::ByHand(_) => self
                .status
                .waiting(&self.in_their_words(what), so_far, at_most),
        }
    }

    /// How far the removals are.
    pub fn progress(&self, done: usize, of: usize) {
        match &self.audience {
            Audience::Octopus => {
                let percentage = done * 100 / of.max(1);
                self.octopus_progress(percentage, &format!("{done} of {of}"));
            }
            Audience::ByHand(_) => self.status.work(done, of),
        }
    }

    fn octopus_progress(&self, percentage: usize, message: &str) {
        let (percentage, message) = (percentage.min(100).to_string(), safe(message));
        let attributes = [("percentage", &*percentage), ("message", &message)];
        let message = text::service_message("progress", &attributes);
        self.write(Stream::Output, &message);
    }

    /// From now on a person at a terminal learns who does not answer.
    pub fn watch(&self, watch: &Watch) {
        self.status.watch(watch);
    }

    /// Sets an output variable of the step; by hand a detail.
    pub fn output(&self, name: &str, value: &str) {
        let value = hide_keys(value);
        match &self.audience {
            Audience::Octopus => self.write(
                Stream::Output,
                &text::service_message("setVariable", &[("name", name), ("value", &value)]),
            ),
            Audience::ByHand(_) => self.verbose(format_args!("{name} = {value}")),
        }
    }

    /// Names a file of the working directory that Octopus is to collect after the step. A terminal collects nothing.
    pub fn attach(&self, file: &Path, length: usize) {
        match &self.audience {
            Audience::Octopus => {}
            Audience::ByHand(_) => return,
        }
        let length = length.to_string();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match std::path::absolute(file).as_deref().map(Path::to_str) {
            Ok(Some(path)) => {
                let artifact = [("path", path), ("name", &name), ("length", &length)];
                let message = text::service_message("createArtifact", &artifact);
                self.write(Stream::Output, &message);
            }
            Ok(None) => self
                .warn("The report could not be attached: the working directory's name is no text. Give the worker's folder a name of plain letters."),
            Err(error) => self.warn(format_args!(
                "The report could not be attached: {}. Look at the folder that the step runs in.",
                without_numbers(&error.to_string())
            )),
        }
    }

    pub(super) fn render(&self, stream: Stream, level: Level, lines: &[String]) -> String {
        let lines: Vec<String> = lines.iter().map(|line| self.in_their_words(line)).collect();
        self.render_as_is(stream, level, &lines)
    }

    fn render_as_is(&self, stream: Stream, level: Level, lines: &[String]) -> String {
        let lines = lines.iter().map(|line| safe(line));
        match &self.audience {
            Audience::Octopus => text::octopus_lines(level.mode(), lines),
            Audience::ByHand(_) => {
                let (word, code) = level.style();
                let code = code.filter(|_| self.colours(stream));
                text::terminal_lines(word, code, stream.width(), lines)
            }
        }
    }

    /// Whether a question waits for its answer: what is written meanwhile begins on a line of its own.
    pub(super) fn asks(&self, waits: bool) {
        self.asking.store(waits, Ordering::Relaxed);
    }

    /// Whether somebody will not have the rest of the log. By hand either stream counts, as soon as a line did not reach it:
    /// one holds what was to be removed, the other what was.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// One write per message, so that threads do not mix them. That the reader is gone ends no run by itself: it may be in the
    /// middle of something.
    pub(super) fn write(&self, stream: Stream, message: &str) {
        let stream = match &self.audience {
            Audience::Octopus => Stream::Output,
            Audience::ByHand(_) => stream,
        };
        let message = match self.asking.swap(false, Ordering::Relaxed) {
            true => &format!("\n{message}"),
            false => message,
        };
        let written = self.status.aside(|| match stream {
            Stream::Output => write_to(&mut std::io::stdout().lock(), message),
            Stream::Error => write_to(&mut std::io::stderr().lock(), message),
        });
        if written.is_err() {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

fn write_to(out: &mut impl Write, message: &str) -> std::io::Result<()> {
    out.write_all(message.as_bytes()).and_then(|()| out.flush())
}
