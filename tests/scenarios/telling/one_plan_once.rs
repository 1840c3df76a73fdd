//! The plan stands in the log once, when it is final: what goes, what waits and why, what is not ours and whose, what stays.

use crate::support::aftermath::{Aftermath, reconcile};
use crate::support::{Run, scaled_in, settled};
use sandbox::{Route, Sandbox};

/// The lines of the plan, as the log has them.
fn plan_of(end: &Aftermath) -> Vec<String> {
    let said = end.outcome.said("default");
    let heads = [
        "To be ",
        "Would be ",
        "Held back",
        "Waiting",
        "Somebody's",
        "Not this",
        "Beside",
        "Leaving",
        "Disabled already",
        "Kept",
        "No machines'",
    ];
    let is_head = |line: &str| heads.iter().any(|head| line.starts_with(head));
    let mut inside = false;
    let mut lines = Vec::new();
    for line in said.lines() {
        inside =
            is_head(line) || inside && line.starts_with("  ") && !line.starts_with("  removed");
        if inside {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// One of each: gone, in use, somebody's, answering, kept.
fn a_bit_of_everything() -> Sandbox {
    let sandbox = scaled_in(6, &["web000001", "web000002", "web000003", "web000004"]);
    sandbox.world(|world| {
        world
            .existing_target("web000002")
            .scoped_variable("Projects-1", "Connection");
        world
            .existing_target("web000003")
            .health("Healthy")
            .answers();
        world.target("reporting");
        drop(
            world
                .scale_set("green-rg/green")
                .prefix("web")
                .edit(|set| set.next_id = 4)
                .instances(1),
        );
        drop(world.target("europe").cloud_region());
    });
    sandbox
}

#[test]
fn every_target_stands_in_one_section_with_its_reason() {
    let end = reconcile(&a_bit_of_everything()).code(0);

    assert_eq!(
        plan_of(&end),
        [
            "To be removed: their machines are gone (1):",
            "  web000001  Machines-2",
            "Waiting (1):",
            "  web000002  Machines-3: variables of Projects-1 are scoped to it alone and would be lost; rescope them first",
            "Somebody's machines, left alone (1):",
            "  web000003  Machines-4: no machine of this name exists, and yet it answers: Octopus checked it 0 minutes ago",
            "Not this scale set's, left alone (2):",
            "  reporting  Machines-7: no machine of this name exists, but it is not a name the scale set gives",
            "  web000004  Machines-5: scale set green (resource group green-rg) has its machine",
            "Kept: their machines exist (2): web000000, web000005",
            "No machines' targets, left alone (1): europe",
        ]
    );
}

#[test]
fn before_the_evidence_the_log_says_only_how_many_match_no_machine() {
    let end = reconcile(&a_bit_of_everything()).code(0);

    let said = end.outcome.said("default");
    let line = |text: &str| said.lines().position(|line| line.contains(text));
    let (asked, plan) = (
        line("No machine here has the name of 4"),
        line("To be removed"),
    );
    assert!(asked.is_some() && asked < plan, "{said}");
    let before: Vec<&str> = said.lines().take(plan.unwrap_or_default()).collect();
    assert!(
        !before.iter().any(|line| line.contains("web000001")),
        "a name that the plan may take back is said too early:\n{said}"
    );
}

#[test]
fn what_is_spared_while_the_run_looks_stands_nowhere_as_going() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);
    sandbox.on(Route::Machines, 2, |world| {
        world.existing_target("web000002").reregister();
    });

    let end = reconcile(&sandbox).code(0).removed(&["web000001"]);

    let plan = plan_of(&end);
    let with = |name: &str| plan.iter().filter(|line| line.contains(name)).count();
    assert_eq!(with("web000002"), 1, "{plan:#?}");
    assert_eq!(
        plan[..2],
        [
            "To be removed: their machines are gone (1):",
            "  web000001  Machines-2"
        ]
    );
    assert_eq!(plan[2], "Waiting (1):");
}

#[test]
fn under_a_brake_and_in_a_dry_run_the_plan_is_the_same_but_for_what_becomes_of_it() {
    let sandbox = scaled_in(4, &["web000001", "web000002"]);
    let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "1");
    let end = run.reconcile(&sandbox).code(4);
    assert_eq!(
        plan_of(&end),
        [
            "Held back, all for the reason below (2):",
            "  web000001  Machines-2",
            "  web000002  Machines-3",
            "Kept: their machines exist (2): web000000, web000003",
        ]
    );

    for (action, head) in [
        ("Delete", "Would be removed"),
        ("Disable", "Would be disabled"),
    ] {
        let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_ACTION", action);
        let end = run.argument("--dry-run").reconcile(&sandbox).code(0);
        assert_eq!(
            plan_of(&end)[0],
            format!("{head}: their machines are gone (2):")
        );
    }
}

#[test]
fn a_quiet_run_shows_what_stays() {
    let end = reconcile(&settled(2)).code(0);

    assert_eq!(
        plan_of(&end),
        ["Kept: their machines exist (2): web000000, web000001"]
    );
}

#[test]
fn twenty_of_a_kind_are_shown_and_the_others_counted() {
    let sandbox = settled(25);
    let gone = sandbox.world(|world| {
        let gone = world.scale_set("web").hosts()[..23].to_vec();
        drop(world.scale_set("web").scale_in(&gone));
        for number in 0..22 {
            world.target(&format!("frontend-{number}"));
        }
        world.check_all();
        gone
    });

    let end = reconcile(&sandbox).code(0).removed(&gone);

    let plan = plan_of(&end);
    assert_eq!(plan[0], "To be removed: their machines are gone (23):");
    assert_eq!(plan[21], "  and 3 more, which stand in the report");
    assert_eq!(plan[22], "Not this scale set's, left alone (22):");
    assert_eq!(plan[43], "  and 2 more, which stand in the report");
}

#[test]
fn names_are_aligned() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| {
        for name in ["a", "a-longer-name"] {
            world.target(name);
        }
    });

    let end = reconcile(&sandbox).code(0);

    let plan = plan_of(&end);
    let at = |name: &str| {
        plan.iter()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.find("Machines-"))
    };
    assert_eq!(at("  a "), at("  a-longer-name "));
}
