//! A scale set of two machines, and two targets whose machines are gone: one that somebody may be using, one that
//! nobody is.

use crate::support::aftermath::Aftermath;
use crate::support::{Run, scaled_in};
use sandbox::{Sandbox, TargetHandle, World};

/// The candidate that a scenario is about.
pub const CANDIDATE: &str = "web000002";
/// The other one.
pub const OTHER: &str = "web000003";
/// The ids of the candidate and of the other one.
pub const CANDIDATE_ID: &str = "Machines-3";
pub const OTHER_ID: &str = "Machines-4";
/// The id of a target whose machine exists.
pub const KEPT_ID: &str = "Machines-1";

/// The world of these scenarios, changed by one of them.
pub fn candidate(change: impl FnOnce(&mut World)) -> Sandbox {
    let sandbox = scaled_in(4, &[CANDIDATE, OTHER]);
    sandbox.world(|world| {
        assert_eq!(world.existing_target(CANDIDATE).id(), CANDIDATE_ID);
        assert_eq!(world.existing_target(OTHER).id(), OTHER_ID);
        change(world);
    });
    sandbox
}

/// The candidate's target, for changing it.
pub fn target(world: &mut World) -> TargetHandle<'_> {
    world.existing_target(CANDIDATE)
}

impl Run {
    /// The candidate waits or is held, with this verdict; nothing else is.
    #[track_caller]
    pub fn expect_spared(&self, sandbox: &Sandbox, verdict: &str, reason: &str) -> Aftermath {
        self.reconcile(sandbox)
            .code(0)
            .removed(&[OTHER])
            .held(&[CANDIDATE])
            .verdict(CANDIDATE, verdict, reason)
    }

    /// Both candidates wait or are held, with this verdict.
    #[track_caller]
    pub fn expect_both_spared(&self, sandbox: &Sandbox, verdict: &str, reason: &str) -> Aftermath {
        self.reconcile(sandbox)
            .code(0)
            .nothing_removed()
            .held(&[CANDIDATE, OTHER])
            .verdict(CANDIDATE, verdict, reason)
            .verdict(OTHER, verdict, reason)
    }

    /// Nothing holds the candidates.
    #[track_caller]
    pub fn expect_removed(&self, sandbox: &Sandbox) -> Aftermath {
        self.reconcile(sandbox)
            .code(0)
            .removed(&[CANDIDATE, OTHER])
            .nothing_held()
    }
}
