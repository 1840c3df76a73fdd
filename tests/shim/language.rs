//! Windows PowerShell 5.1 runs nowhere here, so the script's syntax tree is read for what 5.1 does not have.

use crate::promises;
use std::process::Command;

promises! { PROMISES:
    windows_powershell_understands_the_script,
    what_it_does_not_understand_would_be_found,
}

const WALK: &str = include_str!("walk.ps1");

/// What in each of these scripts Windows PowerShell 5.1 would stumble over.
fn stumbles(scripts: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let walk = folder.path().join("Walk.ps1");
    std::fs::write(&walk, WALK).expect("a file");
    let files = scripts.iter().enumerate().map(|(number, script)| {
        let file = folder.path().join(format!("{number}.ps1"));
        std::fs::write(&file, script).expect("a file");
        file
    });
    let mut pwsh = Command::new("pwsh");
    pwsh.args(["-NoProfile", "-NonInteractive", "-File"]);
    let output = pwsh.arg(&walk).args(files).output();
    let output = output.expect("PowerShell starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the walk failed: {said}{errors}");
    let of = |number: usize| {
        let prefix = format!("{number}.ps1: ");
        said.lines()
            .filter_map(|line| line.strip_prefix(&prefix))
            .collect::<Vec<_>>()
            .join("\n")
    };
    (0..scripts.len()).map(of).collect()
}

fn windows_powershell_understands_the_script() {
    assert!(
        step_template::SCRIPT.is_ascii(),
        "5.1 reads a file without a byte order mark as ANSI"
    );
    assert_eq!(stumbles(&[step_template::SCRIPT]), [""]);
}

fn what_it_does_not_understand_would_be_found() {
    let cases = [
        ("$x = $a ?? 1", "token: ??"),
        ("$x ??= 1", "token: ??="),
        ("$x = $a ? 1 : 2", "TernaryExpressionAst"),
        ("Test-Path a && Test-Path b", "PipelineChainAst"),
        ("Test-Path a || Test-Path b", "PipelineChainAst"),
        ("${a}?.b", "null-conditional"),
        ("${a}?[0]", "null-conditional"),
        ("Test-Path a &", "background"),
        ("class A { [int] $b }", "TypeDefinitionAst"),
        ("using namespace System.IO", "UsingStatementAst"),
        ("function A { clean { 1 } }", "clean"),
        ("\"`e[0m\"", "escape"),
        ("\"`u{1f419}\"", "escape"),
        ("$x = 1uy", "number: 1uy"),
        ("$x = 0b11", "number: 0b11"),
        ("'a' -replace 'a', { 'b' }", "replaced by a script"),
        ("1 | ForEach-Object -Parallel { $_ }", "-Parallel"),
        ("Test-Path a -OlderThan b", "-OlderThan"),
        ("Get-Content x -AsByteStream", "Get-Content"),
        ("Remove-Alias x", "Remove-Alias"),
        ("Test-Json x", "Test-Json"),
        ("chmod 755 x", "chmod"),
        ("& chmod 755 x", "chmod"),
        ("[System.IO.File]::Move('a', 'b', $true)", "Move(3)"),
        ("[System.Convert]::ToHexString($x)", "ToHexString(1)"),
        (
            "[System.IO.File]::SetUnixFileMode('a', 1)",
            "SetUnixFileMode(2)",
        ),
        ("[System.Uri]::new('a')", "new(1)"),
        ("'a'.Contains('b', 'Ordinal')", "Contains(2)"),
        (
            "New-Object System.Net.Http.SocketsHttpHandler",
            "type: System.Net.Http.SocketsHttpHandler",
        ),
        ("if ($IsLinux) { 1 }", "variable: $IsLinux"),
        ("\"$PSStyle\"", "variable: $PSStyle"),
        (
            "[System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture",
            "RuntimeInformation.OSArchitecture",
        ),
        (
            "function Get-ItOnUnix { $IsLinux }\nfunction Get-It { if (Test-ScaleInWindows) { 1 }; Get-ItOnUnix }",
            "not behind a test for Windows",
        ),
        (
            "function Get-ItOnUnix { $IsLinux }\nif (Test-ScaleInWindows) { Get-ItOnUnix }",
            "not behind a test for Windows",
        ),
    ];
    let scripts = cases.map(|(script, _)| script);
    for ((script, found), said) in cases.iter().zip(stumbles(&scripts)) {
        assert!(said.contains(found), "{script}: {said:?}");
    }
    let fine = "function Test-ScaleInWindows { 1 }\nfunction Get-ItOnUnix { $IsLinux }\n\
        function Get-It { if (Test-ScaleInWindows) { return 1 }\nGet-ItOnUnix }\n\
        if (-not (Test-ScaleInWindows)) { try { Get-ItOnUnix } catch { throw } }";
    assert_eq!(stumbles(&[fine]), [""]);
}
