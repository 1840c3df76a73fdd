//! The command line: commands, flags, help, completions. Values are judged with the rest of the settings.

use crate::check::CheckExit;
use crate::console::{Detail, ResultForm};
use crate::error::ExitCode;
use crate::settings::{DryRunExit, Flag, Flags, PARAMETERS, Parameter, Question, Takes};
use crate::setup::SetupExit;
use clap::builder::{PossibleValue, StyledStr, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

mod setup;
mod texts;

use self::texts::{end_of_help, help_of, licenses};

const NAME: &str = env!("CARGO_PKG_NAME");
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("OCTOPUS_SCALE_IN_COMMIT"),
    ")"
);
const COMPLETIONS: &str = "completions";
const CHECK: &str = "check";
const CHECK_ABOUT: &str =
    "Say whether a run would work and is safe; changes nothing, starts nothing";
const SETUP: &str = "setup";
const SETUP_ABOUT: &str =
    "Set up what runs need: machine policy, template, variables, runbook, step, schedule";
/// The headings of what is no parameter.
const OUTPUT: &str = "What is shown, and asked";
const CHECKED: &str = "What is checked beside that";

/// What the program is asked for.
#[derive(Debug)]
pub enum Request {
    /// One run.
    Run(CommandLine),
    /// Whether a run would work, and is safe.
    Check(CommandLine),
    /// What a run needs is set up.
    Setup(CommandLine),
    /// A text on standard output: help, the version, completions.
    Page(Page),
}

/// What a command is told on the command line.
#[derive(Debug)]
pub struct CommandLine {
    /// Parameters.
    pub flags: Flags,
    /// How much is shown.
    pub detail: Detail,
    /// What standard output holds.
    pub result: ResultForm,
}

/// A text, for a terminal and for anything else.
#[derive(Debug)]
pub struct Page {
    /// Without colours.
    pub plain: String,
    /// With them.
    pub coloured: String,
}

impl Page {
    fn of(text: &StyledStr) -> Self {
        Self {
            plain: text.to_string(),
            coloured: text.ansi().to_string(),
        }
    }

    fn plain(text: String) -> Self {
        Self {
            coloured: text.clone(),
            plain: text,
        }
    }
}

/// Reads the command line.
///
/// # Errors
/// What is wrong with it, with the nearest that is known.
pub fn read(arguments: &[OsString]) -> Result<Request, Page> {
    let matches = match command(FlagsOf::All).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Hidden flags are suggested all the same.
            let offered = command(FlagsOf::Offered).try_get_matches_from(arguments);
            let error = offered.err().unwrap_or(error);
            let page = Page::of(&error.render());
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Request::Page(page)),
                _ => Err(page),
            };
        }
    };
    Ok(match matches.subcommand() {
        Some((COMPLETIONS, of)) => Request::Page(completions(of)),
        Some((CHECK, of)) => Request::Check(told_to_check(of)),
        Some((SETUP, of)) => Request::Setup(told_to_set_up(of)),
        Some((_, of)) => Request::Run(told_to_run(of)),
        None if matches.get_flag("licenses") => Request::Page(Page::plain(licenses())),
        None => Request::Run(told_to_run(&matches)),
    })
}

/// The form of the result that is asked for, also where the rest of the command line cannot be understood.
#[must_use]
pub fn result_form(arguments: &[OsString]) -> ResultForm {
    let words: Vec<&str> = arguments.iter().filter_map(|it| it.to_str()).collect();
    let form = words.iter().enumerate().find_map(|(at, word)| {
        let beside = word.strip_prefix("--output-format=");
        let beside = beside.or_else(|| word.strip_prefix("-f").filter(|it| !it.is_empty()));
        match *word {
            "-f" | "--output-format" => words.get(at + 1).copied(),
            _ => beside.map(|it| it.trim_start_matches('=')),
        }
    });
    form.and_then(ResultForm::of).unwrap_or_default()
}

/// Which flags a command takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FlagsOf {
    /// Those too that are none, so that the answer is better than that there is no such flag.
    All,
    /// Those that people should use.
    Offered,
}

