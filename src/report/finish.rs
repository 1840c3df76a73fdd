//! How a run ended, once its plan stood: in the log, in the outputs and in the attached report.

use super::attach::{Delivery, deliver};
use super::brakes::brake_line;
use super::compose;
use super::notice::{Ending, Notice};
use super::older::say_what_the_server_cannot_tell;
use super::outcome::{Hold, Outcome};
use super::plan::left_out_line;
use super::shared::{say_failed, say_unanswered, say_unreadable_elsewhere};
use super::summary::summary;
use super::words::{count_of, level, names_of};
use crate::clock::shown;
use crate::console::{Console, Level};
use crate::error::ExitCode;
use crate::reconcile::plan::OwnedOnly;
use crate::reconcile::snapshot::{MissingGroup, Target};
use crate::reconcile::verdict::{Deferral, Foreign, Untested, Verdict};
use crate::redeployments::{self};
use crate::settings::Settings;

/// Sets the outputs, attaches the report, prints the summary, and gives the exit code.
pub fn finish(outcome: &Outcome, settings: &Settings, console: &Console) -> ExitCode {
    say_why_held(outcome, settings, console);
    let notices = say_what_to_look_at(outcome, settings, console);
    let left_out = &outcome.deploy_list.left_out;
    let left_out: Vec<String> = left_out
        .iter()
        .map(|(target, why)| left_out_line(target, *why))
        .collect();
    console.result(Level::Info, &left_out);
    say_duplicate(outcome, console);
    set_outputs(outcome, &settings.caller.step, console);
    let summary = summary(outcome, settings);
    let report = compose::of_outcome(outcome, settings, &summary, &notices);
    let delivery = deliver(&report, settings, console);
    console.result(Level::Highlight, &[summary]);
    let code = outcome.exit_code(settings);
    match code {
        // Whoever goes by the code must not take half of a result for a whole one.
        ExitCode::Reconciled | ExitCode::WouldRemove
            if console.is_lost() || delivery == Delivery::Failed =>
        {
            console.say(Level::Error, "The result could not be written to the end: look at where it goes, a stream that was closed or a disk.");
            outcome.lost()
        }
        code => code,
    }
}

/// What somebody should know, and what to do about it.
fn say_what_to_look_at(outcome: &Outcome, settings: &Settings, console: &Console) -> Vec<Notice> {
    let mut ending = Ending::of(console);
    if let Some(why) = &outcome.removals.why_left {
        ending.note(why);
    }
    say_failed(outcome, settings, &ending);
    say_missing(outcome, settings, &mut ending);
    say_unanswered(outcome, settings, &mut ending);
    say_what_the_server_cannot_tell(outcome, &mut ending);
    say_foreign(outcome, settings, &mut ending);
    say_nameless_elsewhere(outcome, &mut ending);
    say_unreadable_elsewhere(outcome, &mut ending);
    say_untested(outcome, &mut ending);
    say_unmeant(outcome, &mut ending);
    say_who_answers(outcome, &mut ending);
    say_new_machines(outcome, &mut ending);
    ending.into_notices()
}

fn say_why_held(outcome: &Outcome, settings: &Settings, console: &Console) {
    let candidates = outcome.names_with(|verdict| *verdict == Verdict::Stale);
    let level = level(settings.problem_handling);
    match &outcome.decision.hold {
        None | Some(Hold::Declined) => {}
        Some(Hold::Brakes(brakes)) => {
            for brake in brakes {
                let roles = &outcome.decision.roles;
                console.say(level, brake_line(brake, &candidates, settings, roles));
            }
        }
        Some(Hold::Failure(error)) => {
            let held = match candidates.len() {
                0 => String::new(),
                many => {
                    let names = names_of(candidates.iter().copied());
                    format!("; {} held back: {names}", count_of(many, "removal"))
                }
            };
            console.say(level, format_args!("{error} Nothing was removed{held}."));
        }
    }
}

/// Those that are missing, before the plan.
pub fn show_missing(console: &Console, missing: &[MissingGroup]) {
    console.result(Level::Info, &missing_lines(missing));
}

fn missing_lines(missing: &[MissingGroup]) -> Vec<String> {
    let line = |group: &MissingGroup| format!("Not found: {}", group.title);
    missing.iter().map(line).collect()
}

/// Those that are missing, at the end: what came back, and what is left alone for them.
fn say_missing(outcome: &Outcome, settings: &Settings, ending: &mut Ending<'_>) {
    let level = level(settings.problem_handling);
    let missing = &outcome.decision.snapshot.missing;
    for group in missing {
        ending.console.say(level, &group.explanation);
    }
    let perhaps_theirs = outcome.names_with(|verdict| match verdict {
        Verdict::Foreign(Foreign::OfMissingGroup(_) | Foreign::NameDoesNotFit)
        | Verdict::Deferred(Deferral::GroupMissing(_)) => !missing.is_empty(),
        _ => false,
    });
    if !perhaps_theirs.is_empty() {
        ending.warn(format_args!(
            "Left alone, because they match no instance and could be of a scale set that is not found: {}. Check VMSS.ScaleSet.Name; of a scale set that was deleted, delete them by hand.",
            names_of(perhaps_theirs.into_iter())
        ));
    }
}

/// Somebody's machines under a name that the scale set gives, and what to do about them.
fn say_who_answers(outcome: &Outcome, ending: &mut Ending<'_>) {
    let answer = outcome.names_with(|verdict| matches!(verdict, Verdict::Answers(_)));
    if !answer.is_empty() {
        ending.warn(format_args!(
            "Octopus reaches these, so they are somebody's machines, although no machine of the scale set has their name: {}. If they are permanent and answer in run after run: give the scale set's machines a tag of their own, give that machine another name, or set VMSS.Healthy.Handle to Defer, which tests nobody.",
            names_of(answer.into_iter())
        ));
    }
}

