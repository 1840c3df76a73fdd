//! The log: service messages, levels, progress and a report inside Octopus, plain text in a terminal.

#[cfg(target_os = "linux")]
use crate::support::terminal::Terminal;
use crate::support::{Outcome, Run, registered, scaled_in, settled, shrunk};
use sandbox::{Route, Sandbox};
use std::process::Stdio;

/// Two targets kept, one removed, one foreign.
fn a_bit_of_everything() -> Sandbox {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| drop(world.target("reporting")));
    sandbox
}

#[test]
fn the_plan_is_headed_by_the_state_of_every_scale_set() {
    let sandbox = a_bit_of_everything();
    sandbox.world(|world| {
        drop(
            world
                .scale_set("blue")
                .flexible()
                .prefix("blu")
                .instances(2),
        );
    });
    let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", "web,blue");

    let outcome = run.run().expect_code(0);

    let said = outcome.said("default");
    let heads: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("Scale set"))
        .collect();
    assert_eq!(
        heads[..2],
        [
            "Scale set web (resource group web-rg): Uniform, Succeeded, capacity 2, instances listed: 2, names like web00000A or web_10",
            "Scale set blue (resource group web-rg): Flexible, Succeeded, capacity 2, instances listed: 2, names like blu4K7X2A or blue_1a2b3c4d",
        ]
    );
}

#[test]
fn the_head_says_how_many_scale_sets_in_how_many_groups_were_seen() {
    let sandbox = a_bit_of_everything();
    sandbox.world(|world| {
        drop(world.scale_set("api-rg/api"));
        drop(world.scale_set("api-rg/jobs"));
    });

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    outcome.expect_said("This account sees 3 scale sets in 2 resource groups");
}

#[test]
fn lines_carry_the_level_that_they_deserve() {
    let outcome = Run::in_runbook(&a_bit_of_everything()).run().expect_code(0);

    assert_eq!(
        outcome.said("highlight"),
        "Removed 1 of 1 target that matches no machine; 1 not ours; 2 kept."
    );
    assert!(outcome.said("warning").contains("reporting"));
    assert!(
        outcome
            .said("default")
            .contains("removed  web000001 (Machines-2)")
    );
    assert!(
        outcome.said("verbose").contains("GET https://"),
        "requests are details"
    );
    assert_eq!(outcome.said("error"), "");
}

#[test]
fn foreign_targets_are_one_warning_that_names_them_all() {
    let sandbox = settled(1);
    sandbox.world(|world| {
        for name in ["reporting", "build-agent", "jumphost"] {
            world.target(name);
        }
    });

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    let warnings = outcome.said("warning");
    assert_eq!(warnings.lines().count(), 1, "{warnings}");
    assert!(
        warnings.contains("build-agent, jumphost, reporting"),
        "{warnings}"
    );
}

#[test]
fn an_error_is_said_at_the_level_of_errors() {
    let sandbox = settled(1);
    let run = Run::in_runbook(&sandbox).set("VMSS_OCTOPUS_APIKEY", "API-WRONG");

    let outcome = run.run().expect_code(3);

    assert!(
        outcome
            .said("error")
            .starts_with("Could not list the deployment targets")
    );
}

#[test]
fn a_report_that_cannot_be_written_is_a_warning() {
    let sandbox = a_bit_of_everything();
    let run = Run::in_runbook(&sandbox);
    let folder = tempfile::tempdir().expect("a folder for the run");
    let in_the_way = format!("octopus-scale-in-{}.html", run.task());
    std::fs::create_dir(folder.path().join(in_the_way)).expect("a folder in the report's place");

    let output = run
        .command(folder.path())
        .output()
        .expect("the binary starts");

    let log = String::from_utf8(output.stdout).expect("the log is text");
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert!(log.contains("could not be written"), "{log}");
    assert_eq!(
        registered(&sandbox),
        ["reporting", "web000000", "web000002"]
    );
}

/// Runs with a reader of standard output that goes away when this request comes; the exit code.
fn with_a_reader_until(sandbox: &Sandbox, request: Route, nth: usize) -> Option<i32> {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let mut command = Run::in_runbook(sandbox).command(folder.path());
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut reader = child.stdout.take();
    sandbox.on(request, nth, move |_| drop(reader.take()));
    child.wait().expect("the run ends").code()
}

