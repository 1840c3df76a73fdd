//! Targets that were there before this scale event are left out where that is asked for; their age is the audit log's.

use crate::support::aftermath::Aftermath;
use crate::support::no_answer::{failures, refusal, too_large};
use crate::support::{Run, settled};
use sandbox::{Fault, Route, Sandbox, Time, When, hours, minutes_ago, now, seconds};

/// Four machines. The run was queued a minute ago.
struct Scene {
    sandbox: Sandbox,
    run: Run,
    queued: Time,
}

impl Scene {
    fn of(run: fn(&Sandbox) -> Run) -> Self {
        let sandbox = settled(4);
        let run = run(&sandbox).set("VMSS_OLDSERVERS_EXCLUDEFROMOUTPUT", "Yes");
        let run = run.set("VMSS_RETRY_SECONDS", "0");
        let queued = minutes_ago(1);
        let task = run.task();
        sandbox.world(|world| drop(world.task(&task).executing_since(queued)));
        let scene = Self {
            sandbox,
            run,
            queued,
        };
        for host in 0..4 {
            scene.registered(host, 0);
        }
        scene
    }

    fn in_deployment() -> Self {
        Self::of(Run::in_deployment)
    }

    /// This machine registered so many seconds before the run was queued.
    fn registered(&self, host: usize, before: i64) {
        let at = self.queued - seconds(before);
        let name = format!("web00000{host}");
        self.sandbox
            .world(|world| drop(world.existing_target(&name).registered(at)));
    }

    /// The deployment is limited to these targets.
    fn named_by_the_trigger(&self, ids: &[&str]) {
        let task = self.run.task();
        self.sandbox
            .world(|world| drop(world.task(&task).only_to(ids)));
    }

    fn reconcile(&self) -> Aftermath {
        self.run.reconcile(&self.sandbox).code(0)
    }

    /// All four are handed out, and one warning says this.
    #[track_caller]
    fn nobody_is_old(&self, warning: &str) {
        let aftermath = self.reconcile().warned(warning).deployed(&ALL);
        let warnings = aftermath.outcome.said("warning");
        assert_eq!(warnings.lines().count(), 1, "one is enough:\n{warnings}");
    }
}

const ALL: [&str; 4] = ["web000000", "web000001", "web000002", "web000003"];

#[test]
fn targets_that_were_registered_before_the_scale_event_are_left_out_with_the_reason() {
    for run in [Run::in_deployment, Run::in_runbook] {
        let scene = Scene::of(run);
        scene.registered(0, 600);
        scene.registered(2, 86_400);

        scene
            .reconcile()
            .said("not to be deployed to: web000000 (Machines-1): ")
            .said("not to be deployed to: web000002 (Machines-3): ")
            .verdict("web000000", "kept", "its machine exists")
            .deployed(&["web000001", "web000003"])
            .nothing_held();
    }
}

#[test]
fn old_servers_are_handed_out_where_nothing_else_is_asked_for() {
    for value in ["No", ""] {
        let scene = Scene::in_deployment();
        scene.registered(0, 86_400);
        let run = scene.run.set("VMSS_OLDSERVERS_EXCLUDEFROMOUTPUT", value);

        run.reconcile(&scene.sandbox).code(0).deployed(&ALL);
        assert_eq!(scene.sandbox.count(Route::Events), 0);
    }
}

#[test]
fn more_than_so_many_minutes_before_the_run_was_queued_is_old() {
    for (minutes, limit) in [("", 180), ("0.5", 30), ("10", 600), ("0", 0)] {
        let scene = Scene::in_deployment();
        scene.registered(0, limit);
        scene.registered(1, limit + 1);
        // After the run was queued, while it waited.
        scene.registered(2, -30);
        scene.registered(3, limit);
        let run = scene.run.set("VMSS_DUPLICATE_TIMEINMINUTES", minutes);

        run.reconcile(&scene.sandbox)
            .code(0)
            .deployed(&["web000000", "web000002", "web000003"]);
    }
}

#[test]
fn a_machine_that_registered_while_the_earlier_deployment_went_on_is_new_where_it_registered_late()
{
    // The same deployment, queued an hour ago for the first time and under the same task again a minute ago.
    let scene = Scene::in_deployment();
    let task = scene.run.task();
    let (queued, first) = (scene.queued, minutes_ago(60));
    scene.sandbox.world(|world| {
        let first = world
            .task(&task)
            .queued(first)
            .began(first + seconds(3))
            .ended("Success", minutes_ago(2));
        drop(first.queued_again(queued).began(queued + seconds(3)));
    });
    scene.registered(0, 1800);
    scene.registered(1, 120);

    scene.reconcile().deployed(&ALL[1..]);
}

#[test]
fn targets_that_the_trigger_named_are_never_old() {
    let scene = Scene::in_deployment();
    for host in 0..3 {
        scene.registered(host, 600);
    }
    scene.named_by_the_trigger(&["Machines-2", "Machines-4"]);

    scene.reconcile().deployed(&["web000001", "web000003"]);
}

