//! A check sends nothing but GET, but for signing in to Azure; it starts no task and waits for none; and it takes seconds.

use crate::support::check::{Checked, Guided};
use sandbox::{Fault, Matcher, Service, When};
use std::time::{Duration, Instant};

#[test]
fn no_request_but_get() {
    let guided = Guided::new();
    let tasks = guided.sandbox.world(|world| world.octopus.tasks.len());
    guided.check().expect_code(0);
    let requests = guided.sandbox.requests();
    let octopus = requests.iter().filter(|it| it.service == Service::Octopus);
    let other: Vec<String> = octopus
        .filter(|it| it.method != "GET")
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    assert_eq!(other, Vec::<String>::new(), "a check changes something");
    assert_eq!(
        tasks,
        guided.sandbox.world(|world| world.octopus.tasks.len())
    );
}

#[test]
fn a_thousand_targets_take_less_than_three_seconds_fifty_milliseconds_away() {
    let guided = Guided::but(|world, _| {
        world.scale_set("web").instances(997);
        world.octopus.targets.clear();
        let machines = world.scale_set("web").list();
        world.register_all(&machines);
    });
    for service in [Service::Octopus, Service::Azure] {
        let latency = Fault::latency(Duration::from_millis(50));
        guided
            .sandbox
            .fault(Matcher::from(service), When::Always, latency);
    }
    let begun = Instant::now();
    let checked = Checked::of(guided.run().run());
    let took = begun.elapsed();
    checked.expect_says("targets", "1000 targets of 1000");
    assert!(took < Duration::from_secs(3), "a check took {took:?}");
}

#[test]
fn inside_octopus_a_finding_has_the_level_of_its_line() {
    let guided = Guided::but(|world, guide| {
        world
            .machine_policy(&guide.policy)
            .deletes_unavailable_after = Some(Duration::ZERO);
        world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into());
    });
    let (project, runbook) = (&guided.guide.project, &guided.guide.runbook);
    let run = crate::support::Run::in_runbook(&guided.sandbox);
    let outcome = run
        .arguments(&["check", "-p", project, "-r", runbook])
        .run();
    let outcome = outcome.expect_code(2);
    outcome.expect_said_at("error", "FAIL  schedule");
    outcome.expect_said_at("warning", "WARN  machine-policy-deletes");
    outcome.expect_said_at("highlight", "1 failure, 1 warning, ");
}

#[test]
fn findings_are_lines_for_people_in_the_order_in_which_they_ask() {
    let guided = Guided::but(|world, guide| {
        world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into());
    });
    let (project, runbook) = (&guided.guide.project, &guided.guide.runbook);
    let run = crate::support::Run::by_hand(&guided.sandbox);
    let outcome = run
        .arguments(&["check", "-p", project, "-r", runbook])
        .run();
    let mut rest = outcome.stdout.as_str();
    for line in [
        "Can it reach both servers?\n  PASS  octopus: https://",
        "\nMay it?\n",
        "\nDo targets and machines line up?\n",
        "\nWill it run by itself?\n",
        "\n  FAIL  schedule: Every 15 minutes: disabled: it starts nothing. Enable it: the project's Operations > Triggers. It may start a run at once.\n",
        "\nIs it safe?\n",
        "\n1 failure, 0 warnings, ",
    ] {
        let found = rest.find(line);
        assert!(
            found.is_some(),
            "{line:?} is not in its place:\n{}",
            outcome.stdout
        );
        rest = &rest[found.unwrap_or_default() + line.len() - 1..];
    }
    assert_eq!(outcome.stderr, "", "what is no finding is said");
}
