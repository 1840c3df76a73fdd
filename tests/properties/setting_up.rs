//! `setup`, over random spaces and random failures: applied until nothing fails any more it ends in the planned state, with nothing
//! twice and with everything that was not planned as it was.

use crate::law::Holds;
use crate::support::setup::{POLICY, RUNBOOK, SettingUp, template_file};
use crate::support::setup_failures::{Stubborn, expect_told, shaped};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sandbox::{BeforeSetup, Fault, Modified, PublishedBy, Service, When, World};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// So many spaces, unless `PROPTEST_CASES` says otherwise; each is applied several times.
const SPACES: u32 = 40;

/// What other people have made before, by themselves or by the guide.
#[derive(Debug, Clone)]
struct Space {
    policies: usize,
    /// Which policy each of the three targets has: 0 is the default one.
    target_policies: Vec<usize>,
    variables: Vec<(usize, bool, bool)>,
    has_other_runbook: bool,
    has_other_template: bool,
    has_other_schedule: bool,
    by_hand: ByHand,
    server: Server,
}

/// What somebody has set up by the guide in part.
#[derive(Debug, Clone, Copy)]
struct ByHand {
    policy: bool,
    template: bool,
    runbook: bool,
    /// A step of their own in that runbook, which they have published.
    step: bool,
    variable: bool,
}

/// What the server is like.
#[derive(Debug, Clone, Copy)]
struct Server {
    published_by: PublishedBy,
    by_content: bool,
    stale_version: u16,
    objects: bool,
    new_ids: bool,
    more_properties: bool,
    environment_decides: bool,
    lacks_policies_in_lists: bool,
    grows_old: bool,
}

/// What goes wrong in one run: with which request, whether with all that follow, and how.
type Failure = (usize, bool, usize);

fn spaces() -> impl Strategy<Value = (Space, Vec<Failure>)> {
    let by_hand = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(policy, template, runbook, step, variable)| ByHand {
            policy,
            template,
            runbook,
            step,
            variable,
        });
    let space = (
        0..3_usize,
        vec(0..3_usize, 3),
        vec((0..4_usize, any::<bool>(), any::<bool>()), 0..5),
        any::<(bool, bool, bool)>(),
        by_hand,
        servers(),
    );
    let space = space.prop_map(
        |(policies, target_policies, variables, others, by_hand, server)| Space {
            policies,
            target_policies,
            variables,
            has_other_runbook: others.0,
            has_other_template: others.1,
            has_other_schedule: others.2,
            by_hand,
            server,
        },
    );
    (space, vec((1..110_usize, any::<bool>(), 0..9_usize), 0..4))
}

fn servers() -> impl Strategy<Value = Server> {
    let published = select(vec![
        PublishedBy::Either,
        PublishedBy::Query,
        PublishedBy::Body,
        PublishedBy::Runbook,
    ]);
    let flags = any::<(bool, bool, bool, bool, bool, bool)>();
    (published, flags, select(vec![400, 409]), 0..8_u8).prop_map(
        |(published_by, flags, stale_version, age)| Server {
            published_by,
            by_content: flags.0,
            stale_version,
            objects: flags.1,
            new_ids: flags.2,
            more_properties: flags.3,
            environment_decides: flags.4,
            lacks_policies_in_lists: flags.5,
            grows_old: age == 0,
        },
    )
}

fn fault(kind: usize) -> Fault {
    match kind {
        0 => Fault::octopus_error(403, "You do not have permission."),
        1 => Fault::octopus_error(400, "There was a problem with your request."),
        2 => Fault::octopus_error(409, "There is a conflict."),
        3 => Fault::status(503),
        4 => Fault::reset(),
        5 => Fault::lost_answer(),
        6 => Fault::status_after(504),
        7 => Fault::truncate(),
        _ => Fault::broken_json(),
    }
}

