//! By hand standard output holds the result, as lines or as JSON, and standard error all the rest, as much of it as is asked
//! for.

use crate::support::{Outcome, Run, registered, scaled_in, shrunk};
use sandbox::{Fault, Route, Sandbox, When};
use serde_json::Value;
use std::process::Stdio;

/// Two targets kept, one to be removed, one foreign.
fn a_bit_of_everything() -> Sandbox {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| drop(world.target("reporting")));
    sandbox
}

/// A dry run with these arguments.
fn looking(arguments: &[&str]) -> Outcome {
    let sandbox = a_bit_of_everything();
    let run = Run::by_hand(&sandbox).argument("--dry-run");
    run.arguments(arguments).run().expect_code(0)
}

const SUMMARY: &str = "Would remove 1; 1 not ours; 2 kept.";

#[test]
fn the_plan_and_the_summary_are_the_result() {
    let outcome = looking(&[]);

    for words in [
        "web000001",
        "reporting",
        "Kept: their machines exist (2): web000000, web000002",
        SUMMARY,
    ] {
        assert!(
            outcome.stdout.contains(words),
            "{words}: {}",
            outcome.stdout
        );
    }
    assert!(!outcome.stderr.contains(SUMMARY), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("warning: Left alone"));
    assert!(
        outcome.stderr.contains("Looking again"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn details_are_there_for_the_asking() {
    let usual = looking(&[]);
    for hidden in ["GET https://", "VMSSDeployment", "Handed out: "] {
        assert!(!usual.log.contains(hidden), "{hidden}: {}", usual.log);
    }

    let verbose = looking(&["-v"]);
    let said = &verbose.stderr;
    assert!(
        said.contains("octopus_scale_in::http: GET https://"),
        "{said}"
    );
    assert!(said.contains("VMSSDeploymentTargetNames = web000000,web000002"));
    assert!(!said.contains("ureq"), "other libraries' words: {said}");
    assert_eq!(verbose.stdout, usual.stdout, "the result is the same");

    let all = looking(&["-vv"]);
    assert!(all.stderr.contains("octopus_scale_in::http: GET https://"));
    assert!(all.stderr.contains("ureq"), "{}", all.stderr);
}

#[test]
fn rust_log_is_heard_as_everywhere() {
    let sandbox = a_bit_of_everything();
    let said = |filter: &str| {
        let run = Run::by_hand(&sandbox).set("RUST_LOG", filter);
        run.argument("--dry-run").run().expect_code(0).stderr
    };
    let all = said("debug");
    assert!(
        all.contains("octopus_scale_in::http: GET https://"),
        "{all}"
    );
    assert!(all.contains("ureq"), "{all}");
    let own = said("octopus_scale_in=debug");
    assert!(
        own.contains("octopus_scale_in::http: GET https://"),
        "{own}"
    );
    assert!(!own.contains("ureq"), "{own}");
    let none = said("info");
    assert!(!none.contains("GET https://"), "{none}");
}

#[test]
fn whoever_wants_errors_only_gets_the_result_and_errors() {
    let quiet = looking(&["-q"]);
    assert!(quiet.stdout.contains(SUMMARY), "{}", quiet.stdout);
    assert_eq!(quiet.stderr, "");

    let sandbox = a_bit_of_everything();
    let run = Run::by_hand(&sandbox).arguments(&["-q", "--removal-limit", "0"]);
    let held = run.run().expect_code(4);
    assert!(held.stderr.starts_with("error: "), "{}", held.stderr);
    assert_eq!(held.stderr.lines().count(), 1, "{}", held.stderr);

    let run = Run::by_hand(&sandbox).set("RUST_LOG", "debug");
    let quiet = run.arguments(&["-q", "--dry-run"]).run().expect_code(0);
    assert_eq!(quiet.stderr, "", "who is louder, the flag or the variable?");
}

/// Standard output is one document, and nothing else.
#[track_caller]
fn document(outcome: &Outcome) -> Value {
    let read = serde_json::from_str(&outcome.stdout);
    read.unwrap_or_else(|error| panic!("{error}: {}", outcome.stdout))
}

#[test]
fn programs_get_one_document() {
    let outcome = looking(&["-f", "json"]);

    let document = document(&outcome);
    assert_eq!(document["result"]["summary"], SUMMARY);
    assert_eq!(document["result"]["exitCode"], 0);
    let targets = document["targets"].as_array().expect("a list");
    let gone = targets.iter().find(|it| it["name"] == "web000001");
    assert_eq!(gone.expect("it is listed")["verdict"], "stale");
    assert!(outcome.stderr.contains(SUMMARY), "who looks on reads it");
    assert!(outcome.stderr.contains("reporting"));
}

#[test]
fn a_run_that_ends_early_is_a_document_too() {
    let sandbox = a_bit_of_everything();
    sandbox.fault(Route::Instances, When::Always, Fault::status(403));
    let run = Run::by_hand(&sandbox).arguments(&["--output-format=JSON"]);
    let outcome = run.run().expect_code(3);
    let said = document(&outcome);
    assert_eq!(said["result"]["exitCode"], 3);
    assert!(
        said["result"]["error"]
            .as_str()
            .is_some_and(|it| it.contains("403"))
    );

    let outcome = Run::bare().arguments(&["-f", "json"]).run().expect_code(2);
    assert_eq!(document(&outcome)["result"]["exitCode"], 2);
}

#[test]
fn a_document_hides_nothing_and_says_no_secret() {
    let sandbox = a_bit_of_everything();
    let key = sandbox.world(|world| world.octopus.api_key.clone());
    let name = format!("web000001.\u{202e}gr\u{fc}n-{key}");
    sandbox.world(|world| {
        let target = world.existing_target("web000001");
        drop(target.edit(|target| target.name.clone_from(&name)));
    });
    let run = Run::by_hand(&sandbox).arguments(&["-f", "json", "--dry-run"]);
    let outcome = run.run().expect_code(0);

    let document = document(&outcome);
    let targets = document["targets"].as_array().expect("a list");
    let mut names = targets.iter().filter_map(|it| it["name"].as_str());
    let shown = name.replace(&key, "***");
    assert!(names.any(|name| name == shown), "{}", outcome.stdout);
    assert!(
        !outcome.stdout.contains('\u{202e}'),
        "it turns the line around"
    );
    assert!(outcome.stdout.contains("gr\u{fc}n"));
    assert!(!outcome.log.contains(&key));
}

#[test]
fn a_scale_set_that_is_not_found_is_one_document_too() {
    let sandbox = a_bit_of_everything();
    let run = Run::by_hand(&sandbox).arguments(&["-f", "json", "--scale-set", "wep"]);
    let said = document(&run.run().expect_code(3));
    assert_eq!(said["result"]["exitCode"], 3);
    assert!(
        said["result"]["error"]
            .as_str()
            .is_some_and(|it| it.contains("wep"))
    );
}

#[test]
fn what_cannot_be_understood_is_a_document_too() {
    for arguments in [
        &["-f", "json", "--dry-rnu"][..],
        &["--dry-rnu", "--output-format=json"],
        &["-fjson", "--dry-rnu"],
    ] {
        let outcome = Run::bare().arguments(arguments).run().expect_code(2);
        let said = document(&outcome);
        assert_eq!(said["result"]["exitCode"], 2, "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn half_a_result_is_no_success() {
    let sandbox = a_bit_of_everything();
    let run = Run::by_hand(&sandbox).arguments(&["--dry-run", "-f", "json"]);
    let folder = tempfile::tempdir().expect("a folder for the run");
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = run.command(folder.path());
    command
        .stdout(full.expect("it is there"))
        .stderr(Stdio::null());
    assert_eq!(command.status().expect("it runs").code(), Some(3));
}

#[test]
fn no_variable_says_what_only_a_flag_can() {
    for value in ["json", "xml"] {
        for run in [Run::by_hand, Run::in_runbook] {
            let sandbox = a_bit_of_everything();
            let run = run(&sandbox)
                .set("OUTPUT_FORMAT", value)
                .argument("--dry-run");
            let outcome = run.run().expect_code(0);
            assert!(!outcome.stdout.contains("\"format\""), "{}", outcome.stdout);
        }
    }
}

#[test]
fn json_is_refused_inside_octopus() {
    let sandbox = a_bit_of_everything();
    let run = Run::in_runbook(&sandbox).arguments(&["-f", "json"]);
    let outcome = run.run().expect_code(2);
    assert!(outcome.said("error").contains("--output-format"));
}

#[test]
fn inside_octopus_flags_about_the_terminal_change_nothing() {
    let plain = Run::in_runbook(&a_bit_of_everything()).run().expect_code(0);
    for flag in ["-q", "-v", "--no-prompt"] {
        let sandbox = a_bit_of_everything();
        let run = Run::in_runbook(&sandbox).argument(flag);
        let outcome = run.run().expect_code(0);
        let lines = |outcome: &Outcome| outcome.said("default").lines().count();
        assert_eq!(lines(&outcome), lines(&plain), "{flag}");
        assert_eq!(outcome.said("highlight"), plain.said("highlight"), "{flag}");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Output,
    Error,
}

/// One end of a pipe, whichever it is.
type End = Option<Box<dyn Send>>;

fn boxed(end: Option<impl Send + 'static>) -> End {
    end.map(|end| Box::new(end) as Box<dyn Send>)
}

/// Runs by hand; the reader of this stream goes away when this request comes. The exit code.
fn with_a_reader_until(
    sandbox: &Sandbox,
    stream: Stream,
    request: Route,
    nth: usize,
) -> Option<i32> {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let mut command = Run::by_hand(sandbox).command(folder.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let (output, error) = (child.stdout.take(), child.stderr.take());
    // The other one stays open to the end of the run, and of this function.
    let (mut leaves, _stays) = match stream {
        Stream::Output => (boxed(output), boxed(error)),
        Stream::Error => (boxed(error), boxed(output)),
    };
    sandbox.on(request, nth, move |_| drop(leaves.take()));
    child.wait().expect("the run ends").code()
}

#[test]
fn without_a_reader_of_either_stream_nothing_is_removed() {
    for stream in [Stream::Output, Stream::Error] {
        let (sandbox, _) = shrunk(31, 30);
        let code = with_a_reader_until(&sandbox, stream, Route::PointRead, 1);
        assert_eq!(code, Some(3), "nobody would know that nothing was removed");
        assert_eq!(registered(&sandbox).len(), 31);
    }
}

#[test]
fn the_reader_who_sees_each_removal_is_missed_among_them() {
    let (sandbox, _) = shrunk(61, 60);
    let code = with_a_reader_until(&sandbox, Stream::Error, Route::DeleteMachine, 5);
    let left = registered(&sandbox).len();
    assert_eq!(code, Some(5), "removals were left, and nobody would know");
    assert!((40..61).contains(&left), "{left} of 61 targets are left");
}