#[test]
fn without_a_reader_nothing_is_removed() {
    let (sandbox, _) = shrunk(31, 30);

    let code = with_a_reader_until(&sandbox, Route::PointRead, 1);

    assert_eq!(code, Some(3), "nobody would know that nothing was removed");
    assert_eq!(
        registered(&sandbox).len(),
        31,
        "nobody has the log of what was removed"
    );
}

#[test]
fn a_reader_that_goes_away_among_the_removals_ends_them() {
    let (sandbox, _) = shrunk(61, 60);

    let code = with_a_reader_until(&sandbox, Route::DeleteMachine, 5);

    let left = registered(&sandbox).len();
    assert_eq!(code, Some(5), "removals were left, and nobody would know");
    assert!(
        (40..61).contains(&left),
        "{left} of 61 targets are left, although the reader went away at the fifth of 60"
    );
}

#[test]
fn removals_show_their_progress() {
    let (sandbox, _) = shrunk(31, 30);

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    let steps: Vec<usize> = outcome
        .progress
        .iter()
        .map(|(percent, _)| percent.parse().expect("a number"))
        .collect();
    assert_eq!(steps.len(), 30);
    assert!(steps.is_sorted(), "progress never goes back: {steps:?}");
    assert_eq!(
        outcome.progress.last(),
        Some(&("100".into(), "30 of 30".into()))
    );
}

/// What must never be in a terminal's log.
#[track_caller]
fn expect_plain(outcome: &Outcome) {
    let log = &outcome.log;
    assert!(
        !log.to_lowercase().contains("##octopus"),
        "a service message in a terminal:\n{log}"
    );
    assert!(
        !log.contains('\u{1b}'),
        "an escape sequence in what is no terminal:\n{log}"
    );
}

#[test]
fn a_run_by_hand_prints_plain_text() {
    let outcome = Run::by_hand(&a_bit_of_everything()).run().expect_code(0);

    expect_plain(&outcome);
    outcome
        .expect_said("removed  web000001 (Machines-2)")
        .expect_said("warning: Left alone")
        .expect_said("Removed 1 of 1 target that matches no machine; 1 not ours; 2 kept.");
    assert!(
        !outcome.log.contains("GET https://"),
        "details were not asked for"
    );
}

#[test]
fn a_run_by_hand_leaves_no_file_behind() {
    let sandbox = a_bit_of_everything();
    let folder = tempfile::tempdir().expect("a folder for the run");

    let status = Run::by_hand(&sandbox).command(folder.path()).output();

    assert!(status.expect("the binary starts").status.success());
    let left = std::fs::read_dir(folder.path()).expect("the folder is there");
    assert_eq!(left.count(), 0);
}

#[test]
fn details_in_a_terminal_are_there_for_the_asking() {
    let sandbox = a_bit_of_everything();

    let outcome = Run::by_hand(&sandbox).set("RUST_LOG", "debug").run();

    let outcome = outcome.expect_code(0);

    expect_plain(&outcome);
    outcome
        .expect_said("octopus_scale_in::http: GET https://")
        .expect_said("Handed out: ");
}

/// What a real terminal shows.
#[cfg(target_os = "linux")]
fn in_a_terminal(run: Run) -> String {
    let session = Terminal::start(&run.argument("--no-prompt")).ends();
    assert_eq!(session.code, Some(0), "{}", session.screen);
    session.screen
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_and_a_progress_bar() {
    let screen = in_a_terminal(Run::by_hand(&a_bit_of_everything()));

    assert!(
        screen.contains("[########################] 1 of 1"),
        "{screen}"
    );
    assert!(screen.contains("\u{1b}[33mwarning: Left"), "{screen}");
    assert!(screen.contains("\u{1b}[1mRemoved 1 of 1"), "{screen}");
    assert!(!screen.contains("##octopus"), "{screen}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_wants_no_colour_gets_none() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let screen = in_a_terminal(Run::by_hand(&a_bit_of_everything()).set(name, value));

        assert!(screen.contains("warning: Left alone"), "{screen}");
        for colour in ["\u{1b}[33m", "\u{1b}[31m", "\u{1b}[1m"] {
            assert!(!screen.contains(colour), "{name}: {screen}");
        }
    }
}
