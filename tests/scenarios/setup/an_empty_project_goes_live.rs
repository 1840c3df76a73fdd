//! From an empty project to a schedule that removes exactly what is gone: check is red, setup, a dry run of what is published, going
//! live, check is green, and the schedule's first run.

use crate::support::expect;
use crate::support::published::run_published;
use crate::support::registered;
use crate::support::setup::SettingUp;
use crate::support::setup_failures::shaped;
use sandbox::{Fault, Kind, Route, When, World};

/// What the set-up made, by its id.
fn runbook(setting: &SettingUp) -> String {
    let id = setting
        .sandbox
        .world(|world: &mut World| world.id_of(Kind::Runbook, "Remove scaled-in targets"));
    id.expect("setup made a runbook")
}

/// Two of the machines are gone, and Octopus has noticed.
fn scale_in(setting: &SettingUp) {
    setting.change(|world, _| {
        let hosts = world.scale_set("web").hosts();
        world.scale_set("web").scale_in(&hosts[1..]);
        world.check_all();
    });
}

#[test]
fn five_commands_bring_it_to_a_run_that_removes_what_is_gone() {
    let setting = SettingUp::new();
    let checked = setting.check();
    expect(
        checked.outcome.code == 2,
        "nothing is set up, and check says that all is right",
        2,
        checked.outcome.code,
    );

    shaped(setting.run(&[]).run()).expect_code(0, "the plan fails");
    setting.apply(&[]);
    let refused = setting.go_live();
    refused.expect_code(4, "it goes live without a dry run");

    scale_in(&setting);
    let before = registered(&setting.sandbox);
    let dry = run_published(&setting.sandbox, &runbook(&setting)).expect_code(0);
    dry.expect_said_at("highlight", "Would remove 2");
    expect(
        registered(&setting.sandbox) == before,
        "a dry run removes something",
        format!("{before:?}"),
        format!("{:?}", registered(&setting.sandbox)),
    );

    let live = setting.go_live();
    live.expect_code(0, "it does not go live after a dry run that succeeded");
    live.expect_line(
        "VMSS.DryRun Yes -> No",
        "nobody is told that the dry run ends",
    );

    let first = run_published(&setting.sandbox, &runbook(&setting)).expect_code(0);
    first.expect_said_at("highlight", "Removed 2 of 2");
    let left = registered(&setting.sandbox);
    expect(
        left == ["web000000"],
        "the schedule's first run removes something else than what is gone",
        "web000000",
        format!("{left:?}"),
    );

    let checked = setting.check();
    checked.expect_code(0);
    let failing: Vec<String> = checked
        .odd()
        .into_iter()
        .filter(|it| it.starts_with("FAIL"))
        .collect();
    expect(
        failing.is_empty(),
        "what setup made is called wrong by check",
        "no FAIL",
        format!("{failing:?}"),
    );
    setting.expect_settled(&[], "after going live the set-up is not what it plans");
}

#[test]
fn a_dry_run_that_failed_proves_nothing() {
    let setting = SettingUp::new();
    setting.apply(&[]);
    setting.sandbox.fault(
        Route::ScaleSet,
        When::Always,
        Fault::azure_error(403, "AuthorizationFailed", "no"),
    );
    let outcome = run_published(&setting.sandbox, &runbook(&setting));
    expect(
        outcome.code != 0,
        "a run that cannot ask Azure succeeds",
        3,
        outcome.code,
    );
    setting.sandbox.clear_faults();
    setting
        .go_live()
        .expect_code(4, "it goes live after a dry run that failed");
}

#[test]
fn going_live_that_stops_halfway_is_ended_by_the_same_command() {
    for route in [
        Route::PutRunbookProcess,
        Route::CreateRunbookSnapshot,
        Route::PutTrigger,
    ] {
        let setting = SettingUp::new();
        setting.apply(&[]);
        let _ = run_published(&setting.sandbox, &runbook(&setting)).expect_code(0);
        setting
            .sandbox
            .fault(route, When::Always, Fault::octopus_error(400, "no"));
        let code = if route == Route::PutRunbookProcess {
            3
        } else {
            5
        };
        shaped(setting.run(&["--go-live"]).run())
            .expect_code(code, "a script does not learn whether a part is live");
        setting.sandbox.clear_faults();
        setting
            .go_live()
            .expect_code(0, "after a failure halfway it never goes live");
        scale_in(&setting);
        let first = run_published(&setting.sandbox, &runbook(&setting)).expect_code(0);
        first.expect_said_at("highlight", "Removed 2 of 2");
    }
}

#[test]
fn a_new_key_reaches_the_schedule() {
    let setting = SettingUp::new();
    setting.apply(&[]);
    let key = "API-SANDBOX0ROTATED0NOT0REAL";
    setting.change(|world, _| drop(world.service_account().add_key(key, "the next one")));
    let run = setting
        .run(&["--apply", "--rotate-key"])
        .set("VMSS_OCTOPUS_APIKEY", key);
    shaped(run.run()).expect_code(0, "a key cannot be stored anew");
    let begun = setting
        .sandbox
        .published_run_begins(&runbook(&setting), sandbox::ENVIRONMENT);
    let given = begun
        .environment
        .iter()
        .find(|(name, _)| name == "VMSS_OCTOPUS_APIKEY");
    let given = given.map(|(_, value)| value.as_str());
    expect(
        given == Some(key),
        "the schedule goes on with the old key until it ends",
        key,
        format!("{given:?}"),
    );
}
