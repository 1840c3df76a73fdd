//! What setup made passes check, finding by finding, once it has run.

use crate::support::setup::SettingUp;
use sandbox::World;

fn live(choose: fn(&mut World)) -> SettingUp {
    let setting = SettingUp::but(|world, _| choose(world));
    setting.apply(&["--guided-failure", "environment"]);
    setting.run_dry();
    setting.go_live().expect_code(0, "it cannot go live");
    // The schedule's first run.
    setting.run_dry();
    setting
}

#[test]
fn everything_passes_with_both_keys() {
    let setting = live(|_| {});
    let checked = setting.check();
    checked.expect_only(&[], "setup makes something that check calls wrong");
    checked.expect_code(0);
}

#[test]
fn everything_passes_where_properties_are_objects_and_snapshots_are_published_by_the_runbook() {
    let setting = live(|world| {
        world.octopus.readings.properties_are_objects = true;
        world.octopus.readings.processes_get_properties = true;
        world.octopus.readings.published_by = sandbox::PublishedBy::Runbook;
    });
    setting
        .check()
        .expect_only(&[], "setup makes something that check calls wrong");
}

#[test]
fn before_it_is_live_check_says_what_is_left() {
    let setting = SettingUp::done();
    let checked = setting.check();
    checked.expect_code(2);
    checked.expect_says("schedule", "disabled");
    let odd = checked.odd();
    let more: Vec<&String> = odd
        .iter()
        .filter(|it| {
            !["schedule", "last-runs", "guided-failure", "dry-run"]
                .iter()
                .any(|id| it.ends_with(id))
        })
        .collect();
    crate::support::expect(
        more.is_empty(),
        "check finds more wrong than that it is not live",
        "schedule, runs, dry run and guided failure alone",
        format!("{more:?}"),
    );
}
