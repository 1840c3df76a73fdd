//! How a run ended, once its plan stood: as data, in the log, in the outputs and in the attached report.

use super::plan::{brake_line, count_of, heads, left_out_line, names_of, row};
use super::summary::summary;
use crate::clock::shown;
use crate::console::{Console, Level};
use crate::error::{Error, ExitCode, ServiceError};
use crate::reconcile::brake::Brake;
use crate::reconcile::deploy_list::DeployList;
use crate::reconcile::plan::{OwnedOnly, Plan, Row};
use crate::reconcile::snapshot::{Snapshot, Target, TargetId};
use crate::reconcile::verdict::{Deferral, Needs, Untested, Verdict};
use crate::redeployments::{self, Duplicate};
use crate::settings::{ProblemHandling, Settings};
use std::collections::{HashMap, HashSet};

/// What is to be removed, and what speaks against it.
#[derive(Debug)]
pub struct Decision {
    /// The last snapshot.
    pub snapshot: Snapshot,
    /// Its verdicts.
    pub plan: Plan,
    /// Why nothing is removed although the plan has candidates.
    pub hold: Option<Hold>,
}

/// Why nothing is removed although the plan has candidates.
#[derive(Debug)]
pub enum Hold {
    /// A brake, or several.
    Brakes(Vec<Brake>),
    /// The evidence could not be had.
    Failure(Error),
}

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Removals {
    /// Ended by this run, those included that somebody else had ended meanwhile.
    pub removed: HashSet<TargetId>,
    /// Not removed, each with its reason.
    pub failed: HashMap<TargetId, ServiceError>,
    /// No further removal began, because the run was cancelled or its log is lost: what is in neither was left.
    pub cut_short: bool,
}

/// How a run ended, once its plan stood.
#[derive(Debug)]
pub struct Outcome {
    /// What was to be removed, and what spoke against it.
    pub decision: Decision,
    /// What became of it.
    pub removals: Removals,
    /// Which of the kept targets to deploy to.
    pub deploy_list: DeployList,
    /// The earlier run that this one repeats; it hands out nothing then.
    pub duplicate: Option<Duplicate>,
}

impl Outcome {
    /// The exit code. Where problems are only to be warned of, brakes, refusals, failed removals and evidence that could not be
    /// had are no reason to fail the step; a cancelled run ends as cancelled all the same.
    #[must_use]
    pub fn exit_code(&self, problems: ProblemHandling) -> ExitCode {
        match (&self.decision.hold, problems) {
            (None, _) if self.removals.cut_short => ExitCode::RemovalsFailed,
            (_, ProblemHandling::Warn) => ExitCode::Reconciled,
            (Some(Hold::Brakes(_)), ProblemHandling::Fail) => ExitCode::Held,
            (Some(Hold::Failure(error)), ProblemHandling::Fail) => error.exit_code(),
            (None, ProblemHandling::Fail) if !self.removals.failed.is_empty() => {
                ExitCode::RemovalsFailed
            }
            // Such a set-up can never work: it must not be green.
            (None, ProblemHandling::Fail) if !self.decision.plan.refusals().is_empty() => {
                ExitCode::Held
            }
            (None, ProblemHandling::Fail) => ExitCode::Reconciled,
        }
    }

    /// The names of the targets with this kind of verdict.
    fn names_with(&self, which: impl Fn(&Verdict) -> bool) -> Vec<&str> {
        let rows = self.decision.plan.rows.iter();
        let rows = rows.filter(|row| which(&row.verdict));
        rows.map(|row| row.target.name.as_str()).collect()
    }

    /// The targets that the steps that follow are to deploy to.
    fn handed_out(&self) -> Vec<&Target> {
        match self.duplicate {
            Some(_) => Vec::new(),
            None => self.deployable(),
        }
    }

    /// The targets that could be handed out, a duplicate or not.
    fn deployable(&self) -> Vec<&Target> {
        let targets = self.deploy_list.targets.iter();
        targets.map(|target| &**target).collect()
    }

    fn removed(&self) -> Vec<&Target> {
        self.targets(|row| self.removals.removed.contains(&row.target.id))
    }

    /// What needs somebody's eye: held by its verdict, by a brake, by a failure, or left by a cancelled run.
    fn held(&self) -> Vec<&Target> {
        let Removals {
            removed,
            failed,
            cut_short,
        } = &self.removals;
        let stopped = self.decision.hold.is_some() || *cut_short || !failed.is_empty();
        self.targets(|row| {
            let left = stopped && row.is_candidate() && !removed.contains(&row.target.id);
            row.verdict.is_held() || left
        })
    }

    fn targets(&self, which: impl Fn(&Row) -> bool) -> Vec<&Target> {
        let rows = self.decision.plan.rows.iter().filter(|row| which(row));
        rows.map(|row| &*row.target).collect()
    }
}

/// Sets the outputs, attaches the report, prints the summary, and gives the exit code.
pub fn finish(outcome: &Outcome, settings: &Settings, console: &Console) -> ExitCode {
    say_why_held(outcome, settings, console);
    say_refusals(outcome, settings, console);
    say_foreign(outcome, settings, console);
    say_untested(outcome, console);
    say_who_answers(outcome, console);
    say_new_machines(outcome, console);
    let left_out = &outcome.deploy_list.left_out;
    let left_out: Vec<String> = left_out
        .iter()
        .map(|(target, why)| left_out_line(target, *why))
        .collect();
    console.block(Level::Info, &left_out);
    say_duplicate(outcome, console);
    set_outputs(outcome, &settings.caller.step, console);
    let summary = summary(outcome, settings);
    attach(outcome, settings, &summary, &left_out, console);
    console.say(Level::Highlight, summary);
    outcome.exit_code(settings.problem_handling)
}

