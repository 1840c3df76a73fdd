//! The command line: commands, help, version, licences, completions, and what becomes of anything else.

use crate::support::{Run, expect_untouched, registered, scaled_in};
use octopus_scale_in::error::ExitCode;
use octopus_scale_in::settings::{Flag, PARAMETERS, variable_name};
use sandbox::Matcher;

#[test]
fn a_dry_run_changes_nothing_whatever_the_parameter_says() {
    for parameter in ["No", "Yes", ""] {
        for arguments in [&["--dry-run"][..], &["run", "--dry-run"]] {
            let sandbox = scaled_in(3, &["web000001"]);
            let run = Run::in_runbook(&sandbox).set("VMSS_DRYRUN", parameter);

            let outcome = run.arguments(arguments).run().expect_code(0);

            expect_untouched(&sandbox);
            assert!(outcome.removed().is_empty());
        }
    }
}

#[test]
fn to_run_is_what_no_command_means() {
    for arguments in [&[][..], &["run"]] {
        let sandbox = scaled_in(3, &["web000001"]);
        let run = Run::in_runbook(&sandbox).arguments(arguments);
        run.run().expect_code(0);
        assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
    }
}

#[test]
fn the_version_is_one_line_that_names_its_origin() {
    for argument in ["--version", "-V"] {
        let outcome = Run::bare().argument(argument).run().expect_code(0);
        let version = env!("CARGO_PKG_VERSION");
        let origin = outcome
            .stdout
            .strip_prefix(&format!("octopus-scale-in {version} ("))
            .and_then(|rest| rest.strip_suffix(")\n"));
        let origin = origin.unwrap_or_else(|| panic!("{:?}", outcome.stdout));
        let commit = origin.strip_prefix("commit ").map(str::len);
        assert!(
            commit == Some(40) || origin == "a build for development",
            "{origin}"
        );
    }
}

#[test]
fn the_licences_have_addresses() {
    let outcome = Run::bare().argument("--licenses").run().expect_code(0);
    let said = &outcome.stdout;
    assert!(said.contains("Apache-2.0"), "{said}");
    for file in ["LICENSE", "Cargo.lock", "deny.toml"] {
        assert!(said.contains(&format!("/blob/main/{file}")), "{said}");
        let folder = env!("CARGO_MANIFEST_DIR");
        let there = std::path::Path::new(folder).join(file);
        assert!(there.is_file(), "{file} is not where it is said to be");
    }
}

#[test]
fn help_has_every_flag_its_variable_and_the_exit_codes() {
    for arguments in [&["--help"][..], &["-h"], &["run", "--help"]] {
        let outcome = Run::bare().arguments(arguments).run().expect_code(0);
        let help = &outcome.stdout;
        let words: Vec<&str> = help
            .split(|c: char| c.is_whitespace() || "[],".contains(c))
            .collect();
        for parameter in &PARAMETERS {
            match parameter.flag {
                Flag::Short(flag, _, whole) => {
                    for flag in [flag, whole] {
                        assert!(words.contains(&&*format!("--{flag}")), "{flag}\n{help}");
                    }
                }
                Flag::Named(flag) => {
                    assert!(words.contains(&&*format!("--{flag}")), "{flag}\n{help}");
                }
                Flag::Secret(flag, _) => assert!(!help.contains(flag), "{flag}\n{help}"),
                Flag::Pointless(..) => continue,
            }
            let variable = variable_name(parameter.name);
            assert!(words.contains(&&*variable), "{variable}\n{help}");
        }
        for flag in ["-s", "-e", "-f", "-v", "-q", "--no-prompt", "--exit-code"] {
            assert!(words.contains(&flag), "{flag}\n{help}");
        }
        for code in ExitCode::ALL {
            let start: Vec<&str> = code.meaning().split_whitespace().take(3).collect();
            let line = format!("  {}  {}", code as u8, start.join(" "));
            assert!(help.contains(&line), "{line}\n{help}");
        }
        assert!(help.contains("https://github.com/"), "{help}");
        assert!(help.is_ascii());
    }
}

#[test]
fn help_fits_the_window() {
    for columns in [60, 80, 200] {
        let run = Run::bare().set("COLUMNS", columns.to_string());
        let outcome = run.argument("--help").run().expect_code(0);
        for line in outcome.stdout.lines() {
            // Nobody can break a flag or a name.
            let words = line
                .split_whitespace()
                .filter(|word| !word.starts_with('<'));
            let fits = line.len() <= columns || words.count() == 1;
            assert!(fits, "{columns}: {line}");
        }
    }
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Run::bare().arguments(&["completions", shell]);
        let outcome = run.run().expect_code(0);
        for word in ["--removal-limit", "--no-prompt", "ManagedIdentity"] {
            let word = match shell {
                "fish" => word.trim_start_matches('-'),
                _ => word,
            };
            // PowerShell's and elvish's complete no values.
            let values = !matches!(shell, "powershell" | "elvish");
            if values || word.starts_with('-') {
                assert!(outcome.stdout.contains(word), "{shell}: {word}");
            }
        }
        assert!(outcome.stderr.is_empty());
        for secret in ["octopus-api-key", "account-password", "connect-jwt"] {
            assert!(
                !outcome.stdout.contains(secret),
                "{shell} leads to type {secret}"
            );
        }
    }
    let outcome = Run::bare().arguments(&["completions", "zhs"]).run();
    outcome.expect_code(2).expect_said("zsh");
}

#[test]
fn what_does_not_exist_is_refused_with_the_nearest_that_does() {
    for (argument, meant) in [
        ("--dryrun", "--dry-run"),
        ("--removal-limits=3", "--removal-limit"),
        ("--resourcegroup", "--resource-group"),
        ("complete", "completions"),
    ] {
        let sandbox = scaled_in(3, &["web000001"]);
        let outcome = Run::by_hand(&sandbox)
            .argument(argument)
            .run()
            .expect_code(2);
        assert_eq!(sandbox.count(Matcher::any()), 0, "{argument}");
        outcome.expect_said(&format!("'{meant}'"));
    }
}

#[test]
fn an_argument_that_does_not_exist_is_refused_before_anything_is_asked() {
    for arguments in [
        &["--dryrun"][..],
        &["--dry-run", "web"],
        &["-n"],
        &["--", "--dry-run"],
        &["--dry-run", "run"],
        &["-q", "-v"],
        &["--licenses", "--dry-run"],
    ] {
        for run in [Run::by_hand, Run::in_runbook] {
            let sandbox = scaled_in(3, &["web000001"]);

            let outcome = run(&sandbox).arguments(arguments).run().expect_code(2);

            assert_eq!(sandbox.count(Matcher::any()), 0, "{arguments:?}");
            assert!(outcome.said("error").contains("error: "), "{arguments:?}");
            outcome.expect_said("--help");
        }
    }
}
