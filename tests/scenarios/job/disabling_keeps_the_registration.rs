//! `VMSS.Removal.Action` = `Disable`: the registration stays as it is, but for that.

use crate::support::aftermath::Aftermath;
use crate::support::fleet::id_of;
use crate::support::{Run, registered, scaled_in};
use sandbox::{Fault, Route, Sandbox, Target, When};
use std::collections::BTreeMap;

const GONE: [&str; 2] = ["web000001", "web000002"];

fn disable(sandbox: &Sandbox) -> Aftermath {
    Run::in_runbook(sandbox)
        .set("VMSS_REMOVAL_ACTION", "Disable")
        .reconcile(sandbox)
}

/// The names of the targets that are disabled.
fn disabled(sandbox: &Sandbox) -> Vec<String> {
    let of = |targets: &BTreeMap<String, Target>| {
        let disabled = targets.values().filter(|target| target.disabled);
        disabled.map(|target| target.name.clone()).collect()
    };
    sandbox.world(|world| of(&world.octopus.targets))
}

#[test]
fn disabling_changes_that_and_nothing_else() {
    let sandbox = scaled_in(4, &GONE);
    sandbox.world(|world| {
        let odd = world.existing_target("web000001").ssh();
        let odd = odd.tenant_tags(&["Region/EU"]).health("Unavailable");
        drop(odd.participation("TenantedOrUntenanted"));
    });
    let mut expected = sandbox.world(|world| world.octopus.targets.clone());
    for target in expected.values_mut() {
        target.disabled = GONE.contains(&target.name.as_str());
    }

    let outcome = disable(&sandbox).code(0).outcome;

    let after = sandbox.world(|world| world.octopus.targets.clone());
    assert_eq!(format!("{after:#?}"), format!("{expected:#?}"));
    assert_eq!(outcome.removed(), GONE);
    assert_eq!(outcome.deployed(), ["web000000", "web000003"]);
}

#[test]
fn disabling_takes_two_requests_and_no_question_about_variables() {
    let sandbox = scaled_in(4, &GONE);
    sandbox.world(|world| {
        let target = world.existing_target("web000001");
        drop(target.scoped_variable("Web shop", "Color"));
    });

    disable(&sandbox).code(0);

    assert_eq!(disabled(&sandbox), GONE);
    for (route, requests) in [
        (Route::Machine, 2),
        (Route::PutMachine, 2),
        (Route::DeleteMachine, 0),
        (Route::ScopedVariables, 0),
    ] {
        assert_eq!(sandbox.count(route), requests, "{route:?}");
    }
}

#[test]
fn what_is_disabled_already_is_done_and_asked_nothing_more() {
    let sandbox = scaled_in(4, &GONE);
    disable(&sandbox).code(0);
    let writes = sandbox.count(Route::PutMachine);

    let aftermath = disable(&sandbox)
        .code(0)
        .verdict("web000001", "done", "disabled already");

    assert_eq!(sandbox.count(Route::PutMachine), writes);
    assert!(aftermath.outcome.removed().is_empty());
    assert!(aftermath.outcome.held().is_empty());
    aftermath.said("Nothing was disabled");
}

#[test]
fn what_was_disabled_may_be_deleted_later() {
    let sandbox = scaled_in(4, &GONE);
    disable(&sandbox).code(0);

    Run::in_runbook(&sandbox)
        .reconcile(&sandbox)
        .code(0)
        .removed(&GONE);
}

#[test]
fn a_registration_that_goes_while_it_is_disabled_is_a_success() {
    for route in [Route::Machine, Route::PutMachine] {
        let sandbox = scaled_in(4, &GONE);
        let request = route.containing(&id_of(&sandbox, "web000002"));
        sandbox.on(request, 1, |world| {
            world.existing_target("web000002").delete()
        });

        let outcome = disable(&sandbox).code(0).outcome;

        assert_eq!(outcome.removed(), GONE);
        assert_eq!(disabled(&sandbox), ["web000001"]);
    }
}

/// What somebody may do to a registration just before it would be disabled, after the word that the log has for it.
type Change = (&'static str, fn(&mut Target));

fn changes() -> [Change; 4] {
    [
        ("name", |target| target.name = "web000009".into()),
        ("thumbprint", |target| {
            target.thumbprint = Some("AB".repeat(20))
        }),
        ("list of roles", |target| {
            target.roles.push("another".into())
        }),
        ("list of environments", |target| {
            target.environments.push("Environments-2".into());
        }),
    ]
}

#[test]
fn a_registration_that_was_renewed_meanwhile_is_left_enabled() {
    for (what, change) in changes() {
        let sandbox = scaled_in(4, &GONE);
        let read = Route::Machine.containing(&id_of(&sandbox, "web000002"));
        sandbox.on(read, 1, move |world| {
            drop(world.existing_target("web000002").edit(change));
        });

        let aftermath = disable(&sandbox).code(0);

        assert_eq!(
            disabled(&sandbox),
            ["web000001"],
            "a machine that has just registered anew ({what}) was disabled"
        );
        assert_eq!(aftermath.outcome.removed(), ["web000001"], "{what}");
        assert_eq!(aftermath.outcome.held(), ["web000002"], "{what}");
        aftermath.said(&format!("its {what} changed while this run looked"));
    }
}

#[test]
fn what_somebody_else_disabled_meanwhile_is_a_success() {
    let sandbox = scaled_in(4, &GONE);
    let read = Route::Machine.containing(&id_of(&sandbox, "web000002"));
    sandbox.on(read, 1, |world| {
        let target = world.existing_target("web000002");
        drop(target.edit(|target| target.disabled = true));
    });

    disable(&sandbox).code(0).said("by somebody else already");

    assert_eq!(disabled(&sandbox), GONE);
    assert_eq!(sandbox.count(Route::PutMachine), 1);
}

#[test]
fn the_page_of_a_login_disables_nothing() {
    let sandbox = scaled_in(4, &GONE);
    let page = Fault::bytes(200, b"<!DOCTYPE html><title>Sign in</title>".to_vec());
    sandbox.fault(Route::PutMachine, When::Always, page);

    let outcome = disable(&sandbox).code(5).outcome;

    assert!(outcome.removed().is_empty(), "{:?}", outcome.removed());
}

#[test]
fn a_target_that_cannot_be_disabled_is_named_with_its_reason() {
    let sandbox = scaled_in(4, &GONE);
    sandbox.fault(
        Route::PutMachine.containing(&id_of(&sandbox, "web000001")),
        When::Always,
        Fault::octopus_error(400, "The machine policy is missing"),
    );

    disable(&sandbox)
        .code(5)
        .held(&["web000001"])
        .complained("Could not disable web000001 (Machines-2)")
        .complained("The machine policy is missing");
    assert_eq!(disabled(&sandbox), ["web000002"]);
    assert_eq!(registered(&sandbox).len(), 4);
}
