//! What a version-controlled project keeps on a branch is printed for a commit, and the rest is done. Each thing by itself, in each
//! of the three stages.

use crate::support::check::text;
use crate::support::expect;
use crate::support::setup::{Planned, SettingUp};
use sandbox::{BeforeSetup, GitStage, World};
use serde_json::Value;

fn in_git(stage: GitStage) -> SettingUp {
    SettingUp::but(|world, before| world.convert_to_git(&before.project, stage))
}

/// What is printed for a commit, of a line.
fn commit(planned: &Planned, subject: &str) -> String {
    let row = planned
        .rows
        .iter()
        .find(|row| text(row, "subject") == subject);
    row.map(|row| text(row, "commit").to_owned())
        .unwrap_or_default()
}

/// Somebody commits what was printed.
fn commit_variables(world: &mut World, before: &BeforeSetup) {
    for (name, kind, value) in [
        (
            "Project.Azure.Account",
            "AzureAccount",
            before.account.as_str(),
        ),
        ("Project.Octopus.Roles", "String", "web-server,vmss-web"),
        (
            "Project.Octopus.Server.Url",
            "String",
            "#{Octopus.Web.ServerUri}",
        ),
        ("Project.VMSS.ResourceGroup.Name", "String", sandbox::GROUP),
        ("Project.VMSS.ScaleSetName", "String", "web"),
    ] {
        world
            .octopus
            .add_variable(&before.variables, name, kind, value);
    }
}

fn protect(world: &mut World, project: &str, patterns: &[&str]) {
    world.edit(project, |it| {
        it["PersistenceSettings"]["ProtectedBranchNamePatterns"] = patterns.into()
    });
}

#[test]
fn with_the_process_in_git_everything_is_done_but_the_projects_settings() {
    let setting = in_git(GitStage::Process);
    let applied = setting.apply(&["--guided-failure", "project"]);
    applied.expect_line("! deployments of project \"Todo\": its settings are kept in Git. Commit to the default branch, in .octopus/deployment_settings.ocl: default_guided_failure_mode = \"On\"", "guided failure is neither switched on nor told");
    setting.expect_settled(&[], "a project with its process in Git is never done with");
    let published = text(
        &setting.thing(&setting.made().runbook),
        "PublishedRunbookSnapshotId",
    )
    .to_owned();
    expect(
        !published.is_empty(),
        "an ordinary runbook is not published",
        "a snapshot",
        published,
    );
}

#[test]
fn with_the_variables_in_git_the_key_is_stored_and_the_others_are_printed() {
    for has_the_secrets in [false, true] {
        let setting = in_git(GitStage::Variables);
        setting.change(|world, _| {
            world.octopus.readings.git_variable_set_has_the_secrets = has_the_secrets
        });
        let applied = setting.apply(&[]);
        applied.expect_line(
            "! variable Project.Octopus.Roles: commit this to main, in .octopus/variables.ocl",
            "nobody learns what to commit",
        );
        let roles = commit(&applied, "variable Project.Octopus.Roles");
        expect(
            roles.contains("variable \"Project.Octopus.Roles\" {")
                && roles.contains("value \"web-server,vmss-web\" {")
                && roles.contains("environment = [\"production\"]"),
            "what is committed is no variable",
            "the variable in OCL",
            roles,
        );
        let account = commit(&applied, "variable Project.Azure.Account");
        expect(
            account.contains("type = \"AzureAccount\"")
                && account.contains("value \"azure-subscription\""),
            "what is committed is no account",
            "the account by its slug",
            account,
        );
        let set = setting.thing(&setting.before.variables);
        let names: Vec<&str> = set["Variables"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| text(it, "Name"))
            .collect();
        expect(
            names == ["Project.Octopus.Api.Key"],
            "something is written where a branch has it, or the key is not stored",
            "the key alone",
            names.join(", "),
        );
        applied.expect_line("! publication of runbook \"Remove scaled-in targets\": it waits until main has the variables; then setup again", "a snapshot freezes half of the variables");
        let again = setting.apply(&[]);
        let changes = again.lines_with(&['+', '~']);
        expect(
            changes.is_empty(),
            "a second run changes something",
            "nothing",
            changes.join("\n"),
        );
        setting.change(commit_variables);
        let applied = setting.apply(&[]);
        applied.expect_rows(
            &[
                "+ publication of runbook \"Remove scaled-in targets\"",
                "+ schedule \"Remove scaled-in targets in Production\"",
            ],
            "after the commit nothing is published",
        );
        setting.expect_settled(
            &[],
            "a project with its variables in Git is never done with",
        );
    }
}

