//! Only an answer that Octopus itself gave ends a removal: the page of a proxy or of a login says nothing of a registration.

use crate::support::fleet::id_of;
use crate::support::{Run, scaled_in};
use sandbox::{Fault, Route, Sandbox, When};

const GONE: [&str; 3] = ["web000001", "web000002", "web000003"];
const OTHERS: [&str; 2] = ["web000001", "web000003"];

/// Answers with 404 that are none of Octopus's own.
fn strangers() -> [Fault; 5] {
    [
        Fault::html(404, "No such page on this proxy"),
        Fault::bytes(404, ""),
        Fault::bytes(404, "{}"),
        Fault::bytes(404, r#"{"error":"not found"}"#),
        Fault::bytes(404, r#"{"ErrorMessage":null}"#),
    ]
}

/// Removals by a run that does not ask the machines first.
fn run(sandbox: &Sandbox, action: &str) -> Run {
    Run::in_runbook(sandbox)
        .set("VMSS_HEALTHY_HANDLE", "Remove")
        .set("VMSS_REMOVAL_ACTION", action)
}

#[test]
fn a_404_that_is_not_octopus_s_own_deletes_nothing_and_is_said() {
    for fault in strangers() {
        let sandbox = scaled_in(5, &GONE);
        let id = id_of(&sandbox, "web000002");
        let delete = Route::DeleteMachine.containing(&format!("/{id}"));
        sandbox.fault(delete, When::Always, fault);

        run(&sandbox, "Delete")
            .reconcile(&sandbox)
            .code(5)
            .removed(&OTHERS)
            .held(&["web000002"])
            .complained("Could not delete web000002 (Machines-3)")
            .complained("Octopus answered 404")
            .complained("no answer of Octopus itself");
    }
}

#[test]
fn a_login_page_with_200_deletes_nothing() {
    let sandbox = scaled_in(5, &GONE);
    let login = Fault::html(200, "Sign in");
    sandbox.fault(Route::DeleteMachine, When::Always, login);

    run(&sandbox, "Delete")
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .held(&GONE)
        .complained("no login page or proxy");
}

#[test]
fn variables_are_not_taken_for_absent_because_a_page_answers_404() {
    let sandbox = scaled_in(5, &GONE);
    let page = Fault::html(404, "No such page on this proxy");
    sandbox.fault(Route::ScopedVariables, When::Always, page);

    run(&sandbox, "Delete")
        .reconcile(&sandbox)
        .nothing_removed()
        .held(&GONE);
}

#[test]
fn a_server_that_does_not_know_the_question_about_variables_answers_no() {
    for fault in [Fault::octopus_error(404, "Unknown"), Fault::bytes(404, "")] {
        let sandbox = scaled_in(5, &GONE);
        sandbox.fault(Route::ScopedVariables, When::Always, fault);

        run(&sandbox, "Delete")
            .reconcile(&sandbox)
            .code(0)
            .removed(&GONE);
    }
}

#[test]
fn a_target_that_octopus_reaches_again_just_before_it_is_disabled_stays_enabled() {
    let sandbox = scaled_in(5, &GONE);
    sandbox.world(|world| {
        for name in GONE {
            let dead = world.existing_target(name).dead().health("Unavailable");
            drop(dead.last_checked(sandbox::Time::now_utc()));
        }
    });
    let read = Route::Machine.containing(&id_of(&sandbox, "web000002"));
    sandbox.on(read, 1, |world| {
        drop(world.existing_target("web000002").health("Healthy"));
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(&sandbox)
        .code(0)
        .verdict("web000002", "answers", "answers");
    let disabled = sandbox.world(|world| {
        let target = |it: &&sandbox::Target| it.name == "web000002";
        world
            .octopus
            .targets
            .values()
            .find(target)
            .map(|it| it.disabled)
    });
    assert_eq!(
        disabled,
        Some(false),
        "a machine that answers again was disabled"
    );
}
