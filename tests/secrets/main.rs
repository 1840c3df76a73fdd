//! Keys, secrets and tokens appear in nothing that a run prints, leaves or starts, whatever it is asked to log, and whatever
//! a server says: in a debug build and in one without debug assertions, as the released one is.

mod builds;
mod encodings;
mod scenarios;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other programs need the rest")]
mod support;

use libtest_mimic::{Arguments, Trial};
use std::path::PathBuf;
use std::process::ExitCode;

fn trial(name: &str, promise: impl FnOnce() + Send + 'static) -> Trial {
    let run = || {
        promise();
        Ok(())
    };
    Trial::test(name, run)
}

fn trials(build: &str, program: Option<&PathBuf>) -> Vec<Trial> {
    let of_build = |(name, promise): &(&str, scenarios::Promise)| {
        let (promise, program) = (*promise, program.cloned());
        let name = format!("{build}::{name}");
        trial(&name, move || {
            promise(program.as_ref().expect("it was built"))
        })
    };
    scenarios::PROMISES.iter().map(of_build).collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut all = vec![trial(
        "what_is_encoded_is_read",
        encodings::what_is_encoded_is_read,
    )];
    all.extend(trials("debug", Some(&builds::debug())));
    let names = trials("release", None);
    // Built before any trial, so that none of them waits for it.
    let wanted = !arguments.list
        && names
            .iter()
            .any(|trial| builds::is_wanted(&arguments, trial.name()));
    all.extend(if wanted {
        trials("release", Some(&builds::release()))
    } else {
        names
    });
    libtest_mimic::run(&arguments, all).exit_code()
}
