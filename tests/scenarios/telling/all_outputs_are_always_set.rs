//! The output variables: always all six, by the final verdicts, whatever became of the removals.

use crate::support::aftermath::reconcile;
use crate::support::fleet::{Fleet, id_of};
use crate::support::{Outcome, Run, registered, scaled_in, settled};
use sandbox::{Access, Fault, Mode, Route, Sandbox, When, scope};

const ALL_SIX: [&str; 6] = [
    "VMSSDeploymentTargetIds",
    "VMSSDeploymentTargetNames",
    "VMSSHasServersToDeployTo",
    "VMSSHeldTargetNames",
    "VMSSRemovedTargetIds",
    "VMSSRemovedTargetNames",
];

/// The names of the variables that were set.
fn set(outcome: &Outcome) -> Vec<&str> {
    let mut names: Vec<&str> = outcome.outputs.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn all_six_are_set_even_when_there_is_nothing_to_say() {
    let outcome = Run::in_runbook(&settled(0)).run().expect_code(0);

    assert_eq!(set(&outcome), ALL_SIX);
    assert_eq!(outcome.output("VMSSHasServersToDeployTo"), "False");
    for name in ALL_SIX
        .iter()
        .filter(|name| **name != "VMSSHasServersToDeployTo")
    {
        assert_eq!(outcome.output(name), "", "{name}");
    }
}

#[test]
fn all_six_are_set_when_targets_were_removed() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(set(&outcome), ALL_SIX);
    for (name, value) in [
        ("VMSSHasServersToDeployTo", "True"),
        ("VMSSDeploymentTargetIds", "Machines-1,Machines-4"),
        ("VMSSDeploymentTargetNames", "web000000,web000003"),
        ("VMSSRemovedTargetIds", "Machines-2,Machines-3"),
        ("VMSSRemovedTargetNames", "web000001,web000002"),
        ("VMSSHeldTargetNames", ""),
    ] {
        assert_eq!(outcome.output(name), value, "{name}");
    }
}

#[test]
fn all_six_are_set_under_a_brake_and_after_failed_removals() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);
    let held = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "1");
    let held = held.run().expect_code(4);
    assert_eq!(set(&held), ALL_SIX);

    let delete = Route::DeleteMachine.containing(&id_of(&sandbox, "web000002"));
    sandbox.fault(delete, When::Always, Fault::octopus_error(400, "No"));
    let failed = Run::in_runbook(&sandbox).run().expect_code(5);

    assert_eq!(set(&failed), ALL_SIX);
    assert_eq!(failed.output("VMSSRemovedTargetIds"), "Machines-2");
    assert_eq!(failed.output("VMSSRemovedTargetNames"), "web000001");
    assert_eq!(failed.output("VMSSHeldTargetNames"), "web000002");
}

#[test]
fn all_six_are_details_in_a_terminal() {
    let sandbox = scaled_in(4, &["web000001"]);

    let run = Run::by_hand(&sandbox).argument("--dry-run");
    let outcome = run.run().expect_code(0);
    assert!(!outcome.log.contains("VMSSRemoved"), "{}", outcome.log);

    let outcome = Run::by_hand(&sandbox).argument("-v").run().expect_code(0);
    assert_eq!(set(&outcome), ALL_SIX);
    assert_eq!(outcome.output("VMSSRemovedTargetNames"), "web000001");
    assert!(!outcome.stdout.contains("VMSS"), "{}", outcome.stdout);
}

#[test]
fn a_dry_run_sets_what_a_real_run_would_hand_out_and_removes_nothing() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);
    sandbox.world(|world| drop(world.target("reporting")));

    let dry = Run::in_runbook(&sandbox)
        .argument("--dry-run")
        .run()
        .expect_code(0);

    assert_eq!(set(&dry), ALL_SIX);
    assert_eq!(dry.output("VMSSRemovedTargetIds"), "");
    assert_eq!(dry.output("VMSSRemovedTargetNames"), "");
    assert_eq!(dry.held(), ["reporting"]);
    let real = Run::in_runbook(&sandbox).run().expect_code(0);
    for name in [
        "VMSSHasServersToDeployTo",
        "VMSSDeploymentTargetIds",
        "VMSSDeploymentTargetNames",
    ] {
        assert_eq!(dry.output(name), real.output(name), "{name}");
    }
}

