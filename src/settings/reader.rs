//! Reads parameters one by one and remembers every problem, so that all are reported at once.

use super::flags::Flags;
use super::table::parameter;
use crate::error::Problem;
use crate::spelling::nearest;
use std::collections::HashMap;
use std::time::Duration;

/// Longer than any wait that makes sense, short enough for every clock: a year.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// A word that is farther from a choice than this is probably not meant as it.
const NEAR: usize = 2;

/// The environment that settings are read from.
pub type Environment = HashMap<String, String>;

/// The environment variable of an Octopus variable: upper case, every run of characters other than letters and digits
/// becomes one `_`.
#[must_use]
pub fn variable_name(parameter: &str) -> String {
    let words = parameter
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(str::to_ascii_uppercase)
        .collect::<Vec<_>>()
        .join("_")
}

/// Who is told, and so how settings are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A step's process.
    Octopus,
    /// A terminal, or a script of somebody's own.
    ByHand,
}

impl Place {
    /// Inside Octopus a process has a task.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        match environment.get(&variable_name("Octopus.Task.Id")) {
            Some(task) if !task.trim().is_empty() => Self::Octopus,
            Some(_) | None => Self::ByHand,
        }
    }
}

fn is_flag(name: &str) -> bool {
    name.starts_with("--")
}

/// Whether an Octopus expression in the value was left unresolved.
pub(super) fn is_unresolved(value: &str) -> bool {
    value.contains("#{")
}

