//! The report: a page and the same as JSON, for whoever asks later why a registration is gone. It is left where something was
//! or would be removed, waits, is held or failed; it says what became of every target, and who said what, and when.

use crate::support::aftermath::{Aftermath, reconcile};
use crate::support::{Run, base64, expect_untouched, registered, scaled_in, settled};
use sandbox::{Fault, Route, Sandbox, When};
use serde_json::{Value, json};

/// Two machines, a target whose machine is gone, and one of somebody else.
fn a_bit_of_everything() -> Sandbox {
    let sandbox = scaled_in(3, &["web000001"]);
    sandbox.world(|world| drop(world.target("reporting")));
    sandbox
}

#[track_caller]
fn target<'a>(report: &'a Value, name: &str) -> &'a Value {
    let targets = report["targets"].as_array().expect("a list of targets");
    let mut targets = targets.iter();
    targets
        .find(|it| it["name"] == name)
        .unwrap_or_else(|| panic!("{name} is in the report"))
}

/// What was said of a target, each as `who: what`.
fn said(report: &Value, name: &str) -> Vec<String> {
    let evidence = target(report, name)["evidence"].as_array().expect("a list");
    let line = |it: &Value| {
        let text = |field: &str| it[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("who"), text("says"))
    };
    evidence.iter().map(line).collect()
}

/// Whether both forms were attached.
fn attached(aftermath: &Aftermath) -> bool {
    let outcome = &aftermath.outcome;
    let forms = [outcome.artifact("html"), outcome.artifact("json")];
    let both = forms.iter().all(Option::is_some);
    assert_eq!(both, !outcome.artifacts.is_empty(), "both forms or none");
    both
}

#[test]
fn both_forms_are_left_in_the_working_directory_and_named_by_absolute_paths() {
    let sandbox = a_bit_of_everything();
    let run = Run::in_runbook(&sandbox);
    let folder = tempfile::tempdir().expect("a folder for the run");

    let output = run
        .command(folder.path())
        .output()
        .expect("the binary starts");

    let log = String::from_utf8(output.stdout).expect("the log is text");
    for form in ["html", "json"] {
        let name = format!("octopus-scale-in-{}.{form}", run.task());
        let path = folder.path().join(&name);
        assert!(path.is_file(), "{name} is left for Octopus to collect");
        let path = base64(&path.display().to_string());
        assert!(log.contains(&format!("path='{path}'")), "{log}");
    }
}

#[test]
fn it_says_which_run_it_is_about_and_what_decided() {
    let sandbox = a_bit_of_everything();
    let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "50%");

    let outcome = run.run().expect_code(0);

    let report = outcome.report();
    let facts = &report["run"];
    assert_eq!(facts["kind"], "runbook-run");
    assert_eq!(facts["task"], run.task());
    assert_eq!(facts["space"], "Spaces-1");
    assert_eq!(facts["environment"], "Environments-1");
    assert_eq!(facts["roles"], json!(["web-server", "vmss-web"]));
    assert_eq!(facts["octopus"], sandbox.octopus_url());
    let limit = json!({"name": "VMSS.Removal.Limit", "value": "50%"});
    let settings = report["settings"].as_array().expect("a list");
    assert!(settings.contains(&limit), "{settings:?}");
    let summary = report["result"]["summary"].as_str().unwrap_or_default();
    outcome.expect_said_at("highlight", summary);
    let page = outcome.artifact("html").unwrap_or_default();
    for fact in [
        run.task().as_str(),
        "Spaces-1",
        "vmss-web",
        "50%",
        "capacity 2",
        summary,
    ] {
        assert!(page.contains(fact), "{fact} is missing:\n{page}");
    }
}

#[test]
fn what_is_gone_is_there_with_what_azure_and_octopus_said() {
    let sandbox = a_bit_of_everything();

    let report = reconcile(&sandbox)
        .code(0)
        .removed(&["web000001"])
        .outcome
        .report();

    let gone = target(&report, "web000001");
    assert_eq!(gone["fate"], "removed");
    assert!(gone["removed"].is_string(), "{gone:#}");
    let said = said(&report, "web000001").join("\n");
    let set = "scale set web (resource group web-rg)";
    let listing = format!("azure: {set}: no instance that its name means");
    assert_eq!(said.matches(&listing).count(), 2, "two looks:\n{said}");
    for piece in [
        "octopus: Calls it unavailable, by a check of 20",
        "octopus: No task uses it",
        "octopus: No variables are scoped to it alone",
        "azure: No other scale set that the account sees has it",
        "octopus: Deleted the registration",
        &format!("azure: Instance 1 of {set}, asked for by itself, does not exist"),
        &format!("this-run: It is a name that {set} gives, to instance 1"),
    ] {
        assert!(said.contains(piece), "{piece} is missing:\n{said}");
    }
}

