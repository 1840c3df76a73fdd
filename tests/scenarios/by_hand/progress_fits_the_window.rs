//! At a terminal somebody who waits sees what is waited for, how long already and for how long at most, in one line that fits
//! the window and goes when it is over; and never nothing.

use crate::support::terminal::Terminal;
use crate::support::{Run, expect, scaled_in, shrunk};
use sandbox::{Fault, Route, Sandbox, When};
use std::time::Duration;

/// A run in which one of two machines is gone, with so many seconds between the two looks.
fn looking_again_after(sandbox: &Sandbox, seconds: &str) -> Run {
    let run = Run::by_hand(sandbox).argument("--dry-run");
    run.set("VMSS_CONFIRM_SECONDS", seconds)
}

/// The lines that changed, as they were written: what stands between two returns to the first column.
fn changing(screen: &str) -> Vec<String> {
    let written = screen.split(['\r', '\n']);
    let plain = written.map(|it| vt_plain(it).trim_end().to_owned());
    plain.filter(|line| line.contains("of at most")).collect()
}

/// Without colours and what clears.
fn vt_plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic());
        plain + end.map_or("", |end| &part[end + 1..])
    })
}

/// The seconds that a line tells, first of all.
fn seconds(line: &str) -> Option<&str> {
    let (before, _) = line.split_once(" s of at most ")?;
    before.split(' ').next_back()
}

#[test]
fn a_wait_counts_by_itself_up_to_its_limit_and_leaves_no_trace() {
    let sandbox = scaled_in(3, &["web000001"]);
    let session = Terminal::of_columns(&looking_again_after(&sandbox, "5"), 60, 60).ends();

    let lines = changing(&session.screen);
    let mut counted: Vec<&str> = lines.iter().filter_map(|line| seconds(line)).collect();
    counted.dedup();
    expect(
        counted.len() >= 3 && counted.is_sorted(),
        "who waits does not see that time goes by",
        "one second after the other",
        lines.join("\n"),
    );
    let window = session.window(60);
    assert!(
        !window.iter().any(|line| line.contains("of at most")),
        "something is left of it: {window:#?}"
    );
}

#[test]
fn it_fits_the_window_also_when_that_becomes_narrower() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    let run = Run::by_hand(&sandbox)
        .argument("--dry-run")
        .set("VMSS_TIMEOUT_VALUE", "0.1")
        .set("VMSS_POLL_SECONDS", "9");
    let session = Terminal::of_columns(&run, 80, 40).ends();

    let lines = changing(&session.screen);
    let widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|width| *width <= 80), "{lines:#?}");
    assert!(widths.iter().any(|width| *width > 40), "{lines:#?}");
    let last = widths.last().expect("it waited");
    assert!(*last <= 40, "the window is narrower now: {lines:#?}");
}

#[test]
fn who_does_not_answer_is_named_before_five_seconds_are_over() {
    let sandbox = scaled_in(3, &["web000001"]);
    let slow = Fault::latency(Duration::from_secs(7));
    sandbox.fault(Route::Machines, When::Nth(1), slow);
    let terminal = Terminal::of_columns(&looking_again_after(&sandbox, "0.05"), 60, 60);
    terminal.shows("no answer from 127.0.0.1");
    let session = terminal.ends();
    assert_eq!(session.code, Some(0), "{}", session.screen);
    let window = session.window(60).join("\n");
    assert!(!window.contains("no answer"), "it has answered: {window}");
    let lines = changing(&session.screen);
    let first = lines.first().and_then(|line| seconds(line));
    expect(
        matches!(first, Some("3" | "4")),
        "a silent server is a silent terminal",
        "who is asked, after three seconds",
        lines.join("\n"),
    );
}

#[test]
fn what_is_tried_again_is_told_with_what_came_back() {
    let sandbox = scaled_in(3, &["web000001"]);
    let busy = Fault::status(503).header("Retry-After", "5");
    sandbox.fault(Route::Machines, When::Nth(1), busy);
    let terminal = Terminal::of_columns(&looking_again_after(&sandbox, "0.05"), 60, 60);
    terminal.shows("answered 503");
    assert_eq!(terminal.ends().code, Some(0));
}

#[test]
fn many_short_answers_are_no_silence_either() {
    let (sandbox, _) = shrunk(30, 25);
    let slow = Fault::latency(Duration::from_millis(1500));
    sandbox.fault(Route::Connection, When::Always, slow);
    let terminal = Terminal::of_columns(&looking_again_after(&sandbox, "0.05"), 60, 60);
    terminal.shows("requests so far: ");
    assert_eq!(terminal.ends().code, Some(0));
}

#[test]
fn nothing_changes_where_nobody_wants_it() {
    let sandbox = scaled_in(3, &["web000001"]);
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let run = looking_again_after(&sandbox, "1").set(name, value);
        let screen = Terminal::of_columns(&run, 60, 60).ends().screen;
        let returns = screen.replace("\r\n", "\n").matches('\r').count();
        assert_eq!(returns, 0, "{name}: {screen:?}");
        assert!(!screen.contains('\u{1b}'), "{name}: {screen:?}");
    }
    let outcome = looking_again_after(&sandbox, "1").run();
    assert!(!outcome.log.contains("of at most"), "{}", outcome.log);
    let quiet = looking_again_after(&sandbox, "1").argument("-q");
    let session = Terminal::of_columns(&quiet, 60, 60).ends();
    assert!(!session.screen.contains("of at most"), "{}", session.screen);
}

#[test]
fn an_interrupt_in_the_middle_leaves_a_clean_line() {
    let sandbox = scaled_in(3, &["web000001"]);
    let mut terminal = Terminal::of_columns(&looking_again_after(&sandbox, "60"), 60, 60);
    terminal.shows("1 s of at most ");
    // Ctrl-C.
    terminal.types("\u{3}");

    let session = terminal.ends();
    assert_eq!(session.code, Some(130), "{}", session.screen);
    let window = session.window(60);
    let last = window.last().expect("something is shown");
    assert_eq!(
        last, "error: Interrupted. Nothing was removed.",
        "{window:#?}"
    );
    assert!(!window.join("\n").contains("of at most"), "{window:#?}");
}

#[test]
fn lines_end_where_words_do_and_names_stay_in_one_piece() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| drop(world.target("reporting-for-the-whole-of-the-company.example.com")));
    for columns in [60, 80, 200] {
        let run = looking_again_after(&sandbox, "0.05");
        let window = Terminal::of_columns(&run, columns, columns)
            .ends()
            .window(columns);
        let text = window.join("\n");
        for words in [
            "capacity",
            "machine of this name",
            "reporting-for-the-whole-of-the-company.example.com",
        ] {
            let whole = words.split(' ').all(|word| text.contains(word));
            expect(whole, "words are torn apart", words, &text);
        }
        for line in window.iter().filter(|line| line.starts_with("    ")) {
            assert!(
                columns < 200 || !line.starts_with("      "),
                "there is room: {line}"
            );
        }
    }
}

#[test]
fn where_nothing_may_change_silence_is_broken_by_lines_that_stay() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = looking_again_after(&sandbox, "6").set("NO_COLOR", "1");
    let screen = Terminal::of_columns(&run, 60, 60).ends().screen;
    let lines = screen.lines().filter(|line| line.contains("of at most"));
    assert!((1..=2).contains(&lines.count()), "{screen}");
}
