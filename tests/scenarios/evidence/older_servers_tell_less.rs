//! Servers that do not know every question: what can be told without them is told, what cannot waits, and the log says once
//! what this server cannot tell.

use crate::support::aftermath::Aftermath;
use crate::support::candidate::{CANDIDATE_ID, KEPT_ID, OTHER_ID, candidate};
use crate::support::{Run, settled, shrunk};
use sandbox::{Fault, Matcher, Route, SPACE, Sandbox, Service, When, World};
use sandbox::{hours, minutes_ago, now, seconds_ago};

/// What the log says once of a server that lacks something.
const CANNOT_TELL: &str = "does not know every question";

/// One way for a server to be old.
#[derive(Clone, Copy)]
struct Old {
    make: fn(&mut World),
    /// What the log names where it was asked for.
    cannot_tell: &'static str,
}

const NO_TARGET_TASKS: Old = Old {
    make: |world| world.octopus.knows_target_tasks = false,
    cannot_tell: "which tasks use a target",
};
const NO_RUNBOOK_RUNS: Old = Old {
    make: |world| world.octopus.knows_runbook_runs = false,
    cannot_tell: "what a runbook run is limited to",
};
const NO_SPACE_TASKS: Old = Old {
    make: |world| world.octopus.knows_space_tasks = false,
    cannot_tell: "the tasks of one space",
};
const NOTHING_NEW: Old = Old {
    make: |world| world.octopus.grow_old(),
    cannot_tell: "Octopus Server 2020.1.22",
};
const ALL: [Old; 4] = [
    NO_TARGET_TASKS,
    NO_RUNBOOK_RUNS,
    NO_SPACE_TASKS,
    NOTHING_NEW,
];

/// So many candidates on such a server.
fn many(old: Old, gone: usize) -> (Sandbox, Vec<String>) {
    let (sandbox, gone) = shrunk(gone as u64 + 2, gone);
    sandbox.world(old.make);
    (sandbox, gone)
}

/// Another environment, in which something goes on.
fn elsewhere(world: &mut World) {
    let test = world.octopus.add_environment(SPACE, "Test");
    let deployment = world.deployment().executing_since(minutes_ago(30));
    drop(deployment.environment(&test));
    let run = world.runbook_run().executing_since(minutes_ago(30));
    drop(run.environment(&test));
}

/// How many lines say what this server cannot tell.
#[track_caller]
fn expect_said_once(end: &Aftermath, level: &str, what: &str) {
    let lines = end.outcome.lines.iter();
    let said = lines.filter(|(_, line)| line.contains(CANNOT_TELL)).count();
    assert_eq!(said, 1, "the log does not say once what it cannot tell");
    end.outcome.expect_said_at(level, what);
}

#[track_caller]
fn expect_not_said(end: &Aftermath) {
    let said = end.outcome.stdout.contains(CANNOT_TELL);
    assert!(!said, "the log complains of a server that knows everything");
}

#[test]
fn what_was_scaled_in_goes_where_nothing_else_goes_on() {
    for old in ALL {
        let (sandbox, gone) = many(old, 5);
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        let end = end.code(0).removed(&gone).nothing_held();
        assert_eq!(sandbox.count(Route::MachineTasks), 0, "asked for nothing");
        assert_eq!(sandbox.count(Route::RunbookRun), 0, "asked for nothing");
        // Only what was asked for is told.
        match old.cannot_tell {
            "which tasks use a target" | "what a runbook run is limited to" => {
                expect_not_said(&end)
            }
            what => expect_said_once(&end, "default", what),
        }
    }
}

#[test]
fn what_was_scaled_in_goes_where_all_that_goes_on_can_be_judged() {
    for old in ALL {
        let (sandbox, gone) = many(old, 5);
        sandbox.world(elsewhere);
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        let end = end.code(0).removed(&gone).nothing_held();
        expect_said_once(&end, "default", old.cannot_tell);
        assert_eq!(end.outcome.said("warning"), "");
    }
}

