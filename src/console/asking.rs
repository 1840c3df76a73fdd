//! The question to somebody at a terminal.

use super::audience::{Answer, Audience, ByHand, Detail};
use super::streams::{Console, Stream};
use super::text::safe;
use std::fs::File;
use std::io::{IsTerminal, Write, stdin};

/// Where a question stands.
enum Desk {
    /// On standard error.
    Error,
    /// On the terminal itself, since standard error goes elsewhere.
    Terminal(File),
}

impl Console {
    /// Whether a person is there to be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        match &self.audience {
            Audience::Octopus => false,
            Audience::ByHand(_) => stdin().is_terminal(),
        }
    }

    /// Asks a question that is answered with yes or no, with what it is about where that is not in view. No answer is a no, and
    /// so is a terminal that cannot be written to. What was typed before is no answer: nobody had read the question.
    #[must_use]
    pub fn ask(&self, about: &str, question: &str) -> Answer {
        let Some(desk) = Desk::open() else {
            self.warn("Nobody can be asked, because there is no terminal to ask on. Add --no-prompt, if nobody is to be asked.");
            return Answer::No;
        };
        forget_what_was_typed();
        let words = |text: &str| safe(&self.in_their_words(text));
        if !self.shows_result() {
            self.write_at(&desk, &format!("{}\n", words(about)));
        }
        self.write_at(&desk, &format!("{} [y/N] ", words(question)));
        self.asks(true);
        let mut answer = String::new();
        let read = stdin().read_line(&mut answer);
        self.asks(false);
        if !answer.ends_with('\n') {
            self.write_at(&desk, "\n");
        }
        match (read, answer.trim().to_ascii_lowercase().as_str()) {
            (Ok(_), "y" | "yes") => Answer::Yes,
            (Ok(_) | Err(_), _) => Answer::No,
        }
    }

    /// Whether what is said as the result stands on the terminal where a person is asked.
    fn shows_result(&self) -> bool {
        let detail = match &self.audience {
            Audience::Octopus => Detail::Everything,
            Audience::ByHand(ByHand { detail, .. }) => *detail,
        };
        match self.result_stream() {
            Stream::Output => Stream::Output.is_terminal(),
            Stream::Error => Stream::Error.is_terminal() && detail > Detail::Errors,
        }
    }

    fn write_at(&self, desk: &Desk, text: &str) {
        match desk {
            Desk::Error => self.write(Stream::Error, text),
            Desk::Terminal(terminal) => {
                let mut terminal = terminal;
                // Whoever cannot read the question does not answer it.
                let _ = terminal.write_all(text.as_bytes());
            }
        }
    }
}

impl Desk {
    fn open() -> Option<Self> {
        if Stream::Error.is_terminal() {
            return Some(Self::Error);
        }
        let name = if cfg!(windows) { "CONOUT$" } else { "/dev/tty" };
        let terminal = File::options().write(true).open(name);
        terminal.ok().map(Self::Terminal)
    }
}

#[cfg(unix)]
fn forget_what_was_typed() {
    use rustix::termios::{QueueSelector, tcflush};
    // A terminal that cannot do it is asked all the same.
    let _ = tcflush(stdin(), QueueSelector::IFlush);
}

/// Windows offers no safe way to do it.
#[cfg(not(unix))]
fn forget_what_was_typed() {}
