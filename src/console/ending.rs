//! What ends a run before its time: a defect, and whoever interrupts it.

use super::audience::Level;
use super::interrupt::Effect;
use super::streams::Console;
use crate::error::ExitCode;
use crate::http::Halt;
use std::process::exit;
use std::sync::Arc;

/// What a run changes, in the words of whoever interrupts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// It removes registrations, if anything.
    Removals,
    /// It sets something up.
    SetUp,
}

impl Changes {
    fn none(self) -> &'static str {
        match self {
            Self::Removals => "Interrupted. Nothing was removed.",
            Self::SetUp => "Interrupted. Nothing was changed.",
        }
    }

    fn no_further(self) -> &'static str {
        match self {
            Self::Removals => {
                "Interrupted. What has begun is ended, and no further removal begins; interrupt once more to end at once."
            }
            Self::SetUp => {
                "Interrupted. What has begun is ended, and no further change begins; interrupt once more to end at once."
            }
        }
    }
}

impl Console {
    /// From now on a panic in any thread ends the whole process with [`ExitCode::Defect`], and asks people to report it:
    /// half a run must not go on.
    pub fn end_on_panics(self: &Arc<Self>) {
        let console = Arc::clone(self);
        std::panic::set_hook(Box::new(move |panic| {
            console.say(Level::Error, format_args!(
                "This is a defect in octopus-scale-in {}: {panic}. Please report it with this log at {}/issues. What was removed before stands above.",
                env!("CARGO_PKG_VERSION"),
                env!("CARGO_PKG_REPOSITORY"),
            ));
            console.early_end("This is a defect in octopus-scale-in", ExitCode::Defect);
            exit(i32::from(ExitCode::Defect as u8));
        }));
    }

    /// From now on Ctrl-C, and what else asks programs to end, ends the run: at once before the first removal (or whatever its
    /// changes are), and after it so that no further one begins. Asked twice, it ends wherever it is.
    pub fn end_on_interrupts(self: &Arc<Self>, changes: Changes) {
        let console = Arc::clone(self);
        let interrupted = move || {
            let (effect, _held) = console.interrupt.happened();
            let (line, code) = match effect {
                Effect::AtOnce => (changes.none(), ExitCode::Interrupted),
                Effect::NoFurtherRemoval => {
                    return console.warn(changes.no_further());
                }
                Effect::WhereverItIs => (
                    "Interrupted again. Of what was under way nobody knows. Run again: the next run does what is left.",
                    ExitCode::RemovalsFailed,
                ),
            };
            console.say(Level::Error, line);
            console.early_end(line, code);
            exit(i32::from(code as u8));
        };
        if let Err(error) = ctrlc::set_handler(interrupted) {
            self.warn(format_args!(
                "An interrupt would end this run without a word: {error}."
            ));
        }
    }

    /// Removals begin: from now on an interrupt does not end the run in the middle.
    pub fn removals_begin(&self) {
        self.interrupt.removals_begin();
    }

    /// Called where somebody asks the run to end while removals go on.
    #[must_use]
    pub fn halt(&self) -> Halt {
        self.interrupt.halt.clone()
    }

    /// Whether somebody asked the run to end, so that no further removal may begin.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_ending()
    }
}
