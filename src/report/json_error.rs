//! Why there is no report, as data: for programs that run this one by hand.

use super::text::Text;
use crate::console::harmless_json;
use crate::error::ExitCode;
use serde_json::{Value, json};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedFor {
    /// A run.
    Run,
    /// A check: whoever reads its findings finds none.
    Check,
    /// A set-up: whoever reads its plan finds none.
    Setup,
}

/// Why a run ended before its plan stood, or a check before it found anything.
#[must_use]
pub fn json_error(asked: AskedFor, why: &str, problems: &[String], code: ExitCode) -> String {
    let problems: Vec<Text> = problems.iter().map(Text::of).collect();
    let mut document = json!({
        "program": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "result": {
            "exitCode": code as u8,
            "error": Text::of(why),
            "problems": problems,
        },
    });
    match asked {
        AskedFor::Run => {}
        AskedFor::Check => document["checks"] = json!([]),
        AskedFor::Setup => document["setup"] = nothing_set_up(),
    }
    harmless_json(&format!("{document:#}\n"))
}

/// As where there is a plan, so that whoever reads it finds each list.
fn nothing_set_up() -> Value {
    json!({
        "plan": [],
        "counts": {"create": 0, "change": 0, "same": 0, "open": 0},
        "done": [],
        "left": [],
        "notDone": [],
        "next": "",
    })
}
