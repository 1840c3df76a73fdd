//! What a run costs: a fixed handful of requests, and one or two for each candidate; nothing for a target that is kept.

use crate::support::fleet::{Fleet, MODES, listing};
use crate::support::{Run, settled, shrunk};
use sandbox::{Mode, Route, Sandbox, minutes_ago};

/// All that is asked about one Uniform machine that is gone.
const EVIDENCE: [Route; 13] = [
    Route::Machines,
    Route::Token,
    Route::ScaleSet,
    Route::Instances,
    Route::ScaleSets,
    Route::Tasks,
    Route::ScopedVariables,
    Route::Connection,
    Route::Machines,
    Route::ScaleSet,
    Route::Instances,
    Route::ScaleSets,
    Route::PointRead,
];

/// A kind of run, and what it asks beyond the evidence and the removal.
type Kind = (fn(&Sandbox) -> Run, &'static [Route]);

/// What was asked, in order.
fn asked(sandbox: &Sandbox) -> Vec<Route> {
    let requests = sandbox.requests();
    requests.iter().map(|request| request.route).collect()
}

/// The same, sorted: where several questions may go out at once.
fn asked_in_any_order(sandbox: &Sandbox) -> Vec<String> {
    sorted(&asked(sandbox))
}

fn sorted(routes: &[Route]) -> Vec<String> {
    let mut names: Vec<String> = routes.iter().map(|route| format!("{route:?}")).collect();
    names.sort();
    names
}

#[test]
fn a_settled_run_with_nothing_to_remove_asks_four_things() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 50);

        Run::in_runbook(&fleet.sandbox).run().expect_code(0);

        let expected = [
            Route::Machines,
            Route::Token,
            Route::ScaleSet,
            listing(mode),
        ];
        assert_eq!(asked(&fleet.sandbox), expected);
    }
}

#[test]
fn a_deployment_asks_for_the_power_states_too() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 50);

        Run::in_deployment(&fleet.sandbox).run().expect_code(0);

        let expected = [
            Route::Machines,
            Route::Token,
            Route::ScaleSet,
            listing(mode),
            listing(mode),
        ];
        assert_eq!(asked(&fleet.sandbox), expected);
        assert_eq!(fleet.sandbox.count(listing(mode).containing("$expand=")), 1);
    }
}

/// What scale events during deployments may ask for, switched off by name.
fn switched_off(run: Run) -> Run {
    run.set("VMSS_DUPLICATE_TIMEINMINUTES", "3")
        .set("VMSS_DUPLICATE_HANDLE", "Cancel")
        .set("VMSS_OLDSERVERS_EXCLUDEFROMOUTPUT", "No")
        .set("VMSS_REGISTRATION_TIMEOUTINMINUTES", "0")
        .set("VMSS_GUIDEDFAILURE_HANDLE", "None")
}

/// A machine that never registered, one that is gone, and a failure on that which nobody answered.
fn eventful() -> Fleet {
    let fleet = Fleet::of(Mode::Uniform, 20);
    fleet.scale_in(&[7]);
    fleet.sandbox.world(|world| {
        drop(world.scale_set("web").scale_out(1));
        let failed = world.deployment();
        let failed = failed.completed("Failed", minutes_ago(9), minutes_ago(8));
        drop(failed.hangs_on("Deploy", fleet.host(7)));
    });
    fleet
}

#[test]
fn without_a_trigger_and_these_options_a_run_asks_not_one_thing_more() {
    let kinds: [Kind; 3] = [
        (Run::by_hand, &[]),
        (Run::in_runbook, &[Route::Task]),
        (Run::in_deployment, &[Route::Task, Route::Instances]),
    ];
    for (run, more) in kinds {
        for set in [switched_off, std::convert::identity] {
            let fleet = eventful();

            set(run(&fleet.sandbox)).run().expect_code(0);

            let expected = [&EVIDENCE[..], &[Route::DeleteMachine], more].concat();
            let asked = asked_in_any_order(&fleet.sandbox);
            assert_eq!(asked, sorted(&expected));
        }
    }
}

#[test]
fn where_duplicates_are_not_looked_for_a_trigger_asks_not_one_thing_more() {
    for (name, value) in [
        ("VMSS_DUPLICATE_TIMEINMINUTES", "0"),
        ("OCTOPUS_RUNBOOKRUN_ID", "RunbookRuns-1"),
        ("OCTOPUS_DEPLOYMENT_TRIGGER_ID", ""),
    ] {
        let sandbox = settled(5);
        let run = Run::in_deployment(&sandbox)
            .set("OCTOPUS_DEPLOYMENT_TRIGGER_ID", "ProjectTriggers-1")
            .set(name, value);
        run.run().expect_code(0);

        let usual = [
            Route::Machines,
            Route::Token,
            Route::ScaleSet,
            Route::Instances,
        ];
        let mut asked = asked(&sandbox);
        asked.dedup();
        assert_eq!(asked, usual, "{name}={value}");
    }
}

#[test]
fn names_come_from_a_listing_that_is_not_expanded() {
    for mode in MODES {
        let fleet = Fleet::of(mode, 2);
        Run::in_runbook(&fleet.sandbox).run().expect_code(0);
        assert_eq!(fleet.sandbox.count(listing(mode).containing("$expand")), 0);
        assert_eq!(fleet.sandbox.count(listing(mode).containing("$filter")), 0);
    }
}

