//! What Octopus says of each candidate: is it in use, and would anything be lost with it.

use super::Decision;
use crate::console::Level;
use crate::error::{Error, Service, ServiceError};
use crate::reconcile::evidence::Answers;
use crate::reconcile::guided_failure::GuidedFailures;
use crate::reconcile::plan::{Action, Deferral, Reference};
use crate::reconcile::usage::{self, Activity};
use crate::reconcile::{Target, TargetId};
use crate::settings::BusyTargets;
use crate::sight::Services;
use crate::workers;
use std::collections::HashMap;

impl Services<'_> {
    /// What Octopus says of each candidate. No answer counts as in use, or referenced. A target that a guided failure is
    /// about stays one for now: whether its machine is gone is asked to the end, and then it waits.
    pub(super) fn ask_octopus(
        &self,
        d: &Decision,
        guided: &GuidedFailures,
    ) -> Result<Answers, Error> {
        self.begin_phase();
        let targets: Vec<&Target> = d
            .plan
            .candidates()
            .map(|(index, _)| &d.sight.look.targets[index])
            .filter(|target| !guided.ask_about(&target.id))
            .collect();
        let mut answers = Answers::default();
        let mut out_of_time = None;
        if self.settings.busy_targets == BusyTargets::Defer || guided.unknown {
            answers.in_use = self.in_use(&targets, &mut out_of_time);
        }
        if self.settings.rules.action == Action::Delete {
            answers.referenced = self.referenced(&targets, &mut out_of_time);
        }
        self.in_time(
            Service::Octopus,
            "ask about every candidate",
            out_of_time.iter(),
        )?;
        Ok(answers)
    }

    fn in_use(
        &self,
        targets: &[&Target],
        out_of_time: &mut Option<ServiceError>,
    ) -> HashMap<TargetId, Deferral> {
        let unknown = |target: &Target, why: &ServiceError| {
            (target.id.clone(), Deferral::InUseUnknown(why.to_string()))
        };
        let active = match self.octopus.activity(self.own_task(), self.deadline()) {
            Ok(active) => active,
            Err(error) => {
                note_out_of_time(out_of_time, Some(&error).into_iter());
                if error.is_refusal() {
                    self.tell_refused(&error, "TaskView");
                }
                return targets
                    .iter()
                    .map(|target| unknown(target, &error))
                    .collect();
            }
        };
        note_out_of_time(out_of_time, active.errors());
        let refusal = active.errors().find(|error| error.is_refusal()).cloned();
        let activity = active.into_activity();
        if activity.tasks.is_empty() {
            return HashMap::new();
        }
        let question = |target: &Target| self.in_use_one(&activity, target);
        let answers = self.ask_of_each(targets, "TaskView", question, out_of_time);
        let deferral =
            |(target, answer): (&Target, Result<Option<Deferral>, ServiceError>)| match answer {
                Ok(deferral) => deferral.map(|deferral| (target.id.clone(), deferral)),
                Err(error) => Some(unknown(target, &error)),
            };
        let deferrals: HashMap<TargetId, Deferral> =
            answers.into_iter().filter_map(deferral).collect();
        let waits = deferrals
            .values()
            .any(|deferral| matches!(deferral, Deferral::InUseUnknown(_)));
        if let Some(error) = refusal.filter(|_| waits) {
            self.tell_refused(&error, "TaskView, DeploymentView and RunbookRunView");
        }
        deferrals
    }

    /// Asks Octopus about each target; says once if it refuses for want of a permission.
    fn ask_of_each<'t, A: Send>(
        &self,
        targets: &[&'t Target],
        permission: &str,
        question: impl Fn(&Target) -> Result<A, ServiceError> + Sync,
        out_of_time: &mut Option<ServiceError>,
    ) -> Vec<(&'t Target, Result<A, ServiceError>)> {
        let answers = workers::map(targets, |target| question(target));
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        note_out_of_time(out_of_time, errors.clone());
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
        let history =
            self.octopus
                .tasks_of(&target.id, self.own_task(), activity.now, self.deadline())?;
        Ok(usage::in_use(activity, target, &history))
    }

    fn referenced(
        &self,
        targets: &[&Target],
        out_of_time: &mut Option<ServiceError>,
    ) -> HashMap<TargetId, Reference> {
        let question = |target: &Target| self.octopus.variables_of(&target.id, self.deadline());
        let answers = self.ask_of_each(
            targets,
            "VariableView and LibraryVariableSetView",
            question,
            out_of_time,
        );
        let reference =
            |(target, answer): (&Target, Result<Option<Reference>, ServiceError>)| match answer {
                Ok(reference) => reference.map(|reference| (target.id.clone(), reference)),
                Err(error) => Some((target.id.clone(), Reference::Unknown(error.to_string()))),
            };
        answers.into_iter().filter_map(reference).collect()
    }

    /// In every run in which it happens: without the permission nothing is ever removed.
    fn tell_refused(&self, error: &ServiceError, permission: &str) {
        self.log.say(
            Level::Highlight,
            format_args!("The service account lacks a permission, so stale targets wait. Give it {permission} in this space and environment. {error}"),
        );
        self.log
            .warn(format_args!("Missing permission: {permission}"));
    }
}

fn note_out_of_time<'e>(
    noted: &mut Option<ServiceError>,
    mut errors: impl Iterator<Item = &'e ServiceError>,
) {
    if noted.is_none() {
        *noted = errors.find(|error| error.is_out_of_time()).cloned();
    }
}