#[test]
fn evidence_stands_in_the_order_in_which_it_was_asked_for() {
    let sandbox = a_bit_of_everything();

    let report = reconcile(&sandbox).code(0).outcome.report();

    let evidence = target(&report, "web000001")["evidence"].clone();
    let times = evidence.as_array().expect("a list").iter();
    let times: Vec<Option<&str>> = times.map(|it| it["at"].as_str()).collect();
    let asked = times.iter().flatten().count();
    assert!(asked >= 7, "{evidence:#}");
    assert!(times.is_sorted(), "{evidence:#}");
    assert!(
        times.last() <= Some(&report["written"].as_str()),
        "{report:#}"
    );
}

#[test]
fn a_test_of_connections_is_named_with_its_task() {
    let sandbox = settled(2);
    sandbox.world(|world| drop(world.target("web000100").never_checked()));

    let report = reconcile(&sandbox)
        .code(0)
        .removed(&["web000100"])
        .outcome
        .report();

    let said = said(&report, "web000100").join("\n");
    assert!(said.contains("octopus: The test ServerTasks-"), "{said}");
    assert!(said.contains("found that it does not answer"), "{said}");
}

#[test]
fn nothing_is_said_that_was_not_asked() {
    let sandbox = scaled_in(3, &["web000001"]);

    let report = Run::in_runbook(&sandbox)
        .set("VMSS_BUSYTARGETS_HANDLE", "Remove")
        .set("VMSS_REFERENCEDTARGETS_HANDLE", "Remove")
        .asking_no_machine()
        .reconcile(&sandbox)
        .code(0)
        .removed(&["web000001"])
        .outcome
        .report();

    let said = said(&report, "web000001").join("\n");
    for unasked in ["No task uses it", "variables", "by a check of", "test"] {
        assert!(!said.contains(unasked), "{unasked}:\n{said}");
    }
}

#[test]
fn the_fleet_has_every_instance_with_its_targets() {
    let sandbox = settled(2);
    sandbox.world(|world| {
        drop(world.scale_set("web").instances(1));
        world.target("reporting");
    });

    let report = reconcile(&sandbox).code(0).outcome.report();

    let instances = &report["scaleSets"][0]["instances"];
    let instances = instances.as_array().expect("a list");
    let meant: Vec<(&Value, &Value)> = instances
        .iter()
        .map(|it| (&it["computerName"], &it["targets"]))
        .collect();
    assert_eq!(
        meant,
        [
            (&json!("web000000"), &json!(["Machines-1"])),
            (&json!("web000001"), &json!(["Machines-2"])),
            (&json!("web000002"), &json!([])),
        ]
    );
}

#[test]
fn a_quiet_run_leaves_none() {
    let quiet = reconcile(&settled(2)).code(0).nothing_held();

    assert!(!attached(&quiet), "{:?}", quiet.outcome.artifacts);
    assert_eq!(quiet.outcome.report()["targets"][0]["fate"], "kept");
}

#[test]
fn a_dry_run_leaves_one() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::in_runbook(&sandbox).set("VMSS_DRYRUN", "Yes");

    let dry = run.reconcile(&sandbox).code(0);

    assert!(attached(&dry));
    let report = dry.outcome.report();
    assert_eq!(target(&report, "web000001")["fate"], "would-remove");
    assert_eq!(target(&report, "web000001")["removed"], Value::Null);
    assert_eq!(report["run"]["dryRun"], true);
    expect_untouched(&sandbox);
}

#[test]
fn a_brake_leaves_one_that_says_what_lifts_it() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::in_runbook(&sandbox).set("VMSS_REMOVAL_LIMIT", "0");

    let braked = run.reconcile(&sandbox).code(4).nothing_removed();

    assert!(attached(&braked));
    let report = braked.outcome.report();
    assert_eq!(target(&report, "web000001")["fate"], "held");
    let brake = &report["result"]["brakes"][0];
    let fact = brake["fact"].as_str().unwrap_or_default();
    let lifted = brake["liftedBy"].as_str().unwrap_or_default();
    assert!(fact.contains("VMSS.Removal.Limit is 0"), "{fact}");
    assert!(lifted.contains("a higher VMSS.Removal.Limit"), "{lifted}");
    let page = braked.outcome.artifact("html").unwrap_or_default();
    assert!(page.contains("VMSS.Removal.Limit is 0"), "{page}");
}

