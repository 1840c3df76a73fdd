//! A plan and what was done, as lines for people, and as data for programs.

use super::apply::Done;
use super::exit::SetupExit;
use super::plan::{Change, PlanLine, Sign};
use crate::console::{Console, Level, harmless_json};
use crate::secret::hide_secrets;
use serde_json::{Value, json};

/// What is told at the end.
#[derive(Debug, Default)]
pub struct Upshot {
    /// The plan.
    pub rows: Vec<PlanLine>,
    /// What is done.
    pub done: Vec<Done>,
    /// Targets that were left as they are.
    pub left: Vec<String>,
    /// What was planned and is not done.
    pub undone: Vec<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do next.
    pub next: String,
}

/// The plan, and what it comes to.
pub fn plan(heading: &str, rows: &[PlanLine], console: &Console) {
    console.finding(Level::Highlight, heading);
    for row in rows {
        console.finding(level(row.sign), &line(row));
        for line in row.commit.lines() {
            console.finding(Level::Info, &format!("      {line}"));
        }
    }
    console.finding(Level::Highlight, &count(rows));
}

fn level(sign: Sign) -> Level {
    match sign {
        Sign::Create | Sign::Change | Sign::Same => Level::Info,
        Sign::ByHand => Level::Warning,
        Sign::Open => Level::Error,
    }
}

/// One line: sign, what about, what is changed, what else.
fn line(row: &PlanLine) -> String {
    let mut line = format!("  {} {}", row.sign.shown(), row.subject);
    let changes: Vec<String> = row.changes.iter().map(change).collect();
    let note = row.note.trim_end_matches('.').to_owned();
    let rest: Vec<String> = changes
        .into_iter()
        .chain([note])
        .filter(|it| !it.is_empty())
        .collect();
    if !rest.is_empty() {
        line = format!("{line}: {}", rest.join("; "));
    }
    line
}

fn change(change: &Change) -> String {
    let Change { what, old, new } = change;
    let shown = |text: &str| {
        if text.is_empty() {
            "nothing".to_owned()
        } else {
            text.to_owned()
        }
    };
    format!("{what} {} -> {}", shown(old), shown(new))
}

fn of(rows: &[PlanLine], sign: Sign) -> usize {
    rows.iter().filter(|row| row.sign == sign).count()
}

fn count(rows: &[PlanLine]) -> String {
    format!(
        "{} to make, {} to change, {} as it is, {} to decide.",
        of(rows, Sign::Create),
        of(rows, Sign::Change),
        of(rows, Sign::Same),
        of(rows, Sign::Open) + of(rows, Sign::ByHand),
    )
}

/// What is done, so that it can be undone; and what is not.
pub fn outcome(told: &Upshot, console: &Console) {
    for done in &told.done {
        console.finding(Level::Info, &undo(done));
    }
    if !told.left.is_empty() {
        let names = told.left.join(", ");
        console.finding(
            Level::Warning,
            &format!("Left as they are, since they have changed meanwhile: {names}."),
        );
    }
    if let Some(error) = &told.error {
        console.finding(Level::Error, error);
    }
    if !told.undone.is_empty() {
        let open = told.undone.join(", ");
        console.finding(Level::Warning, &format!("Not done: {open}."));
    }
    if !told.next.is_empty() {
        console.finding(Level::Highlight, &told.next);
    }
}

fn undo(done: &Done) -> String {
    let (row, place) = (&done.row, &done.place);
    match row.sign {
        Sign::Change => {
            let changes: Vec<String> = row.changes.iter().map(change).collect();
            format!("Changed {} ({place}): {}.", row.subject, changes.join("; "))
        }
        Sign::Create | Sign::Same | Sign::Open | Sign::ByHand => {
            format!("Made {} ({place}).", row.subject)
        }
    }
}

/// As one document.
#[must_use]
pub fn document(told: &Upshot, exit: SetupExit) -> String {
    let document = json!({
        "program": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "setup": {
            "plan": told.rows.iter().map(data).collect::<Vec<Value>>(),
            "counts": {
                "create": of(&told.rows, Sign::Create),
                "change": of(&told.rows, Sign::Change),
                "same": of(&told.rows, Sign::Same),
                "open": of(&told.rows, Sign::Open) + of(&told.rows, Sign::ByHand),
            },
            "done": told.done.iter().map(with_place).collect::<Vec<Value>>(),
            "left": told.left,
            "notDone": told.undone.iter().map(|it| hide_secrets(it)).collect::<Vec<_>>(),
            "next": hide_secrets(&told.next),
        },
        "result": {
            "exitCode": exit as u8,
            "error": told.error.as_deref().map(hide_secrets),
            "problems": [],
        },
    });
    harmless_json(&format!("{document:#}\n"))
}

fn data(row: &PlanLine) -> Value {
    let change = |it: &Change| {
        json!({
            "what": it.what, "old": hide_secrets(&it.old), "new": hide_secrets(&it.new),
        })
    };
    json!({
        "sign": row.sign.shown().to_string(),
        "part": row.part.name(),
        "subject": hide_secrets(&row.subject),
        "changes": row.changes.iter().map(change).collect::<Vec<Value>>(),
        "note": hide_secrets(&row.note),
        "commit": hide_secrets(&row.commit),
    })
}

fn with_place(done: &Done) -> Value {
    let mut row = data(&done.row);
    row["place"] = done.place.as_str().into();
    row
}
