//! Tells the program which commit it is built from: the release script says it, or git does in other release builds. Nothing
//! else goes in, so that two builds of a commit are the same.

use std::path::Path;
use std::process::Command;

const VARIABLE: &str = "OCTOPUS_SCALE_IN_COMMIT";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let told = std::env::var(VARIABLE).ok();
    let told = told.filter(|commit| !commit.is_empty());
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let origin = match told {
        Some(commit) => format!("commit {commit}"),
        // Whoever works on it would build everything anew after each commit.
        None if !release => "a build for development".to_owned(),
        None => of_git().map_or("no commit: built without git".to_owned(), |commit| {
            format!("commit {commit}")
        }),
    };
    println!("cargo::rustc-env={VARIABLE}={origin}");
}

/// The commit that is checked out, and whether anything differs from it.
fn of_git() -> Option<String> {
    // A copy of the source inside another repository is none of its commits.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    if Path::new(&top).canonicalize().ok()? != here {
        return None;
    }
    for watched in ["HEAD", "logs/HEAD", "index"] {
        let path = git(&["rev-parse", "--git-path", watched])?;
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Some(if changed {
        format!("{commit}, changed")
    } else {
        commit
    })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
