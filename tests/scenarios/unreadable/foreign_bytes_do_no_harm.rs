//! Answers that are not what was asked for. Whatever they are: no machine that lives loses its target, no run ends in a
//! defect, and what ends a run names the request.

use crate::support::fleet;
use crate::support::fleet::{Fleet, MODES};
use crate::support::strange::{Spoilt, strange_bodies};
use crate::support::{Outcome, Run, expect_untouched, registered};
use sandbox::{Fault, Mode, Route, Sandbox, When, minutes_ago};
use serde_json::{Value, json};

/// A test for each route and mode in which it is asked: everything that the removal of a target rests on.
macro_rules! for_all_evidence {
    ($check:ident) => {
        mod $check {
            for_all_evidence! { $check(Uniform) in uniform:
                machines Machines, token Token, scale_set ScaleSet, instances Instances,
                scale_sets ScaleSets, tasks Tasks, machine_tasks MachineTasks,
                scoped_variables ScopedVariables, point_read PointRead,
            }
            for_all_evidence! { $check(Flexible) in flexible:
                machines Machines, token Token, scale_set ScaleSet, instances Instances,
                scale_sets ScaleSets, tasks Tasks, machine_tasks MachineTasks,
                scoped_variables ScopedVariables, group_vms GroupVms,
            }
        }
    };
    ($check:ident($mode:ident) in $module:ident: $($name:ident $route:ident,)+) => {
        mod $module {
            $(#[test]
            fn $name() {
                super::super::$check(sandbox::Mode::$mode, sandbox::Route::$route);
            })+
        }
    };
}

/// Three machines of which the middle one is gone, and a deployment elsewhere, so that every question is asked.
fn one_gone(mode: Mode) -> (Fleet, String) {
    let fleet = Fleet::of(mode, 3);
    let gone = fleet.host(1).to_owned();
    fleet.scale_in(&[1]);
    fleet.sandbox.world(|world| {
        world.deployment().executing_since(minutes_ago(30));
    });
    (fleet, gone)
}

fn run(sandbox: &Sandbox) -> Outcome {
    let run = Run::in_runbook(sandbox).set("VMSS_RETRY_SECONDS", "0");
    run.run()
}

/// The run was no defect, and all that live are left.
#[track_caller]
fn expect_no_harm(fleet: &Fleet, gone: &str, outcome: &Outcome, what: &str) {
    let code = outcome.code;
    assert!(
        matches!(code, 0 | 3 | 4 | 5),
        "{what}: the run ends in a defect, with exit code {code}"
    );
    let left = registered(&fleet.sandbox);
    let living = fleet.hosts.iter().filter(|host| *host != gone);
    for host in living {
        assert!(left.contains(host), "{what}: {host} lives and was removed");
    }
}

/// Whatever body comes as the answer, from one request of the run on, nothing is removed.
fn no_body_is_evidence(mode: Mode, route: Route, when: fn() -> When) {
    let (fleet, gone) = one_gone(mode);
    for body in strange_bodies() {
        let what = format!(
            "{route:?} {}",
            String::from_utf8_lossy(&body[..body.len().min(60)])
        );
        let fault = Fault::bytes(200, body);
        fleet.sandbox.fault(route, when(), fault);

        let outcome = run(&fleet.sandbox);

        fleet.sandbox.clear_faults();
        expect_no_harm(&fleet, &gone, &outcome, &what);
        let left = registered(&fleet.sandbox).len();
        assert_eq!(left, 3, "{what}: a registration is lost");
    }
}

fn a_strange_body_is_no_evidence(mode: Mode, route: Route) {
    no_body_is_evidence(mode, route, || When::Always);
}

for_all_evidence!(a_strange_body_is_no_evidence);

