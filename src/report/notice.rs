//! What the log says at the end of a run, noted for the report: whoever asks later may have nothing else.

use crate::console::{Console, Level};
use std::fmt::Display;

/// What somebody should know, and what to do about it.
#[derive(Debug)]
pub struct Notice {
    pub level: Level,
    pub text: String,
}

/// The end of a log.
pub struct Ending<'a> {
    /// Where what stands in the report anyway, in places of its own, is said.
    pub console: &'a Console,
    notices: Vec<Notice>,
}

impl<'a> Ending<'a> {
    pub fn of(console: &'a Console) -> Self {
        Self {
            console,
            notices: Vec::new(),
        }
    }

    /// One line, in the log and in the report.
    pub fn say(&mut self, level: Level, line: impl Display) {
        let text = line.to_string();
        self.console.say(level, &text);
        self.notices.push(Notice { level, text });
    }

    /// One that somebody should look at.
    pub fn warn(&mut self, line: impl Display) {
        self.say(Level::Warning, line);
    }

    /// One that the log has said before.
    pub fn note(&mut self, text: &str) {
        self.notices.push(Notice {
            level: Level::Warning,
            text: text.to_owned(),
        });
    }

    pub fn into_notices(self) -> Vec<Notice> {
        self.notices
    }
}