/// One warning for those of which nobody knows whose they are. The lines of the others say whose. While a scale set is
/// missing they may be its own, which was said.
fn say_foreign(outcome: &Outcome, settings: &Settings, ending: &mut Ending<'_>) {
    if !outcome.decision.snapshot.missing.is_empty() {
        return;
    }
    let foreign = outcome.names_with(|verdict| match verdict {
        Verdict::Foreign(foreign) => *foreign == Foreign::NameDoesNotFit,
        _ => false,
    });
    if foreign.is_empty() {
        return;
    }
    let without_owner = match settings.rules.owned_only {
        OwnedOnly::Yes => {
            ". Where the roles mark the scale set's machines alone (it has no computer name prefix, or a new one in each release), VMSS.Removal.OwnedOnly = No removes names that it does not give, too"
        }
        OwnedOnly::No => "",
    };
    ending.warn(format_args!(
        "Left alone, because they match no instance and are not, or not surely, the scale set's: {}. If they are, register machines under their computer names; if not, give the scale set's machines a role of their own{without_owner}.",
        names_of(foreign.into_iter())
    ));
}

/// Strange names wait while a machine has no target: it may be theirs.
fn say_unmeant(outcome: &Outcome, ending: &mut Ending<'_>) {
    let rows = outcome.decision.plan.rows.iter();
    let unmeant = rows.filter_map(|row| match &row.verdict {
        Verdict::Deferred(Deferral::UnmeantMachine(machine)) => {
            Some((machine, row.target.name.as_str()))
        }
        _ => None,
    });
    let unmeant: Vec<(&String, &str)> = unmeant.collect();
    if let Some((machine, _)) = unmeant.first() {
        ending.warn(format_args!(
            "No target in scope has the name of {machine}, which the scale set lists. Register it, or look at what registers machines. Until one does, names that the scale set does not give wait, for one of them could be this very machine: {}.",
            names_of(unmeant.iter().map(|(_, name)| *name))
        ));
    }
}

/// What another scale set could have among machines whose names nobody learns.
fn say_nameless_elsewhere(outcome: &Outcome, ending: &mut Ending<'_>) {
    let perhaps = outcome
        .names_with(|verdict| matches!(verdict, Verdict::Foreign(Foreign::NamelessElsewhere(_))));
    if !perhaps.is_empty() {
        ending.warn(format_args!(
            "Left alone, because another scale set, which their lines name, has machines whose computer names Azure does not tell, and which could be theirs: {}. Look at those machines if it stays, or give this scale set a computer name prefix of its own.",
            names_of(perhaps.into_iter())
        ));
    }
}

/// What waits for something that a person must do.
fn say_untested(outcome: &Outcome, ending: &mut Ending<'_>) {
    let waiting = outcome.names_with(|verdict| {
        let for_somebody = [Untested::Disabled, Untested::PolicyDeletes];
        matches!(verdict, Verdict::Untested(why) if for_somebody.contains(why))
    });
    if !waiting.is_empty() {
        ending.warn(format_args!(
            "Not tested, and so not removed: {}. Their lines say why. Set VMSS.Healthy.Handle to Remove for one run, if you know that their machines are gone.",
            names_of(waiting.into_iter())
        ));
    }
}

fn say_duplicate(outcome: &Outcome, console: &Console) {
    let Some(duplicate) = &outcome.duplicate else {
        return;
    };
    let names = outcome.deployable();
    let names: Vec<&str> = names.iter().map(|target| target.name.as_str()).collect();
    console.say(
        Level::Highlight,
        format_args!(
            "Duplicate run: the same deployment succeeded at {} ({}), and every target that would be handed out was handed out and deployed to then. Nothing is handed out now; left out: {}.",
            shown(duplicate.succeeded),
            duplicate.record.task,
            names_of(names.iter().copied())
        ),
    );
}

fn say_new_machines(outcome: &Outcome, ending: &mut Ending<'_>) {
    let new = Verdict::Deferred(Deferral::MachinesAreNew);
    let waiting = outcome.names_with(|verdict| *verdict == new);
    if !waiting.is_empty() {
        ending.warn(format_args!(
            "No target matches any instance yet, and all instances are younger than 30 minutes, so they may be about to register. Look at what registers machines, if they should be there by now. Until one is, these wait for a later run: {}.",
            names_of(waiting.iter().copied())
        ));
    }
}

/// Sets all six, empty ones included, and records what was handed out.
fn set_outputs(outcome: &Outcome, step: &str, console: &Console) {
    let chosen = outcome.handed_out();
    let removed = outcome.removed();
    let any = if chosen.is_empty() { "False" } else { "True" };
    console.output("VMSSHasServersToDeployTo", any);
    console.output("VMSSDeploymentTargetIds", &ids(&chosen));
    console.output("VMSSDeploymentTargetNames", &names(&chosen));
    console.output("VMSSRemovedTargetIds", &ids(&removed));
    console.output("VMSSRemovedTargetNames", &names(&removed));
    console.output("VMSSHeldTargetNames", &names(&outcome.held()));
    console.verbose(redeployments::record(step, &chosen));
}

fn ids(targets: &[&Target]) -> String {
    let ids: Vec<&str> = targets.iter().map(|target| target.id.0.as_str()).collect();
    ids.join(",")
}

fn names(targets: &[&Target]) -> String {
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    names.join(",")
}
