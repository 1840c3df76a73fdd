//! The result of a run by hand, as a document for programs.

use super::outcome::Outcome;
use super::summary::summary;
use crate::error::{Error, ExitCode};
use crate::reconcile::plan::Row;
use crate::settings::Settings;
use serde_json::{Value, json};

/// How a run ended whose plan stood.
#[must_use]
pub fn json_document(outcome: &Outcome, settings: &Settings) -> String {
    let removals = &outcome.removals;
    let row = |row: &Row| {
        let id = &row.target.id;
        json!({
            "id": id.0,
            "name": row.target.name,
            "verdict": row.verdict.word(),
            "reason": row.verdict.to_string(),
            "removed": removals.removed.contains(id),
            "error": removals.failed.get(id).map(ToString::to_string),
        })
    };
    let targets = outcome.decision.plan.rows.iter().map(row);
    shown(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "exitCode": outcome.exit_code(settings) as u8,
        "summary": summary(outcome, settings),
        "targets": targets.collect::<Vec<Value>>(),
    }))
}

/// Why a run ended before its plan stood.
#[must_use]
pub fn json_error(error: &Error, code: ExitCode) -> String {
    shown(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "exitCode": code as u8,
        "error": error.to_string(),
    }))
}

fn shown(document: &Value) -> String {
    format!("{document:#}")
}
