//! `--dry-run --exit-code`: a script learns from the exit code alone whether a run would remove something.

use crate::support::{Run, expect_untouched, scaled_in, settled};
use sandbox::Sandbox;

/// The exit code of such a dry run.
#[track_caller]
fn expect_told(sandbox: &Sandbox, run: Run, code: i32) {
    let run = run.arguments(&["--dry-run", "--exit-code"]);
    run.run().expect_code(code);
    expect_untouched(sandbox);
}

#[test]
fn what_would_be_removed_is_7() {
    let sandbox = scaled_in(3, &["web000001"]);
    expect_told(&sandbox, Run::by_hand(&sandbox), 7);
}

#[test]
fn what_a_test_might_allow_is_7_too() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| {
        let target = world.existing_target("web000001").health("Healthy");
        drop(target.last_checked(sandbox::minutes_ago(30)));
    });
    let run = Run::by_hand(&sandbox);
    let outcome = run.argument("--dry-run").run().expect_code(0);
    outcome.expect_said("up to 1 more");
    expect_told(&sandbox, Run::by_hand(&sandbox), 7);
}

#[test]
fn nothing_to_remove_is_0() {
    let sandbox = settled(2);
    expect_told(&sandbox, Run::by_hand(&sandbox), 0);
}

#[test]
fn a_brake_wins() {
    let sandbox = scaled_in(3, &["web000001"]);
    let held = || Run::by_hand(&sandbox).set("VMSS_REMOVAL_LIMIT", "0");
    expect_told(&sandbox, held(), 4);
    expect_told(&sandbox, held().set("VMSS_PROBLEM_HANDLE", "Warn"), 0);
}

#[test]
fn a_variable_makes_it_a_dry_run_as_well() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::by_hand(&sandbox).set("VMSS_DRYRUN", "Yes");
    run.argument("--exit-code").run().expect_code(7);
    expect_untouched(&sandbox);
}

#[test]
fn without_being_asked_a_dry_run_ends_with_0() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::by_hand(&sandbox).argument("--dry-run");
    run.run().expect_code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_was_asked_for_and_not_written_is_no_success() {
    let sandbox = scaled_in(3, &["web000001"]);
    let folder = tempfile::tempdir().expect("a folder for the report");
    let file = folder.path().join("report.html");
    std::os::unix::fs::symlink("/dev/full", &file).expect("a link to a full disk");
    let file = file.display().to_string();
    let run = Run::by_hand(&sandbox).arguments(&["--dry-run", "--report", &file]);
    run.run().expect_code(3);
    let run = Run::by_hand(&sandbox).arguments(&["--report", &file]);
    run.run().expect_code(5);
}
