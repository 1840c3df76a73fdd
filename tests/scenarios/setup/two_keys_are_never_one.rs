//! Who sets up and what is stored are two keys. The one that is stored is a service account's, and can do no more than it needs.
//! Neither is shown anywhere.

use crate::support::Run;
use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{Planned, RUNBOOK, SettingUp};
use sandbox::{Jwt, World};
use serde_json::json;

const KEY: &str = "API-ANOTHER0KEY0NOT0REAL000";

fn refused(setting: &SettingUp, run: Run, words: &str, suffered: &str) {
    let before = setting.everything();
    let planned = Planned::of(run.run());
    planned.expect_line(words, suffered);
    planned.expect_code(4, suffered);
    setting.expect_changed(&before, &[], suffered);
}

fn stored(world: &World) -> String {
    let set = world.document("variableset-Projects-1");
    let mut all = set["Variables"].as_array().into_iter().flatten();
    let key = all.find(|it| it["Name"] == "Project.Octopus.Api.Key");
    key.map(|it| text(it, "Value").to_owned())
        .unwrap_or_default()
}

#[test]
fn one_key_for_both_is_refused() {
    let setting = SettingUp::new();
    let key = setting.before.administrator_key.clone();
    let run = setting.run(&["--apply"]).set("VMSS_OCTOPUS_APIKEY", key);
    refused(
        &setting,
        run,
        "! the key of administrator: who sets up and what is stored are one user. Make a service account:",
        "every run of the schedule may do all that its owner may",
    );
}

#[test]
fn two_keys_of_one_user_are_one() {
    let setting = SettingUp::but(|world, before| {
        drop(world.user(&before.administrator).add_key(KEY, "another"))
    });
    let run = setting.run(&["--apply"]).set("VMSS_OCTOPUS_APIKEY", KEY);
    refused(
        &setting,
        run,
        "! the key of administrator: who sets up and what is stored are one user",
        "every run of the schedule may do all that its owner may",
    );
}

#[test]
fn a_persons_key_is_refused() {
    let setting = SettingUp::but(|world, _| {
        drop(
            world
                .user("Alice")
                .role("Project Viewer")
                .add_key(KEY, "hers"),
        )
    });
    let run = setting.run(&["--apply"]).set("VMSS_OCTOPUS_APIKEY", KEY);
    refused(
        &setting,
        run,
        "! the key of Alice: it is a person's, and ends when that person leaves",
        "the schedule stops when Alice leaves",
    );
}

#[test]
fn a_key_that_may_administer_is_refused_unless_somebody_insists() {
    let setting =
        SettingUp::but(|world, _| drop(world.service_account().role("System Administrator")));
    let words = "it has AdministerSystem, UserEdit, TeamEdit, which the schedule does not need";
    refused(
        &setting,
        setting.run(&["--apply"]),
        words,
        "whoever sees a run's variables administers the server",
    );
    setting.apply(&["--accept-powerful-key"]);
    let key = setting
        .sandbox
        .world(|world| (stored(world), world.octopus.api_key.clone()));
    expect(
        key.0 == key.1,
        "the key that somebody insists on is not stored",
        key.1,
        key.0,
    );
}

#[test]
fn a_token_is_never_stored() {
    let setting = SettingUp::new();
    let token = Jwt::of("somebody").to_string();
    setting.change(|world, _| {
        drop(
            world
                .service_account()
                .edit(|it| it.access_token = Some(token.clone())),
        )
    });
    let run = setting
        .run(&["--apply"])
        .set("VMSS_OCTOPUS_APIKEY", token.clone());
    refused(
        &setting,
        run,
        "it is an access token, which ends within the hour. Store an API key",
        "the schedule stops within the hour",
    );
}

#[test]
fn without_a_key_to_store_the_missing_secret_is_named() {
    let setting = SettingUp::new();
    let run = setting.run(&["--apply"]).without("VMSS_OCTOPUS_APIKEY");
    refused(
        &setting,
        run,
        "! variable Project.Octopus.Api.Key: there is no key to store. Set VMSS_OCTOPUS_APIKEY to a service account's",
        "the step has no key",
    );
}

#[test]
fn without_a_key_of_whoever_sets_up_nothing_is_asked() {
    let setting = SettingUp::new();
    let outcome = setting.run(&["--apply"]).without("OCTOPUS_API_KEY").run();
    expect(
        outcome.code == 2,
        "the stored key is used to set up",
        2,
        outcome.code,
    );
    outcome.expect_said("your own API key, with the role Space Manager; the key that is stored for the schedule is VMSS_OCTOPUS_APIKEY");
}

#[test]
fn a_token_serves_whoever_sets_up() {
    let setting = SettingUp::new();
    let token = Jwt::of("administrator").to_string();
    setting.change(|world, before| {
        drop(
            world
                .user(&before.administrator)
                .edit(|it| it.access_token = Some(token.clone())),
        );
    });
    let run = setting
        .run(&["--apply"])
        .without("OCTOPUS_API_KEY")
        .set("OCTOPUS_ACCESS_TOKEN", token.clone());
    let planned = Planned::of(run.run());
    planned.expect_code(0, "who signs in with OpenID Connect cannot set up");
    let key = setting
        .sandbox
        .world(|world| (stored(world), world.octopus.api_key.clone()));
    expect(
        key.0 == key.1,
        "another key than the service account's is stored",
        "the service account's",
        "another",
    );
}

