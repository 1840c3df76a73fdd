//! Which of the kept targets the steps that follow deploy to, and why the others are left out.

use super::plan::{Plan, Row};
use super::snapshot::{Instance, InstanceState, Participation, Target};
use super::verdict::Verdict;
use std::sync::Arc;

/// Why a kept target is not to be deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It is disabled.
    Disabled,
    /// It takes part in the other kind of deployments only.
    OtherTenancy(Participation),
    /// The provisioning of its machine failed.
    ProvisioningFailed,
    /// Its machine is off.
    NotRunning,
    /// It was registered before the scale event that the run is about.
    Old,
}

/// The kinds of runs that targets take part in or do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// A tenanted run.
    Tenanted,
    /// An untenanted run.
    Untenanted,
}

/// The kept targets, those to be deployed to and those not, each in the order of Octopus's list.
#[derive(Debug, Default)]
pub struct DeployList {
    /// To be deployed to.
    pub targets: Vec<Arc<Target>>,
    /// Kept and yet left out.
    pub left_out: Vec<(Arc<Target>, LeftOut)>,
}

impl DeployList {
    /// Sorts the kept targets. `is_off` knows the machines that are known to be off; what is not known leaves nobody out.
    #[must_use]
    pub fn of(plan: &Plan, tenancy: Tenancy, is_off: impl Fn(&Instance) -> bool) -> Self {
        let mut list = Self::default();
        let kept = plan.rows.iter().filter(|row| row.verdict == Verdict::Kept);
        for row in kept {
            let target = Arc::clone(&row.target);
            match left_out(row, tenancy, &is_off) {
                None => list.targets.push(target),
                Some(why) => list.left_out.push((target, why)),
            }
        }
        list
    }

    /// Leaves out what is there already.
    pub fn leave_out(&mut self, is_left_out: impl Fn(&Target) -> bool, why: LeftOut) {
        let targets = std::mem::take(&mut self.targets).into_iter();
        let (out, stay) = targets.partition(|target| is_left_out(target));
        self.targets = stay;
        let out: Vec<Arc<Target>> = out;
        self.left_out
            .extend(out.into_iter().map(|target| (target, why)));
    }
}

fn left_out(row: &Row, tenancy: Tenancy, is_off: impl Fn(&Instance) -> bool) -> Option<LeftOut> {
    let target = &row.target;
    let allowed = match target.participation {
        Participation::Both => true,
        Participation::Tenanted => tenancy == Tenancy::Tenanted,
        Participation::Untenanted => tenancy == Tenancy::Untenanted,
    };
    let failed = |i: &&Arc<Instance>| i.state == InstanceState::Failed;
    let instances = || row.evidence.kept_by.iter();
    if !target.enabled {
        Some(LeftOut::Disabled)
    } else if !allowed {
        Some(LeftOut::OtherTenancy(target.participation))
    } else if instances().all(|i| failed(&i)) {
        Some(LeftOut::ProvisioningFailed)
    } else if instances().filter(|i| !failed(i)).all(|i| is_off(i)) {
        Some(LeftOut::NotRunning)
    } else {
        None
    }
}
