//! At a terminal nothing is removed before somebody has said yes.

use crate::support::terminal::Terminal;
use crate::support::{Run, expect_untouched, registered, scaled_in, settled};
use sandbox::Route;
use std::thread::sleep;
use std::time::Duration;

const QUESTION: &str = "Remove 2 targets? [y/N] ";
const LEFT: [&str; 2] = ["web000000", "web000003"];

fn two_gone() -> sandbox::Sandbox {
    scaled_in(4, &["web000001", "web000002"])
}

#[test]
fn yes_removes_with_the_plan_in_view() {
    for yes in ["y\n", "Yes\n", " YES \n"] {
        let sandbox = two_gone();
        let mut terminal = Terminal::start(&Run::by_hand(&sandbox));
        terminal.shows(QUESTION);
        expect_untouched(&sandbox);
        terminal.types(yes);

        let session = terminal.ends();

        assert_eq!(session.code, Some(0), "{}", session.screen);
        assert_eq!(registered(&sandbox), LEFT);
        let (before, after) = session.screen.split_once(QUESTION).expect("it was asked");
        assert!(before.contains("web000001") && before.contains("web000002"));
        assert!(!after.contains("[y/N]"), "asked twice: {after}");
        assert!(after.contains("Removed 2 of 2"), "{after}");
    }
}

#[test]
fn anything_else_removes_nothing() {
    for no in ["n\n", "\n", "yess\n", "no\n", "sure\n"] {
        let sandbox = two_gone();
        let mut terminal = Terminal::start(&Run::by_hand(&sandbox));
        terminal.shows(QUESTION);
        terminal.types(no);

        let session = terminal.ends();

        assert_eq!(session.code, Some(4), "{no:?}: {}", session.screen);
        assert!(
            session
                .screen
                .contains("Removed 0 of 2 targets that match no machine: the answer was no"),
            "{}",
            session.screen
        );
        expect_untouched(&sandbox);
    }
}

#[test]
fn no_answer_is_a_no() {
    let sandbox = two_gone();
    let terminal = Terminal::start(&Run::by_hand(&sandbox));
    terminal.shows(QUESTION);

    let session = terminal.ends();

    assert_eq!(session.code, Some(4), "{}", session.screen);
    expect_untouched(&sandbox);
}

#[test]
fn the_action_is_what_is_asked_about() {
    let sandbox = two_gone();
    let run = Run::by_hand(&sandbox).arguments(&["--removal-action", "disable"]);
    let mut terminal = Terminal::start(&run);
    terminal.shows("Disable 2 targets? [y/N] ");
    terminal.types("y\n");
    assert_eq!(terminal.ends().code, Some(0));
}

#[test]
fn where_the_plan_is_out_of_view_the_question_names_them() {
    for arguments in [&[][..], &["-q"], &["-q", "-f", "json"]] {
        let sandbox = two_gone();
        let run = Run::by_hand(&sandbox).arguments(arguments);
        let mut terminal = Terminal::redirected(&run);
        terminal.shows(QUESTION);
        terminal.types("y\n");

        let session = terminal.ends();

        assert_eq!(session.code, Some(0), "{}", session.screen);
        let named = "To be removed: web000001, web000002";
        assert!(session.screen.contains(named), "{}", session.screen);
        assert!(session.redirected.contains("Removed 2 of 2"));
        assert!(!session.redirected.contains("[y/N]"));
    }
}

#[test]
fn nobody_is_asked_where_nothing_would_be_removed() {
    let sandbox = two_gone();
    let (of_nothing, held) = (settled(2), Run::by_hand(&sandbox));
    for (run, code) in [
        (Run::by_hand(&sandbox).argument("--dry-run"), 0),
        (held.arguments(&["--removal-limit", "1"]), 4),
        (Run::by_hand(&of_nothing), 0),
    ] {
        let session = Terminal::start(&run).ends();
        assert_eq!(session.code, Some(code), "{}", session.screen);
        assert!(!session.screen.contains("[y/N]"), "{}", session.screen);
    }
    expect_untouched(&sandbox);
}

#[test]
fn nobody_is_asked_who_does_not_want_to_be() {
    let sandbox = two_gone();
    let session = Terminal::start(&Run::by_hand(&sandbox).argument("--no-prompt")).ends();
    assert!(!session.screen.contains("[y/N]"), "{}", session.screen);
    assert_eq!(registered(&sandbox), LEFT);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let sandbox = two_gone();
    let outcome = Run::by_hand(&sandbox).run().expect_code(0);
    assert!(!outcome.log.contains("[y/N]"), "{}", outcome.log);
    assert_eq!(registered(&sandbox), LEFT);
}

