//! The main job: what a scale-in took away goes, everything else stays.

use crate::support::{Run, registered, scaled_in};
use sandbox::Route;

#[test]
fn exactly_what_is_gone_is_removed() {
    let sandbox = scaled_in(5, &["web000001", "web000003"]);

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(
        registered(&sandbox),
        ["web000000", "web000002", "web000004"]
    );
    assert_eq!(
        outcome.names("VMSSRemovedTargetNames"),
        ["web000001", "web000003"]
    );
    assert_eq!(
        outcome.names("VMSSDeploymentTargetNames"),
        ["web000000", "web000002", "web000004"]
    );
    assert_eq!(outcome.output("VMSSHasServersToDeployTo"), "True");
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    let sandbox = scaled_in(5, &["web000001"]);
    Run::in_runbook(&sandbox).run().expect_code(0);
    let deletes = sandbox.count(Route::DeleteMachine);

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(sandbox.count(Route::DeleteMachine), deletes);
    outcome.expect_said("Nothing to remove");
}
