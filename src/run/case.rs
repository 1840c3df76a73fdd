//! What the evidence is gathered for, and how instances are asked.

use super::in_use::in_time;
use super::snapshot::Clients;
use crate::azure;
use crate::console::Console;
use crate::error::{Error, Service, ServiceError};
use crate::http::Deadline;
use crate::octopus::permissions;
use crate::reconcile::brake::{self, Brake};
use crate::reconcile::evidence::{InstanceAnswer, InstanceQuestion};
use crate::reconcile::machine_word;
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::{Snapshot, Target};
use crate::reconcile::verdict::Untested;
use crate::report::{Asked, Inquiry, telling_changes};
use crate::settings::Settings;
use crate::workers;
use std::time::{Instant, SystemTime};

/// A plan whose candidates become fewer, and the snapshot that it was made of.
pub struct Case {
    pub snapshot: Snapshot,
    pub plan: Plan,
    /// When the snapshot was begun.
    pub looked: Instant,
    /// What was asked of all candidates, in that order.
    pub inquiries: Vec<Inquiry>,
}

impl Case {
    /// Notes that something that was asked at this time was answered.
    pub fn note(&mut self, at: SystemTime, about: Asked) {
        self.inquiries.push(Inquiry { at, about });
    }

    pub fn doubts(&self) -> Vec<Brake> {
        brake::doubts(&self.snapshot.groups, &self.plan, SystemTime::now())
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
    let silent =
        |error: ServiceError| InstanceAnswer::Silent(permissions::unanswered(&error, azure::READ));
    let heard = answers.into_iter();
    let heard = heard.map(|(question, answer)| (question.clone(), answer.unwrap_or_else(silent)));
    Ok(heard.collect())
}

/// Leaves those candidates untested that have no word yet and for which `why` has a reason.
pub fn leave_untested(
    console: &Console,
    plan: &mut Plan,
    why: impl Fn(&Target) -> Option<Untested>,
) {
    telling_changes(console, plan, |plan| {
        machine_word::leave_untested(plan, why)
    });
}

/// Somebody else ended it already.
pub fn leave_out(console: &Console, plan: &mut Plan, target: &Target) {
    console.info(format_args!(
        "{} ({}) is not registered any more; nothing is left to do",
        target.name, target.id
    ));
    plan.rows
        .retain(|row| row.target.id != target.id || !row.is_candidate());
}
