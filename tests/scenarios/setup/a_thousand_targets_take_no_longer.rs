//! A plan asks no more for a thousand targets than for three, but for the pages of their list.

use crate::support::expect;
use crate::support::setup::SettingUp;
use sandbox::{Fault, Service, When};
use std::time::{Duration, Instant};

/// How many requests a plan takes, and how long, with so many targets.
fn plan(targets: u64) -> (usize, Duration) {
    let setting = SettingUp::but(|world, _| {
        let more = world.scale_set("web").instances(targets).list();
        world.octopus.targets.clear();
        world.register_all(&more);
    });
    let latency = Fault::latency(Duration::from_millis(50));
    setting
        .sandbox
        .fault(Service::Octopus, When::Always, latency);
    let began = Instant::now();
    let planned = setting.plan(&[]);
    let took = began.elapsed();
    planned.expect_code(0, "it cannot be planned");
    planned.expect_line("targets: machine policy", "the targets are not planned");
    (setting.sandbox.count(Service::Octopus), took)
}

#[test]
fn a_plan_asks_the_same_for_a_thousand_targets_as_for_three() {
    let (few, _) = plan(3);
    let (many, took) = plan(1000);
    println!("{few} requests for 3 targets; {many} for 1,000, in {took:?}");
    expect(
        many <= few + 5,
        "a plan for many targets takes minutes",
        format!("{few} requests and a few pages"),
        many,
    );
    expect(
        many <= 60,
        "a plan takes many seconds on a slow line",
        "60 requests",
        many,
    );
    expect(
        took < Duration::from_secs(20),
        "somebody waits for a plan",
        "less than 20 seconds",
        format!("{took:?}"),
    );
}
