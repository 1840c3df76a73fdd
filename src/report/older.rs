//! What Octopus Server cannot tell, said once: what follows from it, and what to do.

use super::notice::Ending;
use super::outcome::Outcome;
use crate::console::Level;
use crate::error::tidy;
use crate::octopus::{CannotTell, Gap};
use crate::reconcile::verdict::{Deferral, Verdict};

/// One line, however many targets it is about: a warning where one of them waits for it.
pub(super) fn say_what_the_server_cannot_tell(outcome: &Outcome, ending: &mut Ending<'_>) {
    let Some(cannot_tell) = &outcome.cannot_tell else {
        return;
    };
    let waits = |verdict: &Verdict| matches!(verdict, Verdict::Deferred(Deferral::InUseUnknown(_)));
    let level = match makes_targets_wait(cannot_tell) && !outcome.names_with(waits).is_empty() {
        true => Level::Warning,
        false => Level::Info,
    };
    ending.say(level, line(cannot_tell));
}

fn line(cannot_tell: &CannotTell) -> String {
    let server = match &cannot_tell.version {
        Some(version) => format!("Octopus Server {}", tidy(version)),
        None => "This Octopus Server".into(),
    };
    let gaps: Vec<&str> = cannot_tell.gaps.iter().map(|gap| words(*gap)).collect();
    let mut line = format!(
        "{server} does not know every question of this program. It cannot tell {}.",
        gaps.join("; ")
    );
    if makes_targets_wait(cannot_tell) {
        line.push_str(
            " Upgrade it (from 2020.5 on servers tell what tasks use; if this one is no older, something before it hides that), or, where nothing needs a target whose machine is gone, set VMSS.BusyTargets.Handle to Remove.",
        );
    }
    if cannot_tell.gaps.contains(&Gap::ScopedVariables) {
        line.push_str(" Set VMSS.Removal.Action to Disable where no variable may be lost.");
    }
    line
}

/// Whether targets may wait for want of an answer.
fn makes_targets_wait(cannot_tell: &CannotTell) -> bool {
    cannot_tell.gaps.iter().any(|gap| match gap {
        Gap::Tasks | Gap::TargetTasks | Gap::RunbookRuns => true,
        Gap::SpaceTasks | Gap::ScopedVariables | Gap::LastCheck => false,
    })
}

/// What it is, and what follows.
fn words(gap: Gap) -> &'static str {
    match gap {
        Gap::Tasks => "which tasks are active (so every target that would be removed waits)",
        Gap::SpaceTasks => "the tasks of one space (so those of all are read)",
        Gap::TargetTasks => {
            "which tasks use a target (so it waits while one that may use it is active in its environment)"
        }
        Gap::RunbookRuns => {
            "what a runbook run is limited to (so targets wait while one is active in their environment)"
        }
        Gap::ScopedVariables => {
            "which variables are scoped to one target alone (so they are lost with it)"
        }
        Gap::LastCheck => "when a target was checked last (so a test of its connection decides)",
    }
}