#[test]
fn a_deployment_that_is_limited_to_others_or_leaves_the_targets_out_holds_nothing() {
    for old in ALL {
        let sandbox = candidate(|world| {
            (old.make)(world);
            let limited = world.deployment().executing_since(minutes_ago(30));
            drop(limited.only_to(&[KEPT_ID]));
            let without = world.deployment().executing_since(minutes_ago(30));
            drop(without.excluding(&[CANDIDATE_ID, OTHER_ID]));
            let waiting = world.deployment().queued(minutes_ago(300));
            drop(waiting.waits_for_approval());
            let later = world.deployment().queued(now() + hours(3));
            drop(later.only_to(&[CANDIDATE_ID]));
        });
        Run::in_runbook(&sandbox).expect_removed(&sandbox);
    }
}

#[test]
fn a_deployment_that_is_limited_to_the_target_holds_it() {
    for old in ALL {
        let sandbox = candidate(|world| {
            (old.make)(world);
            let deployment = world.deployment().executing_since(minutes_ago(30));
            drop(deployment.only_to(&[CANDIDATE_ID, KEPT_ID]));
        });
        Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
    }
}

#[test]
fn a_deployment_that_may_use_a_target_holds_it_however_long_it_takes() {
    for (old, run) in [
        (NO_TARGET_TASKS, Run::in_runbook as fn(&Sandbox) -> Run),
        (NO_TARGET_TASKS, Run::in_deployment),
        (NOTHING_NEW, Run::in_runbook),
    ] {
        let sandbox = candidate(|world| {
            (old.make)(world);
            let deployment = world.deployment().executing_since(minutes_ago(300));
            drop(deployment.excluding(&[OTHER_ID]));
        });
        let end = run(&sandbox).expect_spared(&sandbox, "deferred", "(ServerTasks-");
        expect_said_once(&end, "warning", "VMSS.BusyTargets.Handle");
    }
}

#[test]
fn a_deployment_that_names_the_target_holds_it_where_its_own_tasks_are_told() {
    for old in [NO_RUNBOOK_RUNS, NO_SPACE_TASKS] {
        let sandbox = candidate(|world| {
            (old.make)(world);
            let deployment = world.deployment().executing_since(minutes_ago(300));
            drop(deployment.naming(&[CANDIDATE_ID]));
        });
        Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
    }
}

#[test]
fn a_runbook_run_holds_what_it_may_use_where_that_is_not_told() {
    for old in [NO_TARGET_TASKS, NO_RUNBOOK_RUNS, NOTHING_NEW] {
        let sandbox = candidate(|world| {
            (old.make)(world);
            drop(world.runbook_run().executing_since(minutes_ago(30)));
        });
        let run = Run::in_runbook(&sandbox);
        let end = run.expect_both_spared(&sandbox, "deferred", "could not be learned");
        expect_said_once(&end, "warning", old.cannot_tell);
        expect_said_once(&end, "warning", "Upgrade it");
    }
}

#[test]
fn a_runbook_run_that_was_queued_later_holds_nothing_that_a_runbook_run_removes() {
    for old in ALL {
        let sandbox = candidate(old.make);
        let run = Run::in_runbook(&sandbox);
        sandbox.world(|world| drop(world.runbook_run().executing_since(now())));
        run.expect_removed(&sandbox);
    }
}

#[test]
fn a_runbook_run_that_names_the_target_holds_it_where_its_own_tasks_are_told() {
    let sandbox = candidate(|world| {
        (NO_SPACE_TASKS.make)(world);
        let run = world.runbook_run().executing_since(minutes_ago(30));
        drop(run.naming(&[CANDIDATE_ID]));
    });
    Run::in_runbook(&sandbox).expect_spared(&sandbox, "deferred", "in use by");
}

#[test]
fn what_goes_on_in_another_space_holds_nothing_where_the_tasks_of_all_are_listed() {
    let sandbox = candidate(|world| {
        (NO_SPACE_TASKS.make)(world);
        let other = world.octopus.add_space("Other");
        let deployment = world.deployment().executing_since(seconds_ago(5));
        drop(deployment.edit(|task| task.space = other));
    });
    Run::in_runbook(&sandbox).expect_removed(&sandbox);
}

/// Requests for the tasks of all spaces.
fn across_spaces() -> Matcher {
    Route::Tasks.containing("/api/tasks")
}

#[test]
fn a_list_of_tasks_without_the_runs_own_is_none() {
    let sandbox = candidate(NO_SPACE_TASKS.make);
    let empty = r#"{"Items":[],"TotalResults":0}"#;
    sandbox.fault(across_spaces(), When::Always, Fault::bytes(200, empty));
    Run::in_runbook(&sandbox).expect_both_spared(&sandbox, "deferred", "this run's own task");
}

