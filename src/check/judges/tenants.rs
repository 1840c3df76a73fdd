//! Whether what tenants use is seen: a grant that names no tenant may not reach what has one.
//!
//! Source: github.com/OctopusDeploy/OctopusClients, `Permission.cs` ("explicit tenant scope required").

use crate::check::finding::Finding;
use crate::check::id::Id;
use crate::check::needs::{Extent, Need, names};
use crate::check::seen::Seen;
use crate::check::set_up::SetUp;
use crate::octopus::set_up::Rights;
use crate::reconcile::snapshot::Participation;

/// The permissions of which a grant without tenants may not reach what has a tenant.
const EXPLICIT: [&str; 5] = [
    "DeploymentView",
    "RunbookRunView",
    "EventView",
    "InterruptionView",
    "InterruptionSubmit",
];

const NAME_THEM: &str = "Give the team its role a second time, for every tenant by name, and keep the one without (Configuration > Teams > the team > User Roles > Define scope)";

/// That this permission, which is granted without tenants, may not reach those whose deployments may use a target in scope.
pub(super) fn out_of_reach(
    name: &str,
    need: &Need,
    rights: &Rights,
    set_up: &SetUp,
) -> Option<Finding> {
    if !EXPLICIT.contains(&need.permission) {
        return None;
    }
    let what = match (takes_part(set_up), &set_up.tenants) {
        (Some(false), _) | (None, Seen::Refused(_) | Seen::NotAsked(_)) => return None,
        (Some(true), Seen::Refused(_) | Seen::NotAsked(_)) => "targets in scope take part in them",
        (takes_part, Seen::Known(tenants)) => {
            let named = |tenant: &String| names(need, rights, set_up.site(), tenant);
            if tenants.iter().all(named) && set_up.sees_all_of("TenantView", Extent::Everywhere) {
                return None;
            }
            match takes_part {
                Some(_) => "targets in scope take part in them",
                None => "the space has tenants",
            }
        }
    };
    let found = format!(
        "{name} has it without a tenant that is named, which may not reach tenanted deployments: {what}, and a target in use there may look unused"
    );
    let (id, subject) = (Id::Permission, need.permission);
    Some(Finding::warn(id, subject, found, NAME_THEM))
}

/// That nobody answered which tenants there are.
pub(super) fn unanswered(set_up: &SetUp) -> Option<Finding> {
    let Seen::Refused(error) = &set_up.tenants else {
        return None;
    };
    let unseen = Finding::unseen(Id::Permission, "tenants", error, "TenantView");
    unseen.unanswered.then_some(unseen)
}

/// Whether a tenanted deployment may use a target in scope, where they are known.
fn takes_part(set_up: &SetUp) -> Option<bool> {
    let targets = &set_up.targets.known()?.in_scope;
    let mut all = targets.iter();
    Some(all.any(|it| it.participation != Participation::Untenanted))
}
