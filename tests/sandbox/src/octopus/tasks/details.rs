//! The log of a task, as a tree and as text.

use super::{description, to_json, visible};
use crate::clock::{self, Time};
use crate::http::{Answer, Body, Call};
use crate::octopus::people::Caller;
use crate::octopus::query::Query;
use crate::octopus::routes::Address;
use crate::octopus::{LogNode, Octopus, PastRun, Task, log};
use hyper::body::Bytes;
use serde_json::{Value, json};

/// Verbose lines are there only when they are asked for.
pub(crate) fn details(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    caller: &Caller,
) -> Result<Answer, Answer> {
    let query = Query::read(call, &["verbose", "tail", "ranges"])?;
    let verbose = query.boolean("verbose")?.unwrap_or(false);
    let task = visible(octopus, address, caller)?;
    let lines = Lines {
        verbose,
        tail: query.number("tail")?.unwrap_or(usize::MAX),
    };
    let runs = task.runs().into_iter().enumerate();
    let logs: Vec<Value> = runs
        .map(|(number, run)| lines.of_run(task, number, &run))
        .collect();
    Ok(Answer::ok(json!({
        "Task": to_json(octopus, task),
        "ActivityLogs": logs,
        "PhysicalLogSize": 0,
        "Progress": { "ProgressPercentage": 0, "EstimatedTimeRemaining": "" },
        "Links": {},
    })))
}

/// Which lines of an element are shown: verbose ones where they are asked for, and the last so many.
struct Lines {
    verbose: bool,
    tail: usize,
}

impl Lines {
    fn of_run(&self, task: &Task, number: usize, run: &PastRun) -> Value {
        let begin = run.started.unwrap_or(run.queued);
        let children: Vec<Value> = run
            .log
            .iter()
            .map(|node| self.of_node(node, begin, run.completed))
            .collect();
        json!({
            "Id": log::root_id(&task.id, number),
            "Name": description(task),
            "Status": status(&run.state),
            "Started": run.started.map(clock::octopus),
            "Ended": run.completed.map(clock::octopus),
            "Children": children,
            "LogElements": [],
            "ShowAtSummaryLevel": true,
            "ProgressPercentage": 0,
            "ProgressMessage": "",
        })
    }

    fn of_node(&self, node: &LogNode, begin: Time, end: Option<Time>) -> Value {
        let at = node.at.unwrap_or(begin);
        let shown: Vec<&(String, String)> = node
            .lines
            .iter()
            .filter(|(category, _)| self.verbose || category != "Verbose")
            .collect();
        let shown = shown.iter().skip(shown.len().saturating_sub(self.tail));
        let occurred = clock::octopus(at);
        let lines: Vec<Value> = shown
            .map(|(category, text)| json!({ "Category": category, "OccurredAt": occurred, "MessageText": text, "Detail": "" }))
            .collect();
        let children: Vec<Value> = node
            .children
            .iter()
            .map(|child| self.of_node(child, at, end))
            .collect();
        let ended = if node.status == "Running" {
            None
        } else {
            end.or(Some(at))
        };
        json!({
            "Id": node.id,
            "Name": node.name,
            "Status": node.status,
            "Started": occurred,
            "Ended": ended.map(clock::octopus),
            "Children": children,
            "LogElements": lines,
            "ShowAtSummaryLevel": true,
        })
    }
}

/// What the log calls the state of a task.
fn status(state: &str) -> &str {
    match state {
        "New" | "Queued" => "Pending",
        "Executing" | "Cancelling" => "Running",
        "TimedOut" => "Failed",
        other => other,
    }
}

/// The log as text, verbose lines included.
pub(crate) fn log(octopus: &Octopus, address: &Address, caller: &Caller) -> Result<Answer, Answer> {
    let task = visible(octopus, address, caller)?;
    let mut text = format!(
        "Task ID:        {}\nTask status:    {}\n\n",
        task.id, task.state
    );
    for run in task.runs() {
        run.log.iter().for_each(|node| write_node(node, &mut text));
    }
    let body = Body::Raw(Bytes::from(text));
    let answer = Answer {
        status: 200,
        headers: Vec::new(),
        body,
    };
    Ok(answer.with_header("Content-Type", "text/plain; charset=utf-8"))
}

fn write_node(node: &LogNode, text: &mut String) {
    text.push_str(&format!(
        "                    | {}: {}\n",
        node.status, node.name
    ));
    for (category, line) in &node.lines {
        text.push_str(&format!("06:00:08   {category:<8} |       {line}\n"));
    }
    node.children
        .iter()
        .for_each(|child| write_node(child, text));
}
