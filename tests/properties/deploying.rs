//! Who is deployed to.

use crate::law::always;
use crate::policy::{RULES, now};
use crate::worlds::a_snapshot;
use octopus_scale_in::reconcile::deploy_list::{DeployList, Tenancy};
use octopus_scale_in::reconcile::plan::{Plan, Row};
use octopus_scale_in::reconcile::snapshot::{
    Instance, InstanceState, Participation, Snapshot, TargetId,
};
use octopus_scale_in::reconcile::verdict::Verdict;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;

/// The instances that are off: those whose bit is set.
fn off(snapshot: &Snapshot, bits: u64) -> HashSet<*const Instance> {
    let instances = snapshot.groups.iter().flat_map(|g| &g.instances);
    let is_off = |(bit, _): &(usize, &Arc<Instance>)| bits >> (bit % 64) & 1 == 1;
    let off = instances.enumerate().filter(is_off);
    off.map(|(_, instance)| Arc::as_ptr(instance)).collect()
}

/// Enabled, allowed in this kind of run, and with a machine that is neither Failed nor known to be off.
fn serves(row: &Row, tenancy: Tenancy, is_off: impl Fn(&Instance) -> bool) -> bool {
    let runs = |i: &Arc<Instance>| i.state != InstanceState::Failed && !is_off(i);
    let other_kind = match tenancy {
        Tenancy::Tenanted => Participation::Untenanted,
        Tenancy::Untenanted => Participation::Tenanted,
    };
    let target = &row.target;
    target.enabled && target.participation != other_kind && row.evidence.kept_by.iter().any(runs)
}

#[test]
fn exactly_the_kept_targets_that_serve_are_deployed_to_in_the_order_of_octopus() {
    let tenancy = prop_oneof![Just(Tenancy::Tenanted), Just(Tenancy::Untenanted)];
    let values = (a_snapshot(), tenancy, any::<u64>());
    always(values, |(snapshot, tenancy, bits), cases| {
        let plan = Plan::make(&snapshot, RULES, now());
        let off = off(&snapshot, bits);
        let is_off = |instance: &Instance| off.contains(&std::ptr::from_ref(instance));
        let list = DeployList::of(&plan, tenancy, is_off);
        let kept = plan.rows.iter().filter(|row| row.verdict == Verdict::Kept);
        let (expected, others): (Vec<&Row>, Vec<&Row>) =
            kept.partition(|row| serves(row, tenancy, is_off));
        let ids = |rows: &[&Row]| -> Vec<TargetId> {
            rows.iter().map(|row| row.target.id.clone()).collect()
        };
        let to: Vec<TargetId> = list.targets.iter().map(|t| t.id.clone()).collect();
        let left_out: Vec<TargetId> = list.left_out.iter().map(|(t, _)| t.id.clone()).collect();
        cases.count("deployed to", !expected.is_empty());
        cases.count("left out", !others.is_empty());
        prop_assert_eq!(to, ids(&expected));
        prop_assert_eq!(
            left_out,
            ids(&others),
            "a kept target is left out without a word"
        );
        Ok(())
    });
}
