//! A deployment target trigger queues the same deployment again for machines that came up late. Where an earlier run has
//! waited for them and deployed to them, the run is a duplicate; in every other case they are handed out.

use crate::support::Run;
use crate::support::redeployment;
use crate::support::redeployment::{EITHER, HOSTS, Redeployment, Under, ids};
use sandbox::{Route, seconds};

#[test]
fn a_run_for_machines_that_the_earlier_one_deployed_to_is_a_duplicate() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let run = redeployment.queued_again();

        run.reconcile(&redeployment.sandbox).duplicate();
    }
}

#[test]
fn a_machine_that_came_up_since_is_handed_out_and_so_are_the_others() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let new = redeployment.machine_comes_up();
        let run = redeployment.queued_again();

        let expected = [&HOSTS[..], &[new.as_str()]].concat();
        run.reconcile(&redeployment.sandbox).deploys(&expected);
    }
}

#[test]
fn a_machine_that_took_over_a_registration_is_a_new_one() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        redeployment
            .sandbox
            .world(|world| drop(world.existing_target(HOSTS[1]).reregister()));
        let run = redeployment.queued_again();

        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}

#[test]
fn a_target_without_a_thumbprint_may_be_another_machine() {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    redeployment.sandbox.world(|world| {
        let target = world.existing_target(HOSTS[1]);
        drop(target.edit(|target| target.thumbprint = None));
    });
    redeployment.step_runs();
    redeployment.child_deploys("Success", &HOSTS);
    redeployment.ends("Success");
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn a_machine_that_is_gone_since_makes_no_run_a_new_one() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        redeployment.sandbox.world(|world| {
            drop(world.scale_set("web").scale_in(&[HOSTS[2]]));
            world.check_all();
        });
        let run = redeployment.queued_again();

        let aftermath = run.reconcile(&redeployment.sandbox);
        aftermath.duplicate().removed(&[HOSTS[2]]);
    }
}

