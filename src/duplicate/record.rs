//! The record that every run leaves in its task's log: which targets it handed out. A later run of the same deployment
//! reads it to tell whether it is a duplicate.

use crate::console::safe;
use crate::octopus::TaskDetails;
use crate::reconcile::history::Record;
use crate::reconcile::{Target, TargetId};
use std::collections::HashMap;

/// What stands in place of targets where there are none.
const NOTHING: &str = "nothing";

/// The line, as a run writes it: the ids in order, each with its thumbprint.
#[must_use]
pub fn record(step: &str, handed_out: &[&Target]) -> String {
    let targets: Vec<String> = handed_out.iter().map(|target| entry(target)).collect();
    let targets = if targets.is_empty() {
        NOTHING.to_owned()
    } else {
        targets.join(",")
    };
    format!("{}{targets}", head(step))
}

fn head(step: &str) -> String {
    format!("Handed out by step '{step}': ")
}

fn entry(target: &Target) -> String {
    let thumbprint = target.thumbprint.as_deref().unwrap_or_default();
    format!("{}/{thumbprint}", target.id)
}

/// The records of this step in a task's logs. A line of another step, or one that is cut off, is none.
pub(super) fn read(details: &TaskDetails, task: &str, step: &str) -> Vec<Record> {
    // As the log shows it: characters that are not ASCII are escaped there.
    let head = safe(&head(step));
    let lines = details.lines_of(step);
    let records = lines.iter().filter_map(|line| {
        Some(Record {
            handed_out: targets(line.text.trim().strip_prefix(&head)?)?,
            written: line.written,
            task: task.to_owned(),
        })
    });
    records.collect()
}

fn targets(list: &str) -> Option<HashMap<TargetId, String>> {
    if list == NOTHING {
        return Some(HashMap::new());
    }
    let entry = |entry: &str| {
        let (id, thumbprint) = entry.split_once('/')?;
        // Neither has white space, so a sentence that happens to begin like a record is none.
        let is_entry = !id.is_empty() && !entry.contains(char::is_whitespace);
        is_entry.then(|| (TargetId(id.to_owned()), thumbprint.to_owned()))
    };
    list.split(',').map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::targets;
    use crate::reconcile::TargetId;

    #[test]
    fn a_list_is_read_back_and_a_broken_one_is_none() {
        let read = targets("Machines-1/AB,Machines-2/").expect("a list");
        assert_eq!(read[&TargetId("machines-1".into())], "AB");
        assert_eq!(read[&TargetId("Machines-2".into())], "");
        assert_eq!(targets("nothing").map(|none| none.len()), Some(0));
        for none in [
            "Machines-1/AB,Machi",
            "",
            "Machines-1/AB,",
            "/AB",
            "Machines-1/AB (Machines-9) was not removed",
            "Machines-1/AB,x/ (Machines-9) was not removed",
        ] {
            assert_eq!(targets(none), None, "{none}");
        }
    }
}