fn command(taken: FlagsOf) -> Command {
    let about = env!("CARGO_PKG_DESCRIPTION");
    let run = Command::new("run").about("Reconcile once; so does no command at all");
    let check = Command::new(CHECK).about(CHECK_ABOUT).long_about(format!(
        "{CHECK_ABOUT}\n\nOCTOPUS_API_KEY is who checks, VMSS_OCTOPUS_APIKEY the schedule's key."
    ));
    let setup = Command::new(SETUP).about(SETUP_ABOUT).long_about(format!(
        "{SETUP_ABOUT}. Prints a plan; --apply carries it out.\n\nOCTOPUS_API_KEY is who sets up, VMSS_OCTOPUS_APIKEY is what is stored for the schedule."
    ));
    let shell = Arg::new("shell").value_name("SHELL").required(true);
    let completions = Command::new(COMPLETIONS)
        .about("Print what makes a shell complete this command")
        .arg(shell.value_parser(value_parser!(Shell)));
    let licenses = Arg::new("licenses").long("licenses").exclusive(true);
    for_runs(Command::new(NAME), taken)
        .about(about)
        .version(VERSION)
        .args_conflicts_with_subcommands(true)
        .arg(
            licenses
                .action(ArgAction::SetTrue)
                .help("Say where the licences are"),
        )
        .subcommand(for_runs(run, taken))
        .subcommand(for_checks(check, taken))
        .subcommand(for_setup(setup, taken))
        .subcommand(completions)
}

fn for_runs(command: Command, taken: FlagsOf) -> Command {
    let codes = ExitCode::ALL.map(|code| (code as u8, code.meaning()));
    with_flags(command, taken, &codes, &[]).args(flags_of_runs())
}

fn for_checks(command: Command, taken: FlagsOf) -> Command {
    let codes = CheckExit::ALL.map(|code| (code as u8, code.meaning()));
    with_flags(command, taken, &codes, &[]).args(flags_of_checks())
}

fn for_setup(command: Command, taken: FlagsOf) -> Command {
    let codes = SetupExit::ALL.map(|code| (code as u8, code.meaning()));
    // Its `--azure-account` is the name of an account in Octopus.
    with_flags(command, taken, &codes, &["VMSS.Azure.Account"])
        .args(flags_of_checks())
        .args(setup::flags())
}

fn with_flags(command: Command, taken: FlagsOf, codes: &[(u8, &str)], without: &[&str]) -> Command {
    let parameters = PARAMETERS.iter().filter(|parameter| match parameter.flag {
        _ if without.contains(&parameter.name) => false,
        Flag::Secret(..) | Flag::Pointless(..) => taken == FlagsOf::All,
        Flag::Short(..) | Flag::Named(_) => true,
    });
    command
        .args(parameters.map(flag_of))
        .args(flags_of_all())
        .next_line_help(true)
        .max_term_width(100)
        .after_help(end_of_help(codes))
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    let arg = Arg::new(name).long(name).help(help);
    arg.help_heading(OUTPUT)
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    flag(name, help).action(ArgAction::SetTrue)
}

/// What the command line alone says, to every command.
fn flags_of_all() -> [Arg; 3] {
    let verbose = "Show details and this program's requests; twice: what its libraries say, too";
    [
        flag("output-format", "The form of the result on standard output")
            .short('f')
            .value_name("FORM")
            .value_parser(AnyWord(ResultForm::CHOICES.map(|(name, _)| name).to_vec())),
        flag("verbose", verbose).short('v').action(ArgAction::Count),
        switch("quiet", "Show errors only, and the result")
            .short('q')
            .conflicts_with("verbose"),
    ]
}

fn flags_of_runs() -> [Arg; 3] {
    [
        flag("report", "Write the report there: .html or .json")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf)),
        switch("no-prompt", "Do not ask before anything is removed"),
        switch(
            "exit-code",
            "With --dry-run: end with 7 where something would be removed",
        ),
    ]
}

fn flags_of_checks() -> [Arg; 2] {
    let named = |name, letter, help| {
        let arg = Arg::new(name).long(name).short(letter).help(help);
        arg.value_name("NAME|ID").help_heading(CHECKED)
    };
    [
        named("project", 'p', "The project that the runbook is in"),
        named("runbook", 'r', "The runbook with the step"),
    ]
}

