//! Reads the scale sets of a run, and which others there are.

use crate::azure::{Account, Azure, ScaleSetId};
use crate::check::seen::Seen;
use crate::check::set_up::{AzureSide, OthersSeen};
use crate::error::ServiceError;
use crate::http::{Deadline, Http};
use crate::reconcile::snapshot::ScalingGroup;
use crate::workers;
use std::sync::Arc;

pub(super) fn read(
    http: &Arc<Http>,
    account: &Account,
    scale_sets: &[ScaleSetId],
    until: Deadline,
) -> AzureSide {
    // What is wrong with the account's own settings was said with the settings.
    let Ok(azure) = Azure::connect(account, http) else {
        return AzureSide::default();
    };
    let read = |id: &ScaleSetId| Seen::from(scale_set(&azure, id, scale_sets, until));
    let groups = workers::map(scale_sets, read);
    // Of one that could not be read nobody can say that a list lacks it.
    let are_there = groups.iter().filter(|(_, group)| group.known().is_some());
    let are_there: Vec<ScaleSetId> = are_there.map(|(id, _)| (*id).clone()).collect();
    let others = (!are_there.is_empty()).then(|| others(&azure, &are_there, until).into());
    let groups = groups.into_iter();
    let groups: Vec<_> = groups.map(|(id, group)| (id.to_string(), group)).collect();
    AzureSide {
        groups,
        others,
        clock: azure.clock(),
    }
}

/// A scale set, and which of its machines are off or kept in reserve: of them nobody can expect a target. Where that cannot be
/// read, all count.
fn scale_set(
    azure: &Azure,
    id: &ScaleSetId,
    of_run: &[ScaleSetId],
    until: Deadline,
) -> Result<ScalingGroup, ServiceError> {
    let mut group = azure.scaling_group(id, of_run, until)?;
    group.idle = azure.machines_idle(&group, until).unwrap_or_default();
    Ok(group)
}

fn others(
    azure: &Azure,
    scale_sets: &[ScaleSetId],
    until: Deadline,
) -> Result<OthersSeen, ServiceError> {
    let seen = azure.other_scale_sets(scale_sets, &[], until)?;
    let unlisted = seen.unlisted.iter();
    Ok(OthersSeen {
        seen: seen.seen.len(),
        unlisted: unlisted.map(|it| it.error.answer()).collect(),
        groups: seen.all.into_iter().map(|other| other.group).collect(),
    })
}