/// What goes wrong, and how it is arranged.
type Failure = (&'static str, fn(&Sandbox));

/// The failures that come after the plan stood, each in a world of its own.
fn late_failures() -> Vec<(&'static str, Sandbox)> {
    let failures: [Failure; 4] = [
        ("neither list of scale sets may be read", |sandbox| {
            sandbox.world(|world| {
                let set = scope::scale_set("web-rg", "web");
                world.azure.access = Access::nothing().reader(set);
            });
        }),
        ("the list of scale sets breaks", |sandbox| {
            sandbox.fault(Route::ScaleSets, When::Always, Fault::status(500));
        }),
        ("the targets cannot be read again", |sandbox| {
            sandbox.fault(Route::Machines, When::From(2), Fault::status(502));
        }),
        ("the instances cannot be read again", |sandbox| {
            sandbox.fault(Route::Instances, When::From(2), Fault::status(403));
        }),
    ];
    let made = |(what, arrange): Failure| {
        let sandbox = scaled_in(4, &["web000001", "web000002"]);
        arrange(&sandbox);
        (what, sandbox)
    };
    failures.into_iter().map(made).collect()
}

#[test]
fn an_error_after_the_plan_stood_holds_all_candidates_and_sets_all_six() {
    for (what, sandbox) in late_failures() {
        let aftermath = Run::in_runbook(&sandbox)
            .without_retries()
            .reconcile(&sandbox);
        assert_eq!(
            aftermath.outcome.code, 3,
            "{what}: {}",
            aftermath.outcome.stdout
        );

        let aftermath = aftermath
            .nothing_removed()
            .held(&["web000001", "web000002"])
            .deployed(&["web000000", "web000003"])
            .complained("Nothing was removed; 2 removals held back: web000001, web000002");
        assert_eq!(set(&aftermath.outcome), ALL_SIX, "{what}");
    }
}

#[test]
fn an_error_after_the_plan_stood_only_warns_where_the_step_is_to_go_on() {
    for (what, sandbox) in late_failures() {
        let aftermath = Run::in_deployment(&sandbox)
            .without_retries()
            .reconcile(&sandbox);
        assert_eq!(
            aftermath.outcome.code, 0,
            "{what}: {}",
            aftermath.outcome.stdout
        );

        let aftermath = aftermath
            .nothing_removed()
            .held(&["web000001", "web000002"])
            .deployed(&["web000000", "web000003"])
            .warned("Nothing was removed; 2 removals held back: web000001, web000002");
        assert_eq!(aftermath.outcome.said("error"), "", "{what}");
    }
}

#[test]
fn before_the_plan_stands_nothing_is_set() {
    let wrong_key = |run: Run| run.set("VMSS_OCTOPUS_APIKEY", "API-WRONG");
    let not_settled = |run: Run| {
        run.set("VMSS_TIMEOUT_VALUE", "0")
            .set("VMSS_TIMEOUT_ERRORHANDLE", "Error")
    };
    let no_roles = |run: Run| run.without("VMSS_DEPLOYMENTTARGET_ROLES");
    let sandbox = scaled_in(4, &["web000001"]);
    sandbox.world(|world| drop(world.scale_set("web").state("Updating")));
    let cases: [(i32, &dyn Fn(Run) -> Run); 3] =
        [(3, &wrong_key), (6, &not_settled), (2, &no_roles)];
    for (code, arrange) in cases {
        let outcome = arrange(Run::in_runbook(&sandbox)).run().expect_code(code);
        assert!(
            outcome.outputs.is_empty(),
            "exit {code}: {:?}",
            outcome.outputs
        );
        assert!(outcome.artifacts.is_empty(), "exit {code}");
    }
}

#[test]
fn names_and_ids_stand_in_the_order_of_octopus_list() {
    let sandbox = Sandbox::start();
    sandbox.world(|world| {
        let machines = world.scale_set("web").instances(6).list();
        for place in [4, 0, 5, 2, 1, 3] {
            world.register(&machines[place]);
        }
        drop(
            world
                .scale_set("web")
                .scale_in(&["web000000", "web000004", "web000005"]),
        );
    });

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(outcome.deployed(), ["web000001", "web000002", "web000003"]);
    assert_eq!(
        outcome.names("VMSSDeploymentTargetIds"),
        ["Machines-5", "Machines-4", "Machines-6"]
    );
    assert_eq!(outcome.removed(), ["web000000", "web000004", "web000005"]);
    assert_eq!(
        outcome.names("VMSSRemovedTargetIds"),
        ["Machines-2", "Machines-1", "Machines-3"]
    );
}

#[test]
fn everything_that_needs_an_eye_is_held_and_the_rest_is_not() {
    let fleet = Fleet::of(Mode::Flexible, 7);
    fleet.scale_in(&[1, 2, 3, 4]);
    fleet.sandbox.world(|world| {
        drop(world.scale_set("web").detach(fleet.host(5)));
        drop(
            world
                .existing_target(fleet.host(2))
                .scoped_variable("Web shop", "Color"),
        );
        let used = world.existing_target(fleet.host(3)).id();
        drop(world.runbook_run().naming(&[&used]));
        world.target("reporting");
        world.target("region").cloud_region();
    });
    let delete = Route::DeleteMachine.containing(&id_of(&fleet.sandbox, fleet.host(4)));
    fleet
        .sandbox
        .fault(delete, When::Always, Fault::octopus_error(400, "No"));

    Run::in_deployment(&fleet.sandbox)
        .set("VMSS_PROBLEM_HANDLE", "Fail")
        .reconcile(&fleet.sandbox)
        .code(5)
        .removed(&[fleet.host(1)])
        .verdict("reporting", "foreign", "not a name the scale set gives")
        .verdict(fleet.host(2), "referenced", "Web shop")
        .verdict(fleet.host(3), "deferred", "ServerTasks-")
        .verdict(fleet.host(4), "stale", "no machine of this name exists")
        .verdict(
            fleet.host(5),
            "detached",
            "runs beside the scale set, not in it",
        )
        .held(&[
            "reporting",
            fleet.host(2),
            fleet.host(3),
            fleet.host(4),
            fleet.host(5),
        ])
        .deployed(&[fleet.host(0), fleet.host(6)]);
}

#[test]
fn what_is_found_at_the_second_look_is_kept_and_handed_out() {
    let sandbox = scaled_in(4, &["web000003"]);
    sandbox.world(|world| drop(world.scale_set("web").hide("web000001")));
    sandbox.after(Route::Instances, 1, |world| {
        drop(world.scale_set("web").unhide_all())
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .nothing_held()
        .deployed(&["web000000", "web000001", "web000002"]);

    assert_eq!(
        registered(&sandbox),
        ["web000000", "web000001", "web000002"]
    );
}
