//! What a permission and its restrictions leave of lists and of single things.

use super::{account, administrator, names, set_up, space};
use sandbox::{Grant, minutes_ago};

#[test]
fn lists_leave_out_what_lies_beyond_a_restriction() {
    let (sandbox, guide) = set_up(|world, guide| {
        let elsewhere = Grant::projects(&["Projects-9"]);
        drop(world.service_account().restrict("TaskView", elsewhere));
        guide.ran(world, "Success", minutes_ago(5));
        drop(world.deployment().project("Projects-9"));
    });
    let (client, administrator) = (account(&sandbox), administrator(&sandbox, &guide));
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 1);
    assert_eq!(
        administrator.octopus(&space("tasks")).ok()["TotalResults"],
        7
    );
    assert_eq!(client.octopus("/api/tasks/ServerTasks-1").status, 403);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        6
    );
    sandbox.world(|world| world.octopus.forbid("TaskView"));
    assert_eq!(client.octopus(&space("tasks")).status, 403);
    sandbox.world(|world| world.octopus.readings.lists_refuse = false);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 0);
}

#[test]
fn task_lists_may_want_the_view_of_the_run_as_well() {
    let (sandbox, _) = set_up(|world, _| world.octopus.forbid("RunbookRunView"));
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 5);
    sandbox.world(|world| world.octopus.readings.tasks_need_the_view_of_their_run = true);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 0);
}

#[test]
fn a_target_of_two_environments_is_seen_from_one_and_changed_from_both() {
    let (sandbox, _) = set_up(|world, guide| {
        let test = world.octopus.add_environment("Spaces-1", "Test");
        let limited = || Grant::environments(&[&guide.environment]);
        let user = world.service_account().restrict("MachineView", limited());
        drop(user.restrict("MachineDelete", limited()));
        drop(
            world
                .target("both")
                .environments(&[&guide.environment, &test]),
        );
        drop(world.target("elsewhere").environments(&[&test]));
    });
    let client = account(&sandbox);
    let found = client.octopus(&space("machines")).ok();
    assert_eq!(names(&found).len(), 4);
    assert!(names(&found).contains(&"both") && !names(&found).contains(&"elsewhere"));
    assert_eq!(client.octopus(&space("machines/Machines-5")).status, 403);
    assert_eq!(client.delete(&space("machines/Machines-4")).status, 403);
    sandbox.world(|world| world.octopus.readings.changes_need_every_environment = false);
    assert_eq!(client.delete(&space("machines/Machines-4")).status, 200);
}

#[test]
fn a_project_group_stands_for_its_projects() {
    let (sandbox, guide) = set_up(|world, guide| {
        let group = world.document(&guide.project)["ProjectGroupId"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut grant = Grant::project_groups(&[&group]);
        grant.projects = vec!["Projects-9".to_owned()];
        drop(world.service_account().restrict("RunbookView", grant));
    });
    let client = account(&sandbox);
    assert_eq!(client.octopus(&space("runbooks")).ok()["TotalResults"], 0);
    sandbox.world(|world| world.octopus.readings.project_groups_add_projects = true);
    assert_eq!(client.octopus(&space("runbooks")).ok()["TotalResults"], 1);
    let settings = space(&format!("projects/{}/deploymentsettings", guide.project));
    assert_eq!(
        client.octopus(&settings).ok()["DefaultGuidedFailureMode"],
        "EnvironmentDefault"
    );
}

#[test]
fn a_grant_without_tenants_may_not_reach_what_has_one() {
    let (sandbox, _) = set_up(|world, guide| {
        let tenant = world.octopus.add_tenant("Acme", &[]);
        drop(guide.ran(world, "Success", minutes_ago(3)).tenant(&tenant));
    });
    let client = account(&sandbox);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        6
    );
    sandbox.world(|world| world.octopus.readings.tenants_must_be_named = true);
    assert_eq!(
        client.octopus(&space("runbookRuns")).ok()["TotalResults"],
        5
    );
}

#[test]
fn a_health_check_belongs_nowhere_and_may_be_beyond_a_grant_for_some() {
    let (sandbox, _) = set_up(|world, guide| {
        let some = Grant::environments(&[&guide.environment]);
        drop(world.service_account().restrict("TaskView", some));
        world.health_check().edit(|task| {
            task.project = String::new();
            task.environment = String::new();
        });
    });
    let client = account(&sandbox);
    let check = "/api/tasks/ServerTasks-6";
    assert_eq!(client.octopus(check).ok()["Name"], "Health");
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 6);
    sandbox.world(|world| world.octopus.readings.health_checks_need_a_free_grant = true);
    assert_eq!(client.octopus(check).status, 403);
    assert_eq!(client.octopus(&space("tasks")).ok()["TotalResults"], 5);
}

#[test]
fn each_permission_closes_what_it_opens() {
    let (sandbox, guide) = set_up(|_, _| {});
    let client = account(&sandbox);
    let (project, runbook) = (&guide.project, &guide.runbook);
    for (permission, path) in [
        ("ProjectView", format!("projects/{project}")),
        ("ProjectView", format!("projects/{project}/runbooks")),
        (
            "ProjectView",
            format!("projects/{project}/deploymentsettings"),
        ),
        ("ProjectGroupView", "projectgroups".to_owned()),
        ("LifecycleView", "lifecycles".to_owned()),
        ("LibraryVariableSetView", "libraryvariablesets".to_owned()),
        ("AccountView", "accounts".to_owned()),
        ("WorkerView", "workerpools/all".to_owned()),
        ("WorkerView", "workers".to_owned()),
        ("ActionTemplateView", "actiontemplates".to_owned()),
        (
            "ActionTemplateView",
            format!("actiontemplates/{}/usage", guide.template),
        ),
        ("RunbookView", format!("runbooks/{runbook}")),
        ("RunbookView", format!("runbooks/{runbook}/environments")),
        ("RunbookView", format!("runbookProcesses/{}", guide.process)),
        (
            "RunbookView",
            "runbookSnapshots/RunbookSnapshots-1/runbookRuns/template".to_owned(),
        ),
        ("TriggerView", format!("projecttriggers/{}", guide.trigger)),
        ("VariableView", format!("variables/{}", guide.variables)),
        ("DeploymentView", "deployments".to_owned()),
        ("RunbookRunView", "runbookRuns".to_owned()),
        ("TenantView", "tenants".to_owned()),
        ("MachinePolicyView", "machinepolicies/template".to_owned()),
        (
            "MachineView",
            format!("environments/{}/machines", guide.environment),
        ),
    ] {
        assert_eq!(client.octopus(&space(&path)).status, 200, "{path}");
        sandbox.world(|world| world.octopus.forbid(permission));
        let refused = client.octopus(&space(&path));
        assert_eq!(refused.status, 403, "{permission}: {path}");
        assert!(
            refused
                .text
                .contains(&format!("Missing permission: {permission}")),
            "{path}"
        );
        sandbox.world(|world| {
            world.octopus.permissions.insert(permission.to_owned());
        });
    }
}
