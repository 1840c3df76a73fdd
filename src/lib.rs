//! Removes the Octopus Deploy deployment targets whose machines an Azure scale set has scaled in, and nothing else.
//!
//! An error is never absence; when in doubt it removes nothing and says why. [`run`] is one run from its first to its last
//! step; what is decided stands in [`reconcile`], apart from everything that talks to a network.

pub mod apply;
pub mod azure;
mod clock;
pub mod console;
pub mod defect;
pub mod duplicate;
pub mod error;
pub mod gather;
pub mod guided_failure;
pub mod http;
pub mod octopus;
pub mod reconcile;
pub mod register;
pub mod report;
pub mod secret;
pub mod settings;
pub mod settle;
pub mod sight;
mod workers;

use apply::Removals;
use console::{Console, Level};
use error::{Error, ExitCode};
use reconcile::plan::Plan;
use report::Outcome;
use settings::{DryRun, Settings};
use sight::Services;
use std::time::SystemTime;

/// One run. Everything it has to say goes to `log`; what it removed, it removed for good.
///
/// # Errors
/// Whatever ended the run before its plan stood. What happens later is part of the exit code.
pub fn run(settings: &Settings, log: &Console) -> Result<ExitCode, Error> {
    for warning in &settings.warnings {
        log.warn(warning);
    }
    let services = Services::connect(settings, log)?;

    let past = services.past();
    let (sight, census) = services.settled_look()?;
    let (sight, census) = services.registered_look(sight, census)?;
    let (waiting, sight, census) = services.waiting(sight, census)?;

    let plan = Plan::make(&sight.look, settings.rules, SystemTime::now());
    let neighbours = services.neighbours(&sight, &plan);
    let seen = neighbours.as_ref().ok().and_then(Option::as_ref);
    services.show_plan(&sight.look, &census, &plan, seen);

    let guided = services.examine(waiting, &sight.look, &plan);
    let mut decision = services.decide(sight, plan, neighbours, &guided);
    services.answer(&guided, &mut decision);

    let removals = if settings.dry_run == DryRun::Yes || decision.hold.is_some() {
        Removals::default()
    } else {
        services.remove(&decision)
    };
    let mut deployable = services.deployable(&decision.sight, &decision.plan);
    let duplicate = services.hand_out(&past, &decision.sight.look, &mut deployable);
    let outcome = Outcome {
        decision,
        removals,
        deployable,
        duplicate,
    };
    let code = services.finish(&outcome);
    services.cancel_duplicate(outcome.duplicate.as_ref());
    Ok(code)
}

/// Prints why a run ended early, and gives its exit code.
pub fn explain(error: &Error, log: &Console) -> ExitCode {
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