#[test]
fn inside_octopus_nobody_is_asked() {
    let sandbox = two_gone();
    let session = Terminal::start(&Run::in_runbook(&sandbox)).ends();
    assert!(!session.screen.contains("[y/N]"), "{}", session.screen);
    assert_eq!(registered(&sandbox), LEFT);
}

#[test]
fn an_answer_that_took_long_has_the_evidence_gathered_again() {
    let sandbox = settled(4);
    let machine = sandbox.world(|world| {
        let machine = world.scale_set("web").vm("web000002");
        drop(world.scale_set("web").scale_in(&["web000001", "web000002"]));
        world.check_all();
        machine
    });
    let mut terminal = Terminal::start(&Run::by_hand(&sandbox));
    terminal.shows(QUESTION);
    let (read, listed) = (
        sandbox.count(Route::PointRead),
        sandbox.count(Route::ScaleSets),
    );
    // While somebody thinks, one of the machines comes back.
    sandbox.world(|world| drop(world.scale_set("web").bring_back(&machine)));
    sleep(Duration::from_millis(10_500));
    terminal.types("y\n");

    let session = terminal.ends();

    assert_eq!(session.code, Some(0), "{}", session.screen);
    assert_eq!(
        registered(&sandbox),
        ["web000000", "web000002", "web000003"]
    );
    assert!(
        sandbox.count(Route::PointRead) > read,
        "the own instance is asked again"
    );
    assert!(
        sandbox.count(Route::ScaleSets) > listed,
        "other scale sets are asked again"
    );
    let (_, after) = session.screen.split_once(QUESTION).expect("it was asked");
    assert!(!after.contains("[y/N]"), "asked twice: {after}");
    assert!(
        after.contains("To be removed: their machines are gone (1):"),
        "the plan as it is now: {after}"
    );
    assert!(after.contains("Removed 1 of "), "{after}");
}

#[test]
fn an_answer_that_took_long_meets_brakes_too() {
    let sandbox = two_gone();
    let mut terminal = Terminal::start(&Run::by_hand(&sandbox));
    terminal.shows(QUESTION);
    sandbox.world(|world| drop(world.scale_set("web").hide_all()));
    sleep(Duration::from_millis(10_500));
    terminal.types("y\n");

    let session = terminal.ends();

    assert_eq!(session.code, Some(4), "{}", session.screen);
    expect_untouched(&sandbox);
}

#[test]
fn where_the_plan_is_on_the_other_stream_it_is_not_said_twice() {
    let sandbox = two_gone();
    let mut terminal = Terminal::redirected(&Run::by_hand(&sandbox).arguments(&["-f", "json"]));
    terminal.shows(QUESTION);
    terminal.types("n\n");
    let session = terminal.ends();
    let (before, _) = session.screen.split_once(QUESTION).expect("it was asked");
    assert_eq!(before.matches("web000001").count(), 1, "{before}");
}

#[test]
fn who_keeps_a_log_is_asked_all_the_same() {
    for redirection in ["2>redirected", ">redirected 2>&1", "2>&1 | cat >redirected"] {
        let sandbox = two_gone();
        let mut terminal = Terminal::with(&Run::by_hand(&sandbox), redirection);
        terminal.shows(QUESTION);
        expect_untouched(&sandbox);
        terminal.types("y\n");
        terminal.ends();
        assert_eq!(registered(&sandbox), LEFT, "{redirection}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let sandbox = two_gone();
    let run = Run::by_hand(&sandbox).set("VMSS_CONFIRM_SECONDS", "2");
    let mut terminal = Terminal::start(&run);
    terminal.shows("targets in scope");
    terminal.types("y\ny\n");
    terminal.shows(QUESTION);
    sleep(Duration::from_millis(300));

    let session = terminal.ends();

    assert_eq!(session.code, Some(4), "{}", session.screen);
    expect_untouched(&sandbox);
}

#[test]
fn an_interrupt_while_it_is_asked_begins_a_line_of_its_own() {
    let sandbox = two_gone();
    let mut terminal = Terminal::of_columns(&Run::by_hand(&sandbox), 80, 80);
    terminal.shows(QUESTION);
    terminal.types("\u{3}");

    let session = terminal.ends();

    assert_eq!(session.code, Some(130), "{}", session.screen);
    let window = session.window(80);
    let last = window.last().expect("something is shown");
    assert_eq!(last, "error: Interrupted. Nothing was removed.");
    expect_untouched(&sandbox);
}
