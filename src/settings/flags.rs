//! What the command line says, before anybody judges it.

use super::parameters::Parameter;
use super::setup_flags::SetupFlags;
use super::values::{DryRunExit, Question};
use std::collections::HashMap;
use std::path::PathBuf;

/// `-f`, by its whole name.
pub(super) const OUTPUT_FORMAT: &str = "--output-format";

/// A value, and the flag that it was given with.
#[derive(Debug, Clone)]
struct Given {
    flag: String,
    value: String,
}

/// What the command line says. It wins over the environment.
#[derive(Debug, Default)]
pub struct Flags {
    given: HashMap<&'static str, Given>,
    /// Flags that are none: what was given here is not even kept.
    pub refused: Vec<(String, &'static Parameter)>,
    /// The project that `check` looks at.
    pub project: Option<String>,
    /// The runbook in it.
    pub runbook: Option<String>,
    /// What only `setup` is told.
    pub setup: SetupFlags,
    /// Where the report is written.
    pub report: Option<PathBuf>,
    /// Whether somebody at a terminal is asked.
    pub question: Question,
    /// What a dry run that would remove something ends with.
    pub dry_run_exit: DryRunExit,
}

impl Flags {
    /// Sets a parameter.
    pub fn set(&mut self, parameter: &'static str, flag: impl Into<String>, value: String) {
        let flag = flag.into();
        self.given.insert(parameter, Given { flag, value });
    }

    /// Sets the form of the result, which is no parameter.
    pub fn set_output_format(&mut self, value: String) {
        self.set(OUTPUT_FORMAT, OUTPUT_FORMAT, value);
    }

    /// The flags whose value is empty, sorted. What somebody's script left empty must not be what a variable says.
    pub(super) fn empty(&self) -> Vec<&str> {
        let given = self.given.values();
        let empty = given.filter(|it| it.value.trim().is_empty());
        let mut flags: Vec<&str> = empty.map(|it| it.flag.as_str()).collect();
        flags.sort_unstable();
        flags
    }

    pub(super) fn value(&self, parameter: &str) -> Option<&str> {
        self.given.get(parameter).map(|given| given.value.as_str())
    }

    pub(super) fn flag(&self, parameter: &str) -> Option<&str> {
        self.given.get(parameter).map(|given| given.flag.as_str())
    }
}
