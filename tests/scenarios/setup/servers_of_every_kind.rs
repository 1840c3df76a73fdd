//! Whatever a server makes of what is documented nowhere, old or new: it is set up once, and a second run plans nothing.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{RUNBOOK, SettingUp};
use sandbox::{Fault, Kind, Modified, PublishedBy, Route, When, World};

/// What a server may do, and how it is chosen.
type Reading = (&'static str, fn(&mut World));

const READINGS: [Reading; 24] = [
    ("properties are objects", |world| {
        world.octopus.readings.properties_are_objects = true
    }),
    ("templates keep the number of their file", |world| {
        world.octopus.readings.templates_keep_their_number = true
    }),
    ("parameters get new ids with each save", |world| {
        world.octopus.readings.parameters_get_new_ids = true
    }),
    (
        "runbooks leave guided failure to the environment",
        |world| world.octopus.readings.runbooks_leave_it_to_the_environment = true,
    ),
    ("processes get properties", |world| {
        world.octopus.readings.processes_get_properties = true
    }),
    ("snapshots are published by the query alone", |world| {
        world.octopus.readings.published_by = PublishedBy::Query
    }),
    ("snapshots are published by the body alone", |world| {
        world.octopus.readings.published_by = PublishedBy::Body
    }),
    ("snapshots are published by the runbook alone", |world| {
        world.octopus.readings.published_by = PublishedBy::Runbook
    }),
    ("schedules need a published snapshot", |world| {
        world.octopus.readings.schedules_need_a_published_snapshot = true
    }),
    ("saved variables lack ScopeValues", |world| {
        world.octopus.readings.saved_variables_lack_scope_values = true
    }),
    ("lists do not say who changed something", |world| {
        world.octopus.readings.lists_lack_last_modified = true
    }),
    ("bodies name their space", |world| {
        world.octopus.readings.bodies_name_their_space = true
    }),
    ("an old version is a conflict", |world| {
        world.octopus.readings.stale_version = 409
    }),
    ("a snapshot is outdated by its content", |world| {
        world.octopus.readings.modified = Modified::ByContent
    }),
    ("a list without a permission is empty", |world| {
        world.octopus.readings.lists_refuse = false
    }),
    ("deployment settings need ProcessEdit", |world| {
        world.octopus.readings.settings_need_process_edit = true
    }),
    ("lists of targets lack their policies", |world| {
        world
            .octopus
            .readings
            .left_out_of_target_lists
            .push("MachinePolicyId".into())
    }),
    ("unseen variables are lost", |world| {
        world.octopus.readings.unseen_variables_are_lost = true
    }),
    ("project groups add projects", |world| {
        world.octopus.readings.project_groups_add_projects = true
    }),
    (
        "runbook processes need ProcessEdit and ProcessView",
        |world| {
            world.octopus.readings.runbook_processes_need_process_edit = true;
            world.octopus.readings.runbook_processes_need_process_view = true;
        },
    ),
    ("a server without any of what is newer", |world| {
        world.octopus.grow_old()
    }),
    ("an old server that publishes by the runbook", |world| {
        world.octopus.grow_old();
        world.octopus.readings.published_by = PublishedBy::Runbook;
    }),
    ("pages are short", |world| {
        world.octopus.max_page_size = Some(2);
    }),
    ("all of it together", |world| {
        let readings = &mut world.octopus.readings;
        readings.properties_are_objects = true;
        readings.templates_keep_their_number = true;
        readings.parameters_get_new_ids = true;
        readings.runbooks_leave_it_to_the_environment = true;
        readings.processes_get_properties = true;
        readings.published_by = PublishedBy::Runbook;
        readings.schedules_need_a_published_snapshot = true;
        readings.saved_variables_lack_scope_values = true;
        readings.bodies_name_their_space = true;
        readings.stale_version = 409;
    }),
];

#[test]
fn it_is_set_up_and_a_second_run_plans_nothing() {
    for (reading, choose) in READINGS {
        let setting = SettingUp::done_but(|world, _| choose(world));
        setting.expect_settled(
            &[],
            &format!("where {reading}, a second run changes something"),
        );
        let made = setting.made();
        let runbook = setting.thing(&made.runbook);
        expect(
            runbook["DefaultGuidedFailureMode"] == "Off"
                && !text(&runbook, "PublishedRunbookSnapshotId").is_empty(),
            format!("where {reading}, the runbook waits for a person, or is not published"),
            "Off, and published",
            &runbook,
        );
        let count = |kind| {
            setting
                .sandbox
                .world(|world| world.octopus.documents.of(kind).count())
        };
        let counts = [
            Kind::Runbook,
            Kind::ActionTemplate,
            Kind::Trigger,
            Kind::RunbookSnapshot,
        ]
        .map(count);
        expect(
            counts == [1; 4],
            format!("where {reading}, there are two of a thing"),
            "one of each",
            format!("{counts:?}"),
        );
    }
}

#[test]
fn what_was_altered_is_corrected_there_too() {
    for (reading, choose) in READINGS {
        let setting = SettingUp::done_but(|world, _| choose(world));
        setting.change_made(|world, made| {
            world.edit(&made.runbook, |it| {
                it["DefaultGuidedFailureMode"] = "On".into()
            });
            world
                .octopus
                .documents
                .edit(&made.template, |it| it["Description"] = "Another".into());
        });
        let applied = setting.apply(&["--removal-limit", "7"]);
        applied.expect_line("guided failure On -> Off", reading);
        setting.expect_settled(
            &[],
            &format!("where {reading}, a correction is never done with"),
        );
    }
}

#[test]
fn a_rotated_key_is_published_once_whatever_publishes() {
    for how in [
        PublishedBy::Either,
        PublishedBy::Query,
        PublishedBy::Body,
        PublishedBy::Runbook,
    ] {
        for modified in [Modified::ByVersion, Modified::ByContent] {
            let setting = SettingUp::done_but(|world, _| {
                world.octopus.readings.published_by = how;
                world.octopus.readings.modified = modified;
            });
            let key = "API-ANOTHER0KEY0NOT0REAL000";
            setting.change(|world, _| drop(world.service_account().add_key(key, "next")));
            let run = setting
                .run(&["--apply", "--rotate-key"])
                .set("VMSS_OCTOPUS_APIKEY", key);
            crate::support::setup::Planned::of(run.run())
                .expect_code(0, &format!("by {how:?} a key cannot be rotated"));
            let made = setting.made();
            let snapshots = setting
                .sandbox
                .world(|world| world.snapshots(&made.runbook));
            let published = setting
                .sandbox
                .world(|world| world.published(&made.runbook));
            expect(
                snapshots.len() == 2 && published == snapshots.last().cloned(),
                format!("by {how:?} the rotated key reaches no run of {RUNBOOK}"),
                "the second snapshot",
                format!("{published:?} of {snapshots:?}"),
            );
        }
    }
}

#[test]
fn guided_failure_of_a_project_is_where_the_server_keeps_it() {
    for old in [false, true] {
        let setting = SettingUp::but(|world, _| {
            if old {
                world.octopus.grow_old()
            }
        });
        setting.apply(&["--guided-failure", "project"]);
        let settings = setting
            .sandbox
            .world(|world| world.document("deploymentsettings-Projects-1").clone());
        expect(
            settings["DefaultGuidedFailureMode"] == "On",
            format!("guided failure stays off (old: {old})"),
            "On",
            &settings,
        );
        setting.expect_settled(
            &["--guided-failure", "project"],
            "guided failure is never done with",
        );
    }
}

#[test]
fn an_enabled_schedule_that_runs_at_once_does_so_once_and_only_live() {
    let setting =
        SettingUp::done_but(|world, _| world.octopus.readings.enabled_triggers_run_at_once = true);
    let runs = |setting: &SettingUp| setting.sandbox.world(|world| world.octopus.tasks.len());
    let before = runs(&setting);
    setting.run_dry();
    let live = setting.go_live();
    live.expect_code(0, "it cannot go live");
    expect(
        runs(&setting) == before + 2,
        "the schedule starts more than one run, or none",
        before + 2,
        runs(&setting),
    );
}

#[test]
fn a_server_that_lists_no_snapshots_gets_one_and_it_is_published() {
    for how in [PublishedBy::Query, PublishedBy::Body, PublishedBy::Runbook] {
        let setting = SettingUp::but(|world, _| world.octopus.readings.published_by = how);
        setting
            .sandbox
            .fault(Route::RunbookSnapshots, When::Always, Fault::status(404));
        setting.apply(&[]);
        let made = setting.made();
        let (all, published) = setting.sandbox.world(|world| {
            (
                world.snapshots(&made.runbook),
                world.published(&made.runbook),
            )
        });
        expect(
            all.len() == 1 && published == all.first().cloned(),
            format!("by {how:?} nothing is published, or one snapshot after the other is made"),
            "one, which is published",
            format!("{published:?} of {all:?}"),
        );
    }
}
