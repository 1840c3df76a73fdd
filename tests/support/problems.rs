//! Settings that a run refuses.

use crate::support::failure::expect;
use crate::support::{Outcome, Run};
use sandbox::{Matcher, Sandbox};

/// What is wrong with the settings: parameter by parameter, in the order of the log.
#[derive(Debug)]
pub struct Problems(Vec<(String, String)>);

/// The run ends with exit 2, and has asked nobody anything before.
#[track_caller]
pub fn refused(sandbox: &Sandbox, run: &Run) -> Problems {
    let before = sandbox.count(Matcher::any());
    let outcome = run.run().expect_code(2);
    let asked = sandbox.count(Matcher::any()) - before;
    expect(
        asked == 0,
        "a run whose settings are wrong asked somebody all the same",
        "no request",
        format!("{asked}"),
    );
    expect(
        outcome.outputs.is_empty(),
        "a run that read nothing told later steps something",
        "no output variables",
        format!("{:?}", outcome.outputs),
    );
    Problems::in_log_of(&outcome)
}

impl Problems {
    fn in_log_of(outcome: &Outcome) -> Self {
        let problem = |(_, line): &(String, String)| {
            let line = line.strip_prefix("error: ").unwrap_or(line);
            let (parameter, what) = line.strip_prefix("  ")?.split_once(": ")?;
            Some((parameter.to_owned(), what.to_owned()))
        };
        Self(outcome.lines.iter().filter_map(problem).collect())
    }

    /// The parameters to blame, each once, sorted.
    pub fn parameters(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// This parameter alone is to blame, and what is said about it.
    #[track_caller]
    pub fn only(&self, parameter: &str) -> &str {
        expect(
            self.parameters() == [parameter],
            "people are told to look at other settings than the wrong one",
            parameter,
            format!("{:?}", self.0),
        );
        &self.0[0].1
    }

    /// What is said about a parameter, which must be to blame.
    #[track_caller]
    pub fn of(&self, parameter: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == parameter);
        let (_, what) = found
            .unwrap_or_else(|| panic!("{parameter} is to blame; the problems were {:?}", self.0));
        what
    }
}

/// The environment variable of a parameter, by the contract's rule: written here anew, so that the product's is checked.
pub fn variable(parameter: &str) -> String {
    let mut name = String::new();
    for c in parameter.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_uppercase()),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name
}
