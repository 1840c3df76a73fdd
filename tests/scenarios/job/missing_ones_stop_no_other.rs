//! A scale set that is missing beside others stops none of them: where its subscription says so, too, they are reconciled, and
//! what could be of the missing one is left alone.

use crate::support;
use crate::support::aftermath::Aftermath;
use crate::support::strangers::arranged;
use crate::support::{Run, settled};
use sandbox::{Access, Fault, GROUP, Route, Sandbox, When, World, scope};

const ELSEWHERE: &str = "00000000-5a4d-4b0c-8000-00000000000e";

/// A scale set of three machines, all registered, of which the last has gone since.
fn shrunk(world: &mut World, set: &str, prefix: &str, first: u64) -> Vec<String> {
    let handle = world.scale_set(set).prefix(prefix);
    let machines = handle.edit(|set| set.next_id = first).instances(3).list();
    world.register_all(&machines);
    let hosts = world.scale_set(set).hosts();
    world.scale_set(set).scale_in(&hosts[2..]);
    world.check_all();
    hosts
}

/// The scale set `blue`, which has lost `blue000002`; `green`, three of whose targets are left, was deleted.
fn blue_without_green() -> Sandbox {
    arranged(Sandbox::start(), |world| {
        shrunk(world, "green", "green", 0);
        world.scale_set("green").delete();
        shrunk(world, "blue", "blue", 0);
    })
}

const GREEN: [&str; 3] = ["green000000", "green000001", "green000002"];

/// `web-blue`, which has lost `web000002`, and the real `web-green` give names of the same beginning.
fn blue_and_misspelt_green() -> Sandbox {
    arranged(Sandbox::start(), |world| {
        shrunk(world, "web-blue", "web", 0);
        let green = world.scale_set("web-green").prefix("web");
        let machines = green.edit(|set| set.next_id = 10).instances(3).list();
        world.register_all(&machines);
        world.check_all();
    })
}

fn of(sandbox: &Sandbox, scale_sets: &str) -> Run {
    Run::in_runbook(sandbox)
        .without_retries()
        .set("VMSS_TIMEOUT_VALUE", "0.1")
        .set("VMSS_SCALESET_NAME", scale_sets)
}

/// Everything is held, and the reason said.
#[track_caller]
fn expect_held(sandbox: &Sandbox, run: &Run, sayings: &[&str]) {
    let outcome = run.run().expect_code(3);
    for saying in sayings {
        outcome.expect_said_at("error", saying);
    }
    support::expect_untouched(sandbox);
}

fn expect_blue_reconciled(end: Aftermath) -> Aftermath {
    end.removed(&["blue000002"])
        .held(&GREEN)
        .deployed(&["blue000000", "blue000001"])
}

#[test]
fn a_missing_one_of_two_has_the_other_reconciled_and_fails_the_step() {
    let sandbox = blue_without_green();

    expect_blue_reconciled(of(&sandbox, "blue,green").reconcile(&sandbox))
        .code(5)
        .complained("Could not read scale set green (resource group web-rg)")
        .complained("404 ResourceNotFound")
        .complained("Resource group web-rg has no other scale set that this account sees")
        .complained("The others go on without it")
        .complained("scale it to 0 and let a run finish")
        .warned("could be of a scale set that is not found: green000000, green000001, green000002")
        .highlighted("1 scale set not found");
}

#[test]
fn a_missing_one_is_a_warning_where_problems_are() {
    let sandbox = blue_without_green();
    let run = of(&sandbox, "blue,green").set("VMSS_PROBLEM_HANDLE", "Warn");

    expect_blue_reconciled(run.reconcile(&sandbox))
        .code(0)
        .warned("Could not read scale set green");
}

