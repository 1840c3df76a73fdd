//! What people read, and what the steps that follow are told: outputs, summary, attached report.

mod plan;
mod wording;

use crate::apply::Removals;
use crate::clock::shown;
use crate::console::Level;
use crate::duplicate::{Duplicate, record};
use crate::error::ExitCode;
use crate::gather::{Decision, Hold};
use crate::reconcile::outputs::Deployable;
use crate::reconcile::plan::{Deferral, Verdict};
use crate::reconcile::{Target, TargetId};
use crate::settings::{DryRun, ProblemHandling};
use crate::sight::Services;
use std::collections::{HashMap, HashSet};
use wording::{brake_line, capitalized, count_of, left_out_line, named, row};

/// How a run ended, once its plan stood.
#[derive(Debug)]
pub struct Outcome {
    /// What was to be removed, and what spoke against it.
    pub decision: Decision,
    /// What became of it.
    pub removals: Removals,
    /// Which of the kept targets to deploy to.
    pub deployable: Deployable,
    /// The earlier run that this one repeats; it hands out nothing then.
    pub duplicate: Option<Duplicate>,
}

impl Outcome {
    /// The exit code. Where problems only warn, brakes, failed removals and evidence that could not be had are no reason to fail the
    /// step; a cancelled run ends as cancelled all the same.
    #[must_use]
    pub fn exit_code(&self, handling: ProblemHandling) -> ExitCode {
        match &self.decision.hold {
            None if self.removals.cancelled => ExitCode::RemovalsFailed,
            _ if handling == ProblemHandling::Warn => ExitCode::Reconciled,
            Some(Hold::Brakes(_)) => ExitCode::Held,
            Some(Hold::Failure(error)) => error.exit_code(),
            None if !self.removals.failed.is_empty() => ExitCode::RemovalsFailed,
            None => ExitCode::Reconciled,
        }
    }

    fn targets(&self) -> &[Target] {
        &self.decision.sight.look.targets
    }

    /// The targets with this kind of verdict.
    fn with(&self, which: impl Fn(&Verdict) -> bool) -> Vec<&str> {
        named(self.targets(), &self.decision.plan, which)
    }

    /// The targets that the steps that follow are to deploy to.
    fn handed_out(&self) -> Vec<&Target> {
        match self.duplicate {
            Some(_) => Vec::new(),
            None => self.deployable_targets(),
        }
    }

    fn deployable_targets(&self) -> Vec<&Target> {
        let chosen = self.deployable.targets.iter();
        chosen.map(|index| &self.targets()[*index]).collect()
    }

    fn removed(&self) -> Vec<&Target> {
        let ids: HashSet<&TargetId> = self.removals.removed.iter().collect();
        self.targets()
            .iter()
            .filter(|target| ids.contains(&target.id))
            .collect()
    }

    /// What needs somebody's eye: held by its verdict, by a brake, by a failure, or left by a cancelled run.
    fn held(&self) -> Vec<&Target> {
        let removed: HashSet<&TargetId> = self.removals.removed.iter().collect();
        let stopped = self.decision.hold.is_some()
            || self.removals.cancelled
            || !self.removals.failed.is_empty();
        let is_held = |(target, verdict): &(&Target, &Verdict)| {
            let left =
                stopped && matches!(verdict, Verdict::Stale(_)) && !removed.contains(&target.id);
            verdict.is_held() || left
        };
        let verdicts = self.targets().iter().zip(&self.decision.plan.verdicts);
        verdicts.filter(is_held).map(|(target, _)| target).collect()
    }
}