fn say_why_held(outcome: &Outcome, settings: &Settings, console: &Console) {
    let candidates = outcome.names_with(|verdict| *verdict == Verdict::Stale);
    let level = level(settings.problem_handling);
    match &outcome.decision.hold {
        None => {}
        Some(Hold::Brakes(brakes)) => {
            for brake in brakes {
                console.say(level, brake_line(brake, &candidates));
            }
        }
        Some(Hold::Failure(error)) => {
            let count = count_of(candidates.len(), "removal");
            console.say(
                level,
                format_args!(
                    "{error} Nothing was removed; {count} held back: {}",
                    candidates.join(", ")
                ),
            );
        }
    }
}

/// What the account lacks: these would wait in every run.
fn say_refusals(outcome: &Outcome, settings: &Settings, console: &Console) {
    for (needs, names) in outcome.decision.plan.refusals() {
        let Needs { permission, role } = needs;
        let wait = match names.len() {
            1 => "1 target waits".to_owned(),
            many => format!("{many} targets wait"),
        };
        console.say(
            level(settings.problem_handling),
            format_args!(
                "{wait} because this account lacks a permission, and will wait in every run until it has it: {permission} (the built-in role {role} has it). {}",
                names_of(names.into_iter())
            ),
        );
    }
}

/// Somebody's machines under a name that the scale set gives, and what to do about them.
fn say_who_answers(outcome: &Outcome, console: &Console) {
    let answer = outcome.names_with(|verdict| matches!(verdict, Verdict::Answers(_)));
    if !answer.is_empty() {
        console.warn(format_args!(
            "Octopus reaches these, so they are somebody's machines, although no machine of the scale set has their name: {}. If they are permanent and answer in run after run: give the scale set's machines a tag of their own, give that machine another name, or set VMSS.Healthy.Handle to Defer, which tests nobody",
            names_of(answer.into_iter())
        ));
    }
}

/// One warning for those of which nobody knows whose they are. The lines of the others say whose.
fn say_foreign(outcome: &Outcome, settings: &Settings, console: &Console) {
    let foreign = outcome.names_with(|verdict| match verdict {
        Verdict::Foreign(foreign) => !foreign.is_known(),
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
    console.warn(format_args!(
        "Left alone, because they match no instance and are not, or not surely, the scale set's: {}. If they are, register machines under their computer names; if not, give the scale set's machines a role of their own{without_owner}",
        names_of(foreign.into_iter())
    ));
}

/// What waits for something that a person must do.
fn say_untested(outcome: &Outcome, console: &Console) {
    let waiting = outcome.names_with(|verdict| {
        let for_somebody = [Untested::Disabled, Untested::PolicyDeletes];
        matches!(verdict, Verdict::Untested(why) if for_somebody.contains(why))
    });
    if !waiting.is_empty() {
        console.warn(format_args!(
            "Not tested, and so not removed: {}. Their lines say why. If you know that their machines are gone, set VMSS.Healthy.Handle to Remove for one run",
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
            "Duplicate run: the same deployment succeeded at {} ({}), and every target that would be handed out was handed out and deployed to then. Nothing is handed out now; left out: {}",
            shown(duplicate.succeeded),
            duplicate.record.task,
            names.join(", ")
        ),
    );
}

fn say_new_machines(outcome: &Outcome, console: &Console) {
    let new = Verdict::Deferred(Deferral::MachinesAreNew);
    let waiting = outcome.names_with(|verdict| *verdict == new);
    if !waiting.is_empty() {
        console.warn(format_args!(
            "No target matches any instance yet, and all instances are younger than 30 minutes, so they may be about to register. Until one does, these wait for a later run: {}",
            waiting.join(", ")
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

/// Every target with its verdict and what became of it, for whoever asks later.
fn attach(
    outcome: &Outcome,
    settings: &Settings,
    summary: &str,
    left_out: &[String],
    console: &Console,
) {
    let decision = &outcome.decision;
    let Removals {
        removed, failed, ..
    } = &outcome.removals;
    let done = settings.rules.action.done();
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![format!("octopus-scale-in {version}: {summary}")];
    lines.extend(heads(&decision.snapshot.groups));
    lines.extend(decision.plan.rows.iter().map(|it| {
        let (line, id) = (row(it), &it.target.id);
        match failed.get(id) {
            Some(error) => format!("{line}. Not {done}: {error}"),
            None if removed.contains(id) => format!("{line}; {done}"),
            None => line,
        }
    }));
    lines.extend(left_out.iter().cloned());
    let task = settings.caller.task.as_deref().unwrap_or("by-hand");
    let named = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let task: String = task.chars().filter(named).collect();
    console.attach_report(&format!("octopus-scale-in-{task}.txt"), &lines);
}

/// How bad it is that something was held back or not removed.
#[must_use]
pub fn level(problems: ProblemHandling) -> Level {
    match problems {
        ProblemHandling::Fail => Level::Error,
        ProblemHandling::Warn => Level::Warning,
    }
}