fn flag_of(parameter: &'static Parameter) -> Arg {
    let arg = Arg::new(parameter.name)
        .help(help_of(parameter))
        .help_heading(parameter.about.heading());
    let arg = match parameter.flag {
        Flag::Short(flag, letter, whole) => {
            let arg = arg.long(flag).visible_alias(whole);
            match letter {
                Some(letter) => arg.short(letter),
                None => arg,
            }
        }
        Flag::Named(flag) => arg.long(flag),
        Flag::Secret(flag, _) | Flag::Pointless(flag, _) => {
            return arg
                .long(flag)
                .hide(true)
                .num_args(0..)
                .action(ArgAction::Append);
        }
    };
    match parameter.takes {
        // A number below 0 is refused with the other problems.
        Takes::Text(what) => {
            let arg = arg.value_name(what).allow_negative_numbers(true);
            arg.value_parser(AnyWord(Vec::new()))
        }
        Takes::List(what) => {
            let arg = arg.value_name(what).action(ArgAction::Append);
            arg.value_parser(AnyWord(Vec::new()))
        }
        Takes::Choice(names) => arg.value_name("CHOICE").value_parser(AnyWord(names())),
        Takes::Nothing => arg
            .value_name("CHOICE")
            .value_parser(AnyWord(vec!["Yes", "No"]))
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("Yes"),
    }
}

fn told_to_run(matches: &ArgMatches) -> CommandLine {
    let mut told = told(matches);
    let flags = &mut told.flags;
    flags.report = matches.get_one::<PathBuf>("report").cloned();
    if matches.get_flag("no-prompt") {
        flags.question = Question::Never;
    }
    if matches.get_flag("exit-code") {
        flags.dry_run_exit = DryRunExit::Telling;
    }
    told
}

fn told_to_check(matches: &ArgMatches) -> CommandLine {
    let mut told = told(matches);
    told.flags.project = matches.get_one::<String>("project").cloned();
    told.flags.runbook = matches.get_one::<String>("runbook").cloned();
    told
}

fn told_to_set_up(matches: &ArgMatches) -> CommandLine {
    let mut told = told_to_check(matches);
    told.flags.setup = setup::told(matches);
    told
}

fn told(matches: &ArgMatches) -> CommandLine {
    let mut flags = Flags::default();
    for parameter in &PARAMETERS {
        take(matches, parameter, &mut flags);
    }
    let mut result = ResultForm::default();
    if let Some(form) = matches.get_one::<String>("output-format") {
        result = ResultForm::of(form).unwrap_or_default();
        flags.set_output_format(form.clone());
    }
    let detail = match (matches.get_flag("quiet"), matches.get_count("verbose")) {
        (true, _) => Detail::Errors,
        (false, 0) => Detail::Usual,
        (false, 1) => Detail::Requests,
        (false, _) => Detail::Everything,
    };
    CommandLine {
        flags,
        detail,
        result,
    }
}

fn take(matches: &ArgMatches, parameter: &'static Parameter, flags: &mut Flags) {
    let name = parameter.name;
    match parameter.flag {
        Flag::Secret(flag, _) | Flag::Pointless(flag, _) => {
            if matches.try_contains_id(name).unwrap_or_default() {
                flags.refused.push((format!("--{flag}"), parameter));
            }
        }
        Flag::Short(flag, ..) | Flag::Named(flag) => match parameter.takes {
            Takes::Nothing | Takes::Text(_) | Takes::List(_) | Takes::Choice(_) => {
                if let Some(values) = matches.get_many::<String>(name) {
                    let values: Vec<&str> = values.map(String::as_str).collect();
                    flags.set(name, format!("--{flag}"), values.join(","));
                }
            }
        },
    }
}

fn completions(matches: &ArgMatches) -> Page {
    let mut script = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        // Hidden flags are completed all the same, and nobody should be led to type a secret.
        clap_complete::generate(*shell, &mut command(FlagsOf::Offered), NAME, &mut script);
    }
    Page::plain(String::from_utf8_lossy(&script).into_owned())
}

/// A value that is judged later, with all the others. Where it is one of a few words, they stand in help and completions.
#[derive(Debug, Clone)]
struct AnyWord(Vec<&'static str>);

impl TypedValueParser for AnyWord {
    type Value = String;

    /// What is no text becomes U+FFFD, which no setting takes.
    fn parse_ref(
        &self,
        _: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        Ok(value.to_string_lossy().into_owned())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = self.0.iter().map(PossibleValue::new);
        (!self.0.is_empty()).then(|| Box::new(words) as Box<dyn Iterator<Item = PossibleValue>>)
    }
}
