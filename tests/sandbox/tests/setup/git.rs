//! What lives in Git cannot be written by the plain routes.

use super::{Server, refused};
use sandbox::GitStage;
use serde_json::json;

const REFUSAL: &str = "version-controlled resource on a non-version control route";

#[test]
fn each_stage_takes_one_thing_more_from_the_plain_routes() {
    for stage in [GitStage::Process, GitStage::Variables, GitStage::Runbooks] {
        let (server, guide) = Server::set_up();
        let plain = [
            (
                GitStage::Process,
                format!("projects/{}/deploymentsettings", guide.project),
            ),
            (
                GitStage::Variables,
                format!("variables/{}", guide.variables),
            ),
            (GitStage::Runbooks, format!("runbooks/{}", guide.runbook)),
            (
                GitStage::Runbooks,
                format!("runbookProcesses/{}", guide.process),
            ),
        ];
        let plain = plain.map(|(begins, path)| {
            let body = server.get(&path);
            (begins, path, body)
        });
        server.world(|world| world.convert_to_git(&guide.project, stage));
        for (begins, path, body) in plain {
            let reply = server.put(&path, &body);
            match begins <= stage {
                true => assert!(
                    reply.text.contains(REFUSAL),
                    "{stage:?} {path} {}",
                    reply.text
                ),
                false => assert_eq!(reply.status, 200, "{stage:?} {path} {}", reply.text),
            }
        }
        let trigger = format!("projecttriggers/{}", guide.trigger);
        server.change(&trigger, |_| {}).ok();
    }
}

#[test]
fn runbooks_in_git_are_neither_made_nor_published() {
    let (server, guide) = Server::set_up();
    server.world(|world| world.convert_to_git(&guide.project, GitStage::Runbooks));
    let new = json!({ "ProjectId": guide.project, "Name": "New" });
    assert!(server.post("runbooks", &new).text.contains(REFUSAL));
    let snapshot = json!({ "ProjectId": guide.project, "RunbookId": guide.runbook, "Name": "New", "SelectedPackages": [] });
    let refused = server.post("runbookSnapshots", &snapshot);
    assert!(refused.text.contains(REFUSAL));
}

#[test]
fn the_schedule_of_a_runbook_in_git_names_its_slug_or_its_id() {
    for by_slug in [true, false] {
        let (server, guide) = Server::set_up();
        server.world(|world| {
            world.octopus.readings.git_triggers_name_slugs = by_slug;
            world.octopus.readings.schedules_need_a_published_snapshot = true;
            world.convert_to_git(&guide.project, GitStage::Runbooks);
        });
        let made = |name: &str, runbook: &str| {
            let mut trigger = server.get(&format!("projecttriggers/{}", guide.trigger));
            trigger["Name"] = name.into();
            trigger["Action"]["RunbookId"] = runbook.into();
            server.post("projecttriggers", &trigger).status
        };
        let slug = made("slug", "remove-scaled-in-targets");
        let id = made("id", &guide.runbook);
        assert_eq!((slug, id), if by_slug { (201, 400) } else { (400, 201) });
    }
}

#[test]
fn the_secrets_of_a_project_in_git_are_written_beside_it() {
    let (server, guide) = Server::set_up();
    server.world(|world| world.convert_to_git(&guide.project, GitStage::Variables));
    let path = format!("projects/{}/variables", guide.project);
    let add = |variable: serde_json::Value| {
        server.change(&path, |set| {
            set["Variables"].as_array_mut().unwrap().push(variable)
        })
    };
    assert_eq!(
        add(json!({ "Name": "New", "Type": "Sensitive", "Value": "hush" })).status,
        200
    );
    let set = server.get(&path);
    let names: Vec<_> = set["Variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Name"].clone())
        .collect();
    assert_eq!(names, ["Project.Octopus.Api.Key", "New"]);
    refused(
        &add(json!({ "Name": "Plain", "Value": "x" })),
        "Only sensitive variables",
    );
    let all = server.world(|world| {
        world.document(&guide.variables)["Variables"]
            .as_array()
            .unwrap()
            .len()
    });
    assert_eq!(all, 7, "what is in Git stays as it is");
    let plain = format!("variables/{}", guide.variables);
    server.world(|world| world.octopus.readings.git_variable_set_has_the_secrets = true);
    server.world(|world| world.octopus.readings.unseen_variables_are_lost = true);
    server.change(&plain, |_| {}).ok();
    let all = server.world(|world| world.document(&guide.variables)["Variables"].clone());
    assert_eq!(all.as_array().unwrap().len(), 7, "Git is beyond that");
}
