//! The builds of the program that are tried: what is compiled out of one and what is not differs from the other.

use crate::support::Run;
use libtest_mimic::Arguments;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one that cargo made for the tests.
pub fn debug() -> PathBuf {
    env!("CARGO_BIN_EXE_octopus-scale-in").into()
}

/// One that is like the released one in all that decides what is printed: see the profile in Cargo.toml.
pub fn release() -> PathBuf {
    const PROFILE: &str = "like-release";
    let debug = debug();
    let folder = debug.ancestors().nth(2).expect("a target folder");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--profile",
            PROFILE,
            "--locked",
            "--quiet",
            "--package",
        ])
        .args([env!("CARGO_PKG_NAME"), "--target-dir"])
        .arg(folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "the build with the profile {PROFILE} fails"
    );
    let name = Path::new(debug.file_name().expect("a file"));
    folder.join(PROFILE).join(name)
}

impl Run {
    /// The same with this build.
    pub fn of_binary(mut self, binary: &Path) -> Self {
        self.binary = binary.into();
        self
    }
}

/// Whether the arguments ask for a trial.
pub fn is_wanted(arguments: &Arguments, name: &str) -> bool {
    let fits = |filter: &String| match arguments.exact {
        true => name == filter,
        false => name.contains(filter.as_str()),
    };
    arguments.filter.as_ref().is_none_or(fits) && !arguments.skip.iter().any(fits)
}
