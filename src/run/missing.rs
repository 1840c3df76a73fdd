//! Scale sets of the run that are not found: whether the others may be reconciled all the same, and what helps whoever misspelt
//! a name.

use crate::azure::{Azure, OtherScaleSets, ScaleSetId};
use crate::error::ServiceError;
use crate::http::Deadline;
use crate::reconcile::matching::InstanceIndex;
use crate::reconcile::missing::matching_none;
use crate::reconcile::plan::{Plan, Row};
use crate::reconcile::snapshot::{GroupId, Instance, MissingGroup, Snapshot};
use crate::report::{self, Compared, NotFoundHere, WhyHeld};
use crate::settings::Settings;
use crate::workers;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The most scale sets that are asked for their machines only to count the targets that match none.
const MOST_COMPARED: usize = 30;

/// And the longest that this may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Why a run ends, and whose targets match nothing.
pub struct Held {
    /// Of the first that is not found.
    pub error: ServiceError,
    /// The targets that match no machine that was read.
    pub unmatched: Vec<Row>,
}

/// Those that are missing, where the others may be reconciled without them.
///
/// # Errors
/// Why not: no other is there, or nothing but its own answer says that one does not exist.
pub fn accept(
    azure: &Azure,
    settings: &Settings,
    snapshot: &Snapshot,
    gone: &[NotFoundHere<'_>],
) -> Result<Vec<MissingGroup>, Box<Held>> {
    let listed = list(azure, settings, gone);
    let seen = listed.as_ref();
    let Some(why) = why_held(snapshot, gone, seen) else {
        let missing = |it: &NotFoundHere<'_>| MissingGroup {
            id: it.id.group_id(),
            title: it.id.to_string(),
            name: it.id.name.clone(),
            explanation: report::missing_beside_others(it, seen),
        };
        return Ok(gone.iter().map(missing).collect());
    };
    let (machines, compared) = other_machines(azure, settings, snapshot, seen);
    let plan = Plan::make(snapshot, settings.rules, SystemTime::now());
    let unmatched = matching_none(plan, &InstanceIndex::of(machines));
    let error = report::explain_missing(gone, &why, seen, &compared, unmatched.len());
    Err(Box::new(Held { error, unmatched }))
}

/// The scale sets of the subscriptions of those that are not found.
fn list(
    azure: &Azure,
    settings: &Settings,
    gone: &[NotFoundHere<'_>],
) -> Result<OtherScaleSets, ServiceError> {
    let is_near = |id: &&ScaleSetId| gone.iter().any(|it| it.id.same_subscription(id));
    let of_run = settings.scale_sets.iter().filter(is_near);
    let of_run: Vec<ScaleSetId> = of_run.cloned().collect();
    let missing: Vec<GroupId> = gone.iter().map(|it| it.id.group_id()).collect();
    let deadline = Deadline::within(settings.tuning.phase);
    azure.other_scale_sets(&of_run, &missing, deadline)
}

fn why_held(
    snapshot: &Snapshot,
    gone: &[NotFoundHere<'_>],
    seen: Result<&OtherScaleSets, &ServiceError>,
) -> Option<WhyHeld> {
    if snapshot.groups.is_empty() {
        return Some(WhyHeld::NoOther);
    }
    let seen = seen.map_err(Clone::clone);
    let proof = seen.and_then(|seen| gone.iter().try_for_each(|it| seen.proves_missing(it.id)));
    proof.err().map(WhyHeld::Unproven)
}

/// The machines of the scale sets that are not of this run, and how many of these could be read.
fn other_machines(
    azure: &Azure,
    settings: &Settings,
    snapshot: &Snapshot,
    seen: Result<&OtherScaleSets, &ServiceError>,
) -> (Vec<Arc<Instance>>, Compared) {
    let own = snapshot.groups.len();
    let mut compared = Compared {
        read: own,
        of: own,
        listed: seen.is_ok_and(|seen| seen.unlisted.is_empty()),
    };
    let Ok(seen) = seen else {
        return (Vec::new(), compared);
    };
    let asked = &seen.all[..seen.all.len().min(MOST_COMPARED)];
    let deadline = Deadline::within(settings.tuning.phase.min(LONGEST));
    let answers = workers::map(asked, |other| azure.list_other(other, deadline));
    let read: Vec<Vec<Instance>> = answers.into_iter().filter_map(|(_, it)| it.ok()).collect();
    compared.read += read.len();
    compared.of += seen.all.len();
    (read.into_iter().flatten().map(Arc::new).collect(), compared)
}
