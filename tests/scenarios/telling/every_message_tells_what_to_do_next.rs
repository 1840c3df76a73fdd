//! Every message tells a stranger what was attempted and where, what came back, and what to do next: a table, which
//! `docs/messages.md` shows as it comes out of the real program. `cargo test --test scenarios every_message -- --nocapture`
//! prints it; with `MESSAGES=write` it is written there.

use super::messages;
use crate::support::expect;
use crate::support::messages::{Case, Message, ROW};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const LONGEST: usize = 600;

/// Words of programmers, and marks of text that was put together wrongly.
const NEVER: [&str; 28] = [
    "struct ",
    "None)",
    "Some(",
    "Name(",
    "Address(",
    "expected ",
    "line 1 column",
    "column ",
    "Err(",
    "Ok(",
    "unwrap",
    "invalid type",
    "missing field",
    "EOF",
    "parse fail",
    "os error",
    "io: ",
    "\\\"",
    "..",
    ". .",
    ":.",
    ",.",
    ";.",
    "  ",
    "()",
    "''",
    "see the log",
    "scaling group",
];

/// The chapters of the table.
fn chapters() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Settings", messages::settings::cases()),
        ("Octopus Server", messages::octopus::cases()),
        ("Azure Resource Manager", messages::azure::cases()),
        ("Signing in to Azure", messages::sign_in::cases()),
        ("Brakes", messages::brakes::cases()),
        ("Targets that wait", messages::waiting::cases()),
        ("Removals and the run itself", messages::run::cases()),
    ]
}

/// All messages, a few cases at a time.
fn said(cases: &[Case]) -> Vec<Vec<Message>> {
    let next = AtomicUsize::new(0);
    let said: Vec<Mutex<Vec<Message>>> = cases.iter().map(|_| Mutex::default()).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((case, place)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(number).zip(said.get(number))
                } {
                    *place.lock().expect("no case has panicked") = case.messages();
                }
            });
        }
    });
    let said = said.into_iter();
    said.map(|it| it.into_inner().expect("no case has panicked"))
        .collect()
}

/// What is wrong with a message.
fn faults(what: &str, message: &Message) -> Vec<String> {
    let Message {
        text,
        attempted,
        next,
        ..
    } = message;
    let mut faults = Vec::new();
    let mut fault = |holds: bool, why: &str| {
        if !holds {
            faults.push(format!("{why}\n    ({what}) {text}"));
        }
    };
    // A setting has its name before it, and an example at its end, which no full stop may spoil.
    let setting = text
        .split_once(": ")
        .filter(|(name, _)| !name.contains(' ') && name.contains(['.', '_', '-']));
    let headline = text.contains(" attention before anything can be done");
    let count = text.chars().count();
    fault(count <= LONGEST, &format!("{count} characters"));
    // What was cut, and what an example leaves out.
    let spelled = text.replace("[...]", "more").replace("/.../", "/");
    for word in NEVER {
        fault(!spelled.contains(word), &format!("says {word:?}"));
    }
    let named = text
        .split(' ')
        .next()
        .is_some_and(|it| it.contains(|c: char| c.is_ascii_digit()));
    fault(
        named || text.starts_with("--") || text.starts_with(|c: char| c.is_uppercase()),
        "begins with no capital letter",
    );
    fault(
        setting.is_some() || text.ends_with('.'),
        "is no full sentence",
    );
    let told = match setting {
        Some((_, what)) => [
            "Example: ",
            "It takes ",
            "Define ",
            "Copy ",
            "Move ",
            "Take ",
            "In the step, set ",
            "Check ",
            "Use ",
        ]
        .iter()
        .any(|it| what.contains(it)),
        None => headline || text.starts_with(ROW) || !next.is_empty(),
    };
    fault(told, "does not say what to do next");
    let asked = ["Octopus ", "Azure ", "Entra ID "].iter().any(|who| {
        ["answered", "could not be", "gave a", "could not prove"]
            .iter()
            .any(|it| message.found.starts_with(&format!("{who}{it}")))
    });
    fault(
        !asked || attempted.contains(" at "),
        "does not say who was asked",
    );
    faults
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "quotes words of Linux")]
fn every_message_of_the_program_tells_what_to_do_next() {
    let mut table = String::new();
    let mut wrong = Vec::new();
    for (title, cases) in chapters() {
        table +=
            &format!("## {title}\n\n| when | attempted | came back | next |\n|---|---|---|---|\n");
        for (case, said) in cases.iter().zip(said(&cases)) {
            let mut what = case.what.as_str();
            for (number, message) in said.into_iter().enumerate() {
                wrong.extend(faults(&case.what, &message));
                // Said above every list of settings; once is enough here.
                if number == 0 && message.text.starts_with("1 setting needs attention") {
                    continue;
                }
                let Message {
                    attempted,
                    found,
                    next,
                    ..
                } = message;
                table += &format!(
                    "| {what} | {} | {} | {} |\n",
                    cell(&attempted),
                    cell(&found),
                    cell(&next)
                );
                what = "";
            }
        }
        table += "\n";
    }
    let table = table.trim_end();
    println!("{table}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/messages.md");
    if std::env::var_os("MESSAGES").is_some_and(|it| it == "write") {
        let head = std::fs::read_to_string(file).unwrap_or_default();
        let head = head.split("\n## ").next().unwrap_or_default().trim_end();
        std::fs::write(file, format!("{head}\n\n{table}\n")).expect("docs/messages.md is written");
    }
    let many = wrong.len();
    expect(
        many == 0,
        "people read messages that do not help them",
        "none",
        format!("{many}:\n{}", wrong.join("\n")),
    );
    let text = std::fs::read_to_string(file).expect("docs/messages.md is there");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let shown = lines(&text);
    let missing: Vec<String> = lines(table)
        .into_iter()
        .filter(|line| !shown.contains(line))
        .collect();
    expect(
        text.contains(table),
        "people read in docs/messages.md what the program does not say",
        "the table as it stands there (MESSAGES=write writes it)",
        format!("other lines:\n{}", missing.join("\n")),
    );
}
