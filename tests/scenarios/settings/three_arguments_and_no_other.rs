//! The three arguments, and what becomes of anything else.

use crate::support::{Run, expect_untouched, scaled_in};
use sandbox::Matcher;

#[test]
fn a_dry_run_changes_nothing_whatever_the_parameter_says() {
    for parameter in ["No", "Yes", ""] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::in_runbook(&sandbox).set("VMSS_DRYRUN", parameter);

        let outcome = run.argument("--dry-run").run().expect_code(0);

        expect_untouched(&sandbox);
        assert!(outcome.removed().is_empty());
    }
}

#[test]
fn the_version_is_one_line() {
    for argument in ["--version", "-V"] {
        let outcome = Run::bare().argument(argument).run().expect_code(0);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(outcome.stdout, format!("octopus-scale-in {version}\n"));
    }
}

#[test]
fn help_says_what_is_needed() {
    for argument in ["--help", "-h"] {
        let outcome = Run::bare().argument(argument).run().expect_code(0);
        outcome
            .expect_said("--dry-run")
            .expect_said("VMSS_SCALESET_NAME");
        assert!(outcome.stdout.is_ascii());
    }
}

#[test]
fn an_argument_that_does_not_exist_is_refused_before_anything_is_asked() {
    for arguments in [
        &["--dryrun"][..],
        &["--dry-run", "web"],
        &["-n"],
        &["--dry-run=no"],
        &["--", "--dry-run"],
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        let mut run = Run::by_hand(&sandbox);
        for argument in arguments {
            run = run.argument(argument);
        }

        let outcome = run.run().expect_code(2);

        assert_eq!(sandbox.count(Matcher::any()), 0, "{arguments:?}");
        outcome.expect_said("--help");
    }
}
