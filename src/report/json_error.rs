//! Why there is no report, as data: for programs that run this one by hand.

use super::text::Text;
use crate::console::harmless_json;
use crate::error::ExitCode;
use serde_json::json;

/// Why a run ended before its plan stood.
#[must_use]
pub fn json_error(why: &str, problems: &[String], code: ExitCode) -> String {
    let problems: Vec<Text> = problems.iter().map(Text::of).collect();
    let document = json!({
        "program": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "result": {
            "exitCode": code as u8,
            "error": Text::of(why),
            "problems": problems,
        },
    });
    harmless_json(&format!("{document:#}\n"))
}