impl Space {
    fn arrange(&self, world: &mut World, before: &BeforeSetup) {
        self.server.arrange(world);
        let names: Vec<String> = (0..self.policies)
            .map(|it| format!("Their policy {it}"))
            .collect();
        for name in &names {
            world.machine_policy(name).may_be_offline = true;
        }
        for (at, policy) in self.target_policies.iter().enumerate() {
            if let Some(name) = policy.checked_sub(1).and_then(|it| names.get(it)) {
                drop(
                    world
                        .existing_target(&format!("web00000{at}"))
                        .machine_policy(name),
                );
            }
        }
        for (at, (name, is_secret, is_scoped)) in self.variables.iter().enumerate() {
            let kind = if *is_secret { "Sensitive" } else { "String" };
            let value = format!("their value {at}");
            let id = world.octopus.add_variable(
                &before.variables,
                &format!("Theirs.{name}"),
                kind,
                &value,
            );
            if *is_scoped {
                scope(world, before, &id);
            }
        }
        if self.has_other_runbook {
            world
                .octopus
                .add_runbook(&before.project, "Restart the site");
        }
        if self.has_other_template {
            let mut other = template_file();
            other["Name"] = "VMSS - Remove Deployment Targets Whose Machines Are Gone (old)".into();
            world.octopus.import_template(&other);
        }
        self.by_hand.arrange(world, before);
        if self.has_other_schedule && self.has_other_runbook {
            let other = world.id_of(sandbox::Kind::Runbook, "Restart the site");
            let other = other.expect("it was made");
            world
                .octopus
                .add_schedule(&other, &before.environment, "0 0 5 * * *");
        }
    }

