//! What `check` is told: whom to ask, and about what. What a run would be told beside that it reads as a [`super::Draft`], from the
//! step as well.

use super::flags::Flags;
use super::read::{command_line, hold_secrets, in_order, tuning};
use super::reader::{Environment, Place, Reader};
use super::values::Tuning;
use super::{known, server};
use crate::error::Error;
use crate::octopus::{BaseUrl, DryRun};
use crate::secret::Secret;

/// Whom to ask, and about what.
#[derive(Debug)]
pub struct CheckSettings {
    /// Octopus Server.
    pub octopus_url: BaseUrl,
    /// The key of whoever checks.
    pub checker: Secret,
    /// What that key is set with.
    pub checkers_name: &'static str,
    /// The key that the schedule uses, where it is given.
    pub schedule: Option<Secret>,
    /// The space, by id or name.
    pub space: String,
    /// The environment, by id or name.
    pub environment: String,
    /// The project, by id or name.
    pub project: Option<String>,
    /// The runbook in it, by id or name.
    pub runbook: Option<String>,
    /// Times that tests and impatient people shorten.
    pub tuning: Tuning,
    /// What is odd and yet no problem.
    pub warnings: Vec<String>,
}

impl CheckSettings {
    /// Reads the environment, and the command line, which wins.
    ///
    /// # Errors
    /// [`Error::Settings`] with every problem.
    pub fn read(environment: &Environment, flags: &Flags) -> Result<Self, Error> {
        hold_secrets(environment);
        let mut reader = Reader::new(environment, flags);
        let r = &mut reader;
        let by_hand = r.place == Place::ByHand;
        let octopus_url = server::url(r, by_hand);
        let (checker, schedule) = server::two_keys(r, by_hand);
        let checkers_name = server::checkers_name(r, by_hand);
        let space = server::space(r, by_hand);
        let environment = server::environment(r, by_hand);
        let tuning = tuning(r);
        command_line(r, flags, DryRun::Yes);
        known::refuse_strangers(r);
        if flags.runbook.is_some() && flags.project.is_none() {
            r.problem("--runbook", "needs --project, which it is in");
        }
        let mut problems = reader.problems;
        problems.append(&mut reader.missing);
        let settings = (|| {
            Some(Self {
                octopus_url: octopus_url?,
                checker: checker?,
                checkers_name,
                schedule,
                space: space?,
                environment: environment?,
                project: flags.project.clone(),
                runbook: flags.runbook.clone(),
                tuning,
                warnings: reader.warnings,
            })
        })();
        settings
            .filter(|_| problems.is_empty())
            .ok_or_else(|| Error::Settings(in_order(problems)))
    }
}
