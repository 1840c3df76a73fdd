//! Pages with a `nextLink`.

use super::Azure;
use super::errors;
use crate::http::{Answer, Call};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Cuts one page out of a listing. Only the rows of the page are turned into JSON.
pub(crate) fn page<T>(
    azure: &Azure,
    call: &Call,
    all: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Answer, Answer> {
    let step = match call.parameter("$skiptoken") {
        None => 0,
        Some(token) => read_token(&token)?,
    };
    let (number, empty) = if azure.empty_pages {
        (step / 2, step % 2 == 0)
    } else {
        (step, false)
    };
    let size = azure.page_size.max(1);
    let first = number.saturating_mul(size);
    let rows: Vec<Value> = if empty {
        Vec::new()
    } else {
        all.iter().skip(first).take(size).map(render).collect()
    };
    let mut body = json!({ "value": rows });
    if empty || first.saturating_add(size) < all.len() {
        body["nextLink"] = next_link(call, step + 1).into();
    }
    Ok(Answer::ok(body))
}

/// Says nothing to a reader, as the real one: callers must not look into it.
fn token(step: usize) -> String {
    format!("{:016x}", (step as u64).rotate_left(32) ^ MASK)
}

const MASK: u64 = 0x5a4d_b0c5_1ded_0001;

fn read_token(token: &str) -> Result<usize, Answer> {
    let number = u64::from_str_radix(token, 16)
        .ok()
        .map(|number| (number ^ MASK).rotate_right(32));
    let step = number.and_then(|number| usize::try_from(number).ok());
    step.ok_or_else(|| errors::bad_parameter("$skiptoken", "it was not issued here."))
}

/// Absolute, with the parameters of the first request.
fn next_link(call: &Call, step: usize) -> String {
    let mut link = format!("{}{}?", call.origin, call.path);
    for (name, value) in call.parameters() {
        if !name.eq_ignore_ascii_case("$skiptoken") {
            let name = utf8_percent_encode(&name, NON_ALPHANUMERIC).to_string();
            let name = name.replace("%2D", "-").replace("%24", "$");
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC)
                .to_string()
                .replace("%2D", "-");
            link.push_str(&format!("{name}={value}&"));
        }
    }
    format!("{link}$skiptoken={}", token(step))
}