#[test]
fn every_scale_set_costs_one_read_and_its_pages() {
    let sandbox = settled(5);
    sandbox.world(|world| {
        let blue = world.scale_set("blue").instances(3).list();
        world.register_all(&blue);
        world.azure.page_size = 2;
    });

    let run = Run::in_runbook(&sandbox).set("VMSS_SCALESET_NAME", "web,blue");
    run.run().expect_code(0);

    let pages = [Route::Instances; 5];
    let others = [
        Route::Machines,
        Route::Token,
        Route::ScaleSet,
        Route::ScaleSet,
    ];
    assert_eq!(
        asked_in_any_order(&sandbox),
        sorted(&[&others[..], &pages].concat())
    );
}

#[test]
fn targets_come_in_large_pages() {
    let sandbox = settled(450);

    Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(
        sandbox.count(Route::Machines),
        1,
        "450 targets are one page"
    );
    let take = sandbox.requests_to(Route::Machines)[0].parameter("take");
    let take: usize = take.expect("a page size").parse().expect("a number");
    assert!(take >= 450, "{take}");
}

#[test]
fn a_server_that_gives_smaller_pages_is_followed() {
    let sandbox = settled(45);
    sandbox.world(|world| world.octopus.max_page_size = Some(10));

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(sandbox.count(Route::Machines), 5);
    assert_eq!(outcome.deployed().len(), 45);
}

#[test]
fn a_removal_costs_the_evidence_and_nothing_more() {
    for (mode, witness) in [
        (Mode::Uniform, Route::PointRead),
        (Mode::Flexible, Route::Instances),
    ] {
        let fleet = Fleet::of(mode, 20);
        fleet.scale_in(&[7]);

        Run::in_runbook(&fleet.sandbox).run().expect_code(0);

        let expected = [
            Route::Machines,
            Route::Token,
            Route::ScaleSet,
            listing(mode),
            Route::ScaleSets,
            Route::Tasks,
            Route::ScopedVariables,
            Route::Connection,
            Route::Machines,
            Route::ScaleSet,
            listing(mode),
            Route::ScaleSets,
            witness,
            Route::Task,
            Route::DeleteMachine,
        ];
        assert_eq!(asked(&fleet.sandbox), expected);
    }
}

#[test]
fn a_dry_run_costs_the_same_but_for_the_removal() {
    let fleet = Fleet::of(Mode::Uniform, 20);
    fleet.scale_in(&[7]);

    Run::in_runbook(&fleet.sandbox)
        .argument("--dry-run")
        .run()
        .expect_code(0);

    assert_eq!(asked(&fleet.sandbox), EVIDENCE);
}

#[test]
fn every_further_candidate_costs_four_requests() {
    let (sandbox, gone) = shrunk(40, 20);

    Run::in_runbook(&sandbox).run().expect_code(0);

    let once = [
        Route::Token,
        Route::Machines,
        Route::Machines,
        Route::ScaleSet,
        Route::ScaleSet,
        Route::Instances,
        Route::Instances,
        Route::ScaleSets,
        Route::ScaleSets,
        Route::Tasks,
        Route::Task,
    ];
    let each = [
        Route::ScopedVariables,
        Route::Connection,
        Route::PointRead,
        Route::DeleteMachine,
    ];
    let expected = [&once[..], &each.repeat(gone.len())].concat();
    assert_eq!(asked_in_any_order(&sandbox), sorted(&expected));
}

#[test]
fn with_another_deployment_active_every_candidate_costs_one_question_more() {
    let (sandbox, gone) = shrunk(10, 4);
    sandbox.world(|world| {
        let busy = world.existing_target("web000007").id();
        drop(world.deployment().only_to(&[&busy]).naming(&[&busy]));
    });

    Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(sandbox.count(Route::Tasks), 1);
    assert_eq!(sandbox.count(Route::Deployment), 1);
    assert_eq!(sandbox.count(Route::MachineTasks), gone.len());
}

#[test]
fn a_health_check_in_the_space_costs_nothing() {
    let (sandbox, _) = shrunk(10, 4);
    sandbox.world(|world| drop(world.health_check()));

    Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(sandbox.count(Route::MachineTasks), 0);
}

#[test]
fn other_scale_sets_cost_a_listing_only_where_a_candidate_could_be_theirs() {
    let (sandbox, gone) = shrunk(10, 4);
    sandbox.world(|world| {
        for number in 0..20 {
            drop(world.scale_set(&format!("other-{number}")).instances(1));
        }
        drop(world.scale_set("twin-rg/twin").prefix("web"));
    });

    Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(sandbox.count(Route::ScaleSets), 2);
    assert_eq!(sandbox.count(Route::Instances), 3);
    assert_eq!(sandbox.count(Route::Instances.containing("/twin/")), 1);
    let to_the_twin = Route::PointRead.containing("/twin/");
    assert_eq!(sandbox.count(to_the_twin), gone.len());
    assert_eq!(sandbox.count(Route::PointRead), 2 * gone.len());
}

#[test]
fn people_who_give_names_pay_for_looking_them_up() {
    let sandbox = settled(2);
    let run = Run::by_hand(&sandbox)
        .set("OCTOPUS_SPACE_ID", "Default")
        .set("OCTOPUS_ENVIRONMENT_ID", "Production");

    run.run().expect_code(0);

    let expected = [
        Route::Spaces,
        Route::Environments,
        Route::Machines,
        Route::Token,
        Route::ScaleSet,
        Route::Instances,
    ];
    assert_eq!(asked(&sandbox), expected);
}
