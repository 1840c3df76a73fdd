//! What `setup` with `-f json` planned, and what it did.

use crate::support::check::text;
use crate::support::expect;
use crate::support::outcome::Outcome;
use serde_json::Value;

/// What `setup` planned, and what it did.
pub struct Planned {
    /// How it ended.
    pub outcome: Outcome,
    /// The lines of the plan.
    pub rows: Vec<Value>,
    /// What is done.
    pub done: Vec<Value>,
    /// Targets that were left.
    pub left: Vec<String>,
    /// What went wrong.
    pub error: String,
    /// What to do next.
    pub next: String,
}

impl Planned {
    /// Reads what a run with `-f json` printed.
    pub fn of(outcome: Outcome) -> Self {
        let read: Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
        let setup = &read["setup"];
        let list = |name: &str| setup[name].as_array().cloned().unwrap_or_default();
        let left = list("left").into_iter();
        let left = left.filter_map(|it| it.as_str().map(str::to_owned));
        Self {
            rows: list("plan"),
            done: list("done"),
            left: left.collect(),
            error: text(&read["result"], "error").to_owned(),
            next: text(setup, "next").to_owned(),
            outcome,
        }
    }

    /// The lines with one of these signs: `+ runbook "Remove scaled-in targets"`.
    pub fn lines_with(&self, signs: &[char]) -> Vec<String> {
        let chosen = self
            .rows
            .iter()
            .filter(|row| signs.iter().any(|sign| row["sign"] == sign.to_string()));
        chosen
            .map(|row| format!("{} {}", text(row, "sign"), text(row, "subject")))
            .collect()
    }

    /// The lines of a part: sign, subject, changes and note, as a person reads them.
    pub fn lines_of(&self, part: &str) -> Vec<String> {
        let of_part = self.rows.iter().filter(|row| row["part"] == part);
        of_part.map(line).collect()
    }

    /// These and no other lines make, change or wait for something.
    #[track_caller]
    pub fn expect_rows(&self, expected: &[&str], suffered: &str) {
        let found = self.lines_with(&['+', '~', '!']);
        let whole: Vec<String> = self.rows.iter().map(line).collect();
        expect(
            found == expected,
            suffered,
            format!("{expected:#?}"),
            format!("{found:#?}\n{}\n{}", whole.join("\n"), self.error),
        );
    }

    /// A line says this, from its sign on.
    #[track_caller]
    pub fn expect_line(&self, words: &str, suffered: &str) {
        let whole: Vec<String> = self.rows.iter().map(line).collect();
        expect(
            whole.iter().any(|it| it.contains(words)),
            suffered,
            words,
            format!("{}\n{}", whole.join("\n"), self.error),
        );
    }

    /// It ends so.
    #[track_caller]
    pub fn expect_code(&self, code: i32, suffered: &str) {
        let whole: Vec<String> = self.rows.iter().map(line).collect();
        expect(
            self.outcome.code == code,
            suffered,
            format!("exit code {code}"),
            format!(
                "exit code {}\n{}\n{}\n{}",
                self.outcome.code,
                whole.join("\n"),
                self.error,
                self.outcome.stderr
            ),
        );
    }
}

/// A line of the plan, as a person reads it.
pub fn line(row: &Value) -> String {
    let changes = row["changes"].as_array().into_iter().flatten();
    let changes = changes.map(|it| {
        format!(
            "{} {} -> {}",
            text(it, "what"),
            text(it, "old"),
            text(it, "new")
        )
    });
    let note = Some(text(row, "note").to_owned()).filter(|it| !it.is_empty());
    let rest: Vec<String> = changes.chain(note).collect();
    format!(
        "{} {}: {}",
        text(row, "sign"),
        text(row, "subject"),
        rest.join("; ")
    )
}
