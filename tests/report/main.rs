//! The report's page in a real browser: what it shows, at which widths and in which mode, by keyboard and to whoever has it
//! read out; and that it asks nobody for anything.
//!
//! Where neither `chromium` nor `google-chrome` is installed, all of it is ignored, by name.

mod browser;
mod page;
mod pictures;
mod reports;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other programs need the rest")]
mod support;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let possible = browser::installed().is_some();
    if !possible {
        eprintln!(
            "There is neither chromium nor google-chrome on PATH: what needs one is ignored. Install chromium to run it."
        );
    }
    if std::env::var_os(pictures::FOLDER).is_some() {
        pictures::write();
        return ExitCode::SUCCESS;
    }
    let trial = |(name, promise): &(&str, fn())| {
        let promise = *promise;
        let run = move || {
            promise();
            Ok(())
        };
        Trial::test(*name, run).with_ignored_flag(!possible)
    };
    libtest_mimic::run(&arguments, page::PROMISES.iter().map(trial).collect()).exit_code()
}
