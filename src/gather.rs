//! Brakes and evidence, in the order in which they become known. What each of them means is decided in
//! [`crate::reconcile`]; here is who is asked, and when.

use crate::azure::{Mode, Seen};
use crate::error::{Error, ServiceError};
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::evidence::{self, Answer, Answers, Listing, Member};
use crate::reconcile::plan::{Action, Deferral, Plan, Reference, Verdict};
use crate::reconcile::usage::{self, Activity};
use crate::reconcile::{Target, TargetId};
use crate::sight::{Services, Sight};
use crate::task_log::Level;
use crate::workers::ask_all;
use std::collections::{HashMap, HashSet};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// Machines that are not there yet, or not any more, are given six intervals where nothing at all is listed.
const INTERVALS_WHERE_EMPTY: u32 = 6;

/// What is to be removed, and what speaks against it.
#[derive(Debug)]
pub struct Decision {
    /// The last look.
    pub sight: Sight,
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

impl Services<'_> {
    /// Judges the brakes and gathers the evidence. Candidates only ever become fewer.
    pub fn decide(&self, sight: Sight, plan: Plan) -> Decision {
        let mut decision = Decision {
            sight,
            plan,
            hold: None,
        };
        match self.gather(&mut decision) {
            Ok(brakes) if brakes.is_empty() => {}
            Ok(brakes) => decision.hold = Some(Hold::Brakes(brakes)),
            Err(error) => decision.hold = Some(Hold::Failure(error)),
        }
        decision
    }

    /// Stops at the first brakes, or where no candidate is left.
    fn gather(&self, d: &mut Decision) -> Result<Vec<Brake>, Error> {
        let stop =
            |d: &Decision, brakes: &Vec<Brake>| d.plan.candidate_count() == 0 || !brakes.is_empty();
        let mut brakes = brake::doubts(&d.sight.look, &d.plan);
        if !stop(d, &brakes) {
            self.spare_what_others_have(d)?;
            brakes.extend(brake::over_limit(
                &d.sight.look,
                &d.plan,
                self.settings.limit,
            ));
        }
        if !stop(d, &brakes) {
            let answers = self.ask_octopus(d);
            self.second_look(d, &answers)?;
            brakes = brake::doubts(&d.sight.look, &d.plan);
        }
        if !stop(d, &brakes) {
            brakes = self.compare_own_lists(d)?;
        }
        if !stop(d, &brakes) {
            brakes = self.ask_members(d);
        }
        // A brake is judged only where something would be removed.
        Ok(if d.plan.candidate_count() == 0 {
            Vec::new()
        } else {
            brakes
        })
    }

    /// Third piece of evidence: no other scale set has it.
    fn spare_what_others_have(&self, d: &mut Decision) -> Result<(), Error> {
        self.http.begin_phase();
        let seen = self.azure.scale_sets_seen(&self.settings.scale_sets)?;
        self.log.info(format_args!(
            "Scale sets seen by this account: {} (resource groups: {})",
            seen.scale_sets, seen.groups
        ));
        for error in &seen.unlisted {
            self.log.warn(format_args!(
                "{error} A scale set elsewhere with the same computer name prefix cannot be excluded, so targets that Octopus calls healthy are left alone. Give the account read access to the scale sets of the subscription, or the scale set a prefix of its own"
            ));
        }
        let listings = self.list_others(&seen, &d.sight, &d.plan);
        let before = d.candidate_ids();
        let all_seen = seen.unlisted.is_empty();
        evidence::spare_what_others_have(
            &d.sight.look,
            &mut d.plan,
            &seen.others,
            &listings,
            all_seen,
        );
        self.tell_spared(&d.sight.look.targets, &before, &d.plan);
        Ok(())
    }

    fn list_others(&self, seen: &Seen, sight: &Sight, plan: &Plan) -> HashMap<usize, Listing> {
        let wanted = evidence::groups_to_list(&sight.look, plan, &seen.others);
        let listings = ask_all(&wanted, |index| self.azure.list_other(seen, *index));
        wanted.into_iter().zip(listings).collect()
    }