#[test]
fn where_all_are_old_later_steps_are_told_that_there_is_nobody() {
    let scene = Scene::in_deployment();
    (0..4).for_each(|host| scene.registered(host, 600));

    scene.reconcile().nothing_deployed().nothing_held();
}

#[test]
fn without_the_permission_to_read_the_audit_log_nobody_is_old_and_the_warning_names_it() {
    for run in [Run::in_deployment, Run::in_runbook] {
        let scene = Scene::of(run);
        scene.registered(0, 600);
        scene.sandbox.fault(Route::Events, When::Always, refusal());

        scene.nobody_is_old("EventView");
    }
}

#[test]
fn an_audit_log_that_cannot_be_read_makes_nobody_old() {
    for fault in failures().into_iter().chain([too_large()]) {
        let scene = Scene::in_deployment();
        scene.registered(0, 600);
        scene.sandbox.fault(Route::Events, When::Always, fault);

        scene.nobody_is_old("old");
    }
}

#[test]
fn registrations_that_are_purged_from_the_audit_log_make_nobody_old() {
    let scene = Scene::in_deployment();
    scene.registered(0, 600);
    scene.registered(1, 86_400);
    let first = scene.queued - seconds(300);
    scene
        .sandbox
        .world(|world| world.octopus.purge_events_before(first));

    scene.nobody_is_old("does not say when 2 of 4 targets were registered");
}

#[test]
fn what_is_still_in_the_audit_log_is_left_out_though_other_registrations_are_purged() {
    let scene = Scene::in_deployment();
    scene.registered(0, 600);
    scene.registered(1, 86_400);
    let first = scene.queued - seconds(3600);
    scene
        .sandbox
        .world(|world| world.octopus.purge_events_before(first));

    scene
        .reconcile()
        .warned("does not say when 1 of 4 targets were registered")
        .deployed(&ALL[1..]);
}

#[test]
fn a_runbook_run_whose_queue_time_the_audit_log_lost_takes_its_tasks() {
    let scene = Scene::of(Run::in_runbook);
    scene.registered(0, 600);
    scene
        .sandbox
        .world(|world| world.octopus.hide_events("RunbookRunQueued"));

    scene.reconcile().deployed(&ALL[1..]);
}

#[test]
fn where_nobody_knows_when_the_run_was_queued_nobody_is_old() {
    for run in [Run::in_deployment, Run::in_runbook] {
        let scene = Scene::of(run);
        scene.registered(0, 600);
        scene.sandbox.world(|world| {
            world.octopus.hide_events("RunbookRunQueued");
            world.octopus.hide_events("DeploymentQueued");
        });
        scene
            .sandbox
            .fault(Route::Task, When::Always, Fault::status(500));

        scene.nobody_is_old("old");
    }
}

#[test]
fn where_the_deployment_cannot_be_read_nobody_is_old() {
    // Any of them may be the one that the trigger named.
    let scene = Scene::in_deployment();
    scene.registered(0, 600);
    scene
        .sandbox
        .fault(Route::Deployment, When::Always, refusal());

    scene.nobody_is_old("DeploymentView");
}

#[test]
fn registration_times_come_in_few_requests_that_every_server_takes() {
    let sandbox = settled(450);
    let run = Run::in_deployment(&sandbox).set("VMSS_OLDSERVERS_EXCLUDEFROMOUTPUT", "Yes");

    // All of them registered an hour ago.
    run.reconcile(&sandbox).code(0).nothing_deployed();

    let asked = sandbox.requests_to(Route::Events);
    assert!(asked.len() <= 12, "{} requests", asked.len());
    for request in asked {
        let length = request.path.len() + request.query.len();
        assert!(length < 4000, "an address of {length} characters");
    }
}

#[test]
fn only_targets_that_would_be_handed_out_are_asked_for() {
    let scene = Scene::in_deployment();
    scene.registered(0, 600);
    scene.sandbox.world(|world| {
        drop(world.existing_target("web000003").disabled());
        drop(world.target("reporting"));
    });

    scene.reconcile().deployed(&["web000001", "web000002"]);

    for id in ["Machines-4", "Machines-5"] {
        let asked = scene.sandbox.count(Route::Events.containing(id));
        assert_eq!(asked, 0, "{id} was asked for nothing");
    }
}

#[test]
fn registrations_are_found_on_whatever_page_they_stand() {
    let scene = Scene::in_deployment();
    scene.registered(0, 600);
    scene.registered(3, 600);
    scene
        .sandbox
        .world(|world| world.octopus.max_page_size = Some(1));

    scene.reconcile().deployed(&["web000001", "web000002"]);
}

#[test]
fn the_servers_own_clock_decides_what_is_old() {
    for ahead in [hours(5), hours(-5)] {
        let scene = Scene::in_deployment();
        let task = scene.run.task();
        scene.sandbox.world(|world| {
            world.octopus.clock_ahead = ahead;
            drop(world.task(&task).executing_since(now() + ahead));
            for (host, age) in [(0, 600), (1, 100), (2, 600), (3, 100)] {
                let name = format!("web00000{host}");
                let at = now() + ahead - seconds(age);
                drop(world.existing_target(&name).registered(at));
            }
        });

        scene.reconcile().deployed(&["web000001", "web000003"]);
    }
}
