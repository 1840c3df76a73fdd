//! One reconciliation, from its first to its last step. Everything is here in the order in which it happens; what is decided
//! stands in [`crate::reconcile`], what is said in [`crate::report`].

mod apply;
mod case;
mod connection_test;
mod evidence;
mod in_use;
mod last_look;
mod machine_word;
mod missing;
mod others;
mod plan;
mod question;
mod snapshot;
mod wait;

use self::snapshot::Look;
use crate::console::Console;
use crate::error::{Error, ExitCode};
use crate::guided_failures;
use crate::http::Deadline;
use crate::redeployments;
use crate::report::{self, Outcome};
use crate::settings::Settings;

/// Reconciles once. Everything it has to say goes to `console`; what it removed, it removed for good, or disabled where
/// that is what is asked for.
///
/// # Errors
/// Whatever ended the run before its plan stood. What happens later is part of the exit code.
pub fn reconcile(settings: &Settings, console: &Console) -> Result<ExitCode, Error> {
    settings.warnings.iter().for_each(|it| console.warn(it));
    let clients = snapshot::connect(settings, console)?;
    let (octopus, writer) = (&clients.octopus, &clients.writer);

    // What happened before this run.
    let past = redeployments::read_past(octopus, settings, console);

    // The targets, then the instances, once they hold still; anew where something waits that they may answer.
    let taken = wait::settled_snapshot(&clients, settings, console)?;
    let taken = wait::registered_snapshot(&clients, settings, console, taken)?;
    let waiting = guided_failures::read_waiting(octopus, settings, console);
    let mut taken = match waiting.need_a_new_snapshot() {
        true => snapshot::take(&clients, settings, Look::First(console))?,
        false => taken,
    };

    // One verdict for each target.
    let plan = plan::plan(&clients, settings, console, &mut taken.snapshot);
    let others = others::other_scale_sets(&clients.azure, settings, &taken.snapshot, &plan);
    let seen = others.as_ref().ok().and_then(Option::as_ref);
    report::show_missing(console, &taken.snapshot.missing);
    report::show_snapshot(
        settings,
        console,
        &taken.snapshot.groups,
        &plan,
        &taken.roles,
        seen,
    );

    // Brakes and evidence: candidates only become fewer.
    let guided = guided_failures::examine(octopus, settings, console, waiting, &plan);
    let mut decision =
        evidence::gather(&clients, settings, console, (taken, plan), others, &guided);
    let cancelled = || apply::is_cancelled(octopus, settings, console);
    guided_failures::answer(
        octopus,
        writer,
        settings,
        console,
        &guided,
        &mut decision,
        cancelled,
    );
    report::show_plan(settings, console, &decision);
    let mut decision = question::ask(&clients, settings, console, &guided, decision);

    // What is left goes, and the steps that follow are told.
    let removals = apply::remove(&clients, settings, console, &mut decision);
    let mut deploy_list = apply::deploy_list(&clients.azure, settings, console, &decision);
    let duplicate = redeployments::review(octopus, settings, console, &past, &mut deploy_list);
    let outcome = Outcome {
        decision,
        removals,
        deploy_list,
        duplicate,
        cannot_tell: octopus.cannot_tell(Deadline::within(settings.tuning.phase)),
    };
    let code = report::finish(&outcome, settings, console);
    redeployments::cancel(writer, settings, console, outcome.duplicate.as_ref());
    Ok(code)
}