#[test]
fn a_secret_that_is_there_is_written_again_only_where_somebody_says_so() {
    let setting = SettingUp::done();
    setting.change(|world, _| drop(world.service_account().add_key(KEY, "next")));
    let before = setting.content();
    let planned = Planned::of(
        setting
            .run(&["--apply"])
            .set("VMSS_OCTOPUS_APIKEY", KEY)
            .run(),
    );
    planned.expect_rows(&[], "the stored key is replaced without asking");
    setting.expect_changed(&before, &[], "the stored key is replaced without asking");
    let run = setting
        .run(&["--apply", "--rotate-key"])
        .set("VMSS_OCTOPUS_APIKEY", KEY);
    let planned = Planned::of(run.run());
    planned.expect_code(0, "a key cannot be rotated");
    planned.expect_rows(
        &[
            "~ variable Project.Octopus.Api.Key",
            "~ publication of runbook \"Remove scaled-in targets\"",
        ],
        "a rotated key reaches no run",
    );
    planned.expect_line(
        "~ variable Project.Octopus.Api.Key: value a secret -> the key of VMSS_OCTOPUS_APIKEY",
        "nobody learns that the key is another one",
    );
    let runbook = setting.made().runbook;
    setting.expect_changed(
        &before,
        &[
            "variableset-Projects-1",
            &runbook,
            "RunbookSnapshots-*",
            "*-FROZE",
        ],
        "rotating the key changes something else",
    );
    expect(
        setting.sandbox.world(|world| stored(world)) == KEY,
        "the old key stays",
        KEY,
        "another",
    );
    let snapshots = setting
        .sandbox
        .world(|world| world.snapshots(&runbook).len());
    expect(
        snapshots == 2,
        "a rotated key is published more than once, or not",
        2,
        snapshots,
    );
    setting.expect_settled(&[], "a rotated key is never done with");
}

#[test]
fn a_key_that_setup_did_not_store_is_rotated_by_name_alone() {
    let setting = SettingUp::but(|world, _| {
        let guide = world.guide();
        guide.variable(world, "Project.Octopus.Api.Key", |it| {
            it["Scope"] = json!({"Environment": ["Environments-1"]});
        });
        guide.publish(world);
    });
    let flags = ["--machine-policy", "Auto-scaling", "--rotate-key"];
    setting.expect_refused(&flags, "! variable Project.Octopus.Api.Key: somebody else stored this key. --replace Project.Octopus.Api.Key changes it all the same", "somebody else's key is replaced");
}

#[test]
fn a_key_of_other_environments_too_is_not_replaced_by_any_flag() {
    let words = "! variable Project.Octopus.Api.Key: it holds in other environments, too. Give this one a value of its own";
    let suffered = "the schedule of another environment gets a key that may do nothing there";
    let setting = SettingUp::but(|world, _| drop(world.guide()));
    let flags = [
        "--machine-policy",
        "Auto-scaling",
        "--rotate-key",
        "--replace",
        "Project.Octopus.Api.Key",
        "--adopt",
        RUNBOOK,
    ];
    setting.expect_refused(&flags, words, suffered);
    let setting = SettingUp::done();
    setting.change(|world, _| {
        world.octopus.add_environment(sandbox::SPACE, "Staging");
        world.edit("variableset-Projects-1", |set| {
            let mut all = set["Variables"].as_array_mut().into_iter().flatten();
            let key = all.find(|it| it["Name"] == "Project.Octopus.Api.Key");
            key.expect("setup stored it")["Scope"]["Environment"] =
                json!(["Environments-1", "Environments-2"]);
        });
    });
    setting.expect_refused(&["--rotate-key"], words, suffered);
}

#[test]
fn no_key_is_ever_shown_or_sent_where_it_can_be_read() {
    let setting = SettingUp::new();
    let secrets = setting.sandbox.world(|world| {
        [
            world.octopus.api_key.clone(),
            setting.before.administrator_key.clone(),
            world.azure.client_secret.clone(),
        ]
    });
    let runs = [
        setting.run(&[]),
        setting.run(&["--apply"]),
        setting.run(&["--apply", "--rotate-key"]),
        setting.run(&["--go-live"]),
        setting.typed(&["-p", "Todo", "-e", "Production"]),
    ];
    for run in runs {
        let outcome = run.run();
        for secret in &secrets {
            expect(
                !outcome.log.contains(secret.as_str()),
                "a key is in the log",
                "none",
                &outcome.log,
            );
        }
    }
    for request in setting.sandbox.requests() {
        let address = format!("{}?{}", request.path, request.query);
        expect(
            secrets.iter().all(|it| !address.contains(it.as_str())),
            "a key is in an address, which every proxy writes down",
            "none",
            address,
        );
    }
    let with_key = setting.sandbox.requests().into_iter().filter(|it| {
        it.json()
            .is_some_and(|body| body.to_string().contains(secrets[0].as_str()))
    });
    let places: Vec<String> = with_key.map(|it| it.path).collect();
    expect(
        places
            .iter()
            .all(|it| it.ends_with("/variables/variableset-Projects-1")),
        "the key is sent elsewhere than into its variable",
        "the variables alone",
        places.join("\n"),
    );
}
