//! What Octopus can reach is somebody's machine, whatever its name and whatever Azure lists: it stays, and holds nobody up.

use crate::support::aftermath::reconcile;
use crate::support::strangers::{arranged, two_strangers};
use crate::support::{Run, registered, scaled_in, settled};
use sandbox::{Mode, Route, Sandbox, minutes_ago, seconds_ago};

/// Two machines of a Flexible scale set, one registration whose machine is gone, and a permanent server under a name that the
/// scale set could give.
fn a_permanent_server() -> (Sandbox, String) {
    let sandbox = Sandbox::start();
    let gone = sandbox.world(|world| {
        let machines = world.scale_set("web").flexible().instances(3).list();
        world.register_all(&machines);
        let gone = machines[2].host();
        drop(world.scale_set("web").scale_in(&[&gone]));
        drop(world.target("WEBPRD001").answers());
        gone
    });
    (sandbox, gone)
}

#[test]
fn a_permanent_server_that_answers_stays_and_what_is_gone_goes() {
    let (sandbox, gone) = a_permanent_server();

    reconcile(&sandbox)
        .code(0)
        .removed(&[gone])
        .held(&["WEBPRD001"])
        .verdict("WEBPRD001", "answers", "tested its connection now");
}

#[test]
fn beside_a_uniform_scale_set_too() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        drop(world.target("WEB000101").answers());
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .held(&["WEB000101"])
        .verdict("WEB000101", "answers", "answers");
}

#[test]
fn whatever_a_check_finds_at_a_machine_that_it_reaches() {
    for found in ["Healthy", "HasWarnings", "Unhealthy"] {
        let sandbox = arranged(settled(2), |world| {
            drop(world.target("web000009").answers().found(found));
        });

        reconcile(&sandbox)
            .code(0)
            .nothing_removed()
            .verdict("web000009", "answers", "answers");
    }
}

#[test]
fn what_a_check_reached_a_few_minutes_ago_is_not_tested() {
    let sandbox = arranged(settled(2), |world| {
        drop(world.target("web000009").last_checked(minutes_ago(14)));
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .verdict("web000009", "answers", "14 minutes ago");
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn words_of_yesterday_say_nothing() {
    // Called unavailable by a check of yesterday, and alive again since.
    let sandbox = arranged(settled(2), |world| {
        let back = world.target("web000009").health("Unavailable").answers();
        drop(back.last_checked(minutes_ago(24 * 60)));
        let gone = world.target("web000008");
        drop(gone.last_checked(minutes_ago(24 * 60)));
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000008"])
        .held(&["web000009"])
        .verdict("web000009", "answers", "answers");
}

#[test]
fn what_is_freshly_called_unavailable_needs_no_test() {
    let sandbox = scaled_in(4, &["web000002", "web000003"]);

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000002", "web000003"]);
    assert_eq!(sandbox.count(Route::CreateTask), 0);
}

#[test]
fn the_machines_of_a_twin_in_another_subscription_stay() {
    // Nothing that this account may see has machines 3 and 4.
    let sandbox = arranged(two_strangers(), |world| {
        for name in ["web000003", "web000004"] {
            drop(world.existing_target(name).health("Healthy").answers());
        }
    });

    reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .held(&["web000003", "web000004"])
        .verdict("web000003", "answers", "answers");
}

#[test]
fn a_machine_that_answers_again_before_the_second_look_stays() {
    let sandbox = scaled_in(4, &["web000002", "web000003"]);
    sandbox.on(Route::Machines, 2, |world| {
        drop(
            world
                .existing_target("web000002")
                .health("Healthy")
                .answers(),
        );
    });

    reconcile(&sandbox)
        .code(0)
        .removed(&["web000003"])
        .held(&["web000002"])
        .verdict("web000002", "answers", "answers");
}

#[test]
fn one_under_the_endpoint_of_a_kept_target_has_no_word_of_its_own() {
    let sandbox = arranged(scaled_in(3, &["web000002"]), |world| {
        let renamed = world.existing_target("web000002").health("Healthy");
        drop(renamed.shares_endpoint_with("web000000"));
    });

    reconcile(&sandbox).code(0).removed(&["web000002"]);
    assert_eq!(
        sandbox.count(Route::CreateTask),
        0,
        "the kept one would answer"
    );
}

#[test]
fn a_dead_machine_that_nobody_checked_is_tested_and_goes() {
    for mode in [Mode::Uniform, Mode::Flexible] {
        let fleet = crate::support::fleet::Fleet::of(mode, 3);
        fleet.scale_in(&[1]);
        fleet.sandbox.world(|world| {
            drop(world.existing_target(fleet.host(1)).never_checked());
        });

        reconcile(&fleet.sandbox).code(0).removed(&[fleet.host(1)]);
        assert_eq!(fleet.sandbox.count(Route::CreateTask), 1);
    }
}

#[test]
fn whoever_asks_nobody_removes_what_answers() {
    let (sandbox, gone) = a_permanent_server();

    let aftermath = Run::in_runbook(&sandbox)
        .set("VMSS_HEALTHY_HANDLE", "Remove")
        .reconcile(&sandbox);

    aftermath.code(0).removed(&["WEBPRD001", gone.as_str()]);
    assert_eq!(sandbox.count(Route::Connection), 0);
}

#[test]
fn whoever_defers_removes_only_what_a_check_has_found_unavailable() {
    let sandbox = arranged(scaled_in(4, &["web000002"]), |world| {
        drop(world.target("web000009"));
        drop(world.target("web000008").last_checked(seconds_ago(30)));
    });

    Run::in_runbook(&sandbox)
        .set("VMSS_HEALTHY_HANDLE", "Defer")
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000002"])
        .held(&["web000008", "web000009"])
        .verdict("web000009", "untested", "waits for a health check")
        .verdict("web000008", "answers", "answers");
    assert_eq!(sandbox.count(Route::CreateTask), 0);
    assert_eq!(registered(&sandbox).len(), 5);
}
