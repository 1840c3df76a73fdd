//! Strange answers about what was and what waits: whatever they are, no machine is left undeployed for them, none that lives
//! is excluded from a deployment, and no run ends in a defect.

use crate::support::hanging::{Hanging, KEPT, OTHER};
use crate::support::redeployment::{HOSTS, Redeployment, Under};
use crate::support::strange::{Spoilt, strange_bodies};
use crate::support::{Outcome, Run};
use sandbox::{Fault, Route, When};

/// A run that was queued again while one of the machines had not been deployed to.
fn one_not_reached() -> (Redeployment, Run) {
    let mut redeployment = Redeployment::began(Under::AnotherTask);
    redeployment.step_runs();
    redeployment.child_deploys("Success", &HOSTS[..2]);
    redeployment.child_deploys("Failed", &HOSTS[2..]);
    redeployment.ends("Success");
    let run = redeployment.queued_again();
    (redeployment, run)
}

/// What tells whether a run is a duplicate, and who is old.
const HISTORY: [Route; 4] = [
    Route::Events,
    Route::Deployment,
    Route::TaskDetails,
    Route::MachineTasks,
];

#[track_caller]
fn expect_all_deployed(outcome: &Outcome, what: &str) {
    assert_eq!(
        (outcome.code, outcome.deployed()),
        (0, HOSTS.to_vec()),
        "{what}: a machine is left without the deployment"
    );
}

#[test]
fn a_strange_body_makes_no_duplicate() {
    let (redeployment, run) = one_not_reached();
    for route in HISTORY {
        for body in strange_bodies() {
            let what = format!(
                "{route:?} {:?}",
                String::from_utf8_lossy(&body[..body.len().min(60)])
            );
            let fault = Fault::bytes(200, body);
            redeployment.sandbox.fault(route, When::Always, fault);
            let outcome = run.run();
            redeployment.sandbox.clear_faults();
            expect_all_deployed(&outcome, &what);
        }
    }
}

#[test]
fn one_strange_value_makes_no_duplicate() {
    let (redeployment, run) = one_not_reached();
    for route in HISTORY {
        let mut number = 0;
        loop {
            let spoilt = Spoilt::at(&redeployment.sandbox, route, number);
            let outcome = run.run();
            redeployment.sandbox.clear_faults();
            let Some(what) = spoilt.what() else { break };
            expect_all_deployed(&outcome, &what);
            number += 1;
        }
        assert!(number > 0, "{route:?} was never asked");
    }
}

/// A deployment that hangs on a machine which exists, beside one that is gone.
fn hanging_on_a_machine_that_lives() -> Hanging {
    let hanging = Hanging::on(KEPT[0]);
    hanging
        .sandbox
        .world(|world| drop(world.scale_set("web").scale_in(&[OTHER])));
    hanging
}

/// What an answer rests on, beyond the evidence.
const WAITING: [Route; 3] = [
    Route::Interruptions,
    Route::TaskDetails,
    Route::Interruption,
];

#[track_caller]
fn expect_not_excluded(hanging: &Hanging, outcome: &Outcome, what: &str) {
    assert_eq!(outcome.code, 0, "{what}: the exit code");
    assert_eq!(
        hanging.now().guidance,
        None,
        "{what}: a machine that lives was excluded"
    );
}

#[test]
fn a_strange_body_excludes_no_machine_that_lives() {
    for route in WAITING {
        for body in strange_bodies() {
            let hanging = hanging_on_a_machine_that_lives();
            let what = format!(
                "{route:?} {:?}",
                String::from_utf8_lossy(&body[..body.len().min(60)])
            );
            hanging
                .sandbox
                .fault(route, When::Always, Fault::bytes(200, body));
            expect_not_excluded(&hanging, &hanging.run().run(), &what);
        }
    }
}

#[test]
fn one_strange_value_excludes_no_machine_that_lives() {
    let hanging = hanging_on_a_machine_that_lives();
    let before = hanging.sandbox.world(|world| world.octopus.clone());
    for route in WAITING {
        for number in 0.. {
            let spoilt = Spoilt::at(&hanging.sandbox, route, number);
            let outcome = hanging.run().run();
            hanging.sandbox.clear_faults();
            let Some(what) = spoilt.what() else { break };
            expect_not_excluded(&hanging, &outcome, &what);
            hanging
                .sandbox
                .world(|world| world.octopus = before.clone());
        }
    }
}

/// Beside what an answer rests on, what answering asks.
mod one_strange_value_about_what_waits_ends_no_run_in_a_defect {
    use super::*;

    fn ends_no_run_in_a_defect(route: Route) {
        let hanging = Hanging::on_a_machine_that_is_gone();
        let before = hanging.sandbox.world(|world| world.octopus.clone());
        let mut number = 0;
        loop {
            hanging
                .sandbox
                .world(|world| world.octopus = before.clone());
            let spoilt = Spoilt::at(&hanging.sandbox, route, number);
            let outcome = hanging.run().run();
            hanging.sandbox.clear_faults();
            let Some(what) = spoilt.what() else { break };
            assert_eq!(outcome.code, 0, "{what}: the exit code");
            assert_eq!(outcome.removed(), [OTHER], "{what}: what is removed");
            number += 1;
        }
        assert!(number > 0, "{route:?} was never asked");
    }

    #[test]
    fn claim() {
        ends_no_run_in_a_defect(Route::ClaimInterruption);
    }

    #[test]
    fn submission() {
        ends_no_run_in_a_defect(Route::SubmitInterruption);
    }

    #[test]
    fn interruptions() {
        ends_no_run_in_a_defect(Route::Interruptions);
    }

    #[test]
    fn task_details() {
        ends_no_run_in_a_defect(Route::TaskDetails);
    }

    #[test]
    fn interruption() {
        ends_no_run_in_a_defect(Route::Interruption);
    }
}
