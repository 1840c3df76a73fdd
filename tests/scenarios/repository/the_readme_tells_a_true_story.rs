//! The README's first command tells a true story.

use std::path::Path;
use std::process::Command;

/// The sandbox's program, which cargo builds beside the binary under test whenever the whole workspace is tested.
fn sandbox() -> Option<std::path::PathBuf> {
    let beside = Path::new(env!("CARGO_BIN_EXE_octopus-scale-in"));
    let program = beside.with_file_name(format!("sandbox{}", std::env::consts::EXE_SUFFIX));
    program.is_file().then_some(program)
}

#[test]
fn the_story_ends_well() {
    let program =
        sandbox().expect("the sandbox's program is built: test with `cargo test --workspace`");

    let told = Command::new(program)
        .arg("story")
        .env("STORY_WITHOUT_BUILD", "1")
        .output()
        .expect("the sandbox starts");

    let story = String::from_utf8_lossy(&told.stdout);
    assert!(
        told.status.success(),
        "the story went wrong:\n{story}{}",
        String::from_utf8_lossy(&told.stderr)
    );
    assert!(
        story.contains("Removed 17 of 17 targets that match no machine"),
        "the scale-in is in the story:\n{story}"
    );
    assert!(
        story.contains(
            "  WEB000099  Machines-9: no machine of this name exists, and yet it answers"
        ) && story.contains("1 answers; 3 not ours"),
        "the permanent server that answers is in the story:\n{story}"
    );
    assert!(
        story.contains("Removed 2 of 2 targets that match no machine"),
        "what was set up removes what is gone, in the story:\n{story}"
    );
    assert!(
        story.contains("The deployment was told to go on without it."),
        "the machine that went in the middle of a deployment is in the story:\n{story}"
    );
}