#[test]
fn variables_that_were_committed_are_found_on_the_branch() {
    let setting = SettingUp::done();
    setting.change(|world, before| world.convert_to_git(&before.project, GitStage::Variables));
    setting.expect_settled(&[], "what is on the branch is printed for a commit again");
}

#[test]
fn with_the_runbooks_in_git_step_and_schedule_wait_for_the_branch() {
    let setting = in_git(GitStage::Runbooks);
    let applied = setting.apply(&[]);
    for line in [
        "! step: it waits until main has the runbook; then setup again",
        "! schedule: it waits until main has the runbook; then setup again",
        "! variable Project.Octopus.Api.Key: it waits until main has the runbook; then setup again",
        "= publication: nothing is published: a schedule runs the latest commit of main",
    ] {
        applied.expect_line(
            line,
            "something is made that points to nothing, or nobody learns what it waits for",
        );
    }
    let template = setting.sandbox.world(|world| {
        world.id_of(
            sandbox::Kind::ActionTemplate,
            &crate::support::setup::template_name(),
        )
    });
    let template = template.unwrap_or_default();
    expect(
        !template.is_empty(),
        "what does not depend on the branch is not done",
        "a step template",
        "none",
    );
    let again = setting.apply(&[]);
    expect(
        again.lines_with(&['+', '~']).is_empty(),
        "a second run changes something",
        "nothing",
        again.lines_with(&['+', '~']).join("\n"),
    );
    again.expect_line("! runbook \"Remove scaled-in targets\": commit this to main, as .octopus/runbooks/remove-scaled-in-targets.ocl", "nobody learns where to commit");
    let ocl = commit(&again, "runbook \"Remove scaled-in targets\"");
    for words in [
        "name = \"Remove scaled-in targets\"".to_owned(),
        "default_guided_failure_mode = \"Off\"".to_owned(),
        "environment_scope = \"Specified\"".to_owned(),
        "environments = [\"production\"]".to_owned(),
        "multi_tenancy_mode = \"Untenanted\"".to_owned(),
        "quantity_to_keep = 30".to_owned(),
        format!("Octopus.Action.Template.Id = \"{template}\""),
        "Octopus.Action.Template.Version = \"0\"".to_owned(),
        "VMSS.DryRun = \"Yes\"".to_owned(),
        "VMSS.ScaleSet.Name = \"#{Project.VMSS.ScaleSetName}\"".to_owned(),
    ] {
        expect(
            ocl.contains(&words),
            "what is committed is not the guide's runbook",
            words,
            &ocl,
        );
    }
    expect(
        !ocl.contains("ScriptBody") && !ocl.contains("(new)"),
        "what is committed points to nothing",
        "the template by its id",
        ocl,
    );
}

#[test]
fn before_the_template_is_there_no_file_is_printed_that_points_to_nothing() {
    let setting = in_git(GitStage::Runbooks);
    let planned = setting.plan(&[]);
    let all: Vec<String> = planned.rows.iter().map(Value::to_string).collect();
    expect(
        !all.join("\n").contains("(new)"),
        "somebody commits a step of a template that does not exist",
        "no file yet",
        all.join("\n"),
    );
    planned.expect_line(
        "! runbook \"Remove scaled-in targets\": ",
        "nobody learns that a commit is to come",
    );
}

