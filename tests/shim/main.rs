//! The step template's script in a real PowerShell, as Octopus runs it: what it downloads, what it keeps, what it starts,
//! and what it never does.
//!
//! Tests that need a `pwsh` or a mount namespace where there is none are ignored, by name.

mod download;
mod environment;
mod folders;
mod kept;
mod language;
mod own_file;
mod running;
mod server;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other programs need the rest")]
mod support;
mod ways;
mod whole;
mod worker;

use libtest_mimic::{Arguments, Trial};
use std::process::{Command, ExitCode, Stdio};

type Promise = (&'static str, fn());

/// Whether a command runs to a good end.
fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn trials(promises: &[Promise], possible: bool) -> Vec<Trial> {
    let trial = |(name, promise): &Promise| {
        let promise = *promise;
        let run = move || {
            promise();
            Ok(())
        };
        Trial::test(*name, run).with_ignored_flag(!possible)
    };
    promises.iter().map(trial).collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let powershell = works("pwsh", &["-NoProfile", "-Command", "exit 0"]);
    if !powershell {
        eprintln!(
            "There is no pwsh on PATH: what needs it is ignored. Install PowerShell 7 to run it."
        );
    }
    let namespaces =
        powershell && works("unshare", &["-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]);
    if powershell && !namespaces {
        eprintln!("Mount namespaces are not allowed here: what needs them is ignored.");
    }
    let trials = [
        trials(download::PROMISES, powershell),
        trials(ways::PROMISES, powershell),
        trials(kept::PROMISES, powershell),
        trials(own_file::PROMISES, powershell),
        trials(running::PROMISES, powershell),
        trials(environment::PROMISES, powershell),
        trials(folders::PROMISES, powershell),
        trials(folders::IN_NAMESPACES, namespaces),
        trials(whole::PROMISES, powershell),
        trials(language::PROMISES, powershell),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}

/// The promises of a module, with their names.
#[macro_export]
macro_rules! promises {
    ($name:ident: $($promise:ident,)+) => {
        pub const $name: &[(&str, fn())] = &[$((stringify!($promise), $promise)),+];
    };
}
