//! The log of a task: a tree of elements, one tree for every run.
//!
//! Source: octopus.com/docs/api, "Tasks", the request for a task's details. The form of the ids is that of the correlation
//! ids in github.com/OctopusDeploy/go-octopusdeploy and github.com/OctopusSolutionsEngineering/OctopusCopilot, whose tests
//! hold interruptions of real servers: run, step and machine, separated by slashes.

use crate::azure::scramble;
use crate::clock::Time;

/// One element of a task's log.
#[derive(Clone, Debug, Default)]
pub struct LogNode {
    /// Its id, which an interruption names as its correlation.
    pub id: String,
    /// A step, an action or a machine.
    pub name: String,
    /// `Pending`, `Running`, `Success`, `Failed`, `Skipped`, `SuccessWithWarning` or `Canceled`.
    pub status: String,
    /// When it began, and its lines occurred; with the run where nothing is said.
    pub at: Option<Time>,
    /// The lines, each with its category: `Verbose`, `Info`, `Highlight`, `Warning`, `Error`.
    pub lines: Vec<(String, String)>,
    /// The elements below.
    pub children: Vec<LogNode>,
}

impl LogNode {
    /// An element without lines.
    pub fn new(id: &str, name: &str, status: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            status: status.to_owned(),
            ..Self::default()
        }
    }

    /// What Octopus makes of a script's standard output: lines by category, service messages left out.
    pub fn of_output(id: &str, name: &str, output: &str) -> Self {
        let mut category = "Info";
        let mut lines = Vec::new();
        for line in output.lines() {
            match line.trim().strip_prefix("##octopus[stdout-") {
                Some(mode) => category = category_of(mode.trim_end_matches(']')),
                None if line.trim_start().starts_with("##octopus[") => {}
                None => lines.push((category.to_owned(), line.to_owned())),
            }
        }
        Self {
            lines,
            ..Self::new(id, name, "Success")
        }
    }

    /// A step, with what happened on one machine or worker below it.
    pub fn step(id: &str, name: &str, below: LogNode) -> Self {
        Self {
            status: below.status.clone(),
            at: below.at,
            children: vec![below],
            ..Self::new(id, name, "")
        }
    }
}

fn category_of(mode: &str) -> &'static str {
    match mode {
        "verbose" => "Verbose",
        "highlight" => "Highlight",
        "warning" => "Warning",
        "error" => "Error",
        "wait" => "Wait",
        _ => "Info",
    }
}

/// The id of a run's own element: `ServerTasks-1_CNMPMXUEE6`.
pub(crate) fn root_id(task: &str, run: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = seed(&format!("{task} {run}"));
    let mut id = format!("{task}_");
    for _ in 0..10 {
        id.push(char::from(DIGITS[(rest % 36) as usize]));
        rest /= 36;
    }
    id
}

/// The id of an element below another one.
pub(crate) fn child_id(parent: &str, name: &str) -> String {
    let seed = seed(&format!("{parent} {name}"));
    format!("{parent}/{seed:016x}{:016x}", scramble(seed))
}

fn seed(text: &str) -> u64 {
    text.bytes()
        .fold(0, |sum, byte| scramble(sum ^ u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::LogNode;

    #[test]
    fn output_becomes_lines_by_category() {
        let output = "plain\n##octopus[stdout-verbose]\nquiet\n##octopus[setVariable name='x']\n##octopus[stdout-default]\nend";
        let lines = LogNode::of_output("a", "Check", output).lines;
        let lines: Vec<_> = lines
            .iter()
            .map(|(category, text)| (category.as_str(), text.as_str()))
            .collect();
        assert_eq!(
            lines,
            [("Info", "plain"), ("Verbose", "quiet"), ("Info", "end")]
        );
    }
}
