//! Evidence does not age: a candidate whose last look is long ago when its turn comes is looked at again, by itself. A rate
//! limit makes hundreds wait for minutes, and machines come back meanwhile.

use super::in_use::{active_now, environments_of, used_by};
use super::snapshot::{Clients, take_instances};
use crate::azure;
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::evidence::{self, InstanceAnswer};
use crate::reconcile::matching::InstanceIndex;
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::usage::Activity;
use crate::reconcile::verdict::{Deferral, Unanswered, Verdict};
use crate::settings::{BusyTargets, Settings};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A look that is no older is fresh.
const FRESH: Duration = Duration::from_secs(10);

/// What is asked about all at once is asked again after this.
const SHARED: Duration = Duration::from_secs(60);

/// What a second look says of a candidate.
pub enum SecondLook {
    /// Nothing speaks against its removal.
    GoesOn,
    /// It is not registered any more.
    Gone,
    /// Something does.
    Spares(Verdict),
}

/// Looks again at candidates whose last look is long ago.
pub struct LastLook<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    /// When all the evidence was in.
    at: Instant,
    /// Those of all candidates.
    environments: Vec<String>,
    listing: Mutex<Option<(Instant, InstanceIndex)>>,
    activity: Mutex<Option<(Instant, Activity)>>,
}

impl<'a> LastLook<'a> {
    /// All the evidence is in now.
    pub fn now(clients: &'a Clients, settings: &'a Settings, plan: &Plan) -> Self {
        let candidates = plan.candidates().map(|row| &*row.target);
        Self {
            clients,
            settings,
            at: Instant::now(),
            environments: environments_of(candidates),
            listing: Mutex::new(None),
            activity: Mutex::new(None),
        }
    }

    /// Looks again at a candidate whose turn has come, if the last look is long ago. What cannot be learned spares it.
    pub fn again(&self, row: &Row) -> SecondLook {
        if self.at.elapsed() <= FRESH {
            return SecondLook::GoesOn;
        }
        let deadline = Deadline::within(self.settings.tuning.phase);
        let now = match self.clients.octopus.target(&row.target.id, deadline) {
            Ok(Some(now)) => now,
            Ok(None) => return SecondLook::Gone,
            Err(error) => {
                let why = error.to_string();
                return SecondLook::Spares(Verdict::Deferred(Deferral::Unread(why)));
            }
        };
        let says = evidence::registration_says(row, &now);
        let says = says.or_else(|| self.machine_says(row, deadline));
        let says = says.or_else(|| self.tasks_say(row, deadline));
        says.map_or(SecondLook::GoesOn, SecondLook::Spares)
    }

    /// Its own instance, where its name carries an id, else a listing that serves for all.
    fn machine_says(&self, row: &Row, deadline: Deadline) -> Option<Verdict> {
        let questions = evidence::instances_of(row);
        if questions.is_empty() {
            return self.listing_says(row);
        }
        questions.iter().find_map(|it| {
            let answer = self
                .clients
                .azure
                .ask_instance(&it.group, &it.instance_id, deadline);
            let silent = |error: ServiceError| InstanceAnswer::Silent(unanswered(&error));
            evidence::instance_says(answer.unwrap_or_else(silent))
        })
    }

    fn listing_says(&self, row: &Row) -> Option<Verdict> {
        let mut listing = lock(&self.listing);
        if is_old(&listing) {
            match take_instances(self.clients, self.settings, Vec::new()) {
                Ok(snapshot) => {
                    let index = InstanceIndex::of_groups(&snapshot.groups);
                    *listing = Some((Instant::now(), index));
                }
                Err(error) => {
                    let why = Unanswered {
                        why: error.to_string(),
                        needs: None,
                    };
                    return Some(Verdict::Deferred(Deferral::WitnessSilent(why)));
                }
            }
        }
        let is_listed = |(_, index): &(Instant, InstanceIndex)| index.has_match(&row.target.name);
        let came_back = || Verdict::Deferred(Deferral::CameBack);
        listing.as_ref().is_some_and(is_listed).then(came_back)
    }

    /// The tasks of the space, once they may have changed.
    fn tasks_say(&self, row: &Row, deadline: Deadline) -> Option<Verdict> {
        if self.settings.busy_targets == BusyTargets::Remove || self.at.elapsed() <= SHARED {
            return None;
        }
        let (octopus, settings) = (&self.clients.octopus, self.settings);
        let activity = {
            let mut activity = lock(&self.activity);
            if is_old(&activity) {
                match active_now(octopus, settings, &self.environments, deadline) {
                    Ok(now) => *activity = Some((Instant::now(), now)),
                    Err(why) => return Some(Verdict::Deferred(Deferral::InUseUnknown(why))),
                }
            }
            activity.as_ref().map(|(_, activity)| activity.clone())?
        };
        let used = used_by(octopus, settings, &activity, &row.target, deadline);
        used.map(Verdict::Deferred)
    }
}

fn is_old<T>(shared: &Option<(Instant, T)>) -> bool {
    shared.as_ref().is_none_or(|(at, _)| at.elapsed() > SHARED)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unanswered(error: &ServiceError) -> Unanswered {
    Unanswered::of(error, error.is_refusal(), azure::READ)
}
