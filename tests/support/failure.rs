//! How a test fails: what a user would have suffered, what was expected and what was found in words, and above it all that
//! the last run said and asked for.

use crate::support::Outcome;
use crate::support::outcome::Place;
use sandbox::{Request, RequestLog};
use std::cell::RefCell;
use std::fmt::{Display, Write};
use std::panic::PanicHookInfo;
use std::sync::Once;

/// Longer logs and lists are cut.
const MOST_LINES: usize = 150;

/// The run that a test looks at.
#[derive(Default)]
struct LastRun {
    asked: Option<(RequestLog, usize)>,
    outcome: Option<Told>,
}

/// A log as it was printed, and in words with all else that the run left.
struct Told {
    printed: String,
    in_words: String,
}

thread_local! {
    static LAST_RUN: RefCell<Option<LastRun>> = const { RefCell::new(None) };
}

/// Fails unless it holds: what a user suffers then, what was to be, and what is.
#[track_caller]
pub fn expect(holds: bool, suffered: impl Display, expected: impl Display, found: impl Display) {
    if !holds {
        panic!("{suffered}\n  expected: {expected}\n  found:    {found}");
    }
}

/// A text says this; an empty text would be in every other.
#[track_caller]
pub fn expect_says(text: &str, words: &str, suffered: impl Display) {
    assert!(
        !words.is_empty(),
        "no words are expected, which every text says; this one says {text:?}"
    );
    let found = if text.is_empty() { "nothing" } else { text };
    expect(text.contains(words), suffered, words, found);
}

/// A run begins, in a world that counts requests.
pub fn run_begins(requests: Option<&RequestLog>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(report_panics);
    let asked = requests.map(|log| (log.clone(), log.count()));
    LAST_RUN.set(Some(LastRun {
        asked,
        outcome: None,
    }));
}

/// It has ended.
pub fn run_ended(outcome: &Outcome) {
    let told = Told {
        printed: outcome.log.trim_end().to_owned(),
        in_words: told(outcome),
    };
    LAST_RUN.with_borrow_mut(|last| last.get_or_insert_default().outcome = Some(told));
}

fn report_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let last =
            LAST_RUN.with(|last| last.try_borrow_mut().ok().and_then(|mut last| last.take()));
        let Some(last) = last else {
            return before(panic);
        };
        // It may print a backtrace.
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|wanted| wanted != "0") {
            before(panic);
        }
        eprintln!("{}", report(&last, panic));
    }));
}

fn report(last: &LastRun, panic: &PanicHookInfo<'_>) -> String {
    let mut text = String::new();
    if let Some((log, before)) = &last.asked {
        let requests = log.requests();
        let since: Vec<String> = requests.iter().skip(*before).map(line).collect();
        let _ = writeln!(text, "\nThe run asked:\n{}", indented(&since));
    }
    let mut message = in_words(words(panic));
    if let Some(told) = &last.outcome {
        text.push_str(&told.in_words);
        if !told.printed.is_empty() {
            message = message.replace(&told.printed, "(the log above)");
        }
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let place = panic.location().map(ToString::to_string);
    let _ = write!(
        text,
        "\n{test} fails at {}\n{message}",
        place.unwrap_or_default()
    );
    text
}

fn words<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
}

/// What a run left, as people and Octopus see it.
fn told(outcome: &Outcome) -> String {
    let mut text = String::new();
    let lines = outcome.lines.iter();
    let lines: Vec<String> = lines
        .map(|(level, line)| format!("{level:9} {line}"))
        .collect();
    let _ = writeln!(text, "The run said:\n{}", indented(&lines));
    if outcome.place == Place::Octopus && !outcome.stderr.is_empty() {
        let lines: Vec<String> = outcome.stderr.lines().map(str::to_owned).collect();
        let _ = writeln!(text, "and on standard error:\n{}", indented(&lines));
    }
    let mut outputs: Vec<String> = outcome
        .outputs
        .iter()
        .map(|(n, v)| format!("{n} = {v}"))
        .collect();
    outputs.sort();
    let _ = writeln!(text, "Its output variables:\n{}", indented(&outputs));
    let _ = writeln!(text, "Its exit code: {}", exit_code(outcome.code));
    text
}

fn line(request: &Request) -> String {
    let status = request
        .status
        .map_or("none".into(), |status| status.to_string());
    let query = if request.query.is_empty() { "" } else { "?" };
    let service = format!("{:?}", request.service);
    format!(
        "{service:7} {status:4} {:6} {}{query}{}",
        request.method, request.path, request.query
    )
}

fn indented(lines: &[String]) -> String {
    let mut text: String = lines
        .iter()
        .take(MOST_LINES)
        .map(|line| format!("    {line}\n"))
        .collect();
    match lines.len() {
        0 => text.push_str("    nothing\n"),
        more if more > MOST_LINES => {
            let _ = writeln!(text, "    and {} more", more - MOST_LINES);
        }
        _ => {}
    }
    text
}

/// An exit code and what it means.
pub fn exit_code(code: i32) -> String {
    let meaning = match code {
        0 => "reconciled, or nothing to do",
        1 => "a defect in the program",
        2 => "settings are missing or wrong",
        3 => "Azure or Octopus refused or could not be reached, before the first removal",
        4 => "a brake held the removals back",
        5 => "removals failed, or the run was cancelled among them, or a scale set does not exist",
        6 => "not settled in time",
        130 => "interrupted before the first removal",
        _ => "no code of the contract's",
    };
    format!("{code} ({meaning})")
}

/// What `assert_eq!(found, expected)` says, in the same words as everything else.
fn in_words(message: &str) -> String {
    let asserted = message.strip_prefix("assertion `left == right` failed");
    let Some((words, values)) = asserted.and_then(|rest| rest.split_once("\n  left: ")) else {
        return message.into();
    };
    let Some((found, expected)) = values.split_once("\n right: ") else {
        return message.into();
    };
    let words = words.strip_prefix(": ").unwrap_or("not what was expected");
    format!("{words}\n  expected: {expected}\n  found:    {found}")
}
