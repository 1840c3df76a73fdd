//! Projects whose resources are in Git, in the three stages.

use super::{account, set_up, space};
use sandbox::{GitStage, Guide, Sandbox};

/// The statuses of the plain routes: settings, variables, runbook.
fn plain(sandbox: &Sandbox, guide: &Guide) -> [u16; 3] {
    let client = account(sandbox);
    [
        format!("projects/{}/deploymentsettings", guide.project),
        format!("variables/{}", guide.variables),
        format!("runbooks/{}", guide.runbook),
    ]
    .map(|path| client.octopus(&space(&path)).status)
}

#[test]
fn each_stage_takes_one_thing_more_from_the_plain_routes() {
    for (stage, expected) in [
        (GitStage::Process, [400, 200, 200]),
        (GitStage::Variables, [400, 400, 200]),
        (GitStage::Runbooks, [400, 400, 400]),
    ] {
        let (sandbox, guide) = set_up(|world, guide| world.convert_to_git(&guide.project, stage));
        assert_eq!(plain(&sandbox, &guide), expected, "{stage:?}");
        let project = account(&sandbox)
            .octopus(&space(&format!("projects/{}", guide.project)))
            .ok();
        assert_eq!(project["IsVersionControlled"], true);
        let triggers = space(&format!("projects/{}/triggers", guide.project));
        assert_eq!(account(&sandbox).octopus(&triggers).ok()["TotalResults"], 1);
    }
}

#[test]
fn the_refusal_says_why_with_either_status() {
    let (sandbox, guide) =
        set_up(|world, guide| world.convert_to_git(&guide.project, GitStage::Process));
    let path = space(&format!("projects/{}/deploymentsettings", guide.project));
    let refused = account(&sandbox).octopus(&path);
    assert!(
        refused
            .text
            .contains("version-controlled resource on a non-version control route")
    );
    sandbox.world(|world| world.octopus.readings.git_refusal = 500);
    assert_eq!(account(&sandbox).octopus(&path).status, 500);
}

#[test]
fn a_branch_has_what_is_in_git() {
    let (sandbox, guide) =
        set_up(|world, guide| world.convert_to_git(&guide.project, GitStage::Runbooks));
    let client = account(&sandbox);
    let on = |rest: &str| {
        client.octopus(&space(&format!(
            "projects/{}/refs%2Fheads%2Fmain/{rest}",
            guide.project
        )))
    };
    assert_eq!(
        on("deploymentsettings").ok()["DefaultGuidedFailureMode"],
        "EnvironmentDefault"
    );
    let variables = on("variables").ok();
    assert_eq!(variables["Variables"].as_array().unwrap().len(), 5);
    let runbook = on("runbooks/remove-scaled-in-targets").ok();
    assert_eq!(runbook["Id"], "remove-scaled-in-targets");
    assert!(runbook["PublishedRunbookSnapshotId"].is_null());
    let process = on("runbookProcesses/remove-scaled-in-targets").ok();
    assert_eq!(process["Steps"][0]["Name"], "Remove scaled-in targets");
    assert_eq!(on("runbooks").ok()["TotalResults"], 1);
    let other = space(&format!("projects/{}/elsewhere/runbooks", guide.project));
    assert_eq!(client.octopus(&other).status, 404);
    let trigger = client
        .octopus(&space(&format!("projecttriggers/{}", guide.trigger)))
        .ok();
    assert_eq!(trigger["Action"]["RunbookId"], "remove-scaled-in-targets");
}

#[test]
fn secrets_stay_in_the_database() {
    let (sandbox, guide) =
        set_up(|world, guide| world.convert_to_git(&guide.project, GitStage::Variables));
    let client = account(&sandbox);
    let secrets = client
        .octopus(&space(&format!("projects/{}/variables", guide.project)))
        .ok();
    assert_eq!(secrets["Variables"].as_array().unwrap().len(), 1);
    assert_eq!(secrets["Variables"][0]["Name"], "Project.Octopus.Api.Key");
    sandbox.world(|world| world.octopus.readings.git_variable_set_has_the_secrets = true);
    let set = client
        .octopus(&space(&format!("variables/{}", guide.variables)))
        .ok();
    assert_eq!(set["Variables"], secrets["Variables"]);
}

#[test]
fn a_project_goes_by_its_slug_as_well() {
    let (sandbox, _) =
        set_up(|world, guide| world.convert_to_git(&guide.project, GitStage::Runbooks));
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("projects/todo/runbooks")).status, 400);
    assert_eq!(
        client.octopus(&space("projects/todo/main/runbooks")).ok()["TotalResults"],
        1
    );
    let secrets = client.octopus(&space("projects/todo/variables")).ok();
    assert_eq!(secrets["Variables"].as_array().unwrap().len(), 1);
}

#[test]
fn a_runbook_that_was_never_published_is_lost_on_the_way_to_git() {
    let (sandbox, _) = set_up(|world, guide| {
        world.octopus.add_runbook(&guide.project, "Draft");
        world.convert_to_git(&guide.project, GitStage::Runbooks);
    });
    let client = account(&sandbox);
    let path = space("projects/todo/main/runbooks");
    assert_eq!(client.octopus(&path).ok()["TotalResults"], 1);
}
