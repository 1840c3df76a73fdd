//! The last line says what became of everything that is gone, so that whoever reads only that is not misled.

use crate::support::aftermath::reconcile;
use crate::support::strangers::arranged;
use crate::support::{Run, scaled_in, settled};
use sandbox::{Sandbox, World};

#[track_caller]
fn ends_with(sandbox: &Sandbox, run: Run, line: &str) {
    let end = run.reconcile(sandbox);
    assert_eq!(
        end.outcome.said("highlight"),
        line,
        "whoever reads only the last line is misled"
    );
}

/// Removed two; one in use, one that a test cannot reach, one that answers, and eight that live.
fn a_bit_of_everything(world: &mut World) {
    let used = world.existing_target("web000008").id();
    drop(world.deployment().only_to(&[&used]).naming(&[&used]));
    drop(world.target("web00000Y").disabled());
    drop(world.target("web00000Z").answers());
}

#[test]
fn everything_that_is_gone_is_in_it() {
    let gone = ["web000008", "web000009", "web00000A"];
    let sandbox = arranged(scaled_in(11, &gone), a_bit_of_everything);
    ends_with(
        &sandbox,
        Run::in_runbook(&sandbox),
        "Removed 2 of 4 targets that match no machine; 2 wait (1 in use, 1 untested); 1 answers; 8 kept.",
    );
}

#[test]
fn a_dry_run_says_what_a_test_would_decide() {
    let sandbox = arranged(scaled_in(5, &["web000003", "web000004"]), |world| {
        for name in ["web00000X", "web00000Y", "web00000Z"] {
            drop(world.target(name));
        }
    });
    ends_with(
        &sandbox,
        Run::in_runbook(&sandbox).argument("--dry-run"),
        "Would remove 2, and up to 3 more if a test finds them unavailable; 3 kept.",
    );
    ends_with(
        &sandbox,
        Run::in_runbook(&sandbox)
            .argument("--dry-run")
            .set("VMSS_REMOVAL_LIMIT", "1"),
        "Would remove 0 of 5 targets that match no machine: a brake would hold back 2, and up to 3 more if a test finds them unavailable; 3 kept.",
    );
}

#[test]
fn one_is_told_as_one() {
    let sandbox = scaled_in(3, &["web000002"]);
    ends_with(
        &sandbox,
        Run::in_runbook(&sandbox),
        "Removed 1 of 1 target that matches no machine; 2 kept.",
    );
}

#[test]
fn disabling_is_told_as_disabling() {
    let disable =
        |sandbox: &Sandbox| Run::in_runbook(sandbox).set("VMSS_REMOVAL_ACTION", "Disable");
    let sandbox = scaled_in(4, &["web000002", "web000003"]);
    let dry = disable(&sandbox).argument("--dry-run");
    ends_with(&sandbox, dry, "Would disable 2; 2 kept.");
    ends_with(
        &sandbox,
        disable(&sandbox),
        "Disabled 2 of 2 targets that match no machine; 2 kept.",
    );
    ends_with(
        &sandbox,
        disable(&sandbox),
        "Nothing was disabled; 2 disabled already; 2 kept.",
    );
}

#[test]
fn nothing_to_remove_is_said_only_where_every_machine_is_there() {
    let sandbox = settled(2);
    reconcile(&sandbox).said("Nothing to remove; 2 kept.");
    sandbox.world(|world| drop(world.target("reporting")));
    reconcile(&sandbox).said("Nothing was removed; 1 not ours; 2 kept.");
}
