//! A misspelt `VMSS_DRY_RUN` must not be a real run: what begins as this program's variables do and is none of them is refused.

use crate::support::problems::refused;
use crate::support::{Run, expect_untouched, registered, scaled_in};
use sandbox::Sandbox;

#[test]
fn a_misspelt_variable_is_no_run_with_its_default() {
    let sandbox = scaled_in(3, &["web000001"]);
    for (misspelt, meant) in [
        ("VMSS_DRY_RUN", "VMSS_DRYRUN"),
        ("VMSS_REMOVAL_LIMITS", "VMSS_REMOVAL_LIMIT"),
        ("VMSS_HEALTHY_HANDEL", "VMSS_HEALTHY_HANDLE"),
        ("VMSS_RETRY_SECOND", "VMSS_RETRY_SECONDS"),
    ] {
        let run = Run::in_runbook(&sandbox).set(misspelt, "Yes");
        let problems = refused(&sandbox, &run);
        assert!(
            problems.only(misspelt).contains(meant),
            "nobody learns that {meant} was meant"
        );
    }
    expect_untouched(&sandbox);
}

#[test]
fn what_is_like_no_parameter_is_refused_without_a_guess() {
    let sandbox = Sandbox::start();
    let run = Run::by_hand(&sandbox).set("VMSS_COLOUR_OF_THE_BIKE_SHED", "red");
    let problems = refused(&sandbox, &run);
    let what = problems.only("VMSS_COLOUR_OF_THE_BIKE_SHED");
    assert!(!what.contains("nearest"), "a far-fetched guess: {what}");
}

#[test]
fn what_the_steps_script_alone_reads_is_ignored() {
    let sandbox = scaled_in(3, &["web000001"]);
    let run = Run::in_runbook(&sandbox)
        .set("VMSS_BINARY_PATH", "/opt/octopus-scale-in")
        .set("VMSS_DOWNLOAD_BASEURL", "https://mirror.example.com/")
        .set("VMSS_CACHE_FOLDER", "/var/cache")
        .set("VMSS_DRY_RUN", " ");
    run.run().expect_code(0);
    assert_eq!(registered(&sandbox), ["web000000", "web000002"]);
}