#[test]
fn a_failed_removal_leaves_one_with_its_error() {
    let sandbox = scaled_in(3, &["web000001"]);
    let error = Fault::octopus_error(400, "The hammer is missing");
    sandbox.fault(Route::DeleteMachine, When::Always, error);

    let failed = reconcile(&sandbox).code(5);

    assert!(attached(&failed));
    let report = failed.outcome.report();
    assert_eq!(target(&report, "web000001")["fate"], "failed");
    let error = target(&report, "web000001")["error"].as_str();
    assert!(
        error.is_some_and(|it| it.contains("The hammer is missing")),
        "{error:?}"
    );
    let page = failed.outcome.artifact("html").unwrap_or_default();
    assert!(page.contains("The hammer is missing"), "{page}");
}

#[test]
fn an_error_after_the_plan_leaves_one_too() {
    let sandbox = scaled_in(3, &["web000001"]);
    let error = Fault::octopus_error(500, "The cellar is flooded");
    sandbox.fault(Route::Machines, When::From(2), error);
    let run = Run::in_runbook(&sandbox).without_retries();

    let ended = run.reconcile(&sandbox).code(3).nothing_removed();

    assert!(attached(&ended));
    let report = ended.outcome.report();
    assert_eq!(target(&report, "web000001")["fate"], "held");
    let error = report["result"]["error"].as_str().unwrap_or_default();
    assert!(error.contains("The cellar is flooded"), "{error}");
    let said = said(&report, "web000001").join("\n");
    let looks = said.matches("no instance that its name means").count();
    assert_eq!(looks, 1, "the second one failed:\n{said}");
    assert!(!said.contains("asked for by itself"), "not asked:\n{said}");
}

#[test]
fn by_hand_a_file_is_written_in_the_form_that_its_name_says() {
    let sandbox = a_bit_of_everything();
    let folder = tempfile::tempdir().expect("a folder for the run");
    for (name, begins) in [("r.html", "<!DOCTYPE html>"), ("r.JSON", "{\"format\":1,")] {
        let run = Run::by_hand(&sandbox).argument("--dry-run");
        let run = run.argument("--report").argument(name);

        let output = run
            .command(folder.path())
            .output()
            .expect("the binary starts");

        assert_eq!(output.status.code(), Some(0));
        let report = std::fs::read_to_string(folder.path().join(name)).expect("it is written");
        assert!(report.starts_with(begins), "{report}");
        assert!(report.contains("web000001"), "{report}");
    }
}

#[test]
fn a_file_that_does_not_say_its_form_ends_the_run_before_anything() {
    let sandbox = a_bit_of_everything();

    for name in ["report", "report.txt", ".html"] {
        let run = Run::by_hand(&sandbox).argument("--report").argument(name);
        let outcome = run.run().expect_code(2);

        outcome
            .expect_said("--report")
            .expect_said(".html or .json");
    }
    assert_eq!(registered(&sandbox).len(), 4);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn text_of_servers_is_text_in_the_page_and_exact_in_the_json() {
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</title></style></table><b>bold",
        "&lt;",
        "turned\u{202e}000100bew",
        "\u{645}\u{6cc}\u{200c}-gr\u{fc}n",
    ];
    let sandbox = settled(2);
    sandbox.world(|world| {
        for name in names {
            world.target(name);
        }
    });

    let outcome = reconcile(&sandbox).code(0).outcome;

    let page = outcome.artifact("html").unwrap_or_default();
    for markup in ["<script", "<img", "<b>bold", "\u{202e}"] {
        assert!(!page.contains(markup), "{markup} is markup:\n{page}");
    }
    for shown in [
        "&lt;script&gt;alert(1)",
        "&amp;lt;",
        "turned\\u{202e}000100bew",
        "\u{645}\u{6cc}\\u{200c}-gr\u{fc}n",
    ] {
        assert!(page.contains(shown), "{shown} is missing:\n{page}");
    }
    let json = outcome.artifact("json").unwrap_or_default();
    assert!(!json.contains('\u{202e}'), "{json}");
    let report = outcome.report();
    for name in names {
        assert_eq!(target(&report, name)["fate"], "not-ours");
    }
}
