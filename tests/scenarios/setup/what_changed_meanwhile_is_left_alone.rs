//! What somebody else changes while setup is under way is never overwritten, whether Octopus counts its versions or not; and a
//! machine that comes, goes or is given another policy meanwhile holds none of the others up.

use crate::support::expect;
use crate::support::setup::{Everything, POLICY, Planned, SettingUp};
use crate::support::setup_failures::{Stubborn, expect_nothing_twice, shaped};
use sandbox::{Fault, Route, When, World};

/// A thing that setup is about to change: who asks for it, who writes it, its id, and what somebody else changes.
struct Thing {
    read: Route,
    write: Route,
    change: fn(&mut World),
    /// Whether somebody's change is there.
    is_there: fn(&Everything) -> bool,
}

fn id_of(world: &World, beginning: &str) -> String {
    let all = world.everything();
    let found = all
        .keys()
        .find(|id| id.starts_with(beginning) && !id.contains("-s-"));
    found
        .cloned()
        .unwrap_or_else(|| panic!("there is no {beginning}"))
}

fn has(all: &Everything, beginning: &str, is_it: impl Fn(&serde_json::Value) -> bool) -> bool {
    all.iter()
        .any(|(id, it)| id.starts_with(beginning) && !id.contains("-s-") && is_it(it))
}

const THEIRS: &str = "what somebody else wrote";

fn things() -> [Thing; 8] {
    [
        Thing {
            read: Route::MachinePolicy,
            write: Route::PutMachinePolicy,
            change: |world| {
                world
                    .machine_policy(POLICY)
                    .fields
                    .insert("Theirs".into(), THEIRS.into());
            },
            is_there: |all| has(all, "MachinePolicies-", |it| it["Theirs"] == THEIRS),
        },
        Thing {
            read: Route::ActionTemplate,
            write: Route::PutActionTemplate,
            change: |world| {
                let id = id_of(world, "ActionTemplates-");
                world.edit(&id, |it| it["Theirs"] = THEIRS.into());
            },
            is_there: |all| has(all, "ActionTemplates-1", |it| it["Theirs"] == THEIRS),
        },
        Thing {
            read: Route::Runbook,
            write: Route::PutRunbook,
            change: |world| {
                let id = id_of(world, "Runbooks-");
                world.edit(&id, |it| it["ForcePackageDownload"] = true.into());
            },
            is_there: |all| has(all, "Runbooks-", |it| it["ForcePackageDownload"] == true),
        },
        Thing {
            read: Route::VariableSet,
            write: Route::PutVariableSet,
            change: |world| {
                world
                    .octopus
                    .add_variable("variableset-Projects-1", THEIRS, "String", "x");
                world.edit("variableset-Projects-1", |_| {});
            },
            is_there: |all| {
                has(all, "variableset-Projects-1", |it| {
                    it.to_string().contains(THEIRS)
                })
            },
        },
        Thing {
            read: Route::RunbookProcess,
            write: Route::PutRunbookProcess,
            change: |world| {
                let id = id_of(world, "RunbookProcess-");
                world.edit(&id, |it| {
                    it["Steps"][0]["Actions"][0]["Notes"] = THEIRS.into()
                });
            },
            is_there: |all| has(all, "RunbookProcess-", |it| it.to_string().contains(THEIRS)),
        },
        Thing {
            read: Route::Trigger,
            write: Route::PutTrigger,
            change: |world| {
                let id = id_of(world, "ProjectTriggers-");
                world.edit(&id, |it| it["Filter"]["Theirs"] = THEIRS.into());
            },
            is_there: |all| {
                has(all, "ProjectTriggers-", |it| {
                    it["Filter"]["Theirs"] == THEIRS
                })
            },
        },
        Thing {
            read: Route::Environment,
            write: Route::PutEnvironment,
            change: |world| {
                let environment = world.octopus.environments.get_mut(sandbox::ENVIRONMENT);
                let environment = environment.expect("there is one");
                environment.fields.insert("Theirs".into(), THEIRS.into());
            },
            is_there: |all| has(all, "Environments-1", |it| it["Theirs"] == THEIRS),
        },
        Thing {
            read: Route::DeploymentSettings,
            write: Route::PutDeploymentSettings,
            change: |world| {
                world.edit("deploymentsettings-Projects-1", |it| {
                    it["ReleaseNotesTemplate"] = THEIRS.into()
                });
            },
            is_there: |all| {
                has(all, "deploymentsettings-Projects-1", |it| {
                    it["ReleaseNotesTemplate"] == THEIRS
                })
            },
        },
    ]
}

/// A project in which this is to be changed, among all the rest.
fn wrong(thing: &Thing) -> Stubborn {
    match thing.write {
        Route::PutDeploymentSettings => {
            Stubborn::of(SettingUp::new(), &["--guided-failure", "project"])
        }
        _ => Stubborn::correcting(),
    }
}

fn expect_theirs(stubborn: &Stubborn, thing: &Thing, planned: &Planned, when: &str) {
    let all = stubborn.setting.everything();
    expect(
        (thing.is_there)(&all),
        format!(
            "{:?} overwrites what somebody else changed {when}",
            thing.write
        ),
        "their change",
        format!("it is gone; {} {}", planned.outcome.code, planned.error),
    );
    expect_nothing_twice(&stubborn.setting, "after a change of somebody else's");
}

