//! Removes the Octopus Deploy deployment targets whose machines an Azure scale set has scaled in, and nothing else.
//!
//! An error is never absence; when in doubt it removes nothing and says why. [`run`] is one run from its first to its last
//! step; what is decided stands in [`reconcile`], apart from everything that talks to a network.

pub mod apply;
pub mod azure;
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
use gather::Decision;
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
    let (sight, inventory) = services.settled_look()?;
    // Here it would wait until every instance has a registered target.

    let plan = Plan::make(&sight.look, settings.rules, SystemTime::now());
    services.show_plan(&sight, &inventory, &plan);

    let decision = if plan.candidate_count() == 0 {
        Decision {
            sight,
            plan,
            hold: None,
        }
    } else {
        services.decide(sight, plan)
    };
    // Here it would answer guided failures on targets whose machines are gone.

    let removals = if settings.dry_run || decision.hold.is_some() {
        Removals::default()
    } else {
        services.remove(&decision)
    };
    Ok(services.finish(&Outcome { decision, removals }))
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
