//! Findings as lines for people, and as data for programs.

use super::finding::{Finding, FindingStatus};
use crate::console::{Console, Level, harmless_json};
use crate::secret::hide_secrets;
use serde_json::json;

/// Shows all of them, and what they come to.
pub fn lines(findings: &[Finding], console: &Console) {
    let mut question = None;
    for finding in findings {
        let asked = finding.id.about().concern;
        if question != Some(asked) {
            question = Some(asked);
            console.finding(Level::Highlight, asked.words());
        }
        console.finding(level(finding.status), &line(finding));
    }
    console.finding(Level::Highlight, &count(findings));
}

/// One line: how it is, which finding, what about, what was found, what to do.
fn line(finding: &Finding) -> String {
    let Finding {
        id,
        status,
        subject,
        found,
        action,
        unanswered: _,
        names: _,
        said: _,
    } = finding;
    let found = found.trim_end_matches('.');
    let line = format!(
        "  {}  {}: {subject}: {found}.",
        status.word(),
        id.about().name
    );
    match action.trim_end_matches('.') {
        "" => line,
        action => format!("{line} {action}."),
    }
}

fn level(status: FindingStatus) -> Level {
    match status {
        FindingStatus::Pass => Level::Info,
        FindingStatus::Warn => Level::Warning,
        FindingStatus::Fail => Level::Error,
    }
}

fn count(findings: &[Finding]) -> String {
    let of = |status| findings.iter().filter(|it| it.status == status).count();
    let words = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    format!(
        "{}, {}, {}.",
        words(of(FindingStatus::Fail), "failure", "failures"),
        words(of(FindingStatus::Warn), "warning", "warnings"),
        words(of(FindingStatus::Pass), "pass", "passes"),
    )
}

/// As one document.
#[must_use]
pub fn document(findings: &[Finding]) -> String {
    let row = |it: &Finding| {
        json!({
            "id": it.id.about().name,
            "status": it.status.word(),
            "subject": hide_secrets(&it.subject),
            "found": hide_secrets(&it.found),
            "expected": it.id.about().expected,
            "action": hide_secrets(&it.action),
        })
    };
    let rows: Vec<_> = findings.iter().map(row).collect();
    harmless_json(&format!("{:#}\n", json!({ "checks": rows })))
}