#[test]
fn what_was_handed_out_and_never_deployed_to_is_handed_out_again() {
    for under in EITHER {
        let mut redeployment = Redeployment::began(under);
        redeployment.step_runs();
        redeployment.child_deploys("Success", &HOSTS[..2]);
        redeployment.ends("Success");
        let run = redeployment.queued_again();

        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}

#[test]
fn a_deployment_that_did_not_succeed_on_a_machine_does_not_count() {
    for state in ["Failed", "Canceled", "TimedOut"] {
        let mut redeployment = Redeployment::began(Under::AnotherTask);
        redeployment.step_runs();
        redeployment.child_deploys("Success", &HOSTS[..2]);
        redeployment.child_deploys(state, &HOSTS[2..]);
        redeployment.ends("Success");
        let run = redeployment.queued_again();

        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}

#[test]
fn a_deployment_from_before_the_earlier_run_does_not_count() {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    let before = redeployment.ended - seconds(11 * 60);
    redeployment.step_runs();
    redeployment.child_deploys("Success", &HOSTS[..2]);
    redeployment.child_deploys_at(before, "Success", &HOSTS[2..]);
    redeployment.ends("Success");
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn a_runbook_run_on_a_machine_is_no_deployment_to_it() {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    let ended = redeployment.ended;
    redeployment.step_runs();
    redeployment.child_deploys("Success", &HOSTS[..2]);
    redeployment.sandbox.world(|world| {
        let id = world.existing_target(HOSTS[2]).id();
        let maintenance = world.runbook_run();
        drop(
            maintenance
                .completed("Success", ended, ended)
                .naming(&[&id]),
        );
    });
    redeployment.ends("Success");
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

/// A plain project deploys to its targets itself. The earlier run went to these.
fn plain_project(reached: &[&str]) -> Redeployment {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    redeployment.step_runs();
    let task = redeployment.task().to_owned();
    redeployment.sandbox.world(|world| {
        let ids = ids(world, reached);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        drop(world.task(&task).naming(&ids));
    });
    redeployment.ends("Success");
    redeployment
}

#[test]
fn in_a_plain_project_the_deployments_own_targets_count() {
    let mut redeployment = plain_project(&HOSTS);
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).duplicate();
}

#[test]
fn in_a_plain_project_a_machine_that_was_waited_for_and_not_reached_is_handed_out() {
    let mut redeployment = plain_project(&HOSTS[..2]);
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn in_a_plain_project_another_projects_deployment_does_not_stand_in() {
    let mut redeployment = plain_project(&HOSTS[..2]);
    redeployment.child_deploys("Success", &HOSTS[2..]);
    let run = redeployment.queued_again();
    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn a_machine_that_was_made_anew_before_it_was_handed_out_is_not_deployed_to_by_what_came_before() {
    // Another project deployed to all while this run waited for the machines to settle; then one was made anew.
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    let early = redeployment.ended - seconds(9 * 60);
    redeployment.child_deploys_at(early, "Success", &HOSTS);
    redeployment
        .sandbox
        .world(|world| drop(world.existing_target(HOSTS[2]).reregister()));
    redeployment.step_runs_at(redeployment.ended - seconds(5 * 60));
    redeployment.child_deploys("Success", &HOSTS[..2]);
    redeployment.ends("Success");
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn an_earlier_run_that_did_not_succeed_makes_no_duplicate() {
    for under in EITHER {
        for state in ["Failed", "Canceled", "TimedOut"] {
            let mut redeployment = Redeployment::began(under);
            redeployment.step_runs();
            redeployment.child_deploys("Success", &HOSTS);
            redeployment.ends(state);
            let run = redeployment.queued_again();

            run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
        }
    }
}

#[test]
fn an_earlier_run_that_has_not_ended_makes_no_duplicate() {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    redeployment.step_runs();
    redeployment.child_deploys("Success", &HOSTS);
    let run = redeployment.queued_again();

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn a_first_run_is_no_duplicate() {
    let redeployment = Redeployment::began(Under::AnotherTask);
    let aftermath = redeployment.step_runs();
    aftermath.deploys(&HOSTS);
}

#[test]
fn a_run_that_was_queued_while_the_earlier_one_went_on_may_be_a_duplicate() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let run = redeployment.queued_after(-300);

        run.reconcile(&redeployment.sandbox).duplicate();
    }
}

#[test]
fn the_window_ends_so_many_minutes_after_the_earlier_run() {
    let windows = [("", 180), ("3", 180), ("0.5", 30), ("6", 360)];
    for under in EITHER {
        for (minutes, window) in windows {
            let set = |run: Run| run.set("VMSS_DUPLICATE_TIMEINMINUTES", minutes);

            let mut redeployment = Redeployment::succeeded(under);
            let last = set(redeployment.queued_after(window));
            last.reconcile(&redeployment.sandbox).duplicate();

            let mut redeployment = Redeployment::succeeded(under);
            let late = set(redeployment.queued_after(window + 1));
            late.reconcile(&redeployment.sandbox).deploys(&HOSTS);
        }
    }
}

#[test]
fn the_audit_log_may_give_two_events_the_same_time() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let late = redeployment.queued_after(181);
        redeployment.sandbox.world(|world| {
            for task in world.octopus.tasks.values_mut() {
                task.started = task.started.map(|_| task.queued);
                for run in &mut task.earlier {
                    run.started = Some(run.queued);
                }
            }
        });

        late.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}

#[test]
fn a_window_of_0_switches_it_off() {
    for queued in [-60, 0, 60] {
        let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
        let run = redeployment.queued_after(queued);
        let run = run.set("VMSS_DUPLICATE_TIMEINMINUTES", "0");

        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);

        for route in [Route::Events, Route::TaskDetails, Route::MachineTasks] {
            let asked = redeployment.sandbox.count(route);
            assert_eq!(asked, 0, "{route:?} was asked for nothing");
        }
    }
}

#[test]
fn a_run_that_no_trigger_started_is_no_duplicate() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();
    let run = run.without("OCTOPUS_DEPLOYMENT_TRIGGER_ID");

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
}

#[test]
fn a_runbook_run_is_no_duplicate() {
    let mut redeployment = Redeployment::succeeded(Under::AnotherTask);
    let run = redeployment.queued_again();
    let run = run.set("OCTOPUS_RUNBOOKRUN_ID", "RunbookRuns-1");

    run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    assert_eq!(redeployment.sandbox.count(Route::TaskDetails), 0);
}

#[test]
fn the_last_of_several_runs_is_compared_with_what_each_handed_out() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let new = redeployment.machine_comes_up();
        drop(redeployment.queued_again());
        redeployment.step_runs();
        let ended = redeployment.ended + seconds(240);
        let all = [&HOSTS[..], &[new.as_str()]].concat();
        redeployment.child_deploys_at(ended - seconds(30), "Success", &all);
        redeployment.ends_at("Success", ended);

        let run = redeployment.queued_again();
        run.reconcile(&redeployment.sandbox).duplicate();
    }
}

#[test]
fn what_a_failed_run_handed_out_does_not_stand_in_for_the_one_that_succeeded() {
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let new = redeployment.machine_comes_up();
        drop(redeployment.queued_after(10));
        redeployment.step_runs();
        let ended = redeployment.ended + seconds(60);
        redeployment.child_deploys_at(ended - seconds(5), "Success", &[&new]);
        redeployment.ends_at("Failed", ended);

        // Well within the window of the first run, which knew nothing of the new machine.
        let run = redeployment.queued_after(20);
        let expected = [&HOSTS[..], &[new.as_str()]].concat();
        run.reconcile(&redeployment.sandbox).deploys(&expected);
    }
}

#[test]
fn a_run_that_succeeded_after_the_window_of_the_one_that_deployed_does_not_extend_it() {
    // The second run recorded that it hands out nothing: it was a duplicate itself.
    for under in EITHER {
        let mut redeployment = Redeployment::succeeded(under);
        let second = redeployment.queued_again();
        let second = second.reconcile(&redeployment.sandbox).duplicate();
        redeployment.log(redeployment::STEP, &second.outcome.stdout);
        redeployment.ends_at("Success", redeployment.ended + seconds(120));

        let run = redeployment.queued_after(120);
        run.reconcile(&redeployment.sandbox).deploys(&HOSTS);
    }
}
