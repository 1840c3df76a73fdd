//! Arguments, logger, exit code.

use lexopt::prelude::*;
use octopus_scale_in::console::Console;
use octopus_scale_in::error::{Error, ExitCode, Problem};
use octopus_scale_in::run;
use octopus_scale_in::settings::{DryRun, Environment, Settings, variable_name};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

const HELP: &str = "\
Removes the Octopus Deploy deployment targets whose machines an Azure scale set has scaled in.

Usage: octopus-scale-in [--dry-run] [--report FILE]

  --dry-run       plan, gather the evidence, print, change nothing
  --report FILE   write the report there: a page (.html) or data (.json)
  --help          print this
  --version       print the version

Parameters come from environment variables: VMSS.ScaleSet.Name is VMSS_SCALESET_NAME. Needed are
  VMSS_SCALESET_NAME, VMSS_RESOURCEGROUP_NAME       the scale set
  VMSS_DEPLOYMENTTARGET_ROLES                       the roles that its targets carry, all of them
  VMSS_AZURE_ACCOUNT_SUBSCRIPTIONNUMBER, _TENANTID, _CLIENT, _PASSWORD (or AZURE_SUBSCRIPTION_ID, AZURE_TENANT_ID, ...)
  OCTOPUS_URL, OCTOPUS_API_KEY, OCTOPUS_SPACE, OCTOPUS_ENVIRONMENT_ID
All of them, the outputs and the exit codes: https://github.com/octopus-scale-in/octopus-scale-in/blob/main/docs/parameters.md
";

fn main() -> std::process::ExitCode {
    let environment: Environment = std::env::vars_os().filter_map(variable).collect();
    let inside_octopus = environment
        .get(&variable_name("Octopus.Task.Id"))
        .is_some_and(|id| !id.trim().is_empty());
    let console = Console::new(inside_octopus);
    console.end_on_panics();
    console.end_on_interrupts();
    console.install_diagnostics();
    match arguments() {
        Ok(arguments) => reconcile(&environment, arguments, &console).into(),
        Err(code) => code.into(),
    }
}

/// Names are compared in capitals where the operating system does not tell them apart. What is no text in a value becomes
/// U+FFFD, which no setting takes.
fn variable((name, value): (OsString, OsString)) -> Option<(String, String)> {
    let name = name.into_string().ok()?;
    let name = if cfg!(windows) {
        name.to_uppercase()
    } else {
        name
    };
    Some((name, value.to_string_lossy().into_owned()))
}

fn reconcile(environment: &Environment, arguments: Arguments, console: &Console) -> ExitCode {
    let Arguments { dry_run, report } = arguments;
    let ended = Settings::read(environment, dry_run)
        .and_then(|settings| settings.with_report(report))
        .and_then(|settings| run::reconcile(&settings, console));
    ended.unwrap_or_else(|error: Error| console.explain(&error))
}

/// What the command line asks for.
struct Arguments {
    dry_run: DryRun,
    report: Option<PathBuf>,
}

/// Reads the command line: what it asks for, or how the process ends at once.
fn arguments() -> Result<Arguments, ExitCode> {
    let mut arguments = lexopt::Parser::from_env();
    let mut asked = Arguments {
        dry_run: DryRun::No,
        report: None,
    };
    loop {
        match arguments.next() {
            Ok(None) => return Ok(asked),
            Ok(Some(Long("dry-run"))) => asked.dry_run = DryRun::Yes,
            Ok(Some(Long("report"))) => match arguments.value() {
                Ok(file) => asked.report = Some(file.into()),
                Err(error) => return Err(bad_argument(&error)),
            },
            Ok(Some(Long("help") | Short('h'))) => {
                print(HELP);
                return Err(ExitCode::Reconciled);
            }
            Ok(Some(Long("version") | Short('V'))) => {
                print(concat!(
                    "octopus-scale-in ",
                    env!("CARGO_PKG_VERSION"),
                    "\n"
                ));
                return Err(ExitCode::Reconciled);
            }
            Ok(Some(other)) => return Err(bad_argument(&other.unexpected())),
            Err(error) => return Err(bad_argument(&error)),
        }
    }
}

fn bad_argument(error: &lexopt::Error) -> ExitCode {
    let problem = Problem {
        parameter: "command line".into(),
        what: error.to_string(),
    };
    print(&format!("{problem}\n\n{HELP}"));
    ExitCode::Settings
}

/// A reader that went away is no defect.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