/// Reads parameters and collects what is wrong with them.
pub(super) struct Reader<'a> {
    environment: &'a Environment,
    flags: &'a Flags,
    pub(super) place: Place,
    pub(super) problems: Vec<Problem>,
    /// What is needed and not set.
    pub(super) missing: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(environment: &'a Environment, flags: &'a Flags) -> Self {
        Self {
            environment,
            flags,
            place: Place::of(environment),
            problems: Vec::new(),
            missing: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, parameter: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            parameter: self.called(parameter),
            what: what.into(),
        });
    }

    /// Where it was set, so that it is found; or else what people would set.
    pub(super) fn called(&self, name: &str) -> String {
        if is_flag(name) {
            return name.to_owned();
        }
        let variable = variable_name(name);
        match (self.place, self.flags.flag(name)) {
            (_, Some(flag)) => flag.to_owned(),
            (Place::Octopus, None) => name.to_owned(),
            (Place::ByHand, None) if self.is_set(&variable) => variable,
            (Place::ByHand, None) => match parameter(name) {
                Some(parameter) => parameter.called_by_hand(),
                None => name.to_owned(),
            },
        }
    }

    /// The names that begin so, of variables that are not empty, sorted. On Windows their letters may be of any case.
    pub(super) fn names_with(&self, prefix: &str) -> Vec<String> {
        let set = self.environment.iter();
        let set = set.filter(|(_, value)| !value.trim().is_empty());
        let names = set.map(|(name, _)| name.to_ascii_uppercase());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
        names.sort();
        names
    }

    /// The value as it is; an empty one counts as missing. A flag wins.
    pub(super) fn raw(&self, parameter: &str) -> Option<&'a str> {
        let given = self.flags.value(parameter);
        let variable = || self.environment.get(&variable_name(parameter));
        given
            .or_else(|| {
                // A flag that is no parameter has no variable.
                let variable = (!is_flag(parameter)).then(variable).flatten();
                variable.map(String::as_str)
            })
            .filter(|value| !value.trim().is_empty())
    }

    fn is_set(&self, variable: &str) -> bool {
        let value = self.environment.get(variable);
        value.is_some_and(|value| !value.trim().is_empty())
    }

    /// The first of these names that is set.
    pub(super) fn first_set(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.raw(name).is_some())
    }

    /// A trimmed value. One that holds an unresolved expression is a problem.
    pub(super) fn text(&mut self, parameter: &str) -> Option<&'a str> {
        let value = self.raw(parameter)?.trim();
        if self.is_no_text(parameter, value) {
            return None;
        }
        if is_unresolved(value) {
            self.problem(
                parameter,
                format!("still holds the unresolved expression {value}. {RESOLVE}"),
            );
            return None;
        }
        Some(value)
    }

    /// A secret, untrimmed. What it holds besides an unresolved expression is never shown.
    pub(super) fn secret(&mut self, parameter: &str) -> Option<&'a str> {
        let value = self.raw(parameter)?;
        if self.is_no_text(parameter, value) {
            return None;
        }
        if !is_unresolved(value) {
            return Some(value);
        }
        let whole = value.trim();
        let only_expression =
            whole.rfind("#{") == Some(0) && whole.find('}') == Some(whole.len() - 1);
        let shown = if only_expression {
            format!(" {whole}")
        } else {
            String::new()
        };
        self.problem(
            parameter,
            format!("still holds an unresolved expression{shown}. {RESOLVE}"),
        );
        None
    }

    /// What is no text must not count as missing: the default could be the opposite of what it says.
    fn is_no_text(&mut self, parameter: &str, value: &str) -> bool {
        let broken = value.contains(char::REPLACEMENT_CHARACTER);
        if broken {
            self.problem(parameter, "is no text in UTF-8. Set it again");
        }
        broken
    }

    /// A value without which nothing can be done.
    pub(super) fn required(&mut self, parameter: &str, example: &str) -> Option<&'a str> {
        if self.raw(parameter).is_none() {
            self.missing(parameter, example);
        }
        self.text(parameter)
    }

    pub(super) fn missing(&mut self, parameter: &str, example: &str) {
        // That its flag is empty is said.
        if self
            .flags
            .value(parameter)
            .is_some_and(|it| it.trim().is_empty())
        {
            return;
        }
        self.missing.push(Problem {
            parameter: self.called(parameter),
            what: format!("is missing. Example: {example}"),
        });
    }

    /// The value, or the default.
    pub(super) fn text_or_default(&mut self, name: &str) -> Option<&'a str> {
        match self.raw(name) {
            Some(_) => self.text(name),
            None => parameter(name).map(|it| it.default),
        }
    }

    /// One of a few words, in any case. `True` and `False` are read as `Yes` and `No`.
    pub(super) fn choice<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        choices: &[(&str, T); N],
    ) -> T {
        let chosen = |word: &str| {
            let mut choices = choices.iter();
            let found = choices.find(|(name, _)| name.eq_ignore_ascii_case(word));
            found.map(|(_, choice)| *choice)
        };
        let default = parameter(name).and_then(|it| chosen(it.default));
        let default = default.unwrap_or(choices[0].1);
        let Some(value) = self.text(name) else {
            return default;
        };
        let word = match value.to_ascii_lowercase().as_str() {
            "true" => "yes".to_owned(),
            "false" => "no".to_owned(),
            other => other.to_owned(),
        };
        chosen(&word).unwrap_or_else(|| {
            let names = choices.iter().map(|(name, _)| *name);
            let meant = match nearest(&word, names.clone()) {
                Some(name) if strsim::levenshtein(&name.to_lowercase(), &word) <= NEAR => {
                    format!(". {name} is the nearest")
                }
                Some(_) | None => String::new(),
            };
            let names = names.collect::<Vec<&str>>().join(" or ");
            self.problem(name, format!("is '{value}'. It takes {names}{meant}"));
            default
        })
    }

    /// A number of minutes, decimals and 0 included.
    pub(super) fn minutes(&mut self, name: &str) -> Duration {
        let default = parameter(name).map_or("", |it| it.default);
        self.duration(name, default, 60.0, "minutes")
    }

    /// A number of seconds, decimals and 0 included.
    pub(super) fn seconds(&mut self, parameter: &str, default: &str) -> Duration {
        self.duration(parameter, default, 1.0, "seconds")
    }

    fn duration(&mut self, name: &str, default: &str, unit: f64, unit_name: &str) -> Duration {
        let parse = |text: &str| {
            let number: f64 = text.parse().ok()?;
            let duration = Duration::try_from_secs_f64(number * unit).ok()?;
            (duration <= LONGEST_WAIT).then_some(duration)
        };
        let value = self.text(name).unwrap_or(default);
        parse(value).unwrap_or_else(|| {
            self.problem(
                name,
                format!("is '{value}'. It takes a number of {unit_name}, such as {default} or 0.5"),
            );
            Duration::ZERO
        })
    }

    /// A comma-separated list; empty entries are passed over, repeated ones (in any case) count once.
    pub(super) fn list(text: &str) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        for entry in text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            if !entries
                .iter()
                .any(|known| known.eq_ignore_ascii_case(entry))
            {
                entries.push(entry.to_owned());
            }
        }
        entries
    }
}

const RESOLVE: &str =
    "Define that variable in Octopus for this environment, or give the value itself";