    /// The flags that allow what this space needs.
    fn flags(&self) -> Vec<&'static str> {
        let by_hand = self.by_hand;
        let all: [(bool, &[&'static str]); 3] = [
            (by_hand.policy, &["--adopt-policy"]),
            (by_hand.runbook, &["--adopt", RUNBOOK]),
            (
                by_hand.variable,
                &["--replace", "Project.VMSS.ScaleSetName"],
            ),
        ];
        let given = all.into_iter().filter(|(is_given, _)| *is_given);
        given.flat_map(|(_, flags)| flags.to_vec()).collect()
    }
}

impl Server {
    fn arrange(self, world: &mut World) {
        let readings = &mut world.octopus.readings;
        readings.published_by = self.published_by;
        readings.stale_version = self.stale_version;
        readings.properties_are_objects = self.objects;
        readings.parameters_get_new_ids = self.new_ids;
        readings.processes_get_properties = self.more_properties;
        readings.runbooks_leave_it_to_the_environment = self.environment_decides;
        if self.by_content {
            readings.modified = Modified::ByContent;
        }
        if self.lacks_policies_in_lists {
            readings.left_out_of_target_lists = vec!["MachinePolicyId".into()];
        }
    }
}

impl ByHand {
    fn arrange(self, world: &mut World, before: &BeforeSetup) {
        if self.policy {
            world.machine_policy(POLICY).interval = None;
        }
        if self.template {
            let mut older = template_file();
            older["Description"] = "an older one".into();
            world.octopus.import_template(&older);
        }
        if self.variable {
            let id = world.octopus.add_variable(
                &before.variables,
                "Project.VMSS.ScaleSetName",
                "String",
                "another",
            );
            scope(world, before, &id);
        }
        if self.runbook {
            let runbook = world.octopus.add_runbook(&before.project, RUNBOOK);
            if self.step {
                world.edit(&format!("RunbookProcess-{runbook}"), |process| {
                    process["Steps"] = json!([their_step()]);
                });
                world.publish(&runbook);
            }
        }
    }
}

fn scope(world: &mut World, before: &BeforeSetup, id: &str) {
    world.edit(&before.variables, |set| {
        let all = set["Variables"].as_array_mut().into_iter().flatten();
        for variable in all.filter(|it| it["Id"] == id) {
            variable["Scope"] = json!({"Environment": [before.environment]});
        }
    });
}

fn their_step() -> Value {
    json!({
        "Id": "5a4db0c0-0000-4000-8000-00000000bb01",
        "Name": "Say hello",
        "Slug": "say-hello",
        "Condition": "Success",
        "StartTrigger": "StartAfterPrevious",
        "PackageRequirement": "LetOctopusDecide",
        "Properties": {},
        "Actions": [{
            "Id": "5a4db0c0-0000-4000-8000-00000000bb02",
            "Name": "Say hello",
            "Slug": "say-hello",
            "ActionType": "Octopus.Script",
            "IsDisabled": false,
            "IsRequired": false,
            "WorkerPoolId": "",
            "WorkerPoolVariable": "",
            "Container": {"Image": null, "FeedId": null},
            "Environments": [],
            "ExcludedEnvironments": [],
            "Channels": [],
            "TenantTags": [],
            "Packages": [],
            "CanBeUsedForProjectVersioning": false,
            "Condition": "Success",
            "Properties": {
                "Octopus.Action.Script.ScriptBody": "echo hello",
                "OctopusUseBundledTooling": "False",
            },
        }],
    })
}

/// How often each interesting case occurred.
#[derive(Default)]
struct Seen(RefCell<BTreeMap<String, u32>>);

impl Seen {
    fn count(&self, case: impl Into<String>) {
        *self.0.borrow_mut().entry(case.into()).or_default() += 1;
    }
}

/// Which of today's targets have which policy.
fn policies(setting: &SettingUp) -> BTreeMap<String, String> {
    setting.sandbox.world(|world| {
        let targets = world.octopus.targets.values();
        targets
            .map(|it| (it.name.clone(), it.policy.clone()))
            .collect()
    })
}

fn ends_in_the_planned_state(space: &Space, failures: &[Failure], seen: &Seen) {
    let setting = SettingUp::but(|world, before| space.arrange(world, before));
    if space.server.grows_old {
        setting.change(|world, _| world.octopus.grow_old());
        seen.count("an old server");
    }
    let had = policies(&setting);
    let stubborn = Stubborn::of(setting, &space.flags());
    let sandbox = &stubborn.setting.sandbox;
    for (nth, is_lasting, kind) in failures {
        let when = if *is_lasting {
            When::From(*nth)
        } else {
            When::Nth(*nth)
        };
        sandbox.fault(Service::Octopus, when, fault(*kind));
        let before = stubborn.setting.everything();
        let run = stubborn
            .setting
            .run(&[&["--apply"], &stubborn.flags[..]].concat());
        let planned = shaped(run.set("VMSS_RETRY_SECONDS", "0.6").run());
        sandbox.clear_faults();
        expect_told(&planned);
        let code = planned.outcome.code;
        let is_changed = before != stubborn.setting.everything();
        assert!(
            !is_changed || code == 0 || code == 5,
            "something was changed, and a script is told that nothing was: exit code {code}"
        );
        seen.count(format!("exit code {code} of a run with a failure"));
    }
    stubborn.expect_ends_well("applied until nothing fails any more");
    let default = "MachinePolicies-1";
    for (name, policy) in policies(&stubborn.setting) {
        let moves = had[&name] == default || space.by_hand.policy;
        assert_eq!(
            policy != had[&name],
            moves,
            "the wrong target has another policy: {name}"
        );
    }
    for (case, occurred) in [
        ("a runbook of somebody else's", space.by_hand.runbook),
        (
            "a published step of somebody else's",
            space.by_hand.runbook && space.by_hand.step,
        ),
        ("an older template", space.by_hand.template),
        (
            "targets with policies of their own",
            had.values().any(|it| it != default),
        ),
        (
            "secrets of other people",
            space.variables.iter().any(|it| it.1),
        ),
    ] {
        if occurred {
            seen.count(case);
        }
    }
}

#[test]
fn applying_until_it_ends_gives_the_planned_state_and_nothing_else() {
    let seen = Seen::default();
    let told = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: told.and_then(|it| it.parse().ok()).unwrap_or(SPACES),
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let held = runner.run(&spaces(), |(space, failures)| -> Holds {
        ends_in_the_planned_state(&space, &failures, &seen);
        Ok(())
    });
    if let Err(failure) = held {
        panic!("{failure}");
    }
    let seen = seen.0.take();
    println!("{seen:#?}");
    for case in [
        "exit code 0 of a run with a failure",
        "exit code 3 of a run with a failure",
        "exit code 5 of a run with a failure",
        "a runbook of somebody else's",
        "a published step of somebody else's",
        "an older template",
        "targets with policies of their own",
        "secrets of other people",
        "an old server",
    ] {
        assert!(
            seen.contains_key(case),
            "no random space was what this is about: {case}"
        );
    }
}
