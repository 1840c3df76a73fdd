//! `check`: would a run work, and is it safe? Reads what somebody set up, judges it, and changes nothing.
//!
//! What was read is data ([`set_up`], and of each question what became of it: [`seen`]); the [`judges`] are functions of that
//! alone. All kinds of findings stand in one table ([`about_id`]).

mod about;
mod about_id;
pub(crate) mod binding;
mod concern;
mod cron;
mod exit;
mod finding;
mod id;
mod judges;
pub(crate) mod needs;
pub(crate) mod own_steps;
mod reading;
mod seen;
mod set_up;
mod show;
mod sight;

pub use about_id::AboutId;
pub use concern::Concern;
pub use exit::CheckExit;
pub use id::Id;

use self::finding::{Finding, FindingStatus, SettingNames};
use crate::console::{Console, ResultForm};
use crate::error::Error;
use crate::settings::{CheckSettings, Environment, Flags};

/// Checks once.
///
/// # Errors
/// Settings that are missing or wrong; nothing was asked.
pub fn check(
    environment: &Environment,
    flags: &Flags,
    console: &Console,
) -> Result<CheckExit, Error> {
    let settings = CheckSettings::read(environment, flags)?;
    settings.warnings.iter().for_each(|it| console.warn(it));
    let set_up = reading::read(&settings, (environment, flags), console)?;
    let findings = judges::judge(&set_up).into_iter();
    let findings: Vec<Finding> = findings.map(|it| in_words(it, console)).collect();
    match console.result_form() {
        ResultForm::Lines => show::lines(&findings, console),
        ResultForm::Document => console.document(&show::document(&findings)),
    }
    Ok(exit_of(&findings))
}

/// Settings called as whoever reads it calls them.
fn in_words(finding: Finding, console: &Console) -> Finding {
    match finding.names {
        SettingNames::AsRead => finding,
        SettingNames::ByParameter => Finding {
            found: console.in_their_words(&finding.found),
            action: console.in_their_words(&finding.action),
            names: SettingNames::AsRead,
            ..finding
        },
    }
}

/// A server that did not answer outranks a failure: nobody knows what else there is.
fn exit_of(findings: &[Finding]) -> CheckExit {
    if findings.iter().any(|finding| finding.unanswered) {
        CheckExit::Unanswered
    } else if findings.iter().any(|it| it.status == FindingStatus::Fail) {
        CheckExit::Failed
    } else {
        CheckExit::Fine
    }
}
