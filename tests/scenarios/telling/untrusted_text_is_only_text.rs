//! Text from servers and settings: its letters arrive as they are, what is no letter is escaped in the log, and none of it is
//! ever a service message.

use crate::support::fleet;
use crate::support::fleet::id_of;
use crate::support::{Outcome, Run, scaled_in, settled};
use sandbox::{Fault, Matcher, Mode, Route, Sandbox, When};

/// What somebody may write where a name or a message is expected.
const ATTACKS: [&str; 14] = [
    "##octopus[setVariable name='T1dORUQ=' value='WWVz']",
    "x ##octopus[stdout-none]",
    "x\n##octopus[stdout-none]\n",
    "x\r##OctoPus[stdout-none]",
    "####octopus[stdout-none]",
    "##oct##octopus[opus[stdout-none]",
    "##\u{0}octopus[stdout-none] #\u{7f}#octopus[stdout-none]",
    "\u{1b}]0;title\u{7}\u{1b}[2K\u{2028}##octopus[stdout-none]",
    // What Octopus could read as the mark, or not see at all.
    "\u{ff03}\u{ff03}\u{ff4f}\u{ff43}\u{ff54}\u{ff4f}\u{ff50}\u{ff55}\u{ff53}[stdout-none]",
    "\u{fe5f}\u{fe5f}octopus[stdout-none]",
    "##\u{301}octopus[stdout-none]",
    "#\u{338}#o\u{301}ctopus[stdout-none]",
    "#\u{200b}#oc\u{ad}topus[stdout-none]\u{202e}",
    "##octopus[createArtifact path='L2V0Yy9wYXNzd2Q=' name='cGFzc3dk' length='MQ==']",
];

/// Every service message is one of the run's own, however the log is read, and all the rest is one line each.
#[track_caller]
fn expect_harmless(outcome: &Outcome, attack: &str) {
    let log = &outcome.stdout;
    assert!(
        log.chars()
            .all(|c| c == '\n' || !(c.is_control() || INVISIBLE.contains(&c))),
        "what nobody sees, or what turns a line around:\n{log:?}"
    );
    let own = log.lines().filter(|line| is_own(line)).count();
    for reading in [log.clone(), normalised(log), seen(log)] {
        let marks = reading.to_lowercase().matches("##octopus").count();
        assert_eq!(marks, own, "{attack:?} became a service message:\n{log}");
    }
    assert!(
        !outcome.outputs.contains_key("OWNED"),
        "{attack:?} set a variable:\n{log}"
    );
    assert!(
        outcome.artifacts.len() <= 2,
        "{attack:?} attached a file:\n{log}"
    );
}

/// What of the attacks must not be seen as it is.
const INVISIBLE: [char; 4] = ['\u{200b}', '\u{ad}', '\u{2028}', '\u{202e}'];

/// With what compatibility makes of the look-alikes among the attacks.
fn normalised(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{fe5f}' => '#',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("it has a twin in ASCII")
        }
        other => other,
    };
    text.chars().map(plain).collect()
}

/// For a reader who sees ASCII only.
fn seen(text: &str) -> String {
    normalised(text).chars().filter(char::is_ascii).collect()
}

/// A message that this program sends, and nothing on its line but that.
fn is_own(line: &str) -> bool {
    let Some(message) = line
        .strip_prefix("##octopus[")
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    let (name, attributes) = message.split_once(' ').unwrap_or((message, ""));
    let modes = [
        "stdout-default",
        "stdout-verbose",
        "stdout-highlight",
        "stdout-warning",
        "stdout-error",
    ];
    match name {
        "setVariable" | "createArtifact" | "progress" => attributes
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b" ='+/".contains(&b)),
        _ => modes.contains(&name) && attributes.is_empty(),
    }
}

/// Lets a request fail with this text, as the server words it.
fn refusing(sandbox: &Sandbox, requests: impl Into<Matcher>, attack: &str) {
    sandbox.fault(requests, When::Always, Fault::octopus_error(400, attack));
}

#[test]
fn names_arrive_whole_in_outputs_log_and_report() {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| {
        drop(
            world
                .existing_target("web000000")
                .edit(|target| target.name = "web000000-gr\u{fc}n".into()),
        );
        drop(
            world
                .existing_target("web000001")
                .edit(|target| target.name = "web000001.\u{6771}\u{4eac}".into()),
        );
        world.target("\u{20ac}-kasse");
    });

    let outcome = Run::in_runbook(&sandbox).run().expect_code(0);

    assert_eq!(outcome.deployed(), ["web000000-gr\u{fc}n", "web000002"]);
    assert_eq!(outcome.removed(), ["web000001.\u{6771}\u{4eac}"]);
    assert_eq!(outcome.held(), ["\u{20ac}-kasse"]);
    for form in ["html", "json"] {
        let report = outcome.artifact(form).unwrap_or_default();
        for name in [
            "web000000-gr\u{fc}n",
            "web000001.\u{6771}\u{4eac}",
            "\u{20ac}-kasse",
        ] {
            outcome.expect_said(name);
            assert!(report.contains(name), "{name} in the {form}:\n{report}");
        }
    }
}

#[test]
fn a_terminal_gets_their_letters_too() {
    let sandbox = settled(1);
    sandbox.world(|world| drop(world.target("\u{20ac}-kasse")));

    let outcome = Run::by_hand(&sandbox).run().expect_code(0);

    outcome.expect_said("\u{20ac}-kasse");
}