#[test]
fn a_server_that_lists_no_tasks_at_all_spares_every_target() {
    let (sandbox, gone) = many(NO_SPACE_TASKS, 5);
    let unknown = Fault::octopus_error(404, "The resource you requested was not found.");
    sandbox.fault(across_spaces(), When::Always, unknown);
    let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
    let end = end.code(0).nothing_removed().held(&gone);
    expect_said_once(&end, "warning", "which tasks are active");
}

#[test]
fn what_is_between_is_no_older_server() {
    for fault in [
        Fault::html(404, "<html>No such page</html>"),
        Fault::bytes(404, r#"{"message":"no route"}"#),
    ] {
        for route in [Route::MachineTasks, Route::RunbookRun, Route::Tasks] {
            let sandbox = candidate(|world| {
                drop(world.runbook_run().executing_since(minutes_ago(30)));
            });
            sandbox.fault(route, When::Always, fault.clone());
            let end = Run::in_runbook(&sandbox).without_retries();
            let end = end.expect_both_spared(&sandbox, "deferred", "could not be learned");
            expect_not_said(&end);
        }
    }
}

#[test]
fn a_target_that_is_gone_is_no_older_server() {
    let sandbox = candidate(elsewhere);
    let gone = Fault::octopus_error(404, "The resource 'Machines-3' was not found.");
    let target = Matcher::routes([Route::MachineTasks, Route::Machine]);
    sandbox.fault(target.containing(CANDIDATE_ID), When::Always, gone);
    let end = Run::in_runbook(&sandbox).reconcile(&sandbox).code(0);
    expect_not_said(&end);
}

#[test]
fn a_machine_is_tested_and_its_own_task_read_where_tasks_are_not_below_a_space() {
    let sandbox = candidate(|world| {
        (NO_SPACE_TASKS.make)(world);
        for id in [CANDIDATE_ID, OTHER_ID] {
            let name = world.octopus.targets[id].name.clone();
            let target = world.existing_target(&name);
            drop(target.health("Healthy").never_checked());
        }
    });
    let end = Run::in_runbook(&sandbox).expect_removed(&sandbox);
    assert_eq!(sandbox.count(Route::CreateTask), 1, "nobody was tested");
    assert_eq!(end.outcome.said("warning"), "", "the own task was not read");
}

#[test]
fn it_costs_one_question_in_vain_not_one_for_each_target() {
    let (sandbox, gone) = many(NO_TARGET_TASKS, 100);
    sandbox.world(elsewhere);
    let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
    let end = end.code(0).removed(&gone);
    expect_said_once(&end, "default", "which tasks use a target");
    // As many as are asked at once.
    let asked = sandbox.count(Route::MachineTasks);
    assert!(asked <= 8, "{asked} targets were asked about in vain");
}

#[test]
fn no_line_is_too_long_to_read_however_many_wait() {
    for old in ALL {
        let (sandbox, gone) = many(old, 100);
        sandbox.world(|world| {
            drop(world.deployment().queued(seconds_ago(5)));
            drop(world.runbook_run().executing_since(minutes_ago(30)));
        });
        let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
        let end = end.code(0).nothing_removed().held(&gone);
        let lines = end.outcome.lines.iter().map(|(_, line)| line.len());
        let longest = lines.max().unwrap_or_default();
        assert!(longest < 2000, "a line has {longest} characters");
        assert!(sandbox.count(Service::Octopus) < 900, "asked too often");
    }
}

#[test]
fn a_blank_404_about_one_targets_variables_is_no_server_that_does_not_know() {
    let sandbox = settled(3);
    let id = sandbox.world(|world| {
        let target = world.target("web000007").dead();
        let id = target.scoped_variable("Projects-1", "Connection").id();
        world.target("web000008").dead();
        world.check_all();
        id
    });
    let asked = Route::ScopedVariables.containing(&id);
    sandbox.fault(asked, When::Always, Fault::status(404));

    let end = Run::in_runbook(&sandbox).reconcile(&sandbox);
    let end = end.code(0).removed(&["web000008"]).held(&["web000007"]);
    assert!(!end.outcome.stdout.contains("cannot tell"), "it can");
}
