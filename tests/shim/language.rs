//! Windows PowerShell 5.1 runs nowhere here, so the script's syntax tree is read for what 5.1 does not have.

use crate::promises;
use std::process::Command;

promises! { PROMISES:
    windows_powershell_understands_the_script,
    what_it_does_not_understand_would_be_found,
}

const WALK: &str = include_str!("walk.ps1");

/// What in a script Windows PowerShell 5.1 would stumble over.
fn stumbles(script: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let (script_file, walk) = (
        folder.path().join("Script.ps1"),
        folder.path().join("Walk.ps1"),
    );
    std::fs::write(&script_file, script).expect("a file");
    std::fs::write(&walk, WALK).expect("a file");
    let output = Command::new("pwsh")
        .args(["-NoProfile", "-NonInteractive", "-File"])
        .args([&walk, &script_file])
        .output()
        .expect("PowerShell starts");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the walk failed: {said}{errors}");
    said
}

fn windows_powershell_understands_the_script() {
    assert!(
        step_template::SCRIPT.is_ascii(),
        "5.1 reads a file without a byte order mark as ANSI"
    );
    assert_eq!(stumbles(step_template::SCRIPT), "");
}

fn what_it_does_not_understand_would_be_found() {
    for (script, found) in [
        ("$x = $a ?? 1", "QuestionQuestion"),
        ("$x ??= 1", "QuestionQuestionEquals"),
        ("$x = $a ? 1 : 2", "TernaryExpressionAst"),
        ("a && b", "PipelineChainAst"),
        ("${a}?.b", "null-conditional"),
        ("1 | ForEach-Object -Parallel { $_ }", "-Parallel"),
        ("Get-Content x -AsByteStream", "-AsByteStream"),
        (
            "Invoke-WebRequest x -UseBasicParsing -SkipCertificateCheck",
            "-SkipCertificateCheck",
        ),
        ("Remove-Alias x", "Remove-Alias"),
        ("Test-Json x", "Test-Json"),
        ("clean { 1 }", "clean"),
    ] {
        let said = stumbles(script);
        assert!(said.contains(found), "{script}: {said:?}");
    }
}
