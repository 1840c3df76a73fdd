//! The texts of help and licences.

use crate::settings::{Flag, PARAMETERS, Parameter, Takes, variable_name};
use clap::builder::StyledStr;
use std::fmt::Write;

const NAME: &str = env!("CARGO_PKG_NAME");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What a flag does, with its variables and its default.
pub(super) fn help_of(parameter: &Parameter) -> String {
    let mut help = format!("{} [env: {}", parameter.help, variable_name(parameter.name));
    for other in parameter.by_hand {
        let _ = write!(help, ", {other}");
    }
    help.push(']');
    if !matches!(parameter.takes, Takes::Nothing) && !parameter.default.is_empty() {
        let _ = write!(help, " [default: {}]", parameter.default);
    }
    help
}

/// What has no flag, what the program ends with, and where the rest stands.
pub(super) fn end_of_help(codes: &[(u8, &str)]) -> StyledStr {
    let mut text = String::new();
    let heading = |text: &mut String, words| {
        let _ = writeln!(text, "\x1b[1m\x1b[4m{words}:\x1b[0m");
    };
    heading(&mut text, "Secrets, in variables only");
    for parameter in &PARAMETERS {
        let Flag::Secret(..) = parameter.flag else {
            continue;
        };
        let other = parameter.by_hand.iter().map(|other| format!(", {other}"));
        let variable = variable_name(parameter.name);
        let _ = writeln!(text, "  {variable}{}", other.collect::<String>());
        let _ = writeln!(text, "          {}", parameter.help);
    }
    text.push('\n');
    heading(&mut text, "Exit codes");
    for (code, meaning) in codes {
        let _ = writeln!(text, "  {code}  {meaning}");
    }
    let _ = write!(
        text,
        "\nA flag wins over its variable. All the rest: {REPOSITORY}"
    );
    text.into()
}

/// Where the licences are.
pub(super) fn licenses() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let license = env!("CARGO_PKG_LICENSE");
    format!(
        "{NAME} {version} is licensed under {license}:\n  {REPOSITORY}/blob/main/LICENSE\n\
         The libraries in it, each with its version, stand in\n  {REPOSITORY}/blob/main/Cargo.lock\n\
         and which licences they may have in\n  {REPOSITORY}/blob/main/deny.toml\n\
         The text of each is at https://docs.rs/crate/NAME/VERSION/source/\n"
    )
}