impl Services<'_> {
    /// Sets the outputs, attaches the report, prints the summary, and gives the exit code.
    pub fn finish(&self, outcome: &Outcome) -> ExitCode {
        self.say_why_held(outcome);
        self.say_foreign(outcome);
        self.say_new_machines(outcome);
        let left_out = &outcome.deployable.left_out;
        let left_out: Vec<String> = left_out
            .iter()
            .map(|(index, why)| left_out_line(&outcome.targets()[*index], *why))
            .collect();
        self.log.block(Level::Info, &left_out);
        self.say_duplicate(outcome);
        self.set_outputs(outcome);
        let summary = self.summary(outcome);
        self.attach_report(outcome, &summary, &left_out);
        self.log.say(Level::Highlight, summary);
        outcome.exit_code(self.settings.problem_handling)
    }

    fn say_why_held(&self, outcome: &Outcome) {
        let candidates = outcome.with(|verdict| matches!(verdict, Verdict::Stale(_)));
        let level = self.problem_level();
        match &outcome.decision.hold {
            None => {}
            Some(Hold::Brakes(brakes)) => {
                for brake in brakes {
                    self.log.say(level, brake_line(brake, &candidates));
                }
            }
            Some(Hold::Failure(error)) => {
                let count = count_of(candidates.len(), "removal");
                self.log.say(
                    level,
                    format_args!(
                        "{error} Nothing was removed; {count} held back: {}",
                        candidates.join(", ")
                    ),
                );
            }
        }
    }

    /// One warning for all of them; their own lines say why.
    fn say_foreign(&self, outcome: &Outcome) {
        let foreign = outcome.with(|verdict| matches!(verdict, Verdict::Foreign(_)));
        if !foreign.is_empty() {
            self.log.warn(format_args!(
                "Left alone, because they match no instance and are not, or not surely, the scale set's: {}. If they are, register machines under their computer names; if not, give the scale set's machines a role of their own",
                foreign.join(", ")
            ));
        }
    }

    fn say_duplicate(&self, outcome: &Outcome) {
        let Some(duplicate) = &outcome.duplicate else {
            return;
        };
        let (task, succeeded) = duplicate.of();
        let names = outcome.deployable_targets();
        let names: Vec<&str> = names.iter().map(|target| target.name.as_str()).collect();
        self.log.say(
            Level::Highlight,
            format_args!(
                "Duplicate run: the same deployment succeeded at {} ({task}), and every target that would be handed out was handed out and deployed to then. Nothing is handed out now; left out: {}",
                shown(succeeded),
                names.join(", ")
            ),
        );
    }

    fn say_new_machines(&self, outcome: &Outcome) {
        let waiting =
            outcome.with(|verdict| *verdict == Verdict::Deferred(Deferral::MachinesAreNew));
        if !waiting.is_empty() {
            self.log.warn(format_args!(
                "No target matches any instance yet, and all instances are younger than 30 minutes, so they may be about to register. Until one does, these wait for a later run: {}",
                waiting.join(", ")
            ));
        }
    }

    fn set_outputs(&self, outcome: &Outcome) {
        let chosen = outcome.handed_out();
        let removed = outcome.removed();
        let ids = |targets: &[&Target]| {
            targets
                .iter()
                .map(|t| t.id.0.as_str())
                .collect::<Vec<_>>()
                .join(",")
        };
        let names = |targets: &[&Target]| {
            targets
                .iter()
                .map(|t| t.name.as_str())
                .collect::<Vec<_>>()
                .join(",")
        };
        self.log.output(
            "VMSSHasServersToDeployTo",
            if chosen.is_empty() { "False" } else { "True" },
        );
        self.log.output("VMSSDeploymentTargetIds", &ids(&chosen));
        self.log
            .output("VMSSDeploymentTargetNames", &names(&chosen));
        self.log.output("VMSSRemovedTargetIds", &ids(&removed));
        self.log.output("VMSSRemovedTargetNames", &names(&removed));
        self.log
            .output("VMSSHeldTargetNames", &names(&outcome.held()));
        self.log
            .verbose(record(&self.settings.caller.step, &chosen));
    }

    fn summary(&self, outcome: &Outcome) -> String {
        let Decision { plan, hold, .. } = &outcome.decision;
        let Removals {
            removed,
            failed,
            cancelled,
        } = &outcome.removals;
        let candidates = plan.candidate_count();
        let done = self.settings.rules.action.done();
        let what = match hold {
            Some(Hold::Brakes(_)) if self.settings.dry_run == DryRun::Yes => {
                format!("Dry run: nothing would be {done}, a brake would hold back {candidates}")
            }
            Some(Hold::Brakes(_)) => format!("Nothing was {done}: a brake holds back {candidates}"),
            Some(Hold::Failure(_)) => {
                format!("Nothing was {done}: the evidence for {candidates} could not be had")
            }
            None if self.settings.dry_run == DryRun::Yes => format!(
                "Dry run: {} would be {done}",
                count_of(candidates, "target")
            ),
            None if candidates == 0 => "Nothing to remove".to_owned(),
            None if removed.len() == candidates => {
                format!("{} {done}", count_of(candidates, "target"))
            }
            None => {
                let cancelled = if *cancelled { "Cancelled: " } else { "" };
                format!(
                    "{cancelled}{} of {candidates} targets {done}, {} failed",
                    removed.len(),
                    failed.len()
                )
            }
        };
        let kept = outcome
            .with(|verdict| matches!(verdict, Verdict::Kept(_)))
            .len();
        let held = outcome.held().len();
        let held = if held == 0 {
            String::new()
        } else {
            format!(", {held} held (see the log)")
        };
        format!("{what}; {kept} kept{held}.")
    }

    fn attach_report(&self, outcome: &Outcome, summary: &str, left_out: &[String]) {
        let Decision { sight, plan, .. } = &outcome.decision;
        let removed: HashSet<&TargetId> = outcome.removals.removed.iter().collect();
        let failed: HashMap<_, _> = outcome
            .removals
            .failed
            .iter()
            .map(|(id, error)| (id, error))
            .collect();
        let mut lines = vec![format!(
            "octopus-scale-in {}: {summary}",
            env!("CARGO_PKG_VERSION")
        )];
        lines.extend(
            sight
                .look
                .groups
                .iter()
                .map(|g| format!("{}: {}", capitalized(&g.title), g.summary)),
        );
        lines.extend(
            outcome
                .targets()
                .iter()
                .zip(&plan.verdicts)
                .map(|(target, verdict)| {
                    let row = row(target, verdict);
                    match failed.get(&target.id) {
                        Some(error) => {
                            format!("{row}. Not {}: {error}", self.settings.rules.action.done())
                        }
                        None if removed.contains(&target.id) => {
                            format!("{row}; {}", self.settings.rules.action.done())
                        }
                        None => row,
                    }
                }),
        );
        lines.extend(left_out.iter().cloned());
        let task = self.settings.caller.task.as_deref().unwrap_or("by-hand");
        let task: String = task
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        self.log
            .attach_report(&format!("octopus-scale-in-{task}.txt"), &lines);
    }
}
