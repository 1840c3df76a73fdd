//! What is kept in Git is read from the branch that schedules take, and judged as what is in the database is. Where a server does
//! not let it be read, that is said.

use crate::support::check::{Checked, Guided};
use sandbox::{Fault, GitStage, Guide, Route, When, World};
use serde_json::json;

/// The findings of what is in Git to this stage, changed so before.
fn in_git(stage: GitStage, change: impl FnOnce(&mut World, &Guide)) -> Guided {
    Guided::but(|world, guide| {
        change(world, guide);
        world.convert_to_git(&guide.project, stage);
    })
}

/// In Git a runbook has no id, but a name.
fn check(guided: &Guided) -> Checked {
    Checked::of(guided.run_with("-r", "Remove scaled-in targets").run())
}

#[test]
fn the_right_set_up_passes_at_each_stage() {
    for stage in [GitStage::Process, GitStage::Variables] {
        let checked = in_git(stage, |_, _| {}).check();
        checked.expect_only(&[], &format!("{stage:?} in Git"));
    }
    let guided = in_git(GitStage::Runbooks, |_, _| {});
    let checked = check(&guided);
    checked.expect_only(&["WARN last-runs"], "its runs are called otherwise");
    checked.expect_says("published", "the latest commit of refs/heads/main");
    checked.expect_says("schedule", "due every 15 minutes");
    checked.expect_says("freeze", "no deployment freeze is on");
    assert_eq!(guided.sandbox.count(Route::RunbookSnapshot), 0);
}

/// What is wrong, how it comes to be, and what is found.
type Wrong = (
    &'static str,
    GitStage,
    fn(&mut World, &Guide),
    &'static [&'static str],
);

fn found(wrong: &[Wrong]) {
    for (what, stage, make, odd) in wrong {
        check(&in_git(*stage, *make)).expect_only(odd, what);
    }
}

#[test]
fn what_is_wrong_with_the_project_is_found() {
    found(&[
        (
            "the project switches guided failure off",
            GitStage::Process,
            |world, guide| {
                let settings = format!("deploymentsettings-{}", guide.project);
                world.edit(&settings, |it| {
                    it["DefaultGuidedFailureMode"] = "Off".into()
                });
            },
            &["WARN guided-failure"],
        ),
        (
            "a step of the deployment is required",
            GitStage::Process,
            |world, guide| {
                let process = format!("deploymentprocess-{}", guide.project);
                world.edit(&process, |process| {
                    process["Steps"] =
                        json!([{ "Actions": [{ "Name": "Deploy", "IsRequired": true }] }]);
                });
            },
            &["WARN required-steps"],
        ),
        (
            "a variable that the step names is gone",
            GitStage::Variables,
            |world, guide| {
                guide.remove_variable(world, "Project.Octopus.Roles");
                guide.publish(world);
            },
            &["FAIL parameters"],
        ),
        (
            "a secret that the step names is gone",
            GitStage::Variables,
            |world, guide| {
                guide.remove_variable(world, "Project.Octopus.Api.Key");
                guide.publish(world);
            },
            &["FAIL parameters"],
        ),
    ]);
}

/// Documents of what is in Git may call an environment by its slug or its name.
#[test]
fn an_environment_may_be_called_by_its_slug_or_its_name() {
    for word in ["production", "Production"] {
        let guided = in_git(GitStage::Runbooks, |world, guide| {
            guide.step(world, |step| {
                step["Actions"][0]["Environments"] = json!([word]);
            });
            guide.variable(world, "Project.Octopus.Roles", |it| {
                it["Scope"] = json!({ "Environment": [word] });
            });
        });
        let calls = Fault::edit(move |it| it["Environments"] = json!([word]));
        guided.sandbox.fault(Route::Runbook, When::Always, calls);
        check(&guided).expect_only(&["WARN last-runs"], word);
    }
}

#[test]
fn what_is_wrong_with_the_runbook_is_found() {
    found(&[
        (
            "dry run is still on",
            GitStage::Runbooks,
            |world, guide| guide.parameter(world, "VMSS.DryRun", Some("Yes")),
            &["WARN dry-run", "WARN last-runs"],
        ),
        (
            "guided failure is on for the runbook",
            GitStage::Runbooks,
            |world, guide| {
                world.edit(&guide.runbook, |it| {
                    it["DefaultGuidedFailureMode"] = "On".into()
                });
            },
            &["FAIL runbook-guided-failure", "WARN last-runs"],
        ),
        (
            "the runbook may not run here",
            GitStage::Runbooks,
            |world, guide| {
                world.edit(&guide.runbook, |it| {
                    it["Environments"] = json!(["Environments-99"])
                });
            },
            &["FAIL runbook", "WARN last-runs"],
        ),
        (
            "the schedule is disabled",
            GitStage::Runbooks,
            |world, guide| world.edit(&guide.trigger, |it| it["IsDisabled"] = true.into()),
            &["FAIL schedule", "WARN last-runs"],
        ),
    ]);
}

#[test]
fn a_name_that_is_not_there_is_told_the_nearest() {
    let guided = in_git(GitStage::Runbooks, |_, _| {});
    let checked = Checked::of(guided.run_with("-r", "Remove scaled in targets").run());
    checked.expect_says("runbook", "the nearest name is Remove scaled-in targets");
    checked.expect_code(2);
}

#[test]
fn what_a_server_does_not_let_be_read_is_not_looked_at() {
    for status in [404, 405] {
        let guided = in_git(GitStage::Runbooks, |_, _| {});
        let refuses = || Fault::status(status);
        let routes = [
            Route::Runbooks,
            Route::DeploymentSettings,
            Route::DeploymentProcess,
            Route::ProjectVariables,
        ];
        for route in routes {
            guided.sandbox.fault(route, When::Always, refuses());
        }
        let checked = check(&guided);
        let odd = [
            "WARN runbook",
            "WARN runbook-guided-failure",
            "WARN step",
            "WARN timeout",
            "WARN last-runs",
            "WARN retention",
            "WARN guided-failure",
            "WARN required-steps",
        ];
        checked.expect_only(&odd, "a runbook in Git");
        checked.expect_says("runbook", "not looked at: it is kept in Git");
        checked.expect_says("schedule", "due every 15 minutes");
        checked.expect_no_pass("options");
    }
}

#[test]
fn a_project_whose_branch_nobody_tells_is_not_looked_at() {
    let guided = in_git(GitStage::Process, |_, _| {});
    guided.sandbox.world(|world| {
        world.edit(&guided.guide.project, |it| {
            it["PersistenceSettings"]["DefaultBranch"] = json!(null);
        });
    });
    let odd = ["WARN guided-failure", "WARN required-steps"];
    guided.check().expect_only(&odd, "nobody knows the branch");
}
