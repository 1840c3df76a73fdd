//! What must hold for every input of the policy, however strange: matching, ownership, planning, evidence, brakes.
//!
//! The contract's definitions are written a second time in `oracle`. A run with `PROPTEST_CASES=100000` looks longer, and
//! `-- --nocapture` tells how often the interesting cases occurred.

mod what_answers;

mod brakes;
mod deploying;
mod evidence;
mod farm;
mod law;
mod made_up_cloud;
mod missing;
mod name_tables;
mod naming;
mod oracle;
mod planning;
mod policy;
mod policy_tables;
mod reruns;
mod setting_up;
mod snapshots;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the other programs need the rest")]
mod support;
mod usage;
mod worlds;
