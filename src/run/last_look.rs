//! Evidence does not age: a candidate whose last look is long ago when its turn comes is looked at again, by itself. A rate
//! limit makes hundreds wait for minutes, and machines come back meanwhile.

use super::in_use::{active_now, environments_of, unknown, used_by};
use super::snapshot::{Clients, Look, take_instances};
use crate::azure;
use crate::error::{Error, ServiceError};
use crate::http::Deadline;
use crate::octopus::permissions;
use crate::reconcile::brake;
use crate::reconcile::evidence::{self, InstanceAnswer};
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::TargetId;
use crate::reconcile::usage::Activity;
use crate::reconcile::verdict::{Deferral, Unanswered, Verdict};
use crate::report::Decision;
use crate::settings::{BusyTargets, Settings};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A look that is no older is fresh.
const FRESH: Duration = Duration::from_secs(10);

/// What is asked about all at once is asked again after this.
const SHARED: Duration = Duration::from_secs(60);

/// What a second look says of a candidate.
pub enum SecondLook {
    /// Nothing speaks against its removal, until then.
    GoesOn(Instant),
    /// It is not registered any more.
    Gone,
    /// Something does.
    Spares(Verdict),
    /// The server would not be asked so often.
    Refused(ServiceError),
}

/// An answer that serves for all for a while, a failure included, and when it came.
type Shared<T> = Mutex<Option<(Instant, Result<T, Unanswered>)>>;

/// Looks again at candidates whose last look is long ago.
pub struct LastLook<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    decision: &'a Decision,
    /// Those of all candidates.
    environments: Vec<String>,
    /// The verdicts by the last listing, of the targets that are not stale by it.
    listing: Shared<HashMap<TargetId, Verdict>>,
    activity: Shared<Activity>,
}

impl<'a> LastLook<'a> {
    /// The last look at all of them is the decision's.
    pub fn after(clients: &'a Clients, settings: &'a Settings, decision: &'a Decision) -> Self {
        let candidates = decision.plan.candidates().map(|row| &*row.target);
        Self {
            clients,
            settings,
            decision,
            environments: environments_of(candidates),
            listing: Mutex::new(None),
            activity: Mutex::new(None),
        }
    }

    /// Looks again at a candidate whose turn has come, if the last look is long ago. What cannot be learned spares it.
    pub fn if_long_ago(&self, row: &Row) -> SecondLook {
        match self.decision.looked.checked_add(FRESH) {
            Some(until) if until > Instant::now() => SecondLook::GoesOn(until),
            Some(_) | None => self.again(row, Deadline::NONE),
        }
    }

    /// Looks again at a candidate. What cannot be learned spares it.
    pub fn again(&self, row: &Row, deadline: Deadline) -> SecondLook {
        let phase = Instant::now().checked_add(self.settings.tuning.phase);
        let deadline = deadline.or_sooner(phase);
        let until = match self.registration(row, deadline) {
            SecondLook::GoesOn(until) => until,
            ends => return ends,
        };
        let says = self.machine_says(row, deadline);
        let says = says.or_else(|| self.tasks_say(row, deadline));
        match says {
            Some(verdict) => SecondLook::Spares(verdict),
            // The others may have waited for the rate limit, or a slow service.
            None if until <= Instant::now() => self.registration(row, deadline),
            None => SecondLook::GoesOn(until),
        }
    }

    fn registration(&self, row: &Row, deadline: Deadline) -> SecondLook {
        let now = match self.clients.octopus.target(&row.target.id, deadline) {
            Ok(Some(now)) => now,
            Ok(None) => return SecondLook::Gone,
            Err(error) if error.is_too_often() || error.is_out_of_time() => {
                return SecondLook::Refused(error);
            }
            Err(error) => {
                let why = permissions::unanswered(&error, permissions::TARGETS);
                return SecondLook::Spares(Verdict::Deferred(Deferral::Unread(why)));
            }
        };
        let until = Instant::now() + FRESH;
        let says = evidence::registration_says(row, &now);
        says.map_or(SecondLook::GoesOn(until), SecondLook::Spares)
    }

