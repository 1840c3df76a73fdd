//! Command line, console, exit code.

use octopus_scale_in::check::check;
use octopus_scale_in::cli::{self, CommandLine, Page, Request};
use octopus_scale_in::console::{Audience, ByHand, Changes, Console, Detail, ResultForm};
use octopus_scale_in::error::{Error, ExitCode};
use octopus_scale_in::settings::{self, Environment, Flags, Place, Settings, Words};
use octopus_scale_in::setup::setup;
use octopus_scale_in::{AskedFor, json_error, run};
use std::ffi::OsString;
use std::sync::Arc;

fn main() -> std::process::ExitCode {
    let environment: Environment = std::env::vars_os().filter_map(variable).collect();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    settings::hold_secrets(&environment);
    settings::hold_keys(&arguments);
    let shows_a_page = || {
        let (flags, form) = (Flags::default(), cli::result_form(&arguments));
        let asked = asked_of(&arguments);
        console(
            &environment,
            &flags,
            Detail::default(),
            ended_as(asked, form),
        )
    };
    match cli::read(&arguments) {
        Ok(Request::Run(told)) => execute(&environment, AskedFor::Run, &told, |console| {
            let settings = Settings::read(&environment, &told.flags)?;
            run::reconcile(&settings, console)
        }),
        Ok(Request::Check(told)) => execute(&environment, AskedFor::Check, &told, |console| {
            check(&environment, &told.flags, console)
        }),
        Ok(Request::Setup(told)) => execute(&environment, AskedFor::Setup, &told, |console| {
            setup(&environment, &told.flags, console)
        }),
        Ok(Request::Page(Page { plain, coloured })) => {
            shows_a_page().page(&plain, &coloured);
            ExitCode::Reconciled.into()
        }
        Err(Page { plain, coloured }) => {
            let console = shows_a_page();
            console.refuse(&plain, &coloured);
            let why = plain.trim().trim_start_matches("error: ");
            console.early_end(why, ExitCode::Settings);
            ExitCode::Settings.into()
        }
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

/// The document that says why it ended early.
type EarlyEnd = fn(&str, ExitCode) -> String;

/// What standard output holds, be it that it ends early.
fn ended_as(asked: AskedFor, form: ResultForm) -> (ResultForm, EarlyEnd) {
    match asked {
        AskedFor::Run => (form, |why, code| json_error(AskedFor::Run, why, &[], code)),
        AskedFor::Check => (form, |why, code| {
            json_error(AskedFor::Check, why, &[], code)
        }),
        AskedFor::Setup => (form, |why, code| {
            json_error(AskedFor::Setup, why, &[], code)
        }),
    }
}

/// What is asked for by a command line that cannot be understood.
fn asked_of(arguments: &[OsString]) -> AskedFor {
    let commands = [("check", AskedFor::Check), ("setup", AskedFor::Setup)];
    let mut words = arguments.iter().skip(1);
    let named = words.find_map(|word| commands.iter().find(|(name, _)| word == name));
    named.map_or(AskedFor::Run, |(_, asked)| *asked)
}

fn console(
    environment: &Environment,
    flags: &Flags,
    detail: Detail,
    (result, ended): (ResultForm, EarlyEnd),
) -> Arc<Console> {
    let console = Console::new(match Place::of(environment) {
        Place::Octopus => Audience::Octopus,
        Place::ByHand => {
            let words = Words::of(environment, flags);
            Audience::ByHand(ByHand {
                detail,
                result,
                words: Arc::new(move |text| words.said(text)),
                ended,
            })
        }
    });
    console.end_on_panics();
    console
}

/// Does what is asked for; why it ended early is explained.
fn execute<Code: Into<std::process::ExitCode>>(
    environment: &Environment,
    asked: AskedFor,
    told: &CommandLine,
    what: impl FnOnce(&Console) -> Result<Code, Error>,
) -> std::process::ExitCode {
    let console = console(
        environment,
        &told.flags,
        told.detail,
        ended_as(asked, told.result),
    );
    console.end_on_interrupts(match asked {
        AskedFor::Run | AskedFor::Check => Changes::Removals,
        AskedFor::Setup => Changes::SetUp,
    });
    console.install_diagnostics();
    let error = match what(&console) {
        Ok(code) => return code.into(),
        Err(error) => error,
    };
    let code = console.explain(&error);
    if let (Error::Settings(_), Place::ByHand) = (&error, Place::of(environment)) {
        console.info("octopus-scale-in --help has every flag, and the variable of each");
    }
    match console.result_form() {
        ResultForm::Document => {
            let words = |text: String| console.in_their_words(&text);
            let problems = error.problems().iter();
            let problems: Vec<String> = problems.map(|it| words(it.to_string())).collect();
            let why = words(error.to_string());
            console.document(&json_error(asked, &why, &problems, code));
        }
        ResultForm::Lines => {}
    }
    code.into()
}