#[test]
fn a_missing_one_is_a_problem_where_nothing_would_be_removed_too() {
    let sandbox = blue_without_green();
    sandbox.world(|world| world.existing_target("blue000002").delete());

    of(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .deployed(&["blue000000", "blue000001"]);
}

#[test]
fn several_missing_ones_beside_one_are_each_named() {
    let sandbox = blue_without_green();

    expect_blue_reconciled(of(&sandbox, "red,blue,green").reconcile(&sandbox))
        .code(5)
        .complained("Could not read scale set red")
        .complained("Could not read scale set green")
        .highlighted("2 scale sets not found");
}

#[test]
fn a_missing_ones_targets_stay_though_the_other_gives_such_names() {
    for asking in ["Check", "Remove"] {
        let sandbox = blue_and_misspelt_green();

        of(&sandbox, "web-blue,web-gren")
            .set("VMSS_HEALTHY_HANDLE", asking)
            .reconcile(&sandbox)
            .code(5)
            .removed(&["web000002"])
            .held(&["web00000A", "web00000B", "web00000C"])
            .deployed(&["web000000", "web000001"])
            .verdict("web00000A", "foreign", "scale set web-green")
            .complained("has web-green; the nearest name is web-green");
    }
}

#[test]
fn a_missing_ones_machines_that_nobody_sees_keep_their_targets_where_none_is_asked() {
    let sandbox = arranged(Sandbox::start(), |world| {
        shrunk(world, "web-blue", "web", 0);
        let hidden = world.subscription(ELSEWHERE).scale_set("web-green");
        let hidden = hidden.prefix("web").edit(|set| set.next_id = 10);
        let machines = hidden.instances(1).list();
        world.register_all(&machines);
        world.check_all();
    });

    of(&sandbox, "web-blue,web-green")
        .asking_no_machine()
        .reconcile(&sandbox)
        .code(5)
        .removed(&["web000002"])
        .held(&["web00000A"])
        .verdict("web00000A", "deferred", "healthy");
}

#[test]
fn names_after_a_missing_one_are_never_candidates() {
    let sandbox = arranged(blue_without_green(), |world| {
        for name in ["Green_7", "prod-GREEN_8.example.com", "evergreen_9"] {
            world.target(name);
        }
    });

    let end = of(&sandbox, "blue,green").reconcile(&sandbox).code(5);
    let end = expect_named_after_green(end.removed(&["blue000002"]));
    end.verdict("evergreen_9", "foreign", "not a name the scale set gives");
}

#[track_caller]
fn expect_named_after_green(end: Aftermath) -> Aftermath {
    let why = "may be of scale set green (resource group web-rg), which is not found";
    end.verdict("Green_7", "foreign", why)
        .verdict("prod-GREEN_8.example.com", "foreign", why)
        .warned("could be of a scale set that is not found: ")
}

#[test]
fn strange_names_wait_while_one_is_missing() {
    let sandbox = arranged(blue_without_green(), |world| {
        for name in ["Green_7", "prod-GREEN_8.example.com"] {
            world.target(name);
        }
    });
    let run = of(&sandbox, "blue,green")
        .set("VMSS_REMOVAL_OWNEDONLY", "No")
        .asking_no_machine();

    let end = run.reconcile(&sandbox).code(5).removed(&["blue000002"]);
    expect_named_after_green(end)
        .verdict("green000000", "deferred", "could be of scale set green")
        .warned("could be of a scale set that is not found: green000000, ");
}

#[test]
fn strange_names_go_once_none_is_missing() {
    let sandbox = blue_without_green();
    let run = of(&sandbox, "blue").set("VMSS_REMOVAL_OWNEDONLY", "No");

    run.asking_no_machine()
        .reconcile(&sandbox)
        .code(0)
        .removed(&["blue000002", "green000000", "green000001", "green000002"]);
}

#[test]
fn a_missing_one_whose_subscription_may_not_be_listed_holds_the_others() {
    let sandbox = arranged(blue_without_green(), |world| {
        world.azure.access = Access::nothing().reader(scope::group(GROUP));
    });

    expect_held(
        &sandbox,
        &of(&sandbox, "blue,green"),
        &[
            "Azure answered 404 ResourceNotFound",
            "The others are held with it",
            "Could not list the scale sets of subscription",
            "403",
        ],
    );
}

#[test]
fn a_missing_one_whose_subscription_lacks_another_of_the_run_holds_it() {
    let sandbox = arranged(blue_without_green(), |world| {
        drop(world.scale_set("blue").hide_from_lists());
        world.scale_set("api");
    });

    expect_held(
        &sandbox,
        &of(&sandbox, "blue,green"),
        &["The others are held with it"],
    );
}

#[test]
fn the_last_one_of_another_subscription_that_was_deleted_holds_no_other() {
    let sandbox = blue_without_green();
    let id = sandbox.world(|world| {
        let green = world.subscription(ELSEWHERE).scale_set("dr-rg/green");
        let id = green.id();
        green.delete();
        id
    });

    of(&sandbox, &format!("blue,{id}"))
        .reconcile(&sandbox)
        .code(5)
        .removed(&["blue000002"]);
}

#[test]
fn one_of_the_run_is_not_offered_as_what_was_meant() {
    let sandbox = settled(2);
    let run = of(&sandbox, "web-rg/web,green-rg/web");

    let outcome = run.run().expect_code(5);
    assert!(
        !outcome.stdout.contains("There is web-rg/web"),
        "it is named already"
    );
}

#[test]
fn many_missing_ones_make_no_endless_line() {
    let sandbox = settled(2);
    let names: Vec<String> = (0..300).map(|id| format!("web-green-{id}")).collect();

    let outcome = of(&sandbox, &names.join(",")).run().expect_code(3);
    let longest = outcome.lines.iter().map(|(_, line)| line.len()).max();
    assert!(longest < Some(2000), "a line has {longest:?} characters");
}

#[test]
fn a_missing_one_that_its_subscription_lists_holds_the_others() {
    let sandbox = arranged(Sandbox::start(), |world| {
        shrunk(world, "blue", "blue", 0);
        shrunk(world, "green", "green", 0);
    });
    let gone = Fault::azure_error(404, "ResourceNotFound", "Not here.");
    sandbox.fault(Route::ScaleSet.containing("/green"), When::Always, gone);

    expect_held(
        &sandbox,
        &of(&sandbox, "blue,green"),
        &["is not found when it is asked for by itself"],
    );
}

#[test]
fn all_missing_holds_everything() {
    let sandbox = blue_without_green();

    expect_held(
        &sandbox,
        &of(&sandbox, "red,green"),
        &[
            "Could not read scale set red",
            "Not found either: scale set green",
        ],
    );
}

#[test]
fn a_missing_one_beside_one_that_cannot_be_read_holds_everything() {
    let sandbox = arranged(blue_without_green(), |world| {
        world.scale_set("red").instances(1);
        let red = scope::scale_set(GROUP, "red");
        world.azure.access = Access::everything().deny_all(red);
    });

    expect_held(&sandbox, &of(&sandbox, "blue,green,red"), &["403"]);
}

#[test]
fn one_that_goes_missing_between_the_looks_holds_everything() {
    let sandbox = arranged(Sandbox::start(), |world| {
        shrunk(world, "blue", "blue", 0);
        shrunk(world, "green", "green", 0);
    });
    sandbox.on(Route::ScaleSet.containing("/green"), 2, |world| {
        world.scale_set("green").delete();
    });

    of(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(3)
        .nothing_removed()
        .held(&["blue000002", "green000002"])
        .complained("It was there when this run looked first");
}

#[test]
fn one_that_goes_missing_before_the_plan_stops_no_other() {
    let sandbox = arranged(Sandbox::start(), |world| {
        shrunk(world, "blue", "blue", 0);
        shrunk(world, "green", "green", 0);
        drop(world.scale_set("green").state("Deleting"));
    });
    sandbox.on(Route::ScaleSet.containing("/green"), 2, |world| {
        world.scale_set("green").delete();
    });

    let run = of(&sandbox, "blue,green").set("VMSS_TIMEOUT_VALUE", "5");
    expect_blue_reconciled(run.reconcile(&sandbox)).code(5);
}

#[test]
fn a_missing_one_that_is_there_at_the_second_look_has_everything_wait() {
    let sandbox = blue_without_green();
    sandbox.on(Route::ScaleSet.containing("/green"), 2, |world| {
        world.scale_set("green").prefix("green").instances(1);
    });

    of(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(0)
        .nothing_removed()
        .verdict("blue000002", "deferred", "was not found at the first look");
}

#[test]
fn a_missing_one_that_may_not_be_read_at_the_second_look_holds_everything() {
    let sandbox = blue_without_green();
    let refused = Fault::azure_error(403, "AuthorizationFailed", "No.");
    sandbox.fault(Route::ScaleSet.containing("/green"), When::From(2), refused);

    of(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(3)
        .nothing_removed()
        .complained("403");
}

#[test]
fn a_missing_one_that_its_subscription_lists_at_last_holds_everything() {
    let sandbox = blue_without_green();
    sandbox.world(|world| drop(world.scale_set("green").hide_from_lists()));
    let gone = Fault::azure_error(404, "ResourceNotFound", "Not here.");
    sandbox.fault(Route::ScaleSet.containing("/green"), When::Always, gone);
    // Two looks, and the other scale sets after each.
    sandbox.on(Route::ScaleSets, 4, |world| {
        world.scale_set("green").edit(|set| set.unlisted = false);
    });

    of(&sandbox, "blue,green")
        .reconcile(&sandbox)
        .code(3)
        .nothing_removed()
        .complained("is not found when it is asked for by itself");
}

#[test]
fn a_machine_that_names_a_missing_one_as_its_own_stands_beside_the_others() {
    let sandbox = arranged(Sandbox::start(), |world| {
        let machines = world
            .scale_set("blue")
            .flexible()
            .prefix("web")
            .instances(2)
            .list();
        world.register_all(&machines);
        let green = world.scale_set("green").flexible().prefix("web");
        let machines = green.instances(1).hide_from_lists().list();
        world.register_all(&machines);
        world.check_all();
    });
    let name = sandbox.world(|world| world.scale_set("green").hosts().remove(0));
    let gone = Fault::azure_error(404, "ResourceNotFound", "Not here.");
    sandbox.fault(Route::ScaleSet.containing("/green"), When::Always, gone);

    of(&sandbox, "blue,green")
        .asking_no_machine()
        .reconcile(&sandbox)
        .code(5)
        .nothing_removed()
        .verdict(&name, "detached", "runs beside");
}

#[test]
fn a_dry_run_with_a_missing_one_tells_the_same_problem() {
    let sandbox = blue_without_green();
    let run = of(&sandbox, "blue,green").set("VMSS_DRYRUN", "True");

    let outcome = run.run().expect_code(5);
    outcome.expect_said_at("highlight", "Would remove 1");
    support::expect_untouched(&sandbox);
}
