//! Brakes and evidence, in the order in which they become known. What each of them means is decided in
//! [`crate::reconcile`]; here is who is asked, and when.

mod candidates;

use crate::azure::{Mode, Seen};
use crate::console::Level;
use crate::error::{Cause, Error, Service, ServiceError};
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::evidence::{self, Answer, Answers, Listing, Member};
use crate::reconcile::guided_failure::GuidedFailures;
use crate::reconcile::plan::{Plan, Verdict};
use crate::reconcile::{Target, TargetId};
use crate::sight::{Services, Sight};
use crate::workers;
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
    /// The other scale sets that the account sees. `None` where nobody needs to know: nothing would be removed, or a brake
    /// holds already.
    ///
    /// # Errors
    /// They may not be listed, or could not be.
    pub fn neighbours(&self, sight: &Sight, plan: &Plan) -> Result<Option<Seen>, Error> {
        if plan.candidate_count() == 0 || !brake::doubts(&sight.look, plan).is_empty() {
            return Ok(None);
        }
        self.begin_phase();
        Ok(Some(self.azure.scale_sets_seen(
            &self.settings.scale_sets,
            self.deadline(),
        )?))
    }

    /// Judges the brakes and gathers the evidence. Candidates only ever become fewer.
    pub fn decide(
        &self,
        sight: Sight,
        plan: Plan,
        neighbours: Result<Option<Seen>, Error>,
        guided: &GuidedFailures,
    ) -> Decision {
        let mut decision = Decision {
            sight,
            plan,
            hold: None,
        };
        let gathered =
            neighbours.and_then(|seen| self.gather(&mut decision, seen.as_ref(), guided));
        decision.hold = match gathered {
            // A brake is judged only where something would be removed.
            Ok(brakes) if brakes.is_empty() || decision.plan.candidate_count() == 0 => None,
            Ok(brakes) => Some(Hold::Brakes(brakes)),
            Err(error) => Some(Hold::Failure(error)),
        };
        decision
    }

    /// Stops at the first brakes, or where no candidate is left.
    fn gather(
        &self,
        d: &mut Decision,
        neighbours: Option<&Seen>,
        guided: &GuidedFailures,
    ) -> Result<Vec<Brake>, Error> {
        let stop =
            |d: &Decision, brakes: &[Brake]| d.plan.candidate_count() == 0 || !brakes.is_empty();
        let mut brakes = brake::doubts(&d.sight.look, &d.plan);
        if !stop(d, &brakes)
            && let Some(seen) = neighbours
        {
            self.spare_what_others_have(d, seen)?;
            brakes.extend(brake::over_limit(
                &d.sight.look,
                &d.plan,
                self.settings.limit,
            ));
        }
        if !stop(d, &brakes) {
            let answers = self.ask_octopus(d, guided)?;
            self.second_look(d, &answers)?;
            if neighbours.is_some_and(|seen| !seen.unlisted.is_empty()) {
                let before = d.spoken();
                evidence::spare_where_twins_are_unseen(&d.sight.look, &mut d.plan);
                self.tell_changes(&d.sight.look.targets, &before, &d.plan);
            }
            brakes = brake::doubts(&d.sight.look, &d.plan);
        }
        if !stop(d, &brakes) {
            brakes = self.compare_own_lists(d)?;
        }
        if !stop(d, &brakes) {
            brakes = self.ask_members(d)?;
        }
        Ok(brakes)
    }

    /// Third piece of evidence: no other scale set has it.
    fn spare_what_others_have(&self, d: &mut Decision, seen: &Seen) -> Result<(), Error> {
        for error in &seen.unlisted {
            self.log.warn(format_args!(
                "{error} A scale set elsewhere with the same computer name prefix cannot be excluded, so targets that Octopus calls healthy are left alone. Give the account read access to the scale sets of the subscription, or the scale set a prefix of its own"
            ));
        }
        let listings = self.list_others(seen, &d.sight, &d.plan)?;
        let before = d.spoken();
        let all_seen = seen.unlisted.is_empty();
        evidence::spare_what_others_have(
            &d.sight.look,
            &mut d.plan,
            &seen.others,
            &listings,
            all_seen,
        );
        self.tell_changes(&d.sight.look.targets, &before, &d.plan);
        Ok(())
    }

    fn list_others(
        &self,
        seen: &Seen,
        sight: &Sight,
        plan: &Plan,
    ) -> Result<HashMap<usize, Listing>, Error> {
        let wanted = evidence::groups_to_list(&sight.look, plan, &seen.others);
        let deadline = self.deadline();
        let listings = workers::map(&wanted, |index| {
            self.azure.list_other(seen, *index, deadline)
        });
        let errors = listings.iter().filter_map(|listing| listing.as_ref().err());
        self.in_time(Service::Azure, "list the other scale sets", errors)?;
        let text = listings
            .into_iter()
            .map(|listing| listing.map_err(|error| error.to_string()));
        Ok(wanted.into_iter().zip(text).collect())
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
        let before = d.spoken();
        for target in evidence::gone_since(&d.sight.look, &second.look) {
            if !before.candidates.contains(&target.id) {
                continue;
            }
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
        let before = d.spoken();
        self.tell_changes(&later.look.targets, &before, &plan);
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
        if !doubts.is_empty() || d.plan.candidate_count() == 0 {
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
            brakes.extend(brake::incomplete_listing(
                group,
                &self.azure.own_list(id, self.deadline())?,
            ));
        }
        Ok(brakes)
    }

    /// Second piece of evidence, Uniform: the candidate's own machine, asked for by itself.
    fn ask_members(&self, d: &mut Decision) -> Result<Vec<Brake>, Error> {
        let members = evidence::members_to_ask(&d.plan);
        let (scale_sets, deadline) = (&self.settings.scale_sets, self.deadline());
        let answers = workers::map(&members, |member| {
            self.azure
                .ask_member(&scale_sets[member.group], member.number, deadline)
        });
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        self.in_time(
            Service::Azure,
            "ask for every candidate's own instance",
            errors,
        )?;
        let answers = answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(|error| Answer::Silent(error.to_string())));
        let heard: Vec<(Member, Answer)> = members.into_iter().zip(answers).collect();
        let before = d.spoken();
        let brakes = evidence::hear_members(&d.sight.look, &mut d.plan, &heard);
        self.tell_changes(&d.sight.look.targets, &before, &d.plan);
        Ok(brakes)
    }

    fn pause_since(&self, since: Instant, interval: Duration) {
        let left = interval.saturating_sub(since.elapsed());
        if !left.is_zero() {
            self.log.info(format_args!(
                "Looking again in {:.1} seconds, to be sure",
                left.as_secs_f64()
            ));
            sleep(left);
        }
    }

    /// What was not answered because the phase was over is no answer about one candidate alone.
    fn in_time<'e>(
        &self,
        service: Service,
        attempted: &str,
        mut errors: impl Iterator<Item = &'e ServiceError>,
    ) -> Result<(), Error> {
        if !self.deadline().is_over() && !errors.any(ServiceError::is_out_of_time) {
            return Ok(());
        }
        let next = "Run again; if it stays, let fewer targets wait for a single run".into();
        Err(ServiceError {
            service,
            attempted: attempted.into(),
            cause: Cause::OutOfTime,
            next,
        }
        .into())
    }

    /// Names the candidates that are none any more, and what is held now and was not.
    pub(crate) fn tell_changes(&self, targets: &[Target], before: &Spoken, plan: &Plan) {
        let line = |(target, verdict): (&Target, &Verdict)| {
            let spared =
                before.candidates.contains(&target.id) && !matches!(verdict, Verdict::Stale(_));
            let held = verdict.is_held() && !before.held.contains(&target.id);
            let word = if spared { "spared" } else { "held" };
            (spared || held).then(|| {
                format!(
                    "  {word:<8} {} ({}), {}: {verdict}",
                    target.name,
                    target.id,
                    verdict.word()
                )
            })
        };
        let lines: Vec<String> = targets
            .iter()
            .zip(&plan.verdicts)
            .filter_map(line)
            .collect();
        self.log.block(Level::Info, &lines);
    }
}

/// The targets that the log has spoken of.
pub(crate) struct Spoken {
    candidates: HashSet<TargetId>,
    held: HashSet<TargetId>,
}

impl Decision {
    pub(crate) fn spoken(&self) -> Spoken {
        let of = |which: fn(&Verdict) -> bool| {
            let verdicts = self.sight.look.targets.iter().zip(&self.plan.verdicts);
            verdicts
                .filter(|(_, verdict)| which(verdict))
                .map(|(target, _)| target.id.clone())
                .collect()
        };
        Spoken {
            candidates: of(|verdict| matches!(verdict, Verdict::Stale(_))),
            held: of(Verdict::is_held),
        }
    }
}