#[test]
fn a_change_before_any_of_the_questions_is_never_lost() {
    for thing in things() {
        let mut was_stopped = 0;
        for nth in 1.. {
            let stubborn = wrong(&thing);
            stubborn.setting.sandbox.on(thing.read, nth, thing.change);
            let planned = stubborn.apply();
            if stubborn.setting.sandbox.waiting_changes() > 0 {
                break;
            }
            let when = format!("before question {nth} about it");
            expect_theirs(&stubborn, &thing, &planned, &when);
            was_stopped += u32::from(planned.error.contains("Somebody changed"));
        }
        expect(
            was_stopped > 0,
            format!("{:?}: nobody is told of a change meanwhile", thing.write),
            "a stop for one of the questions",
            0,
        );
    }
}

#[test]
fn a_change_just_before_the_write_is_refused_where_octopus_counts_versions() {
    let counted = [Route::PutVariableSet, Route::PutRunbookProcess];
    for status_of_conflict in [400, 409] {
        for thing in things()
            .into_iter()
            .filter(|it| counted.contains(&it.write))
        {
            let stubborn = wrong(&thing);
            stubborn
                .setting
                .change(|world, _| world.octopus.readings.stale_version = status_of_conflict);
            let sandbox = &stubborn.setting.sandbox;
            sandbox.on(thing.write, 1, thing.change);
            let planned = stubborn.apply();
            planned.expect_code(5, "a conflict is no failure");
            expect_theirs(&stubborn, &thing, &planned, "just before the write");
        }
    }
}

#[test]
fn a_change_between_two_tries_of_a_write_is_never_lost() {
    for thing in things() {
        let stubborn = wrong(&thing);
        let sandbox = &stubborn.setting.sandbox;
        sandbox.fault(thing.write, When::First(1), Fault::status(503));
        sandbox.after(thing.write, 1, thing.change);
        let run = stubborn
            .setting
            .run(&[&["--apply"], &stubborn.flags[..]].concat());
        let planned = shaped(run.run());
        expect_theirs(&stubborn, &thing, &planned, "between two tries");
        expect(
            planned.error.contains("Somebody changed"),
            "nobody is told why it stopped",
            "Somebody changed",
            &planned.error,
        );
    }
}

#[test]
fn what_somebody_made_meanwhile_is_not_made_a_second_time() {
    let setting = SettingUp::new();
    setting.sandbox.on(Route::CreateActionTemplate, 1, |world| {
        world.machine_policy("another").interval = None;
        world
            .octopus
            .add_runbook("Projects-1", "Remove scaled-in targets");
    });
    let planned = shaped(setting.run(&["--apply"]).run());
    planned.expect_code(5, "a runbook of somebody else's is taken, or made twice");
    expect(
        planned.error.contains("Somebody changed runbook"),
        "nobody learns whose runbook it is",
        "Somebody changed",
        &planned.error,
    );
    expect(
        setting.sandbox.count(Route::CreateRunbook) == 0,
        "a second runbook is made",
        0,
        1,
    );
}

/// What happens to one of three machines before this request.
fn machine_changes(route: Route, nth: usize, change: fn(&mut World)) -> (SettingUp, Planned) {
    let setting = SettingUp::new();
    setting.sandbox.on(route, nth, change);
    let planned = shaped(setting.run(&["--apply"]).run());
    (setting, planned)
}

fn policies(setting: &SettingUp) -> Vec<String> {
    setting.sandbox.world(|world| {
        let targets = world.octopus.targets.values();
        let named = targets.map(|it| world.octopus.machine_policies[&it.policy].name.clone());
        named.collect()
    })
}

#[test]
fn a_machine_that_changes_meanwhile_is_left_and_the_others_are_done() {
    let changes: [(&str, fn(&mut World)); 3] = [
        ("registers anew", |world| {
            let target = world.existing_target("web000001").id();
            world.octopus.targets.remove(&target);
            drop(world.target("web000001"));
        }),
        ("is given a policy by somebody", |world| {
            world.machine_policy("Theirs").interval = None;
            drop(world.existing_target("web000001").machine_policy("Theirs"));
        }),
        ("is removed", |world| {
            let target = world.existing_target("web000001").id();
            world.octopus.targets.remove(&target);
        }),
    ];
    for (what, change) in changes {
        // When the plan stands, and just before it is its turn.
        for route in [Route::CreateMachinePolicy, Route::Machine] {
            let (setting, planned) = machine_changes(route, 1, change);
            let suffered = format!("a machine {what} before {route:?}");
            planned.expect_code(0, &suffered);
            expect(
                planned.left == ["web000001"],
                format!("{suffered}, and nobody is told that it was left"),
                "web000001",
                format!("{:?}", planned.left),
            );
            let own = policies(&setting).iter().filter(|it| *it == POLICY).count();
            expect(
                own == 2,
                format!("{suffered}: the others are not done, or it is"),
                2,
                own,
            );
            let done = planned.done.iter().find(|it| it["part"] == "assignment");
            let told = done.map(|it| it.to_string()).unwrap_or_default();
            expect(
                told.contains("2 targets") && !told.contains("web000001"),
                format!("{suffered}: what is told as done is not what was done"),
                "2 targets without it",
                told,
            );
        }
    }
}

#[test]
fn a_machine_that_comes_meanwhile_waits_for_the_next_time() {
    let (setting, planned) = machine_changes(Route::CreateMachinePolicy, 1, |world| {
        drop(world.target("web000009"))
    });
    planned.expect_code(0, "a scale-out stops a set-up");
    let own = policies(&setting).iter().filter(|it| *it == POLICY).count();
    expect(
        own == 3,
        "a machine that nobody planned for is changed",
        3,
        own,
    );
    setting
        .plan(&[])
        .expect_line("~ 1 target:", "the new machine is forgotten");
}
