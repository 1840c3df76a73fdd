//! Where the server itself has just named what it does not find, the address and the space are right: what is gone is said to be.

use crate::support::check::Guided;
use sandbox::{Fault, Route, When};

#[test]
fn what_was_deleted_in_the_middle_is_not_blamed_on_the_address() {
    for (route, odd) in [
        (Route::ActionTemplate, &["WARN step-template"][..]),
        (Route::RunbookSnapshot, &["WARN published"]),
        (
            Route::VariableSet,
            &["WARN prompted-variables", "WARN parameters"],
        ),
        (Route::Triggers, &["WARN schedule", "WARN health-triggers"]),
        (Route::DeploymentSettings, &["WARN guided-failure"]),
        (Route::Runbook, &["FAIL runbook"]),
    ] {
        let guided = Guided::new();
        let gone = Fault::octopus_error(404, "The resource was not found.");
        guided.sandbox.fault(route, When::Always, gone);
        let checked = guided.check();
        checked.expect_only(odd, &format!("{route:?} answers 404"));
        for it in odd {
            let (_, id) = it.split_once(' ').expect("a status and an id");
            checked.expect_says(id, "It is gone, or hidden from your key");
            checked.expect_says_not(id, "VMSS_OCTOPUS_URL");
        }
    }
}
