//! A key that only checks may be one that changes nothing; one that may see less than its user hides things.

use crate::support::check::{Checked, Guided};
use sandbox::{Guide, World};

/// A check with a key of this access level, beside the schedule's.
fn checks_with(level: &str, change: fn(&mut World, &Guide)) -> Checked {
    Guided::but(|world, guide| {
        let administrator = world.user(&guide.administrator);
        drop(administrator.key(|key| key.access_level = level.into()));
        change(world, guide);
    })
    .check()
}

#[test]
fn a_read_only_key_is_right_for_check() {
    let checked = checks_with("ReadOnly", |_, _| {});
    checked.expect_only(&[], "a key that changes nothing is enough");
    checked.expect_says("checking-key", "a read-only one, which is right for check");
    checked.expect_code(0);
}

#[test]
fn a_read_only_key_that_is_the_schedules_too_is_wrong() {
    let guided = Guided::but(|world, _| {
        let account = world.service_account();
        drop(account.key(|key| key.access_level = "ReadOnly".into()));
    });
    let checked = Checked::of(guided.run().without("OCTOPUS_API_KEY").run());
    checked.expect_only(&["FAIL schedule-key-access"], "it removes nothing");
    checked.expect_says_not("checking-key", "which is right");
}

#[test]
fn one_of_several_keys_is_not_called_read_only() {
    let guided = Guided::but(|world, guide| {
        world.octopus.readings.key_hint = sandbox::KeyHint::None;
        let administrator = world.user(&guide.administrator);
        let administrator = administrator.add_key("API-OTHER0KEY0", "another");
        drop(administrator.key(|key| key.access_level = "ReadOnly".into()));
    });
    let checked = guided.check();
    checked.expect_only(&[], "it is not known which is used");
    checked.expect_says_not("checking-key", "read-only");
}

#[test]
fn what_a_key_that_sees_less_does_not_list_is_not_missing() {
    let checked = checks_with("Custom", |world, guide| {
        guide.never_ran(world);
        world.remove(&guide.trigger);
    });
    checked.expect_says("checking-key", "may see less than its user");
    for id in ["checking-key", "schedule", "last-runs", "health-triggers"] {
        checked.expect_no_pass(id);
        checked.expect_no_fail(id);
    }
    checked.expect_code(0);
}

#[test]
fn the_key_that_is_refused_is_named() {
    let guided = Guided::new();
    let wrong = "API-WRONG0KEY0";
    let checked = Checked::of(guided.run().set("OCTOPUS_API_KEY", wrong).run());
    checked.expect_only(&["FAIL checking-key"], "a person's key is wrong");
    checked.expect_says("checking-key", "Check OCTOPUS_API_KEY: it takes");
    for not in ["VMSS_OCTOPUS_APIKEY", "service account"] {
        checked.expect_says_not("checking-key", not);
    }
    let alone = guided.run().without("OCTOPUS_API_KEY");
    let checked = Checked::of(alone.set("VMSS_OCTOPUS_APIKEY", wrong).run());
    checked.expect_only(&["FAIL checking-key"], "one key is wrong");
    checked.expect_says("checking-key", "VMSS_OCTOPUS_APIKEY: Octopus answered 401");
    checked.expect_says("checking-key", "Check VMSS_OCTOPUS_APIKEY: it takes");
    checked.expect_code(3);
}