    /// What Octopus says of each candidate. No answer counts as in use, or referenced.
    fn ask_octopus(&self, d: &Decision) -> Answers {
        self.http.begin_phase();
        let targets: Vec<&Target> = d
            .plan
            .candidates()
            .map(|(index, _)| &d.sight.look.targets[index])
            .collect();
        let mut answers = Answers::default();
        if !self.settings.remove_busy {
            answers.in_use = self.in_use(&targets);
        }
        if self.settings.rules.action == Action::Delete {
            answers.referenced = self.referenced(&targets);
        }
        answers
    }

    fn in_use(&self, targets: &[&Target]) -> HashMap<TargetId, Deferral> {
        let unknown = |target: &Target, why: &ServiceError| {
            (target.id.clone(), Deferral::InUseUnknown(why.to_string()))
        };
        let activity = match self.octopus.activity(&self.scope.space, self.asker()) {
            Ok(activity) => activity,
            Err(error) => {
                self.tell_refused(&error, "TaskView");
                return targets
                    .iter()
                    .map(|target| unknown(target, &error))
                    .collect();
            }
        };
        if activity.tasks.is_empty() {
            return HashMap::new();
        }
        let question = |target: &Target| self.in_use_one(&activity, target);
        let answers = self.ask_of_each(targets, "TaskView", question);
        let deferral =
            |(target, answer): (&Target, Result<Option<Deferral>, ServiceError>)| match answer {
                Ok(deferral) => deferral.map(|deferral| (target.id.clone(), deferral)),
                Err(error) => Some(unknown(target, &error)),
            };
        answers.into_iter().filter_map(deferral).collect()
    }

    /// Asks Octopus about each target; says once if it refuses for want of a permission.
    fn ask_of_each<'t, A: Send>(
        &self,
        targets: &[&'t Target],
        permission: &str,
        question: impl Fn(&Target) -> Result<A, ServiceError> + Sync,
    ) -> Vec<(&'t Target, Result<A, ServiceError>)> {
        let answers = ask_all(targets, |target| question(target));
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        if let Some(refusal) = errors.into_iter().find(|error| error.is_refusal()) {
            self.tell_refused(refusal, permission);
        }
        targets.iter().copied().zip(answers).collect()
    }

    fn in_use_one(
        &self,
        activity: &Activity,
        target: &Target,
    ) -> Result<Option<Deferral>, ServiceError> {
        let named_by = self
            .octopus
            .tasks_of(&self.scope.space, &target.id, activity.now)?;
        Ok(usage::in_use(activity, target, &named_by))
    }

    fn referenced(&self, targets: &[&Target]) -> HashMap<TargetId, Reference> {
        let question = |target: &Target| self.octopus.variables_of(&self.scope.space, &target.id);
        let answers =
            self.ask_of_each(targets, "VariableView and LibraryVariableSetView", question);
        let reference =
            |(target, answer): (&Target, Result<Option<Reference>, ServiceError>)| match answer {
                Ok(reference) => reference.map(|reference| (target.id.clone(), reference)),
                Err(error) => Some((target.id.clone(), Reference::Unknown(error.to_string()))),
            };
        answers.into_iter().filter_map(reference).collect()
    }

    /// First piece of evidence: a second look, after the confirm interval.
    fn second_look(&self, d: &mut Decision, answers: &Answers) -> Result<(), Error> {
        let nothing_listed = d
            .sight
            .look
            .groups
            .iter()
            .any(|group| group.instances.is_empty());
        let intervals = if nothing_listed {
            INTERVALS_WHERE_EMPTY
        } else {
            1
        };
        self.pause_since(
            d.sight.taken,
            self.settings.tuning.confirm.saturating_mul(intervals),
        );
        let (second, _) = self.look()?;
        for target in evidence::gone_since(&d.sight.look, &second.look) {
            self.log.info(format_args!(
                "{} ({}) is no longer among the targets in scope; nothing is left to do",
                target.name, target.id
            ));
        }
        self.compare(d, second, answers);
        Ok(())
    }

