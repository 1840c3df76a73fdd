//! What the evidence is gathered for, and how instances are asked.

use super::in_use::in_time;
use super::snapshot::Clients;
use crate::azure;
use crate::error::{Error, Service, ServiceError};
use crate::http::Deadline;
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::evidence::{InstanceAnswer, InstanceQuestion};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::Snapshot;
use crate::reconcile::verdict::Unanswered;
use crate::settings::Settings;
use crate::workers;

/// A plan whose candidates become fewer, and the snapshot that it was made of.
pub struct Case {
    pub snapshot: Snapshot,
    pub plan: Plan,
}

impl Case {
    pub fn doubts(&self) -> Vec<Brake> {
        brake::doubts(&self.snapshot.groups, &self.plan)
    }

    /// Whether these brakes, or having no candidate left, end the gathering.
    pub fn ends_with(&self, brakes: &[Brake]) -> bool {
        self.plan.candidate_count() == 0 || !brakes.is_empty()
    }
}

/// Asks for instances, each by itself. One that could not be asked for is silent.
pub fn ask_for(
    clients: &Clients,
    settings: &Settings,
    questions: &[InstanceQuestion],
    attempted: &'static str,
) -> Result<Vec<(InstanceQuestion, InstanceAnswer)>, Error> {
    let deadline = Deadline::within(settings.tuning.phase);
    let ask = |it: &InstanceQuestion| {
        let azure = &clients.azure;
        azure.ask_instance(&it.group, &it.instance_id, deadline)
    };
    let answers = workers::map(questions, ask);
    in_time(
        deadline,
        Service::Azure,
        attempted,
        answers
            .iter()
            .filter_map(|(_, answer)| answer.as_ref().err()),
    )?;
    let silent = |error: ServiceError| {
        InstanceAnswer::Silent(Unanswered::of(&error, error.is_refusal(), azure::READ))
    };
    let heard = answers.into_iter();
    let heard = heard.map(|(question, answer)| (question.clone(), answer.unwrap_or_else(silent)));
    Ok(heard.collect())
}
