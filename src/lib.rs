//! Removes the Octopus Deploy deployment targets whose machines an Azure scale set has scaled in, and nothing else.
//!
//! An error is never absence; when in doubt it removes nothing and says why. [`run`] is one run from its first to its last
//! step; what is decided stands in [`reconcile`], apart from everything that talks to a network.

pub mod apply;
pub mod azure;
mod clock;
pub mod defect;
pub mod error;
pub mod gather;
pub mod http;
pub mod listing;
pub mod octopus;
pub mod reconcile;
pub mod report;
pub mod settings;
pub mod settle;
pub mod sight;
pub mod task_log;
mod workers;

use apply::Removals;
use error::{Error, ExitCode};
use reconcile::plan::Plan;
use report::Outcome;
use settings::Settings;
use sight::Services;
use std::time::SystemTime;
use task_log::{Level, TaskLog};

/// One run. Everything it has to say goes to `log`; what it removed, it removed for good.
///
/// # Errors
/// Whatever ended the run before its plan stood. What happens later is part of the exit code.
pub fn run(settings: &Settings, log: &TaskLog) -> Result<ExitCode, Error> {
    for warning in &settings.warnings {
        log.warn(warning);
    }
    let services = Services::connect(settings, log)?;

    // A run that a trigger started would read here what earlier runs handed out (duplicate runs, old servers).
    let (sight, census) = services.settled_look()?;
    // Here it would wait until every instance has a registered target.

    let plan = Plan::make(&sight.look, settings.rules, SystemTime::now());
    let neighbours = services.neighbours(&sight, &plan);
    let seen = neighbours.as_ref().ok().and_then(Option::as_ref);
    services.show_plan(&sight.look, &census, &plan, seen);

    let decision = services.decide(sight, plan, neighbours);
    // Here it would answer guided failures on targets whose machines are gone.

    let removals = if settings.dry_run || decision.hold.is_some() {
        Removals::default()
    } else {
        services.remove(&decision)
    };
    let deployable = services.deployable(&decision.sight, &decision.plan);
    Ok(services.finish(&Outcome {
        decision,
        removals,
        deployable,
    }))
}

/// Prints why a run ended early, and gives its exit code.
pub fn explain(error: &Error, log: &TaskLog) -> ExitCode {
    log.say(Level::Error, error);
    if let Error::Settings(problems) = error {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("  {problem}"))
            .collect();
        log.block(Level::Error, &lines);
    }
    error.exit_code()
}