/// Without its prefix, which is all that such an answer lacks, these names would still be the scale set's.
#[test]
fn an_answer_that_does_not_name_the_scale_set_is_not_taken_for_it() {
    let sets = "/subscriptions/00000000-5a4d-4b0c-8000-000000000001/resourceGroups/web-rg/providers/Microsoft.Compute/virtualMachineScaleSets";
    for body in [
        json!({}),
        json!({ "error": { "code": "AuthorizationFailed", "message": "No." } }),
        json!({ "properties": null, "sku": null }),
        json!({ "id": format!("{sets}/other"), "properties": { "uniqueId": "u" } }),
        json!({ "id": format!("{sets}/web"), "name": "web" }),
    ] {
        let sandbox = Sandbox::start();
        sandbox.world(|world| {
            world.scale_set("web").instances(3);
            for number in 0..3 {
                world.target(&format!("web_{number}"));
            }
            world.scale_set("web").scale_in(&["web000001"]);
        });
        let answer = Fault::status(200).json(body.clone());
        sandbox.fault(Route::ScaleSet, When::Always, answer);

        let outcome = run(&sandbox).expect_code(3);

        let said = outcome.said("error");
        assert!(
            said.contains("Could not read scale set web"),
            "{body}: {said}"
        );
        expect_untouched(&sandbox);
    }
}

#[test]
fn a_registration_without_an_id_is_never_asked_to_go() {
    for id in ["", ".", ".."] {
        let (fleet, gone) = one_gone(Mode::Uniform);
        let edit = move |page: &mut Value| {
            for item in page["Items"].as_array_mut().into_iter().flatten() {
                if item["Name"] == gone.as_str() {
                    item["Id"] = id.into();
                }
            }
        };
        let sandbox = &fleet.sandbox;
        sandbox.fault(Route::Machines, When::Always, Fault::edit(edit));

        let outcome = run(sandbox).expect_code(3);

        assert!(
            outcome.said("error").contains("a row has no id"),
            "{id:?}: {}",
            outcome.stdout
        );
        let writes = sandbox
            .requests()
            .into_iter()
            .filter(|request| request.method != "GET" && request.method != "POST");
        assert_eq!(writes.count(), 0, "{id:?}: the listing itself was to go");
    }
}

mod a_strange_body_is_no_evidence_at_the_second_look_either {
    use super::*;

    #[test]
    fn machines() {
        for mode in MODES {
            no_body_is_evidence(mode, Route::Machines, || When::From(2));
        }
    }

    #[test]
    fn scale_set() {
        for mode in MODES {
            no_body_is_evidence(mode, Route::ScaleSet, || When::From(2));
        }
    }

    #[test]
    fn listing() {
        for mode in MODES {
            no_body_is_evidence(mode, fleet::listing(mode), || When::From(2));
        }
    }
}

/// Whether a body may be the server's own word that it did what was asked.
fn may_be_octopus(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

#[test]
fn only_the_servers_own_answer_ends_a_removal() {
    for body in strange_bodies() {
        let (fleet, gone) = one_gone(Mode::Uniform);
        let sandbox = &fleet.sandbox;
        let done = may_be_octopus(&body);
        let shown = String::from_utf8_lossy(&body)
            .chars()
            .take(60)
            .collect::<String>();
        sandbox.fault(Route::DeleteMachine, When::Always, Fault::bytes(200, body));

        let outcome = run(sandbox).expect_code(if done { 0 } else { 5 });

        let removed: &[&str] = if done { &[&gone] } else { &[] };
        assert_eq!(
            outcome.removed(),
            removed,
            "what somebody else answered counts as removed, or what Octopus answered does not: {shown}"
        );
    }
}

/// Spoils the place of this number in every answer of a route. `false`: there are no more places.
fn spoil_one(fleet: &Fleet, gone: &str, route: Route, number: usize) -> bool {
    let spoilt = Spoilt::at(&fleet.sandbox, route, number);
    let outcome = run(&fleet.sandbox);
    fleet.sandbox.clear_faults();
    let Some(what) = spoilt.what() else {
        return false;
    };
    expect_no_harm(fleet, gone, &outcome, &what);
    true
}

fn one_strange_value_costs_nobody_that_lives_its_target(mode: Mode, route: Route) {
    let (fleet, gone) = one_gone(mode);
    let before = fleet.sandbox.world(|world| world.octopus.clone());
    let mut spoilt = 0;
    while spoil_one(&fleet, &gone, route, spoilt) {
        spoilt += 1;
        // A run that was not misled has removed the one that is gone.
        let before = before.clone();
        fleet.sandbox.world(|world| world.octopus = before);
    }
    assert!(spoilt > 0, "{route:?} was never asked");
}

for_all_evidence!(one_strange_value_costs_nobody_that_lives_its_target);
