//! Against the set-up of the guide, complete and right, everything passes, and nothing is changed.

use crate::support::check::Guided;

#[test]
fn everything_passes_with_the_keys_of_both() {
    let guided = Guided::new();
    let checked = guided.check();
    checked.expect_only(&[], "what is right is called wrong");
    checked.expect_code(0);
}

#[test]
fn zz_show() {
    let guided = Guided::new();
    let (project, runbook) = (&guided.guide.project, &guided.guide.runbook);
    let run = crate::support::Run::by_hand(&guided.sandbox)
        .set("OCTOPUS_API_KEY", &guided.guide.administrator_key)
        .arguments(&["check", "-p", project, "-r", runbook]);
    let outcome = run.run();
    println!("{}\nSTDERR\n{}", outcome.stdout, outcome.stderr);
    let run = crate::support::Run::by_hand(&guided.sandbox).arguments(&["check"]);
    let outcome = run.run();
    println!("{}\nSTDERR\n{}", outcome.stdout, outcome.stderr);
    let run = crate::support::Run::by_hand(&guided.sandbox)
        .set("OCTOPUS_API_KEY", &guided.guide.administrator_key)
        .without("VMSS_OCTOPUS_APIKEY")
        .without("VMSS_SCALESET_NAME").without("VMSS_DEPLOYMENTTARGET_ROLES").without("VMSS_AZURE_ACCOUNT_PASSWORD")
        .arguments(&["check"]);
    let outcome = run.run();
    println!("{}\nSTDERR\n{}", outcome.stdout, outcome.stderr);
}
