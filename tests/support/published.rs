//! Runs of what is published, as Octopus would start them: with the frozen step and the frozen variables, and nothing else.

use crate::support::{Outcome, Run};
use sandbox::{ENVIRONMENT, Sandbox};

/// Runs what is published of a runbook with the real program, and lets Octopus know how it ended.
pub fn run_published(sandbox: &Sandbox, runbook: &str) -> Outcome {
    let begun = sandbox.published_run_begins(runbook, ENVIRONMENT);
    let environment = begun.environment.iter();
    let run = environment.fold(Run::bare(), |run, (name, value)| run.set(name, value));
    let run = run
        .set("VMSS_CONFIRM_SECONDS", "0.05")
        .set("VMSS_POLL_SECONDS", "0.05");
    let outcome = run.run();
    sandbox.published_run_ends(&begun, outcome.code);
    outcome
}
