//! Tells the program which commit it is built from: the release script says it, or git does in other release builds. Nothing
//! else goes in, so that two builds of a commit are the same. And leaves out of static programs what they never use.

use std::path::{Path, PathBuf};
use std::process::Command;

const VARIABLE: &str = "OCTOPUS_SCALE_IN_COMMIT";

/// For GNU's linker, LLVM's and Zig's. A C compiler's start files count on theirs.
const WITHOUT_UNWINDING: &str = "SECTIONS {
  /DISCARD/ : {
    *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame)
    *(.gcc_except_table .gcc_except_table.*)
  }
}
INSERT AFTER .text;
";

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
    let features = cfg("TARGET_FEATURE");
    let is_static = features.split(',').any(|it| it == "crt-static");
    if release && is_static && cfg("TARGET_OS") == "linux" {
        leave_out_unwinding();
        if is_packed_by_glibc() {
            println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

fn cfg(name: &str) -> String {
    std::env::var(format!("CARGO_CFG_{name}")).unwrap_or_default()
}

/// A panic aborts, and the console's hook shows no stack: nothing reads how to unwind one, which is an eighth of the program.
fn leave_out_unwinding() {
    let script = std::env::var_os("OUT_DIR").map(PathBuf::from);
    let script = script.expect("cargo names it").join("without-unwinding.ld");
    std::fs::write(&script, WITHOUT_UNWINDING).expect("its own folder can be written to");
    for argument in ["-T", &script.to_string_lossy(), "-Wl,--no-eh-frame-hdr"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// Whether the glibc that is linked reads relocations in the short form; with one before 2.36 the program would not start.
fn is_packed_by_glibc() -> bool {
    if cfg("TARGET_ENV") != "gnu" || std::env::var("HOST") != std::env::var("TARGET") {
        return false;
    }
    // It says `glibc 2.36`.
    let version = run("getconf", &["GNU_LIBC_VERSION"]).unwrap_or_default();
    let numbers = version.trim_start_matches("glibc ").split_once('.');
    numbers
        .is_some_and(|(major, minor)| major == "2" && minor.parse().is_ok_and(|it: u32| it >= 36))
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
    run("git", arguments)
}

fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