    /// Its own instance in every group whose names carry ids; where one's do not, a listing that serves for all.
    fn machine_says(&self, row: &Row, deadline: Deadline) -> Option<Verdict> {
        let questions = evidence::instances_of(row);
        let mut owners = row.evidence.owners.iter();
        if questions.is_empty() || owners.any(|owner| owner.instance_ids.is_empty()) {
            let says = self.listing_says(row);
            if says.is_some() {
                return says;
            }
        }
        questions.iter().find_map(|it| {
            let azure = &self.clients.azure;
            let answer = azure.ask_instance(&it.group, &it.instance_id, deadline);
            let silent = |error: ServiceError| {
                let why = permissions::unanswered(&error, azure::READ);
                InstanceAnswer::Silent(why)
            };
            evidence::instance_says(answer.unwrap_or_else(silent))
        })
    }

    fn listing_says(&self, row: &Row) -> Option<Verdict> {
        let says =
            |by_listing: &HashMap<TargetId, Verdict>| by_listing.get(&row.target.id).cloned();
        match shared(&self.listing, || self.list(), says) {
            Ok(says) => says,
            Err(why) => Some(Verdict::Deferred(Deferral::WitnessSilent(why))),
        }
    }

    /// Weighs one more listing against the last snapshot, as that was weighed against the one before.
    fn list(&self) -> Result<HashMap<TargetId, Verdict>, Unanswered> {
        let silent = |why: String| Unanswered::from(why);
        let unread = |error: Error| match &error {
            Error::Service(refusal) => permissions::unanswered(refusal, azure::READ),
            Error::Settings(_) | Error::LogLost | Error::NotSettled { .. } => {
                silent(error.to_string())
            }
        };
        let Decision { snapshot, plan, .. } = self.decision;
        let targets = snapshot.targets.clone();
        let later = take_instances(self.clients, self.settings, targets, Look::Again(snapshot));
        let mut later = later.map_err(unread)?;
        for group in &mut later.groups {
            let before = snapshot.group(&group.id);
            group.idle = before.map(|it| it.idle.clone()).unwrap_or_default();
        }
        let now = SystemTime::now();
        let fresh = Plan::make(&later, self.settings.rules, now);
        if !brake::doubts(&later.groups, &fresh, now).is_empty() {
            return Err(silent(
                "The listing of machines is not complete any more.".into(),
            ));
        }
        let weighed = evidence::second_snapshot((snapshot, plan), &later, fresh).rows;
        let spared = weighed.into_iter().filter(|row| !row.is_candidate());
        let says = |row: Row| match row.verdict {
            Verdict::Kept => (row.target.id.clone(), Verdict::Deferred(Deferral::CameBack)),
            verdict => (row.target.id.clone(), verdict),
        };
        Ok(spared.map(says).collect())
    }

    fn tasks_say(&self, row: &Row, deadline: Deadline) -> Option<Verdict> {
        match self.settings.busy_targets {
            BusyTargets::Remove => return None,
            BusyTargets::Defer => {}
        }
        let (octopus, settings) = (&self.clients.octopus, self.settings);
        let ask = || active_now(octopus, settings, &self.environments, deadline);
        let used = match shared(&self.activity, ask, Activity::clone) {
            Ok(activity) => used_by(octopus, settings, &activity, &row.target, deadline)
                .unwrap_or_else(|error| Some(unknown(&error))),
            Err(why) => Some(Deferral::InUseUnknown(why)),
        };
        used.map(Verdict::Deferred)
    }
}

/// Uses an answer that serves for all, asked for anew where it is old.
fn shared<T, U>(
    held: &Shared<T>,
    ask: impl FnOnce() -> Result<T, Unanswered>,
    used: impl FnOnce(&T) -> U,
) -> Result<U, Unanswered> {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    if held.as_ref().is_none_or(|(at, _)| at.elapsed() > SHARED) {
        let answer = ask();
        *held = Some((Instant::now(), answer));
    }
    match held.as_ref().map(|(_, answer)| answer) {
        Some(Ok(answer)) => Ok(used(answer)),
        Some(Err(why)) => Err(why.clone()),
        None => Err(Unanswered::from("Nobody was asked.".to_owned())),
    }
}
