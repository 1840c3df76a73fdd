//! What came of a run: its exit code, and what it said to people and to Octopus.

use crate::support::base64::base64_decode;
use crate::support::failure::{exit_code, expect, expect_says};
use crate::support::schema;
use serde_json::Value;
use std::collections::HashMap;

/// Where a run was made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A step's process.
    Octopus,
    /// A terminal.
    ByHand,
}

/// What came of a run.
pub struct Outcome {
    /// The exit code.
    pub code: i32,
    /// Everything on standard output, as it was.
    pub stdout: String,
    /// Everything on standard error, which inside Octopus nothing is to be on.
    pub stderr: String,
    /// Both: the result, and all the rest.
    pub log: String,
    /// Where it ran.
    pub place: Place,
    /// Lines by level: `default`, `verbose`, `highlight`, `warning`, `error`; by hand `default`, `warning` and `error` only.
    pub lines: Vec<(String, String)>,
    /// Output variables, from service messages or from the terminal's lines.
    pub outputs: HashMap<String, String>,
    /// Attached files: name and text.
    pub artifacts: Vec<(String, String)>,
    /// The report, where a file of its own was asked for.
    pub report: Option<String>,
    /// Progress messages: percentage and text.
    pub progress: Vec<(String, String)>,
}

impl Outcome {
    /// Reads what it printed, and the files that it names there.
    pub fn read(code: i32, place: Place, stdout: String, stderr: String) -> Self {
        let mut outcome = Self {
            code,
            place,
            log: format!("{stdout}{stderr}"),
            stderr: String::new(),
            lines: Vec::new(),
            outputs: HashMap::new(),
            artifacts: Vec::new(),
            progress: Vec::new(),
            report: None,
            stdout: String::new(),
        };
        let mut level = "default".to_owned();
        for line in stdout.lines() {
            match line
                .strip_prefix("##octopus[")
                .and_then(|rest| rest.strip_suffix(']'))
            {
                Some(message) => outcome.service_message(message, &mut level),
                None => outcome.plain_line(&level, line),
            }
        }
        if place == Place::ByHand {
            let mut level = "default";
            for line in stderr.lines() {
                level = match line.split_once(": ") {
                    // Indented, it belongs to the line before it.
                    _ if line.starts_with("  ") => level,
                    Some((word @ ("warning" | "error"), _)) => word,
                    _ => "default",
                };
                outcome.plain_line(level, line);
            }
        }
        outcome.stdout = stdout;
        outcome.stderr = stderr;
        outcome
    }

    fn plain_line(&mut self, level: &str, line: &str) {
        if let Some((name, value)) = line.split_once(" = ")
            && name.starts_with("VMSS")
        {
            self.outputs.insert(name.into(), value.into());
        }
        self.lines.push((level.into(), line.into()));
    }

    fn service_message(&mut self, message: &str, level: &mut String) {
        let mut words = message.split(' ');
        let name = words.next().unwrap_or_default();
        let attributes: HashMap<String, String> = words.map(attribute).collect();
        let of = |key: &str| attributes.get(key).cloned().unwrap_or_default();
        match name {
            "setVariable" => drop(self.outputs.insert(of("name"), of("value"))),
            "progress" => self.progress.push((of("percentage"), of("message"))),
            "createArtifact" => {
                let text = std::fs::read_to_string(of("path"))
                    .expect("the report is where the message says");
                assert_eq!(
                    of("length"),
                    text.len().to_string(),
                    "the report has the length that the message says"
                );
                self.artifacts.push((of("name"), text));
            }
            mode => {
                *level = mode
                    .strip_prefix("stdout-")
                    .unwrap_or_else(|| panic!("an unknown service message: {message}"))
                    .into()
            }
        }
    }

    /// The report as data: that of a file of its own, or the attached one.
    #[track_caller]
    pub fn report(&self) -> Value {
        let attached = || self.artifact("json");
        let report = self.report.as_deref().or_else(attached);
        let report = report.expect("the run leaves its report as JSON");
        let report = serde_json::from_str(report).expect("the report is JSON");
        let deviation = schema::deviation(&report).unwrap_or_default();
        expect(
            deviation.is_empty(),
            "who reads reports by docs/report.schema.json cannot read this one",
            "a report of that shape",
            deviation,
        );
        report
    }

    /// The attached file of this form.
    pub fn artifact(&self, form: &str) -> Option<&str> {
        let mut artifacts = self.artifacts.iter();
        let attached = artifacts.find(|(name, _)| name.ends_with(&format!(".{form}")));
        attached.map(|(_, text)| text.as_str())
    }

    /// An output variable, which must be set.
    #[track_caller]
    pub fn output(&self, name: &str) -> &str {
        let value = self.outputs.get(name);
        expect(
            value.is_some(),
            "later steps find an output variable unset",
            name,
            "no such variable",
        );
        value.map_or("", String::as_str)
    }

    /// A comma-separated output variable.
    #[track_caller]
    pub fn names(&self, output: &str) -> Vec<&str> {
        self.output(output)
            .split(',')
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// The targets that the steps that follow deploy to.
    #[track_caller]
    pub fn deployed(&self) -> Vec<&str> {
        self.names("VMSSDeploymentTargetNames")
    }

    /// The targets that this run removed.
    #[track_caller]
    pub fn removed(&self) -> Vec<&str> {
        self.names("VMSSRemovedTargetNames")
    }

    /// The targets that somebody should look at.
    #[track_caller]
    pub fn held(&self) -> Vec<&str> {
        self.names("VMSSHeldTargetNames")
    }

    /// Everything that was said at a level.
    pub fn said(&self, level: &str) -> String {
        let of_level = self
            .lines
            .iter()
            .filter(|(l, _)| l == level)
            .map(|(_, line)| line.as_str());
        of_level.collect::<Vec<_>>().join("\n")
    }

    /// The exit code is the expected one, and each stream holds what it should.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        expect(
            self.code == code,
            "the step, and who branches on its exit code, goes the wrong way",
            exit_code(code),
            exit_code(self.code),
        );
        match self.place {
            Place::Octopus => expect(
                self.stderr.is_empty(),
                "Octopus shows text on standard error as errors",
                "nothing on standard error",
                &self.stderr,
            ),
            Place::ByHand => expect(
                !self.stdout.contains("warning: ") && !self.stdout.contains("error: "),
                "whoever redirects the result does not see what is wrong",
                "warnings and errors on standard error",
                &self.stdout,
            ),
        }
        self
    }

    /// The log says this, at whatever level.
    #[track_caller]
    pub fn expect_said(&self, text: &str) -> &Self {
        expect_says(&self.log, text, "who reads the log does not learn this");
        self
    }

    /// Lines of this level say this.
    #[track_caller]
    pub fn expect_said_at(&self, level: &str, text: &str) -> &Self {
        let suffered = format!("no line of level {level} tells the reader this");
        expect_says(&self.said(level), text, suffered);
        self
    }
}

fn attribute(word: &str) -> (String, String) {
    let (key, value) = word
        .split_once('=')
        .unwrap_or_else(|| panic!("an attribute: {word}"));
    let bytes = base64_decode(value.trim_matches('\''));
    (
        key.into(),
        String::from_utf8(bytes).expect("attributes are UTF-8"),
    )
}
