//! What people read: the plan, the outputs, the summary, the attached report.

mod wording;

use crate::apply::Removals;
use crate::error::ExitCode;
use crate::gather::{Decision, Hold};
use crate::octopus::Inventory;
use crate::reconcile::brake;
use crate::reconcile::identity::Seat;
use crate::reconcile::outputs::{self, Deployable};
use crate::reconcile::plan::{Action, Plan, Verdict};
use crate::reconcile::{Look, Target, TargetId};
use crate::settings::RunKind;
use crate::sight::{Services, Sight};
use crate::task_log::Level;
use std::collections::HashSet;
use wording::{
    brake_line, capitalized, count_of, counts, left_out_line, named, nobody_carries, row,
};

/// How a run ended, once its plan stood.
#[derive(Debug)]
pub struct Outcome {
    /// What was to be removed, and what spoke against it.
    pub decision: Decision,
    /// What became of it.
    pub removals: Removals,
}

impl Outcome {
    /// The exit code before `VMSS.Problem.Handle` has its say.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match &self.decision.hold {
            Some(Hold::Brakes(_)) => ExitCode::Held,
            Some(Hold::Failure(error)) => error.exit_code(),
            None if self.removals.cancelled || !self.removals.failed.is_empty() => {
                ExitCode::RemovalsFailed
            }
            None => ExitCode::Reconciled,
        }
    }

    /// Names that need somebody's eye: held by their verdict, by a brake, by a failure, or left by a cancelled run.
    fn held<'a>(&'a self, targets: &'a [Target]) -> impl Iterator<Item = &'a Target> {
        let removed: HashSet<&TargetId> = self.removals.removed.iter().collect();
        let stopped = self.decision.hold.is_some()
            || self.removals.cancelled
            || !self.removals.failed.is_empty();
        targets
            .iter()
            .zip(&self.decision.plan.verdicts)
            .filter_map(move |(target, verdict)| {
                let left = stopped
                    && matches!(verdict, Verdict::Stale(_))
                    && !removed.contains(&target.id);
                (verdict.is_held() || left).then_some(target)
            })
    }
}

