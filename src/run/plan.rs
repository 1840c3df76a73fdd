//! One verdict for each target of a snapshot.

use super::snapshot::Clients;
use crate::console::Console;
use crate::http::Deadline;
use crate::reconcile::brake::{Brake, doubts};
use crate::reconcile::plan::Plan;
use crate::reconcile::snapshot::Snapshot;
use crate::settings::Settings;
use std::time::SystemTime;

/// Makes the plan. Where it says that nothing lines up, the machines that are off or kept in reserve are asked for first: of
/// them nobody can expect a target. Where that cannot be read, all count.
pub fn plan(
    clients: &Clients,
    settings: &Settings,
    console: &Console,
    snapshot: &mut Snapshot,
) -> Plan {
    let make = |snapshot: &Snapshot| Plan::make(snapshot, settings.rules, SystemTime::now());
    let plan = make(snapshot);
    let doubts = doubts(&snapshot.groups, &plan, SystemTime::now());
    let nothing_matches = |doubt: &Brake| matches!(doubt, Brake::NothingMatches { .. });
    if !doubts.iter().any(nothing_matches) {
        return plan;
    }
    let deadline = Deadline::within(settings.tuning.phase);
    for group in &mut snapshot.groups {
        match clients.azure.machines_idle(group, deadline) {
            Ok(names) => group.idle = names,
            Err(error) => console.warn(format_args!("{error} All of its machines count.")),
        }
    }
    make(snapshot)
}