    /// Weighs a further look against the one before, which it replaces.
    fn compare(&self, d: &mut Decision, later: Sight, answers: &Answers) {
        let fresh = Plan::make(&later.look, self.settings.rules, SystemTime::now());
        let plan = evidence::second_look((&d.sight.look, &d.plan), &later.look, fresh, answers);
        let before = d.candidate_ids();
        self.tell_spared(&later.look.targets, &before, &plan);
        d.sight = later;
        d.plan = plan;
    }

    /// Second piece of evidence, Flexible: the scale set's own list names nothing that the listing lacks. What differs is
    /// read once more after one more interval, since the two lists are never of the same moment.
    fn compare_own_lists(&self, d: &mut Decision) -> Result<Vec<Brake>, Error> {
        if self.own_lists(d)?.is_empty() {
            return Ok(Vec::new());
        }
        self.pause_since(Instant::now(), self.settings.tuning.confirm);
        let later = self.look_at_machines(d.sight.look.targets.clone())?;
        self.compare(d, later, &Answers::default());
        let doubts = brake::doubts(&d.sight.look, &d.plan);
        if !doubts.is_empty() {
            return Ok(doubts);
        }
        self.own_lists(d)
    }

    fn own_lists(&self, d: &Decision) -> Result<Vec<Brake>, Error> {
        let mut brakes = Vec::new();
        let sets = self
            .settings
            .scale_sets
            .iter()
            .zip(&d.sight.modes)
            .zip(&d.sight.look.groups);
        for ((id, _), group) in sets.filter(|((_, mode), _)| **mode == Mode::Flexible) {
            brakes.extend(brake::incomplete_listing(group, &self.azure.own_list(id)?));
        }
        Ok(brakes)
    }

    /// Second piece of evidence, Uniform: the candidate's own machine, asked for by itself.
    fn ask_members(&self, d: &mut Decision) -> Vec<Brake> {
        let members = evidence::members_to_ask(&d.plan);
        let scale_sets = &self.settings.scale_sets;
        let answers = ask_all(&members, |member| {
            self.azure
                .ask_member(&scale_sets[member.group], member.number)
        });
        let heard: Vec<(Member, Answer)> = members.into_iter().zip(answers).collect();
        let before = d.candidate_ids();
        let brakes = evidence::hear_members(&d.sight.look, &mut d.plan, &heard);
        self.tell_spared(&d.sight.look.targets, &before, &d.plan);
        brakes
    }

    fn pause_since(&self, since: Instant, interval: Duration) {
        let left = interval.saturating_sub(since.elapsed());
        if !left.is_zero() {
            self.log.verbose(format_args!(
                "Waiting {:.1} seconds before the next look",
                left.as_secs_f64()
            ));
            sleep(left);
        }
    }

    fn tell_refused(&self, error: &ServiceError, permission: &str) {
        self.log.say(
            Level::Highlight,
            format_args!("The service account lacks a permission, so stale targets wait. Give it {permission} in this space and environment. {error}"),
        );
        self.log
            .warn(format_args!("Missing permission: {permission}"));
    }

    /// Names the candidates that are none any more.
    fn tell_spared(&self, targets: &[Target], before: &HashSet<TargetId>, plan: &Plan) {
        let spared = |(target, verdict): (&Target, &Verdict)| {
            let is_spared = before.contains(&target.id) && !matches!(verdict, Verdict::Stale(_));
            is_spared.then(|| {
                format!(
                    "  spared   {} ({}), {}: {verdict}",
                    target.name,
                    target.id,
                    verdict.word()
                )
            })
        };
        let lines: Vec<String> = targets
            .iter()
            .zip(&plan.verdicts)
            .filter_map(spared)
            .collect();
        self.log.block(Level::Info, &lines);
    }
}

impl Decision {
    fn candidate_ids(&self) -> HashSet<TargetId> {
        let targets = &self.sight.look.targets;
        self.plan
            .candidates()
            .map(|(index, _)| targets[index].id.clone())
            .collect()
    }
}