#[test]
fn once_the_branch_has_the_runbook_key_and_schedule_are_made() {
    let setting = SettingUp::new();
    setting.apply(&["--skip", "schedule"]);
    setting.change(|world, before| {
        world.edit(&before.variables, |set| {
            let all = set["Variables"]
                .as_array_mut()
                .expect("a set has variables");
            all.retain(|it| it["IsSensitive"] != true);
        });
        world.convert_to_git(&before.project, GitStage::Runbooks);
        protect(world, &before.project, &["main"]);
    });
    let applied = setting.apply(&[]);
    applied.expect_rows(
        &[
            "+ variable Project.Octopus.Api.Key",
            "+ schedule \"Remove scaled-in targets in Production\"",
        ],
        "what waited for the branch is never made",
    );
    setting.expect_settled(&[], "a project with its runbooks in Git is never done with");
}

#[test]
fn a_schedule_is_found_whatever_it_calls_the_runbook() {
    for by_slug in [true, false] {
        let setting = SettingUp::done();
        setting.change(|world, before| {
            world.octopus.readings.git_triggers_name_slugs = by_slug;
            world.convert_to_git(&before.project, GitStage::Runbooks);
            protect(world, &before.project, &["main"]);
        });
        setting.expect_settled(&[], "a second schedule starts the same runbook");
    }
}

#[test]
fn a_default_branch_that_anybody_may_push_to_is_a_warning() {
    let words =
        "! default branch main: it is not protected: whoever may push to it decides what runs";
    for (patterns, is_protected) in [
        (&[][..], false),
        (&["release/*"], false),
        (&["main"], true),
        (&["ma*"], true),
        (&["*"], true),
    ] {
        let setting = in_git(GitStage::Runbooks);
        setting.change(|world, before| protect(world, &before.project, patterns));
        let planned = setting.plan(&[]);
        planned.expect_code(0, "a warning stops everything");
        let warned = planned
            .rows
            .iter()
            .any(|row| crate::support::setup::line(row) == words);
        expect(
            warned != is_protected,
            format!("whether {patterns:?} protect main is taken wrongly"),
            is_protected,
            !warned,
        );
    }
}

#[test]
fn an_answer_that_refuses_plain_routes_with_another_status_changes_nothing() {
    for status in [400, 404, 405, 500] {
        for stage in [GitStage::Process, GitStage::Variables, GitStage::Runbooks] {
            let setting = in_git(stage);
            setting.change(|world, _| world.octopus.readings.git_refusal = status);
            let planned = Planned::of(
                setting
                    .run(&["--apply"])
                    .set("VMSS_RETRY_SECONDS", "0")
                    .run(),
            );
            planned.expect_code(
                0,
                &format!("a refusal of {status} at {stage:?} stops everything"),
            );
        }
    }
}

#[test]
fn what_is_wrong_on_the_branch_is_named_for_a_commit() {
    let setting = SettingUp::done();
    setting.change_made(|world, made| {
        world.edit(&made.runbook, |it| {
            it["DefaultGuidedFailureMode"] = "On".into()
        });
        world.edit(&made.process, |it| {
            it["Steps"][0]["Actions"][0]["Properties"]["VMSS.ScaleSet.Name"] = "web".into()
        });
        world.convert_to_git("Projects-1", GitStage::Runbooks);
    });
    let before = setting.everything();
    let applied = setting.apply(&[]);
    applied.expect_line(
        "! runbook \"Remove scaled-in targets\": guided failure On -> Off; commit that to main",
        "nobody learns what is wrong on the branch",
    );
    applied.expect_line(
        "VMSS.ScaleSet.Name web -> #{Project.VMSS.ScaleSetName}; commit that to main",
        "nobody learns what is wrong on the branch",
    );
    setting.expect_changed(&before, &[], "something is written on a branch");
}
