//! Answers guided failures on targets whose machines are gone. Who is asked, and when; what may be answered is decided in
//! [`crate::reconcile::guided_failure`].
//!
//! Off by default. What waits is read before the look that is the evidence, and once more before it is answered.

use crate::console::Level;
use crate::error::{Error, ServiceError};
use crate::gather::Decision;
use crate::octopus::{EnvironmentRoles, OWN_ACCOUNT, TaskDetails, TaskState, Written};
use crate::reconcile::guided_failure::{
    GuidedFailures, Interruption, LeftAlone, Open, is_about, named_in,
};
use crate::reconcile::plan::{Deferral, Plan, Verdict};
use crate::reconcile::{Look, Target, TargetId};
use crate::settings::{BusyTargets, DryRun, GuidedFailureHandling};
use crate::sight::{Services, Sight};
use std::collections::HashMap;

/// A task that waits, as far as it was read.
struct Paused {
    details: Result<TaskDetails, ServiceError>,
    /// What it has waited for before, and waits for.
    interruptions: Result<Vec<Interruption>, ServiceError>,
}

impl Services<'_> {
    /// What waits for an answer, where that is asked for; and a look that was taken after it was read, since only a machine
    /// that is gone *then* may be excluded.
    ///
    /// # Errors
    /// The new look could not be taken.
    pub fn waiting(
        &self,
        sight: Sight,
        census: EnvironmentRoles,
    ) -> Result<(Option<Vec<Interruption>>, Sight, EnvironmentRoles), Error> {
        if self.settings.guided_failures == GuidedFailureHandling::None {
            return Ok((Some(Vec::new()), sight, census));
        }
        self.begin_phase();
        let waiting = match self.octopus.pending_interruptions(self.deadline()) {
            Ok(waiting) => waiting,
            Err(error) => {
                self.tell_unanswered(&error);
                return Ok((None, sight, census));
            }
        };
        if waiting.iter().all(|it| it.obstacle().is_some()) {
            return Ok((Some(waiting), sight, census));
        }
        let (sight, census) = self.look()?;
        Ok((Some(waiting), sight, census))
    }

    /// Finds the guided failures that may be answered, and names the others with the reason.
    pub fn examine(
        &self,
        waiting: Option<Vec<Interruption>>,
        look: &Look,
        plan: &Plan,
    ) -> GuidedFailures {
        let mut found = GuidedFailures {
            unknown: waiting.is_none(),
            ..GuidedFailures::default()
        };
        self.begin_phase();
        let mut paused = HashMap::new();
        for interruption in waiting.unwrap_or_default() {
            let named = named_in(&interruption.text, &look.targets);
            found.involve(&interruption, &look.targets, &named);
            match self.may_answer(&interruption, &named, (look, plan), &found, &mut paused) {
                Ok(target) => found.open.push(Open {
                    interruption,
                    target,
                }),
                Err(why) => {
                    if matches!(&why, LeftAlone::TaskState(state) if TaskState::read(state).is_over())
                    {
                        found.forget(&interruption.task);
                    }
                    self.leave_alone(&interruption, &why);
                }
            }
        }
        if self.settings.guided_failures == GuidedFailureHandling::Exclude
            && self.settings.busy_targets == BusyTargets::Remove
        {
            self.find_answered(look, plan, &mut found);
        }
        found
    }

    /// The target that it is about, or why it is left alone.
    fn may_answer(
        &self,
        interruption: &Interruption,
        named: &[usize],
        (look, plan): (&Look, &Plan),
        found: &GuidedFailures,
        paused: &mut HashMap<String, Paused>,
    ) -> Result<TargetId, LeftAlone> {
        if let Some(why) = interruption.obstacle() {
            return Err(why);
        }
        let index = match named {
            [] => return Err(LeftAlone::NamesNoTarget),
            [index] => *index,
            several => {
                let names = several
                    .iter()
                    .map(|index| look.targets[*index].name.clone());
                return Err(LeftAlone::NamesSeveral(names.collect()));
            }
        };
        let target = &look.targets[index];
        not_gone(target, &plan.verdicts[index])?;
        let twin = found
            .open
            .iter()
            .find(|open| open.target == target.id && open.interruption.task == interruption.task);
        if let Some(twin) = twin {
            return Err(LeftAlone::Twin(twin.interruption.id.clone()));
        }
        let task = &interruption.task;
        let paused = paused
            .entry(task.clone())
            .or_insert_with(|| self.paused(task));
        let details = paused.details.as_ref().map_err(unreadable)?;
        if details.state != TaskState::Executing {
            return Err(LeftAlone::TaskState(details.state_text.clone()));
        }
        let element = details.element(&interruption.element);
        if !element.is_some_and(|element| is_about(element, target)) {
            return Err(LeftAlone::Unclear(target.name.clone()));
        }
        let earlier = paused.interruptions.as_ref().map_err(unreadable)?;
        let excluded = earlier
            .iter()
            .find(|earlier| earlier.task == *task && earlier.has_excluded(index, &look.targets));
        if let Some(earlier) = excluded {
            return Err(LeftAlone::ExcludedBefore(earlier.id.clone()));
        }
        Ok(target.id.clone())
    }

    fn paused(&self, task: &str) -> Paused {
        Paused {
            details: self.octopus.paused_task(task, self.deadline()),
            interruptions: self.octopus.interruptions_of(task, self.deadline()),
        }
    }

    /// Where targets in use are removed: the candidates that a running task was told to exclude. It still knows them.
    fn find_answered(&self, look: &Look, plan: &Plan, found: &mut GuidedFailures) {
        let candidates: Vec<Target> = plan
            .candidates()
            .map(|(index, _)| look.targets[index].clone())
            .collect();
        if candidates.is_empty() {
            return;
        }
        let all = self.octopus.active_runs(self.deadline()).and_then(|tasks| {
            let of_task = tasks
                .iter()
                .map(|task| self.octopus.interruptions_of(task, self.deadline()));
            of_task.collect::<Result<Vec<_>, _>>()
        });
        match all {
            Ok(all) => {
                for interruption in all.iter().flatten() {
                    let named = named_in(&interruption.text, &candidates);
                    found.involve(interruption, &candidates, &named);
                }
            }
            Err(error) => {
                self.tell_unanswered(&error);
                found.unknown = true;
            }
        }
    }

    /// Answers what may be answered by all the evidence. From then on a target that a running task waits about, or was told
    /// to exclude, waits for a later run.
    pub fn answer(&self, found: &GuidedFailures, d: &mut Decision) {
        let mut cancelled = None;
        for open in &found.open {
            let index = d
                .sight
                .look
                .targets
                .iter()
                .position(|target| target.id == open.target);
            let may = index.ok_or(LeftAlone::NamesNoTarget).and_then(|index| {
                not_gone(&d.sight.look.targets[index], &d.plan.verdicts[index])?;
                if d.hold.is_some() {
                    return Err(LeftAlone::Held);
                }
                Ok(&d.sight.look.targets[index])
            });
            let answered = may.and_then(|target| {
                if self.settings.dry_run == DryRun::No
                    && *cancelled.get_or_insert_with(|| self.is_cancelled())
                {
                    return Err(LeftAlone::Cancelled);
                }
                self.answer_one(&open.interruption, target)
            });
            if let Err(why) = answered {
                self.leave_alone(&open.interruption, &why);
            }
        }
        if d.hold.is_none() {
            self.defer_involved(found, d);
        }
    }

    fn defer_involved(&self, found: &GuidedFailures, d: &mut Decision) {
        let before = d.spoken();
        let targets = &d.sight.look.targets;
        let task = |index: usize| found.task_of(&targets[index].id);
        d.plan
            .defer_candidates(|index| task(index).cloned().map(Deferral::GuidedFailure));
        self.tell_changes(targets, &before, &d.plan);
    }

    fn answer_one(&self, interruption: &Interruption, target: &Target) -> Result<(), LeftAlone> {
        let Interruption {
            id, task, title, ..
        } = interruption;
        if self.settings.dry_run == DryRun::Yes {
            self.log.info(format_args!(
                "Dry run: {id} ({title}) would be answered with 'Exclude' for {} ({}) in {task}",
                target.name, target.id
            ));
            return Ok(());
        }
        self.begin_phase();
        let now = self
            .octopus
            .interruption(id, self.deadline())
            .map_err(|error| unreadable(&error))?;
        if let Some(why) = now.obstacle() {
            return Err(why);
        }
        let now_task = self
            .octopus
            .task(task, &format!("read the state of {task}"), self.deadline())
            .map_err(|error| unreadable(&error))?;
        if now_task.state != TaskState::Executing {
            return Err(LeftAlone::TaskState(now_task.state_text));
        }
        let holder = match self.writer.take_responsibility(id, self.deadline()) {
            Ok(Written::Done(holder)) => holder,
            Ok(Written::DryRun) => return Ok(()),
            Err(error) => self.holder_all_the_same(id, &error)?,
        };
        let note = self.why_excluded(target);
        match self.writer.exclude(&now, &note, self.deadline()) {
            Ok(Written::DryRun) => {}
            Ok(Written::Done(())) => self.log.say(
                Level::Highlight,
                format_args!(
                    "Excluded {} ({}) from {task}: answered {id} ({title}), since its machine is gone",
                    target.name, target.id
                ),
            ),
            Err(error) => self.say_who_takes_over(interruption, &holder, &error),
        }
        Ok(())
    }

    /// A claim whose answer was lost is one all the same.
    fn holder_all_the_same(&self, id: &str, error: &ServiceError) -> Result<String, LeftAlone> {
        let why = error.to_string();
        match self.octopus.interruption(id, self.deadline()) {
            Ok(now) if now.is_ours && now.pending => Ok(OWN_ACCOUNT.to_owned()),
            Ok(now) if now.held_by.is_none() => Err(unreadable(error)),
            Ok(now) => Err(LeftAlone::ClaimUnclear(why, now.held_by)),
            Err(_) if error.is_refusal() => Err(unreadable(error)),
            Err(_) => Err(LeftAlone::ClaimUnclear(why, None)),
        }
    }

    /// What people read beside the answer in Octopus.
    fn why_excluded(&self, target: &Target) -> String {
        let sets: Vec<String> = self
            .settings
            .scale_sets
            .iter()
            .map(ToString::to_string)
            .collect();
        let by = self
            .settings
            .caller
            .task
            .as_deref()
            .unwrap_or("a run by hand");
        format!(
            "octopus-scale-in ({by}): the machine of {} ({}) is gone. It is in neither of two complete listings of {}, and nothing else says that it is there. The registration is removed once this task has ended.",
            target.name,
            target.id,
            sets.join(", ")
        )
    }

    /// An answer whose own answer was lost is one all the same.
    fn say_who_takes_over(&self, interruption: &Interruption, holder: &str, error: &ServiceError) {
        let Interruption {
            id, task, title, ..
        } = interruption;
        let now = self.octopus.interruption(id, self.deadline());
        let perhaps = match now {
            Ok(now) if !now.pending => {
                self.log.info(format_args!(
                    "{id} ({title}) of {task} is answered, although: {error}"
                ));
                return;
            }
            Ok(_) => "",
            Err(_) => "perhaps ",
        };
        self.log.warn(format_args!(
            "{error} {id} ({title}) of {task} is held by {holder} now, and {perhaps}not answered: somebody must take it over from {holder} in Octopus"
        ));
    }

    fn leave_alone(&self, interruption: &Interruption, why: &LeftAlone) {
        let Interruption {
            id, task, title, ..
        } = interruption;
        let level = match why {
            LeftAlone::Refused(_) => Level::Highlight,
            LeftAlone::ClaimUnclear(..) => Level::Warning,
            _ => Level::Info,
        };
        self.log.say(
            level,
            format_args!("  left alone {id} ({title}) of {task}: {why}"),
        );
    }

    fn tell_unanswered(&self, error: &ServiceError) {
        let level = if error.is_refusal() {
            Level::Highlight
        } else {
            Level::Warning
        };
        self.log.say(
            level,
            format_args!("Guided failures are left to people. {error}"),
        );
    }
}

fn unreadable(error: &ServiceError) -> LeftAlone {
    if error.is_refusal() {
        LeftAlone::Refused(error.to_string())
    } else {
        LeftAlone::Unreadable(error.to_string())
    }
}

/// Only a candidate's machine may be gone.
fn not_gone(target: &Target, verdict: &Verdict) -> Result<(), LeftAlone> {
    match verdict {
        Verdict::Stale(_) => Ok(()),
        Verdict::Ignored
        | Verdict::Kept(_)
        | Verdict::Leaving
        | Verdict::Detached(_)
        | Verdict::Done
        | Verdict::Deferred(_)
        | Verdict::Referenced(_)
        | Verdict::Foreign(_) => Err(LeftAlone::NotGone(target.name.clone(), verdict.to_string())),
    }
}