impl Services<'_> {
    /// Prints one line per scale set, one that counts the verdicts, and every target that is not simply kept.
    pub fn show_plan(&self, sight: &Sight, inventory: &Inventory, plan: &Plan) {
        let Look { targets, groups } = &sight.look;
        let heads: Vec<String> = groups
            .iter()
            .map(|group| format!("{}: {}", capitalized(&group.title), group.summary))
            .collect();
        self.log.block(Level::Info, &heads);
        self.log.info(format_args!(
            "{}: {}",
            count_of(targets.len(), "target"),
            counts(plan)
        ));
        let row = |kept: bool| {
            let chosen = targets
                .iter()
                .zip(&plan.verdicts)
                .filter(move |(_, v)| matches!(v, Verdict::Kept(_)) == kept);
            chosen
                .map(|(target, verdict)| row(target, verdict))
                .collect::<Vec<_>>()
        };
        self.log.block(Level::Info, &row(false));
        self.log.block(Level::Verbose, &row(true));
        self.warn_about(sight, inventory, plan);
    }

    fn warn_about(&self, sight: &Sight, inventory: &Inventory, plan: &Plan) {
        let Look { targets, groups } = &sight.look;
        if targets.is_empty() {
            self.log.warn(nobody_carries(
                inventory,
                &self.settings.roles,
                &self.scope.environment,
            ));
        }
        for group in groups {
            let listed = group.instances.len();
            if let Some(capacity) = group.capacity.filter(|c| listed > 0 && *c > listed as u64) {
                self.log.warn(format_args!("{} lists {listed} instances although its capacity is {capacity}; evicted Spot instances or a failed allocation look like this", group.title));
            }
        }
        // Where something would be removed these are brakes, and say more.
        if plan.candidate_count() == 0 {
            for doubt in brake::doubts(&sight.look, plan) {
                self.log.warn(format_args!(
                    "{}. It would hold back removals, if there were any",
                    capitalized(&doubt.to_string())
                ));
            }
        }
    }

    /// Sets the outputs, attaches the report, prints the summary, and gives the exit code.
    pub fn finish(&self, outcome: &Outcome) -> ExitCode {
        let targets = &outcome.decision.sight.look.targets;
        self.say_why_held(outcome);
        self.say_foreign(outcome);
        let deployable = self.deployable(outcome);
        let left_out: Vec<String> = deployable
            .left_out
            .iter()
            .map(|(index, why)| left_out_line(&targets[*index], *why))
            .collect();
        self.log.block(Level::Info, &left_out);
        self.set_outputs(outcome, &deployable);
        let summary = self.summary(outcome);
        self.attach_report(outcome, &summary, &left_out);
        let code = outcome.exit_code();
        let code = if self.settings.only_warn {
            ExitCode::Reconciled
        } else {
            code
        };
        self.log.say(Level::Highlight, summary);
        code
    }

    fn say_why_held(&self, outcome: &Outcome) {
        let level = if self.settings.only_warn {
            Level::Warning
        } else {
            Level::Error
        };
        let Look { targets, .. } = &outcome.decision.sight.look;
        let candidates = named(targets, &outcome.decision.plan, |v| {
            matches!(v, Verdict::Stale(_))
        });
        match &outcome.decision.hold {
            None => {}
            Some(Hold::Brakes(brakes)) => {
                for brake in brakes {
                    self.log.say(level, brake_line(brake, &candidates));
                }
            }
            Some(Hold::Failure(error)) => self.log.say(
                level,
                format_args!(
                    "{error} Nothing was removed; {} wait for a later run: {}",
                    count_of(candidates.len(), "target"),
                    candidates.join(", ")
                ),
            ),
        }
    }

    /// One warning for all of them; their own lines say why.
    fn say_foreign(&self, outcome: &Outcome) {
        let Decision { sight, plan, .. } = &outcome.decision;
        let foreign = named(&sight.look.targets, plan, |v| {
            matches!(v, Verdict::Foreign(_))
        });
        if !foreign.is_empty() {
            self.log.warn(format_args!(
                "Left alone, because they match no instance and are not, or not surely, the scale set's: {}. If they are, register machines under their computer names; if not, give the scale set's machines a role of their own",
                foreign.join(", ")
            ));
        }
    }

    /// The kept targets to deploy to. In a deployment, those whose machine is known to be off are left out.
    fn deployable(&self, outcome: &Outcome) -> Deployable {
        let Decision { sight, plan, .. } = &outcome.decision;
        let run = outputs::RunKind {
            tenanted: self.settings.tenant.is_some(),
        };
        let any_kept = plan.verdicts.iter().any(|v| matches!(v, Verdict::Kept(_)));
        let in_deployment = self.settings.run.kind == RunKind::Deployment;
        let off = if in_deployment && any_kept {
            self.machines_off(sight)
        } else {
            HashSet::new()
        };
        outputs::deployable(&sight.look, plan, run, &off)
    }

    fn machines_off(&self, sight: &Sight) -> HashSet<Seat> {
        self.http.begin_phase();
        let mut off = HashSet::new();
        for (group, (id, mode)) in self
            .settings
            .scale_sets
            .iter()
            .zip(&sight.modes)
            .enumerate()
        {
            match self.azure.machines_off(id, *mode) {
                Ok(names) => {
                    let instances = sight.look.groups[group].instances.iter().enumerate();
                    let is_off = |instance: &crate::reconcile::Instance| {
                        names.contains(&instance.resource_name.to_lowercase())
                    };
                    off.extend(instances.filter(|(_, i)| is_off(i)).map(|(index, _)| Seat {
                        group,
                        member: true,
                        index,
                    }));
                }
                Err(error) => self.log.warn(format_args!(
                    "{error} Nobody is left out of the deployment for being off"
                )),
            }
        }
        off
    }

    fn set_outputs(&self, outcome: &Outcome, deployable: &Deployable) {
        let targets = &outcome.decision.sight.look.targets;
        let chosen: Vec<&Target> = deployable
            .targets
            .iter()
            .map(|index| &targets[*index])
            .collect();
        let removed: HashSet<&TargetId> = outcome.removals.removed.iter().collect();
        let removed: Vec<&Target> = targets
            .iter()
            .filter(|target| removed.contains(&target.id))
            .collect();
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
        let held: Vec<&Target> = outcome.held(targets).collect();
        self.log.output(
            "VMSSHasServersToDeployTo",
            if chosen.is_empty() { "False" } else { "True" },
        );
        self.log.output("VMSSDeploymentTargetIds", &ids(&chosen));
        self.log
            .output("VMSSDeploymentTargetNames", &names(&chosen));
        self.log.output("VMSSRemovedTargetIds", &ids(&removed));
        self.log.output("VMSSRemovedTargetNames", &names(&removed));
        self.log.output("VMSSHeldTargetNames", &names(&held));
    }

    fn summary(&self, outcome: &Outcome) -> String {
        let Decision { sight, plan, hold } = &outcome.decision;
        let candidates = plan.candidate_count();
        let done = match self.settings.rules.action {
            Action::Delete => "removed",
            Action::Disable => "disabled",
        };
        let kept = plan
            .verdicts
            .iter()
            .filter(|v| matches!(v, Verdict::Kept(_)))
            .count();
        let held = outcome.held(&sight.look.targets).count();
        let what = match hold {
            Some(Hold::Brakes(_)) if self.settings.dry_run => {
                format!("Dry run: nothing would be {done}, a brake would hold back {candidates}")
            }
            Some(Hold::Brakes(_)) => format!("Nothing was {done}: a brake holds back {candidates}"),
            Some(Hold::Failure(_)) => {
                format!("Nothing was {done}: the evidence for {candidates} could not be had")
            }
            None if self.settings.dry_run => format!(
                "Dry run: {} would be {done}",
                count_of(candidates, "target")
            ),
            None if candidates == 0 => "Nothing to remove".to_owned(),
            None if outcome.removals.removed.len() == candidates => {
                format!("{} {done}", count_of(candidates, "target"))
            }
            None => format!(
                "{} of {candidates} targets {done}, {} failed",
                outcome.removals.removed.len(),
                outcome.removals.failed.len()
            ),
        };
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
        let mut lines = vec![format!(
            "octopus-scale-in {}: {summary}",
            env!("CARGO_PKG_VERSION")
        )];
        lines.extend(
            sight
                .look
                .groups
                .iter()
                .map(|group| format!("{}: {}", capitalized(&group.title), group.summary)),
        );
        lines.extend(
            sight
                .look
                .targets
                .iter()
                .zip(&plan.verdicts)
                .map(|(target, verdict)| {
                    let failed = outcome
                        .removals
                        .failed
                        .iter()
                        .find(|(id, _)| *id == target.id);
                    match failed {
                        Some((_, error)) => {
                            format!("{} Not removed: {error}", row(target, verdict))
                        }
                        None if removed.contains(&target.id) => {
                            format!("{}; done by this run", row(target, verdict))
                        }
                        None => row(target, verdict),
                    }
                }),
        );
        lines.extend(left_out.iter().cloned());
        let task = self.settings.run.task.as_deref().unwrap_or("by-hand");
        let task: String = task
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        self.log
            .attach_report(&format!("octopus-scale-in-{task}.txt"), &lines);
    }
}