#[test]
fn the_name_of_a_target_is_never_a_service_message() {
    for attack in ATTACKS {
        let sandbox = scaled_in(4, &["web000001", "web000002"]);
        sandbox.world(|world| {
            let rename = |target: sandbox::TargetHandle<'_>, name: String| {
                drop(target.edit(|target| target.name = name));
            };
            rename(
                world.existing_target("web000000"),
                format!("web000000 {attack}"),
            );
            rename(
                world.existing_target("web000001"),
                format!("web000001.{attack}"),
            );
            world.target(attack);
            world.target(&format!("{attack} region")).cloud_region();
        });
        refusing(
            &sandbox,
            Route::DeleteMachine.containing(&id_of(&sandbox, "web000002")),
            attack,
        );

        let outcome = Run::in_runbook(&sandbox).run().expect_code(5);

        expect_harmless(&outcome, attack);
        assert_eq!(
            outcome.output("VMSSRemovedTargetNames"),
            format!("web000001.{attack}")
        );
    }
}

#[test]
fn the_words_of_octopus_are_never_a_service_message() {
    for attack in ATTACKS {
        for route in [
            Route::Machines,
            Route::ScopedVariables,
            Route::Tasks,
            Route::Task,
            Route::DeleteMachine,
        ] {
            let sandbox = scaled_in(3, &["web000001"]);
            refusing(&sandbox, route, attack);
            let outcome = Run::in_runbook(&sandbox).run();
            expect_harmless(&outcome, attack);
        }
        let sandbox = settled(1);
        sandbox.fault(Route::Machines, When::Always, Fault::html(400, attack));
        expect_harmless(&Run::in_runbook(&sandbox).run().expect_code(3), attack);
    }
}

#[test]
fn what_octopus_calls_its_things_is_never_a_service_message() {
    for attack in ATTACKS {
        let sandbox = scaled_in(4, &["web000001", "web000002"]);
        let used = id_of(&sandbox, "web000002");
        sandbox.world(|world| {
            drop(
                world
                    .existing_target("web000001")
                    .scoped_variable(attack, attack),
            );
            drop(world.runbook_run().naming(&[&used]));
        });
        let attack = attack.to_owned();
        let named = attack.clone();
        let describe = move |page: &mut serde_json::Value| {
            for task in page["Items"].as_array_mut().into_iter().flatten() {
                task["Description"] = named.clone().into();
            }
        };
        sandbox.fault(Route::Tasks, When::Always, Fault::edit(describe));

        let outcome = Run::in_deployment(&sandbox).run().expect_code(0);

        assert_eq!(outcome.held(), ["web000001", "web000002"]);
        expect_harmless(&outcome, &attack);
    }
}

#[test]
fn the_words_of_azure_are_never_a_service_message() {
    for attack in ATTACKS {
        for route in [
            Route::Token,
            Route::ScaleSet,
            Route::Instances,
            Route::ScaleSets,
            Route::PointRead,
        ] {
            let sandbox = scaled_in(3, &["web000001"]);
            let refusal = Fault::azure_error(400, attack, attack);
            sandbox.fault(route, When::Always, refusal);
            let outcome = Run::in_runbook(&sandbox).run();
            expect_harmless(&outcome, attack);
        }
    }
}

#[test]
fn what_azure_calls_its_things_is_never_a_service_message() {
    for attack in ATTACKS {
        let fleet = fleet::Fleet::of(Mode::Flexible, 3);
        fleet.sandbox.world(|world| {
            let set = world.scale_set("web").prefix(attack).state(attack);
            let set = set.edit_vm(fleet.host(1), |machine| machine.name = attack.into());
            drop(set.detach(attack));
        });

        let outcome = Run::in_runbook(&fleet.sandbox).run().expect_code(0);

        assert_eq!(outcome.held(), [fleet.host(1)]);
        expect_harmless(&outcome, attack);
    }
}

#[test]
fn where_a_redirect_leads_is_never_a_service_message() {
    let sandbox = settled(1);
    let attack = "https://elsewhere.example/##octopus[stdout-none]";
    sandbox.fault(Route::Machines, When::Always, Fault::redirect(attack));

    let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

    expect_harmless(&outcome, attack);
    outcome.expect_said("elsewhere.example");
}

#[test]
fn settings_are_never_a_service_message() {
    for attack in ATTACKS.iter().filter(|attack| !attack.contains('\u{0}')) {
        for name in [
            "VMSS_REMOVAL_LIMIT",
            "VMSS_TIMEOUT_VALUE",
            "VMSS_DRYRUN",
            "VMSS_SCALESET_NAME",
            "VMSS_DEPLOYMENTTARGET_ROLES",
            "OCTOPUS_SPACE_ID",
        ] {
            let sandbox = settled(1);
            let outcome = Run::in_runbook(&sandbox).set(name, *attack).run();
            expect_harmless(&outcome, attack);
        }
    }
}

#[test]
fn a_long_answer_is_cut_before_it_floods_the_log() {
    let sandbox = settled(1);
    sandbox.fault(
        Route::Machines,
        When::Always,
        Fault::html(400, &"word ".repeat(100_000)),
    );

    let outcome = Run::in_runbook(&sandbox).run().expect_code(3);

    assert!(
        outcome.stdout.len() < 10_000,
        "{} bytes",
        outcome.stdout.len()
    );
}
